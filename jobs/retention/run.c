#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fault_point.h"
#include "common/file.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/metrics.h"
#include "common/options.h"
#include "common/render.h"
#include "common/run_lock.h"
#include "common/stop.h"
#include "jobs/archive/claim.h"
#include "jobs/archive/manifest.h"
#include "jobs/archive/reconcile.h"
#include "jobs/archive/reference.h"
#include "jobs/retention/again.h"
#include "jobs/retention/plan.h"
#include "jobs/retention/prepare.h"
#include "jobs/retention/retention_jobs.h"
#include "jobs/retention/run_metrics.h"
#include "jobs/retention/scan.h"
#include "jobs/retention/workers.h"
#include "jobs/schema/rights.h"
#include "jobs/schema/schema.h"
#include "sql.h"

struct run { /* what the policies of one call share */
    const struct job_ctx *ctx;
    struct db *db; /* holds the run lock */
    bool alone;    /* it does */
    int64_t deadline_ms;
    int64_t accept_volume;
    bool re_erase;
    int archive_fd, month_fd;
    char month[8];
    struct seal_recipients *recipients;
    unsigned char reference_key[DIGEST_SIZE];
    struct journal *journal;
    char head[DIGEST_HEX_SIZE]; /* of the ledger's chain, as this call knows it */
    struct night_server server;
    json_t *results;
    bool attention;
    const char *stopped; /* why the run ended early */
};

static void run_release(struct run *r)
{
    explicit_bzero(r->reference_key, sizeof r->reference_key);
    journal_close(&r->journal);
    seal_recipients_free(&r->recipients);
    free(r->server.database);
    free(r->server.system_identifier);
    free(r->server.version);
    file_close(&r->archive_fd);
    file_close(&r->month_fd);
    json_decref(r->results);
    db_close(&r->db);
}

static bool load_server(struct run *r, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *result = NULL;
    r->alone = true;
    FAULT_POINT("run.claimed");
    if (!db_query(r->db, DB_ONE_ROW, sql_archive_show_server, 0, NULL, &result, err))
        return false;
    r->server.database = memory_copy_text(db_text(result, 0, 0));
    r->server.system_identifier = memory_copy_text(db_text(result, 0, 1));
    r->server.version = memory_copy_text(db_text(result, 0, 2));
    return true;
}

static bool load_head(struct run *r, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *head = NULL;
    if (!db_query(r->db, DB_ONE_ROW, sql_archive_show_chain, 0, NULL, &head, err))
        return false;
    snprintf(r->head, sizeof r->head, "%s", db_text(head, 0, 1));
    return true;
}

/* Cheap checks first; nothing is changed before the lock is ours and the last run is mended.  The
 * claim comes before the lock: once it is ours the other program is gone, and cannot send a COMMIT
 * over a new session after the lock has shown that its old ones are. */
static bool open_run(struct run *r, struct error *err)
{
    const struct settings *s = r->ctx->settings;
    char at[21];
    clock_format_utc(r->ctx->now, at);
    snprintf(r->month, sizeof r->month, "%.7s", at);
    return (s->archive.seal_to.count == 0 ||
            seal_recipients_load(s->archive.seal_to.items, s->archive.seal_to.count, r->ctx->now,
                                 &r->recipients, err)) &&
           reference_key_load(s->evidence.reference_key, r->reference_key, err) &&
           job_open_db(r->ctx, "retention.run", s->run.lock_timeout_ms, &r->db, err) &&
           schema_require(r->db, err) && archive_claim(r->ctx, r->db, &r->archive_fd, err) &&
           run_lock_take(r->db, err) && load_server(r, err) &&
           reconcile(r->ctx, r->db, r->reference_key, r->re_erase, &r->journal, err) &&
           (r->re_erase || again_refuse_unlooked(r->db, err)) && load_head(r, err) &&
           file_make_dir(r->archive_fd, r->month, &r->month_fd, err);
}

