#include "jobs/archive/books.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "sql.h"

enum { RESTORE_SEGMENT, RESTORE_REFERENCE, RESTORE_AT = 4 };
enum { HOLD_ID, HOLD_REFERENCE = 2, HOLD_PLACED_AT = 5, HOLD_RELEASED_AT = 6 };

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct db_result *segments = context;
    return strcmp(db_text(segments, *(const size_t *)a, BOOKS_ID),
                  db_text(segments, *(const size_t *)b, BOOKS_ID));
}

/* By the text of a column, or of another one where that is NULL. */
static void index_rows(struct books_index *x, const struct db_result *rows, int column, int other)
{
    x->older = memory_alloc((db_rows(rows) + 1) * sizeof *x->older);
    for (size_t i = 0; i < db_rows(rows); i++) {
        const char *text = db_text(rows, i, column);
        text = text != NULL ? text : db_text(rows, i, other);
        x->older[i] = SIZE_MAX;
        (void)lookup_get(&x->latest, text, &x->older[i]);
        lookup_put(&x->latest, text, i);
    }
}

static size_t index_latest(const struct books_index *x, const char *text)
{
    size_t row = SIZE_MAX;
    (void)lookup_get(&x->latest, text, &row);
    return row;
}

static void index_free(struct books_index *x)
{
    lookup_free(&x->latest);
    free(x->older);
}

static bool load_ledger(struct books *b, struct db *db, struct error *err)
{
    if (!db_query(db, DB_ROWS, sql_archive_list_ledger, 0, NULL, &b->segments, err) ||
        !db_query(db, DB_ROWS, sql_archive_list_restores, 0, NULL, &b->restores, err) ||
        !db_query(db, DB_ROWS, sql_archive_list_archive_holds, 0, NULL, &b->holds, err) ||
        !db_query(db, DB_ROWS, sql_archive_list_runs, 0, NULL, &b->runs, err))
        return error_context(err, "read the ledger");
    size_t count = db_rows(b->segments);
    b->by_id = memory_alloc((count + 1) * sizeof *b->by_id);
    for (size_t i = 0; i < count; i++)
        b->by_id[i] = i;
    if (count > 0)
        qsort_r(b->by_id, count, sizeof *b->by_id, compare_rows, b->segments);
    index_rows(&b->restores_of, b->restores, RESTORE_REFERENCE, RESTORE_SEGMENT);
    index_rows(&b->holds_of, b->holds, HOLD_REFERENCE, HOLD_REFERENCE);
    return true;
}

/* The journal first: what it tells was committed before, so a ledger that is read afterwards and
 * does not know it has forgotten it, also while a run is at work. */
static bool load_records(const struct job_ctx *ctx, struct books *b, struct db *db,
                         struct error *err)
{
    struct error trouble = {0};
    b->has_journal = history_load(ctx->settings->evidence.journal, &b->history, &trouble);
    if (b->has_journal || trouble.sys_errno == ENOENT)
        return load_ledger(b, db, err);
    *err = trouble;
    return false;
}

/* The journal stands before the first file is written: files alone are never a beginning. */
static bool require_journal(const struct job_ctx *ctx, const struct books *b, struct error *err)
{
    return b->has_journal || (db_rows(b->segments) == 0 && b->store.entry_count == 0) ||
           error_set(err, ERR_INTEGRITY,
                     "the journal %s is missing although the ledger has %zu segments and the "
                     "archive directory %zu: put it back from the backup",
                     ctx->settings->evidence.journal, db_rows(b->segments), b->store.entry_count);
}

bool books_load(const struct job_ctx *ctx, struct db *db, struct books *ret, struct error *err)
{
    CLEANUP(books_free) struct books b = {.store.root_fd = -1};
    if (!load_records(ctx, &b, db, err) ||
        !store_open(ctx->settings->archive.directory, true, &b.store, err) ||
        !require_journal(ctx, &b, err))
        return false;
    *ret = b;
    b = (struct books){.store.root_fd = -1};
    return true;
}

