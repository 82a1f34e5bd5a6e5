#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/file_path.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/report/list.h"
#include "jobs/report/report_jobs.h"
#include "jobs/schema/schema.h"

struct show_options {
    const char *language, *format, *section, *out;
    struct report_period period;
};

static const char *const format_names[] = {
    [RENDER_TEXT] = "text", [RENDER_CSV] = "csv", [RENDER_JSON] = "json", [RENDER_HTML] = "html"};

/* ---- what is asked ---- */

/* text is what a terminal shows, txt what a file is called. */
static bool find_format(const char *name, enum render_format *ret)
{
    for (size_t i = 0; i < COUNT_OF(format_names); i++)
        if (strcmp(name, format_names[i]) == 0) {
            *ret = (enum render_format)i;
            return true;
        }
    return false;
}

static bool choose_format(const struct job_ctx *ctx, const struct show_options *o,
                          enum render_format *ret, struct error *err)
{
    const char *dot = o->out == NULL ? NULL : strrchr(o->out, '.');
    *ret = RENDER_TEXT;
    if (o->format != NULL) {
        if (!find_format(o->format, ret))
            return error_set(err, ERR_USAGE, "--format is text, csv, json or html, not '%s'",
                             o->format);
        if (ctx->json && *ret != RENDER_JSON)
            return error_set(err, ERR_USAGE, "--json and --format %s exclude one another",
                             o->format);
    } else if (ctx->json) {
        *ret = RENDER_JSON;
    } else if (dot != NULL) {
        (void)find_format(dot + 1, ret);
    }
    return true;
}

bool report_choose_language(const char *name, enum document_language *ret, struct error *err)
{
    if (name != NULL && strcmp(name, "nl") != 0 && strcmp(name, "en") != 0)
        return error_set(err, ERR_USAGE, "--lang is nl or en, not '%s'", name);
    *ret = name != NULL && strcmp(name, "nl") == 0 ? DOCUMENT_NL : DOCUMENT_EN;
    return true;
}

/* ---- where it goes ---- */

static size_t terminal_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

/* Before the database is asked. */
static bool check_out(const struct show_options *o, struct error *err)
{
    return o->out == NULL || file_path_check(o->out, err) || error_context(err, "--out");
}

static bool write_out(const struct show_options *o, const struct text *text, struct error *err)
{
    if (o->out != NULL)
        return file_path_replace(o->out, text_get(text), text->length, 0600, err) ||
               error_context(err, "--out");
    fwrite(text_get(text), 1, text->length, stdout); /* main looks whether it arrived */
    return true;
}

/* cron and systemd mail what is said here; the page itself they do not look at. */
static void tell_attention(const struct show_options *o, const struct document *d)
{
    CLEANUP(text_free) struct text checks = {0};
    size_t i;
    json_t *row;
    json_array_foreach(document_rows(d, "checks"), i, row)
    {
        const char *answer = json_string_value(json_object_get(row, "answer"));
        if (strcmp(answer, "no") == 0 || strcmp(answer, "look") == 0) {
            text_separate(&checks, ",");
            text_add(&checks, json_string_value(json_object_get(row, "check")));
        }
    }
    log_event(LOG_WARNING, "report.attention", "report=%s checks=%s file=\"%s\"", d->name,
              text_get(&checks), o->out);
}

static bool show(const struct job_ctx *ctx, const struct report *report, const char *operand,
                 const struct show_options *o, int *ret_exit, struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(document_free) struct document document = {0};
    CLEANUP(memory_release) char *usual = NULL;
    CLEANUP(text_free) struct text text = {0};
    enum document_language language = DOCUMENT_EN;
    enum render_format format = RENDER_TEXT;
    bool attention = false;
    if (!report_choose_language(o->language, &language, err) ||
        !choose_format(ctx, o, &format, err) ||
        !report_check(ctx, report, operand, &o->period, o->section, err) || !check_out(o, err) ||
        !job_open_db(ctx, "report", 5000, &db, err) || !schema_require(db, err) ||
        !db_tx_begin(db, DB_REPEATABLE_READ_ONLY, &tx, err) ||
        !report_load(ctx, db, report, operand, &o->period, o->section, language, &document, &usual,
                     &attention, err))
        return false;
    const struct render_options options = {.document = &document,
                                           .section = o->section,
                                           .width = o->out == NULL ? terminal_width() : 0};
    render_document(&text, format, &options);
    *ret_exit = attention ? JOB_ATTENTION : JOB_DONE;
    if (!write_out(o, &text, err))
        return false;
    if (attention && o->out != NULL)
        tell_attention(o, &document);
    return true;
}

static void add_help(struct text *help)
{
    text_add(help, "Prints a compliance report.  Reads only.  The period is in days of the "
                   "configured time zone, both included; without --from it begins on 1 January, "
                   "without --to it ends on the day that is judged by (--as-of, or today).  run, "
                   "breach, forecast and schedule are of no period.\n\n"
                   "Reports:\n");
    for (size_t i = 0; report_list[i] != NULL; i++) {
        CLEANUP(memory_release)
        char *name = memory_format("%s%s%s", report_list[i]->name,
                                   report_list[i]->operand == NULL ? "" : " ",
                                   report_list[i]->operand == NULL ? "" : report_list[i]->operand);
        text_addf(help, "  %-16s %s\n", name, report_list[i]->title.en);
    }
    text_add(help, "\nID is the number of a run, or last; REF the reference of a breach.\n\n"
                   "waarborg report pack writes all of them for an auditor, with the evidence.\n\n"
                   "CSV is section,row,column,value for a whole report, and a table of its own "
                   "with --section.  Exit code 1: report summary found something that needs "
                   "attention.\n\nExamples:\n"
                   "  waarborg report summary\n"
                   "  waarborg report breaches --lang nl --out breaches.html\n"
                   "  waarborg report retention --from 2025-01-01 --to 2025-12-31 -f csv -s runs");
}

bool report_show(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit, struct error *err)
{
    struct show_options o = {0};
    CLEANUP(text_free) struct text text = {0};
    const struct report *report = NULL;
    const struct option_spec specs[] = {
        {"from", 0, OPTION_TEXT, "DATE", "first day of the period", &o.period.from, 0, 0},
        {"to", 0, OPTION_TEXT, "DATE", "last day of the period", &o.period.to, 0, 0},
        {"lang", 'l', OPTION_TEXT, "LANG", "language: nl or en (default)", &o.language, 0, 0},
        {"format", 'f', OPTION_TEXT, "FORMAT",
         "text, csv, json or html; by default what FILE ends in, or text", &o.format, 0, 0},
        {"section", 's', OPTION_TEXT, "KEY", "this section only, by its key in JSON", &o.section, 0,
         0},
        {"out", 'o', OPTION_TEXT, "FILE", "write (or replace) this file, whole or not at all",
         &o.out, 0, 0},
        {0}};
    char **words;
    int count;
    bool help = false;
    *ret_exit = JOB_DONE;
    add_help(&text);
    if (!job_parse_options(ctx->job, "NAME [WHAT]", text_get(&text), specs, argc, argv, &words,
                           &count, &help, err) ||
        help)
        return help;
    if (count == 0)
        return error_set(err, ERR_USAGE, "which report?  waarborg report --help lists them");
    if (count > 2)
        return error_set(err, ERR_USAGE, "one report at a time; '%s' is one word too many",
                         words[2]);
    return report_find(words[0], &report, err) &&
           show(ctx, report, count > 1 ? words[1] : NULL, &o, ret_exit, err);
}