static bool brake(const struct run *r, const struct policy *policy, const struct scan_result *scan,
                  struct error *err)
{
    const struct settings_run *s = &r->ctx->settings->run;
    FAULT_POINT("run.scanned");
    bool many = scan->due > s->max_subjects;
    bool large = (double)scan->due > s->max_share * (double)scan->subjects;
    if ((!many && !large) || scan->due <= r->accept_volume)
        return true;
    return error_set(err, ERR_USAGE,
                     "policy %s: %" PRId64 " of %" PRId64
                     " subjects are due, more than %s allows%s; "
                     "look at waarborg retention plan, then run again with --accept-volume %" PRId64
                     "; nobody was disposed of",
                     policy->name, scan->due, scan->subjects, many ? "max_subjects" : "max_share",
                     r->accept_volume > 0 ? " and --accept-volume accepts" : "", scan->due);
}

static bool start_run(const struct run *r, struct night *n, const struct scan_result *scan,
                      struct error *err)
{
    CLEANUP(db_result_free) struct db_result *result = NULL;
    char due[24], held[24], uncovered[24], subjects[24], scan_ms[24];
    snprintf(due, sizeof due, "%" PRId64, scan->due);
    snprintf(held, sizeof held, "%" PRId64, scan->held);
    snprintf(uncovered, sizeof uncovered, "%" PRId64, scan->uncovered);
    snprintf(subjects, sizeof subjects, "%" PRId64, scan->subjects);
    snprintf(scan_ms, sizeof scan_ms, "%" PRId64, scan->took_ms);
    /* Who disposes again of who was back looks at nobody else. */
    const char *looked = n->again ? NULL : uncovered;
    const char *params[] = {n->policy->name,  n->as_of, n->now_text, n->fingerprint,
                            WAARBORG_VERSION, due,      held,        looked,
                            subjects,         scan_ms};
    if (!db_query(r->db, DB_ONE_ROW, sql_retention_start_run, COUNT_OF(params), params, &result,
                  err))
        return false;
    n->run_id = db_int(result, 0, 0);
    FAULT_POINT("run.started");
    log_event(LOG_INFO, "retention.start",
              "run=%" PRId64 " policy=%s as_of=%s due=%s held=%s uncovered=%s scan_ms=%s",
              n->run_id, n->policy->name, n->as_of, due, held, uncovered, scan_ms);
    return true;
}

struct summary {
    struct night_tally tally;
    struct scan_result left;
    int64_t reviews_due;
    int64_t returned; /* disposed of once, back, and still here */
    const char *outcome;
    int64_t work_ms;
};

static bool finish_run(const struct run *r, const struct night *n, struct summary *s,
                       struct error *err)
{
    CLEANUP(db_result_free) struct db_result *worklist = NULL;
    CLEANUP(db_result_free) struct db_result *reviews = NULL;
    char run[24], at[21], disposed[24], blocked[24], rows[24], bytes[24], work_ms[24];
    const char *policy[] = {n->policy->name};
    const char *subject[] = {n->policy->subject.schema, n->policy->subject.table, n->as_of};
    if (!db_query(r->db, DB_ONE_ROW, sql_retention_count_worklist, 1, policy, &worklist, err) ||
        !db_query(r->db, DB_ONE_ROW, sql_retention_count_overdue_reviews, 3, subject, &reviews,
                  err) ||
        !again_count_left(r->db, n->policy, &s->returned, err))
        return false;
    s->left = (struct scan_result){.due = db_int(worklist, 0, 0),
                                   .held = db_int(worklist, 0, 1),
                                   .blocked = db_int(worklist, 0, 2),
                                   .uncovered = db_int(worklist, 0, 3)};
    s->reviews_due = db_int(reviews, 0, 0);
    if (strcmp(s->outcome, "done") == 0 &&
        (s->left.due > 0 || s->reviews_due > 0 || s->returned > 0))
        s->outcome = "attention";
    clock_format_utc(clock_now(), at);
    snprintf(run, sizeof run, "%" PRId64, n->run_id);
    snprintf(disposed, sizeof disposed, "%" PRIu64, s->tally.disposed);
    snprintf(blocked, sizeof blocked, "%" PRId64, s->left.blocked);
    snprintf(rows, sizeof rows, "%" PRIu64, s->tally.rows);
    snprintf(bytes, sizeof bytes, "%" PRIu64, s->tally.bytes);
    snprintf(work_ms, sizeof work_ms, "%" PRId64, s->work_ms);
    const char *params[] = {run, at, s->outcome, disposed, blocked, rows, bytes, work_ms};
    return db_exec(r->db, sql_retention_finish_run, COUNT_OF(params), params, err);
}

