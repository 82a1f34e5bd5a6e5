#include "jobs/breach/register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/breach/clock_state.h"
#include "jobs/schema/schema.h"
#include "sql.h"

/* Nobody holds a row of the register for longer than a statement, but for a bulk of customers. */
#define LOCK_TIMEOUT_MS (60 * 1000)

bool register_open_db(const struct job_ctx *ctx, const char *name, struct db **ret,
                      struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    const char *params[] = {ctx->settings->breach.wft_undertaking ? "true" : "false"};
    if (!job_open_db(ctx, name, LOCK_TIMEOUT_MS, &db, err) || !schema_require(db, err) ||
        !db_exec(db, sql_breach_switch_wft, COUNT_OF(params), params, err))
        return false;
    *ret = db;
    db = NULL;
    return true;
}

bool register_failed_with(const struct error *err, const char *sqlstate)
{
    return strcmp(err->sqlstate, sqlstate) == 0;
}

bool register_fail(struct error *err)
{
    static const char mark[] = "ERROR WB01";
    const char *at = strstr(err->message, mark);
    if (at == NULL || strncmp(err->sqlstate, "WB01", 4) != 0)
        return false;
    const char *sentences = strchr(at + strlen(mark), ':');
    if (sentences == NULL)
        return false;
    sentences += strspn(sentences, ": ");
    err->kind = ERR_USAGE;
    memmove(err->message, sentences, strlen(sentences) + 1);
    return false;
}

bool register_query_json(struct db *db, const char *sql, size_t param_count,
                         const char *const *params, json_t **ret, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    json_error_t fault;
    if (!db_query(db, DB_ONE_ROW, sql, param_count, params, &r, err))
        return false;
    json_t *value =
        json_loads(db_text(r, 0, 0) == NULL ? "null" : db_text(r, 0, 0), JSON_DECODE_ANY, &fault);
    if (value == NULL)
        return error_set(err, ERR_DB, "database: the register gave no JSON: %s", fault.text);
    *ret = value;
    return true;
}

/* "2026-0007": four digits, a dash, at most nine. */
static bool read_number(const char *word, unsigned long *ret_number)
{
    static const char digits[] = "0123456789";
    if (strspn(word, digits) != 4 || word[0] == '0' || word[4] != '-')
        return false;
    size_t length = strspn(word + 5, digits);
    if (length == 0 || length > 9 || word[5 + length] != '\0')
        return false;
    *ret_number = strtoul(word + 5, NULL, 10);
    return true;
}

bool register_parse_reference(const char *word, char ret[static REGISTER_REFERENCE_SIZE],
                              struct error *err)
{
    unsigned long number;
    if (strncasecmp(word, "DL-", 3) != 0 || !read_number(word + 3, &number))
        return error_set(err, ERR_USAGE,
                         "'%.40s' names no breach; a reference looks like DL-2026-0007", word);
    snprintf(ret, REGISTER_REFERENCE_SIZE, "DL-%.4s-%04lu", word + 3, number);
    return true;
}

int64_t register_instant(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : CLOCK_NO_INSTANT;
}
