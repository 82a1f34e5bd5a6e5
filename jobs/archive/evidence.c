#include "jobs/archive/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/journal.h"
#include "common/memory.h"
#include "common/run_lock.h"
#include "jobs/schema/schema.h"
#include "sql.h"

/* From the rename of a segment to its journal line a run takes well under a second. */
#define ATTEMPTS 8

static void forget_lines(struct evidence *e)
{
    for (size_t i = 0; i < e->line_count; i++) {
        free(e->lines[i].id);
        free(e->lines[i].manifest_sha256);
    }
    e->line_count = 0;
}

static bool visit_line(void *context, uint64_t number, const json_t *line, struct error *err)
{
    struct evidence *e = context;
    const char *event = json_string_value(json_object_get(line, "event"));
    const char *id = json_string_value(json_object_get(line, "segment"));
    const char *sha256 = json_string_value(json_object_get(line, "manifest_sha256"));
    if (event == NULL || strcmp(event, "segment") != 0)
        return true;
    if (id == NULL || sha256 == NULL)
        return error_set(err, ERR_INTEGRITY,
                         "journal: line %llu is about a segment but does not name it and its "
                         "manifest",
                         (unsigned long long)number);
    MEMORY_GROW(e->lines, e->line_count, e->line_capacity);
    e->lines[e->line_count++] = (struct journal_segment){
        .id = memory_copy_text(id), .manifest_sha256 = memory_copy_text(sha256)};
    return true;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(((const struct journal_segment *)a)->id, ((const struct journal_segment *)b)->id);
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
    uint64_t lines;
    uint64_t torn;
    struct error trouble = {0};
    forget_lines(e);
    free(e->journal_fault);
    e->journal_fault = NULL;
    e->has_journal = journal_read(path, visit_line, e, &lines, &torn, &trouble);
    if (e->line_count > 0)
        qsort(e->lines, e->line_count, sizeof *e->lines, compare_lines);
    if (e->has_journal || (trouble.sys_errno == ENOENT && is_new_archive(e)))
        return true;
    if (trouble.kind == ERR_INTEGRITY) {
        e->journal_fault = memory_copy_text(trouble.message);
        return true;
    }
    *err = trouble;
    return false;
}

const struct journal_segment *evidence_line(const struct evidence *e, const char *id)
{
    const struct journal_segment wanted = {.id = (char *)(uintptr_t)id};
    return e->line_count == 0
               ? NULL
               : bsearch(&wanted, e->lines, e->line_count, sizeof *e->lines, compare_lines);
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
    return entry != NULL && entry->has_manifest && (entry->has_file || s->destroyed) &&
           (!e->has_journal || evidence_line(e, s->id) != NULL);
}

/* Same segments in all three?  What differs may only be a batch that is just being committed. */
static bool agree(const struct evidence *e)
{
    for (size_t i = 0; i < e->ledger.count; i++)
        if (!is_whole(e, &e->ledger.segments[i]))
            return false;
    return e->store.entry_count == e->ledger.count &&
           (!e->has_journal || e->line_count == e->ledger.count);
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

bool evidence_load(const struct job_ctx *ctx, const char *dir, const char *journal,
                   struct evidence *ret, struct error *err)
{
    CLEANUP(evidence_free) struct evidence e = {.store.root_fd = -1};
    if (dir != NULL) {
        if (!store_open(dir, false, &e.store, err) ||
            (journal != NULL && !read_journal(&e, journal, err)))
            return false;
    } else {
        const char *path = journal == NULL ? ctx->settings->evidence.journal : journal;
        if (!store_open(ctx->settings->archive.directory, true, &e.store, err) ||
            !load_settled(ctx, path, &e, err))
            return false;
    }
    *ret = e;
    e = (struct evidence){.store.root_fd = -1};
    return true;
}

void evidence_free(struct evidence *e)
{
    store_close(&e->store);
    ledger_free(&e->ledger);
    forget_lines(e);
    free(e->lines);
    free(e->head_sha256);
    free(e->journal_fault);
    *e = (struct evidence){.store.root_fd = -1};
}
