/* Each (breach, clock, limit, step) goes out once: claimed in a transaction of its own, mailed
 * while its row is locked, marked, committed.  A crash leaves a claim without a mark; the next run
 * sends it with the same Message-ID.  Only a mail that was handed over just before the crash is
 * there twice, as the same mail. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fault_point.h"
#include "common/local_time.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/options.h"
#include "common/render.h"
#include "common/stop.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/clock_state.h"
#include "jobs/breach/clock_view.h"
#include "jobs/breach/register.h"
#include "jobs/breach/remind_mail.h"
#include "jobs/breach/remind_metrics.h"
#include "jobs/schema/rights.h"
#include "sql.h"

/* So many mails in a row that the mail system did not take: it is at fault, and waiting for it once
 * a mail would take longer than the quarter of an hour until the next run. */
#define FAILURES_IN_A_ROW 5

enum outcome { OUTCOME_WOULD_SEND, OUTCOME_SENT, OUTCOME_FAILED, OUTCOME_DROPPED, OUTCOMES };
static const char *const outcome_words[] = {"would_send", "sent", "failed", "dropped"};

struct remind_run {
    const struct job_ctx *ctx;
    struct db *db;
    struct remind_mailer mailer;
    bool dry_run;
    size_t count[OUTCOMES];
    size_t put_off; /* not tried: the mail system is away, or we were asked to stop */
    int failures_in_a_row;
    json_t *rows;
};

static void release_run(struct remind_run *run)
{
    json_decref(run->rows);
    remind_mailer_close(&run->mailer);
    db_close(&run->db);
}

static const struct render_column columns[] = {
    {"breach", "breach", RENDER_LEFT},   {"clock", "name", RENDER_LEFT},
    {"step", "step", RENDER_LEFT},       {"due", "due", RENDER_LEFT},
    {"", "left", RENDER_LEFT},           {"to", "to", RENDER_LEFT},
    {"outcome", "outcome", RENDER_LEFT}, {NULL, NULL, RENDER_LEFT}};

static void note(struct remind_run *run, const struct reminder *r, enum outcome outcome,
                 const char *because)
{
    char id[REMIND_MESSAGE_ID_SIZE], due[LOCAL_TIME_SIZE];
    int64_t now = run->ctx->now;
    run->count[outcome]++;
    json_t *row =
        json_pack("{s:s,s:s,s:s,s:s,s:I,s:b,s:s,s:s?}", "breach", r->reference, "clock", r->clock,
                  "step", r->step, "due_at", local_time_format_iso(r->due_at, due), "seconds_left",
                  (json_int_t)(r->due_at - now), "escalated", remind_escalates(r, now), "outcome",
                  outcome_words[outcome], "because", because);
    if (r->id != NULL)
        json_object_set_new(row, "message_id", json_string(remind_message_id(&run->mailer, r, id)));
    json_array_append_new(run->rows, row);
}

/* ---- Claiming ---- */

/* The step of this row of list_remindable.sql that has come and was not claimed; *ret_covered: the
 * ones before it. */
static bool step_to_claim(const struct remind_run *run, const struct db_result *r, size_t row,
                          struct reminder_step *ret, struct text *ret_covered)
{
    int64_t due_at = db_int(r, row, 4);
    int64_t claimed = -1;
    if (!reminder_step_at(due_at, run->ctx->now, ret) ||
        (db_text(r, row, 5) != NULL && reminder_step_number(db_text(r, row, 5), &claimed) &&
         claimed >= ret->number))
        return false;
    text_clear(ret_covered);
    for (int64_t i = claimed + 1; i < ret->number; i++)
        if (i <= REMINDER_AT_LIMIT || i >= ret->number - REMINDER_DAYS_COVERED)
            db_array_add(ret_covered, reminder_step(i, due_at).name);
    return true;
}

static bool claim_one(struct remind_run *run, const struct db_result *r, size_t row,
                      const char *step, const char *covered, struct error *err)
{
    const char *params[] = {db_text(r, row, 0), db_text(r, row, 2), db_text(r, row, 3), step,
                            covered};
    /* In a transaction of its own: with several in one, two runs could wait for one another. */
    if (!db_exec(run->db, sql_breach_claim_reminder, COUNT_OF(params), params, err))
        return error_context(err, "claim a reminder of %s", db_text(r, row, 1));
    FAULT_POINT("remind.claimed");
    return true;
}

