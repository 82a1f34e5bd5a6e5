/* clock: the only place that asks what time it is.  A run takes `now` once and passes it on.
 * Instants are int64_t seconds UTC. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

int64_t clock_now(void);
int64_t clock_monotonic_ms(void); /* for durations and pacing, not for dates */

/* "2026-11-22T01:02:03Z" */
void clock_format_utc(int64_t instant, char dst[static 21]);
/* Reads it back; false for any other text. */
bool clock_parse_utc(const char *text, int64_t *ret_instant);
/* "20261122T010203Z", for file names */
void clock_format_compact(int64_t instant, char dst[static 17]);
