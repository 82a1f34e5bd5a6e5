#include "jobs/retention/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/memory.h"
#include "jobs/retention/forecast_months.h"
#include "jobs/retention/judge.h"
#include "jobs/retention/prepare.h"
#include "jobs/retention/statements.h"
#include "sql.h"

#define FETCH 5000
/* Subjects in one count: a few thousand keys are still looked up in the index one by one. */
#define CHUNK 5000

/* Where a subject stands.  Below zero they are only counted. */
enum place {
    PLACE_UNCOVERED = -4,
    PLACE_OPEN,
    PLACE_LATER,
    PLACE_HELD,
    PLACE_BLOCKED, /* backlog that could not go when last tried */
    PLACE_BACKLOG,
    PLACE_MONTH, /* the first; the others follow */
};
#define PLACES_BELOW (-PLACE_UNCOVERED)

struct load {
    int64_t subjects, rows;
    int64_t nights, segments; /* on which, and in which, somebody goes */
    double table_bytes;       /* estimated from the sizes of the tables */
};

struct forecast {
    const struct job_ctx *ctx;
    struct db *db;
    const struct graph *g;
    int months;
    struct load *loads; /* of each place, PLACE_UNCOVERED first */
    int64_t runs;
    double rows_per_second, run_seconds, scan_seconds; /* NAN: unknown */
    double bytes_per_row, segment_bytes;
    bool bytes_measured;
};

static struct load *load_at(const struct forecast *f, int place)
{
    return &f->loads[PLACES_BELOW + place];
}

static double number_or_nan(const struct db_result *r, int column)
{
    const char *text = db_text(r, 0, column);
    return text == NULL ? NAN : strtod(text, NULL);
}

static bool measure(struct forecast *f, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {f->g->policy->name};
    if (!db_query(f->db, DB_ONE_ROW, sql_retention_measure_runs, COUNT_OF(params), params, &r, err))
        return false;
    f->runs = db_int(r, 0, 0);
    f->rows_per_second = number_or_nan(r, 1);
    f->run_seconds = number_or_nan(r, 2);
    f->scan_seconds = number_or_nan(r, 3);
    f->bytes_per_row = number_or_nan(r, 4);
    f->segment_bytes = number_or_nan(r, 5);
    f->bytes_measured = !isnan(f->bytes_per_row);
    return true;
}

/* `, alias.k1, alias.k2` */
static void add_names(struct text *sql, const struct graph *g, const char *alias, const char *cast)
{
    for (size_t i = 1; i <= g->subject_key_count; i++)
        text_addf(sql, ", %s.k%zu%s", alias, i, cast);
}

/* The place of a subject that is due within the horizon: `j` is its judgement, `w` tells that it
 * was blocked. */
static void add_due_place(struct text *sql, const struct forecast *f)
{
    struct local_date as_of = f->ctx->as_of;
    char day[11];
    local_date_format(as_of, day);
    text_addf(sql,
              "CASE WHEN j.due_on > date '%s' THEN %d + (extract(year FROM j.due_on) * 12 + "
              "extract(month FROM j.due_on))::int - %d WHEN w.policy IS NOT NULL THEN %d ELSE %d "
              "END",
              day, PLACE_MONTH, as_of.year * 12 + as_of.month, PLACE_BLOCKED, PLACE_BACKLOG);
}

/* One judgement of everybody: those due one a row with their keys, in the order in which neighbours
 * are counted together, the others as four sums. */
static void add_cursor(struct text *sql, const struct forecast *f)
{
    const struct graph *g = f->g;
    CLEANUP(memory_release) char *policy = db_quote_literal(g->policy->name);
    char day[11];
    text_add(sql, "DECLARE forecast_subjects NO SCROLL CURSOR FOR WITH j AS MATERIALIZED (SELECT "
                  "e.state, e.due_on");
    add_names(sql, g, "e", "");
    text_add(sql, " FROM (");
    judge_everybody_select(sql, g, f->ctx->settings->timezone,
                           forecast_month_of(f->ctx->as_of, f->months - 1).last);
    text_add(sql, ") AS e) SELECT s.place, s.subjects, s.day");
    add_names(sql, g, "s", "::text");
    text_add(sql, " FROM (SELECT ");
    add_due_place(sql, f);
    local_date_format(f->ctx->as_of, day);
    text_addf(sql, " AS place, 1::bigint AS subjects, greatest(j.due_on - date '%s', 0) AS day",
              day);
    add_names(sql, g, "j", "");
    text_add(sql, " FROM j LEFT JOIN waarborg.worklist AS w ON w.state = 'blocked'");
    text_addf(sql, " AND w.policy = %s AND w.subject_key = ARRAY[", policy);
    for (size_t i = 1; i <= g->subject_key_count; i++)
        text_addf(sql, "%sj.k%zu::text", i == 1 ? "" : ", ", i);
    text_addf(sql,
              "] WHERE j.state = 'due' UNION ALL SELECT CASE j.state WHEN 'uncovered' THEN %d "
              "WHEN 'open' THEN %d WHEN 'later' THEN %d ELSE %d END, count(*), 0",
              PLACE_UNCOVERED, PLACE_OPEN, PLACE_LATER, PLACE_HELD);
    for (size_t i = 0; i < g->subject_key_count; i++)
        text_addf(sql, ", NULL::%s", g->subject_key_types[i]);
    text_add(sql, " FROM j WHERE j.state <> 'due' GROUP BY j.state) AS s ORDER BY s.place, s.day");
    add_names(sql, g, "s", "");
}

