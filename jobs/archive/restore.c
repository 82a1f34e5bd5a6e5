#include "jobs/archive/restore.h"
#include "jobs/archive/reference.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/archive/ledger.h"
#include "jobs/archive/restore_stage.h"
#include "sql.h"

static bool check_ledger(struct db *db, const struct restore_request *q, struct error *err)
{
    CLEANUP(ledger_free) struct ledger ledger = {0};
    const char *id = q->manifest->segment_id;
    if (!ledger_load(db, id, &ledger, err))
        return false;
    if (ledger.count != 1)
        return error_set(err, ERR_USAGE,
                         "the ledger of this database does not know segment %s: is it of another "
                         "database?",
                         id);
    if (strcmp(ledger.segments[0].manifest_sha256, q->manifest->sha256) != 0)
        return error_set(err, ERR_INTEGRITY,
                         "the manifest of segment %s does not have the SHA-256 that stands in the "
                         "ledger; waarborg archive verify says more",
                         id);
    if (ledger.segments[0].destroyed)
        return error_set(err, ERR_USAGE,
                         "segment %s was destroyed at %s by waarborg archive expire", id,
                         ledger.segments[0].destroyed_at);
    if (q->subject_key == NULL && ledger.segments[0].restored > 0)
        return error_set(err, ERR_USAGE,
                         "%" PRIu64 " of %" PRIu64 " subjects of segment %s were restored before; "
                         "restore the others one by one with --subject",
                         ledger.segments[0].restored, ledger.segments[0].subjects, id);
    return true;
}

/* The subject's reference must be one of the segment's: the same key, the same table. */
static bool find_reference(const struct restore_request *q, const char *key_array, char *ret_hex,
                           struct error *err)
{
    const struct manifest *m = q->manifest;
    char hex[DIGEST_HEX_SIZE];
    char **values = NULL;
    size_t count = 0;
    if (!db_array_parse(key_array, &values, &count, err))
        return false;
    bool made = reference_make(q->reference_key, m->subject_schema, m->subject_table,
                               (const char *const *)values, count, hex, err);
    db_items_free(values, count);
    if (!made)
        return false;
    for (size_t i = 0; i < m->reference_count; i++)
        if (strcmp(m->references[i].reference, hex) == 0) {
            memcpy(ret_hex, hex, sizeof hex);
            return true;
        }
    return error_set(err, ERR_USAGE,
                     "evidence.reference_key is not the one that segment %s was written with: it "
                     "gives this subject a reference that is not in the manifest",
                     m->segment_id);
}

static bool mark_restored(struct db *db, const struct restore_request *q,
                          const struct restore_result *result, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *reference = result->reference[0] == '\0' ? NULL : result->reference;
    const char *params[] = {q->manifest->segment_id, reference, q->at};
    if (!db_query(db, DB_NOTHING, sql_archive_mark_restored, 3, params, &r, err))
        return false;
    if (reference != NULL && db_affected(r) == 0)
        return error_set(err, ERR_USAGE, "this subject of segment %s was restored before",
                         q->manifest->segment_id);
    return (uint64_t)db_affected(r) == result->subjects ||
           error_set(err, ERR_INTEGRITY,
                     "segment %s holds %" PRIu64 " subjects, the ledger has disposal records of "
                     "%" PRId64,
                     q->manifest->segment_id, result->subjects, db_affected(r));
}

static bool hold_subjects(struct db *db, const struct restore_request *q,
                          const struct db_result *keys, struct error *err)
{
    for (size_t row = 0; row < db_rows(keys); row++) {
        CLEANUP(db_result_free) struct db_result *r = NULL;
        const char *params[] = {
            q->manifest->policy, db_text(keys, row, 0), q->reason, q->review_on, q->at, q->os_user};
        if (!db_query(db, DB_ONE_ROW, sql_archive_hold_restored, COUNT_OF(params), params, &r, err))
            return error_context(err, "hold a restored subject");
    }
    return true;
}

static bool record(struct db *db, const struct restore_request *q,
                   const struct restore_result *result, struct error *err)
{
    char subjects[24];
    char rows[24];
    snprintf(subjects, sizeof subjects, "%" PRIu64, result->subjects);
    snprintf(rows, sizeof rows, "%" PRIu64, result->rows);
    const char *params[] = {q->manifest->segment_id,
                            result->reference[0] == '\0' ? NULL : result->reference,
                            subjects,
                            rows,
                            q->reason,
                            q->at,
                            q->os_user};
    return db_exec(db, sql_archive_record_restore, COUNT_OF(params), params, err);
}

/* Members stand children first.  Unlinked values come last: what they point to must be back. */
static bool put_back(struct stage *stage, const struct restore_request *q,
                     struct restore_result *result, struct error *err)
{
    const struct manifest *m = q->manifest;
    bool one = q->subject_key != NULL;
    uint64_t rows = 0;
    for (size_t i = m->member_count; i-- > 0;) {
        if (m->members[i].member.kind != SEGMENT_ROWS)
            continue;
        if (!stage_put_back(stage, i, one, &rows, err))
            return false;
        result->rows += rows;
    }
    for (size_t i = 0; i < m->member_count; i++) {
        if (m->members[i].member.kind != SEGMENT_UNLINKED)
            continue;
        if (!stage_put_back(stage, i, one, &rows, err))
            return false;
        result->relinked += rows;
    }
    return true;
}

static bool restore_inside(struct db *db, const struct restore_request *q,
                           struct restore_result *result, struct error *err)
{
    CLEANUP(stage_free) struct stage *stage = NULL;
    CLEANUP(db_result_free) struct db_result *keys = NULL;
    bool whole = q->subject_key == NULL;
    if (!check_ledger(db, q, err) || !db_exec(db, "SET CONSTRAINTS ALL DEFERRED", 0, NULL, err) ||
        !stage_load(db, q->manifest, q->gzip, whole, &stage, err) ||
        (!whole &&
         (!stage_keep_subject(stage, q->subject_key, err) || !stage_follow(stage, err))) ||
        !stage_subject_keys(stage, &keys, err))
        return false;
    result->subjects = db_rows(keys);
    if (!whole && !find_reference(q, db_text(keys, 0, 0), result->reference, err))
        return false;
    return mark_restored(db, q, result, err) &&
           stage_empty_dangling(stage, &result->emptied, err) && put_back(stage, q, result, err) &&
           hold_subjects(db, q, keys, err) && record(db, q, result, err);
}

bool restore_segment(struct db *db, const struct restore_request *request,
                     struct restore_result *ret, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    struct restore_result result = {0};
    if (!db_tx_begin(db, DB_READ_COMMITTED, &tx, err) ||
        !restore_inside(db, request, &result, err) || !db_tx_commit(&tx, err))
        return error_context(err, "nothing was restored");
    *ret = result;
    return true;
}
