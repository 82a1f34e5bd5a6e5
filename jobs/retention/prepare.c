#include "jobs/retention/prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "jobs/retention/graph_check.h"
#include "jobs/retention/judge.h"
#include "jobs/retention/statement_list.h"
#include "sql.h"

struct plan_check {
    struct db *db;
    struct problem_list *problems;
};

/* The server plans what a run would send: a link between types that do not compare shows here. */
static bool plan_statement(void *context, const char *title, const char *sql, struct error *err)
{
    struct plan_check *c = context;
    struct error refused = {0};
    if (db_prepare_check(c->db, sql, &refused))
        return true;
    if (db_is_lost(c->db)) {
        *err = refused;
        return false;
    }
    /* Within a transaction of the caller the first refusal ends it: the others say nothing new. */
    if (strcmp(refused.sqlstate, "25P02") == 0)
        return true;
    problem_add(c->problems, PROBLEM_REFUSAL,
                memory_format("the server cannot plan \"%s\": %s", title, refused.message),
                memory_copy_text(
                    "give both sides of a link one type; grant the rights named; see plan --sql"));
    return true;
}

/* A hold that no policy obeys would be ignored in silence. */
static bool check_orphan_holds(const struct job_ctx *ctx, struct db *db,
                               struct problem_list *problems, struct error *err)
{
    struct text tables = {0};
    for (size_t i = 0; i < ctx->settings->policy_count; i++) {
        const struct table_name *t = &ctx->settings->policies[i].subject;
        CLEANUP(memory_release) char *schema = db_quote_literal(t->schema);
        CLEANUP(memory_release) char *table = db_quote_literal(t->table);
        text_addf(&tables, "%sformat('%%I.%%I', %s::text, %s::text)", i == 0 ? "" : ", ", schema,
                  table);
    }
    CLEANUP(memory_release) char *list = memory_format("SELECT ARRAY[%s]", text_get(&tables));
    text_free(&tables);
    CLEANUP(db_result_free) struct db_result *names = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ONE_ROW, list, 0, NULL, &names, err))
        return false;
    const char *params[] = {db_text(names, 0, 0)};
    if (!db_query(db, DB_ROWS, sql_retention_list_orphan_holds, 1, params, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++)
        problem_add(
            problems, PROBLEM_REFUSAL,
            memory_format("%s holds stand on %s, which is the subject of no policy",
                          db_text(r, i, 1), db_text(r, i, 0)),
            memory_copy_text("release them, or name that table as the subject of a policy"));
    return true;
}

/* A hold is found by the text of the key it was placed with. */
static bool check_lost_holds(struct db *db, const struct graph *g, struct problem_list *problems,
                             struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    judge_lost_holds(&sql, g);
    if (!db_query(db, DB_ROWS, text_get(&sql), 0, NULL, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++)
        problem_add(problems, PROBLEM_REFUSAL,
                    memory_format("hold %s fits no row of %s by the key of policy %s: the key was "
                                  "changed, or the row is gone",
                                  db_text(r, i, 0), g->tables[0].display, g->policy->name),
                    memory_copy_text("see waarborg hold list; place it anew with waarborg hold add "
                                     "if the subject is still there, then release the old one"));
    return true;
}

/* Holds bind every policy on their table, and so they must name subjects by one key. */
static void check_one_key(const struct job_ctx *ctx, const struct policy *p,
                          struct problem_list *problems)
{
    for (size_t i = 0; i < ctx->settings->policy_count; i++) {
        const struct policy *o = &ctx->settings->policies[i];
        if (o == p || strcmp(o->subject.schema, p->subject.schema) != 0 ||
            strcmp(o->subject.table, p->subject.table) != 0)
            continue;
        bool same = o->key.count == p->key.count;
        for (size_t c = 0; same && c < p->key.count; c++)
            same = strcmp(o->key.items[c], p->key.items[c]) == 0;
        if (!same)
            problem_add(problems, PROBLEM_REFUSAL,
                        memory_format("policies %s and %s have one subject table and different "
                                      "keys: a hold would not bind both",
                                      p->name, o->name),
                        memory_copy_text("give them the same key, in the same order"));
    }
}

/* A run must not find out at its end. */
static bool check_own_rights(struct db *db, struct problem_list *problems, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ONE_ROW, sql_retention_list_missing_rights, 0, NULL, &r, err))
        return false;
    if (db_text(r, 0, 0) != NULL)
        problem_add(
            problems, PROBLEM_RUN_REFUSAL,
            memory_format("rights in the schema waarborg are missing: %s", db_text(r, 0, 0)),
            memory_copy_text("as its owner, waarborg migrate --roles, then GRANT "
                             "waarborg_job TO <role>;"));
    return true;
}