static bool claim_all(struct remind_run *run, const struct db_result *r, struct error *err)
{
    CLEANUP(text_free) struct text covered = {0};
    struct reminder_step step;
    for (size_t row = 0; row < db_rows(r) && stop_count() == 0; row++)
        if (step_to_claim(run, r, row, &step, &covered) &&
            !claim_one(run, r, row, step.name, db_array_close(&covered), err))
            return false;
    return true;
}

/* ---- Sending ---- */

static struct reminder read_reminder(const char *id, const struct db_result *r)
{
    return (struct reminder){.id = id,
                             .reference = db_text(r, 0, 0),
                             .title = db_text(r, 0, 1),
                             .clock = db_text(r, 0, 2),
                             .source = db_text(r, 0, 3),
                             .step = db_text(r, 0, 4),
                             .due_at = db_int(r, 0, 5),
                             .decided = db_bool(r, 0, 6),
                             .fingerprint = db_text(r, 0, 7),
                             .thread = db_text(r, 0, 8)};
}

/* False only when no other mail can go either. */
static bool mail_failed(struct remind_run *run, const struct reminder *r, struct error *err)
{
    char fields[128];
    if (err->kind == ERR_USAGE)
        return false;
    snprintf(fields, sizeof fields, "breach=%s clock=%s step=%s", r->reference, r->clock, r->step);
    log_failure("breach.remind.mail_failed", fields, err);
    note(run, r, OUTCOME_FAILED, err->reason);
    run->failures_in_a_row++;
    return true;
}

static bool send_or_drop(struct remind_run *run, const struct reminder *r, const char *drop_because,
                         struct db_tx **tx, struct error *err)
{
    const char *params[] = {r->id, drop_because};
    char id[REMIND_MESSAGE_ID_SIZE];
    if (drop_because != NULL) {
        if (!db_exec(run->db, sql_breach_drop_reminder, 2, params, err) || !db_tx_commit(tx, err))
            return false;
        note(run, r, OUTCOME_DROPPED, drop_because);
        return true;
    }
    if (!remind_mailer_send(&run->mailer, r, run->ctx->now, err))
        return mail_failed(run, r, err);
    FAULT_POINT("remind.mailed");
    run->failures_in_a_row = 0;
    if (!db_exec(run->db, sql_breach_mark_reminder_sent, 1, params, err))
        return false;
    FAULT_POINT("remind.marked");
    if (!db_tx_commit(tx, err))
        return false;
    FAULT_POINT("remind.committed");
    log_event(LOG_NOTICE, "breach.reminded", "breach=%s clock=%s step=%s message_id=%s",
              r->reference, r->clock, r->step, remind_message_id(&run->mailer, r, id));
    note(run, r, OUTCOME_SENT, NULL);
    return true;
}

static bool settle_one(struct remind_run *run, const char *id, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(db_result_free) struct db_result *taken = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {id};
    if (!db_tx_begin(run->db, DB_READ_COMMITTED, &tx, err) ||
        !db_query(run->db, DB_ONE_ROW, sql_breach_take_reminder, 1, params, &taken, err))
        return false;
    if (!db_bool(taken, 0, 0))
        return true;
    FAULT_POINT("remind.taken");
    if (!db_query(run->db, DB_ONE_ROW, sql_breach_show_reminder, 1, params, &r, err))
        return false;
    const struct reminder reminder = read_reminder(id, r);
    return send_or_drop(run, &reminder, db_text(r, 0, 9), &tx, err);
}

static bool list_unsent(const struct remind_run *run, struct db_result **ret, struct error *err)
{
    char now[21];
    const char *params[] = {now};
    clock_format_utc(run->ctx->now, now);
    return db_query(run->db, DB_ROWS, sql_breach_list_unsent_reminders, 1, params, ret, err);
}

static bool settle_all(struct remind_run *run, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!list_unsent(run, &r, err))
        return false;
    for (size_t row = 0; row < db_rows(r); row++) {
        if (stop_count() > 0 || run->failures_in_a_row == FAILURES_IN_A_ROW) {
            run->put_off = db_rows(r) - row;
            log_event(LOG_WARNING, "breach.remind.put_off", "reminders=%zu reason=\"%s\"",
                      run->put_off,
                      stop_count() > 0 ? "asked to stop" : "the mail system takes no mail");
            return true;
        }
        if (!settle_one(run, db_text(r, row, 0), err))
            return false;
    }
    return true;
}

