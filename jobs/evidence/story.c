#include "jobs/evidence/story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/evidence/story_twice.h"

/* Two machines, or one that was started with a clock that was a little off. */
#define CLOCK_TOLERANCE_S 60

/* The sentence is taken over. */
static void add(struct verify_result *r, enum verify_rank rank, uint64_t line, char *sentence)
{
    CLEANUP(memory_release) char *place = memory_format("journal, line %" PRIu64, line);
    CLEANUP(memory_release) char *owned = sentence;
    verify_add(r, rank, place, owned);
}

/* ---- databases ---- */

static bool same_database(const struct disposal_segment *a, const struct disposal_segment *b)
{
    return strcmp(a->database, b->database) == 0 || a->system_identifier == NULL ||
           b->system_identifier == NULL || strcmp(a->system_identifier, b->system_identifier) == 0;
}

void story_check_databases(const struct disposals *d, struct verify_result *ret)
{
    const struct disposal_segment *first = NULL;
    for (size_t i = 0; i < d->segment_count; i++)
        if (first == NULL || d->segments[i].chain_no < first->chain_no)
            first = &d->segments[i];
    for (size_t i = 0; first != NULL && i < d->segment_count; i++) {
        const struct disposal_segment *s = &d->segments[i];
        if (same_database(first, s))
            continue;
        CLEANUP(memory_release)
        char *sentence = memory_format("its manifest is of another database, %s (system %s), than "
                                       "the first one, %s (system %s)",
                                       s->database, s->system_identifier, first->database,
                                       first->system_identifier);
        verify_add(ret, VERIFY_MANIFEST, s->id, sentence);
    }
}

/* ---- instants ---- */

struct moment { /* what a line says of time */
    uint64_t line;
    int64_t at;
    bool is_run;   /* the last line of a run */
    bool is_alone; /* written while no other job writes: everything but holds */
};

struct moments {
    struct moment *items;
    size_t count, capacity;
};

static void add_moment(struct moments *m, uint64_t line, int64_t at, bool is_run, bool is_alone)
{
    if (line == 0)
        return;
    MEMORY_GROW(m->items, m->count, m->capacity);
    m->items[m->count++] = (struct moment){line, at, is_run, is_alone};
}

static int compare_moments(const void *a, const void *b)
{
    const struct moment *x = a;
    const struct moment *y = b;
    return x->line < y->line ? -1 : x->line > y->line;
}

static struct moments list_moments(const struct history *h)
{
    struct moments m = {0};
    for (size_t i = 0; i < h->segment_count; i++) {
        add_moment(&m, h->segments[i].line, h->segments[i].at, false, true);
        add_moment(&m, h->segments[i].expire_line, h->segments[i].expired_at, false, true);
    }
    for (size_t i = 0; i < h->restore_count; i++)
        add_moment(&m, h->restores[i].line, h->restores[i].at, false, true);
    for (size_t i = 0; i < h->hold_count; i++) {
        add_moment(&m, h->holds[i].line, h->holds[i].at, false, false);
        add_moment(&m, h->holds[i].release_line, h->holds[i].released_at, false, false);
    }
    for (size_t i = 0; i < h->run_count; i++)
        add_moment(&m, h->runs[i].line, h->runs[i].at, true, true);
    if (m.count > 0)
        qsort(m.items, m.count, sizeof *m.items, compare_moments);
    return m;
}

