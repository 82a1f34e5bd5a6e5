#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/evidence/at_work.h"
#include "jobs/report/list.h"
#include "jobs/report/pack.h"
#include "jobs/report/pack_evidence.h"
#include "jobs/report/pack_readme.h"
#include "jobs/report/report_jobs.h"
#include "jobs/schema/schema.h"

struct packing {
    const struct job_ctx *ctx;
    struct db *db; /* in the one snapshot of all reports */
    struct pack *pack;
    enum document_language language;
    struct report_period period;
    struct document summary; /* the frame of README.txt; its strings are borrowed */
};

/* ---- the reports ---- */

static bool add_rendered(const struct packing *k, const struct document *d, const char *section,
                         enum render_format format, const char *name, struct error *err)
{
    CLEANUP(text_free) struct text text = {0};
    const struct render_options options = {.document = d, .section = section};
    render_document(&text, format, &options);
    return pack_add(k->pack, name, text_get(&text), text.length, err);
}

/* path: without ending. */
static bool add_formats(const struct packing *k, const struct document *d, const char *path,
                        struct error *err)
{
    static const struct {
        enum render_format format;
        const char *ending;
    } formats[] = {{RENDER_HTML, "html"}, {RENDER_JSON, "json"}, {RENDER_CSV, "csv"}};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        CLEANUP(memory_release) char *name = memory_format("%s.%s", path, formats[i].ending);
        if (!add_rendered(k, d, NULL, formats[i].format, name, err))
            return false;
    }
    return true;
}

static bool add_tables(const struct packing *k, const struct document *d, struct error *err)
{
    for (size_t i = 0; i < d->part_count; i++) {
        const char *key = d->parts[i].shape->key;
        CLEANUP(memory_release) char *name = memory_format("tables/%s-%s.csv", d->name, key);
        if (!add_rendered(k, d, key, RENDER_CSV, name, err))
            return false;
    }
    return true;
}

static bool add_report(struct packing *k, const struct report *report, const char *operand,
                       const char *path, struct document *ret, struct error *err)
{
    CLEANUP(document_free) struct document d = {0};
    CLEANUP(memory_release) char *usual = NULL;
    bool attention;
    if (!report_load(k->ctx, k->db, report, operand, &k->period, NULL, k->language, &d, &usual,
                     &attention, err))
        return false;
    d.judged_at[0] = '\0'; /* the same input gives the same bytes */
    if (!add_formats(k, &d, path, err) || (operand == NULL && !add_tables(k, &d, err)))
        return false;
    if (ret != NULL) {
        *ret = d;
        d = (struct document){0};
    }
    return true;
}

/* Nights on which nothing happened are lines of the report retention. */
static bool is_worth_telling(const json_t *run)
{
    const char *outcome = json_string_value(json_object_get(run, "outcome"));
    return json_integer_value(json_object_get(run, "disposed")) > 0 || outcome == NULL ||
           strcmp(outcome, "done") != 0;
}

static bool add_runs(struct packing *k, const struct document *retention, struct error *err)
{
    size_t i;
    json_t *run;
    json_array_foreach(document_rows(retention, "runs"), i, run)
    {
        int64_t id = json_integer_value(json_object_get(run, "run"));
        CLEANUP(memory_release) char *operand = memory_format("%" PRId64, id);
        CLEANUP(memory_release) char *path = memory_format("reports/runs/run-%06" PRId64, id);
        if (is_worth_telling(run) && !add_report(k, &report_run, operand, path, NULL, err))
            return false;
    }
    return true;
}

static bool add_breaches(struct packing *k, const struct document *breaches, struct error *err)
{
    size_t i;
    json_t *breach;
    json_array_foreach(document_rows(breaches, "overview"), i, breach)
    {
        const char *reference = json_string_value(json_object_get(breach, "reference"));
        CLEANUP(memory_release) char *path = memory_format("reports/breaches/%s", reference);
        if (!add_report(k, &report_breach, reference, path, NULL, err))
            return false;
    }
    return true;
}

static bool add_reports(struct packing *k, struct error *err)
{
    for (size_t i = 0; report_list[i] != NULL; i++) {
        const struct report *report = report_list[i];
        CLEANUP(document_free) struct document d = {0};
        CLEANUP(memory_release) char *path = memory_format("reports/%s", report->name);
        if (report->operand != NULL)
            continue; /* each run and each breach, below */
        if (!add_report(k, report, NULL, path, &d, err) ||
            (report == &report_retention && !add_runs(k, &d, err)) ||
            (report == &report_breaches && !add_breaches(k, &d, err)))
            return false;
        if (report == &report_summary) {
            k->summary = d;
            d = (struct document){0};
        }
    }
    return true;
}

/* ---- the evidence, and what explains it ---- */