static json_t *summary_json(const struct night *n, const struct scan_result *scan,
                            const struct summary *s)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, "
                     "s:I, s:I, s:b, "
                     "s:I}",
                     "run", (json_int_t)n->run_id, "policy", n->policy->name, "as_of", n->as_of,
                     "outcome", s->outcome, "due", (json_int_t)scan->due, "disposed",
                     (json_int_t)s->tally.disposed, "blocked", (json_int_t)s->left.blocked, "busy",
                     (json_int_t)(s->left.due - s->left.blocked), "held", (json_int_t)s->left.held,
                     "uncovered", (json_int_t)s->left.uncovered, "rows", (json_int_t)s->tally.rows,
                     "bytes", (json_int_t)s->tally.bytes, "segments", (json_int_t)s->tally.segments,
                     "reviews_due", (json_int_t)s->reviews_due, "seconds",
                     (double)s->work_ms / 1000, "scan_ms", (json_int_t)scan->took_ms, "unlinked",
                     (json_int_t)s->tally.unlinked, "re_erase", (int)n->again, "returned",
                     (json_int_t)s->returned);
}

static void print_words(const struct night *n, const struct scan_result *scan,
                        const struct summary *s, const char *reason)
{
    char disposed[32], rows[32], bytes[32];
    printf("policy %s, as of %s: ", n->policy->name, n->as_of);
    if (scan->due == 0)
        printf("nobody %s.\n", n->again ? "came back" : "is due");
    else
        printf("%s of %" PRId64 " %s disposed of%s; %s rows in %" PRIu64
               " segment%s (%s), %.1f s.\n",
               render_count(disposed, sizeof disposed, (long long)s->tally.disposed), scan->due,
               n->again ? "subjects who came back" : "due subjects", n->again ? " again" : "",
               render_count(rows, sizeof rows, (long long)s->tally.rows), s->tally.segments,
               s->tally.segments == 1 ? "" : "s", render_bytes(bytes, sizeof bytes, s->tally.bytes),
               (double)s->work_ms / 1000);
    if (s->tally.unlinked > 0)
        printf("%" PRIu64 " rows that stay no longer refer to them.\n", s->tally.unlinked);
    printf("Left: %" PRId64 " blocked, %" PRId64 " still due, %" PRId64 " held", s->left.blocked,
           s->left.due - s->left.blocked, s->left.held);
    if (n->again) /* only who came back was looked at */
        printf(".\n");
    else
        printf(", %" PRId64 " uncovered.\n", s->left.uncovered);
    if (s->reviews_due > 0)
        printf("%" PRId64 " hold%s to be reviewed: waarborg hold list.\n", s->reviews_due,
               s->reviews_due == 1 ? " is" : "s are");
    if (s->returned > 0)
        printf("%" PRId64 " who were disposed of before the database was restored are back and "
               "could not go; waarborg retention run --re-erase tries again.\n",
               s->returned);
    if (s->left.blocked > 0)
        printf("Why subjects are blocked: waarborg retention status.\n");
    if (reason != NULL)
        printf("Stopped early: %s; the next run goes on.\n", reason);
}

/* With the end of the audit log: whoever rewrites that log would have to rewrite the journal, too.
 */