bool prepare_policy(const struct job_ctx *ctx, struct db *db, const struct policy *policy,
                    struct prepared *ret, struct error *err)
{
    CLEANUP(prepared_free) struct prepared p = {0};
    if (!graph_build(db, policy, &p.graph, &p.problems, err))
        return false;
    check_one_key(ctx, policy, &p.problems);
    if (!check_own_rights(db, &p.problems, err))
        return false;
    if (p.problems.refusals == 0) {
        if (!graph_check(db, &p.graph, ctx->settings, &p.problems, err) ||
            !check_orphan_holds(ctx, db, &p.problems, err) ||
            (p.problems.refusals == 0 && /* else we may not even see the subjects */
             !check_lost_holds(db, &p.graph, &p.problems, err)) ||
            !fingerprint_make(&p.graph, ctx->settings->timezone, &p.definition, p.fingerprint, err))
            return error_context(err, "policy %s", policy->name);
    }
    if (p.problems.refusals == 0) {
        struct plan_check c = {db, &p.problems};
        if (!statement_list(&p.graph, ctx->settings->timezone, ctx->as_of, plan_statement, &c, err))
            return false;
    }
    *ret = p;
    p = (struct prepared){0};
    return true;
}

void prepared_free(struct prepared *p)
{
    graph_free(&p->graph);
    problem_list_free(&p->problems);
    free(p->definition);
    *p = (struct prepared){0};
}

void prepare_print_problems(FILE *stream, const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *one = &problems->items[i];
        char what[2048];
        char mend[2048];
        log_escape(what, sizeof what, one->what);
        log_escape(mend, sizeof mend, one->mend);
        fprintf(stream, "%s: %s%s%s\n", one->weight == PROBLEM_WARNING ? "warning" : "refused",
                what, mend[0] == '\0' ? "" : "\n  mend: ", mend);
    }
}

bool prepare_refuse(const struct prepared *p, const struct policy *policy, bool for_run,
                    struct error *err)
{
    size_t count = p->problems.refusals + (for_run ? p->problems.run_refusals : 0);
    if (count == 0)
        return true;
    prepare_print_problems(stderr, &p->problems);
    return error_set(err, ERR_USAGE, "policy %s is refused for %zu reason%s; nothing was changed",
                     policy->name, count, count == 1 ? "" : "s");
}

bool prepare_require_approval(struct db *db, const struct prepared *p, const struct policy *policy,
                              struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {policy->name};
    if (!db_query(db, DB_AT_MOST_ONE, sql_retention_find_approval, 1, params, &r, err))
        return false;
    if (db_rows(r) == 0)
        return error_set(err, ERR_USAGE,
                         "policy %s is not approved on this schema: look at waarborg "
                         "retention plan, then run waarborg retention approve",
                         policy->name);
    if (db_bool(r, 0, 4))
        return error_set(err, ERR_USAGE,
                         "policy %s was approved by the role that runs it, %s: have a member of "
                         "waarborg_dpo look at waarborg retention plan and run waarborg retention "
                         "approve; nothing was changed",
                         policy->name, db_text(r, 0, 3));
    if (strcmp(db_text(r, 0, 0), p->fingerprint) == 0)
        return true;
    CLEANUP(text_free) struct text lines = {0};
    fingerprint_difference(db_text(r, 0, 1), p->definition, &lines);
    fprintf(stderr, "changed since the approval of %s (- was, + is):\n%s", db_text(r, 0, 2),
            text_get(&lines));
    return error_set(err, ERR_USAGE,
                     "policy %s or the schema it meets differs from what was approved; look at "
                     "the difference, then run waarborg retention approve; nothing was changed",
                     policy->name);
}
