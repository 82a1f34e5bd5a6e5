#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "common/seal.h"
#include "jobs/archive/manifest.h"
#include "jobs/archive/reference.h"
#include "jobs/retention/contact.h"
#include "jobs/retention/judge.h"
#include "jobs/retention/prepare.h"
#include "jobs/retention/retention_jobs.h"
#include "jobs/retention/statements.h"
#include "jobs/schema/schema.h"

static void print_key(const struct graph *g, const struct graph_key *k)
{
    static const char *const notes[] = {[KEY_BACK] = ", closes a cycle",
                                        [KEY_DETACH] = ", set to NULL",
                                        [KEY_SELF] = ", to itself",
                                        [KEY_GUARD] = NULL};
    printf(" (");
    for (size_t i = 0; i < k->column_count; i++)
        printf("%s%s", i == 0 ? "" : ", ", k->columns[i]);
    printf(" -> %s)%s%s%s", g->tables[k->parent].display, k->constraint == NULL ? ", link" : "",
           k->partitions != NULL ? ", some partitions" : "",
           k->use < COUNT_OF(notes) && notes[k->use] != NULL ? notes[k->use] : "");
}

/* A table that several keys lead to stands under each of them, its own children under the first. */
static void print_tree(const struct graph *g, size_t table, int indent, bool *printed)
{
    bool first = !printed[table];
    printed[table] = true;
    for (size_t i = 0; first && i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        bool below = k->parent == table &&
                     (k->use == KEY_FOLLOW || k->use == KEY_SELF || k->use == KEY_DETACH ||
                      k->use == KEY_BACK || k->use == KEY_SUBJECT);
        if (!below)
            continue;
        char rows[32];
        printf("%*s%s", indent, "", k->child_display);
        print_key(g, k);
        printf("  ~%s rows\n",
               render_count(rows, sizeof rows, (long long)g->tables[k->child].row_estimate));
        if (k->use == KEY_FOLLOW)
            print_tree(g, k->child, indent + 2, printed);
    }
}

static void print_graph(const struct graph *g)
{
    bool *printed = memory_alloc(g->table_count * sizeof *printed);
    char rows[32];
    if (g->table_count > 0) {
        printf("%s  ~%s rows\n", g->tables[0].display,
               render_count(rows, sizeof rows, (long long)g->tables[0].row_estimate));
        print_tree(g, 0, 2, printed);
    }
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        if (k->use != KEY_OWNED)
            continue;
        printf("%s, owned by %s", g->tables[k->parent].display, k->child_display);
        print_key(g, k);
        printf("\n");
    }
    free(printed);
}

static json_t *problem_json(const struct problem_list *problems)
{
    json_t *list = json_array();
    for (size_t i = 0; i < problems->count; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s}", "weight",
                            problems->items[i].weight == PROBLEM_WARNING ? "warning" : "refused",
                            "what", problems->items[i].what, "mend", problems->items[i].mend));
    return list;
}

static json_t *table_json(const struct graph *g)
{
    static const char *const roles[] = {"subject", "member", "owned", "touched"};
    json_t *list = json_array();
    for (size_t i = 0; i < g->table_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I}", "table", g->tables[i].display,
                                              "role", roles[g->tables[i].role], "rows_estimate",
                                              (json_int_t)g->tables[i].row_estimate, "bytes",
                                              (json_int_t)g->tables[i].bytes));
    return list;
}

/* A row that comes in behind a link after its subject went is nobody's, and stays for ever. */
static bool check_strays(struct db *db, struct prepared *p, struct error *err)
{
    for (size_t i = 0; i < p->graph.key_count; i++) {
        const struct graph_key *k = &p->graph.keys[i];
        CLEANUP(text_free) struct text sql = {0};
        CLEANUP(db_result_free) struct db_result *r = NULL;
        if (k->use != KEY_FOLLOW || k->constraint != NULL)
            continue;
        statement_stray(&sql, &p->graph, k);
        if (!db_query(db, DB_ONE_ROW, text_get(&sql), 0, NULL, &r, err))
            return error_context(err, "look for strays in %s", k->child_display);
        if (db_int(r, 0, 0) > 0)
            problem_add(&p->problems, PROBLEM_WARNING,
                        memory_format("%s rows of %s refer by %s to a row of %s that does not "
                                      "exist; no run will reach them",
                                      db_text(r, 0, 0), k->child_display, k->columns[0],
                                      p->graph.tables[k->parent].display),
                        memory_copy_text("delete them, or set the column to NULL"));
    }
    return true;
}

/* No refusal, as a hold is whose subject was lost: the application may delete its customers, and
 * the night of all others must not wait for the officer. */