static uint64_t last_re_erase(const struct history *h, uint64_t before)
{
    size_t low = 0;
    for (size_t high = h->re_erase_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (h->re_erase_lines[middle] < before)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : h->re_erase_lines[low - 1];
}

/* A line tells when its event was, and one that a crash had kept back is written by the next run:
 * so instants need not grow from line to line.  But no run ends before everything that came before
 * it is written, so no line may lie before the last run, and no run before any line (except a hold,
 * which may be placed while a run is at work: a run's instant is its beginning; and which
 * --re-erase writes again under a new number, with its old instant, after the database was
 * restored to an earlier point). */
static void check_instants(const struct history *h, struct verify_result *ret)
{
    struct moments m = list_moments(h);
    int64_t last_run = INT64_MIN + CLOCK_TOLERANCE_S;
    int64_t last = INT64_MIN + CLOCK_TOLERANCE_S;
    uint64_t last_run_line = 0;
    for (size_t i = 0; i < m.count; i++) {
        const struct moment *one = &m.items[i];
        bool told_again = !one->is_alone && last_re_erase(h, one->line) > last_run_line;
        if (one->at < (one->is_run ? last : last_run) - CLOCK_TOLERANCE_S && !told_again)
            add(ret, VERIFY_JOURNAL, one->line,
                memory_copy_text(one->is_run ? "this run is said to be older than lines before it: "
                                               "the clock went backwards, or a line was changed"
                                             : "it is said to be older than a run before it: the "
                                               "clock went backwards, or a line was changed"));
        /* One line that lies ahead is told once. */
        if (one->is_run || (one->is_alone && one->at > last))
            last = one->at;
        if (one->is_run && one->at > last_run)
            last_run = one->at;
        if (one->is_run)
            last_run_line = one->line;
    }
    free(m.items);
}

/* ---- segments ---- */

static const char *difference(const struct history_segment *line, const struct disposal_segment *s)
{
    return strcmp(line->sha256, s->sha256) != 0   ? "another SHA-256 of the file"
           : strcmp(line->file, s->base) != 0     ? "another file name"
           : strcmp(line->policy, s->policy) != 0 ? "another policy"
           : line->run_id != s->run_id            ? "another run"
           : line->chain_no != s->chain_no        ? "another place in the chain"
           : line->subjects != s->subjects        ? "another number of subjects"
           : line->rows != s->rows                ? "another number of rows"
                                                  : NULL;
}

static void check_segments(const struct disposals *d, struct verify_result *ret)
{
    for (size_t i = 0; i < d->segment_count; i++) {
        const struct disposal_segment *s = &d->segments[i];
        const char *what = s->line == NULL ? NULL : difference(s->line, s);
        if (what == NULL)
            continue;
        CLEANUP(memory_release)
        char *sentence = memory_format(
            "the journal (line %" PRIu64 ") gives it %s than its manifest", s->line->line, what);
        verify_add(ret, VERIFY_BOOKS, s->id, sentence);
    }
}

/* ---- restores and holds ---- */

static bool has_subject(const struct disposals *d, const char *segment, const char *reference)
{
    size_t count;
    size_t first = disposals_find(d, reference, &count);
    for (size_t i = first; i < first + count; i++)
        if (strcmp(d->segments[d->items[i].segment].id, segment) == 0)
            return true;
    return false;
}

/* A segment whose line a crash had kept back stands after a restore of it. */
static bool came_before(const struct history_segment *s, const struct history_restore *r)
{
    return s->line < r->line || s->at <= r->at;
}

static void check_restore(const struct disposals *d, const struct history_restore *r,
                          struct verify_result *ret)
{
    const struct history_segment *line = history_find(d->history, r->segment);
    const struct disposal_segment *s = disposals_segment(d, r->segment);
    if (line == NULL || !came_before(line, r)) {
        add(ret, VERIFY_STORY, r->line,
            memory_format("it restores segment %s, which no line before it names", r->segment));
        return;
    }
    if (r->subjects != (r->reference == NULL ? line->subjects : 1))
        add(ret, VERIFY_STORY, r->line,
            memory_format("it restores %" PRIu64 " subjects of segment %s, which is not what it "
                          "says it restores",
                          r->subjects, r->segment));
    if (s != NULL && r->reference != NULL && !has_subject(d, r->segment, r->reference))
        add(ret, VERIFY_STORY, r->line,
            memory_format("it restores a subject that is not in segment %s", r->segment));
}

static void check_holds(const struct disposals *d, struct verify_result *ret)
{
    const struct history *h = d->history;
    for (size_t i = 0; i < h->hold_count; i++) {
        size_t count;
        disposals_find(d, h->holds[i].reference, &count);
        if (count == 0)
            add(ret, VERIFY_STORY, h->holds[i].line,
                memory_format("hold %" PRId64 " is on a subject that is in no segment",
                              h->holds[i].id));
    }
}

/* ---- runs ---- */

struct sums {
    uint64_t segments, subjects, rows;
    bool whole;    /* every segment has its manifest: rows can be compared */
    bool policies; /* all of the run's policy */
};

static int compare_by_run(const void *a, const void *b, void *context)
{
    const struct history_segment *segments = context;
    const struct history_segment *x = &segments[*(const size_t *)a];
    const struct history_segment *y = &segments[*(const size_t *)b];
    if (x->run_id != y->run_id)
        return x->run_id < y->run_id ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Places of the segments, ordered by run and line; the caller's. */
static size_t *order_by_run(const struct history *h)
{
    size_t *order = memory_alloc((h->segment_count + 1) * sizeof *order);
    for (size_t i = 0; i < h->segment_count; i++)
        order[i] = i;
    if (h->segment_count > 0)
        qsort_r(order, h->segment_count, sizeof *order, compare_by_run, h->segments);
    return order;
}

/* The first in the order whose run is this one and whose line comes after `after`. */
static size_t first_of_run(const struct history *h, const size_t *order, int64_t run,
                           uint64_t after)
{
    size_t low = 0;
    for (size_t high = h->segment_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        const struct history_segment *s = &h->segments[order[middle]];
        if (s->run_id < run || (s->run_id == run && s->line <= after))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct sums sum_run(const struct disposals *d, const size_t *order,
                           const struct history_run *run, uint64_t after)
{
    const struct history *h = d->history;
    struct sums sums = {.whole = true, .policies = true};
    for (size_t i = first_of_run(h, order, run->id, after); i < h->segment_count; i++) {
        const struct history_segment *line = &h->segments[order[i]];
        const struct disposal_segment *s = disposals_segment(d, line->id);
        if (line->run_id != run->id || line->line > run->line)
            break;
        sums.segments++;
        sums.subjects += line->subjects;
        sums.rows += line->rows - (s == NULL || s->unlinked > line->rows ? 0 : s->unlinked);
        sums.whole &= s != NULL;
        sums.policies &= strcmp(line->policy, run->policy) == 0;
    }
    return sums;
}

static int compare_runs(const void *a, const void *b)
{
    const struct history_run *x = *(const struct history_run *const *)a;
    const struct history_run *y = *(const struct history_run *const *)b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static void check_run(const struct disposals *d, const size_t *order, const struct history_run *run,
                      uint64_t after, struct verify_result *ret)
{
    struct sums sums = sum_run(d, order, run, after);
    if (!sums.policies)
        add(ret, VERIFY_STORY, run->line,
            memory_format("run %" PRId64 " is of policy %s, one of its segments is not", run->id,
                          run->policy));
    if (sums.segments != run->segments || sums.subjects != run->subjects ||
        (sums.whole && sums.rows != run->rows))
        add(ret, VERIFY_STORY, run->line,
            memory_format("run %" PRId64 " says %" PRIu64 " segments, %" PRIu64
                          " subjects, %" PRIu64 " rows; the lines of its segments give %" PRIu64
                          ", %" PRIu64 ", %" PRIu64,
                          run->id, run->segments, run->subjects, run->rows, sums.segments,
                          sums.subjects, sums.rows));
}

/* Runs are numbered by the database: one that is restored to an earlier point gives the same
 * numbers again, and a line re-erase stands between. */
static void check_runs(const struct disposals *d, struct verify_result *ret)
{
    const struct history *h = d->history;
    CLEANUP(memory_release) size_t *order = order_by_run(h);
    CLEANUP(memory_release)
    const struct history_run **runs = memory_alloc((h->run_count + 1) * sizeof *runs);
    for (size_t i = 0; i < h->run_count; i++)
        runs[i] = &h->runs[i];
    if (h->run_count > 0)
        qsort(runs, h->run_count, sizeof *runs, compare_runs);
    for (size_t i = 0; i < h->run_count; i++) {
        uint64_t after = last_re_erase(h, runs[i]->line);
        if (i > 0 && runs[i - 1]->id == runs[i]->id && runs[i - 1]->line > after)
            after = runs[i - 1]->line;
        check_run(d, order, runs[i], after, ret);
    }
}

void story_check_journal(const struct disposals *d, struct verify_result *ret)
{
    check_instants(d->history, ret);
    check_segments(d, ret);
    check_runs(d, ret);
    for (size_t i = 0; i < d->history->restore_count; i++)
        check_restore(d, &d->history->restores[i], ret);
    check_holds(d, ret);
    story_check_twice(d, ret);
}
