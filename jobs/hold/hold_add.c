#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/nearest.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/hold/hold_archive.h"
#include "jobs/hold/hold_jobs.h"
#include "jobs/schema/schema.h"
#include "sql.h"

/* A disposal holds its subjects for seconds; whoever needs longer is not a disposal. */
#define LOCK_TIMEOUT_MS (60 * 1000)

static const char *const kinds[] = {"complaint", "claim",  "restriction",
                                    "request",   "breach", "other"};

struct request {
    const char *kind;
    const char *reason;
    const char *review; /* NULL = none */
    const char *policy_name;
    const struct policy *policy;
    char **key; /* borrowed from argv */
    size_t key_count;
};

static bool check_kind(const char *kind, struct error *err)
{
    CLEANUP(text_free) struct text list = {0};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (kind != NULL && strcmp(kind, kinds[i]) == 0)
            return true;
        text_separate(&list, ", ");
        text_add(&list, kinds[i]);
    }
    if (kind == NULL)
        return error_set(err, ERR_USAGE, "--kind says why the subject must stay: %s",
                         text_get(&list));
    CLEANUP(text_free) struct text near = {0};
    nearest_add(&near, "", kind, kinds, COUNT_OF(kinds));
    return error_set(err, ERR_USAGE, "'%s' is no kind of hold; allowed are %s%s", kind,
                     text_get(&list), text_get(&near));
}

static bool check_review(const struct job_ctx *ctx, const char *review, struct error *err)
{
    struct local_date day;
    char today[11];
    if (review == NULL)
        return true;
    if (!local_date_parse(review, &day, err))
        return error_context(err, "--review");
    local_date_format(ctx->as_of, today);
    return local_date_compare(day, ctx->as_of) >= 0 ||
           error_set(err, ERR_USAGE, "--review=%s lies before today, %s", review, today);
}

static bool check_key(const struct request *q, struct error *err)
{
    const struct name_list *columns = &q->policy->key;
    CLEANUP(text_free) struct text names = {0};
    if (q->key_count == columns->count)
        return true;
    for (size_t i = 0; i < columns->count; i++) {
        text_separate(&names, ", ");
        text_add(&names, columns->items[i]);
    }
    return error_set(err, ERR_USAGE,
                     "a subject of policy '%s' is named by %zu word%s (%s), %zu "
                     "%s given",
                     q->policy->name, columns->count, columns->count == 1 ? "" : "s",
                     text_get(&names), q->key_count, q->key_count == 1 ? "was" : "were");
}

static bool check_request(const struct job_ctx *ctx, struct request *q, struct error *err)
{
    if (!check_kind(q->kind, err))
        return false;
    if (q->reason == NULL || q->reason[strspn(q->reason, " \t\r\n")] == '\0')
        return error_set(err, ERR_USAGE,
                         "--reason must say why: whoever reviews the hold will "
                         "need it");
    return check_review(ctx, q->review, err) &&
           settings_policy(ctx->settings, q->policy_name, &q->policy, err) && check_key(q, err);
}

/* *ret_types: the types of the key's columns, for a later complaint; the caller frees it. */
static bool check_subject(struct db *db, const struct policy *p, const char *key_columns,
                          char **ret_types, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {p->subject.schema, p->subject.table, key_columns};
    if (!db_query(db, DB_ONE_ROW, sql_hold_check_subject, COUNT_OF(params), params, &r, err))
        return false;
    if (!db_bool(r, 0, 0))
        return error_set(err, ERR_USAGE,
                         "policy '%s': the database has no table %s.%s; mend "
                         "subject.table",
                         p->name, p->subject.schema, p->subject.table);
    if (db_text(r, 0, 1) != NULL)
        return error_set(err, ERR_USAGE,
                         "policy '%s': table %s.%s has no column %s; mend "
                         "subject.key",
                         p->name, p->subject.schema, p->subject.table, db_text(r, 0, 1));
    *ret_types = memory_copy_text(db_text(r, 0, 2));
    return true;
}

/* Not in one transaction with the hold: that may wait for a minute, and the row of the policy
 * would be locked for everybody else meanwhile. */