static bool check_lost_affected(struct db *db, struct prepared *p, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    judge_lost_affected(&sql, &p->graph);
    if (!db_query(db, DB_ROWS, text_get(&sql), 0, NULL, &r, err))
        return error_context(err, "look for affected customers who are not there");
    for (size_t i = 0; i < db_rows(r); i++)
        problem_add(
            &p->problems, PROBLEM_WARNING,
            memory_format("%s affected customers who still have to be told of breach %s fit "
                          "no row of %s: their keys were changed, or the application "
                          "deleted them",
                          db_text(r, i, 1), db_text(r, i, 0), p->graph.tables[0].display),
            memory_format("waarborg breach affected %s: --keys with the new keys; --told or "
                          "--exempt for the old ones",
                          db_text(r, i, 0)));
    return true;
}

static bool check_policy(const struct job_ctx *ctx, struct db *db, const struct policy *policy,
                         json_t *results, size_t *refusals, struct error *err)
{
    CLEANUP(prepared_free) struct prepared p = {0};
    if (!prepare_policy(ctx, db, policy, &p, err) ||
        (p.problems.refusals == 0 &&
         (!check_strays(db, &p, err) || !check_lost_affected(db, &p, err))))
        return false;
    if (p.problems.refusals == 0)
        contact_check(&p.graph, &p.problems);
    *refusals += p.problems.refusals + p.problems.run_refusals;
    json_array_append_new(results,
                          json_pack("{s:s, s:s, s:s?, s:o, s:o}", "policy", policy->name, "version",
                                    policy->version, "fingerprint",
                                    p.definition == NULL ? NULL : p.fingerprint, "tables",
                                    table_json(&p.graph), "problems", problem_json(&p.problems)));
    if (ctx->json)
        return true;
    printf("policy %s, version %s (%s)\n", policy->name, policy->version, policy->legal_basis);
    print_graph(&p.graph);
    prepare_print_problems(stdout, &p.problems);
    if (p.problems.count == 0)
        printf("no faults\n");
    printf("\n");
    return true;
}

/* One fault of the surroundings: said, counted, and the next one looked at. */
static void note(const struct job_ctx *ctx, const struct error *one, json_t *faults)
{
    char safe[2048];
    log_escape(safe, sizeof safe, one->message);
    if (!ctx->json)
        printf("refused: %s\n", safe);
    json_array_append_new(faults, json_string(safe));
}

static void check_files(const struct job_ctx *ctx, json_t *faults)
{
    const struct settings *s = ctx->settings;
    struct error one = {0};
    CLEANUP(file_close) int fd = -1;
    CLEANUP(seal_recipients_free) struct seal_recipients *recipients = NULL;
    unsigned char key[DIGEST_SIZE];
    if (!file_open_private_dir(s->archive.directory, &fd, &one))
        note(ctx, &one, faults);
    if (s->archive.seal_to.count > 0 &&
        !seal_recipients_load(s->archive.seal_to.items, s->archive.seal_to.count, ctx->now,
                              &recipients, &one))
        note(ctx, &one, faults);
    if (!reference_key_load(s->evidence.reference_key, key, &one))
        note(ctx, &one, faults);
    explicit_bzero(key, sizeof key);
}

static bool check_all(const struct job_ctx *ctx, json_t *result, size_t *refusals,
                      struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    json_t *policies = json_array();
    json_object_set_new(result, "policies", policies);
    if (!job_open_db(ctx, "check", 0, &db, err) || !schema_require(db, err))
        return false;
    for (size_t i = 0; i < ctx->settings->policy_count; i++)
        if (!check_policy(ctx, db, &ctx->settings->policies[i], policies, refusals, err))
            return false;
    return true;
}

bool retention_check(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                     struct error *err)
{
    static const char text[] =
        "Says what is wrong and how to mend it: archive directory, certificates,\n"
        "reference key, connection, rights, the graph of each policy, its indexes.\n"
        "Exit code 2 when something is refused; warnings do not count.";
    char **words;
    int count;
    bool help = false;
    *ret_exit = JOB_DONE;
    if (!job_parse_options(ctx->job, NULL, text, NULL, argc, argv, &words, &count, &help, err) ||
        help)
        return help;
    json_t *result = json_object();
    json_t *faults = json_array();
    json_object_set_new(result, "faults", faults);
    check_files(ctx, faults);
    size_t refusals = json_array_size(faults);
    bool done = check_all(ctx, result, &refusals, err);
    if (done && ctx->json)
        render_json(stdout, result);
    json_decref(result);
    if (done && refusals > 0)
        return error_set(err, ERR_USAGE, "%zu fault%s to mend", refusals, refusals == 1 ? "" : "s");
    return done;
}
