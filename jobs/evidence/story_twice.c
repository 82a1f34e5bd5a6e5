#include "jobs/evidence/story_twice.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

/* Two segments that share a subject without a reason. */
struct pair {
    uint32_t earlier, later;
};

struct twice {
    const struct disposals *d;
    size_t *restores; /* places in history->restores, ordered by segment, reference and line */
    struct pair *pairs;
    size_t pair_count, pair_capacity;
};

static void release(struct twice *t)
{
    free(t->restores);
    free(t->pairs);
}

static const char *reference_of(const struct history_restore *r)
{
    return r->reference == NULL ? "" : r->reference; /* the whole segment */
}

static int compare_restore(const struct history_restore *r, const char *segment,
                           const char *reference)
{
    int order = strcmp(r->segment, segment);
    return order != 0 ? order : strcmp(reference_of(r), reference);
}

static int compare_restores(const void *a, const void *b, void *context)
{
    const struct history_restore *restores = context;
    const struct history_restore *x = &restores[*(const size_t *)a];
    const struct history_restore *y = &restores[*(const size_t *)b];
    int order = compare_restore(x, y->segment, reference_of(y));
    return order != 0 ? order : x->line < y->line ? -1 : x->line > y->line;
}

static void order_restores(struct twice *t)
{
    const struct history *h = t->d->history;
    t->restores = memory_alloc((h->restore_count + 1) * sizeof *t->restores);
    for (size_t i = 0; i < h->restore_count; i++)
        t->restores[i] = i;
    if (h->restore_count > 0)
        qsort_r(t->restores, h->restore_count, sizeof *t->restores, compare_restores, h->restores);
}

/* Did a restore of this from that segment come after one disposal and before another?  A crash may
 * have kept the earlier one's line back: then its instant tells. */
static bool restored_between(const struct twice *t, const char *segment, const char *reference,
                             const struct history_segment *earlier,
                             const struct history_segment *later)
{
    const struct history *h = t->d->history;
    size_t low = 0;
    for (size_t high = h->restore_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare_restore(&h->restores[t->restores[middle]], segment, reference) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < h->restore_count; i++) {
        const struct history_restore *r = &h->restores[t->restores[i]];
        if (compare_restore(r, segment, reference) != 0)
            break;
        if (r->line < later->line && (r->line > earlier->line || r->at > earlier->at))
            return true;
    }
    return false;
}

static bool re_erased_between(const struct history *h, uint64_t earlier, uint64_t later)
{
    size_t low = 0;
    for (size_t high = h->re_erase_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (h->re_erase_lines[middle] <= earlier)
            low = middle + 1;
        else
            high = middle;
    }
    return low < h->re_erase_count && h->re_erase_lines[low] < later;
}

/* first: the earliest disposal of this subject; place: a later one. */
static bool is_explained(const struct twice *t, size_t first, size_t place)
{
    const struct disposals *d = t->d;
    const struct history_segment *earlier = d->segments[d->items[place - 1].segment].line;
    const struct history_segment *later = d->segments[d->items[place].segment].line;
    char reference[DIGEST_HEX_SIZE];
    if (earlier == NULL || later == NULL) /* told already: the journal does not know it */
        return true;
    if (re_erased_between(d->history, earlier->line, later->line))
        return true;
    digest_to_hex(d->items[place].reference, DIGEST_SIZE, reference);
    for (size_t i = first; i < place; i++) {
        const char *segment = d->segments[d->items[i].segment].id;
        if (restored_between(t, segment, "", earlier, later) ||
            restored_between(t, segment, reference, earlier, later))
            return true;
    }
    return false;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    if (x->later != y->later)
        return x->later < y->later ? -1 : 1;
    return x->earlier < y->earlier ? -1 : x->earlier > y->earlier;
}

static void tell_pairs(struct twice *t, struct verify_result *ret)
{
    const struct disposal_segment *segments = t->d->segments;
    if (t->pair_count > 0)
        qsort(t->pairs, t->pair_count, sizeof *t->pairs, compare_pairs);
    for (size_t i = 0; i < t->pair_count;) {
        size_t same = 1;
        while (i + same < t->pair_count && compare_pairs(&t->pairs[i], &t->pairs[i + same]) == 0)
            same++;
        const struct disposal_segment *later = &segments[t->pairs[i].later];
        const struct disposal_segment *earlier = &segments[t->pairs[i].earlier];
        CLEANUP(memory_release)
        char *sentence =
            later == earlier
                ? memory_format("%zu of its subjects stand in it twice", same)
                : memory_format("%zu of its subjects had been disposed of before, in segment %s, "
                                "and no restore stands between",
                                same, earlier->id);
        verify_add(ret, VERIFY_STORY, later->id, sentence);
        i += same;
    }
}

void story_check_twice(const struct disposals *d, struct verify_result *ret)
{
    CLEANUP(release) struct twice t = {.d = d};
    size_t first = 0;
    order_restores(&t);
    for (size_t i = 1; i < d->count; i++) {
        if (memcmp(d->items[i].reference, d->items[first].reference, DIGEST_SIZE) != 0) {
            first = i;
            continue;
        }
        if (is_explained(&t, first, i))
            continue;
        MEMORY_GROW(t.pairs, t.pair_count, t.pair_capacity);
        t.pairs[t.pair_count++] = (struct pair){d->items[i - 1].segment, d->items[i].segment};
    }
    tell_pairs(&t, ret);
}
