#include "jobs/report/retention_policies.h"

#include <string.h>

#include "common/clock.h"
#include "common/memory.h"
#include "jobs/report/retention_words.h"
#include "jobs/retention/fingerprint.h"
#include "sql.h"

const struct document_field retention_policy_fields[] = {
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "version", .title = {"version", "versie"}, .type = DOCUMENT_TEXT},
    {.key = "state", .title = {"state", "stand"}, .type = DOCUMENT_CODE, .codes = words_approvals},
    {.key = "approved_at", .title = {"approved", "goedgekeurd"}, .type = DOCUMENT_INSTANT},
    {.key = "approved_by", .title = {"by", "door"}, .type = DOCUMENT_TEXT},
    {.key = "subject_table", .title = {"subjects in", "betrokkenen in"}, .type = DOCUMENT_TEXT},
    {.key = "purpose",
     .title = {"purpose", "doel"},
     .type = DOCUMENT_CODE,
     .codes = words_not_stated},
    {.key = "legal_basis", .title = {"legal basis", "grondslag"}, .type = DOCUMENT_TEXT},
    {.key = "fingerprint", .title = {"fingerprint", "vingerafdruk"}, .type = DOCUMENT_DIGEST},
    {.key = NULL}};

/* The state of a configured policy; approved may be NULL. */
static bool judge(struct report_request *r, const struct policy *policy, const char *approved,
                  const char **ret_state, struct error *err)
{
    CLEANUP(graph_free) struct graph g = {0};
    CLEANUP(problem_list_free) struct problem_list problems = {0};
    CLEANUP(memory_release) char *definition = NULL;
    char fingerprint[DIGEST_HEX_SIZE];
    if (!graph_build(r->db, policy, &g, &problems, err))
        return false;
    if (problems.refusals > 0) {
        *ret_state = "refused";
        return true;
    }
    if (!fingerprint_make(&g, r->ctx->settings->timezone, &definition, fingerprint, err))
        return false;
    *ret_state = approved == NULL                     ? "not_approved"
                 : strcmp(approved, fingerprint) == 0 ? "approved"
                                                      : "changed";
    return true;
}

static size_t find_row(const struct db_result *approvals, const char *policy)
{
    size_t i = 0;
    while (i < db_rows(approvals) && strcmp(db_text(approvals, i, 0), policy) != 0)
        i++;
    return i;
}

static void add_row(json_t *rows, const char *name, const struct policy *p, const char *state,
                    const struct db_result *approvals, size_t row)
{
    bool known = row < db_rows(approvals);
    char table[TABLE_NAME_TEXT_SIZE];
    if (p != NULL)
        table_name_format(&p->subject, table, sizeof table);
    json_array_append_new(rows,
                          json_pack("{s:s, s:s?, s:s, s:s?, s:s?, s:s?, s:s, s:s?, s:s?}", "policy",
                                    name, "version", p == NULL ? NULL : p->version, "state", state,
                                    "approved_at", known ? db_text(approvals, row, 3) : NULL,
                                    "approved_by", known ? db_text(approvals, row, 4) : NULL,
                                    "subject_table", p == NULL ? NULL : table, "purpose",
                                    p == NULL || p->purpose == NULL ? "not_stated" : p->purpose,
                                    "legal_basis", p == NULL ? NULL : p->legal_basis, "fingerprint",
                                    known ? db_text(approvals, row, 1) : NULL));
}

static bool is_configured(const struct settings *s, const char *policy)
{
    for (size_t i = 0; i < s->policy_count; i++)
        if (strcmp(s->policies[i].name, policy) == 0)
            return true;
    return false;
}

bool retention_policies_fill(struct report_request *r, json_t **ret_rows, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *approvals = NULL;
    CLEANUP(json_decrefp) json_t *rows = json_array();
    const struct settings *s = r->ctx->settings;
    char at[21];
    clock_format_utc(r->at, at);
    const char *params[] = {at};
    if (!db_query(r->db, DB_ROWS, sql_report_retention_approvals, 1, params, &approvals, err))
        return false;
    for (size_t i = 0; i < s->policy_count; i++) {
        const struct policy *p = &s->policies[i];
        size_t row = find_row(approvals, p->name);
        const char *state = NULL;
        const char *approved = row < db_rows(approvals) ? db_text(approvals, row, 1) : NULL;
        if (!judge(r, p, approved, &state, err))
            return error_context(err, "policy %s", p->name);
        add_row(rows, p->name, p, state, approvals, row);
    }
    for (size_t i = 0; i < db_rows(approvals); i++)
        if (!is_configured(s, db_text(approvals, i, 0)))
            add_row(rows, db_text(approvals, i, 0), NULL, "not_configured", approvals, i);
    *ret_rows = rows;
    rows = NULL;
    return true;
}
