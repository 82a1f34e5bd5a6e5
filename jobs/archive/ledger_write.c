#include "jobs/archive/ledger_write.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/fault_point.h"
#include "common/text.h"
#include "jobs/settings/policy.h"
#include "sql.h"

static void add_number(struct text *array, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    db_array_add(array, text);
}

static bool insert_segment(struct db *db, const struct ledger_entry *e, struct error *err)
{
    char run[24], chain[24], subjects[24], rows[24], bytes[24];
    snprintf(run, sizeof run, "%" PRId64, e->run_id);
    snprintf(chain, sizeof chain, "%" PRIu64, e->chain_no);
    snprintf(subjects, sizeof subjects, "%zu", e->reference_count);
    snprintf(rows, sizeof rows, "%" PRIu64, e->rows);
    snprintf(bytes, sizeof bytes, "%" PRIu64, e->bytes);
    const char *segment[] = {e->segment_id, run,           e->policy,          chain,
                             e->file,       e->created_at, subjects,           rows,
                             bytes,         e->sha256,     e->manifest_sha256, e->previous_sha256};
    const char *head[] = {chain, e->manifest_sha256};
    return db_exec(db, sql_archive_insert_segment, COUNT_OF(segment), segment, err) &&
           db_exec(db, sql_archive_move_chain, COUNT_OF(head), head, err);
}

static bool insert_tables(struct db *db, const struct ledger_entry *e, struct error *err)
{
    CLEANUP(text_free) struct text names = {0};
    CLEANUP(text_free) struct text kinds = {0};
    CLEANUP(text_free) struct text rows = {0};
    CLEANUP(text_free) struct text bytes = {0};
    CLEANUP(text_free) struct text digests = {0};
    FAULT_POINT("record.segment_inserted");
    for (size_t i = 0; i < e->member_count; i++) {
        const struct segment_member_result *m = &e->members[i];
        char display[TABLE_NAME_TEXT_SIZE];
        table_name_format(&(struct table_name){(char *)(uintptr_t)m->member.schema,
                                               (char *)(uintptr_t)m->member.table},
                          display, sizeof display);
        db_array_add(&names, display);
        db_array_add(&kinds, m->member.kind == SEGMENT_ROWS ? "rows" : "unlinked");
        add_number(&rows, m->rows);
        add_number(&bytes, m->bytes);
        db_array_add(&digests, m->sha256);
    }
    const char *params[] = {e->segment_id,          db_array_close(&names),
                            db_array_close(&kinds), db_array_close(&rows),
                            db_array_close(&bytes), db_array_close(&digests)};
    return db_exec(db, sql_archive_insert_segment_tables, COUNT_OF(params), params, err);
}

static bool insert_disposals(struct db *db, const struct ledger_entry *e, struct error *err)
{
    CLEANUP(text_free) struct text references = {0};
    CLEANUP(text_free) struct text rules = {0};
    CLEANUP(text_free) struct text dates = {0};
    FAULT_POINT("record.tables_inserted");
    for (size_t i = 0; i < e->reference_count; i++) {
        db_array_add(&references, e->references[i].reference);
        db_array_add(&rules, e->references[i].rule);
        db_array_add(&dates, e->references[i].due_on);
    }
    const char *params[] = {e->segment_id, e->policy, db_array_close(&references),
                            db_array_close(&rules), db_array_close(&dates)};
    return db_exec(db, sql_archive_insert_disposals, COUNT_OF(params), params, err);
}

bool ledger_write(struct db *db, const struct ledger_entry *entry, struct error *err)
{
    return (insert_segment(db, entry, err) && insert_tables(db, entry, err) &&
            insert_disposals(db, entry, err)) ||
           error_context(err, "write the ledger");
}
