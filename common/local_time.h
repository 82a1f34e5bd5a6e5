/* local_time: instants as people in the organisation write and read them.
 *
 * The zone is the process's: main sets TZ to the setting `timezone` and calls tzset.  Nothing here
 * asks the clock, allocates or logs, and mktime(3) is not used: it guesses where we must ask. */
#pragma once

#include <stdint.h>

#include "common/error.h"

enum { LOCAL_TIME_SIZE = 64 };

/* All fill and return dst.
 *
 * "Fri 2026-10-23 15:00 +02:00"; seconds only when they are not :00 ("15:00:01").  The offset is
 * always there: on 2026-10-25 the wall shows 02:30 twice.  local_time_parse reads it back. */
const char *local_time_format(int64_t instant, char dst[static LOCAL_TIME_SIZE]);
/* "2026-10-23T15:00:00+02:00" */
const char *local_time_format_iso(int64_t instant, char dst[static LOCAL_TIME_SIZE]);
/* How long, without sign and rounded down: "42 s" below a minute, "12 m" below an hour,
 * "71 h 42 m" and "2 h 05 m" below 100 hours, then "14 d 3 h".  A day is 24 hours.  Whether that
 * is left or late is the caller's to say. */
const char *local_time_format_duration(int64_t seconds, char dst[static LOCAL_TIME_SIZE]);

/* Reads, with blanks around it or not,
 *   2026-10-23T15:00+02:00, 2026-10-23 15:00:30 +0200, 2026-10-23T13:00Z   an instant
 *   2026-10-23 15:00, 2026-10-23T15:00:30                                  local time
 *   either with its day in front (Fri 2026-10-23 15:00 +02:00), which must then be right.
 * Years 1900 to 9999, whole seconds.  ERR_USAGE, as a sentence that begins after "field: ":
 *   a date without a time of day; a local time that does not exist or exists twice, with the
 *   instants it can mean, each in a form that can be pasted; anything else.
 * What was typed is repeated only when it is digits and signs: it may be anything. */
MUST_CHECK bool local_time_parse(const char *text, int64_t *ret_instant, struct error *err);
