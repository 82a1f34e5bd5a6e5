#include "jobs/archive/adopt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fault_point.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/text.h"
#include "jobs/archive/books_check.h"
#include "jobs/archive/journal_lines.h"
#include "jobs/archive/ledger_write.h"
#include "jobs/archive/manifest_read.h"
#include "sql.h"

struct adoption {
    const struct job_ctx *ctx;
    struct db *db;
    const struct books *books;
    struct journal *journal;
    bool strict; /* an empty ledger proves nothing about whose journal this is */
    uint64_t chain_no;
    char previous[DIGEST_HEX_SIZE];
    size_t segments;
    char now[21];
};

static const struct history_run *find_run(const struct history *h, int64_t id, const char *policy)
{
    for (size_t i = h->run_count;
         i-- > 0;) /* from the end: numbers are used twice after a restore */
        if (h->runs[i].id == id && strcmp(h->runs[i].policy, policy) == 0)
            return &h->runs[i];
    return NULL;
}

/* ---- one segment ---- */

static bool check_chain(const struct adoption *a, const struct history_segment *s,
                        const struct manifest *m, struct error *err)
{
    if (strcmp(m->sha256, s->manifest_sha256) != 0)
        return error_set(err, ERR_INTEGRITY,
                         "the manifest of segment %s does not have the SHA-256 that stands in the "
                         "journal, line %" PRIu64 ": put it back from the backup",
                         s->id, s->line);
    if (m->chain_no == a->chain_no + 1 && strcmp(m->previous_sha256, a->previous) == 0)
        return true;
    return error_set(err, ERR_INTEGRITY,
                     "segment %s (number %" PRIu64 ") does not continue the chain of the ledger, "
                     "which ends at number %" PRIu64 ": this is not the journal of an earlier "
                     "point of this database",
                     s->id, m->chain_no, a->chain_no);
}

static bool check_place(const struct adoption *a, const struct history_segment *s,
                        const struct store_entry *e, const struct manifest *m, struct error *err)
{
    bool same = false;
    uint64_t bytes = 0;
    if (!books_same_database(a->db, m, a->strict, &same, err))
        return false;
    if (!same)
        return error_set(err, ERR_INTEGRITY,
                         "segment %s is of another database (%s): this is not its journal", e->base,
                         m->database_name);
    if (s->expire_line != 0)
        return true;
    if (!e->has_file)
        return error_set(err, ERR_INTEGRITY,
                         "the file of segment %s is missing and the journal has no line of its "
                         "expiry: put it back from the backup",
                         s->id);
    return store_file_bytes(&a->books->store, e, &bytes, err) &&
           (bytes == m->file_bytes ||
            error_set(err, ERR_INTEGRITY,
                      "the file of segment %s has %" PRIu64 " bytes, its manifest says %" PRIu64
                      ": put it back from the backup",
                      s->id, bytes, m->file_bytes));
}

static bool load_manifest(const struct adoption *a, const struct history_segment *s,
                          struct manifest **ret, struct error *err)
{
    CLEANUP(manifest_free) struct manifest *m = NULL;
    const struct store_entry *e = store_find_base(&a->books->store, s->file);
    if (e == NULL || !e->has_manifest)
        return error_set(err, ERR_INTEGRITY,
                         "the manifest of segment %s is missing from the archive directory: put it "
                         "back from the backup; without it nobody can be found again",
                         s->id);
    if (!store_load_manifest(&a->books->store, e, &m, err) || !check_chain(a, s, m, err) ||
        !check_place(a, s, e, m, err))
        return false;
    *ret = m;
    m = NULL;
    return true;
}

static bool adopt_policy(const struct adoption *a, const char *name, const char *schema,
                         const char *table, const char *key, struct error *err)
{
    const char *params[] = {name, schema, table, key};
    return db_exec(a->db, sql_archive_adopt_policy, COUNT_OF(params), params, err);
}

