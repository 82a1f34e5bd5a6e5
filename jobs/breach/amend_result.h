/* amend_result: what `breach amend` says when it is done, as text or JSON, and its line in the log.
 */
#pragma once

#include <jansson.h>

#include "common/db.h"
#include "jobs/breach/amend_additions.h"
#include "jobs/job.h"

struct amend_result {
    const char *reference;
    const json_t *before;  /* sql/breach/read_fields.sql, before the change */
    const json_t *changed; /* {field: value} */
    const struct amend_additions *additions;
    bool reopened;
};

/* Never fails: what is registered is registered.  db gives the clocks. */
void amend_result_print(const struct job_ctx *ctx, struct db *db, const struct amend_result *r);
