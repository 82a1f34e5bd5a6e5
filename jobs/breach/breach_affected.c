#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/local_time.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/breach/affected_change.h"
#include "jobs/breach/affected_show.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/faults.h"
#include "jobs/retention/graph.h"
#include "jobs/retention/subjects_of_rows.h"
#include "sql.h"

static const char help_text[] =
    "Which customers a breach affects, and which of them have been told.  Without options it "
    "shows how many, and who was disposed of since the breach began.\n\n"
    "  waarborg breach affected DL-2026-0007 --keys list.csv\n"
    "  waarborg breach affected DL-2026-0007 --table klant.web_visit \\\n"
    "      --where \"visited_at >= "
    "'2026-10-01'\"\n"
    "  waarborg breach affected DL-2026-0007 --told --keys called.csv --channel phone\n"
    "  waarborg breach affected DL-2026-0007 --exempt --keys dead.csv \\\n"
    "      --because \"deceased\"\n"
    "  waarborg breach affected DL-2026-0007 --list\n\n"
    "FILE holds one customer a line, CSV (RFC 4180) in UTF-8: the columns of the subject key in "
    "the order of the policy, with commas between them.  With --header the first line names the "
    "columns; others may stand beside those of the key, and the separator may be a semicolon or a "
    "tab.  - is standard input.  --table and --where find rows of any table of the policy's graph "
    "and follow its keys to the customers; the condition is SQL over the columns of that table.\n\n"
    "A customer who was disposed of is registered by the reference that stands for it in the "
    "evidence, and counted; also one that archive restore puts back stays so.  A key that is known "
    "nowhere is an error: all of them are listed, and nothing is registered.  The numbers of "
    "persons in the register are raised to what is known.\n\n"
    "Retention disposes of nobody who still has to be told, as long as the breach is open and it "
    "is not decided that customers are not told.";

struct request {
    char reference[REGISTER_REFERENCE_SIZE];
    const char *keys, *table, *where, *policy, *channel, *at, *because;
    bool header, told, exempt, all, list, dry_run;
    char at_utc[21]; /* "" = now */
};

/* ---- What goes together ------------------------------------------------------------------- */

struct rule {
    bool broken;
    const char *sentence;
};

static bool first_broken(const struct rule *rules, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (rules[i].broken)
            return error_set(err, ERR_USAGE, "%s", rules[i].sentence);
    return true;
}

static bool check_request(struct request *q, struct error *err)
{
    bool settles = q->told || q->exempt;
    bool changes = settles || q->keys != NULL || q->table != NULL;
    const struct rule rules[] = {
        {q->told && q->exempt, "--told and --exempt exclude one another"},
        {(q->table == NULL) != (q->where == NULL),
         "--table and --where go together: rows of that table, to whom they belong"},
        {q->keys != NULL && q->table != NULL, "--keys and --table exclude one another"},
        {settles && q->table != NULL, "--table adds customers; --told and --exempt take --keys"},
        {settles && (q->keys != NULL) == q->all,
         "--told and --exempt need --keys FILE, or --all for everybody who still has to be told"},
        {!settles && q->all, "--all goes with --told or --exempt"},
        {q->told && fault_blank(q->channel),
         "--told needs --channel: how they were told, \"phone\""},
        {!q->told && (q->channel != NULL || q->at != NULL), "--channel and --at go with --told"},
        {q->exempt && fault_blank(q->because),
         "--exempt needs --because: why they need not be told"},
        {!q->exempt && q->because != NULL, "--because goes with --exempt"},
        {q->header && q->keys == NULL, "--header goes with --keys"},
        {q->list && changes, "--list shows who is there; leave it out when something changes"},
        {q->dry_run && !changes, "--dry-run goes with --keys, --table, --told or --exempt"},
    };
    int64_t at;
    if (!first_broken(rules, COUNT_OF(rules), err))
        return false;
    if (q->at == NULL)
        return true;
    if (!local_time_parse(q->at, &at, err))
        return error_context(err, "--at");
    clock_format_utc(at, q->at_utc);
    return true;
}

/* ---- Changing ----------------------------------------------------------------------------- */

/* What rows led to; beside the change. */
struct rows {
    struct subjects_of_rows found;
    const char *table; /* NULL: no rows were asked for */
};

