#include "jobs/breach/affected_change.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/lookup.h"
#include "common/memory.h"
#include "jobs/archive/reference.h"
#include "jobs/breach/faults.h"
#include "sql.h"

#define NOTHING "nothing was registered"

enum { CHANGED, ALREADY, MISSING, CANONICAL }; /* columns of affected_add, _told, _exempt */

/* Keys that no row has: as they were given, and as the database would write them. */
struct missing {
    char **words, **canonical;
    size_t count;
    char (*references)[DIGEST_HEX_SIZE]; /* "" for what can be nobody's key */
};

static void missing_free(struct missing *m)
{
    db_items_free(m->words, m->count);
    db_items_free(m->canonical, m->count);
    free(m->references);
}

void affected_change_free(struct affected_change *c)
{
    affected_keys_free(&c->keys);
    json_decref(c->state);
    explicit_bzero(c->reference_key, sizeof c->reference_key);
    *c = (struct affected_change){0};
}

/* The server's own words may hold keys. */
static bool explain(const struct affected_change *c, struct error *err)
{
    const struct table_name *t = &c->policy->subject;
    char state[sizeof err->sqlstate];
    memcpy(state, err->sqlstate, sizeof state);
    if (strncmp(state, "WB01", 4) == 0)
        return faults_of_register(NOTHING, err);
    if (strcmp(state, "55P03") == 0)
        error_set(err, ERR_BUSY,
                  "another session has had some of these customers, or the register, locked for a "
                  "minute; " NOTHING ": try again");
    else if (strcmp(state, "WB002") == 0)
        error_set(err, ERR_USAGE,
                  "policy %s is not registered in the database; " NOTHING ": waarborg retention "
                  "approve registers it",
                  c->policy->name);
    else if (strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0)
        error_set(err, ERR_USAGE,
                  "policy %s: the database has no table %s.%s; mend subject.table; " NOTHING,
                  c->policy->name, t->schema, t->table);
    else if (strcmp(state, "42501") == 0)
        return error_context(err, NOTHING "; the role of whoever does this may execute the "
                                          "functions of the register (waarborg migrate --roles)");
    else
        return error_context(err, NOTHING);
    memcpy(err->sqlstate, state, sizeof state);
    return false;
}

/* ---- Who is not there --------------------------------------------------------------------- */

static bool load_reference_key(struct affected_change *c, struct error *err)
{
    if (!c->has_reference_key &&
        !reference_key_load(c->ctx->settings->evidence.reference_key, c->reference_key, err))
        return error_context(err, "keys that no customer has are looked up by reference among "
                                  "those who were disposed of; " NOTHING);
    c->has_reference_key = true;
    return true;
}

static bool make_reference(struct affected_change *c, const char *canonical,
                           char ret[static DIGEST_HEX_SIZE], struct error *err)
{
    const struct table_name *t = &c->policy->subject;
    char **key = NULL;
    size_t count = 0;
    ret[0] = '\0';
    if (canonical[0] == '\0')
        return true;
    if (!load_reference_key(c, err) || !db_array_parse(canonical, &key, &count, err))
        return false;
    bool made = reference_make(c->reference_key, t->schema, t->table, (const char *const *)key,
                               count, ret, err);
    db_items_free(key, count);
    return made;
}

static bool read_missing(struct affected_change *c, const struct db_result *r, struct missing *m,
                         struct error *err)
{
    size_t count = 0;
    if (!db_array_parse(db_text(r, 0, MISSING), &m->words, &m->count, err))
        return false;
    if (!db_array_parse(db_text(r, 0, CANONICAL), &m->canonical, &count, err))
        return false;
    m->references = memory_alloc((m->count + 1) * sizeof *m->references);
    for (size_t i = 0; i < m->count; i++)
        if (!make_reference(c, m->canonical[i], m->references[i], err))
            return false;
    return true;
}

/* Those of the references that the register, or the ledger, knows. */
static bool ask_references(struct affected_change *c, const struct missing *m, char ***ret_known,
                           size_t *ret_count, struct error *err)
{
    CLEANUP(text_free) struct text array = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    bool add = c->kind == AFFECTED_ADD;
    for (size_t i = 0; i < m->count; i++)
        if (m->references[i][0] != '\0')
            db_array_add(&array, m->references[i]);
    const char *found = db_array_close(&array);
    const char *params[] = {c->reference, add ? c->policy->name : found, found};
    if (!db_query(c->db, DB_ONE_ROW,
                  add ? sql_breach_affected_add_disposed : sql_breach_affected_find_disposed,
                  add ? 3 : 2, params, &r, err))
        return explain(c, err);
    c->disposed += db_int(r, 0, 0);
    c->gone_already -= db_int(r, 0, 0);
    return db_array_parse(db_text(r, 0, 1), ret_known, ret_count, err);
}

static const char *unknown_sentence(const struct affected_change *c, struct text *sentence)
{
    char table[TABLE_NAME_TEXT_SIZE];
    table_name_format(&c->policy->subject, table, sizeof table);
    if (c->kind == AFFECTED_ADD)
        text_addf(sentence,
                  "is the key of nobody in %s, and of nobody who was disposed of by policy %s",
                  table, c->policy->name);
    else
        text_addf(sentence, "is the key of nobody whom %s affects", c->reference);
    return text_get(sentence);
}

