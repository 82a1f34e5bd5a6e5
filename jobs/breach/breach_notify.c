#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/local_time.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/faults.h"
#include "jobs/breach/notice.h"
#include "jobs/breach/page.h"
#include "jobs/breach/standing.h"
#include "sql.h"

#define NOT_RECORDED "nothing was recorded"

/* ---- showing ---- */

/* What came first decides; what follows is neither in time nor late. */
static bool meets_ap(const struct notice *n, const struct breach_check *b)
{
    return strcmp(n->recipient, "ap") == 0 && notice_meets_ap(n) &&
           b->ap_due_at != CLOCK_NO_INSTANT &&
           (b->ap_met_at == CLOCK_NO_INSTANT || n->sent_at < b->ap_met_at);
}

/* "In time: 26 h 50 m 00 s before ..." to the second, because a second decides. */
static void print_in_time(const struct notice *n, const struct breach_check *b)
{
    char length[64], due[LOCAL_TIME_SIZE];
    if (!meets_ap(n, b))
        return;
    local_time_format(b->ap_due_at, due);
    if (n->sent_at == b->ap_due_at)
        printf("  In time: exactly at the limit, %s.\n", due);
    else if (n->sent_at < b->ap_due_at)
        printf("  In time: %s before the limit, %s.\n",
               notice_length(b->ap_due_at - n->sent_at, length, sizeof length), due);
    else
        printf("  Late: %s after the limit, %s.\n",
               notice_length(n->sent_at - b->ap_due_at, length, sizeof length), due);
}

static void print_head(const struct notice *n, int64_t id)
{
    char sent[LOCAL_TIME_SIZE];
    printf("Notification %" PRId64 " %s is recorded: %s, sent %s%s%s.\n", id,
           notice_recipient_name(n), notice_kind_word(n), local_time_format(n->sent_at, sent),
           n->number == NULL ? "" : ", number ", n->number == NULL ? "" : n->number);
    if (n->snapshot_from == NOTICE_NO_SNAPSHOT) {
        printf("What was sent is not kept; --snapshot FILE keeps it.\n");
        return;
    }
    printf("Kept is %s, SHA-256 %s.\n",
           n->snapshot_from == NOTICE_FILE ? "what was sent"
                                           : "the draft as the register gives it now",
           n->sha256);
}

static json_t *breach_json(const struct notice *n, const struct breach_check *b,
                           const struct standing *standing, int64_t now)
{
    char due[LOCAL_TIME_SIZE];
    bool timed = meets_ap(n, b);
    json_t *object = json_pack(
        "{s:s,s:o,s:o,s:o}", "breach", b->reference, "due_at",
        timed ? json_string(local_time_format_iso(b->ap_due_at, due)) : json_null(), "late",
        timed ? json_boolean(n->sent_at > b->ap_due_at) : json_null(), "seconds_left",
        timed ? json_integer((json_int_t)(b->ap_due_at - n->sent_at)) : json_null());
    standing_add_json(object, standing, now);
    return object;
}

static json_t *head_json(const struct notice *n, int64_t id, const struct text *warnings)
{
    static const char *const from[] = {[NOTICE_FILE] = "file", [NOTICE_DRAFT] = "draft"};
    char sent[LOCAL_TIME_SIZE];
    bool kept = n->snapshot_from != NOTICE_NO_SNAPSHOT;
    return json_pack("{s:I,s:s,s:s?,s:s,s:b,s:s,s:s?,s:s?,s:s?,s:o,s:[]}", "notification",
                     (json_int_t)id, "recipient", n->recipient, "authority", n->authority, "kind",
                     n->kind, "complete", n->complete, "sent_at",
                     local_time_format_iso(n->sent_at, sent), "number", n->number, "snapshot",
                     kept ? from[n->snapshot_from] : NULL, "sha256", kept ? n->sha256 : NULL,
                     "warnings", standing_warnings_json(warnings), "breaches");
}

static bool show(const struct job_ctx *ctx, struct db *db, const struct notice *n, int64_t id,
                 const struct text *warnings, struct error *err)
{
    CLEANUP(json_decrefp) json_t *result = head_json(n, id, warnings);
    if (!ctx->json)
        print_head(n, id);
    for (size_t i = 0; i < n->breaches.count; i++) {
        CLEANUP(standing_free) struct standing standing = {0};
        const struct breach_check *b = &n->breaches.items[i];
        if (!standing_load(db, b->reference, ctx->now, &standing, err))
            return error_context(err, "the notification was recorded; showing how %s stands",
                                 b->reference);
        if (ctx->json) {
            json_array_append_new(json_object_get(result, "breaches"),
                                  breach_json(n, b, &standing, ctx->now));
            continue;
        }
        printf("\n%s\n", b->reference);
        print_in_time(n, b);
        standing_print(stdout, &standing, ctx->now);
    }
    if (ctx->json)
        render_json(stdout, result);
    else if (warnings->length > 0) {
        printf("\n");
        standing_print_warnings(stdout, warnings);
    }
    return true;
}