static bool find_rows(struct db *db, const struct request *q, const struct policy *policy,
                      struct rows *rows, struct error *err)
{
    CLEANUP(graph_free) struct graph g = {0};
    CLEANUP(problem_list_free) struct problem_list problems = {0};
    size_t table;
    if (!graph_build(db, policy, &g, &problems, err))
        return false;
    if (problems.refusals > 0)
        return error_set(err, ERR_USAGE,
                         "policy %s and the database do not fit together, so nobody can say to "
                         "whom rows belong; waarborg check tells what is wrong",
                         policy->name);
    rows->table = q->table;
    if (!subjects_of_rows_table(&g, q->table, &table, err))
        return error_context(err, "--table");
    return subjects_of_rows_find(db, &g, table, q->where, &rows->found, err);
}

static void print_figures(const struct affected_change *c, const struct rows *rows)
{
    static const char *const done[] = {[AFFECTED_ADD] = "added to those whom %s affects",
                                       [AFFECTED_TOLD] = "registered as told of %s",
                                       [AFFECTED_EXEMPT] = "exempt from being told of %s"};
    char count[32];
    CLEANUP(text_free) struct text sentence = {0};
    if (c->dry_run)
        printf("Dry run: nothing was registered.  It would be so:\n");
    if (rows->table != NULL) {
        char matched[32], astray[32];
        printf("%s rows of %s satisfy the condition; %s belong to nobody who is in the "
               "database.\n",
               render_count(matched, sizeof matched, rows->found.rows), rows->table,
               render_count(astray, sizeof astray, rows->found.astray));
    }
    for (const char *p = done[c->kind]; *p != '\0'; p++)
        if (strncmp(p, "%s", 2) == 0)
            text_add(&sentence, c->reference), p++;
        else
            text_add_bytes(&sentence, p, 1);
    printf("%s %s %s.\n", render_count(count, sizeof count, c->changed),
           c->changed == 1 ? "customer is" : "customers are", text_get(&sentence));
    if (c->disposed > 0)
        printf("%s more %s been disposed of: added by reference, and counted.\n",
               render_count(count, sizeof count, c->disposed), c->disposed == 1 ? "has" : "have");
    if (c->already > 0)
        printf("%s %s changed nothing: it was so before, or the customer stands there twice.\n",
               render_count(count, sizeof count, c->already), c->already == 1 ? "line" : "lines");
    if (c->gone_already > 0)
        printf("%s %s of customers who had been disposed of changed nothing.\n",
               render_count(count, sizeof count, c->gone_already),
               c->gone_already == 1 ? "line" : "lines");
    printf("\n");
}

static void print_change(const struct affected_change *c, const struct rows *rows)
{
    if (!c->ctx->json) {
        print_figures(c, rows);
        affected_show_print(c->ctx, c->state);
        return;
    }
    json_t *found =
        rows->table == NULL
            ? json_null()
            : json_pack("{s:s,s:I,s:I,s:I}", "table", rows->table, "matched",
                        (json_int_t)rows->found.rows, "astray", (json_int_t)rows->found.astray,
                        "customers", (json_int_t)rows->found.keys.count);
    json_t *result =
        json_pack("{s:b,s:I,s:I,s:I,s:I,s:o,s:o}", "dry_run", (int)c->dry_run, "changed",
                  (json_int_t)c->changed, "already", (json_int_t)c->already, "disposed",
                  (json_int_t)c->disposed, "disposed_already", (json_int_t)c->gone_already, "rows",
                  found, "affected", affected_show_json(c->state));
    render_json(stdout, result);
    json_decref(result);
}

static void log_change(const struct affected_change *c)
{
    static const char *const events[] = {[AFFECTED_ADD] = "breach.affected.added",
                                         [AFFECTED_TOLD] = "breach.affected.told",
                                         [AFFECTED_EXEMPT] = "breach.affected.exempt"};
    if (!c->dry_run)
        log_event(LOG_NOTICE, events[c->kind],
                  "breach=%s customers=%" PRId64 " disposed=%" PRId64 " already=%" PRId64,
                  c->reference, c->changed, c->disposed, c->already + c->gone_already);
}

