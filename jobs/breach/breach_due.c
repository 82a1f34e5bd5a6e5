#include <stdio.h>
#include <string.h>

#include "common/local_time.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/due_list.h"
#include "jobs/breach/due_metrics.h"
#include "jobs/breach/due_nagios.h"
#include "jobs/breach/register.h"

#define HOUR INT64_C(3600)
#define NO_HOURS (-1)
#define MOST_HOURS (366 * INT64_C(24))

struct due_options {
    bool nagios;
    int64_t warning_hours, critical_hours;
    const char *metrics;
};

static const struct render_column columns[] = {
    {"breach", "breach", RENDER_LEFT}, {"clock", "clock", RENDER_LEFT},
    {"due", "due", RENDER_LEFT},       {"left", "left", RENDER_LEFT},
    {"state", "state", RENDER_LEFT},   {"title", "title", RENDER_LEFT},
    {NULL, NULL, RENDER_LEFT}};

/* ---- For people ---- */

/* "3 h 05 m left", "2 h 10 m late", and of what was met "32 h 10 m before", "1 h 00 m late". */
static json_t *left_text(const struct due_item *item, int64_t now)
{
    char text[LOCAL_TIME_SIZE];
    const struct breach_clock *at = &item->view->at;
    if (item->undecided || at->due_at == CLOCK_NO_INSTANT)
        return json_null();
    if (item->state == CLOCK_MET)
        return json_sprintf("%s before", local_time_format_duration(at->due_at - at->met_at, text));
    return json_string(clock_left(text, sizeof text, at->due_at,
                                  item->state == CLOCK_MET_LATE ? at->met_at : now, "en"));
}

static json_t *state_text(const struct due_item *item)
{
    if (item->undecided)
        return json_string("no decision yet");
    return json_sprintf("%s%s", clock_state_word(item->state, "en"),
                        item->view->own_target && item->state != CLOCK_NO_LIMIT ? ", own target"
                                                                                : "");
}

static void print_table(const struct due_list *list)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct due_item *item = &list->items[i];
        int64_t due_at = item->undecided ? CLOCK_NO_INSTANT : item->view->at.due_at;
        char due[LOCAL_TIME_SIZE];
        json_array_append_new(rows, json_pack("{s:s,s:s,s:o,s:o,s:o,s:s}", "breach",
                                              item->view->reference, "clock",
                                              clock_view_name(item->view->clock), "due",
                                              due_at == CLOCK_NO_INSTANT
                                                  ? json_null()
                                                  : json_string(local_time_format(due_at, due)),
                                              "left", left_text(item, list->now), "state",
                                              state_text(item), "title", item->view->title));
    }
    render_table(stdout, columns, rows);
    json_decref(rows);
}

static void print_text(const struct due_list *list)
{
    if (list->breaches == 0) {
        printf("No breach is open.\n");
        return;
    }
    print_table(list);
    printf("%s%lld open breach%s, %zu clock%s running: %zu overdue, %zu near (12 h or less).\n",
           list->count > 0 ? "\n" : "", (long long)list->breaches, list->breaches == 1 ? "" : "es",
           list->open, list->open == 1 ? "" : "s", list->overdue, list->near);
    if (list->unassessed > 0)
        printf("%lld not assessed yet: waarborg breach assess REF\n", (long long)list->unassessed);
}

/* ---- For programs ---- */

static json_t *item_json(const struct due_item *item, int64_t now)
{
    json_t *object = clock_view_to_json(item->view, now);
    json_object_set_new(object, "breach", json_string(item->view->reference));
    json_object_set_new(object, "title", json_string(item->view->title));
    if (item->undecided)
        json_object_set_new(object, "state", json_string("undecided"));
    return object;
}

static void print_json(const struct due_list *list)
{
    char now[LOCAL_TIME_SIZE];
    json_t *clocks = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(clocks, item_json(&list->items[i], list->now));
    json_t *result =
        json_pack("{s:s,s:o,s:I,s:I,s:I,s:I,s:I}", "now", local_time_format_iso(list->now, now),
                  "clocks", clocks, "breaches", (json_int_t)list->breaches, "unassessed",
                  (json_int_t)list->unassessed, "open", (json_int_t)list->open, "near",
                  (json_int_t)list->near, "overdue", (json_int_t)list->overdue);
    render_json(stdout, result);
    json_decref(result);
}