bool books_load_records(const struct job_ctx *ctx, struct db *db, struct books *ret,
                        struct error *err)
{
    CLEANUP(books_free) struct books b = {.store.root_fd = -1};
    if (!load_records(ctx, &b, db, err) || !require_journal(ctx, &b, err))
        return false;
    *ret = b;
    b = (struct books){.store.root_fd = -1};
    return true;
}

void books_free(struct books *b)
{
    history_free(&b->history);
    store_close(&b->store);
    db_result_free(&b->segments);
    db_result_free(&b->restores);
    db_result_free(&b->holds);
    db_result_free(&b->runs);
    free(b->by_id);
    index_free(&b->restores_of);
    index_free(&b->holds_of);
    *b = (struct books){.store.root_fd = -1};
}

size_t books_row(const struct books *b, const char *segment_id)
{
    size_t count = db_rows(b->segments);
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(db_text(b->segments, b->by_id[middle], BOOKS_ID), segment_id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || strcmp(db_text(b->segments, b->by_id[low], BOOKS_ID), segment_id) != 0)
        return SIZE_MAX;
    return b->by_id[low];
}

bool books_destroyed(const struct books *b, size_t row)
{
    return db_text(b->segments, row, BOOKS_DESTROYED_AT) != NULL;
}

bool books_knows_expiry(const struct books *b, const struct history_segment *s)
{
    size_t row = books_row(b, s->id);
    return s->expire_line == 0 || (row != SIZE_MAX && books_destroyed(b, row));
}

static bool same_reference(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool books_knows_restore(const struct books *b, const struct history_restore *r)
{
    const struct books_index *x = &b->restores_of;
    for (size_t i = index_latest(x, r->reference != NULL ? r->reference : r->segment);
         i != SIZE_MAX; i = x->older[i])
        if (strcmp(db_text(b->restores, i, RESTORE_SEGMENT), r->segment) == 0 &&
            same_reference(db_text(b->restores, i, RESTORE_REFERENCE), r->reference) &&
            db_int(b->restores, i, RESTORE_AT) == r->at)
            return true;
    return false;
}

bool books_knows_hold(const struct books *b, const struct history_hold *h)
{
    bool renumbered = false;
    for (size_t i = index_latest(&b->holds_of, h->reference); i != SIZE_MAX;
         i = b->holds_of.older[i]) {
        if (db_int(b->holds, i, HOLD_ID) == h->id)
            return h->release_line == 0 || db_text(b->holds, i, HOLD_RELEASED_AT) != NULL;
        renumbered |= db_int(b->holds, i, HOLD_PLACED_AT) == h->at;
    }
    return renumbered && h->release_line != 0;
}

/* A number alone proves nothing: a database that was restored gives it a second time. */
bool books_knows_run(const struct books *b, const struct history_run *r)
{
    size_t low = 0;
    size_t count = db_rows(b->runs);
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (db_int(b->runs, middle, 0) < r->id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && db_int(b->runs, low, 0) == r->id && db_int(b->runs, low, 1) == r->at;
}

struct books_unknown books_unknown(const struct books *b)
{
    struct books_unknown u = {0};
    const struct history *h = &b->history;
    for (size_t i = 0; i < h->segment_count; i++) {
        bool known = books_row(b, h->segments[i].id) != SIZE_MAX;
        u.segments += !known;
        u.expiries += known && !books_knows_expiry(b, &h->segments[i]);
    }
    for (size_t i = 0; i < h->restore_count; i++)
        u.restores += !books_knows_restore(b, &h->restores[i]);
    for (size_t i = 0; i < h->hold_count; i++)
        u.holds += !books_knows_hold(b, &h->holds[i]);
    for (size_t i = 0; i < h->run_count; i++)
        u.runs += !books_knows_run(b, &h->runs[i]);
    return u;
}

bool books_unknown_any(const struct books_unknown *u)
{
    return u->segments + u->expiries + u->restores + u->holds + u->runs > 0;
}
