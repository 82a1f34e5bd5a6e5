#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/db.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/hold/hold_jobs.h"
#include "jobs/schema/schema.h"
#include "sql.h"

#define REFERENCE_SHOWN 12
#define DAY_SHOWN 10

static const struct render_column columns[] = {{"hold", "hold", RENDER_LEFT},
                                               {"subject", "subject_table", RENDER_LEFT},
                                               {"key", "subject_key", RENDER_LEFT},
                                               {"reference", "reference", RENDER_LEFT},
                                               {"segments", "segments", RENDER_LEFT},
                                               {"kind", "kind", RENDER_LEFT},
                                               {"since", "placed_on", RENDER_LEFT},
                                               {"placed by", "placed_by", RENDER_LEFT},
                                               {"review", "review", RENDER_LEFT},
                                               {"reason", "reason", RENDER_LEFT},
                                               {"released", "released_on", RENDER_LEFT},
                                               {"released by", "released_by", RENDER_LEFT},
                                               {"release reason", "release_reason", RENDER_LEFT},
                                               {NULL, NULL, RENDER_LEFT}};

/* NULL gives null. */
static bool make_array(const char *array, json_t **ret, struct error *err)
{
    char **items = NULL;
    size_t count = 0;
    if (array == NULL) {
        *ret = json_null();
        return true;
    }
    if (!db_array_parse(array, &items, &count, err))
        return false;
    json_t *values = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(values, items[i] == NULL ? json_null() : json_string(items[i]));
    db_items_free(items, count);
    *ret = values;
    return true;
}

static bool make_row(const struct db_result *r, size_t row, json_t **ret, struct error *err)
{
    CLEANUP(json_decrefp) json_t *key = NULL;
    CLEANUP(json_decrefp) json_t *segments = NULL;
    if (!make_array(db_text(r, row, 2), &key, err) ||
        !make_array(db_text(r, row, 13), &segments, err))
        return false;
    json_t *object = json_pack("{s:I,s:s,s:O,s:s,s:s,s:s,s:s,s:s?,s:b,s:s?,s:s?,s:s?}", "hold",
                               (json_int_t)db_int(r, row, 0), "subject_table", db_text(r, row, 1),
                               "subject_key", key, "kind", db_text(r, row, 3), "reason",
                               db_text(r, row, 4), "placed_at", db_text(r, row, 5), "placed_by",
                               db_text(r, row, 6), "review_on", db_text(r, row, 7), "review_due",
                               db_bool(r, row, 8), "released_at", db_text(r, row, 9), "released_by",
                               db_text(r, row, 10), "release_reason", db_text(r, row, 11));
    if (object == NULL)
        return error_set(err, ERR_DB,
                         "the text of hold %s is not UTF-8: the encoding of the "
                         "database is SQL_ASCII",
                         db_text(r, row, 0));
    bool archived = db_text(r, row, 12) != NULL;
    json_object_set_new(object, "reference",
                        archived ? json_string(db_text(r, row, 12)) : json_null());
    json_object_set(object, "segments", archived ? segments : json_null());
    *ret = object;
    return true;
}

/* The first `length` characters of a member under another name, when it is there. */
static void shorten(json_t *row, const char *name, const char *as, size_t length)
{
    const char *text = json_string_value(json_object_get(row, name));
    if (text != NULL)
        json_object_set_new(row, as, json_stringn(text, strnlen(text, length)));
}

/* For people: 64 digits and instants to the second would push the rest off the screen. */
static void shorten_rows(json_t *rows)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        shorten(row, "reference", "reference", REFERENCE_SHOWN);
        shorten(row, "placed_at", "placed_on", DAY_SHOWN);
        shorten(row, "released_at", "released_on", DAY_SHOWN);
        if (json_is_true(json_object_get(row, "review_due")))
            json_object_set_new(
                row, "review",
                json_sprintf("%s, due", json_string_value(json_object_get(row, "review_on"))));
        else
            shorten(row, "review_on", "review", DAY_SHOWN);
    }
}

static void print_holds(const struct job_ctx *ctx, json_t *rows, int reviews_due, bool all)
{
    char as_of[11];
    local_date_format(ctx->as_of, as_of);
    if (ctx->json) {
        json_t *result =
            json_pack("{s:s,s:O,s:i}", "as_of", as_of, "holds", rows, "reviews_due", reviews_due);
        render_json(stdout, result);
        json_decref(result);
        return;
    }
    shorten_rows(rows);
    if (json_array_size(rows) == 0)
        printf("There are no %sholds.\n", all ? "" : "active ");
    render_table(stdout, columns, rows);
    if (reviews_due > 0)
        printf("\n%d %s to be reviewed (as of %s).\n", reviews_due,
               reviews_due == 1 ? "hold is" : "holds are", as_of);
}

static bool list(const struct job_ctx *ctx, const struct policy *policy, bool all, int *ret_exit,
                 struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(json_decrefp) json_t *rows = json_array();
    char as_of[11];
    int reviews_due = 0;
    local_date_format(ctx->as_of, as_of);
    const char *params[] = {all ? "true" : "false", policy == NULL ? NULL : policy->subject.schema,
                            policy == NULL ? NULL : policy->subject.table, as_of};
    if (!job_open_db(ctx, "hold", 0, &db, err) || !schema_require(db, err) ||
        !db_query(db, DB_ROWS, sql_hold_list_holds, COUNT_OF(params), params, &r, err))
        return false;
    for (size_t row = 0; row < db_rows(r); row++) {
        json_t *object = NULL;
        if (!make_row(r, row, &object, err))
            return false;
        json_array_append_new(rows, object);
        reviews_due += db_bool(r, row, 8);
    }
    print_holds(ctx, rows, reviews_due, all);
    *ret_exit = reviews_due > 0 ? JOB_ATTENTION : JOB_DONE;
    return true;
}

bool hold_list(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit, struct error *err)
{
    static const char text[] =
        "Shows the active holds.  Exit code 1 from the day on that one is to be reviewed.\n"
        "A hold on somebody who was disposed of has no key: it shows a reference, and the\n"
        "segments that it keeps from being destroyed.";
    bool all = false;
    const char *policy_name = NULL;
    const struct policy *policy = NULL;
    const struct option_spec specs[] = {
        {"all", 'a', OPTION_FLAG, NULL, "released ones too", &all, 0, 0},
        {"policy", 'p', OPTION_TEXT, "NAME", "only those on the subjects of this policy",
         &policy_name, 0, 0},
        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, NULL, text, specs, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (policy_name != NULL && !settings_policy(ctx->settings, policy_name, &policy, err))
        return false;
    return list(ctx, policy, all, ret_exit, err);
}
