#include <stdio.h>
#include <string.h>

#include "common/local_time.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/page.h"
#include "jobs/breach/register.h"
#include "jobs/breach/show.h"
#include "sql.h"

void show_free(struct show *s)
{
    json_decref(s->register_);
    json_decref(s->codes);
    json_decref(s->history);
    standing_free(&s->standing);
    *s = (struct show){0};
}

/* One snapshot, so that the clocks fit the notifications beside them. */
static bool load(struct db *db, const struct job_ctx *ctx, const char *reference, bool all,
                 struct show *s, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    char disposed[16], now[24];
    snprintf(disposed, sizeof disposed, "%d", ctx->json ? SHOW_DISPOSED_JSON : SHOW_DISPOSED_TEXT);
    const char *params[] = {reference, disposed};
    const char *day[] = {now};
    s->now = ctx->now;
    if (!db_tx_begin(db, DB_REPEATABLE_READ_ONLY, &tx, err) ||
        !register_query_json(db, sql_breach_show_breach, COUNT_OF(params), params, &s->register_,
                             err))
        return false;
    if (json_is_null(s->register_))
        return error_set(err, ERR_USAGE,
                         "there is no breach %s; waarborg breach list --all shows them", reference);
    /* The codes of the day on which it was registered, which may have gone since. */
    snprintf(now, sizeof now, "%lld",
             (long long)register_instant(json_object_get(s->register_, "breach"), "registered_at"));
    return register_query_json(db, sql_breach_list_codes, COUNT_OF(day), day, &s->codes, err) &&
           standing_load(db, reference, ctx->now, &s->standing, err) &&
           show_history_load(db, reference, all, s, err) && db_tx_commit(&tx, err);
}

/* ---- JSON ---- */

static bool is_instant(const char *key)
{
    static const char *const others[] = {"at", "occurred_from", "occurred_to", "last_told"};
    size_t length = strlen(key);
    if (length > 3 && strcmp(key + length - 3, "_at") == 0)
        return true;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (strcmp(key, others[i]) == 0)
            return true;
    return false;
}

static void name_instants_of(json_t *object)
{
    const char *key;
    json_t *member;
    void *next;
    json_object_foreach_safe(object, next, key, member)
    {
        char at[LOCAL_TIME_SIZE];
        if (is_instant(key) && json_is_integer(member))
            json_object_set_new(
                object, key,
                json_string(local_time_format_iso((int64_t)json_integer_value(member), at)));
    }
}

/* Seconds become ISO 8601: the breach itself, and the rows of each list. */
static void name_instants(json_t *document)
{
    const char *key;
    json_t *member, *row;
    size_t i;
    json_object_foreach(document, key, member)
    {
        if (json_is_object(member))
            name_instants_of(member);
        json_array_foreach(member, i, row) name_instants_of(row);
    }
}

static void print_json(const struct show *s)
{
    json_t *document = json_copy(s->register_);
    json_object_set(document, "history", s->history);
    name_instants(document);
    standing_add_json(document, &s->standing, s->now);
    render_json(stdout, document);
    json_decref(document);
}

/* ---- the screen ---- */

static void print_aware(const json_t *breach)
{
    CLEANUP(text_free) struct text line = {0};
    char now[LOCAL_TIME_SIZE], first[LOCAL_TIME_SIZE], by[LOCAL_TIME_SIZE];
    int64_t aware = register_instant(breach, "aware_at");
    int64_t registered_as = register_instant(breach, "first_aware_at");
    text_add(&line, local_time_format(aware, now));
    if (aware != registered_as)
        text_addf(&line, "\nmoved %s by %s: first registered as %s",
                  aware > registered_as ? "LATER" : "earlier",
                  local_time_format_duration(aware - registered_as, by),
                  local_time_format(registered_as, first));
    page_line(stdout, "Aware", text_get(&line));
}

static void print_head(const struct show *s)
{
    const json_t *breach = json_object_get(s->register_, "breach");
    CLEANUP(text_free) struct text head = {0};
    CLEANUP(text_free) struct text registered = {0};
    CLEANUP(text_free) struct text closed = {0};
    char at[LOCAL_TIME_SIZE];
    int64_t closed_at = register_instant(breach, "closed_at");
    text_addf(&head, "%s  %s", json_string_value(json_object_get(breach, "reference")),
              json_string_value(json_object_get(breach, "title")));
    page_text(stdout, 0, text_get(&head));
    text_addf(&registered, "%s, by %s; version %lld",
              local_time_format(register_instant(breach, "registered_at"), at),
              json_string_value(json_object_get(breach, "registered_by")),
              (long long)json_integer_value(json_object_get(breach, "version")));
    if (closed_at != CLOCK_NO_INSTANT)
        text_addf(&closed, "%s: %s", local_time_format(closed_at, at),
                  json_string_value(json_object_get(breach, "closed_because")));
    page_line(stdout, "Registered", text_get(&registered));
    page_line(stdout, "Closed", text_get(&closed));
    print_aware(breach);
}

static void print_text(const struct show *s)
{
    print_head(s);
    page_heading(stdout, "Clocks");
    clock_view_print(stdout, &s->standing.clocks, s->now);
    if (s->standing.duties.count > 0)
        page_heading(stdout, "Still to be done");
    duty_print(stdout, &s->standing.duties);
    show_assessments(stdout, s);
    show_fields(stdout, s);
    show_affected(stdout, s);
    show_measures(stdout, s);
    show_notifications(stdout, s);
    show_reminders(stdout, s);
    show_timeline(stdout, s);
    show_attachments(stdout, s);
    show_history(stdout, s);
}

bool breach_show(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit, struct error *err)
{
    static const char text[] =
        "Shows all that the register has about a breach: its clocks, what is still to be done and "
        "with which command, what was decided and why, whom it concerns, what was sent, and who "
        "changed what.  What is empty is left out.\n\n"
        "  waarborg breach show DL-2026-0007\n\n"
        "With --json the members are breach, clocks, duties, assessments, affected, disposed, "
        "measures, timeline, attachments, notifications, letters, reminders and history.";
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(show_free) struct show s = {0};
    char reference[REGISTER_REFERENCE_SIZE];
    bool all = false;
    const struct option_spec specs[] = {{"history", 0, OPTION_FLAG, NULL,
                                         "every line of the history, not the last ten", &all, 0, 0},
                                        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "REF", text, specs, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (count != 1)
        return error_set(err, ERR_USAGE, "one reference is needed, as in DL-2026-0007");
    if (!register_parse_reference(words[0], reference, err) ||
        !register_open_db(ctx, "breach", &db, err) || !load(db, ctx, reference, all, &s, err))
        return false;
    if (ctx->json)
        print_json(&s);
    else
        print_text(&s);
    return true;
}
