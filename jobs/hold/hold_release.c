#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/archive/journal_lines.h"
#include "jobs/hold/hold_archive.h"
#include "jobs/hold/hold_jobs.h"
#include "jobs/schema/schema.h"
#include "sql.h"

#define LOCK_TIMEOUT_MS (60 * 1000)

static bool parse_id(const char *word, int64_t *ret_id, struct error *err)
{
    char *end;
    errno = 0;
    long long id = strtoll(word, &end, 10);
    /* The word is not repeated: it may be a key that was given instead. */
    if (strspn(word, "0123456789") != strlen(word) || errno != 0 || id < 1)
        return error_set(err, ERR_USAGE, "ID is the number of a hold: waarborg hold list shows it");
    *ret_id = id;
    return true;
}

/* Why there was nothing to release. */
static bool refuse(struct db *db, const char *id, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {id};
    if (!db_query(db, DB_AT_MOST_ONE, sql_hold_find_hold, 1, params, &r, err))
        return false;
    if (db_rows(r) == 0)
        return error_set(err, ERR_USAGE, "there is no hold %s: waarborg hold list shows them", id);
    const char *released = db_text(r, 0, 0);
    return error_set(err, ERR_USAGE, "hold %s was already released, at %s", id,
                     released == NULL ? "this moment" : released);
}

struct released {
    int64_t id;
    char *table, *kind;
    char *reference; /* NULL: on a subject that is there */
};

static void released_free(struct released *r)
{
    free(r->table);
    free(r->kind);
    free(r->reference);
}

/* The journal is opened before COMMIT: a hold whose end cannot be told stays. */
static bool end_hold(const struct job_ctx *ctx, struct db *db, const char *reason,
                     struct released *h, struct journal **ret_journal, struct error *err)
{
    CLEANUP(memory_release) char *os_user = job_os_user();
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char number[24];
    char at[21];
    snprintf(number, sizeof number, "%" PRId64, h->id);
    clock_format_utc(ctx->now, at);
    const char *params[] = {number, at, os_user, reason};
    if (!db_tx_begin(db, DB_READ_COMMITTED, &tx, err) ||
        !db_query(db, DB_AT_MOST_ONE, sql_hold_release_hold, COUNT_OF(params), params, &r, err))
        return false;
    if (db_rows(r) == 0)
        return refuse(db, number, err);
    h->table = memory_copy_text(db_text(r, 0, 0));
    h->kind = memory_copy_text(db_text(r, 0, 1));
    h->reference = memory_copy_text(db_text(r, 0, 2));
    return (h->reference == NULL || hold_archive_open_journal(ctx, ret_journal, err)) &&
           db_tx_commit(&tx, err);
}

static bool write_line(const struct job_ctx *ctx, struct journal *journal, const struct released *h,
                       struct error *err)
{
    bool written =
        h->reference == NULL || journal_line_release(journal, ctx->now, h->id, h->reference, err);
    return written || error_context(err,
                                    "hold %" PRId64 " is released, but the journal could not be "
                                    "written; the next run does it",
                                    h->id);
}

static bool release(const struct job_ctx *ctx, int64_t id, const char *reason, struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(journal_close) struct journal *journal = NULL;
    CLEANUP(released_free) struct released h = {.id = id};
    if (!job_open_db(ctx, "hold", LOCK_TIMEOUT_MS, &db, err) || !schema_require(db, err) ||
        !end_hold(ctx, db, reason, &h, &journal, err) || !write_line(ctx, journal, &h, err))
        return false;
    log_event(LOG_NOTICE, "hold.release.done", "hold=%" PRId64 " kind=%s", id, h.kind);
    if (ctx->json) {
        json_t *result = json_pack("{s:I,s:s,s:s,s:s?}", "hold", (json_int_t)id, "kind", h.kind,
                                   "subject_table", h.table, "reference", h.reference);
        render_json(stdout, result);
        json_decref(result);
    } else {
        printf("Hold %" PRId64 " (%s) on %s subject in %s is released.\n", id, h.kind,
               h.reference == NULL ? "a" : "an archived", h.table);
    }
    return true;
}

bool hold_release(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                  struct error *err)
{
    static const char text[] =
        "Ends a hold.  From the next run on the rules decide about its subject again, and\n"
        "archive.keep about the archive of one that was disposed of, unless another hold is\n"
        "on it.";
    const char *reason = NULL;
    const struct option_spec specs[] = {
        {"reason", 'r', OPTION_TEXT, "TEXT", "why it may end; required", &reason, 0, 0}, {0}};
    char **words;
    int count;
    bool help;
    int64_t id = 0;
    if (!job_parse_options(ctx->job, "ID", text, specs, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (count != 1)
        return error_set(err, ERR_USAGE, "give the number of one hold, %d words were given", count);
    if (reason == NULL || reason[strspn(reason, " \t\r\n")] == '\0')
        return error_set(err, ERR_USAGE, "--reason must say why the hold may end");
    return parse_id(words[0], &id, err) && release(ctx, id, reason, err);
}
