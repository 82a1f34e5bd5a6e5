#include "jobs/retention/reconcile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/log.h"
#include "common/memory.h"
#include "jobs/archive/store.h"
#include "jobs/retention/segment_line.h"
#include "sql.h"

struct known { /* segment ids, ordered for bsearch */
    char **ids;
    size_t count, capacity;
};

struct repair {
    const struct job_ctx *ctx;
    struct known journal, ledger;
    const struct db_result *segments; /* rows of list_segments.sql */
    struct store store;
};

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_id(struct known *k, const char *id)
{
    MEMORY_GROW(k->ids, k->count, k->capacity);
    k->ids[k->count++] = memory_copy_text(id);
}

static bool knows(const struct known *k, const char *id)
{
    return k->count > 0 && bsearch(&id, k->ids, k->count, sizeof *k->ids, compare_ids) != NULL;
}

static void sort(struct known *k)
{
    if (k->count > 0)
        qsort(k->ids, k->count, sizeof *k->ids, compare_ids);
}

static bool visit_line(void *context, uint64_t line_number, const json_t *line, struct error *err)
{
    (void)line_number;
    (void)err;
    struct repair *r = context;
    const char *event = json_string_value(json_object_get(line, "event"));
    const char *id = json_string_value(json_object_get(line, "segment"));
    if (event != NULL && id != NULL && strcmp(event, "segment") == 0)
        add_id(&r->journal, id);
    return true;
}

static bool read_journal(struct repair *r, struct error *err)
{
    uint64_t lines;
    uint64_t torn;
    const char *path = r->ctx->settings->evidence.journal;
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        /* The journal stands before the first file is written: files alone are never a beginning.
         */
        if (db_rows(r->segments) == 0 && r->store.entry_count == 0)
            return true;
        return error_set(err, ERR_INTEGRITY,
                         "the journal %s is missing although the ledger has %zu segments and the "
                         "archive directory %zu: put it back from the backup",
                         path, db_rows(r->segments), r->store.entry_count);
    }
    if (!journal_read(path, visit_line, r, &lines, &torn, err))
        return false;
    if (torn > 0)
        log_event(LOG_WARNING, "retention.journal_torn",
                  "bytes=%" PRIu64 " mend=\"removed by the next line\"", torn);
    return true;
}

/* Journal lines whose segment the database does not know: it was restored to an earlier point. */
static bool refuse_unknown(const struct repair *r, struct error *err)
{
    size_t unknown = 0;
    for (size_t i = 0; i < r->journal.count; i++)
        unknown += !knows(&r->ledger, r->journal.ids[i]);
    if (unknown == 0)
        return true;
    return error_set(
        err, ERR_INTEGRITY,
        "the journal names %zu segment%s that the ledger does not know: the "
        "database was restored to an earlier point, and people who were erased may be back",
        unknown, unknown == 1 ? "" : "s");
}

/* Batches commit and write their lines one by one: a run that is cut off leaves one ledger row, the
 * last, without its line.  Whatever else is missing was taken out. */
static bool refuse_shortened(const struct repair *r, struct error *err)
{
    size_t missing = 0;
    for (size_t i = 0; i + 1 < db_rows(r->segments); i++)
        missing += !knows(&r->journal, db_text(r->segments, i, 0));
    if (missing == 0)
        return true;
    return error_set(err, ERR_INTEGRITY,
                     "the journal %s lacks the lines of %zu segment%s that the ledger has: it was "
                     "shortened or replaced; put it back from the backup",
                     r->ctx->settings->evidence.journal, missing, missing == 1 ? "" : "s");
}

static bool write_line(const struct repair *r, struct journal *journal, size_t row,
                       struct error *err)
{
    const struct db_result *s = r->segments;
    const struct segment_line line = {
        .segment_id = db_text(s, row, 0),
        .run_id = db_int(s, row, 1),
        .policy = db_text(s, row, 2),
        .chain_no = (uint64_t)db_int(s, row, 3),
        .file = db_text(s, row, 4),
        .subjects = (uint64_t)db_int(s, row, 5),
        .rows = (uint64_t)db_int(s, row, 6),
        .sha256 = db_text(s, row, 7),
        .manifest_sha256 = db_text(s, row, 8),
    };
    if (!segment_line_append(journal, db_int(s, row, 10), &line, err))
        return false;
    log_event(LOG_WARNING, "retention.mended", "segment=%s what=\"journal line written\"",
              line.segment_id);
    return true;
}

static bool write_missing_lines(const struct repair *r, struct journal *journal, struct error *err)
{
    for (size_t i = 0; i < db_rows(r->segments); i++)
        if (!knows(&r->journal, db_text(r->segments, i, 0)) && !write_line(r, journal, i, err))
            return false;
    return true;
}

static bool check_files(const struct repair *r, struct error *err)
{
    for (size_t i = 0; i < db_rows(r->segments); i++) {
        if (db_bool(r->segments, i, 9))
            continue;
        const struct store_entry *e = store_find_base(&r->store, db_text(r->segments, i, 4));
        if (e == NULL || !e->has_file || !e->has_manifest)
            return error_set(
                err, ERR_INTEGRITY,
                "segment %s is in the ledger, but its %s is missing from the "
                "archive directory: run waarborg archive verify, and put it back from the backup",
                db_text(r->segments, i, 0), e != NULL && e->has_file ? "manifest" : "file");
    }
    return true;
}

