/* list: every report there is. */
#pragma once

#include "jobs/report/report.h"

extern const struct report *const report_list[]; /* ends with NULL */

/* ERR_USAGE names the nearest. */
MUST_CHECK bool report_find(const char *name, const struct report **ret, struct error *err);

extern const struct report report_breach;
extern const struct report report_breaches;
extern const struct report report_forecast;
extern const struct report report_holds;
extern const struct report report_retention;
extern const struct report report_run;
extern const struct report report_schedule;
extern const struct report report_summary;
