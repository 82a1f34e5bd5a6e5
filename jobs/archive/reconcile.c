#include "jobs/archive/reconcile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/fault_point.h"
#include "common/file.h"
#include "common/log.h"
#include "jobs/archive/adopt.h"
#include "jobs/archive/books_check.h"
#include "jobs/archive/journal_lines.h"
#include "jobs/archive/reference.h"

struct repair {
    const struct job_ctx *ctx;
    struct books books;
    struct journal *journal;
};

static void release(struct repair *r)
{
    books_free(&r->books);
    journal_close(&r->journal);
}

static void log_mended(const char *what, const char *segment)
{
    log_event(LOG_WARNING, "retention.mended", "segment=%s what=\"%s\"", segment, what);
}

/* ---- lines that are missing ---- */

static bool write_segment_line(const struct repair *r, size_t row, struct error *err)
{
    const struct db_result *s = r->books.segments;
    const struct segment_line line = {
        .segment_id = db_text(s, row, BOOKS_ID),
        .run_id = db_int(s, row, BOOKS_RUN),
        .policy = db_text(s, row, BOOKS_POLICY),
        .chain_no = (uint64_t)db_int(s, row, BOOKS_CHAIN_NO),
        .file = db_text(s, row, BOOKS_FILE),
        .subjects = (uint64_t)db_int(s, row, BOOKS_SUBJECTS),
        .rows = (uint64_t)db_int(s, row, BOOKS_ROWS),
        .sha256 = db_text(s, row, BOOKS_SHA256),
        .manifest_sha256 = db_text(s, row, BOOKS_MANIFEST_SHA256),
    };
    if (!journal_line_segment(r->journal, db_int(s, row, BOOKS_CREATED_AT), &line, err))
        return false;
    FAULT_POINT("reconcile.segment_line");
    log_mended("journal line written", line.segment_id);
    return true;
}

static bool write_expire_line(const struct repair *r, size_t row, struct error *err)
{
    const struct db_result *s = r->books.segments;
    const struct expire_line line = {
        .segment_id = db_text(s, row, BOOKS_ID),
        .policy = db_text(s, row, BOOKS_POLICY),
        .sha256 = db_text(s, row, BOOKS_SHA256),
        .chain_no = (uint64_t)db_int(s, row, BOOKS_CHAIN_NO),
        .subjects = (uint64_t)db_int(s, row, BOOKS_SUBJECTS),
    };
    if (!journal_line_expire(r->journal, db_int(s, row, BOOKS_DESTROYED_AT), &line, err))
        return false;
    FAULT_POINT("reconcile.expire_line");
    log_mended("journal line of its expiry written", line.segment_id);
    return true;
}

/* The line stands before the file goes (expire.c). */
static bool remove_expired(const struct repair *r, size_t row, struct error *err)
{
    CLEANUP(file_close) int month = -1;
    bool was_there = false;
    const char *file = db_text(r->books.segments, row, BOOKS_FILE);
    const struct store_entry *e = store_find_base(&r->books.store, file);
    if (e == NULL || !e->has_file)
        return true;
    if (!store_open_month(&r->books.store, e, &month, err) ||
        !store_remove_file(month, e->name, &was_there, err))
        return false;
    FAULT_POINT("reconcile.expired_file");
    log_mended("file of an expired segment removed", store_entry_id(e));
    return true;
}

static bool mend_segments(const struct repair *r, struct error *err)
{
    for (size_t i = 0; i < db_rows(r->books.segments); i++) {
        const char *id = db_text(r->books.segments, i, BOOKS_ID);
        const struct history_segment *s = history_find(&r->books.history, id);
        if (s == NULL && !write_segment_line(r, i, err))
            return false;
        if (!books_destroyed(&r->books, i))
            continue;
        if (((s == NULL || s->expire_line == 0) && !write_expire_line(r, i, err)) ||
            !remove_expired(r, i, err))
            return false;
    }
    return true;
}

