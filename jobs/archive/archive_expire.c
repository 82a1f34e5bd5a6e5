#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/metrics.h"
#include "common/options.h"
#include "common/render.h"
#include "common/run_lock.h"
#include "common/stop.h"
#include "jobs/archive/archive_jobs.h"
#include "jobs/archive/archive_metrics.h"
#include "jobs/archive/claim.h"
#include "jobs/archive/expire.h"
#include "jobs/archive/reconcile.h"
#include "jobs/archive/reference.h"
#include "jobs/schema/rights.h"
#include "jobs/schema/schema.h"
#include "sql.h"

static const char help_text[] =
    "Destroys the files of the segments that are older than archive.keep: each is kept\n"
    "through the day that lies archive.keep after the one it was created on, and\n"
    "destroyed from the day after.  A segment with a subject that is held (waarborg hold\n"
    "add) is kept until the hold is released.  Manifest, ledger and journal stay as\n"
    "evidence; a segment whose subjects were restored goes all the same.\n\n"
    "Destroyed means: unlinked, and the directory written to disk.  File systems,\n"
    "snapshots and backups keep copies of their own, with terms of their own.\n\n"
    "Exit code 1 when a hold that keeps a segment is to be reviewed, when there was no file,\n"
    "or when a segment was locked.  --rehearsal is for a copy of the database with a copy\n"
    "of the archive: what it destroys is gone.\n\n"
    "--metrics replaces a file of Prometheus when it is over, also when it failed: what is\n"
    "there of the archive, what is past its term, what this call destroyed.  The file stays\n"
    "as it was when another job is at work or the database is away.  One that cannot be\n"
    "written is found before anything is destroyed (exit code 2), or said at the end (at\n"
    "least 1).";

static const struct render_column columns[] = {{"segment", "segment", RENDER_LEFT},
                                               {"policy", "policy", RENDER_LEFT},
                                               {"subjects", "subjects", RENDER_RIGHT},
                                               {"created", "created_on", RENDER_LEFT},
                                               {"kept until", "kept_until", RENDER_LEFT},
                                               {"state", "state", RENDER_LEFT},
                                               {NULL, NULL, RENDER_LEFT}};

struct expiry {
    const struct job_ctx *ctx;
    bool dry_run;
    char as_of[11];
    struct expire_job job;
    struct db *db;
    int archive_fd;
    struct journal *journal;
    struct db_result *segments; /* list_expiring.sql */
    json_t *rows;
    json_t *reviews; /* a member for each hold that is to be reviewed: one may keep several */
    size_t due, destroyed, missing, held, busy, later;
    uint64_t destroyed_bytes;
    char next_day[11]; /* "" or the first on which one of the others goes */
    bool stopped, failed;
    bool alone; /* the run lock is ours */
};

static void expiry_release(struct expiry *x)
{
    json_decref(x->rows);
    json_decref(x->reviews);
    db_result_free(&x->segments);
    journal_close(&x->journal);
    file_close(&x->archive_fd);
    db_close(&x->db);
}

static bool kept_until(const struct expiry *x, size_t row, struct local_date *ret,
                       struct error *err)
{
    struct local_date created;
    if (!local_date_parse(db_text(x->segments, row, 6), &created, err))
        return error_context(err, "segment %s", db_text(x->segments, row, 0));
    *ret = rule_last_kept(created, x->ctx->settings->archive.keep_window, WINDOW_EXACT);
    return true;
}

static json_t *add_row(struct expiry *x, size_t row, struct local_date kept)
{
    const struct db_result *s = x->segments;
    char day[11];
    local_date_format(kept, day);
    json_t *object =
        json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:[]}", "segment", db_text(s, row, 0), "policy",
                  db_text(s, row, 1), "subjects", (json_int_t)db_int(s, row, 4), "created_on",
                  db_text(s, row, 6), "kept_until", day, "state", "not yet", "holds");
    json_array_append_new(x->rows, object);
    return object;
}

