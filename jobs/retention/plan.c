#include "jobs/retention/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/retention/judge.h"
#include "jobs/retention/prepare.h"
#include "jobs/retention/retention_jobs.h"
#include "jobs/retention/statement_list.h"
#include "jobs/retention/statements.h"
#include "jobs/schema/schema.h"
#include "sql.h"

#define FETCH 5000

struct plan {
    const struct job_ctx *ctx;
    struct db *db;
    const struct prepared *p;
    int64_t subjects, due, held, blocked, uncovered;
    json_t *states; /* rows of the first table */
    int64_t *rows;  /* that would go, by table */
};

static const struct render_column state_columns[] = {{"state", "state", RENDER_LEFT},
                                                     {"rule", "rule", RENDER_LEFT},
                                                     {"reason", "reason", RENDER_LEFT},
                                                     {"subjects", "subjects", RENDER_RIGHT},
                                                     {"oldest due", "oldest_due_on", RENDER_LEFT},
                                                     {NULL, NULL, RENDER_LEFT}};
static const struct render_column table_columns[] = {
    {"table", "table", RENDER_LEFT},
    {"rows that go", "rows", RENDER_RIGHT},
    {"bytes, estimated", "bytes_estimate", RENDER_RIGHT},
    {NULL, NULL, RENDER_LEFT}};

/* The judgement of today, with what the last run could not dispose of. */
static void add_judgement(struct text *sql, const struct plan *p)
{
    CLEANUP(memory_release) char *policy = db_quote_literal(p->p->graph.policy->name);
    text_add(sql, "SELECT j.*, w.reason AS blocked_reason FROM (");
    judge_select(sql, &p->p->graph, p->ctx->settings->timezone, p->ctx->as_of, NULL);
    text_addf(sql,
              ") AS j LEFT JOIN waarborg.worklist AS w ON w.policy = %s AND w.state = 'blocked' "
              "AND j.state = 'due' AND w.subject_key = j.subject_key",
              policy);
}

