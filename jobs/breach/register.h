/* register: what the commands of the breach register share: its connection, its errors, instants.
 */
#pragma once

#include <jansson.h>

#include "common/db.h"
#include "jobs/job.h"

/* Opens the database, requires the schema, and tells the register whether the organisation is a
 * financial undertaking (breach.wft_undertaking). */
MUST_CHECK bool register_open_db(const struct job_ctx *ctx, const char *name, struct db **ret,
                                 struct error *err);

/* Call after a function of the register failed: a rule that does not hold (SQLSTATE WB010 to WB015)
 * becomes ERR_USAGE with the sentences of the rule alone, one line each; anything else stays.
 * Returns false. */
bool register_fail(struct error *err);

/* Did the function fail with this SQLSTATE ("WB013")? */
bool register_failed_with(const struct error *err, const char *sqlstate);

/* The one row and column of a statement that gives JSON.  *ret is the caller's (json_decref). */
MUST_CHECK bool register_query_json(struct db *db, const char *sql, size_t param_count,
                                    const char *const *params, json_t **ret, struct error *err);

/* "DL-2026-7" and "dl-2026-0007" are DL-2026-0007; ERR_USAGE shows the form for anything else. */
#define REGISTER_REFERENCE_SIZE 32
MUST_CHECK bool register_parse_reference(const char *word, char ret[static REGISTER_REFERENCE_SIZE],
                                         struct error *err);

/* An instant as the statements give it, extract(epoch from ...)::bigint in JSON, or
 * CLOCK_NO_INSTANT when it is null. */
int64_t register_instant(const json_t *object, const char *key);