/* m: NULL for a run that disposed of nobody.  run: NULL for one that was cut off. */
static bool adopt_run(const struct adoption *a, int64_t number, const struct manifest *m,
                      const struct history_run *run, struct error *err)
{
    char id[24], at[21], subjects[24], blocked[24], held[24], rows[24];
    snprintf(id, sizeof id, "%" PRId64, number);
    snprintf(subjects, sizeof subjects, "%" PRIu64, run == NULL ? 0 : run->subjects);
    snprintf(blocked, sizeof blocked, "%" PRIu64, run == NULL ? 0 : run->blocked);
    snprintf(held, sizeof held, "%" PRIu64, run == NULL ? 0 : run->held);
    snprintf(rows, sizeof rows, "%" PRIu64, run == NULL ? 0 : run->rows);
    clock_format_utc(run == NULL ? 0 : run->at, at);
    const char *params[] = {id,
                            m != NULL ? m->policy : run->policy,
                            m != NULL ? m->as_of : run->as_of,
                            m != NULL ? m->created_at : at,
                            m != NULL ? m->fingerprint : run->fingerprint,
                            m != NULL ? m->program : "-",
                            run == NULL ? NULL : run->outcome,
                            subjects,
                            blocked,
                            held,
                            rows};
    return db_exec(a->db, sql_archive_adopt_run, COUNT_OF(params), params, err) ||
           error_context(err, "run %s", id);
}

/* A policy that is neither registered nor configured any more gets a row that says so, and that the
 * next approval of such a policy overwrites. */
static bool adopt_policy_named(const struct adoption *a, const char *name, struct error *err)
{
    const struct settings *settings = a->ctx->settings;
    for (size_t i = 0; i < settings->policy_count; i++) {
        const struct policy *p = &settings->policies[i];
        if (strcmp(p->name, name) != 0)
            continue;
        CLEANUP(memory_release)
        char *key = db_array_text((const char *const *)p->key.items, p->key.count);
        return adopt_policy(a, name, p->subject.schema, p->subject.table, key, err);
    }
    return adopt_policy(a, name, "", "not configured", "{-}", err);
}

/* Those that disposed of nobody; the others are there by now. */
static bool adopt_runs(const struct adoption *a, struct error *err)
{
    for (size_t i = 0; i < a->books->history.run_count; i++) {
        const struct history_run *run = &a->books->history.runs[i];
        if (!books_knows_run(a->books, run) &&
            (!adopt_policy_named(a, run->policy, err) || !adopt_run(a, run->id, NULL, run, err)))
            return false;
    }
    return true;
}

static bool note_returned(const struct adoption *a, const struct manifest *m, const char *key,
                          struct error *err)
{
    CLEANUP(text_free) struct text references = {0};
    CLEANUP(text_free) struct text rules = {0};
    CLEANUP(text_free) struct text dates = {0};
    CLEANUP(db_result_free) struct db_result *table = NULL;
    const char *names[] = {m->subject_schema, m->subject_table};
    for (size_t i = 0; i < m->reference_count; i++) {
        db_array_add(&references, m->references[i].reference);
        db_array_add(&rules, m->references[i].rule);
        db_array_add(&dates, m->references[i].due_on);
    }
    if (!db_query(a->db, DB_ONE_ROW, "SELECT format('%I.%I', $1::text, $2::text)", 2, names, &table,
                  err))
        return false;
    const char *params[] = {m->segment_id,
                            m->policy,
                            db_text(table, 0, 0),
                            key,
                            db_array_close(&references),
                            db_array_close(&rules),
                            db_array_close(&dates),
                            a->now};
    return db_exec(a->db, sql_archive_insert_returned, COUNT_OF(params), params, err);
}

static bool write_entry(const struct adoption *a, const struct history_segment *s,
                        const struct manifest *m, struct error *err)
{
    const struct ledger_entry entry = {
        .segment_id = m->segment_id,
        .policy = m->policy,
        .run_id = m->run_id,
        .chain_no = m->chain_no,
        .file = s->file,
        .created_at = m->created_at,
        .rows = m->rows,
        .bytes = m->file_bytes,
        .sha256 = m->file_sha256,
        .manifest_sha256 = m->sha256,
        .previous_sha256 = m->previous_sha256,
        .members = m->members,
        .member_count = m->member_count,
        .references = m->references,
        .reference_count = m->reference_count,
    };
    return ledger_write(a->db, &entry, err);
}

