#include "jobs/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/local_time.h"
#include "common/memory.h"
#include "common/nearest.h"
#include "jobs/schema/schema.h"

/* ---- the period ---- */

static bool read_date(const char *text, const char *option, char dst[static 11], struct error *err)
{
    struct local_date date;
    if (!local_date_parse(text, &date, err))
        return error_context(err, "%s", option);
    local_date_format(date, dst);
    return true;
}

/* ISO dates compare as text. */
static bool set_period(const struct job_ctx *ctx, const struct report *report,
                       const struct report_period *period, struct document *d, struct error *err)
{
    local_date_format(ctx->as_of, d->as_of);
    local_date_format((struct local_date){ctx->as_of.year, 1, 1}, d->from);
    memcpy(d->to, d->as_of, sizeof d->to);
    if (report->whole_from != NULL)
        memcpy(d->from, report->whole_from, sizeof d->from);
    if ((period->to != NULL && !read_date(period->to, "--to", d->to, err)) ||
        (period->from != NULL && !read_date(period->from, "--from", d->from, err)))
        return false;
    /* Of a year that is over: --to alone means that year. */
    if (period->from == NULL && report->whole_from == NULL && strcmp(d->to, d->from) < 0)
        memcpy(d->from,
               (char[]){d->to[0], d->to[1], d->to[2], d->to[3], '-', '0', '1', '-', '0', '1', '\0'},
               11);
    if (strcmp(d->to, d->from) < 0)
        return error_set(err, ERR_USAGE,
                         "the period ends on %s, before it begins on %s: change --from or --to",
                         d->to, d->from);
    if (strcmp(d->to, d->as_of) > 0)
        return error_set(err, ERR_USAGE,
                         "the period ends on %s, after the day that is judged by, %s: change --to "
                         "or --as-of",
                         d->to, d->as_of);
    return true;
}

bool report_day_begins(struct local_date day, int days, int64_t *ret, struct error *err)
{
    struct tm tm = {.tm_year = day.year - 1900,
                    .tm_mon = day.month - 1,
                    .tm_mday = day.day + days,
                    .tm_isdst = -1};
    time_t midnight = mktime(&tm); /* where it is skipped: the first instant of the day */
    char date[11];
    local_date_format(day, date);
    if (midnight == (time_t)-1)
        return error_set(err, ERR_USAGE, "cannot tell when %s begins or ends", date);
    *ret = (int64_t)midnight;
    return true;
}

/* Of a day that is over its end, so that the report is the same whenever it is made; of another
 * this moment, which is then told. */
static bool find_instant(struct report_request *r, struct error *err)
{
    const struct job_ctx *ctx = r->ctx;
    char instant[LOCAL_TIME_SIZE];
    if (local_date_compare(ctx->as_of, ctx->today) >= 0) {
        r->at = ctx->now;
        snprintf(r->document->judged_at, sizeof r->document->judged_at, "%s",
                 local_time_format_iso(r->at, instant));
        return true;
    }
    if (!report_day_begins(ctx->as_of, 1, &r->at, err))
        return false;
    r->at--;
    return true;
}

/* ---- the rows ---- */

bool report_query(const struct report_request *r, const char *sql, json_t **ret_rows,
                  struct error *err)
{
    CLEANUP(db_result_free) struct db_result *result = NULL;
    CLEANUP(text_free) struct text wrapped = {0};
    const struct document *d = r->document;
    char at[21], keep[64];
    json_error_t fault;
    size_t length = strlen(sql);
    while (length > 0 && strchr("; \n", sql[length - 1]) != NULL)
        length--;
    /* json_agg keeps the order of a subquery that nothing else sorts. */
    text_add(&wrapped, "SELECT coalesce(json_agg(t), '[]') FROM (\n");
    text_add_bytes(&wrapped, sql, length);
    text_add(&wrapped, "\n) AS t");
    clock_format_utc(r->at, at);
    retention_window_interval(r->ctx->settings->archive.keep_window, keep, sizeof keep);
    const char *params[] = {d->from, d->to, d->as_of, at, r->operand, keep};
    if (!db_query(r->db, DB_ONE_ROW, text_get(&wrapped), COUNT_OF(params), params, &result, err))
        return false;
    json_t *rows = json_loads(db_text(result, 0, 0), 0, &fault);
    if (rows == NULL)
        return error_set(err, ERR_DB,
                         "what the database gave is no JSON (is its encoding SQL_ASCII?): %s",
                         fault.text);
    *ret_rows = rows;
    return true;
}

