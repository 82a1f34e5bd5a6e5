#include "jobs/archive/claim.h"

#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/fault_point.h"
#include "common/file.h"
#include "sql.h"

static bool explain_missing(const struct job_ctx *ctx, struct db *db, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *segments = NULL;
    const char *journal = ctx->settings->evidence.journal;
    const char *directory = ctx->settings->archive.directory;
    if (access(directory, F_OK) == 0 || errno != ENOENT)
        return false; /* there, but not as it must be: err tells */
    if (!db_query(db, DB_ROWS, sql_archive_list_ledger, 0, NULL, &segments, err))
        return false;
    if (db_rows(segments) == 0 && access(journal, F_OK) != 0)
        return false;
    return error_set(err, ERR_INTEGRITY,
                     "the archive directory %s is missing although the ledger has %zu segments%s: "
                     "mount it, or put it back from the backup",
                     directory, db_rows(segments),
                     db_rows(segments) == 0 ? " and a journal is there" : "");
}

bool archive_claim(const struct job_ctx *ctx, struct db *db, int *ret_fd, struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    const char *directory = ctx->settings->archive.directory;
    FAULT_POINT("run.locked");
    if (!file_open_private_dir(directory, &fd, err))
        return explain_missing(ctx, db, err);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return error_set(err, ERR_BUSY,
                             "another run is at work in the archive directory %s; try again later",
                             directory);
        return error_set_errno(err, "lock the archive directory %s", directory);
    }
    *ret_fd = file_take(&fd);
    return true;
}