static bool change(const struct job_ctx *ctx, struct db *db, const struct request *q,
                   struct rows *rows, struct error *err)
{
    CLEANUP(affected_change_free)
    struct affected_change c = {.ctx = ctx,
                                .db = db,
                                .reference = q->reference,
                                .kind = q->told     ? AFFECTED_TOLD
                                        : q->exempt ? AFFECTED_EXEMPT
                                                    : AFFECTED_ADD,
                                .everybody = q->all,
                                .dry_run = q->dry_run};
    c.words[0] = q->exempt ? q->because : q->at_utc[0] == '\0' ? NULL : q->at_utc;
    c.words[1] = q->channel;
    if (!settings_policy(ctx->settings, q->policy, &c.policy, err))
        return false;
    if (q->table != NULL && !find_rows(db, q, c.policy, rows, err))
        return false;
    if (q->keys != NULL && !affected_keys_open(q->keys, q->header, c.policy, &c.keys, err))
        return error_context(err, "--keys");
    if (q->table != NULL)
        c.keys = affected_keys_of(&rows->found.keys, c.policy);
    if (!affected_change_run(&c, err))
        return false;
    log_change(&c);
    print_change(&c, rows);
    return true;
}

static void release_rows(struct rows *rows)
{
    subjects_of_rows_free(&rows->found);
}

/* ---- Showing ------------------------------------------------------------------------------ */

static bool show(const struct job_ctx *ctx, struct db *db, const struct request *q,
                 struct error *err)
{
    const char *params[] = {q->reference};
    json_t *state = NULL;
    bool done = true;
    if (!register_query_json(db, sql_breach_affected_show, COUNT_OF(params), params, &state, err))
        return false;
    if (json_is_null(state))
        done = error_set(err, ERR_USAGE, "there is no breach %s: waarborg breach list shows them",
                         q->reference);
    else if (q->list)
        done = affected_show_list(ctx, db, q->reference, state, err);
    else if (!ctx->json)
        affected_show_print(ctx, state);
    else {
        json_t *result = affected_show_json(state);
        render_json(stdout, result);
        json_decref(result);
    }
    json_decref(state);
    return done;
}

static bool run(const struct job_ctx *ctx, struct request *q, struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(release_rows) struct rows rows = {0};
    bool changes = q->told || q->exempt || q->keys != NULL || q->table != NULL;
    return check_request(q, err) && register_open_db(ctx, "breach", &db, err) &&
           (changes ? change(ctx, db, q, &rows, err) : show(ctx, db, q, err));
}

bool breach_affected(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                     struct error *err)
{
    struct request q = {0};
    const struct option_spec specs[] = {
        {"keys", 'k', OPTION_TEXT, "FILE", "customers, one a line; - is standard input", &q.keys, 0,
         0},
        {"header", 0, OPTION_FLAG, NULL, "the first line of FILE names its columns", &q.header, 0,
         0},
        {"table", 't', OPTION_TEXT, "TABLE", "customers to whom rows of this table belong",
         &q.table, 0, 0},
        {"where", 'w', OPTION_TEXT, "CONDITION", "which rows of it; SQL", &q.where, 0, 0},
        {"policy", 'p', OPTION_TEXT, "NAME", "whose subjects; needed when there are several",
         &q.policy, 0, 0},
        {"told", 0, OPTION_FLAG, NULL, "they were told in another way than by our letters", &q.told,
         0, 0},
        {"channel", 0, OPTION_TEXT, "TEXT", "with --told: how", &q.channel, 0, 0},
        {"at", 0, OPTION_TEXT, "INSTANT", "with --told: when; now, if left out", &q.at, 0, 0},
        {"exempt", 0, OPTION_FLAG, NULL, "they need not be told", &q.exempt, 0, 0},
        {"because", 0, OPTION_TEXT, "TEXT", "with --exempt: why", &q.because, 0, 0},
        {"all", 0, OPTION_FLAG, NULL, "with --told, --exempt: all who still have to be told",
         &q.all, 0, 0},
        {"list", 'l', OPTION_FLAG, NULL, "show everybody, by key or reference", &q.list, 0, 0},
        {"dry-run", 'n', OPTION_FLAG, NULL, "say what would be, change nothing", &q.dry_run, 0, 0},
        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "REF", help_text, specs, argc, argv, &words, &count, &help,
                           err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (count != 1)
        return error_set(err, ERR_USAGE,
                         "'breach affected' takes one reference: waarborg breach affected "
                         "DL-2026-0007 --keys FILE");
    return register_parse_reference(words[0], q.reference, err) && run(ctx, &q, err);
}
