#include "jobs/hold/hold_archive.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/archive/books.h"
#include "jobs/archive/journal_lines.h"
#include "jobs/archive/reference.h"
#include "sql.h"

bool hold_archive_exists(struct db *db, bool *ret_exists, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ONE_ROW, sql_hold_has_segments, 0, NULL, &r, err))
        return false;
    *ret_exists = db_bool(r, 0, 0);
    return true;
}

bool hold_archive_open_journal(const struct job_ctx *ctx, struct journal **ret, struct error *err)
{
    return journal_open(ctx->settings->evidence.journal, false, ret, err) ||
           error_context(err, "a hold on an archived subject is written into the journal");
}

/* With another key nobody would be found, and a ledger that was put back to an earlier point does
 * not know what was destroyed since. */
static bool check_records(const struct job_ctx *ctx, struct db *db, const unsigned char *key,
                          struct error *err)
{
    CLEANUP(books_free) struct books books = {.store.root_fd = -1};
    if (!books_load_records(ctx, db, &books, err) ||
        !reference_key_check(ctx->settings->evidence.reference_key, key,
                             books.history.key_fingerprint, err))
        return false;
    const struct books_unknown unknown = books_unknown(&books);
    return !books_unknown_any(&unknown) ||
           error_set(err, ERR_INTEGRITY,
                     "the journal tells what the ledger does not know: the database was restored "
                     "to an earlier point; waarborg retention run --re-erase first, then the hold "
                     "can be placed");
}

static bool refuse(const struct policy *p, const char *sqlstate, const char *why, struct error *err)
{
    error_set(err, ERR_BLOCKED,
              "this subject is not in table %s.%s (any more), and %s; no hold was "
              "placed",
              p->subject.schema, p->subject.table, why);
    snprintf(err->sqlstate, sizeof err->sqlstate, "%s", sqlstate);
    return false;
}

static bool refuse_unknown(const struct policy *p, struct error *err)
{
    return refuse(p, "WB005",
                  "no segment of the archive has it: it was never there, or its key is written "
                  "otherwise",
                  err);
}

static bool refuse_destroyed(struct db *db, const struct policy *p, const char *reference,
                             struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {reference};
    if (!db_query(db, DB_ONE_ROW, sql_hold_find_destroyed, 1, params, &r, err))
        return false;
    const char *at = db_text(r, 0, 0);
    CLEANUP(memory_release)
    char *why = memory_format("its archive was destroyed at %s", at == NULL ? "this moment" : at);
    return refuse(p, "WB006", why, err);
}

/* The key as the disposal saw it; "" when nobody can ever have had it. */
static bool make_reference(struct db *db, const struct hold_archive_request *q,
                           const unsigned char *key, char ret_reference[static DIGEST_HEX_SIZE],
                           struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {q->policy->name, q->key};
    char **values = NULL;
    size_t count = 0;
    ret_reference[0] = '\0';
    if (!db_query(db, DB_ONE_ROW, sql_hold_canonical_key, COUNT_OF(params), params, &r, err))
        return strncmp(err->sqlstate, "22", 2) == 0; /* too large for its column */
    if (db_text(r, 0, 0) == NULL)
        return true;
    if (!db_array_parse(db_text(r, 0, 0), &values, &count, err))
        return false;
    bool made = reference_make(key, q->policy->subject.schema, q->policy->subject.table,
                               (const char *const *)values, count, ret_reference, err);
    db_items_free(values, count);
    return made;
}

/* READ COMMITTED, whatever the database's default: after waiting for an expiry the row must be
 * judged as it is then. */
static bool insert(struct db *db, const struct hold_archive_request *q, struct hold_archive *h,
                   struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {q->policy->name, h->reference, q->kind,   q->reason,
                            q->review,       q->at,        q->os_user};
    if (!db_tx_begin(db, DB_READ_COMMITTED, &tx, err) ||
        !db_query(db, DB_ONE_ROW, sql_hold_add_archive_hold, COUNT_OF(params), params, &r, err) ||
        !db_array_parse(db_text(r, 0, 1), &h->segments, &h->segment_count, err) ||
        !db_tx_commit(&tx, err))
        return false;
    h->id = db_int(r, 0, 0);
    return true;
}

static bool explain(struct db *db, const struct policy *p, const char *reference, struct error *err)
{
    char state[sizeof err->sqlstate];
    memcpy(state, err->sqlstate, sizeof state);
    if (strcmp(state, "WB005") == 0)
        return refuse_unknown(p, err);
    if (strcmp(state, "WB006") == 0)
        return refuse_destroyed(db, p, reference, err);
    if (strcmp(state, "55P03") != 0)
        return error_context(err, "no hold was placed");
    error_set(err, ERR_BUSY,
              "the archive of this subject is locked by another session; no hold was placed: try "
              "again");
    memcpy(err->sqlstate, state, sizeof state);
    return false;
}

/* After COMMIT: what cannot be written here is written by the next run, from waarborg.hold. */
static bool write_line(const struct job_ctx *ctx, struct journal *journal,
                       const struct hold_archive_request *q, const struct hold_archive *h,
                       struct error *err)
{
    const struct hold_line line = {.hold_id = h->id,
                                   .policy = q->policy->name,
                                   .reference = h->reference,
                                   .kind = q->kind,
                                   .review_on = q->review};
    bool written = journal_line_hold(journal, ctx->now, &line, err);
    return written || error_context(err,
                                    "hold %" PRId64 " is placed and keeps %zu segment(s), but the "
                                    "journal could not be written; the next run does it",
                                    h->id, h->segment_count);
}

static bool place(const struct job_ctx *ctx, struct db *db, const unsigned char *key,
                  const struct hold_archive_request *q, struct hold_archive *h, struct error *err)
{
    CLEANUP(journal_close) struct journal *journal = NULL;
    if (!hold_archive_open_journal(ctx, &journal, err) || !check_records(ctx, db, key, err) ||
        !make_reference(db, q, key, h->reference, err))
        return false;
    if (h->reference[0] == '\0')
        return refuse_unknown(q->policy, err);
    if (!insert(db, q, h, err))
        return explain(db, q->policy, h->reference, err);
    return write_line(ctx, journal, q, h, err);
}

bool hold_archive_place(const struct job_ctx *ctx, struct db *db,
                        const struct hold_archive_request *request, struct hold_archive *ret,
                        struct error *err)
{
    CLEANUP(hold_archive_free) struct hold_archive h = {0};
    unsigned char key[DIGEST_SIZE];
    if (!reference_key_load(ctx->settings->evidence.reference_key, key, err))
        return false;
    bool placed = place(ctx, db, key, request, &h, err);
    explicit_bzero(key, sizeof key);
    if (!placed)
        return false;
    *ret = h;
    h = (struct hold_archive){0};
    return true;
}

void hold_archive_free(struct hold_archive *h)
{
    db_items_free(h->segments, h->segment_count);
    *h = (struct hold_archive){0};
}