static bool day_begins(const char *iso, int days, int64_t *ret, struct error *err)
{
    struct local_date date;
    return local_date_parse(iso, &date, err) && report_day_begins(date, days, ret, err);
}

static bool add_evidence(struct packing *k, bool with_signature, struct error *err)
{
    CLEANUP(text_free) struct text readme = {0};
    struct pack_evidence evidence = {0};
    struct pack_period period = {0};
    if (!day_begins(k->summary.from, 0, &period.from, err) ||
        !day_begins(k->summary.to, 1, &period.until, err) ||
        !pack_evidence_add(k->pack, k->ctx, &period, &evidence, err))
        return false;
    pack_readme_add(&readme, &k->summary, &evidence, with_signature);
    return pack_add(k->pack, "README.txt", text_get(&readme), readme.length, err);
}

/* Reports are of one snapshot, the journal is read after it: a job at work would come between. */
static bool refuse_at_work(const struct job_ctx *ctx, struct error *err)
{
    const char *directory = ctx->settings->archive.directory;
    return !at_work(directory) ||
           error_set(err, ERR_BUSY,
                     "a job is at work in %s, so that reports and journal would not agree: try "
                     "again when it is done",
                     directory);
}

static void packing_free(struct packing *k)
{
    document_free(&k->summary);
    pack_discard(&k->pack);
    db_close(&k->db);
}

static bool make_pack(struct packing *k, const char *path, const char *key, size_t *ret_files,
                      struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(signer_free) struct signer *signer = NULL;
    if ((key != NULL && !signer_load(key, k->ctx->now, &signer, err)) ||
        !pack_create(path, &k->pack, err) || !refuse_at_work(k->ctx, err) ||
        !job_open_db(k->ctx, "report", 5000, &k->db, err) || !schema_require(k->db, err) ||
        !db_tx_begin(k->db, DB_REPEATABLE_READ_ONLY, &tx, err) || !add_reports(k, err) ||
        !db_tx_commit(&tx, err) || !add_evidence(k, signer != NULL, err))
        return error_context(err, "pack");
    return refuse_at_work(k->ctx, err) && pack_finish(k->pack, signer, ret_files, err);
}

static void tell(const struct job_ctx *ctx, const char *path, const char *key, size_t files)
{
    log_event(LOG_NOTICE, "report.pack.done", "files=%zu signed=%s", files,
              key != NULL ? "yes" : "no");
    if (ctx->json) {
        json_t *result = json_pack("{s:s, s:I, s:b}", "directory", path, "files", (json_int_t)files,
                                   "signed", key != NULL);
        render_json(stdout, result);
        json_decref(result);
    } else if (!ctx->quiet) {
        printf("%zu files in %s%s; README.txt says how to check them.\n", files, path,
               key != NULL ? ", signed" : "");
    }
}

bool report_pack(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit, struct error *err)
{
    static const char text[] =
        "Makes a directory for an auditor: every report of the period as a page, as JSON and\n"
        "as CSV, each night that disposed of anybody and each breach, the journal and the\n"
        "manifests of the period, SHA256SUMS, and README.txt, which says how to check it all\n"
        "with sha256sum and openssl, without this program and without the database.  It\n"
        "holds no customer's data; the register of breaches is in it.\n\n"
        "DIR must not be there yet; it appears whole or not at all.  The same input gives the\n"
        "same bytes.  --sign: a detached CMS signature over SHA256SUMS; KEY.pem holds the\n"
        "private key and, behind it, its certificate.  A passphrase is asked for, or taken\n"
        "from WAARBORG_KEY_PASSPHRASE.  Exit code 4 when journal and manifests do not hold,\n"
        "75 when a job is at work.";
    const char *language = NULL;
    const char *key = NULL;
    CLEANUP(packing_free) struct packing k = {.ctx = ctx};
    const struct option_spec specs[] = {
        {"from", 0, OPTION_TEXT, "DATE", "first day of the period (1 January)", &k.period.from, 0,
         0},
        {"to", 0, OPTION_TEXT, "DATE", "last day of the period (--as-of, or today)", &k.period.to,
         0, 0},
        {"lang", 'l', OPTION_TEXT, "LANG", "language: nl or en (default)", &language, 0, 0},
        {"sign", 's', OPTION_TEXT, "KEY.pem", "sign it with this key", &key, 0, 0},
        {0}};
    char **words;
    int count;
    bool help = false;
    size_t files = 0;
    *ret_exit = JOB_DONE;
    if (!job_parse_options(ctx->job, "DIR", text, specs, argc, argv, &words, &count, &help, err) ||
        help)
        return help;
    if (count != 1)
        return error_set(err, ERR_USAGE, "name one directory: waarborg report pack DIR");
    if (!report_choose_language(language, &k.language, err) ||
        !make_pack(&k, words[0], key, &files, err))
        return false;
    tell(ctx, words[0], key, files);
    return true;
}