/* ---- Dry run: reads only ---- */

/* A claimed one; true when a step that would be claimed says it, too. */
static bool is_overtaken(const struct remind_run *run, const struct reminder *r)
{
    size_t i;
    json_t *row;
    json_array_foreach(run->rows, i, row)
    {
        if (json_object_get(row, "message_id") == NULL &&
            strcmp(json_string_value(json_object_get(row, "breach")), r->reference) == 0 &&
            strcmp(json_string_value(json_object_get(row, "clock")), r->clock) == 0)
            return true;
    }
    return false;
}

static bool plan_claimed(struct remind_run *run, const char *id, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {id};
    if (!db_query(run->db, DB_ONE_ROW, sql_breach_show_reminder, 1, params, &r, err))
        return false;
    const struct reminder reminder = read_reminder(id, r);
    const char *because = db_text(r, 0, 9);
    if (because == NULL && is_overtaken(run, &reminder))
        because = "overtaken";
    note(run, &reminder, because == NULL ? OUTCOME_WOULD_SEND : OUTCOME_DROPPED, because);
    return true;
}

static bool plan_all(struct remind_run *run, const struct db_result *r, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *unsent = NULL;
    CLEANUP(text_free) struct text covered = {0};
    struct reminder_step step;
    for (size_t row = 0; row < db_rows(r); row++) {
        if (!step_to_claim(run, r, row, &step, &covered))
            continue;
        const struct reminder would = {.reference = db_text(r, row, 1),
                                       .clock = db_text(r, row, 2),
                                       .step = step.name,
                                       .due_at = db_int(r, row, 4)};
        note(run, &would, OUTCOME_WOULD_SEND, NULL);
    }
    if (!list_unsent(run, &unsent, err))
        return false;
    for (size_t row = 0; row < db_rows(unsent); row++)
        if (!plan_claimed(run, db_text(unsent, row, 0), err))
            return false;
    return true;
}

/* ---- The whole of it ---- */

static void print_json(const struct remind_run *run)
{
    char now[LOCAL_TIME_SIZE];
    json_t *result = json_pack(
        "{s:s,s:b,s:I,s:I,s:I,s:I,s:O}", "now", local_time_format_iso(run->ctx->now, now),
        "dry_run", run->dry_run, "sent", (json_int_t)run->count[OUTCOME_SENT], "failed",
        (json_int_t)run->count[OUTCOME_FAILED], "dropped", (json_int_t)run->count[OUTCOME_DROPPED],
        "put_off", (json_int_t)run->put_off, "reminders", run->rows);
    render_json(stdout, result);
    json_decref(result);
}

static void print_plan(const struct remind_run *run)
{
    size_t i;
    json_t *row;
    json_array_foreach(run->rows, i, row)
    {
        char due[LOCAL_TIME_SIZE], left[40];
        int64_t seconds = json_integer_value(json_object_get(row, "seconds_left"));
        int64_t due_at = run->ctx->now + seconds;
        json_object_set_new(row, "due", json_string(local_time_format(due_at, due)));
        json_object_set_new(
            row, "left", json_string(clock_left(left, sizeof left, due_at, run->ctx->now, "en")));
        json_object_set_new(
            row, "name",
            json_string(clock_view_name(json_string_value(json_object_get(row, "clock")))));
        json_object_set_new(row, "to",
                            json_string(json_is_true(json_object_get(row, "escalated"))
                                            ? "security, escalation"
                                            : "security"));
        json_object_set_new(row, "outcome",
                            json_is_null(json_object_get(row, "because"))
                                ? json_string("would be sent")
                                : json_sprintf("not needed any more: %s",
                                               json_string_value(json_object_get(row, "because"))));
    }
    render_table(stdout, columns, run->rows);
    if (json_array_size(run->rows) == 0)
        printf("No reminder is due.\n");
}

static void print_summary(const struct remind_run *run)
{
    size_t unsent = run->count[OUTCOME_FAILED] + run->put_off;
    size_t sent = run->count[OUTCOME_SENT];
    if (sent + unsent == 0) {
        printf("No reminder is due.\n");
        return;
    }
    printf("%zu reminder%s sent", sent, sent == 1 ? "" : "s");
    if (unsent > 0)
        printf("; %zu could not be sent, the next run tries again", unsent);
    printf(".\n");
}

