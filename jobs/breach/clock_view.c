#include "jobs/breach/clock_view.h"

#include <stdlib.h>
#include <string.h>

#include "common/local_time.h"
#include "common/memory.h"
#include "sql.h"

#define INDENT 2

static const struct {
    const char *clock, *name;
} names[] = {
    {"ap", "AP"},
    {"customers", "customers"},
    {"follow_up", "follow-up"},
    {"processor", "processor"},
    {"nis2_warning", "NIS2 warning"},
    {"nis2_notification", "NIS2 notification"},
    {"nis2_final", "NIS2 final report"},
    {"dora_initial", "DORA initial"},
    {"dora_intermediate", "DORA intermediate"},
    {"dora_final", "DORA final report"},
};

/* What an officer has to enter before a clock of another regime starts. */
static const struct {
    const char *clock, *field, *when;
} starters[] = {
    {"nis2_warning", "nis2_aware_at", "when the incident is a significant one"},
    {"dora_initial", "dora_classified_at", "when the incident is classified as major"},
};

const char *clock_view_name(const char *clock)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(clock, names[i].clock) == 0)
            return names[i].name;
    return clock;
}

void clock_view_free(struct clock_view_list *list)
{
    free(list->items);
    db_result_free(&list->rows);
    *list = (struct clock_view_list){0};
}

static int64_t instant(const struct db_result *r, size_t row, int column)
{
    return db_text(r, row, column) == NULL ? CLOCK_NO_INSTANT : db_int(r, row, column);
}

static bool load(struct db *db, const char *sql, const char *reference, struct clock_view_list *ret,
                 struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {reference};
    if (!db_query(db, DB_ROWS, sql, reference == NULL ? 0 : 1, params, &r, err))
        return false;
    struct clock_view_list list = {.count = db_rows(r)};
    list.items = memory_alloc((list.count + 1) * sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = (struct clock_view){
            .breach_id = db_int(r, i, 0),
            .reference = db_text(r, i, 1),
            .title = db_text(r, i, 2),
            .clock = db_text(r, i, 3),
            .regime = db_text(r, i, 4),
            .source = db_text(r, i, 5),
            .own_target = db_bool(r, i, 6),
            .decided = db_bool(r, i, 7),
            .closed = db_bool(r, i, 8),
            .at = {.started_at = instant(r, i, 10),
                   .due_at = instant(r, i, 11),
                   .met_at = instant(r, i, 12),
                   .not_needed = !db_bool(r, i, 9)},
        };
    list.rows = r;
    r = NULL;
    *ret = list;
    return true;
}

bool clock_view_load(struct db *db, const char *reference, struct clock_view_list *ret,
                     struct error *err)
{
    return load(db, sql_breach_show_clocks, reference, ret, err);
}

bool clock_view_load_open(struct db *db, struct clock_view_list *ret, struct error *err)
{
    return load(db, sql_breach_list_open_clocks, NULL, ret, err);
}

bool clock_view_load_due(struct db *db, struct clock_view_list *ret, struct error *err)
{
    return load(db, sql_breach_list_due, NULL, ret, err);
}

const struct clock_view *clock_view_find(const struct clock_view_list *list, const char *clock)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].clock, clock) == 0)
            return &list->items[i];
    return NULL;
}

enum clock_state clock_view_state(const struct clock_view *v, int64_t now)
{
    return clock_state_at(&v->at, now, CLOCK_NEAR_SECONDS);
}

/* Its hours are those of the contract, and it is the processor who has to meet them. */
static bool is_processor(const struct clock_view *v)
{
    return strcmp(v->clock, "processor") == 0;
}

static void describe_open(const struct clock_view *v, int64_t now, struct text *t)
{
    char due[LOCAL_TIME_SIZE], left[40];
    text_addf(t, "due %s   %s", local_time_format(v->at.due_at, due),
              clock_left(left, sizeof left, v->at.due_at, now, "en"));
    if (v->own_target)
        text_add(t, is_processor(v) ? "   (by contract)" : "   (own target)");
}