static bool remove_entry(const struct repair *r, const struct store_entry *e, struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    if (!store_open_month(&r->store, e, &fd, err) || !store_remove_segment(fd, e->name, err))
        return false;
    log_event(LOG_WARNING, "retention.mended",
              "segment=%s what=\"file of a batch that did not commit removed\"", store_entry_id(e));
    return true;
}

static bool is_orphan(const struct repair *r, const struct store_entry *e)
{
    const char *id = store_entry_id(e);
    return !knows(&r->ledger, id) && !knows(&r->journal, id);
}

static bool refuse_stranger(const struct repair *r, const struct store_entry *e,
                            const struct db_result *server, struct error *err)
{
    CLEANUP(manifest_free) struct manifest *m = NULL;
    if (!e->has_manifest)
        return true;
    if (!e->has_file || !store_load_manifest(&r->store, e, &m, err))
        return e->has_file || error_set(err, ERR_INTEGRITY,
                                        "manifest %s has no segment and is in neither ledger nor "
                                        "journal: run waarborg archive verify",
                                        e->base);
    const char *system = db_text(server, 0, 1);
    if (strcmp(m->database_name, db_text(server, 0, 0)) == 0 &&
        (system == NULL || m->system_identifier == NULL ||
         strcmp(m->system_identifier, system) == 0))
        return true;
    return error_set(err, ERR_INTEGRITY,
                     "segment %s is of another database (%s): give each database an archive "
                     "directory and a journal of its own",
                     e->base, m->database_name);
}

/* What a cut-off run left is removed; what anybody else left is an archive, and its rows may be
 * nowhere else. */
static bool refuse_strangers(const struct repair *r, struct db *db, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *server = NULL;
    size_t orphans = 0;
    for (size_t i = 0; i < r->store.entry_count; i++) {
        if (!is_orphan(r, &r->store.entries[i]))
            continue;
        orphans++;
        if (server == NULL &&
            !db_query(db, DB_ONE_ROW, sql_retention_show_server, 0, NULL, &server, err))
            return false;
        if (!refuse_stranger(r, &r->store.entries[i], server, err))
            return false;
    }
    if (orphans <= 1) /* batches publish and commit one by one */
        return true;
    return error_set(err, ERR_INTEGRITY,
                     "%zu segments of the archive directory are in neither ledger nor journal, "
                     "more than a run that was cut off can leave: is this another database's "
                     "archive, or are ledger and journal older than the archive?",
                     orphans);
}

static bool remove_orphans(const struct repair *r, struct error *err)
{
    for (size_t i = 0; i < r->store.entry_count; i++)
        if (is_orphan(r, &r->store.entries[i]) && !remove_entry(r, &r->store.entries[i], err))
            return false;
    return true;
}

static bool remove_temporaries_in(int dir_fd, struct error *err)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return error_set_errno(err, "archive directory");
    bool done = true;
    for (struct dirent *d = readdir(dir); d != NULL && done; d = readdir(dir)) {
        if (!store_is_temporary(d->d_name))
            continue;
        done = file_remove(dir_fd, d->d_name, err);
        if (done)
            log_event(LOG_WARNING, "retention.mended", "what=\"temporary file removed\"");
    }
    closedir(dir);
    return done;
}

static bool remove_temporaries(const struct repair *r, struct error *err)
{
    int fd = openat(r->store.root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return error_set_errno(err, "archive directory");
    bool done = true;
    for (struct dirent *d = readdir(dir); d != NULL && done; d = readdir(dir)) {
        CLEANUP(file_close) int month = -1;
        if (!store_is_month(d->d_name))
            continue;
        month =
            openat(r->store.root_fd, d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        done = month >= 0 ? remove_temporaries_in(month, err)
                          : error_set_errno(err, "archive directory %s", d->d_name);
    }
    closedir(dir);
    return done;
}

static void release(struct repair *r)
{
    db_items_free(r->journal.ids, r->journal.count);
    db_items_free(r->ledger.ids, r->ledger.count);
    store_close(&r->store);
}

static bool load(struct repair *r, struct error *err)
{
    for (size_t i = 0; i < db_rows(r->segments); i++)
        add_id(&r->ledger, db_text(r->segments, i, 0));
    if (!store_open(r->ctx->settings->archive.directory, true, &r->store, err) ||
        !store_scan(&r->store, err) || !read_journal(r, err))
        return false;
    sort(&r->ledger);
    sort(&r->journal);
    return true;
}

bool reconcile(const struct job_ctx *ctx, struct db *db, struct journal **ret_journal,
               struct error *err)
{
    CLEANUP(db_result_free) struct db_result *segments = NULL;
    CLEANUP(journal_close) struct journal *journal = NULL;
    CLEANUP(release) struct repair r = {.ctx = ctx, .store.root_fd = -1};
    if (!db_query(db, DB_ROWS, sql_retention_list_segments, 0, NULL, &segments, err))
        return false;
    r.segments = segments;
    bool first = db_rows(segments) == 0;
    /* Everything that refuses comes before anything is changed. */
    if (!load(&r, err) || !refuse_unknown(&r, err) || !refuse_shortened(&r, err) ||
        !check_files(&r, err) || !refuse_strangers(&r, db, err) ||
        !journal_open(ctx->settings->evidence.journal, first, &journal, err) ||
        !write_missing_lines(&r, journal, err) || !remove_orphans(&r, err) ||
        !remove_temporaries(&r, err))
        return error_context(err, "look at what the last run left");
    *ret_journal = journal;
    journal = NULL;
    return true;
}