static bool mend_restores(const struct repair *r, struct error *err)
{
    const struct db_result *t = r->books.restores;
    for (size_t i = 0; i < db_rows(t); i++) {
        const struct restore_line line = {.segment_id = db_text(t, i, 0),
                                          .reference = db_text(t, i, 1),
                                          .subjects = (uint64_t)db_int(t, i, 2),
                                          .rows = (uint64_t)db_int(t, i, 3)};
        int64_t at = db_int(t, i, 4);
        if (history_has_restore(&r->books.history, line.segment_id, line.reference, at))
            continue;
        if (!journal_line_restore(r->journal, at, &line, err))
            return false;
        FAULT_POINT("reconcile.restore_line");
        log_mended("journal line of its restore written", line.segment_id);
    }
    return true;
}

/* The instant of a hold is whatever its SQL function was called with; a line from the future would
 * keep every run from starting. */
static int64_t told_at(const struct repair *r, int64_t at)
{
    return at <= 0 || at > r->ctx->now ? r->ctx->now : at;
}

static bool mend_holds(const struct repair *r, struct error *err)
{
    const struct db_result *t = r->books.holds;
    for (size_t i = 0; i < db_rows(t); i++) {
        const struct hold_line line = {.hold_id = db_int(t, i, 0),
                                       .policy = db_text(t, i, 1),
                                       .reference = db_text(t, i, 2),
                                       .kind = db_text(t, i, 3),
                                       .review_on = db_text(t, i, 4)};
        const struct history_hold *known =
            history_find_hold(&r->books.history, line.hold_id, line.reference);
        bool released = db_text(t, i, 6) != NULL;
        if (known == NULL &&
            !journal_line_hold(r->journal, told_at(r, db_int(t, i, 5)), &line, err))
            return false;
        if (released && (known == NULL || known->release_line == 0) &&
            !journal_line_release(r->journal, told_at(r, db_int(t, i, 6)), line.hold_id,
                                  line.reference, err))
            return false;
        if (known != NULL && (!released || known->release_line != 0))
            continue;
        FAULT_POINT("reconcile.hold_line");
        log_event(LOG_WARNING, "retention.mended", "hold=%" PRId64 " what=\"journal line written\"",
                  line.hold_id);
    }
    return true;
}

/* A journal of an earlier version has no such line yet. */
static bool mend_reference_key(const struct repair *r, const unsigned char *key, struct error *err)
{
    char fingerprint[DIGEST_HEX_SIZE];
    return r->books.history.key_fingerprint[0] != '\0' ||
           (reference_key_fingerprint(key, fingerprint, err) &&
            journal_line_reference_key(r->journal, r->ctx->now, fingerprint, err));
}

/* ---- files that are left over ---- */

static bool remove_entry(const struct repair *r, const struct store_entry *e, struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    if (!store_open_month(&r->books.store, e, &fd, err) || !store_remove_segment(fd, e->name, err))
        return false;
    FAULT_POINT("reconcile.orphan");
    log_mended("file of a batch that did not commit removed", store_entry_id(e));
    return true;
}

static bool remove_orphans(const struct repair *r, struct error *err)
{
    const struct store *s = &r->books.store;
    for (size_t i = 0; i < s->entry_count; i++)
        if (books_is_orphan(&r->books, &s->entries[i]) && !remove_entry(r, &s->entries[i], err))
            return false;
    return true;
}

/* The end of a directory and a failure look the same to readdir's caller, but for errno. */
static bool next_entry(DIR *dir, const char *path, const char **ret_name, struct error *err)
{
    errno = 0;
    const struct dirent *entry = readdir(dir);
    *ret_name = entry == NULL ? NULL : entry->d_name;
    return entry != NULL || errno == 0 || error_set_errno(err, "read directory %s", path);
}

static bool open_entries(int dir_fd, const char *path, DIR **ret, struct error *err)
{
    CLEANUP(file_close) int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return error_set_errno(err, "open directory %s", path);
    file_take(&fd); /* dir has it now */
    *ret = dir;
    return true;
}

