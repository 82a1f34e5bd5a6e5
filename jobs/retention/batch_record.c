#include "jobs/retention/batch_record.h"

#include <inttypes.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fault_point.h"
#include "common/file.h"
#include "common/memory.h"
#include "jobs/archive/journal_lines.h"
#include "jobs/archive/ledger_write.h"
#include "jobs/archive/manifest.h"
#include "jobs/archive/reference.h"
#include "jobs/archive/store.h"
#include "sql.h"

struct record {
    struct worker *w;
    const struct batch *b;
    const struct batch_files *files;
    const struct segment_result *segment;
    struct manifest_reference *references;
    uint64_t chain_no;
    char previous[DIGEST_HEX_SIZE];
    char manifest_sha256[DIGEST_HEX_SIZE];
};

bool batch_files_name(const struct night *n, struct batch_files *ret, struct error *err)
{
    unsigned char random[8];
    char at[17];
    if (RAND_bytes(random, sizeof random) != 1)
        return error_set(err, ERR_IO, "no random bytes for the name of a segment");
    digest_to_hex(random, sizeof random, ret->segment_id);
    clock_format_compact(n->ctx->now, at);
    snprintf(ret->name, sizeof ret->name, "%s-%s", at, ret->segment_id);
    return true;
}

static bool make_references(struct record *r, struct error *err)
{
    const struct night *n = r->w->night;
    const struct graph_table *subject = &n->graph->tables[0];
    r->references = memory_alloc((r->b->keys.count + 1) * sizeof *r->references);
    for (size_t i = 0; i < r->b->keys.count; i++) {
        r->references[i].rule = r->b->subjects[i].rule;
        r->references[i].due_on = r->b->subjects[i].due_on;
        if (!reference_make(n->reference_key, subject->schema, subject->name,
                            key_list_at(&r->b->keys, i), r->b->keys.width,
                            r->references[i].reference, err))
            return false;
    }
    return true;
}

static enum manifest_edge_use edge_use(const struct graph_key *k)
{
    switch (k->use) {
    case KEY_FOLLOW:
    case KEY_SELF:
        return EDGE_FOLLOW;
    case KEY_OWNED:
        return EDGE_OWNED;
    case KEY_DETACH:
        return EDGE_DETACH;
    case KEY_BACK:
    case KEY_SUBJECT:
    case KEY_GUARD:
        break;
    }
    return EDGE_OTHER;
}

/* How archived rows lead to one another: what a restore of one subject follows. */
static struct manifest_edge *make_edges(const struct graph *g, size_t *ret_count)
{
    struct manifest_edge *edges = memory_alloc((g->key_count + 1) * sizeof *edges);
    size_t count = 0;
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        if (k->use == KEY_GUARD)
            continue;
        edges[count++] = (struct manifest_edge){
            .use = edge_use(k),
            .schema = g->tables[k->child].schema,
            .table = g->tables[k->child].name,
            .columns = (const char *const *)k->columns,
            .references_schema = g->tables[k->parent].schema,
            .references_table = g->tables[k->parent].name,
            .to = (const char *const *)k->to,
            .column_count = k->column_count,
        };
    }
    *ret_count = count;
    return edges;
}

static bool format_manifest(struct record *r, struct text *ret_json, struct error *err)
{
    const struct night *n = r->w->night;
    size_t edge_count;
    CLEANUP(memory_release) struct manifest_edge *edges = make_edges(n->graph, &edge_count);
    const struct manifest_input input = {
        .segment_id = r->files->segment_id,
        .run_id = n->run_id,
        .chain_no = r->chain_no,
        .created_at = n->ctx->now,
        .policy = n->policy->name,
        .policy_version = n->policy->version,
        .fingerprint = n->fingerprint,
        .as_of = n->as_of,
        .database_name = n->server.database,
        .system_identifier = n->server.system_identifier,
        .server_version = n->server.version,
        .timezone = n->settings->timezone,
        .subject_schema = n->graph->tables[0].schema,
        .subject_table = n->graph->tables[0].name,
        .key_columns = (const char *const *)n->graph->subject_key,
        .key_column_count = n->graph->subject_key_count,
        .segment = r->segment,
        .recipients = n->recipients,
        .edges = edges,
        .edge_count = edge_count,
        .references = r->references,
        .reference_count = r->b->keys.count,
        .previous_sha256 = r->previous,
    };
    return manifest_format(&input, ret_json, err);
}

