/* schedule_categories: the rows of report schedule that come from the policies and from the tables
 * they meet.  Asks the catalogue only, so that no right on a customer table is needed. */
#pragma once

#include "jobs/report/report.h"

MUST_CHECK bool schedule_rules_fill(struct report_request *r, json_t **ret_rows, struct error *err);

/* ERR_USAGE when a policy does not fit the database (its graph is refused). */
MUST_CHECK bool schedule_categories_fill(struct report_request *r, json_t **ret_rows,
                                         struct error *err);
