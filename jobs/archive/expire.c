#include "jobs/archive/expire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fault_point.h"
#include "common/file.h"
#include "common/memory.h"
#include "jobs/archive/journal_lines.h"
#include "jobs/archive/store.h"
#include "sql.h"

struct place { /* of a segment's file */
    int month_fd;
    const char *name; /* without ending, borrowed */
};

static void place_close(struct place *p)
{
    file_close(&p->month_fd);
}

/* Before COMMIT: what the disk is going to refuse shall leave the ledger alone. */
static bool open_place(const struct expire_job *job, const char *file, struct place *p,
                       struct error *err)
{
    const char *slash = strchr(file, '/');
    CLEANUP(memory_release) char *month = NULL;
    if (slash == NULL)
        return error_set(err, ERR_INTEGRITY, "the ledger gives no directory for the file %s", file);
    month = memory_format("%.*s", (int)(slash - file), file);
    p->name = slash + 1;
    p->month_fd = openat(job->archive_fd, month, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (p->month_fd < 0)
        return error_set_errno(err, "open directory %s of the archive", month);
    return faccessat(p->month_fd, ".", W_OK | X_OK, AT_EACCESS) == 0 ||
           error_set_errno(err,
                           "nothing may be removed from directory %s of the archive; nothing was "
                           "changed",
                           month);
}

bool expire_holds(struct db *db, const char *segment_id, const char *as_of,
                  struct db_result **ret_holds, struct error *err)
{
    const char *params[] = {segment_id, as_of};
    return db_query(db, DB_ROWS, sql_archive_find_archive_holds, COUNT_OF(params), params,
                    ret_holds, err);
}

static bool lock(const struct expire_job *job, const char *id, bool *ret_busy, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *row = NULL;
    const char *params[] = {id};
    *ret_busy = false;
    if (db_query(job->db, DB_ONE_ROW, sql_archive_lock_segment, 1, params, &row, err)) {
        FAULT_POINT("expire.locked");
        return !db_bool(row, 0, 0) ||
               error_set(err, ERR_INTEGRITY,
                         "its file was destroyed by somebody else while this job holds the lock "
                         "of the run");
    }
    if (strcmp(err->sqlstate, "55P03") != 0)
        return false;
    *err = (struct error){0};
    *ret_busy = true;
    return true;
}

static bool mark(const struct expire_job *job, const char *id, struct error *err)
{
    char at[21];
    clock_format_utc(job->now, at);
    const char *params[] = {id, at};
    if (!db_exec(job->db, sql_archive_mark_destroyed, COUNT_OF(params), params, err))
        return false;
    FAULT_POINT("expire.marked");
    return true;
}

static bool commit(const struct expire_job *job, struct db_tx **tx, struct error *err)
{
    if (!db_tx_commit(tx, err))
        return db_is_lost(job->db)
                   ? error_context(err, "the answer to COMMIT was lost; the next run asks the "
                                        "ledger and finishes what was begun")
                   : false;
    FAULT_POINT("expire.committed");
    return true;
}

/* Everything up to COMMIT. */
static bool decide(const struct expire_job *job, const char *id, enum expire_outcome *ret_outcome,
                   struct db_result **ret_holds, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(db_result_free) struct db_result *holds = NULL;
    bool busy = false;
    if (!db_tx_begin(job->db, DB_READ_COMMITTED, &tx, err) || !lock(job, id, &busy, err))
        return false;
    if (busy) {
        *ret_outcome = EXPIRE_BUSY;
        return true;
    }
    if (!expire_holds(job->db, id, job->as_of, &holds, err))
        return false;
    if (db_rows(holds) > 0) {
        *ret_outcome = EXPIRE_HELD;
        *ret_holds = holds;
        holds = NULL;
        return true;
    }
    *ret_outcome = EXPIRE_DESTROYED;
    return mark(job, id, err) && commit(job, &tx, err);
}

static bool write_line(const struct expire_job *job, const struct expire_segment *s,
                       struct error *err)
{
    const struct expire_line line = {.segment_id = s->id,
                                     .policy = s->policy,
                                     .sha256 = s->sha256,
                                     .chain_no = s->chain_no,
                                     .subjects = s->subjects};
    if (!journal_line_expire(job->journal, job->now, &line, err))
        return error_context(err, "the ledger has it as destroyed, but the journal could not be "
                                  "written and its file is still there; the next run does both");
    FAULT_POINT("expire.written");
    return true;
}

/* The line comes before the unlink: a file that is gone without a line is one that was lost, and
 * were the database restored to before the COMMIT, nothing would tell the two apart. */
static bool destroy(const struct expire_job *job, const struct expire_segment *s,
                    const struct place *place, bool *ret_was_there, struct error *err)
{
    if (!write_line(job, s, err))
        return false;
    if (!store_remove_file(place->month_fd, place->name, ret_was_there, err))
        return error_context(err, "ledger and journal have it as destroyed, but its file may still "
                                  "be there; the next run removes it");
    FAULT_POINT("expire.unlinked");
    return true;
}

bool expire_segment(const struct expire_job *job, const struct expire_segment *segment,
                    enum expire_outcome *ret_outcome, struct db_result **ret_holds,
                    struct error *err)
{
    CLEANUP(place_close) struct place place = {.month_fd = -1};
    CLEANUP(db_result_free) struct db_result *holds = NULL;
    enum expire_outcome outcome = EXPIRE_BUSY;
    bool was_there = true;
    if (!open_place(job, segment->file, &place, err) ||
        !decide(job, segment->id, &outcome, &holds, err) ||
        (outcome == EXPIRE_DESTROYED && !destroy(job, segment, &place, &was_there, err)))
        return error_context(err, "segment %s", segment->id);
    *ret_outcome = was_there ? outcome : EXPIRE_MISSING;
    *ret_holds = holds;
    holds = NULL;
    return true;
}