static void describe_met(const struct clock_view *v, struct text *t)
{
    char met[LOCAL_TIME_SIZE], due[LOCAL_TIME_SIZE], late[LOCAL_TIME_SIZE];
    text_addf(t, "met %s", local_time_format(v->at.met_at, met));
    if (v->at.due_at == CLOCK_NO_INSTANT)
        return;
    local_time_format(v->at.due_at, due);
    if (v->at.met_at <= v->at.due_at)
        text_addf(t, ", in time (%s %s)",
                  is_processor(v) ? "by contract"
                  : v->own_target ? "own target"
                                  : "limit",
                  due);
    else
        text_addf(t, ", %s %s (%s)", local_time_format_duration(v->at.met_at - v->at.due_at, late),
                  is_processor(v) ? "late by contract"
                  : v->own_target ? "after the own target"
                                  : "late",
                  due);
}

static bool describe_not_started(const struct clock_view *v, struct text *t)
{
    for (size_t i = 0; !v->closed && i < COUNT_OF(starters); i++)
        if (strcmp(v->clock, starters[i].clock) == 0) {
            text_addf(t, "not started; %s   (waarborg breach amend %s --set %s=... --because ...)",
                      starters[i].when, v->reference, starters[i].field);
            return true;
        }
    return false;
}

bool clock_view_describe(const struct clock_view *v, int64_t now, struct text *t)
{
    char since[LOCAL_TIME_SIZE];
    enum clock_state state = clock_view_state(v, now);
    if (strcmp(v->clock, "customers") == 0 && !v->decided && state != CLOCK_MET &&
        state != CLOCK_MET_LATE) {
        text_addf(t, "no decision yet: assess the risk   (waarborg breach assess %s)",
                  v->reference);
        return true;
    }
    switch (state) {
    case CLOCK_NOT_STARTED:
        return describe_not_started(v, t);
    case CLOCK_RUNNING:
    case CLOCK_NEAR:
    case CLOCK_OVERDUE:
        describe_open(v, now, t);
        return true;
    case CLOCK_MET:
    case CLOCK_MET_LATE:
        describe_met(v, t);
        return true;
    case CLOCK_NO_LIMIT:
        text_addf(t, "without undue delay, since %s; no hours are set",
                  local_time_format(v->at.started_at, since));
        return true;
    case CLOCK_NOT_NEEDED:
        text_add(t, "not needed, as assessed");
        return true;
    }
    return false;
}

void clock_view_print(FILE *out, const struct clock_view_list *list, int64_t now)
{
    int width = 0;
    for (size_t i = 0; i < list->count; i++) {
        CLEANUP(text_free) struct text line = {0};
        int length = (int)strlen(clock_view_name(list->items[i].clock));
        if (length > width && clock_view_describe(&list->items[i], now, &line))
            width = length;
    }
    for (size_t i = 0; i < list->count; i++) {
        CLEANUP(text_free) struct text line = {0};
        if (clock_view_describe(&list->items[i], now, &line))
            fprintf(out, "%*s%-*s %s\n", INDENT, "", width, clock_view_name(list->items[i].clock),
                    text_get(&line));
    }
}

static json_t *instant_json(int64_t at)
{
    char text[LOCAL_TIME_SIZE];
    return at == CLOCK_NO_INSTANT ? json_null() : json_string(local_time_format_iso(at, text));
}

json_t *clock_view_to_json(const struct clock_view *v, int64_t now)
{
    enum clock_state state = clock_view_state(v, now);
    bool limited = clock_state_is_open(state) && v->at.due_at != CLOCK_NO_INSTANT;
    return json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:b,s:s}", "clock", v->clock, "name",
                     clock_view_name(v->clock), "regime", v->regime, "state",
                     clock_state_code(state), "started_at", instant_json(v->at.started_at),
                     "due_at", instant_json(v->at.due_at), "met_at", instant_json(v->at.met_at),
                     "seconds_left",
                     limited ? json_integer((json_int_t)(v->at.due_at - now)) : json_null(),
                     "own_target", v->own_target, "source", v->source);
}

json_t *clock_view_list_to_json(const struct clock_view_list *list, int64_t now)
{
    json_t *all = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(all, clock_view_to_json(&list->items[i], now));
    return all;
}