static bool write_run_line(const struct run *r, const struct night *n, const struct summary *s,
                           struct error *err)
{
    CLEANUP(db_result_free) struct db_result *audit = NULL;
    if (!db_query(r->db, DB_ONE_ROW, sql_archive_show_audit_head, 0, NULL, &audit, err))
        return false;
    json_t *fields = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "run",
        (json_int_t)n->run_id, "policy", n->policy->name, "as_of", n->as_of, "fingerprint",
        n->fingerprint, "outcome", s->outcome, "subjects", (json_int_t)s->tally.disposed, "rows",
        (json_int_t)s->tally.rows, "segments", (json_int_t)s->tally.segments, "blocked",
        (json_int_t)s->left.blocked, "held", (json_int_t)s->left.held, "audit_seq",
        (json_int_t)db_int(audit, 0, 0), "audit_sha256", db_text(audit, 0, 1));
    FAULT_POINT("run.finished");
    bool done = journal_append(r->journal, r->ctx->now, "run", fields, err);
    json_decref(fields);
    return done;
}

static void report(struct run *r, const struct night *n, const struct scan_result *scan,
                   const struct summary *s, const char *reason)
{
    log_event(LOG_NOTICE, "retention.done",
              "run=%" PRId64 " policy=%s outcome=%s due=%" PRId64 " disposed=%" PRIu64
              " blocked=%" PRId64 " busy=%" PRId64 " held=%" PRId64 " rows=%" PRIu64
              " bytes=%" PRIu64 " segments=%" PRIu64 " seconds=%.1f",
              n->run_id, n->policy->name, s->outcome, scan->due, s->tally.disposed, s->left.blocked,
              s->left.due - s->left.blocked, s->left.held, s->tally.rows, s->tally.bytes,
              s->tally.segments, (double)s->work_ms / 1000);
    json_array_append_new(r->results, summary_json(n, scan, s));
    bool fine = strcmp(s->outcome, "done") == 0;
    if (!r->ctx->json && !(r->ctx->quiet && fine)) /* cron mails what is printed */
        print_words(n, scan, s, reason);
    r->attention |= strcmp(s->outcome, "attention") == 0;
    if (reason != NULL)
        r->stopped = reason;
}

static void night_init(struct night *n, const struct run *r)
{
    n->ctx = r->ctx;
    n->settings = r->ctx->settings;
    n->month_fd = r->month_fd;
    n->recipients = r->recipients;
    n->journal = r->journal;
    memcpy(n->head, r->head, sizeof n->head);
    n->again = r->re_erase;
    n->server = r->server;
    memcpy(n->month, r->month, sizeof n->month);
    memcpy(n->reference_key, r->reference_key, sizeof n->reference_key);
    local_date_format(r->ctx->as_of, n->as_of);
    clock_format_utc(r->ctx->now, n->now_text);
    pthread_mutex_init(&n->chain, NULL);
    pthread_mutex_init(&n->tally_lock, NULL);
}

static void night_free(struct night *n)
{
    explicit_bzero(n->reference_key, sizeof n->reference_key);
    pthread_mutex_destroy(&n->chain);
    pthread_mutex_destroy(&n->tally_lock);
}

static bool dispose_of_due(struct run *r, struct night *n, const struct scan_result *scan,
                           struct error *err)
{
    const char *reason = NULL;
    int64_t started_ms = clock_monotonic_ms();
    struct error failure = {0};
    if (!start_run(r, n, scan, err))
        return false;
    bool worked =
        scan->due == 0 || workers_run(n, r->deadline_ms, (uint64_t)scan->due, &reason, &failure);
    memcpy(r->head, n->head, sizeof r->head);
    struct summary s = {.tally = night_tally(n),
                        .outcome = !worked          ? "failed"
                                   : reason != NULL ? "stopped"
                                                    : "done"};
    s.work_ms = clock_monotonic_ms() - started_ms;
    FAULT_POINT("run.worked");
    /* After a failure the ledger is still written where that is possible; the failure is what
     * counts. */
    bool recorded = finish_run(r, n, &s, err) && write_run_line(r, n, &s, err);
    if (!worked) {
        *err = failure;
        return error_context(err, "run %" PRId64 " of policy %s, after %" PRIu64 " subjects",
                             n->run_id, n->policy->name, s.tally.disposed);
    }
    if (recorded)
        report(r, n, scan, &s, reason);
    FAULT_POINT("run.reported");
    return recorded;
}