static bool add_section(struct report_request *r, const struct report_section *s, struct error *err)
{
    json_t *rows = NULL;
    bool done = s->sql != NULL ? report_query(r, s->sql, &rows, err) : s->fill(r, &rows, err);
    if (!done)
        return error_context(err, "section %s", s->shape.key);
    document_add(r->document, &s->shape, rows);
    if (s->shape.kind == DOCUMENT_FIGURES && json_array_size(rows) != 1)
        return error_set(err, ERR_DB, "section %s: %zu rows of figures", s->shape.key,
                         json_array_size(rows));
    return true;
}

static const struct report_section *find_section(const struct report *report, const char *key)
{
    const struct report_section *s = report->sections;
    while (s->shape.key != NULL && strcmp(s->shape.key, key) != 0)
        s++;
    return s->shape.key == NULL ? NULL : s;
}

/* A statement stands alone; fill() and finish() look at the sections before. */
static bool is_alone(const struct report *report, const char *key)
{
    const struct report_section *s = key == NULL ? NULL : find_section(report, key);
    return s != NULL && s->sql != NULL && report->finish == NULL;
}

static bool add_sections(struct report_request *r, const struct report *report, const char *only,
                         struct error *err)
{
    bool alone = is_alone(report, only);
    for (const struct report_section *s = report->sections; s->shape.key != NULL; s++)
        if ((!alone || strcmp(s->shape.key, only) == 0) && !add_section(r, s, err))
            return error_context(err, "report %s", report->name);
    return report->finish == NULL || report->finish(r, err);
}

static bool check_operand(const struct report *report, const char *operand, struct error *err)
{
    if (report->operand == NULL && operand != NULL)
        return error_set(err, ERR_USAGE,
                         "report %s is about no single thing: nothing stands behind its name",
                         report->name);
    if (report->operand != NULL && operand == NULL)
        return error_set(
            err, ERR_USAGE,
            "which one?  waarborg report %s %s; waarborg report --help says what %s is",
            report->name, report->operand, report->operand);
    return true;
}

static bool check_section(const struct report *report, const char *key, struct error *err)
{
    CLEANUP(text_free) struct text known = {0}, hint = {0};
    const char *names[32] = {0};
    size_t count = 0;
    if (key == NULL || find_section(report, key) != NULL)
        return true;
    for (const struct report_section *s = report->sections; s->shape.key != NULL; s++) {
        text_separate(&known, ", ");
        text_add(&known, s->shape.key);
        if (count < COUNT_OF(names))
            names[count++] = s->shape.key;
    }
    nearest_add(&hint, "", key, names, count);
    return error_set(err, ERR_USAGE, "report %s has no section '%s'%s (it has %s)", report->name,
                     key, text_get(&hint), text_get(&known));
}

bool report_check(const struct job_ctx *ctx, const struct report *report, const char *operand,
                  const struct report_period *period, const char *section, struct error *err)
{
    struct document unused = {0};
    const char *option = period->from != NULL ? "--from" : "--to";
    if (report->timeless && (period->from != NULL || period->to != NULL))
        return error_set(err, ERR_USAGE,
                         "report %s is of no period: leave out %s; --as-of says by which day it is "
                         "judged",
                         report->name, option);
    return set_period(ctx, report, period, &unused, err) && check_operand(report, operand, err) &&
           check_section(report, section, err);
}

/* The configuration need not name it, and every page says whose it is. */
static const char *organisation(const struct settings *s, enum document_language language)
{
    if (s->organisation.name != NULL)
        return s->organisation.name;
    return language == DOCUMENT_NL ? "deze organisatie" : "this organisation";
}

// NOLINTNEXTLINE(readability-function-size): what is asked, and everything that is answered
bool report_load(const struct job_ctx *ctx, struct db *db, const struct report *report,
                 const char *operand, const struct report_period *period, const char *section,
                 enum document_language language, struct document *ret, char **ret_operand,
                 bool *ret_attention, struct error *err)
{
    CLEANUP(document_free)
    struct document d = {.name = report->name,
                         .title = report->title,
                         .about = report->about,
                         .one_page = report->one_page,
                         .language = language,
                         .organisation = organisation(ctx->settings, language),
                         .registration = ctx->settings->organisation.registration,
                         .program = "waarborg " WAARBORG_VERSION,
                         .timezone = ctx->settings->timezone};
    CLEANUP(memory_release) char *usual = NULL;
    struct report_request r = {.ctx = ctx, .db = db, .document = &d};
    if (!set_period(ctx, report, period, &d, err) || !find_instant(&r, err) ||
        !check_operand(report, operand, err) ||
        (report->begin != NULL && !report->begin(&r, operand, &usual, err)))
        return false;
    r.operand = d.operand = usual;
    if (!add_sections(&r, report, section, err))
        return false;
    if (report->timeless)
        d.from[0] = d.to[0] = '\0';
    *ret = d;
    d = (struct document){0};
    *ret_operand = usual;
    usual = NULL;
    *ret_attention = r.attention;
    return true;
}
