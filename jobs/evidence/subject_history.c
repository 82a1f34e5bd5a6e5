#include <errno.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/archive/history.h"
#include "jobs/archive/reference.h"
#include "jobs/archive/store.h"
#include "jobs/evidence/subject.h"
#include "jobs/evidence/subject_confirm.h"
#include "sql.h"

/* Columns of list_disposals.sql. */
enum {
    D_SEGMENT,
    D_POLICY,
    D_RULE,
    D_DUE_ON,
    D_RUN,
    D_AS_OF,
    D_FILE,
    D_AT,
    D_DAY,
    D_MANIFEST_SHA256,
    D_DESTROYED_AT,
    D_CHAIN_NO,
    D_HELD
};

struct ledger_view {
    struct db_result *disposals, *restores, *holds, *breaches, *returned;
};

static void release_view(struct ledger_view *v)
{
    db_result_free(&v->disposals);
    db_result_free(&v->restores);
    db_result_free(&v->holds);
    db_result_free(&v->breaches);
    db_result_free(&v->returned);
}

static bool load_view(struct subject *s, struct ledger_view *v, struct error *err)
{
    const struct table_name *t = &s->policy->subject;
    CLEANUP(memory_release)
    char *key = s->key == NULL ? NULL : db_array_text((const char *const *)s->key, s->key_count);
    const char *of_holds[] = {t->schema, t->table, key, s->reference};
    const char *reference[] = {s->reference};
    return (db_query(s->db, DB_ROWS, sql_evidence_list_disposals, 1, reference, &v->disposals,
                     err) &&
            db_query(s->db, DB_ROWS, sql_evidence_list_restores, 1, reference, &v->restores, err) &&
            db_query(s->db, DB_ROWS, sql_evidence_list_holds, COUNT_OF(of_holds), of_holds,
                     &v->holds, err) &&
            db_query(s->db, DB_ROWS, sql_evidence_list_breaches, COUNT_OF(of_holds), of_holds,
                     &v->breaches, err) &&
            db_query(s->db, DB_AT_MOST_ONE, sql_evidence_show_returned, 1, reference, &v->returned,
                     err)) ||
           error_context(err, "read the ledger");
}

static json_t *list_holds(const struct db_result *r)
{
    json_t *holds = json_array();
    for (size_t i = 0; i < db_rows(r); i++)
        json_array_append_new(holds, json_pack("{s:I, s:b, s:s, s:s, s:s, s:s, s:s?}", "hold",
                                               (json_int_t)db_int(r, i, 0), "archive",
                                               (int)db_bool(r, i, 1), "kind", db_text(r, i, 2),
                                               "reason", db_text(r, i, 3), "placed_at",
                                               db_text(r, i, 4), "placed_by", db_text(r, i, 5),
                                               "review_on", db_text(r, i, 6)));
    return holds;
}

static json_t *list_breaches(const struct db_result *r)
{
    json_t *breaches = json_array();
    for (size_t i = 0; i < db_rows(r); i++)
        json_array_append_new(
            breaches, json_pack("{s:s, s:s, s:b, s:s?, s:s?, s:s?, s:s?, s:b}", "breach",
                                db_text(r, i, 0), "state", db_text(r, i, 1), "keeps",
                                (int)db_bool(r, i, 2), "told_at", db_text(r, i, 3), "returned_at",
                                db_text(r, i, 4), "channel", db_text(r, i, 5), "because",
                                db_text(r, i, 6), "closed", (int)db_bool(r, i, 7)));
    return breaches;
}

static json_t *list_restores(const struct db_result *r, const char *segment)
{
    json_t *restores = json_array();
    for (size_t i = 0; i < db_rows(r); i++)
        if (strcmp(db_text(r, i, 0), segment) == 0)
            json_array_append_new(restores,
                                  json_pack("{s:b, s:s, s:s, s:s, s:s}", "whole_segment",
                                            (int)db_bool(r, i, 1), "at", db_text(r, i, 2), "by",
                                            db_text(r, i, 4), "os_user", db_text(r, i, 5), "reason",
                                            db_text(r, i, 6)));
    return restores;
}