/* The brakes guard against a mistake in the rules; who comes back was decided about before. */
static bool fill_worklist(const struct run *r, const struct policy *policy,
                          const struct prepared *p, struct scan_result *scan, struct error *err)
{
    if (r->re_erase)
        return again_fill_worklist(r->ctx, r->db, &p->graph, r->reference_key, scan, err);
    return scan_fill_worklist(r->ctx, r->db, &p->graph, scan, err) && brake(r, policy, scan, err);
}

/* Everything up to the first batch; a signal cancels it on the server, too. */
static bool scan_policy(struct run *r, const struct policy *policy, struct prepared *p,
                        struct night *n, struct scan_result *scan, struct error *err)
{
    stop_cancels(r->db);
    bool done =
        prepare_policy(r->ctx, r->db, policy, p, err) && prepare_refuse(p, policy, true, err) &&
        prepare_require_approval(r->db, p, policy, err) &&
        schema_watch_digest(r->db, &p->graph, n->schema_digest, err) &&
        scan_register_policy(r->db, &p->graph, err) && fill_worklist(r, policy, p, scan, err);
    stop_cancels(NULL);
    if (stop_count() == 0 || (!done && strcmp(err->sqlstate, "57014") != 0))
        return done;
    return error_set(err, ERR_STOPPED, "policy %s: a signal asked to stop; nobody was disposed of",
                     policy->name);
}

static bool run_policy(struct run *r, const struct policy *policy, struct error *err)
{
    CLEANUP(prepared_free) struct prepared p = {0};
    CLEANUP(night_free) struct night n = {0};
    struct scan_result scan = {0};
    night_init(&n, r);
    FAULT_POINT("run.reconciled");
    if (!scan_policy(r, policy, &p, &n, &scan, err))
        return false;
    n.policy = policy;
    n.graph = &p.graph;
    n.fingerprint = p.fingerprint;
    return dispose_of_due(r, &n, &scan, err);
}

/* A policy that is refused does not keep the others from running; anything else ends the night. */
static bool run_policies(struct run *r, const struct policy *only, struct error *err)
{
    struct error first = {0};
    for (size_t i = 0; i < r->ctx->settings->policy_count && r->stopped == NULL; i++) {
        struct error one = {0};
        const struct policy *policy = &r->ctx->settings->policies[i];
        if ((only != NULL && only != policy) || run_policy(r, policy, &one))
            continue;
        if (one.kind != ERR_USAGE || r->ctx->settings->policy_count == 1) {
            *err = one;
            return false;
        }
        log_failure("retention.refused", "", &one);
        if (first.kind == ERR_NONE)
            first = one;
    }
    if (first.kind == ERR_NONE)
        return true;
    *err = first;
    return false;
}

static const char help_text[] =
    "The nightly job: finds whose retention window has passed, archives everything the\n"
    "database holds about them, deletes it, and keeps the evidence.  Refuses without an\n"
    "approval that fits, and when more subjects are due than max_subjects or max_share\n"
    "allow.  A subject that cannot go is set aside with a reason (exit code 1).\n\n"
    "After the database was restored to an earlier point, people who were disposed of may\n"
    "be back; the journal tells, and a run stops (exit code 4).  --re-erase writes into the\n"
    "ledger what it forgot, finds them by their references, and disposes of them again: by\n"
    "the rule and day of the first time, as long as no clock has moved since.  Holds that\n"
    "are younger than the backup are lost with it: place them again first.\n\n"
    "--metrics replaces a file of Prometheus when it is over, also when it failed or was\n"
    "refused: how each policy stands, its last run, and when one last came to its end.  The\n"
    "file stays as it was when another run is at work or the database is away.  One that\n"
    "cannot be written is found before anybody is disposed of (exit code 2), or said at the\n"
    "end (at least 1).";