static size_t reviews_due(const struct expiry *x)
{
    return json_object_size(x->reviews);
}

static void set_state(json_t *row, const char *state)
{
    json_object_set_new(row, "state", json_string(state));
}

static void count_held(struct expiry *x, json_t *row, const struct db_result *holds)
{
    json_t *numbers = json_object_get(row, "holds");
    x->held++;
    set_state(row, "kept");
    for (size_t i = 0; i < db_rows(holds); i++) {
        json_array_append_new(numbers, json_integer((json_int_t)db_int(holds, i, 0)));
        if (db_bool(holds, i, 1))
            json_object_set_new(x->reviews, db_text(holds, i, 0), json_true());
    }
}

static void count_later(struct expiry *x, struct local_date kept)
{
    char day[11];
    local_date_format(local_date_add_days(kept, 1), day);
    if (x->later++ == 0 || strcmp(day, x->next_day) < 0)
        memcpy(x->next_day, day, sizeof day);
}

static void log_destroyed(const struct expiry *x, size_t row, bool missing)
{
    const struct db_result *s = x->segments;
    log_event(missing ? LOG_WARNING : LOG_INFO, "archive.expire.segment",
              "segment=%s policy=%s subjects=%" PRId64 " created=%s%s", db_text(s, row, 0),
              db_text(s, row, 1), db_int(s, row, 4), db_text(s, row, 6),
              missing ? " what=\"there was no file\"" : "");
}

static bool destroy(struct expiry *x, size_t row, json_t *object, struct error *err)
{
    const struct db_result *s = x->segments;
    CLEANUP(db_result_free) struct db_result *holds = NULL;
    const struct expire_segment segment = {.id = db_text(s, row, 0),
                                           .policy = db_text(s, row, 1),
                                           .file = db_text(s, row, 2),
                                           .chain_no = (uint64_t)db_int(s, row, 3),
                                           .subjects = (uint64_t)db_int(s, row, 4),
                                           .sha256 = db_text(s, row, 5)};
    enum expire_outcome outcome = EXPIRE_BUSY;
    if (!expire_segment(&x->job, &segment, &outcome, &holds, err))
        return false;
    switch (outcome) {
    case EXPIRE_HELD:
        count_held(x, object, holds);
        break;
    case EXPIRE_BUSY:
        x->busy++;
        set_state(object, "busy");
        break;
    case EXPIRE_MISSING:
    case EXPIRE_DESTROYED:
        x->destroyed++;
        x->missing += outcome == EXPIRE_MISSING;
        x->destroyed_bytes += outcome == EXPIRE_MISSING ? 0 : (uint64_t)db_int(s, row, 7);
        set_state(object, outcome == EXPIRE_MISSING ? "destroyed, there was no file" : "destroyed");
        log_destroyed(x, row, outcome == EXPIRE_MISSING);
        break;
    }
    return true;
}

/* What would become of it. */
static bool foresee(struct expiry *x, size_t row, json_t *object, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *holds = NULL;
    if (!expire_holds(x->db, db_text(x->segments, row, 0), x->as_of, &holds, err))
        return false;
    if (db_rows(holds) > 0)
        count_held(x, object, holds);
    return true;
}

/* One that is past its day.  After a failure or a signal the others are only listed. */
static bool judge(struct expiry *x, size_t row, json_t *object, struct error *err)
{
    x->due++;
    set_state(object, "due");
    x->stopped |= stop_count() > 0;
    if (x->stopped || x->failed)
        return true;
    /* the only test of dry_run */
    if (x->dry_run ? foresee(x, row, object, err) : destroy(x, row, object, err))
        return true;
    set_state(object, "failed");
    return false;
}

static bool judge_all(struct expiry *x, struct error *err)
{
    for (size_t row = 0; row < db_rows(x->segments); row++) {
        struct local_date kept = {0};
        if (!kept_until(x, row, &kept, err))
            return false;
        json_t *object = add_row(x, row, kept);
        if (local_date_compare(x->ctx->as_of, kept) <= 0)
            count_later(x, kept);
        else
            x->failed |= !judge(x, row, object, err);
    }
    return !x->failed;
}