static bool remove_temporaries_in(int dir_fd, const char *month, struct error *err)
{
    DIR *dir = NULL;
    const char *name = NULL;
    if (!open_entries(dir_fd, month, &dir, err))
        return false;
    bool done = next_entry(dir, month, &name, err);
    while (done && name != NULL) {
        if (store_is_temporary(name)) {
            done = file_remove(dir_fd, name, err);
            if (done) {
                FAULT_POINT("reconcile.temporary");
                log_event(LOG_WARNING, "retention.mended", "what=\"temporary file removed\"");
            }
        }
        done = done && next_entry(dir, month, &name, err);
    }
    closedir(dir);
    return done;
}

static bool settle_directories(const struct repair *r, struct error *err)
{
    int root = r->books.store.root_fd;
    const char *path = r->ctx->settings->archive.directory;
    DIR *dir = NULL;
    const char *name = NULL;
    if (!open_entries(root, path, &dir, err))
        return false;
    bool done = next_entry(dir, path, &name, err);
    while (done && name != NULL) {
        if (store_is_month(name)) {
            CLEANUP(file_close)
            int month = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            /* Who was killed between a change and its fsync left what a power cut may undo. */
            done = month < 0
                       ? error_set_errno(err, "open directory %s of the archive", name)
                       : remove_temporaries_in(month, name, err) && file_sync_dir(month, name, err);
        }
        done = done && next_entry(dir, path, &name, err);
    }
    closedir(dir);
    return done && file_sync_dir(root, path, err);
}

/* ---- a database that was restored to an earlier point ---- */

static bool refuse_unknown(const struct books_unknown *u, struct error *err)
{
    if (u->segments > 0)
        return error_set(
            err, ERR_INTEGRITY,
            "the journal names %zu segment%s that the ledger does not know: the database was "
            "restored to an earlier point, and people who were erased may be back; place again the "
            "holds that are younger than the backup, then waarborg retention run --re-erase",
            u->segments, u->segments == 1 ? "" : "s");
    return error_set(err, ERR_INTEGRITY,
                     "the journal names %zu runs, %zu expiries, %zu restores and %zu holds on "
                     "archives that the ledger does not know: the database was restored to an "
                     "earlier point; place again the holds that are younger than the backup, then "
                     "waarborg retention run --re-erase",
                     u->runs, u->expiries, u->restores, u->holds);
}

static bool tell_ledger(struct repair *r, struct db *db, const struct books_unknown *u,
                        struct error *err)
{
    log_event(LOG_WARNING, "retention.restored_database",
              "segments=%zu expiries=%zu restores=%zu holds=%zu runs=%zu", u->segments, u->expiries,
              u->restores, u->holds, u->runs);
    if (!adopt_unknown(r->ctx, db, &r->books, r->journal, err))
        return false;
    books_free(&r->books);
    return books_load(r->ctx, db, &r->books, err);
}

bool reconcile(const struct job_ctx *ctx, struct db *db,
               const unsigned char reference_key[static DIGEST_SIZE], bool re_erase,
               struct journal **ret_journal, struct error *err)
{
    CLEANUP(release) struct repair r = {.ctx = ctx, .books.store.root_fd = -1};
    if (!books_load(ctx, db, &r.books, err))
        return error_context(err, "look at what the last run left");
    struct books_unknown unknown = books_unknown(&r.books);
    bool restored = books_unknown_any(&unknown);
    /* Everything that refuses comes before anything is changed. */
    if ((restored && !re_erase && !refuse_unknown(&unknown, err)) ||
        !books_check(ctx, db, &r.books, reference_key, err))
        return error_context(err, "look at what the last run left");
    if (r.books.history.torn > 0)
        log_event(LOG_WARNING, "retention.journal_torn",
                  "bytes=%" PRIu64 " mend=\"removed by the next line\"", r.books.history.torn);
    if (!journal_open(ctx->settings->evidence.journal, !r.books.has_journal, &r.journal, err) ||
        !mend_reference_key(&r, reference_key, err) ||
        (restored && !tell_ledger(&r, db, &unknown, err)) || !mend_segments(&r, err) ||
        !mend_restores(&r, err) || !mend_holds(&r, err) || !remove_orphans(&r, err) ||
        !settle_directories(&r, err))
        return error_context(err, "mend what the last run left");
    FAULT_POINT("reconcile.done");
    *ret_journal = r.journal;
    r.journal = NULL;
    return true;
}
