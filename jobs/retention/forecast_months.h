/* forecast_months: the calendar of a forecast, and how long a backlog lasts.  Months are those of
 * the wall; month 0 begins on the as-of date, the others on their first day. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "jobs/settings/rule_date.h"

struct forecast_month {
    struct local_date first, last; /* both belong to it */
    int nights;                    /* one a day: the night of the as-of date is the first */
};

struct forecast_month forecast_month_of(struct local_date as_of, int number);

/* The day whose night leaves nothing undone: `backlog` rows wait as of as_of, month_rows[i] more
 * become due in the course of month i, and a night takes rows_per_night.  false when that day does
 * not come within `months` months; *ret_day is untouched then. */
bool forecast_backlog_ends(struct local_date as_of, int64_t backlog, const int64_t *month_rows,
                           int months, double rows_per_night, struct local_date *ret_day);