/* The last day of archive.keep, NULL when the day is none. */
static json_t *kept_until(const struct subject *s, const char *created_on)
{
    struct local_date day;
    struct error ignored;
    char text[11];
    if (created_on == NULL || !local_date_parse(created_on, &day, &ignored))
        return json_null();
    local_date_format(rule_last_kept(day, s->ctx->settings->archive.keep_window, WINDOW_EXACT),
                      text);
    return json_string(text);
}

static json_t *disposal_of_row(const struct subject *s, const struct ledger_view *v, size_t row)
{
    const struct db_result *r = v->disposals;
    return json_pack(
        "{s:s?, s:s, s:s, s:s, s:s, s:o, s:s?, s:s?, s:o, s:b, s:s?, s:b, s:o}", "disposed_at",
        db_text(r, row, D_AT), "policy", db_text(r, row, D_POLICY), "rule", db_text(r, row, D_RULE),
        "due_on", db_text(r, row, D_DUE_ON), "segment", db_text(r, row, D_SEGMENT), "run",
        db_text(r, row, D_RUN) == NULL ? json_null()
                                       : json_integer((json_int_t)db_int(r, row, D_RUN)),
        "as_of", db_text(r, row, D_AS_OF), "file", db_text(r, row, D_FILE), "kept_until",
        kept_until(s, db_text(r, row, D_DAY)), "archive_held", (int)db_bool(r, row, D_HELD),
        "destroyed_at", db_text(r, row, D_DESTROYED_AT), "in_ledger", 1, "restores",
        list_restores(v->restores, db_text(r, row, D_SEGMENT)));
}

static void tell_ledger(struct subject *s, const struct ledger_view *v, struct confirm *c)
{
    json_t *disposals = json_object_get(s->answer, "disposals");
    for (size_t i = 0; i < db_rows(v->disposals); i++) {
        const struct confirm_disposal d = {
            .segment = db_text(v->disposals, i, D_SEGMENT),
            .file = db_text(v->disposals, i, D_FILE),
            .manifest_sha256 = db_text(v->disposals, i, D_MANIFEST_SHA256),
            .rule = db_text(v->disposals, i, D_RULE),
            .due_on = db_text(v->disposals, i, D_DUE_ON),
            .destroyed = db_text(v->disposals, i, D_DESTROYED_AT) != NULL};
        json_t *disposal = disposal_of_row(s, v, i);
        confirm_disposal(c, &d, disposal);
        json_array_append_new(disposals, disposal);
    }
    for (size_t i = 0; i < db_rows(v->restores); i++)
        confirm_restore(c, db_text(v->restores, i, 0), db_bool(v->restores, i, 1),
                        db_int(v->restores, i, 3));
}

static void tell_returned(struct subject *s, const struct db_result *r)
{
    if (db_rows(r) == 1)
        json_object_set_new(s->answer, "returned",
                            json_pack("{s:s, s:s, s:s?, s:s?, s:s?}", "wanted", db_text(r, 0, 0),
                                      "noted_at", db_text(r, 0, 1), "outcome", db_text(r, 0, 2),
                                      "settled_at", db_text(r, 0, 3), "looked_at",
                                      db_text(r, 0, 4)));
}

bool subject_tell_history(struct subject *s, struct error *err)
{
    CLEANUP(release_view) struct ledger_view v = {0};
    CLEANUP(confirm_free) struct confirm c = {.store.root_fd = -1};
    /* The ledger first: a line is written after the COMMIT that it tells of. */
    if (!load_view(s, &v, err) || !confirm_load(s, &c, err))
        return false;
    json_object_set_new(s->answer, "holds", list_holds(v.holds));
    json_object_set_new(s->answer, "breaches", list_breaches(v.breaches));
    tell_returned(s, v.returned);
    tell_ledger(s, &v, &c);
    return confirm_find_forgotten(&c, err);
}