static bool adopt_expiry(const struct adoption *a, const struct history_segment *s,
                         struct error *err)
{
    char at[21];
    clock_format_utc(s->expired_at, at);
    const char *params[] = {s->id, at};
    return db_exec(a->db, sql_archive_adopt_expiry, COUNT_OF(params), params, err);
}

static bool adopt_segment(struct adoption *a, const struct history_segment *s, struct error *err)
{
    CLEANUP(manifest_free) struct manifest *m = NULL;
    if (books_row(a->books, s->id) != SIZE_MAX) /* all it can have forgotten is the expiry */
        return books_knows_expiry(a->books, s) || adopt_expiry(a, s, err);
    if (!load_manifest(a, s, &m, err))
        return false;
    CLEANUP(memory_release) char *key = db_array_text(m->key_columns, m->key_column_count);
    if (!adopt_policy(a, m->policy, m->subject_schema, m->subject_table, key, err) ||
        !adopt_run(a, s->run_id, m, find_run(&a->books->history, s->run_id, s->policy), err) ||
        !write_entry(a, s, m, err) || !note_returned(a, m, key, err) ||
        (s->expire_line != 0 && !adopt_expiry(a, s, err)))
        return error_context(err, "segment %s", s->id);
    a->chain_no = m->chain_no;
    memcpy(a->previous, m->sha256, sizeof a->previous);
    a->segments++;
    return true;
}

/* ---- restores and holds ---- */

static bool adopt_restore(const struct adoption *a, const struct history_restore *r,
                          struct error *err)
{
    CLEANUP(db_result_free) struct db_result *here = NULL;
    char subjects[24], rows[24], at[21];
    if (books_knows_restore(a->books, r))
        return true;
    snprintf(subjects, sizeof subjects, "%" PRIu64, r->subjects);
    snprintf(rows, sizeof rows, "%" PRIu64, r->rows);
    clock_format_utc(r->at, at);
    const char *params[] = {r->segment, r->reference, subjects, rows, at};
    if (!db_query(a->db, DB_ONE_ROW, sql_archive_adopt_restore, COUNT_OF(params), params, &here,
                  err))
        return error_context(err, "restore of segment %s", r->segment);
    if (db_int(here, 0, 0) == 0)
        log_event(LOG_WARNING, "retention.restore_lost",
                  "segment=%s subjects=%" PRIu64 " restored_at=%s mend=\"waarborg archive restore, "
                  "if they must be there\"",
                  r->segment, r->subjects, at);
    return true;
}

/* Under a new number it is another hold for the journal: the new one begins before the old one
 * ends, and both before COMMIT, so that at no moment the archive is without its hold. */
static bool write_renumbered(const struct adoption *a, const struct history_hold *h, int64_t id,
                             struct error *err)
{
    const struct hold_line line = {.hold_id = id,
                                   .policy = h->policy,
                                   .reference = h->reference,
                                   .kind = h->kind,
                                   .review_on = h->review_on};
    return journal_line_hold(a->journal, h->at, &line, err) &&
           journal_line_release(a->journal, a->ctx->now, h->id, h->reference, err);
}

static bool move_sequences(const struct adoption *a, struct error *err)
{
    char highest[24];
    const struct history *h = &a->books->history;
    int64_t id = 0;
    for (size_t i = 0; i < h->hold_count; i++)
        id = h->holds[i].id > id ? h->holds[i].id : id;
    snprintf(highest, sizeof highest, "%" PRId64, id);
    const char *params[] = {highest};
    return db_exec(a->db, sql_archive_move_sequences, 1, params, err);
}