static bool register_policy(struct db *db, const struct policy *p, const char *key_columns,
                            struct error *err)
{
    const char *params[] = {p->name, p->subject.schema, p->subject.table, key_columns};
    return db_exec(db, sql_hold_register_policy, COUNT_OF(params), params, err);
}

/* Turns what the server said into what the person can do.  The server's own words may hold the
 * key. */
static bool explain(const struct request *q, const char *types, struct error *err)
{
    const struct policy *p = q->policy;
    char state[sizeof err->sqlstate];
    memcpy(state, err->sqlstate, sizeof state);
    if (strcmp(state, "WB001") == 0)
        error_set(err, ERR_BLOCKED,
                  "this subject is not in table %s.%s (any more): it has been "
                  "disposed of, or was never there; no hold was placed",
                  p->subject.schema, p->subject.table);
    else if (strncmp(state, "22", 2) == 0)
        error_set(err, ERR_USAGE,
                  "a word of the key is no value of its column (policy '%s': %s), "
                  "or the reason is no UTF-8 text; no hold was placed",
                  p->name, types);
    else if (strcmp(state, "55P03") == 0)
        error_set(err, ERR_BUSY,
                  "another session has had this subject locked for %d seconds; no "
                  "hold was placed: try again",
                  LOCK_TIMEOUT_MS / 1000);
    else if (strcmp(state, "42501") == 0)
        return error_context(
            err,
            "a hold is placed with the rights of the owner of the schema waarborg, "
            "who needs SELECT and UPDATE on table %s.%s",
            p->subject.schema, p->subject.table);
    else
        return error_context(err, "no hold was placed");
    memcpy(err->sqlstate, state, sizeof state);
    return false;
}

/* READ COMMITTED, whatever the database's default: after waiting for a disposal the next statement
 * must see that it was committed. */
static bool place(const struct job_ctx *ctx, struct db *db, const struct request *q,
                  int64_t *ret_id, struct error *err)
{
    CLEANUP(memory_release) char *key = db_array_text((const char *const *)q->key, q->key_count);
    CLEANUP(memory_release) char *os_user = job_os_user();
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char at[21];
    clock_format_utc(ctx->now, at);
    const char *params[] = {q->policy->name, key, q->kind, q->reason, q->review, at, os_user};
    if (!db_tx_begin(db, DB_READ_COMMITTED, &tx, err) ||
        !db_query(db, DB_ONE_ROW, sql_hold_add_hold, COUNT_OF(params), params, &r, err) ||
        !db_tx_commit(&tx, err))
        return false;
    *ret_id = db_int(r, 0, 0);
    return true;
}

/* archive: NULL when the subject is there.  The same members either way. */
static void print_json(const struct request *q, int64_t id, const struct hold_archive *archive)
{
    char table[TABLE_NAME_TEXT_SIZE];
    json_t *segments = archive == NULL ? json_null() : json_array();
    for (size_t i = 0; archive != NULL && i < archive->segment_count; i++)
        json_array_append_new(segments, json_string(archive->segments[i]));
    table_name_format(&q->policy->subject, table, sizeof table);
    json_t *result =
        json_pack("{s:I,s:s,s:s,s:s,s:s?,s:s?,s:o}", "hold", (json_int_t)id, "policy",
                  q->policy->name, "subject_table", table, "kind", q->kind, "review_on", q->review,
                  "reference", archive == NULL ? NULL : archive->reference, "segments", segments);
    render_json(stdout, result);
    json_decref(result);
}

static void print_result(const struct job_ctx *ctx, const struct request *q, int64_t id)
{
    const struct policy *p = q->policy;
    if (ctx->json) {
        print_json(q, id, NULL);
        return;
    }
    printf("Hold %" PRId64 " (%s) is placed on the subject in %s.%s%s%s.\n", id, q->kind,
           p->subject.schema, p->subject.table, q->review == NULL ? "" : ", review on ",
           q->review == NULL ? "" : q->review);
}