static void print_words(const struct expiry *x)
{
    const char *keep = x->ctx->settings->archive.keep;
    if (x->due == 0)
        printf("No segment is past archive.keep (%s) as of %s.\n", keep, x->as_of);
    else
        printf("%zu of %zu segment%s past archive.keep (%s) as of %s %s.\n",
               x->dry_run ? x->due - x->held : x->destroyed, x->due, x->due == 1 ? "" : "s", keep,
               x->as_of, x->dry_run ? "would be destroyed" : "destroyed");
    if (x->held > 0)
        printf("%zu kept by holds (waarborg hold list).\n", x->held);
    if (reviews_due(x) > 0)
        printf("%zu of these holds %s to be reviewed.\n", reviews_due(x),
               reviews_due(x) == 1 ? "is" : "are");
    if (x->missing > 0)
        printf("%zu had no file any more: somebody else removed it.\n", x->missing);
    if (x->busy > 0)
        printf("%zu locked by somebody else; the next run tries again.\n", x->busy);
    if (x->later > 0)
        printf("%zu kept for now; the next is due on %s.\n", x->later, x->next_day);
    if (x->stopped)
        printf("Stopped early: a signal asked to stop; the next run goes on.\n");
}

/* For people: the numbers of the holds in the state; what goes some other day in a dry run only. */
static void print_table(const struct expiry *x)
{
    json_t *shown = json_array();
    size_t i;
    json_t *row;
    json_array_foreach(x->rows, i, row)
    {
        const char *state = json_string_value(json_object_get(row, "state"));
        if (strcmp(state, "not yet") == 0 && !x->dry_run)
            continue;
        json_t *copy = json_copy(row);
        CLEANUP(text_free) struct text words = {0};
        size_t n;
        json_t *hold;
        json_array_foreach(json_object_get(row, "holds"), n, hold)
            text_addf(&words, "%s%" JSON_INTEGER_FORMAT, n == 0 ? "kept by hold " : ", ",
                      json_integer_value(hold));
        if (words.length > 0)
            set_state(copy, text_get(&words));
        json_array_append_new(shown, copy);
    }
    render_table(stdout, columns, shown);
    if (json_array_size(shown) > 0)
        putchar('\n');
    json_decref(shown);
}

static void report(const struct expiry *x, bool fine)
{
    if (x->ctx->json) {
        json_t *result = json_pack(
            "{s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:b, s:O}", "as_of", x->as_of,
            "keep", x->ctx->settings->archive.keep, "dry_run", x->dry_run, "due",
            (json_int_t)x->due, "destroyed", (json_int_t)x->destroyed, "missing",
            (json_int_t)x->missing, "kept", (json_int_t)x->held, "busy", (json_int_t)x->busy,
            "reviews_due", (json_int_t)reviews_due(x), "later", (json_int_t)x->later, "next_on",
            x->later == 0 ? NULL : x->next_day, "stopped", x->stopped, "segments", x->rows);
        render_json(stdout, result);
        json_decref(result);
    } else if (!(x->ctx->quiet && fine)) { /* cron mails what is printed */
        print_table(x);
        print_words(x);
    }
}

static bool list_segments(struct expiry *x, struct error *err)
{
    return db_query(x->db, DB_ROWS, sql_archive_list_expiring, 0, NULL, &x->segments, err);
}

/* Placing a hold locks a segment for a moment; who needs longer is tried again tomorrow. */
static bool open_db(struct expiry *x, struct error *err)
{
    return job_open_db(x->ctx, "archive.expire", x->ctx->settings->run.lock_timeout_ms, &x->db,
                       err);
}