/* All of it, once the command line is understood. */
static bool work(struct run *r, const struct policy *only, const char *metrics, int *ret_exit,
                 struct error *err)
{
    bool done = open_run(r, err) && run_policies(r, only, err) &&
                (!r->re_erase || only != NULL || again_refuse_unlooked(r->db, err));
    if (r->ctx->json && json_array_size(r->results) > 0)
        render_json(stdout, r->results);
    *ret_exit = r->stopped != NULL ? JOB_AGAIN_LATER : r->attention ? JOB_ATTENTION : JOB_DONE;
    if (metrics == NULL || !r->alone)
        return done;
    int exit_code = rights_exit_code(r->ctx->job->words, done, *ret_exit, err);
    if (!run_metrics_write(r->ctx, r->db, metrics, exit_code) && *ret_exit == JOB_DONE)
        *ret_exit = JOB_ATTENTION;
    return done;
}

bool retention_run(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                   struct error *err)
{
    const char *name = NULL;
    const char *metrics = NULL;
    bool dry_run = false;
    bool rehearsal = false;
    bool re_erase = false;
    int64_t accept_volume = 0;
    const struct policy *only = NULL;
    const struct option_spec specs[] = {
        {"policy", 'p', OPTION_TEXT, "NAME", "this policy only", &name, 0, 0},
        {"accept-volume", 0, OPTION_INTEGER, "N",
         "up to N due subjects are meant, whatever the brakes say", &accept_volume, 1, INT64_MAX},
        {"rehearsal", 0, OPTION_FLAG, NULL, "allow --as-of after today: on a copy of the database",
         &rehearsal, 0, 0},
        {"re-erase", 0, OPTION_FLAG, NULL,
         "after the database was restored: dispose again of who is back", &re_erase, 0, 0},
        {"dry-run", 'n', OPTION_FLAG, NULL, "the same as retention plan", &dry_run, 0, 0},
        {"metrics", 0, OPTION_TEXT, "FILE", METRICS_OPTION, &metrics, 0, 0},
        {0}};
    char **words;
    int count;
    bool help = false;
    *ret_exit = JOB_DONE;
    if (!job_parse_options(ctx->job, NULL, help_text, specs, argc, argv, &words, &count, &help,
                           err) ||
        help)
        return help;
    if (name != NULL && !settings_policy(ctx->settings, name, &only, err))
        return false;
    if (accept_volume > 0 && only == NULL && ctx->settings->policy_count > 1)
        return error_set(err, ERR_USAGE,
                         "--accept-volume is meant for one policy: add --policy NAME");
    if (dry_run && re_erase)
        return error_set(err, ERR_USAGE,
                         "--re-erase has no --dry-run: archive verify names the "
                         "segments that the ledger forgot");
    if (dry_run) /* the only test of it: a plan has no way to a writing transaction */
        return metrics_refuse_dry_run(metrics, err) && plan_show(ctx, only, false, ret_exit, err);
    if (!job_refuse_future(ctx, rehearsal, err) || !metrics_check_path(metrics, err))
        return false;
    stop_install();
    CLEANUP(run_release) struct run r = {.ctx = ctx, .archive_fd = -1, .month_fd = -1};
    r.results = json_array();
    r.accept_volume = accept_volume;
    r.re_erase = re_erase;
    r.deadline_ms = clock_monotonic_ms() + (int64_t)ctx->settings->run.max_minutes * 60000;
    return work(&r, only, metrics, ret_exit, err);
}