static void print_archive_hold(const struct job_ctx *ctx, const struct request *q,
                               const struct hold_archive *h)
{
    const struct policy *p = q->policy;
    if (ctx->json) {
        print_json(q, h->id, h);
        return;
    }
    printf("This subject of %s.%s has been disposed of.\n"
           "Hold %" PRId64 " (%s) is placed on its archive and keeps",
           p->subject.schema, p->subject.table, h->id, q->kind);
    for (size_t i = 0; i < h->segment_count; i++)
        printf("%s %s",
               i > 0                   ? ","
               : h->segment_count == 1 ? " segment"
                                       : " segments",
               h->segments[i]);
    printf("%s%s.\n", q->review == NULL ? "" : "; review on ", q->review == NULL ? "" : q->review);
}

/* The subject is gone: is there still something of it to hold? */
static bool add_to_archive(const struct job_ctx *ctx, struct db *db, const struct request *q,
                           struct error *err)
{
    CLEANUP(memory_release) char *key = db_array_text((const char *const *)q->key, q->key_count);
    CLEANUP(memory_release) char *os_user = job_os_user();
    CLEANUP(hold_archive_free) struct hold_archive hold = {0};
    char at[21];
    clock_format_utc(ctx->now, at);
    const struct hold_archive_request request = {.policy = q->policy,
                                                 .key = key,
                                                 .kind = q->kind,
                                                 .reason = q->reason,
                                                 .review = q->review,
                                                 .at = at,
                                                 .os_user = os_user};
    if (!hold_archive_place(ctx, db, &request, &hold, err))
        return false;
    log_event(LOG_NOTICE, "hold.add.done", "hold=%" PRId64 " policy=%s kind=%s segments=%zu",
              hold.id, q->policy->name, q->kind, hold.segment_count);
    print_archive_hold(ctx, q, &hold);
    return true;
}

static bool add(const struct job_ctx *ctx, const struct request *q, struct error *err)
{
    const struct name_list *key = &q->policy->key;
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(memory_release) char *types = NULL;
    CLEANUP(memory_release)
    char *columns = db_array_text((const char *const *)key->items, key->count);
    int64_t id = 0;
    if (!job_open_db(ctx, "hold", LOCK_TIMEOUT_MS, &db, err) || !schema_require(db, err) ||
        !check_subject(db, q->policy, columns, &types, err) ||
        !register_policy(db, q->policy, columns, err))
        return false;
    if (!place(ctx, db, q, &id, err)) {
        struct error asking = {0};
        bool has_archive = false;
        bool is_gone = strcmp(err->sqlstate, "WB001") == 0;
        if (is_gone && hold_archive_exists(db, &has_archive, &asking) && has_archive)
            return add_to_archive(ctx, db, q, err);
        if (asking.kind != ERR_NONE)
            *err = asking;
        return explain(q, types, err);
    }
    log_event(LOG_NOTICE, "hold.add.done", "hold=%" PRId64 " policy=%s kind=%s", id,
              q->policy->name, q->kind);
    print_result(ctx, q, id);
    return true;
}

bool hold_add(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit, struct error *err)
{
    static const char text[] =
        "Keeps the subject with this key, whatever the rules of any policy on its table\n"
        "say, until the hold is released.  KEY is one word for each column of the subject\n"
        "key; put words that begin with - behind --.  Waits when the subject is being\n"
        "disposed of at this moment.\n\n"
        "A subject that has been disposed of is held in the archive: the segments with it\n"
        "are not destroyed until the hold is released.  Exit code 1, and no hold, when it is\n"
        "in the database no more and the archive has been destroyed, or never had it.";
    struct request q = {0};
    const struct option_spec specs[] = {
        {"kind", 'k', OPTION_TEXT, "KIND",
         "complaint, claim, restriction, request, breach or other; required", &q.kind, 0, 0},
        {"reason", 'r', OPTION_TEXT, "TEXT", "why it must stay; required", &q.reason, 0, 0},
        {"review", 0, OPTION_TEXT, "DATE", "day on which somebody looks at it again", &q.review, 0,
         0},
        {"policy", 'p', OPTION_TEXT, "NAME", "whose subject; needed when there are several",
         &q.policy_name, 0, 0},
        {0}};
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "KEY...", text, specs, argc, argv, &q.key, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    q.key_count = (size_t)count;
    return check_request(ctx, &q, err) && add(ctx, &q, err);
}
