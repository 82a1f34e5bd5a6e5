/* rule_date: the calendar arithmetic of a retention window (design: "When is a subject due?").
 *
 * last_kept = end + window in calendar arithmetic: years and months first, the day clamped to the
 * month's last (29 February + 7 years = 28 February), then days, as PostgreSQL adds an interval to
 * a date.  With WINDOW_CALENDAR_YEAR_END the end first moves to 31 December of its year.  A subject
 * is due from the day after last_kept.
 *
 * Always computed forward from the end date: `end < as_of - 7 years` frees 28 February 2021 a day
 * late.  Dates are proleptic Gregorian, years 1 to 9999. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

struct local_date {
    int year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

enum window_start { WINDOW_EXACT, WINDOW_CALENDAR_YEAR_END };

struct retention_window { /* at least one is > 0, none is negative */
    int months;           /* years count 12 */
    int days;             /* weeks count 7 */
};

/* "7 years", "18 months", "90 days", "2 weeks", "7 years 6 months"; singular too.  Each unit at
 * most once, the larger first.  Refuses zero, signs, fractions, other units, other languages and
 * windows of more than 200 years with ERR_USAGE and what is allowed. */
MUST_CHECK bool retention_window_parse(const char *text, struct retention_window *ret_window,
                                       struct error *err);

/* The window as PostgreSQL's interval input: "84 mons 0 days". */
void retention_window_interval(struct retention_window window, char *dst, size_t size);

/* "2026-11-22", nothing else; ERR_USAGE for anything that is not a date of the calendar. */
MUST_CHECK bool local_date_parse(const char *text, struct local_date *ret_date, struct error *err);
void local_date_format(struct local_date date, char dst[static 11]);

/* < 0, 0, > 0 as a is before, equal to, after b. */
int local_date_compare(struct local_date a, struct local_date b);
struct local_date local_date_add_days(struct local_date date, int days);

struct local_date rule_last_kept(struct local_date end, struct retention_window window,
                                 enum window_start start);

/* The cut-off: the latest end date whose last_kept is before as_of.  An end date lapses exactly
 * when it is on or before the cut-off (last_kept is monotone in the end date).
 * as_of lies in the year 202 or later, so that the longest window still gives a year of the range.
 */
struct local_date rule_cutoff(struct local_date as_of, struct retention_window window,
                              enum window_start start);