static int print_nagios(const struct due_list *list, const struct nagios_thresholds *thresholds)
{
    CLEANUP(text_free) struct text line = {0};
    enum nagios_status status = due_nagios(list, thresholds, &line);
    puts(text_get(&line));
    return (int)status;
}

/* ---- The whole of it ---- */

static bool check_options(const struct job_ctx *ctx, struct due_options *o, struct error *err)
{
    if (!o->nagios && (o->warning_hours != NO_HOURS || o->critical_hours != NO_HOURS))
        return error_set(err, ERR_USAGE, "--warning and --critical go with --nagios");
    if (o->nagios && ctx->json)
        return error_set(err, ERR_USAGE, "--nagios and --json exclude one another");
    if (o->metrics != NULL && ctx->json)
        return error_set(err, ERR_USAGE, "--metrics and --json exclude one another");
    if (o->warning_hours == NO_HOURS)
        o->warning_hours = CLOCK_NEAR_SECONDS / HOUR;
    if (o->critical_hours == NO_HOURS)
        o->critical_hours = 0;
    return o->critical_hours <= o->warning_hours ||
           error_set(err, ERR_USAGE,
                     "--critical %lld is more than --warning %lld: it would never warn",
                     (long long)o->critical_hours, (long long)o->warning_hours);
}

static bool show(const struct job_ctx *ctx, const struct due_options *o, int *ret_exit,
                 struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(due_list_free) struct due_list list = {0};
    const struct nagios_thresholds thresholds = {o->warning_hours * HOUR, o->critical_hours * HOUR};
    if (!register_open_db(ctx, "breach.due", &db, err) ||
        !due_list_load(db, ctx->now, thresholds.warning, &list, err) ||
        (o->metrics != NULL && !due_metrics_write(o->metrics, &list, err)))
        return false;
    if (o->nagios) {
        *ret_exit = print_nagios(&list, &thresholds);
    } else if (o->metrics == NULL) {
        if (ctx->json)
            print_json(&list);
        else
            print_text(&list);
        *ret_exit = list.near + list.overdue > 0 ? JOB_ATTENTION : JOB_DONE;
    }
    return true;
}

bool breach_due(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit, struct error *err)
{
    static const char text[] =
        "Shows every clock of the open breaches, the nearest limit first: what has to be done "
        "still, what waits for a decision, and at the end what was met.  Limits are absolute "
        "hours: nights, weekends and holidays count.  Exit code 1 when a limit is near (12 hours "
        "or less) or past.\n\n"
        "  waarborg breach due\n"
        "  waarborg breach due --nagios --warning 24 --critical 4\n"
        "  waarborg breach due --metrics /var/lib/prometheus/node-exporter/waarborg.prom\n\n"
        "--nagios prints one line and ends with 0 OK, 1 WARNING, 2 CRITICAL (past the limit, or "
        "--critical hours or less), or 3 UNKNOWN (the database is away, the configuration is "
        "wrong).  --metrics replaces the file at once and prints nothing; when the database is "
        "away the file stays as it was, and its waarborg_breach_scrape_timestamp_seconds tells "
        "how old it is.";
    struct due_options o = {.warning_hours = NO_HOURS, .critical_hours = NO_HOURS};
    const struct option_spec specs[] = {
        {"nagios", 0, OPTION_FLAG, NULL, "one line and the exit codes of a monitoring plugin",
         &o.nagios, 0, 0},
        {"warning", 0, OPTION_INTEGER, "HOURS", "WARNING when so many are left, or less (12)",
         &o.warning_hours, 0, MOST_HOURS},
        {"critical", 0, OPTION_INTEGER, "HOURS",
         "CRITICAL when so many are left, or less (0: past the limit)", &o.critical_hours, 0,
         MOST_HOURS},
        {"metrics", 0, OPTION_TEXT, "FILE",
         "write the text format of Prometheus, for a textfile collector", &o.metrics, 0, 0},
        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, NULL, text, specs, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    return help || (check_options(ctx, &o, err) && show(ctx, &o, ret_exit, err));
}

static bool asks_for_nagios(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strlen(argv[i]) > 2 && strncmp(argv[i], "--nagios", strlen(argv[i])) == 0)
            return true;
    return false;
}

bool breach_due_failed(int argc, char **argv, const struct error *err, int *ret_exit)
{
    CLEANUP(text_free) struct text line = {0};
    if (!asks_for_nagios(argc, argv))
        return false;
    *ret_exit = (int)due_nagios_unknown(err->message, &line);
    puts(text_get(&line));
    return true;
}
