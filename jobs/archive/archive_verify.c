#include <jansson.h>
#include <stdio.h>

#include "common/log.h"
#include "common/metrics.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/archive/archive_jobs.h"
#include "jobs/archive/archive_metrics.h"
#include "jobs/archive/verification.h"
#include "jobs/archive/verify.h"

struct verify_options {
    const char *segment; /* NULL = all */
    const char *key;
    const char *dir;
    const char *journal;
    const char *metrics;
};

static const char help_text[] =
    "Checks every segment, or the one that is named: its manifest, the chain of manifests,\n"
    "size and SHA-256 of its file, and what ledger and journal say about it.  With --key\n"
    "(the private key of one recipient) it is opened too, down to the rows.  With --dir a\n"
    "copy of the archive is checked, without database; --journal adds a copy of the journal.\n"
    "Prints one line for each thing that does not hold.\n\n"
    "A key with a passphrase: it is asked for, or taken from WAARBORG_KEY_PASSPHRASE.\n"
    "Exit code 4 when something does not hold, 1 when the key opens only some segments.\n\n"
    "That the whole of the own archive was verified is recorded in the database, for the\n"
    "reports; a user who only reads verifies all the same.  --metrics replaces a file of\n"
    "Prometheus, also when something does not hold; one that cannot be written is found at\n"
    "the start (exit code 2), or said at the end (at least 1).";

static void print_json(const struct verify_result *r, bool with_key)
{
    json_t *faults = json_array();
    for (size_t i = 0; i < r->fault_count; i++)
        json_array_append_new(faults, json_pack("{s:s, s:s}", "place", r->faults[i].place, "fault",
                                                r->faults[i].sentence));
    json_t *result =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "segments", (json_int_t)r->segments,
                  "destroyed", (json_int_t)r->destroyed, "opened", (json_int_t)r->opened,
                  "unopened", (json_int_t)r->unopened, "bytes", (json_int_t)r->bytes, "with_key",
                  (int)with_key, "faults", faults);
    render_json(stdout, result);
    json_decref(result);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void print_sum(const struct verify_result *r)
{
    char bytes[32];
    render_bytes(bytes, sizeof bytes, r->bytes);
    if (r->segments > 0 && r->destroyed == r->segments)
        printf("%zu segment%s: destroyed, as it is recorded; the manifest%s hold%s.\n", r->segments,
               plural(r->segments), plural(r->segments), r->segments == 1 ? "s" : "");
    else if (r->destroyed > 0)
        printf("%zu segments, %s: all hold; %zu of them %s destroyed, as it is recorded.\n",
               r->segments, bytes, r->destroyed, r->destroyed == 1 ? "was" : "were");
    else
        printf("%zu segment%s, %s: all hold.\n", r->segments, plural(r->segments), bytes);
}

static void print_text(const struct job_ctx *ctx, const struct verify_options *o,
                       const struct verify_result *r)
{
    verify_print_faults(r);
    if (r->unopened > 0)
        printf("%zu segment%s not opened: the key is for none of the recipients.\n", r->unopened,
               r->unopened == 1 ? " was" : "s were");
    if (r->fault_count > 0) {
        printf("%zu segment%s looked at, %zu fault%s.\n", r->segments, plural(r->segments),
               r->fault_count, plural(r->fault_count));
        return;
    }
    if (ctx->quiet)
        return;
    print_sum(r);
    printf("Checked: manifests, chain%s%s%s%s.\n",
           r->destroyed < r->segments ? ", sizes and digests" : "",
           o->dir != NULL ? "" : ", ledger, journal",
           o->dir != NULL && o->journal != NULL ? ", journal" : "",
           r->opened == 0 || r->opened + r->destroyed < r->segments ? ""
           : r->destroyed > 0                                       ? ", every row that is left"
                                                                    : ", every row");
    if (r->opened + r->destroyed + r->unopened < r->segments)
        printf("Sealed rows were not looked at: that needs --key.\n");
}

static bool find_segment(const struct evidence *e, const char *word, const char **ret_base,
                         struct error *err)
{
    const struct ledger_segment *s = ledger_find(&e->ledger, word);
    const struct store_entry *entry = NULL;
    if (s != NULL) { /* also when nothing is left of it on the disk */
        *ret_base = s->file;
        return true;
    }
    if (!store_find(&e->store, word, &entry, err))
        return false;
    *ret_base = entry->base;
    return true;
}

/* For the reports and for monitoring. */
static bool leave_word(const struct job_ctx *ctx, const struct verify_options *o,
                       const struct verify_result *r, int *ret_exit, struct error *err)
{
    bool whole = o->segment == NULL && o->dir == NULL && o->journal == NULL;
    bool recorded = !whole || verification_record(ctx, "archive", r, err);
    if (o->metrics != NULL &&
        !verify_metrics_write(ctx, r, o->metrics, recorded ? *ret_exit : error_exit_code(err)) &&
        *ret_exit == JOB_DONE)
        *ret_exit = JOB_ATTENTION;
    return recorded;
}

static bool verify(const struct job_ctx *ctx, const struct verify_options *o, int *ret_exit,
                   struct error *err)
{
    CLEANUP(evidence_free) struct evidence e = {.store.root_fd = -1};
    CLEANUP(seal_key_free) struct seal_key *key = NULL;
    CLEANUP(verify_result_free) struct verify_result result = {0};
    struct verify_request request = {0};
    if ((o->key != NULL && !seal_key_load(o->key, &key, err)) ||
        !evidence_load(ctx, o->dir, o->journal, &e, err) ||
        (o->segment != NULL && !find_segment(&e, o->segment, &request.only, err)))
        return false;
    request.key = key;
    if (!verify_archive(&e, &request, &result, err))
        return false;
    log_event(result.fault_count > 0 ? LOG_ERROR : LOG_INFO, "archive.verify.done",
              "segments=%zu faults=%zu opened=%zu", result.segments, result.fault_count,
              result.opened);
    if (ctx->json)
        print_json(&result, key != NULL);
    else
        print_text(ctx, o, &result);
    *ret_exit = result.fault_count > 0 ? JOB_INTEGRITY
                : result.unopened > 0  ? JOB_ATTENTION
                                       : JOB_DONE;
    return leave_word(ctx, o, &result, ret_exit, err);
}

bool archive_verify(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                    struct error *err)
{
    struct verify_options o = {0};
    const struct option_spec specs[] = {
        {"key", 'k', OPTION_TEXT, "FILE", "private key of a recipient (PEM): look at the rows too",
         &o.key, 0, 0},
        {"dir", 'd', OPTION_TEXT, "DIR", "a copy of the archive; no database is needed", &o.dir, 0,
         0},
        {"journal", 'j', OPTION_TEXT, "FILE", "a copy of the journal", &o.journal, 0, 0},
        {"metrics", 0, OPTION_TEXT, "FILE", METRICS_OPTION, &o.metrics, 0, 0},
        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "[SEGMENT]", help_text, specs, argc, argv, &words, &count,
                           &help, err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (count > 1)
        return error_set(err, ERR_USAGE, "give one segment, or none for all of them");
    if (ctx->settings == NULL && o.dir == NULL)
        return error_set(
            err, ERR_USAGE,
            "there is no configuration: give one with -c FILE, or a copy of an archive "
            "with --dir DIR");
    o.segment = count == 1 ? words[0] : NULL;
    if (o.segment != NULL && o.metrics != NULL)
        return error_set(err, ERR_USAGE,
                         "--metrics tells of a whole archive: leave SEGMENT out, or the option");
    return metrics_check_path(o.metrics, err) && verify(ctx, &o, ret_exit, err);
}