static bool remind(struct remind_run *run, const char *language, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char horizon[21];
    const char *params[] = {horizon};
    clock_format_utc(run->ctx->now - reminder_step(0, 0).at, horizon);
    if (!register_open_db(run->ctx, "breach.remind", &run->db, err) ||
        !db_query(run->db, DB_ROWS, sql_breach_list_remindable, 1, params, &r, err))
        return false;
    /* A machine whose cron has the line and whose register is not in use is in order. */
    if (!run->ctx->settings->breach.given && db_rows(r) == 0)
        return true;
    if (!remind_mailer_open(run->ctx->settings, language, &run->mailer, err))
        return false;
    if (run->dry_run)
        return plan_all(run, r, err);
    return claim_all(run, r, err) && settle_all(run, err);
}

/* done: false while err holds why not. */
static bool write_metrics(const struct remind_run *run, const char *path, bool done, int exit_code,
                          struct error *err)
{
    const struct remind_call call = {
        .sent = run->count[OUTCOME_SENT],
        .failed = run->count[OUTCOME_FAILED],
        .dropped = run->count[OUTCOME_DROPPED],
        .put_off = run->put_off,
        .exit_code = rights_exit_code(run->ctx->job->words, done, exit_code, err)};
    return remind_metrics_write(run->ctx, run->db, &call, path);
}

static bool start(struct remind_run *run, const char *language, const char *metrics, int *ret_exit,
                  struct error *err)
{
    if (strcmp(language, "en") != 0 && strcmp(language, "nl") != 0)
        return error_set(err, ERR_USAGE, "--lang: '%.40s' is no language of ours; en or nl",
                         language);
    if (run->dry_run ? !metrics_refuse_dry_run(metrics, err) : !metrics_check_path(metrics, err))
        return false;
    stop_install();
    run->rows = json_array();
    bool done = remind(run, language, err);
    bool fine = run->count[OUTCOME_FAILED] + run->put_off == 0;
    *ret_exit = fine ? JOB_DONE : JOB_ATTENTION;
    if (metrics != NULL && run->db != NULL && !write_metrics(run, metrics, done, *ret_exit, err))
        *ret_exit = JOB_ATTENTION;
    if (!done)
        return false;
    if (run->ctx->json)
        print_json(run);
    else if (run->dry_run)
        print_plan(run);
    else if (!(run->ctx->quiet && fine)) /* cron mails what is printed */
        print_summary(run);
    return true;
}

bool breach_remind(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                   struct error *err)
{
    static const char text[] =
        "Mails those who handle breaches what is due: each clock 48, 24, 12, 4 and 1 hours before "
        "its limit, at the limit, and every 24 hours after it.  For cron, every quarter of an "
        "hour; what an outage missed is made up, with one mail a clock that says the time that is "
        "really left.\n\n"
        "The mails go to breach.security of the configuration, past the limit to "
        "breach.escalation as well, and come from breach.mail_from; their text is "
        "reminder.en.txt, or reminder.nl.txt, in breach.templates.  Each goes out once.  When the "
        "mail system takes none the exit code is 1, and the next run tries again.\n\n"
        "  waarborg breach remind --dry-run     what would go now; sends nothing\n"
        "  waarborg -q breach remind --lang nl  in cron: silent unless something is wrong\n\n"
        "--metrics replaces a file of Prometheus when it is over: the clocks, and what was sent.  "
        "The file stays as it was while the database is away.  One that cannot be written is found "
        "before a mail is sent (exit code 2), or said at the end (at least 1).";
    CLEANUP(release_run) struct remind_run run = {.ctx = ctx};
    const char *language = "en";
    const char *metrics = NULL;
    const struct option_spec specs[] = {
        {"lang", 'l', OPTION_TEXT, "LANGUAGE", "of the mails: en (default) or nl", &language, 0, 0},
        {"dry-run", 'n', OPTION_FLAG, NULL, "list what would be sent, send nothing", &run.dry_run,
         0, 0},
        {"metrics", 0, OPTION_TEXT, "FILE", METRICS_OPTION, &metrics, 0, 0},
        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, NULL, text, specs, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    return help || start(&run, language, metrics, ret_exit, err);
}
