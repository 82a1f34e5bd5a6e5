#include "jobs/archive/books_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/memory.h"
#include "jobs/archive/reference.h"
#include "sql.h"

/* Of clocks that are kept by NTP. */
#define CLOCK_TOLERANCE_S 60

/* Evidence in which time runs backwards proves nothing, and terms would be counted from a wrong
 * day. */
static bool check_clock(const struct job_ctx *ctx, const struct books *b, struct error *err)
{
    char now[21];
    char last[21];
    if (ctx->now + CLOCK_TOLERANCE_S >= b->history.last_at)
        return true;
    clock_format_utc(ctx->now, now);
    clock_format_utc(b->history.last_at, last);
    return error_set(err, ERR_USAGE,
                     "the clock of this machine says %s, but the journal has a line of %s: set the "
                     "clock right; nothing was changed",
                     now, last);
}

static bool check_lines(const struct books *b, struct error *err)
{
    for (size_t i = 0; i < b->history.segment_count; i++) {
        const struct history_segment *s = &b->history.segments[i];
        size_t row = books_row(b, s->id);
        if (row != SIZE_MAX &&
            strcmp(db_text(b->segments, row, BOOKS_MANIFEST_SHA256), s->manifest_sha256) != 0)
            return error_set(err, ERR_INTEGRITY,
                             "ledger and journal (line %" PRIu64 ") give different digests for the "
                             "manifest of segment %s: run waarborg archive verify",
                             s->line, s->id);
    }
    return true;
}

/* Batches commit and write their lines one by one: a run that is cut off leaves one ledger row, the
 * last, without its line.  Whatever else is missing was taken out.  So with expiries. */
static bool check_shortened(const struct job_ctx *ctx, const struct books *b, struct error *err)
{
    size_t missing = 0;
    size_t expiries = 0;
    size_t count = db_rows(b->segments);
    for (size_t i = 0; i < count; i++) {
        const struct history_segment *s = history_find(&b->history, db_text(b->segments, i, 0));
        missing += s == NULL && i + 1 < count;
        expiries += s != NULL && s->expire_line == 0 && books_destroyed(b, i);
    }
    if (missing == 0 && expiries <= 1)
        return true;
    return error_set(err, ERR_INTEGRITY,
                     "the journal %s lacks the lines of %zu %s%s that the ledger has: it was "
                     "shortened or replaced; put it back from the backup",
                     ctx->settings->evidence.journal, missing > 0 ? missing : expiries,
                     missing > 0 ? "segment" : "expir",
                     missing == 1  ? ""
                     : missing > 1 ? "s"
                                   : "ies");
}

static bool missing_file(const char *id, const char *what, struct error *err)
{
    return error_set(err, ERR_INTEGRITY,
                     "segment %s is in the ledger, but its %s is missing from the archive "
                     "directory: run waarborg archive verify, and put it back from the backup",
                     id, what);
}

static bool check_file(const struct books *b, size_t row, struct error *err)
{
    const char *id = db_text(b->segments, row, BOOKS_ID);
    const struct store_entry *e = store_find_base(&b->store, db_text(b->segments, row, BOOKS_FILE));
    uint64_t bytes = 0;
    const struct history_segment *s = history_find(&b->history, id);
    if (books_destroyed(b, row) || (s != NULL && s->expire_line != 0))
        return (e != NULL && e->has_manifest) || missing_file(id, "manifest", err);
    if (e == NULL || !e->has_file || !e->has_manifest)
        return missing_file(id, e != NULL && e->has_file ? "manifest" : "file", err);
    if (!store_file_bytes(&b->store, e, &bytes, err))
        return false;
    return bytes == (uint64_t)db_int(b->segments, row, BOOKS_BYTES) ||
           error_set(err, ERR_INTEGRITY,
                     "the file of segment %s has %" PRIu64 " bytes, the ledger says %" PRId64
                     ": it was replaced or cut; run waarborg archive verify, and put it back from "
                     "the backup",
                     id, bytes, db_int(b->segments, row, BOOKS_BYTES));
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(store_entry_id(*(const struct store_entry *const *)a),
                  store_entry_id(*(const struct store_entry *const *)b));
}