/* ---- recording ---- */

static bool record(struct db *db, const struct notice *n, int64_t *ret_id, struct error *err)
{
    CLEANUP(json_decrefp) json_t *notification = notice_to_json(n);
    CLEANUP(memory_release) char *packed = json_dumps(notification, JSON_COMPACT);
    CLEANUP(text_free) struct text references = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    for (size_t i = 0; i < n->breaches.count; i++)
        db_array_add(&references, n->breaches.items[i].reference);
    const char *params[] = {db_array_close(&references), packed};
    if (!db_query(db, DB_ONE_ROW, sql_breach_notify_breaches, COUNT_OF(params), params, &r, err))
        return faults_of_register(NOT_RECORDED, err);
    *ret_id = db_int(r, 0, 0);
    for (size_t i = 0; i < n->breaches.count; i++)
        log_event(LOG_NOTICE, "breach.notified",
                  "breach=%s notification=%" PRId64 " recipient=%s kind=%s",
                  n->breaches.items[i].reference, *ret_id, n->recipient, n->kind);
    return true;
}

static bool notify(const struct job_ctx *ctx, const struct notice_words *words, struct error *err)
{
    CLEANUP(text_free) struct text faults = {0};
    CLEANUP(text_free) struct text warnings = {0};
    CLEANUP(notice_free) struct notice n = {0};
    CLEANUP(db_close) struct db *db = NULL;
    int64_t id = 0;
    return register_open_db(ctx, "breach", &db, err) &&
           notice_read(db, words, ctx->now, &faults, &n, err) &&
           faults_none(&faults, NOT_RECORDED, err) && notice_warn(db, &n, &warnings, err) &&
           notice_keep_draft(db, ctx->settings, &n, err) && record(db, &n, &id, err) &&
           show(ctx, db, &n, id, &warnings, err);
}

static const char help_text[] =
    "Records what was sent to an authority or to the customers; it sends nothing itself.\n\n"
    "  waarborg breach notify DL-2026-0007 ap --kind initial \\\n"
    "      --sent \"2026-10-25 11:10\" --number 12345\n"
    "  waarborg breach notify DL-2026-0007 ap --kind follow-up --complete \\\n"
    "      --sent \"2026-10-27 09:00\" --snapshot form.txt\n\n"
    "RECIPIENT is ap, customers, nis2, dora or other (with --authority).  One notification may "
    "cover several breaches: name them all.  KIND is initial, follow-up, final, withdrawal, or "
    "warning (the early warning of NIS2).  What is not --complete, or final, leaves the AP waiting "
    "for the rest.\n\n"
    "Sent exactly at the limit of the AP is in time; a second later it is late, and "
    "--late-because gives the reasons (GDPR art. 33(1)).  What is sent to the AP is kept: the FILE "
    "of --snapshot, or else the draft as it is now.";

bool breach_notify(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                   struct error *err)
{
    struct notice_words w = {0};
    const struct option_spec specs[] = {
        {"kind", 'k', OPTION_TEXT, "KIND",
         "initial, follow-up, final, withdrawal or warning; required", &w.kind, 0, 0},
        {"sent", 0, OPTION_TEXT, "INSTANT",
         "when: 2026-10-25 11:10, or 2026-10-25T11:10+01:00; required", &w.sent, 0, 0},
        {"number", 'n', OPTION_TEXT, "N", "the number that the recipient gave it", &w.number, 0, 0},
        {"complete", 0, OPTION_FLAG, NULL, "nothing is to follow", &w.complete, 0, 0},
        {"snapshot", 0, OPTION_TEXT, "FILE", "the text that was sent; - for standard input",
         &w.snapshot, 0, 0},
        {"late-because", 0, OPTION_TEXT, "TEXT", "the reasons for a delay", &w.late_because, 0, 0},
        {"because", 'b', OPTION_TEXT, "TEXT", "the reason of a withdrawal", &w.because, 0, 0},
        {"authority", 0, OPTION_TEXT, "NAME", "which other authority", &w.authority, 0, 0},
        {0}};
    bool help;
    if (!job_parse_options(ctx->job, "REF... RECIPIENT", help_text, specs, argc, argv, &w.operands,
                           &w.operand_count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    return help || notify(ctx, &w, err);
}