/* Reads only, and waits for nobody. */
static bool look(struct expiry *x, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    return open_db(x, err) && schema_require(x->db, err) &&
           db_tx_begin(x->db, DB_REPEATABLE_READ_ONLY, &tx, err) && list_segments(x, err) &&
           judge_all(x, err);
}

/* Alone, and with what an earlier run left mended. */
static bool open_archive(struct expiry *x, struct error *err)
{
    unsigned char key[DIGEST_SIZE];
    if (!reference_key_load(x->ctx->settings->evidence.reference_key, key, err) ||
        !open_db(x, err) || !schema_require(x->db, err) ||
        !archive_claim(x->ctx, x->db, &x->archive_fd, err) || !run_lock_take(x->db, err))
        return false;
    x->alone = true;
    bool mended = reconcile(x->ctx, x->db, key, false, &x->journal, err);
    explicit_bzero(key, sizeof key);
    return mended;
}

static bool expire(struct expiry *x, struct error *err)
{
    if (!open_archive(x, err) || !list_segments(x, err))
        return false;
    x->job = (struct expire_job){.db = x->db,
                                 .archive_fd = x->archive_fd,
                                 .journal = x->journal,
                                 .as_of = x->as_of,
                                 .now = x->ctx->now};
    bool done = judge_all(x, err);
    if (done)
        log_event(LOG_NOTICE, "archive.expire.done",
                  "as_of=%s due=%zu destroyed=%zu missing=%zu kept=%zu busy=%zu reviews_due=%zu "
                  "outcome=%s",
                  x->as_of, x->due, x->destroyed, x->missing, x->held, x->busy, reviews_due(x),
                  x->stopped ? "stopped" : "done");
    return done;
}

static bool write_metrics(const struct expiry *x, const char *path, bool done, int exit_code,
                          struct error *err)
{
    const struct expire_call call = {
        .destroyed = x->destroyed,
        .missing = x->missing,
        .busy = x->busy,
        .destroyed_bytes = x->destroyed_bytes,
        .success = done && !x->stopped,
        .exit_code = rights_exit_code(x->ctx->job->words, done, exit_code, err)};
    return expire_metrics_write(x->ctx, x->db, &call, path);
}

bool archive_expire(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                    struct error *err)
{
    bool dry_run = false;
    bool rehearsal = false;
    const char *metrics = NULL;
    const struct option_spec specs[] = {
        {"dry-run", 'n', OPTION_FLAG, NULL, "show what would be destroyed; changes nothing",
         &dry_run, 0, 0},
        {"rehearsal", 0, OPTION_FLAG, NULL, "allow --as-of after today: on a copy", &rehearsal, 0,
         0},
        {"metrics", 0, OPTION_TEXT, "FILE", METRICS_OPTION, &metrics, 0, 0},
        {0}};
    char **words;
    int count;
    bool help = false;
    *ret_exit = JOB_DONE;
    if (!job_parse_options(ctx->job, NULL, help_text, specs, argc, argv, &words, &count, &help,
                           err) ||
        help)
        return help;
    if (dry_run ? !metrics_refuse_dry_run(metrics, err)
                : !job_refuse_future(ctx, rehearsal, err) || !metrics_check_path(metrics, err))
        return false;
    stop_install();
    CLEANUP(expiry_release) struct expiry x = {.ctx = ctx, .dry_run = dry_run, .archive_fd = -1};
    x.rows = json_array();
    x.reviews = json_object();
    local_date_format(ctx->as_of, x.as_of);
    bool done = dry_run ? look(&x, err) : expire(&x, err);
    bool fine = done && !x.stopped && x.missing + x.busy + reviews_due(&x) == 0;
    if (done || x.due > 0)
        report(&x, fine);
    *ret_exit = x.stopped ? JOB_AGAIN_LATER : fine ? JOB_DONE : JOB_ATTENTION;
    if (metrics != NULL && x.alone && !write_metrics(&x, metrics, done, *ret_exit, err) &&
        *ret_exit == JOB_DONE)
        *ret_exit = JOB_ATTENTION;
    return done;
}