static bool check_one_each(const struct books *b, struct error *err)
{
    size_t count = b->store.entry_count;
    CLEANUP(memory_release)
    const struct store_entry **entries = memory_alloc((count + 1) * sizeof *entries);
    for (size_t i = 0; i < count; i++)
        entries[i] = &b->store.entries[i];
    if (count > 0)
        qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 1; i < count; i++)
        if (compare_entries(&entries[i - 1], &entries[i]) == 0)
            return error_set(err, ERR_INTEGRITY,
                             "the archive directory has two segments with the id %s, %s and %s: "
                             "run waarborg archive verify, and move away the one that is not ours",
                             store_entry_id(entries[i]), entries[i - 1]->base, entries[i]->base);
    return true;
}

static bool check_files(const struct books *b, struct error *err)
{
    for (size_t row = 0; row < db_rows(b->segments); row++)
        if (!check_file(b, row, err))
            return false;
    return check_one_each(b, err);
}

bool books_is_orphan(const struct books *b, const struct store_entry *e)
{
    const char *id = store_entry_id(e);
    return books_row(b, id) == SIZE_MAX && history_find(&b->history, id) == NULL;
}

bool books_same_database(struct db *db, const struct manifest *m, bool strict, bool *ret_same,
                         struct error *err)
{
    CLEANUP(db_result_free) struct db_result *server = NULL;
    if (!db_query(db, DB_ONE_ROW, sql_archive_show_server, 0, NULL, &server, err))
        return false;
    const char *system = db_text(server, 0, 1);
    bool named = strcmp(m->database_name, db_text(server, 0, 0)) == 0;
    bool known = system != NULL && m->system_identifier != NULL;
    bool housed = known && strcmp(m->system_identifier, system) == 0;
    *ret_same = strict ? named && (!known || housed) : named || housed;
    return true;
}

static bool check_orphan(const struct books *b, const struct store_entry *e, struct db *db,
                         struct error *err)
{
    CLEANUP(manifest_free) struct manifest *m = NULL;
    bool same = false;
    if (!e->has_manifest)
        return true;
    if (!e->has_file)
        return error_set(err, ERR_INTEGRITY,
                         "manifest %s has no segment and is in neither ledger nor journal: run "
                         "waarborg archive verify",
                         e->base);
    if (!store_load_manifest(&b->store, e, &m, err) ||
        !books_same_database(db, m, true, &same, err))
        return false;
    return same || error_set(err, ERR_INTEGRITY,
                             "segment %s is of another database (%s): give each database an "
                             "archive directory and a journal of its own",
                             e->base, m->database_name);
}

/* What a cut-off run left is removed; what anybody else left is an archive, and its rows may be
 * nowhere else. */
static bool check_orphans(const struct books *b, struct db *db, struct error *err)
{
    size_t orphans = 0;
    for (size_t i = 0; i < b->store.entry_count; i++) {
        if (!books_is_orphan(b, &b->store.entries[i]))
            continue;
        orphans++;
        if (!check_orphan(b, &b->store.entries[i], db, err))
            return false;
    }
    return orphans <= 1 || /* batches publish and commit one by one */
           error_set(err, ERR_INTEGRITY,
                     "%zu segments of the archive directory are in neither ledger nor journal, "
                     "more than a run that was cut off can leave: is this another database's "
                     "archive, or are ledger and journal older than the archive?",
                     orphans);
}

bool books_check(const struct job_ctx *ctx, struct db *db, const struct books *b,
                 const unsigned char reference_key[static DIGEST_SIZE], struct error *err)
{
    return reference_key_check(ctx->settings->evidence.reference_key, reference_key,
                               b->history.key_fingerprint, err) &&
           check_lines(b, err) && check_shortened(ctx, b, err) && check_files(b, err) &&
           check_orphans(b, db, err) && check_clock(ctx, b, err);
}
