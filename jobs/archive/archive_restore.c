#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "common/run_lock.h"
#include "jobs/archive/archive_jobs.h"
#include "jobs/archive/history.h"
#include "jobs/archive/journal_lines.h"
#include "jobs/archive/reference.h"
#include "jobs/archive/restore.h"
#include "jobs/archive/segment_read.h"
#include "jobs/archive/store.h"
#include "jobs/schema/schema.h"

#define REVIEW_DAYS 30

struct restore_options {
    const char *segment;
    const char *subject; /* NULL = the whole segment */
    const char *key;
    const char *reason;
    const char *review;
};

static const char help_text[] =
    "Puts a segment back into the database, or with --subject one subject of it: parents\n"
    "first, in one transaction, into today's tables, which may have got more columns.\n"
    "Nothing changes when a row is in the way, a table or column is gone, or the segment\n"
    "does not hold.  The restore is recorded with its reason, and every subject that is\n"
    "back is held until somebody has looked at it: the review is due after 30 days, or\n"
    "on --review DATE.  Triggers of the tables fire.\n\n"
    "A subject with a key of several columns: --subject '[\"NL\", \"4711\"]'.\n"
    "Several segments: the newest first.  Rows of theirs may refer to rows of older ones.";

static void release_values(char ***values)
{
    for (size_t i = 0; *values != NULL && (*values)[i] != NULL; i++)
        free((*values)[i]);
    free(*values);
}

/* A JSON array, or one plain value. */
static bool parse_subject(const char *subject, size_t columns, char ***ret_values,
                          struct error *err)
{
    CLEANUP(release_values) char **values = memory_alloc((columns + 1) * sizeof *values);
    json_error_t ignored;
    if (subject[0] != '[' && columns == 1) {
        values[0] = memory_copy_text(subject);
    } else {
        json_t *array = json_loads(subject, 0, &ignored);
        bool fits = json_is_array(array) && json_array_size(array) == columns;
        for (size_t i = 0; fits && i < columns; i++) {
            const json_t *item = json_array_get(array, i);
            fits = json_is_string(item) || json_is_integer(item);
            values[i] = json_is_string(item)
                            ? memory_copy_text(json_string_value(item))
                            : memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(item));
        }
        json_decref(array);
        if (!fits)
            return error_set(err, ERR_USAGE,
                             "--subject: the key of this subject table has %zu column(s); give a "
                             "JSON array with as many texts or whole numbers",
                             columns);
    }
    *ret_values = values;
    values = NULL;
    return true;
}

/* What was destroyed is not looked for in a backup. */
static bool refuse_destroyed(const struct job_ctx *ctx, const struct store_entry *entry,
                             struct error *err)
{
    char at[21];
    int64_t destroyed_at = 0;
    const char *id = store_entry_id(entry);
    if (entry->has_file ||
        !history_tells_destroyed(ctx->settings->evidence.journal, id, &destroyed_at))
        return true;
    clock_format_utc(destroyed_at, at);
    return error_set(err, ERR_USAGE,
                     "segment %s was destroyed at %s by waarborg archive expire: nothing is left "
                     "to restore; waarborg evidence KEY tells what is known of a subject",
                     id, at);
}

static bool open_segment(const struct job_ctx *ctx, const struct restore_options *o,
                         struct manifest **ret_manifest, struct text *ret_gzip, struct error *err)
{
    CLEANUP(store_close) struct store store = {.root_fd = -1};
    CLEANUP(seal_key_free) struct seal_key *key = NULL;
    CLEANUP(manifest_free) struct manifest *m = NULL;
    CLEANUP(file_close) int fd = -1;
    const struct store_entry *entry = NULL;
    if (!store_open_own(ctx->settings->archive.directory, ctx->settings->evidence.journal, &store,
                        err) ||
        !store_find(&store, o->segment, &entry, err) || !refuse_destroyed(ctx, entry, err) ||
        !store_load_manifest(&store, entry, &m, err) ||
        !store_open_month(&store, entry, &fd, err) ||
        (o->key != NULL && !seal_key_load(o->key, &key, err)) ||
        !segment_open(fd, m, key, ret_gzip, err) || !segment_check_text(m, ret_gzip, err))
        return false;
    *ret_manifest = m;
    m = NULL;
    return true;
}

/* After COMMIT: what cannot be written here is written by the next run, from waarborg.restore. */
static bool append_journal(const struct job_ctx *ctx, struct journal *journal,
                           const struct manifest *m, const struct restore_result *r,
                           struct error *err)
{
    const struct restore_line line = {.segment_id = m->segment_id,
                                      .reference = r->reference[0] == '\0' ? NULL : r->reference,
                                      .subjects = r->subjects,
                                      .rows = r->rows};
    bool done = journal_line_restore(journal, ctx->now, &line, err);
    return done || error_context(err,
                                 "the rows of segment %s are back in the database, but the "
                                 "journal could not be written; the next run does it",
                                 m->segment_id);
}