static bool count_chunk(struct forecast *f, struct load *load, const struct key_list *keys,
                        struct error *err)
{
    const struct graph *g = f->g;
    CLEANUP(key_literals_free)
    struct key_literals chunk = key_literals_of(keys, g->subject_key_types, 0, keys->count);
    for (size_t i = 0; i < g->table_count; i++) {
        const struct graph_table *t = &g->tables[i];
        CLEANUP(text_free) struct text sql = {0};
        CLEANUP(db_result_free) struct db_result *r = NULL;
        if (t->role != TABLE_SUBJECT && t->role != TABLE_MEMBER)
            continue;
        statement_count(&sql, g, i, &chunk);
        if (!db_query(f->db, DB_ONE_ROW, text_get(&sql), 0, NULL, &r, err))
            return false;
        int64_t rows = db_int(r, 0, 0);
        load->rows += rows;
        if (t->row_estimate > 0)
            load->table_bytes += (double)rows * (double)t->bytes / (double)t->row_estimate;
    }
    return true;
}

/* keys: of subjects at `place`, not counted yet. */
struct tally {
    struct key_list keys;
    int place;
    int64_t day;      /* of the subject before: from the as-of date on */
    int64_t that_day; /* how many on it so far */
};

static void tally_free(struct tally *t)
{
    key_list_free(&t->keys);
}

static bool settle(struct forecast *f, struct tally *t, struct error *err)
{
    if (t->keys.count == 0)
        return true;
    bool done = count_chunk(f, load_at(f, t->place), &t->keys, err);
    key_list_clear(&t->keys);
    return done;
}

/* Who is due on one day goes in one night, in batches of which each is a segment. */
static void tell_night(const struct forecast *f, struct tally *t, int place, int64_t day)
{
    struct load *load = load_at(f, place);
    if (place != t->place || day != t->day) {
        load->nights++;
        t->that_day = 0;
    }
    if (t->that_day++ % f->ctx->settings->run.batch == 0)
        load->segments++;
    t->day = day;
}

static bool take(struct forecast *f, struct tally *t, const struct db_result *r, size_t row,
                 struct error *err)
{
    int place = (int)db_int(r, row, 0);
    if ((place != t->place || t->keys.count == CHUNK) && !settle(f, t, err))
        return false;
    load_at(f, place)->subjects += db_int(r, row, 1);
    if (place >= PLACE_BACKLOG) /* who is blocked goes on no night we know of */
        tell_night(f, t, place, db_int(r, row, 2));
    if (place >= PLACE_BLOCKED)
        key_list_add_row(&t->keys, r, row, 3);
    t->place = place;
    return true;
}

static bool count_subjects(struct forecast *f, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(tally_free) struct tally t = {.keys = {.width = f->g->subject_key_count}};
    char fetch[64];
    size_t got;
    snprintf(fetch, sizeof fetch, "FETCH %d FROM forecast_subjects", FETCH);
    add_cursor(&sql, f);
    /* As for the scan: room to keep its hash tables off the disk. */
    if (!db_exec(f->db, "SET LOCAL work_mem = '64MB'", 0, NULL, err) ||
        !db_exec(f->db, text_get(&sql), 0, NULL, err))
        return false;
    do {
        CLEANUP(db_result_free) struct db_result *r = NULL;
        if (!db_query(f->db, DB_ROWS, fetch, 0, NULL, &r, err))
            return false;
        got = db_rows(r);
        for (size_t i = 0; i < got; i++)
            if (!take(f, &t, r, i, err))
                return false;
    } while (got > 0);
    return settle(f, &t, err) && db_exec(f->db, "CLOSE forecast_subjects", 0, NULL, err);
}

static struct load together(struct load a, struct load b)
{
    return (struct load){a.subjects + b.subjects, a.rows + b.rows, a.nights + b.nights,
                         a.segments + b.segments, a.table_bytes + b.table_bytes};
}

static json_t *bytes_json(const struct forecast *f, struct load load)
{
    if (load.rows == 0)
        return json_integer(0);
    if (f->bytes_measured)
        return json_integer(llround((double)load.rows * f->bytes_per_row +
                                    (double)load.segments * f->segment_bytes));
    return load.table_bytes > 0 ? json_integer(llround(load.table_bytes)) : json_null();
}

static double work_seconds(const struct forecast *f, struct load load)
{
    return (double)load.rows / f->rows_per_second + (double)load.nights * f->run_seconds;
}

/* Thousandths are enough of any figure, and look the same on every machine. */
static json_t *number_json(double value)
{
    return isnan(value) ? json_null() : json_real(round(value * 1000) / 1000);
}

