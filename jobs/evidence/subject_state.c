#include <string.h>

#include "common/memory.h"
#include "jobs/evidence/subject.h"
#include "jobs/retention/graph.h"
#include "jobs/retention/judge.h"
#include "sql.h"

enum {
    STATUS_KEY,
    STATUS_COVERED,
    STATUS_ENDLESS,
    STATUS_LAPSED,
    STATUS_OPEN,
    STATUS_RULE,
    STATUS_DUE
};

enum { BREACH_KEEPS = 2 }; /* of list_breaches.sql */

static void set(struct subject *s, const char *name, const char *text)
{
    json_object_set_new(s->answer, name, text == NULL ? json_null() : json_string(text));
}

/* The key as the row has it may be written otherwise than it was asked for: citext. */
static bool take_key(struct subject *s, const char *array, struct error *err)
{
    char **key = NULL;
    size_t count = 0;
    if (!db_array_parse(array, &key, &count, err))
        return false;
    db_items_free(s->key, s->key_count);
    s->key = key;
    s->key_count = count;
    return true;
}

/* Due by the rules; what keeps it all the same is in holds and in the worklist. */
static bool tell_due(struct subject *s, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *holds = NULL;
    CLEANUP(db_result_free) struct db_result *breaches = NULL;
    CLEANUP(db_result_free) struct db_result *work = NULL;
    const struct table_name *t = &s->policy->subject;
    CLEANUP(memory_release) char *key = db_array_text((const char *const *)s->key, s->key_count);
    const char *of_holds[] = {t->schema, t->table, key, ""};
    const char *of_work[] = {s->policy->name, key};
    if (!db_query(s->db, DB_ROWS, sql_evidence_list_holds, COUNT_OF(of_holds), of_holds, &holds,
                  err) ||
        !db_query(s->db, DB_ROWS, sql_evidence_list_breaches, COUNT_OF(of_holds), of_holds,
                  &breaches, err) ||
        !db_query(s->db, DB_AT_MOST_ONE, sql_evidence_show_worklist, COUNT_OF(of_work), of_work,
                  &work, err))
        return false;
    bool blocked = db_rows(work) == 1 && strcmp(db_text(work, 0, 0), "blocked") == 0;
    bool held = db_rows(holds) > 0;
    for (size_t i = 0; i < db_rows(breaches); i++)
        held |= db_bool(breaches, i, BREACH_KEEPS);
    set(s, "state", held ? "held" : blocked ? "blocked" : "due");
    if (!held && blocked) {
        set(s, "reason", db_text(work, 0, 1));
        set(s, "since", db_text(work, 0, 2));
    }
    return true;
}

/* The last day is told while it is ahead; neither is where no calendar of ours has them. */
static void tell_kept(struct subject *s, const char *due_on)
{
    struct local_date day;
    struct error ignored;
    char last[11];
    set(s, "state", "kept");
    if (due_on == NULL || !local_date_parse(due_on, &day, &ignored))
        return;
    local_date_format(local_date_add_days(day, -1), last);
    set(s, "kept_until", last);
    set(s, "due_on", due_on);
}

static bool tell_status(struct subject *s, const struct db_result *r, struct error *err)
{
    bool endless = db_bool(r, 0, STATUS_ENDLESS);
    bool uncovered = !db_bool(r, 0, STATUS_COVERED) || endless;
    const char *open = db_text(r, 0, STATUS_OPEN);
    json_object_set_new(s->answer, "in_database", json_true());
    if (uncovered) {
        set(s, "state", "uncovered");
        set(s, "reason", endless ? "no end date" : "no rule");
        return true;
    }
    if (open != NULL) {
        set(s, "state", "running");
        set(s, "rule", open);
        return true;
    }
    set(s, "rule", db_text(r, 0, STATUS_RULE));
    if (db_bool(r, 0, STATUS_LAPSED)) {
        set(s, "due_on", db_text(r, 0, STATUS_DUE));
        return tell_due(s, err);
    }
    tell_kept(s, db_text(r, 0, STATUS_DUE));
    return true;
}

static bool ask(struct subject *s, const struct graph *g, struct error *err)
{
    CLEANUP(key_list_free) struct key_list keys = {.width = s->key_count};
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    key_list_add(&keys, (const char *const *)s->key);
    CLEANUP(key_literals_free)
    struct key_literals literals = key_literals_of(&keys, g->subject_key_types, 0, 1);
    judge_status_select(&sql, g, s->ctx->settings->timezone, s->ctx->as_of, &literals);
    if (!db_query(s->db, DB_AT_MOST_ONE, text_get(&sql), 0, NULL, &r, err))
        return error_context(err, "judge the subject");
    json_object_set_new(s->answer, "in_database", json_boolean(db_rows(r) == 1));
    set(s, "state", "gone");
    return db_rows(r) == 0 ||
           (take_key(s, db_text(r, 0, STATUS_KEY), err) && tell_status(s, r, err));
}

bool subject_judge(struct subject *s, struct error *err)
{
    CLEANUP(graph_free) struct graph g = {0};
    CLEANUP(problem_list_free) struct problem_list problems = {0};
    if (s->key == NULL) {
        json_object_set_new(s->answer, "in_database", json_false());
        set(s, "state", "gone");
        return true;
    }
    if (!graph_build(s->db, s->policy, &g, &problems, err))
        return false;
    if (problems.refusals == 0)
        judge_check(&g, &problems);
    if (problems.refusals == 0)
        return ask(s, &g, err);
    set(s, "state", "unknown");
    json_array_append_new(
        json_object_get(s->answer, "notes"),
        json_string("Policy and database do not fit together, so nobody can say whether this "
                    "subject is there and why: waarborg check tells what is wrong."));
    return true;
}