/* The missing words come in the order of the chunk. */
static bool sort_missing(struct affected_change *c, const struct affected_chunk *chunk,
                         const struct missing *m, const struct lookup *known, struct error *err)
{
    CLEANUP(text_free) struct text sentence = {0};
    const char *what = unknown_sentence(c, &sentence);
    size_t at = 0;
    for (size_t i = 0; i < m->count; i++, at++) {
        size_t ignored;
        while (at < chunk->count && strcmp(chunk->words[at], m->words[i]) != 0)
            at++;
        if (at == chunk->count)
            return error_set(err, ERR_DB, "database: the register gave other keys than it got");
        if (m->references[i][0] != '\0' && lookup_get(known, m->references[i], &ignored))
            c->gone_already++;
        else if (!affected_keys_fault(&c->keys, chunk->lines[at], m->words[i], what, err))
            return false;
    }
    return true;
}

static bool settle_missing(struct affected_change *c, const struct affected_chunk *chunk,
                           const struct missing *m, struct error *err)
{
    CLEANUP(lookup_free) struct lookup known = {0};
    char **references = NULL;
    size_t count = 0;
    if (m->count == 0)
        return true;
    if (!ask_references(c, m, &references, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        lookup_put(&known, references[i], i);
    bool done = sort_missing(c, chunk, m, &known, err);
    db_items_free(references, count);
    return done;
}

/* ---- The change --------------------------------------------------------------------------- */

/* array: keys, or NULL for everybody. */
static bool ask(struct affected_change *c, const char *array, struct db_result **ret,
                struct error *err)
{
    static const char *const statements[] = {[AFFECTED_ADD] = sql_breach_affected_add,
                                             [AFFECTED_TOLD] = sql_breach_affected_told,
                                             [AFFECTED_EXEMPT] = sql_breach_affected_exempt};
    static const size_t words[] = {[AFFECTED_ADD] = 0, [AFFECTED_TOLD] = 2, [AFFECTED_EXEMPT] = 1};
    const char *params[] = {c->reference, c->policy->name, array, c->words[0], c->words[1]};
    if (!db_query(c->db, DB_ONE_ROW, statements[c->kind], 3 + words[c->kind], params, ret, err))
        return explain(c, err);
    c->changed += db_int(*ret, 0, CHANGED);
    c->already += db_int(*ret, 0, ALREADY);
    return true;
}

static bool change_chunk(struct affected_change *c, const struct affected_chunk *chunk,
                         struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(missing_free) struct missing m = {0};
    return ask(c, text_get(&chunk->array), &r, err) && read_missing(c, r, &m, err) &&
           settle_missing(c, chunk, &m, err);
}

static bool change_all(struct affected_change *c, struct error *err)
{
    CLEANUP(affected_chunk_free) struct affected_chunk chunk = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (c->everybody)
        return ask(c, NULL, &r, err);
    do {
        if (!affected_keys_next(&c->keys, &chunk, err) ||
            (chunk.count > 0 && !change_chunk(c, &chunk, err)))
            return false;
    } while (chunk.count > 0);
    return true;
}

static bool check_given(const struct affected_change *c, struct error *err)
{
    const struct affected_keys *k = &c->keys;
    if (k->path != NULL && k->given == 0)
        return error_set(err, ERR_USAGE, "%s holds no key; " NOTHING, k->path);
    return k->faults == 0 ||
           error_set(err, ERR_USAGE,
                     "%" PRIu64 " of %" PRIu64 " %s name nobody, or no key; " NOTHING "%s",
                     k->faults, k->given, k->path == NULL ? "customers" : "lines",
                     k->header_missing ? "; the first line names the columns: --header skips it"
                     : k->path == NULL ? ": they went meanwhile, try again"
                                       : ": mend the lines that are shown above, or leave them "
                                         "out");
}

/* A policy that was never approved nor held by is not known to the database yet. */
static bool register_policy(const struct affected_change *c, struct error *err)
{
    const struct policy *p = c->policy;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(memory_release)
    char *columns = db_array_text((const char *const *)p->key.items, p->key.count);
    const char *params[] = {p->name, p->subject.schema, p->subject.table, columns};
    return (db_query(c->db, DB_ONE_ROW, sql_evidence_is_registered, COUNT_OF(params), params, &r,
                     err) &&
            (db_bool(r, 0, 0) ||
             db_exec(c->db, sql_hold_register_policy, COUNT_OF(params), params, err))) ||
           error_context(err,
                         "policy %s is not registered as the configuration has it; waarborg "
                         "retention approve does that",
                         p->name);
}

static bool feed(const struct affected_change *c, struct error *err)
{
    const char *params[] = {c->reference};
    return c->kind != AFFECTED_ADD || db_exec(c->db, sql_breach_affected_feed, 1, params, err) ||
           explain(c, err);
}

bool affected_change_run(struct affected_change *c, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    const char *params[] = {c->reference};
    /* READ COMMITTED: after waiting for a disposal the next statement must see its record. */
    if (!db_tx_begin(c->db, DB_READ_COMMITTED, &tx, err) || !register_policy(c, err) ||
        !change_all(c, err) || !check_given(c, err) || !feed(c, err) ||
        !register_query_json(c->db, sql_breach_affected_show, COUNT_OF(params), params, &c->state,
                             err))
        return false;
    if (c->dry_run) {
        db_tx_rollback(&tx);
        return true;
    }
    return db_tx_commit(&tx, err) || explain(c, err);
}