static bool lock_chain(struct record *r, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *result = NULL;
    FAULT_POINT("record.segment_published");
    if (!db_query(r->w->db, DB_ONE_ROW, sql_archive_lock_chain, 0, NULL, &result, err))
        return false;
    r->chain_no = (uint64_t)db_int(result, 0, 0) + 1;
    snprintf(r->previous, sizeof r->previous, "%s", db_text(result, 0, 1));
    FAULT_POINT("record.chain_locked");
    return strcmp(r->previous, r->w->night->head) == 0 ||
           error_set(err, ERR_INTEGRITY,
                     "the chain of the ledger does not end where this run left it: the database "
                     "was put back to an earlier point meanwhile, or another server answers; the "
                     "batch was rolled back");
}

/* Written and read back exactly as the segment. */
static bool write_manifest(struct record *r, struct error *err)
{
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(new_file_discard) struct new_file *file = NULL;
    CLEANUP(memory_release) char *name = memory_format("%s.manifest.json", r->files->name);
    char on_disk[DIGEST_HEX_SIZE];
    uint64_t bytes;
    if (!lock_chain(r, err) || !format_manifest(r, &json, err) ||
        !digest_bytes_hex(json.data, json.length, r->manifest_sha256, err) ||
        !new_file_create(r->w->night->month_fd, name, &file, err) ||
        !new_file_write(file, json.data, json.length, err) ||
        !new_file_read_back(file, &bytes, on_disk, err))
        return error_context(err, "manifest %s", name);
    if (bytes != json.length || strcmp(on_disk, r->manifest_sha256) != 0)
        return error_set(err, ERR_INTEGRITY,
                         "manifest %s: the disk gives back other bytes than were "
                         "written",
                         name);
    return new_file_publish(file, err);
}

/* Who was erased before, came back with the database, and goes again. */
static bool settle_returned(const struct record *r, struct error *err)
{
    CLEANUP(text_free) struct text references = {0};
    for (size_t i = 0; i < r->b->keys.count; i++)
        db_array_add(&references, r->references[i].reference);
    const char *params[] = {db_array_close(&references), "disposed", r->w->night->now_text};
    return db_exec(r->w->db, sql_archive_settle_returned, COUNT_OF(params), params, err) ||
           error_context(err, "write the ledger");
}

static bool write_ledger(const struct record *r, struct error *err)
{
    const struct night *n = r->w->night;
    CLEANUP(memory_release) char *file = memory_format("%s/%s", n->month, r->files->name);
    FAULT_POINT("record.manifest_published");
    CLEANUP(key_list_free) struct key_list ordinals = batch_ordinals(r->b);
    CLEANUP(memory_release)
    char *array = db_array_text((const char *const *)ordinals.values, ordinals.count);
    const char *gone[] = {n->policy->name, array};
    const struct ledger_entry entry = {
        .segment_id = r->files->segment_id,
        .policy = n->policy->name,
        .run_id = n->run_id,
        .chain_no = r->chain_no,
        .file = file,
        .created_at = n->now_text,
        .rows = r->segment->rows,
        .bytes = r->segment->bytes,
        .sha256 = r->segment->sha256,
        .manifest_sha256 = r->manifest_sha256,
        .previous_sha256 = r->previous,
        .members = r->segment->members,
        .member_count = r->segment->member_count,
        .references = r->references,
        .reference_count = r->b->keys.count,
    };
    return ledger_write(r->w->db, &entry, err) && settle_returned(r, err) &&
           (db_exec(r->w->db, sql_retention_remove_from_worklist, COUNT_OF(gone), gone, err) ||
            error_context(err, "write the ledger"));
}

/* Last before COMMIT: when one of them was affected by a breach this locks the end of the audit
 * log, for which everybody else who writes to it waits. */
static bool forget_affected(const struct record *r, struct error *err)
{
    const struct graph_table *subject = &r->w->night->graph->tables[0];
    CLEANUP(text_free) struct text keys = {0};
    CLEANUP(text_free) struct text references = {0};
    for (size_t i = 0; i < r->b->keys.count; i++) {
        CLEANUP(memory_release)
        char *key = db_array_text(key_list_at(&r->b->keys, i), r->b->keys.width);
        db_array_add(&keys, key);
        db_array_add(&references, r->references[i].reference);
    }
    const char *params[] = {subject->schema, subject->name, db_array_close(&keys),
                            db_array_close(&references)};
    return db_exec(r->w->db, sql_retention_forget_affected, COUNT_OF(params), params, err) ||
           error_context(err, "write the breach register");
}