static bool adopt_hold(const struct adoption *a, const struct history_hold *h, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *added = NULL;
    char id[24], placed[21], released[21];
    if (books_knows_hold(a->books, h))
        return true;
    snprintf(id, sizeof id, "%" PRId64, h->id);
    clock_format_utc(h->at, placed);
    clock_format_utc(h->released_at, released);
    const char *params[] = {id,
                            h->policy,
                            h->reference,
                            h->kind,
                            h->review_on,
                            placed,
                            h->release_line == 0 ? NULL : released};
    if (!adopt_policy_named(a, h->policy, err) ||
        !db_query(a->db, DB_ONE_ROW, sql_archive_adopt_hold, COUNT_OF(params), params, &added, err))
        return error_context(err, "hold %s on an archive", id);
    int64_t number = db_int(added, 0, 0);
    return number == h->id || h->release_line != 0 || write_renumbered(a, h, number, err);
}

/* The numbers go on first: whoever gets another one must not get that of the next. */
static bool adopt_holds(const struct adoption *a, struct error *err)
{
    if (!move_sequences(a, err))
        return false;
    for (size_t i = 0; i < a->books->history.hold_count; i++)
        if (!adopt_hold(a, &a->books->history.holds[i], err))
            return false;
    return true;
}

/* The line of its segment, when that was written later: by the run after one that was cut off. */
static uint64_t restore_place(const struct history *h, const struct history_restore *r)
{
    const struct history_segment *s = history_find(h, r->segment);
    return s != NULL && s->line > r->line ? s->line : r->line;
}

static int compare_restores(const void *a, const void *b, void *context)
{
    const struct history *h = context;
    const struct history_restore *x = &h->restores[*(const size_t *)a];
    const struct history_restore *y = &h->restores[*(const size_t *)b];
    uint64_t places[] = {restore_place(h, x), restore_place(h, y)};
    if (places[0] != places[1])
        return places[0] < places[1] ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* In the order of the journal: who was restored may have been disposed of again. */
static bool adopt_events(struct adoption *a, struct error *err)
{
    const struct history *h = &a->books->history;
    CLEANUP(memory_release)
    size_t *restores = memory_alloc((h->restore_count + 1) * sizeof *restores);
    size_t next = 0;
    for (size_t i = 0; i < h->restore_count; i++)
        restores[i] = i;
    if (h->restore_count > 0)
        qsort_r(restores, h->restore_count, sizeof *restores, compare_restores,
                (void *)(uintptr_t)h);
    for (size_t i = 0; i < h->segment_count; i++) {
        for (; next < h->restore_count; next++) {
            const struct history_restore *r = &h->restores[restores[next]];
            if (restore_place(h, r) >= h->segments[i].line)
                break;
            if (!adopt_restore(a, r, err))
                return false;
        }
        if (!adopt_segment(a, &h->segments[i], err))
            return false;
    }
    for (; next < h->restore_count; next++)
        if (!adopt_restore(a, &h->restores[restores[next]], err))
            return false;
    return true;
}

static bool lock_chain(struct adoption *a, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *head = NULL;
    if (!db_query(a->db, DB_ONE_ROW, sql_archive_lock_chain, 0, NULL, &head, err))
        return false;
    a->chain_no = (uint64_t)db_int(head, 0, 0);
    snprintf(a->previous, sizeof a->previous, "%s", db_text(head, 0, 1));
    return true;
}

bool adopt_unknown(const struct job_ctx *ctx, struct db *db, const struct books *books,
                   struct journal *journal, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    struct adoption a = {.ctx = ctx,
                         .db = db,
                         .books = books,
                         .journal = journal,
                         .strict = db_rows(books->segments) == 0};
    clock_format_utc(ctx->now, a.now);
    if (!db_tx_begin(db, DB_READ_COMMITTED, &tx, err) || !lock_chain(&a, err) ||
        !adopt_events(&a, err) || !adopt_runs(&a, err) ||
        !journal_line_re_erase(journal, ctx->now, a.segments, err) || !adopt_holds(&a, err))
        return error_context(err, "tell the ledger what it forgot");
    FAULT_POINT("adopt.line_written");
    if (!db_tx_commit(&tx, err))
        return error_context(err, "tell the ledger what it forgot");
    FAULT_POINT("adopt.committed");
    return true;
}
