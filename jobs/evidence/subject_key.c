#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/evidence/subject.h"
#include "sql.h"

void subject_free(struct subject *s)
{
    db_items_free(s->key, s->key_count);
    db_close(&s->db);
    json_decref(s->answer);
    explicit_bzero(s->reference_key, sizeof s->reference_key);
    *s = (struct subject){0};
}

/* Looking must not write: what is registered for the question is forgotten with it. */
static bool ask(struct subject *s, const char *words, const char *columns, struct db_result **ret,
                struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const struct policy *p = s->policy;
    const char *policy[] = {p->name, p->subject.schema, p->subject.table, columns};
    const char *params[] = {p->name, words};
    if (!db_tx_begin(s->db, DB_READ_COMMITTED, &tx, err) ||
        !db_query(s->db, DB_ONE_ROW, sql_evidence_is_registered, COUNT_OF(policy), policy, &r, err))
        return false;
    return (db_bool(r, 0, 0) ||
            db_exec(s->db, sql_hold_register_policy, COUNT_OF(policy), policy, err)) &&
           db_query(s->db, DB_ONE_ROW, sql_hold_canonical_key, COUNT_OF(params), params, ret, err);
}

/* The server's own words may hold the key. */
static bool explain(const struct policy *p, struct error *err)
{
    char state[sizeof err->sqlstate];
    memcpy(state, err->sqlstate, sizeof state);
    if (strncmp(state, "22", 2) == 0)
        error_set(err, ERR_USAGE,
                  "a word of the key is no value of its column (policy '%s': key of table %s.%s)",
                  p->name, p->subject.schema, p->subject.table);
    else if (strcmp(state, "42P01") == 0)
        error_set(err, ERR_USAGE, "policy '%s': the database has no table %s.%s", p->name,
                  p->subject.schema, p->subject.table);
    else
        return error_context(err, "read the key");
    memcpy(err->sqlstate, state, sizeof state);
    return false;
}

static bool check_count(const struct policy *p, size_t count, struct error *err)
{
    CLEANUP(text_free) struct text names = {0};
    if (count == p->key.count)
        return true;
    for (size_t i = 0; i < p->key.count; i++) {
        text_separate(&names, ", ");
        text_add(&names, p->key.items[i]);
    }
    return error_set(err, ERR_USAGE,
                     "a subject of policy '%s' is named by %zu word%s (%s), %zu %s given", p->name,
                     p->key.count, p->key.count == 1 ? "" : "s", text_get(&names), count,
                     count == 1 ? "was" : "were");
}

bool subject_find_key(struct subject *s, char *const *words, size_t count, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const struct name_list *key = &s->policy->key;
    if (!check_count(s->policy, count, err))
        return false;
    CLEANUP(memory_release) char *array = db_array_text((const char *const *)words, count);
    CLEANUP(memory_release)
    char *columns = db_array_text((const char *const *)key->items, key->count);
    if (!ask(s, array, columns, &r, err))
        return explain(s->policy, err);
    if (db_text(r, 0, 0) == NULL)
        return true;
    if (!db_array_parse(db_text(r, 0, 0), &s->key, &s->key_count, err))
        return false;
    return s->key_count == key->count ||
           error_set(err, ERR_USAGE,
                     "policy '%s': table %s.%s no longer has the columns of its key",
                     s->policy->name, s->policy->subject.schema, s->policy->subject.table);
}

void subject_add_fault(struct subject *s, const char *place, const char *sentence)
{
    json_array_append_new(json_object_get(s->answer, "faults"),
                          json_pack("{s:s, s:s}", "place", place, "fault", sentence));
}

size_t subject_fault_count(const struct subject *s)
{
    return json_array_size(json_object_get(s->answer, "faults"));
}