static bool count_states(struct plan *p, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    text_add(&sql,
             "SELECT CASE WHEN x.blocked_reason IS NULL THEN x.state ELSE 'blocked' END, x.rule, "
             "coalesce('hold: ' || h.kind, x.blocked_reason, x.reason), "
             "count(*), min(x.due_on) FROM (");
    add_judgement(&sql, p);
    text_add(
        &sql,
        ") AS x LEFT JOIN waarborg.hold AS h ON x.state = 'held' AND x.reason = 'hold ' || h.id "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
    if (!db_query(p->db, DB_ROWS, text_get(&sql), 0, NULL, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++) {
        const char *state = db_text(r, i, 0);
        int64_t n = db_int(r, i, 3);
        bool blocked = strcmp(state, "blocked") == 0;
        p->due += blocked || strcmp(state, "due") == 0 ? n : 0;
        p->blocked += blocked ? n : 0;
        p->held += strcmp(state, "held") == 0 ? n : 0;
        p->uncovered += strcmp(state, "uncovered") == 0 ? n : 0;
        json_array_append_new(p->states,
                              json_pack("{s:s, s:s?, s:s?, s:I, s:s?}", "state", state, "rule",
                                        db_text(r, i, 1), "reason", db_text(r, i, 2), "subjects",
                                        (json_int_t)n, "oldest_due_on", db_text(r, i, 4)));
    }
    return true;
}

static bool count_subjects(struct plan *p, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    text_add(&sql, "SELECT count(*) FROM ");
    belonging_from(&sql, &p->p->graph.tables[0]);
    if (!db_query(p->db, DB_ONE_ROW, text_get(&sql), 0, NULL, &r, err))
        return false;
    p->subjects = db_int(r, 0, 0);
    return true;
}

static bool count_chunk(struct plan *p, const struct key_list *keys, size_t first, size_t count,
                        struct error *err)
{
    const struct graph *g = &p->p->graph;
    CLEANUP(key_literals_free)
    struct key_literals chunk = key_literals_of(keys, g->subject_key_types, first, count);
    for (size_t t = 0; t < g->table_count; t++) {
        CLEANUP(text_free) struct text sql = {0};
        CLEANUP(db_result_free) struct db_result *r = NULL;
        if (g->tables[t].role != TABLE_SUBJECT && g->tables[t].role != TABLE_MEMBER)
            continue;
        statement_count(&sql, g, t, &chunk);
        if (!db_query(p->db, DB_ONE_ROW, text_get(&sql), 0, NULL, &r, err))
            return false;
        p->rows[t] += db_int(r, 0, 0);
    }
    return true;
}

static bool fetch(struct plan *p, struct key_list *keys, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char sql[64];
    snprintf(sql, sizeof sql, "FETCH %d FROM due_subjects", FETCH);
    key_list_clear(keys);
    if (!db_query(p->db, DB_ROWS, sql, 0, NULL, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++)
        key_list_add_row(keys, r, i, 0);
    return true;
}

/* Exactly the rows the deletes would reach, chunk by chunk: memory does not grow with the night. */
static bool count_rows(struct plan *p, struct error *err)
{
    const struct graph *g = &p->p->graph;
    size_t chunk = (size_t)p->ctx->settings->run.chunk;
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(key_list_free) struct key_list keys = {.width = g->subject_key_count};
    text_add(&sql, "DECLARE due_subjects NO SCROLL CURSOR FOR SELECT ");
    for (size_t i = 1; i <= g->subject_key_count; i++)
        text_addf(&sql, "%sj.k%zu::text", i == 1 ? "" : ", ", i);
    text_add(&sql, " FROM (");
    judge_select(&sql, g, p->ctx->settings->timezone, p->ctx->as_of, NULL);
    text_add(&sql, ") AS j WHERE j.state = 'due' ORDER BY ");
    for (size_t i = 1; i <= g->subject_key_count; i++)
        text_addf(&sql, "%sj.k%zu", i == 1 ? "" : ", ", i);
    if (!db_exec(p->db, text_get(&sql), 0, NULL, err))
        return false;
    do {
        if (!fetch(p, &keys, err))
            return false;
        for (size_t first = 0; first < keys.count; first += chunk)
            if (!count_chunk(p, &keys, first,
                             keys.count - first < chunk ? keys.count - first : chunk, err))
                return false;
    } while (keys.count > 0);
    return true;
}

static json_t *table_rows(const struct plan *p)
{
    const struct graph *g = &p->p->graph;
    json_t *rows = json_array();
    int64_t all = 0;
    double bytes = 0;
    for (size_t i = 0; i < g->order_count; i++) {
        const struct graph_table *t = &g->tables[g->order[i]];
        if (t->role == TABLE_OWNED) { /* who still refers to it shows only while deleting */
            json_array_append_new(rows, json_pack("{s:s}", "table", t->display));
            continue;
        }
        int64_t n = p->rows[g->order[i]];
        double size =
            t->row_estimate > 0 ? (double)n * (double)t->bytes / (double)t->row_estimate : 0;
        all += n;
        bytes += size;
        json_array_append_new(rows, json_pack("{s:s, s:I, s:I}", "table", t->display, "rows",
                                              (json_int_t)n, "bytes_estimate", (json_int_t)size));
    }
    json_array_append_new(rows, json_pack("{s:s, s:I, s:I}", "table", "together", "rows",
                                          (json_int_t)all, "bytes_estimate", (json_int_t)bytes));
    return rows;
}

static void print_text(const struct plan *p, const json_t *tables, bool brake, bool approved)
{
    const struct policy *policy = p->p->graph.policy;
    char as_of[11];
    local_date_format(p->ctx->as_of, as_of);
    printf("policy %s, version %s, as of %s: %" PRId64 " of %" PRId64 " subjects are due\n\n",
           policy->name, policy->version, as_of, p->due, p->subjects);
    render_table(stdout, state_columns, p->states);
    printf("\n");
    render_table(stdout, table_columns, tables);
    printf("\n");
    if (p->due == 0)
        printf("A run would dispose of nobody.\n");
    else
        printf("A run would archive and delete these rows in batches of %d subjects; held and "
               "uncovered "
               "subjects stay.\n",
               p->ctx->settings->run.batch);
    if (brake)
        printf("It would refuse first: more than max_subjects or max_share are due; "
               "--accept-volume %" PRId64 " lets it go.\n",
               p->due);
    if (!approved)
        printf("It would refuse first: the policy is not approved on this schema (waarborg "
               "retention approve).\n");
    prepare_print_problems(stdout, &p->p->problems);
}

static bool is_approved(struct plan *p, bool *ret_approved, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {p->p->graph.policy->name};
    if (!db_query(p->db, DB_AT_MOST_ONE, sql_retention_find_approval, 1, params, &r, err))
        return false;
    *ret_approved = db_rows(r) == 1 && strcmp(db_text(r, 0, 0), p->p->fingerprint) == 0;
    return true;
}

static json_t *plan_json(const struct plan *p, json_t *tables, bool brake, bool approved)
{
    char as_of[11];
    local_date_format(p->ctx->as_of, as_of);
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:O, s:o, s:s}", "policy",
                     p->p->graph.policy->name, "version", p->p->graph.policy->version, "as_of",
                     as_of, "subjects", (json_int_t)p->subjects, "due", (json_int_t)p->due, "held",
                     (json_int_t)p->held, "blocked", (json_int_t)p->blocked, "uncovered",
                     (json_int_t)p->uncovered, "brake", brake, "approved", approved, "states",
                     p->states, "tables", tables, "fingerprint", p->p->fingerprint);
}

static bool measure(struct plan *p, json_t *results, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    const struct settings_run *run = &p->ctx->settings->run;
    bool approved = false;
    if (!db_tx_begin(p->db, DB_REPEATABLE_READ_ONLY, &tx, err) || !is_approved(p, &approved, err) ||
        !count_states(p, err) || !count_subjects(p, err) || !count_rows(p, err))
        return error_context(err, "plan of policy %s", p->p->graph.policy->name);
    bool brake =
        p->due > run->max_subjects || (double)p->due > run->max_share * (double)p->subjects;
    json_t *tables = table_rows(p);
    if (!p->ctx->json)
        print_text(p, tables, brake, approved);
    json_array_append_new(results, plan_json(p, tables, brake, approved));
    return true;
}

static bool print_statement(void *context, const char *title, const char *sql, struct error *err)
{
    (void)context;
    (void)err;
    printf("-- %s\n%s;\n\n", title, sql);
    return true;
}

static bool show_policy(const struct job_ctx *ctx, struct db *db, const struct policy *policy,
                        bool with_sql, json_t *results, bool *ret_blocked, struct error *err)
{
    CLEANUP(prepared_free) struct prepared prepared = {0};
    if (!prepare_policy(ctx, db, policy, &prepared, err) ||
        !prepare_refuse(&prepared, policy, false, err))
        return false;
    if (with_sql)
        return statement_list(&prepared.graph, ctx->settings->timezone, ctx->as_of, print_statement,
                              NULL, err);
    struct plan p = {.ctx = ctx, .db = db, .p = &prepared};
    p.states = json_array();
    p.rows = memory_alloc((prepared.graph.table_count + 1) * sizeof *p.rows);
    bool done = measure(&p, results, err);
    *ret_blocked |= p.blocked > 0;
    json_decref(p.states);
    free(p.rows);
    return done;
}

bool plan_show(const struct job_ctx *ctx, const struct policy *only, bool with_sql, int *ret_exit,
               struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    bool blocked = false;
    if (!job_open_db(ctx, "retention.plan", 0, &db, err) || !schema_require(db, err))
        return false;
    json_t *results = json_array();
    bool done = true;
    for (size_t i = 0; done && i < ctx->settings->policy_count; i++)
        if (only == NULL || only == &ctx->settings->policies[i])
            done =
                show_policy(ctx, db, &ctx->settings->policies[i], with_sql, results, &blocked, err);
    if (done && ctx->json && !with_sql)
        render_json(stdout, results);
    json_decref(results);
    *ret_exit = blocked ? JOB_ATTENTION : JOB_DONE;
    return done;
}

bool retention_plan(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                    struct error *err)
{
    static const char text[] =
        "Says who is due, held, blocked or uncovered, by rule and reason, and how many rows\n"
        "of each table would go.  Reads only: everything happens in read-only transactions.\n"
        "Exit code 1 when subjects are blocked.";
    const char *name = NULL;
    bool with_sql = false;
    const struct option_spec specs[] = {
        {"policy", 'p', OPTION_TEXT, "NAME", "this policy only", &name, 0, 0},
        {"sql", 0, OPTION_FLAG, NULL, "the statements a run would send, $1 standing for the keys",
         &with_sql, 0, 0},
        {0}};
    char **words;
    int count;
    bool help = false;
    const struct policy *only = NULL;
    *ret_exit = JOB_DONE;
    if (!job_parse_options(ctx->job, NULL, text, specs, argc, argv, &words, &count, &help, err) ||
        help)
        return help;
    return (name == NULL || settings_policy(ctx->settings, name, &only, err)) &&
           plan_show(ctx, only, with_sql, ret_exit, err);
}
