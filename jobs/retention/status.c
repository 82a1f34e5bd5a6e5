#include <stdio.h>

#include "common/options.h"
#include "common/render.h"
#include "jobs/retention/retention_jobs.h"
#include "jobs/schema/schema.h"
#include "sql.h"

static const struct render_column columns[] = {{"policy", "policy", RENDER_LEFT},
                                               {"state", "state", RENDER_LEFT},
                                               {"rule", "rule", RENDER_LEFT},
                                               {"reason", "reason", RENDER_LEFT},
                                               {"subjects", "subjects", RENDER_RIGHT},
                                               {"oldest due", "oldest_due_on", RENDER_LEFT},
                                               {"days overdue", "days_overdue", RENDER_RIGHT},
                                               {"since", "since", RENDER_LEFT},
                                               {NULL, NULL, RENDER_LEFT}};

static bool add_policy(const struct job_ctx *ctx, struct db *db, const struct policy *policy,
                       json_t *rows, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char as_of[11];
    local_date_format(ctx->as_of, as_of);
    const char *params[] = {policy->name, as_of};
    if (!db_query(db, DB_ROWS, sql_retention_show_worklist, 2, params, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++) {
        json_t *row = json_pack("{s:s, s:s, s:s?, s:s?, s:I, s:s?, s:s}", "policy", policy->name,
                                "state", db_text(r, i, 0), "rule", db_text(r, i, 1), "reason",
                                db_text(r, i, 2), "subjects", (json_int_t)db_int(r, i, 3),
                                "oldest_due_on", db_text(r, i, 4), "since", db_text(r, i, 6));
        json_object_set_new(row, "days_overdue",
                            db_text(r, i, 5) == NULL ? json_null()
                                                     : json_integer((json_int_t)db_int(r, i, 5)));
        json_array_append_new(rows, row);
    }
    return true;
}

bool retention_status(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                      struct error *err)
{
    static const char text[] =
        "Shows the worklist as the last run left it: who is due, held, blocked or\n"
        "uncovered, why, and since when.  Names nobody.";
    char **words;
    int count;
    bool help = false;
    *ret_exit = JOB_DONE;
    if (!job_parse_options(ctx->job, NULL, text, NULL, argc, argv, &words, &count, &help, err) ||
        help)
        return help;
    CLEANUP(db_close) struct db *db = NULL;
    if (!job_open_db(ctx, "retention.status", 0, &db, err) || !schema_require(db, err))
        return false;
    json_t *rows = json_array();
    bool done = true;
    for (size_t i = 0; done && i < ctx->settings->policy_count; i++)
        done = add_policy(ctx, db, &ctx->settings->policies[i], rows, err);
    if (done && ctx->json)
        render_json(stdout, rows);
    else if (done && json_array_size(rows) == 0)
        printf("The worklist is empty: nobody is due, held, blocked or uncovered as of the last "
               "run.\n");
    else if (done)
        render_table(stdout, columns, rows);
    json_decref(rows);
    return done;
}
