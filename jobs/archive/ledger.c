#include "jobs/archive/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "sql.h"

static uint64_t count_of(const struct db_result *r, size_t row, int column)
{
    return (uint64_t)db_int(r, row, column);
}

static struct ledger_segment read_segment(const struct db_result *r, size_t row)
{
    return (struct ledger_segment){
        .id = db_text(r, row, 0),
        .file = db_text(r, row, 1),
        .created_at = db_text(r, row, 2),
        .policy = db_text(r, row, 3),
        .chain_no = count_of(r, row, 4),
        .subjects = count_of(r, row, 5),
        .rows = count_of(r, row, 6),
        .bytes = count_of(r, row, 7),
        .sha256 = db_text(r, row, 8),
        .manifest_sha256 = db_text(r, row, 9),
        .previous_sha256 = db_text(r, row, 10),
        .destroyed = db_bool(r, row, 11),
        .restored = count_of(r, row, 12),
        .members = count_of(r, row, 13),
        .member_rows = count_of(r, row, 14),
        .records = count_of(r, row, 15),
        .destroyed_at = db_text(r, row, 16),
    };
}

bool ledger_load(struct db *db, const char *id, struct ledger *ret, struct error *err)
{
    struct db_result *r = NULL;
    const char *params[] = {id};
    if (!db_query(db, DB_ROWS, sql_archive_list_segments, 1, params, &r, err))
        return error_context(err, "read the ledger");
    size_t count = db_rows(r);
    struct ledger_segment *segments = memory_alloc(count * sizeof *segments);
    for (size_t row = 0; row < count; row++)
        segments[row] = read_segment(r, row);
    ledger_free(ret);
    *ret = (struct ledger){.segments = segments, .count = count, .result = r};
    for (size_t i = 0; i < count; i++)
        lookup_put(&ret->by_id, segments[i].id, i);
    return true;
}

void ledger_free(struct ledger *l)
{
    free(l->segments);
    lookup_free(&l->by_id);
    db_result_free(&l->result);
    *l = (struct ledger){0};
}

const struct ledger_segment *ledger_find(const struct ledger *l, const char *id)
{
    size_t place;
    return lookup_get(&l->by_id, id, &place) ? &l->segments[place] : NULL;
}