static void print_result(const struct job_ctx *ctx, const struct manifest *m,
                         const struct restore_result *r, const char *review_on)
{
    log_event(LOG_NOTICE, "archive.restore.done",
              "segment=%s subjects=%" PRIu64 " rows=%" PRIu64 " relinked=%" PRIu64
              " emptied=%" PRIu64,
              m->segment_id, r->subjects, r->rows, r->relinked, r->emptied);
    if (ctx->json) {
        json_t *result = json_pack("{s:s, s:s?, s:I, s:I, s:I, s:I, s:s}", "segment", m->segment_id,
                                   "reference", r->reference[0] == '\0' ? NULL : r->reference,
                                   "subjects", (json_int_t)r->subjects, "rows", (json_int_t)r->rows,
                                   "relinked", (json_int_t)r->relinked, "emptied",
                                   (json_int_t)r->emptied, "review_on", review_on);
        render_json(stdout, result);
        json_decref(result);
        return;
    }
    char rows[32];
    printf("Restored %" PRIu64 " subject%s, %s row%s from segment %s.\n", r->subjects,
           r->subjects == 1 ? "" : "s", render_count(rows, sizeof rows, (long long)r->rows),
           r->rows == 1 ? "" : "s", m->segment_id);
    if (r->relinked > 0)
        printf("%" PRIu64 " value%s that had been set to NULL %s back.\n", r->relinked,
               r->relinked == 1 ? "" : "s", r->relinked == 1 ? "is" : "are");
    if (r->emptied > 0)
        printf("%" PRIu64 " value%s that would point to something gone by now %s left NULL.\n",
               r->emptied, r->emptied == 1 ? "" : "s", r->emptied == 1 ? "was" : "were");
    printf("Held until somebody looks at it; the review is due on %s.\n", review_on);
}

static bool restore(const struct job_ctx *ctx, const struct restore_options *o,
                    const char *review_on, struct error *err)
{
    CLEANUP(manifest_free) struct manifest *m = NULL;
    CLEANUP(segment_text_free) struct text gzip = {0};
    CLEANUP(release_values) char **key = NULL;
    CLEANUP(journal_close) struct journal *journal = NULL;
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(memory_release) char *os_user = job_os_user();
    unsigned char reference_key[DIGEST_SIZE];
    char at[21];
    struct restore_result result = {0};
    clock_format_utc(ctx->now, at);
    if (!open_segment(ctx, o, &m, &gzip, err) ||
        (o->subject != NULL &&
         (!parse_subject(o->subject, m->key_column_count, &key, err) ||
          !reference_key_load(ctx->settings->evidence.reference_key, reference_key, err))) ||
        !journal_open(ctx->settings->evidence.journal, false, &journal, err) ||
        !job_open_db(ctx, "archive", ctx->settings->run.lock_timeout_ms, &db, err) ||
        !schema_require(db, err) || !run_lock_take(db, err))
        return false;
    const struct restore_request request = {.manifest = m,
                                            .gzip = &gzip,
                                            .subject_key = (const char *const *)key,
                                            .reference_key = reference_key,
                                            .reason = o->reason,
                                            .review_on = review_on,
                                            .at = at,
                                            .os_user = os_user};
    if (!restore_segment(db, &request, &result, err) ||
        !append_journal(ctx, journal, m, &result, err))
        return false;
    print_result(ctx, m, &result, review_on);
    return true;
}

static bool choose_review(const struct job_ctx *ctx, const char *review, char ret_date[static 11],
                          struct error *err)
{
    struct local_date date = local_date_add_days(ctx->as_of, REVIEW_DAYS);
    if (review != NULL && !local_date_parse(review, &date, err))
        return error_context(err, "--review");
    if (local_date_compare(date, ctx->as_of) <= 0)
        return error_set(err, ERR_USAGE, "--review: the day of the review lies after today");
    local_date_format(date, ret_date);
    return true;
}

bool archive_restore(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                     struct error *err)
{
    struct restore_options o = {0};
    const struct option_spec specs[] = {
        {"subject", 's', OPTION_TEXT, "KEY", "this subject only", &o.subject, 0, 0},
        {"key", 'k', OPTION_TEXT, "FILE", "private key of a recipient (PEM)", &o.key, 0, 0},
        {"reason", 'r', OPTION_TEXT, "TEXT", "why; required", &o.reason, 0, 0},
        {"review", 0, OPTION_TEXT, "DATE", "day on which the holds are to be reviewed", &o.review,
         0, 0},
        {0}};
    char **words;
    int count;
    bool help;
    char review_on[11];
    if (!job_parse_options(ctx->job, "SEGMENT", help_text, specs, argc, argv, &words, &count, &help,
                           err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (count != 1)
        return error_set(err, ERR_USAGE, "give one segment; waarborg archive list shows them");
    if (o.reason == NULL || o.reason[strspn(o.reason, " \t\r\n")] == '\0')
        return error_set(err, ERR_USAGE, "--reason must say why these rows may come back");
    o.segment = words[0];
    return choose_review(ctx, o.review, review_on, err) && restore(ctx, &o, review_on, err);
}
