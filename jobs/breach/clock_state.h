/* clock_state: how one clock of a breach stands at `now`, and which reminder of it is due.
 *
 * Instants are int64_t seconds UTC and differences absolute seconds: a step "24h" is 24 hours of
 * 3,600 seconds before the limit, a day later is 24 hours later, whatever daylight saving does in
 * between (GDPR 33(1) speaks of hours).  Exactly at the limit is in time, a second later is late.
 * The limit itself comes from the register.  Pure: no database, no time of its own, no log. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_NO_INSTANT INT64_MIN
#define CLOCK_NEAR_SECONDS (INT64_C(12) * 3600) /* what commands pass as near_seconds */

enum clock_state {
    CLOCK_NOT_STARTED, /* nothing has set it going */
    CLOCK_RUNNING,
    CLOCK_NEAR,    /* near_seconds or less to go, the limit itself included */
    CLOCK_OVERDUE, /* now is after the limit */
    CLOCK_MET,
    CLOCK_MET_LATE,   /* met after the limit: reasons are due */
    CLOCK_NO_LIMIT,   /* goes, and nothing says when it ends ("without undue delay") */
    CLOCK_NOT_NEEDED, /* decided so */
};

struct breach_clock {
    int64_t started_at; /* CLOCK_NO_INSTANT: not started */
    int64_t due_at;     /* CLOCK_NO_INSTANT: no limit */
    int64_t met_at;     /* CLOCK_NO_INSTANT: not met */
    bool not_needed;    /* a reasoned decision that the duty does not exist */
};

/* What happened counts before what was decided, and only what had happened by `now`: a clock that
 * was met after `now` still goes, one that starts after it has not started.  What was not needed
 * and done all the same is met, never late. */
enum clock_state clock_state_at(const struct breach_clock *c, int64_t now, int64_t near_seconds);

/* True for the states in which somebody still has to do something before the clock is met: running,
 * near, overdue and no limit.  Reminders are sent in the first three only. */
bool clock_state_is_open(enum clock_state state);

/* For programs: "not_started", "running", "near", "overdue", "met", "met_late", "no_limit",
 * "not_needed". */
const char *clock_state_code(enum clock_state state);
/* For people; language "nl" is Dutch, everything else English. */
const char *clock_state_word(enum clock_state state, const char *language);

/* Writes "71 h 42 m left", "3 h 05 m late", "13 d 23 h left" (from 100 hours), "42 s late" (under a
 * minute), rounded down, or in Dutch "nog 71 u 42 m", "3 u 05 m te laat".  At the limit itself "0 s
 * left".  size: 40 is enough.  Returns dst. */
const char *clock_left(char *dst, size_t size, int64_t due_at, int64_t now, const char *language);

/* The steps of a clock in the order in which they come, numbered from 0: "48h", "24h", "12h", "4h",
 * "1h" before the limit, "0h" at it, then "+1d", "+2d" ... each 24 hours later, without an end.
 *
 * Which one to send: the latest whose moment has come, reminder_step_at, unless it has been sent.
 * The ones before it that were never sent (the program was away, the breach was registered late)
 * are covered by it and not sent any more.  So an outage of a week costs one mail a clock, not
 * seven, and a moment before the registration counts as come.  Recorded with it are those of them
 * up to the limit, and the last few days of those after it: a clock that is years late costs no
 * more. */
#define REMINDER_AT_LIMIT 5     /* the number of "0h" */
#define REMINDER_DAYS_COVERED 7 /* recorded at most, of the days after the limit */

struct reminder_step {
    int64_t number;
    int64_t at;    /* when it comes */
    char name[24]; /* as above: ASCII, the same in every language */
};

struct reminder_step reminder_step(int64_t number, int64_t due_at);

/* The latest step that has come; false when none has (more than 48 hours to go).  A mail goes to
 * the escalation list, too, when now > due_at: "0h" is sent at the limit, which is still in time,
 * or after it. */
bool reminder_step_at(int64_t due_at, int64_t now, struct reminder_step *ret);

/* Reads a name back; false, and *ret_number untouched, for any other text. */
bool reminder_step_number(const char *name, int64_t *ret_number);