static json_t *month_json(const struct forecast *f, int number)
{
    struct forecast_month m = forecast_month_of(f->ctx->as_of, number);
    struct load due = *load_at(f, PLACE_MONTH + number);
    struct load backlog = {0};
    char month[11];
    local_date_format(m.first, month);
    month[7] = '\0';
    if (number == 0)
        backlog = together(*load_at(f, PLACE_BLOCKED), *load_at(f, PLACE_BACKLOG));
    struct load all = together(due, backlog);
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o}", "policy", f->g->policy->name, "month",
                     month, "backlog", (json_int_t)backlog.subjects, "subjects",
                     (json_int_t)due.subjects, "rows", (json_int_t)all.rows, "bytes",
                     bytes_json(f, all), "seconds",
                     number_json(work_seconds(f, all) + m.nights * f->scan_seconds));
}

static json_t *backlog_ends_json(const struct forecast *f)
{
    struct load backlog = *load_at(f, PLACE_BACKLOG);
    double night_s = f->ctx->settings->run.max_minutes * 60.0 - f->scan_seconds - f->run_seconds;
    CLEANUP(memory_release)
    int64_t *rows = memory_alloc((size_t)f->months * sizeof *rows);
    struct local_date day;
    char text[11];
    for (int i = 0; i < f->months; i++)
        rows[i] = load_at(f, PLACE_MONTH + i)->rows;
    if (backlog.subjects == 0 || isnan(night_s) || isnan(f->rows_per_second) ||
        !forecast_backlog_ends(f->ctx->as_of, backlog.rows, rows, f->months,
                               night_s * f->rows_per_second, &day))
        return json_null();
    local_date_format(day, text);
    return json_string(text);
}

static double bytes_per_row(const struct forecast *f)
{
    struct load all = {0};
    if (f->bytes_measured)
        return f->bytes_per_row;
    for (int place = PLACE_BLOCKED; place < PLACE_MONTH + f->months; place++)
        all = together(all, *load_at(f, place));
    return all.table_bytes > 0 ? all.table_bytes / (double)all.rows : NAN;
}

static json_t *figures_json(const struct forecast *f)
{
    const struct settings_run *run = &f->ctx->settings->run;
    struct load backlog = together(*load_at(f, PLACE_BLOCKED), *load_at(f, PLACE_BACKLOG));
    int64_t subjects = 0;
    char last[11];
    for (int place = PLACE_UNCOVERED; place < PLACE_MONTH + f->months; place++)
        subjects += load_at(f, place)->subjects;
    bool brake = backlog.subjects > run->max_subjects ||
                 (double)backlog.subjects > run->max_share * (double)subjects;
    local_date_format(forecast_month_of(f->ctx->as_of, f->months - 1).last, last);
    return json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, "
        "s:o, s:o, s:o, s:b}",
        "policy", f->g->policy->name, "horizon_ends", last, "subjects", (json_int_t)subjects,
        "backlog", (json_int_t)backlog.subjects, "blocked",
        (json_int_t)load_at(f, PLACE_BLOCKED)->subjects, "backlog_rows", (json_int_t)backlog.rows,
        "backlog_bytes", bytes_json(f, backlog), "backlog_seconds",
        number_json(work_seconds(f, backlog)), "backlog_ends", backlog_ends_json(f), "brake",
        (int)brake, "held", (json_int_t)load_at(f, PLACE_HELD)->subjects, "beyond",
        (json_int_t)load_at(f, PLACE_LATER)->subjects, "open_ended",
        (json_int_t)load_at(f, PLACE_OPEN)->subjects, "uncovered",
        (json_int_t)load_at(f, PLACE_UNCOVERED)->subjects, "runs_measured", (json_int_t)f->runs,
        "rows_per_second", number_json(f->rows_per_second), "scan_seconds",
        number_json(f->scan_seconds), "run_seconds", number_json(f->run_seconds), "bytes_per_row",
        number_json(bytes_per_row(f)), "segment_bytes", number_json(f->segment_bytes),
        "bytes_measured", (int)f->bytes_measured);
}

bool forecast_policy(const struct job_ctx *ctx, struct db *db, const struct policy *policy,
                     int months, json_t **ret_months, json_t **ret_figures, struct error *err)
{
    CLEANUP(prepared_free) struct prepared prepared = {0};
    if (!prepare_policy(ctx, db, policy, &prepared, err) ||
        !prepare_refuse(&prepared, policy, false, err))
        return false;
    CLEANUP(memory_release)
    struct load *loads =
        memory_alloc((size_t)(PLACES_BELOW + PLACE_MONTH + months) * sizeof *loads);
    struct forecast f = {
        .ctx = ctx, .db = db, .g = &prepared.graph, .months = months, .loads = loads};
    if (!measure(&f, err) || !count_subjects(&f, err))
        return error_context(err, "forecast of policy %s", policy->name);
    json_t *rows = json_array();
    for (int i = 0; i < months; i++)
        json_array_append_new(rows, month_json(&f, i));
    *ret_months = rows;
    *ret_figures = figures_json(&f);
    return true;
}