/* The old session must be gone before its answer counts: worker_connect waits for its lock. */
static bool ask_ledger(struct worker *w, const char *segment_id, bool *ret_committed,
                       struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {segment_id};
    FAULT_POINT("record.answer_lost");
    if (!worker_connect(w, err) ||
        !db_query(w->db, DB_ONE_ROW, sql_retention_find_segment, 1, params, &r, err))
        return error_context(err, "ask whether segment %s was committed", segment_id);
    *ret_committed = db_bool(r, 0, 0);
    FAULT_POINT("record.ledger_asked");
    return true;
}

/* *ret_unknown: the answer was lost and nobody can be asked; the files must stay for the next run.
 */
static bool commit(struct record *r, struct db_tx **tx, bool *ret_unknown, struct error *err)
{
    *ret_unknown = false;
    FAULT_POINT("record.ledger_written");
    if (db_tx_commit(tx, err))
        return true;
    if (!db_is_lost(r->w->db))
        return error_context(err, "commit");
    struct error asked = {0};
    bool committed = false;
    *ret_unknown = !ask_ledger(r->w, r->files->segment_id, &committed, &asked);
    if (*ret_unknown) {
        *err = asked;
        return false;
    }
    return committed;
}

static bool write_journal(const struct record *r, struct error *err)
{
    const struct night *n = r->w->night;
    CLEANUP(memory_release) char *file = memory_format("%s/%s", n->month, r->files->name);
    FAULT_POINT("record.committed");
    const struct segment_line line = {
        .segment_id = r->files->segment_id,
        .run_id = n->run_id,
        .policy = n->policy->name,
        .chain_no = r->chain_no,
        .file = file,
        .subjects = r->b->keys.count,
        .rows = r->segment->rows,
        .sha256 = r->segment->sha256,
        .manifest_sha256 = r->manifest_sha256,
    };
    bool written = journal_line_segment(n->journal, n->ctx->now, &line, err);
    return written ? true
                   : error_context(err, "journal line of segment %s; the next run writes it",
                                   r->files->segment_id);
}

static bool record_in_order(struct record *r, struct segment *s, struct db_tx **tx,
                            struct error *err)
{
    struct night *n = r->w->night;
    bool unknown = false;
    if (n->chain_cut)
        return error_set(err, ERR_IO,
                         "the batch of another worker may lack its journal line; this one was "
                         "rolled back");
    if (segment_publish(s, err) && write_manifest(r, err) && write_ledger(r, err) &&
        forget_affected(r, err) && commit(r, tx, &unknown, err)) {
        memcpy(n->head, r->manifest_sha256, sizeof n->head);
        n->chain_cut = !write_journal(r, err);
        return !n->chain_cut;
    }
    n->chain_cut = unknown;
    FAULT_POINT("record.failed");
    struct error removing = {0};
    if (!unknown && !store_remove_segment(n->month_fd, r->files->name, &removing))
        return error_context(err, "%s; beside it", removing.message);
    return false;
}

static void count_batch(const struct record *r)
{
    struct night_tally tally = {
        .disposed = r->b->keys.count, .bytes = r->segment->bytes, .segments = 1};
    for (size_t i = 0; i < r->segment->member_count; i++) {
        const struct segment_member_result *m = &r->segment->members[i];
        *(m->member.kind == SEGMENT_ROWS ? &tally.rows : &tally.unlinked) += m->rows;
    }
    night_count(r->w->night, &tally);
}

bool batch_record(struct worker *w, const struct batch *b, struct segment *s,
                  const struct batch_files *files, struct db_tx **tx, struct error *err)
{
    struct record r = {.w = w, .b = b, .files = files};
    bool done = segment_finish(s, &r.segment, err) && make_references(&r, err);
    if (done) {
        pthread_mutex_lock(&w->night->chain);
        FAULT_POINT("record.turn_came");
        done = record_in_order(&r, s, tx, err);
        pthread_mutex_unlock(&w->night->chain);
    }
    if (done)
        count_batch(&r);
    FAULT_POINT("record.done");
    free(r.references);
    return done;
}
