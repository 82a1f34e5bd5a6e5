#include "jobs/archive/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/run_lock.h"
#include "jobs/schema/schema.h"
#include "sql.h"

/* From the rename of a segment to its journal line a run takes well under a second. */
#define ATTEMPTS 8

static void forget_journal(struct evidence *e)
{
    for (size_t i = 0; i < e->journal_fault_count; i++)
        free(e->journal_faults[i]);
    e->journal_fault_count = 0;
    history_free(&e->history);
}

static void add_journal_fault(void *context, const char *sentence)
{
    struct evidence *e = context;
    MEMORY_GROW(e->journal_faults, e->journal_fault_count, e->journal_fault_capacity);
    e->journal_faults[e->journal_fault_count++] = memory_copy_text(sentence);
}

/* Before the first run there is none. */
static bool is_new_archive(const struct evidence *e)
{
    return e->has_ledger && e->ledger.count == 0 && e->store.entry_count == 0;
}

/* A journal that does not hold is a fault like others: the segments can be looked at without it.
 * A torn last line was never acknowledged: the next run removes it. */
static bool read_journal(struct evidence *e, const char *path, struct error *err)
{
    struct error trouble = {0};
    forget_journal(e);
    e->has_journal = history_examine(path, add_journal_fault, e, &e->history, &trouble);
    if (e->has_journal || (trouble.sys_errno == ENOENT && is_new_archive(e)))
        return true;
    if (trouble.kind == ERR_INTEGRITY) {
        add_journal_fault(e, trouble.message);
        return true;
    }
    *err = trouble;
    return false;
}

static bool read_ledger(struct evidence *e, struct db *db, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *head = NULL;
    if (!ledger_load(db, NULL, &e->ledger, err) ||
        !db_query(db, DB_ONE_ROW, sql_archive_show_chain, 0, NULL, &head, err))
        return false;
    free(e->head_sha256);
    e->has_ledger = true;
    e->head_no = (uint64_t)db_int(head, 0, 0);
    e->head_sha256 = memory_copy_text(db_text(head, 0, 1));
    return true;
}

static bool read_all(struct evidence *e, struct db *db, const char *journal, struct error *err)
{
    return store_scan(&e->store, err) && read_ledger(e, db, err) && read_journal(e, journal, err);
}

static bool is_whole(const struct evidence *e, const struct ledger_segment *s)
{
    const struct store_entry *entry = store_find_base(&e->store, s->file);
    const struct history_segment *line = history_find(&e->history, s->id);
    return entry != NULL && entry->has_manifest && entry->has_file == !s->destroyed &&
           (!e->has_journal || (line != NULL && (line->expire_line != 0) == s->destroyed));
}

/* Same segments in all three?  What differs may only be a batch or an expiry that is just being
 * committed. */
static bool agree(const struct evidence *e)
{
    for (size_t i = 0; i < e->ledger.count; i++)
        if (!is_whole(e, &e->ledger.segments[i]))
            return false;
    return e->store.entry_count == e->ledger.count &&
           (!e->has_journal || e->history.segment_count == e->ledger.count);
}

/* The run lock is only taken when there is something to tell apart, and given back at once. */
static bool load_settled(const struct job_ctx *ctx, const char *journal, struct evidence *e,
                         struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    if (!job_open_db(ctx, "archive", 0, &db, err) || !schema_require(db, err))
        return false;
    for (int attempt = 1;; attempt++) {
        if (!read_all(e, db, journal, err))
            return false;
        if (agree(e))
            return true;
        if (run_lock_take(db, err))
            return read_all(e, db, journal, err);
        if (err->kind != ERR_BUSY)
            return false;
        if (attempt == ATTEMPTS)
            return error_context(err, "archive, ledger and journal do not agree yet");
        sleep(1);
    }
}

bool evidence_load_offline(const char *dir, bool private, const char *journal, struct evidence *ret,
                           struct error *err)
{
    CLEANUP(evidence_free) struct evidence e = {.store.root_fd = -1};
    /* The journal first: what is there already when its line is written is then found. */
    if ((journal != NULL && !read_journal(&e, journal, err)) ||
        !store_open(dir, private, &e.store, err))
        return false;
    *ret = e;
    e = (struct evidence){.store.root_fd = -1};
    return true;
}

bool evidence_load(const struct job_ctx *ctx, const char *dir, const char *journal,
                   struct evidence *ret, struct error *err)
{
    CLEANUP(evidence_free) struct evidence e = {.store.root_fd = -1};
    if (dir != NULL)
        return evidence_load_offline(dir, false, journal, ret, err);
    const char *path = journal == NULL ? ctx->settings->evidence.journal : journal;
    if (!store_open_own(ctx->settings->archive.directory, path, &e.store, err) ||
        !load_settled(ctx, path, &e, err))
        return false;
    *ret = e;
    e = (struct evidence){.store.root_fd = -1};
    return true;
}

void evidence_free(struct evidence *e)
{
    store_close(&e->store);
    ledger_free(&e->ledger);
    forget_journal(e);
    free(e->journal_faults);
    free(e->head_sha256);
    *e = (struct evidence){.store.root_fd = -1};
}
