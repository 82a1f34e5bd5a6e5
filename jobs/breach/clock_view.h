/* clock_view: the clocks of breaches as the register has them (view waarborg.breach_clock_state),
 * and the lines in which people see them.
 *
 * Read with clock_view_load or clock_view_load_open, release with clock_view_free.  Limits and what
 * met them come from the database; how a clock stands at `now` is clock_state.h's to say.  Prints
 * to the given stream only, never logs. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "common/db.h"
#include "common/text.h"
#include "jobs/breach/clock_state.h"

struct clock_view {
    int64_t breach_id;
    const char *reference; /* the texts live as long as the list */
    const char
        *title; /* of the breach, what the officer wrote: not for mails to many, not for logs */
    const char *clock;  /* "ap", "customers", "follow_up", "processor", "nis2_warning" ... */
    const char *regime; /* "gdpr", "own", "nis2", "dora" */
    const char *source; /* "GDPR art. 33(1)" */
    bool own_target;    /* the law names no hours: the limit is the organisation's own */
    bool decided;       /* somebody assessed the risk */
    bool closed;        /* the breach is */
    struct breach_clock at;
};

struct clock_view_list {
    struct clock_view *items;
    size_t count;
    struct db_result *rows; /* what the texts point into */
};

/* All clocks of one breach, whatever their state and whether it is closed or not, in the order of
 * clock_view_name; none for a reference that the register does not have. */
MUST_CHECK bool clock_view_load(struct db *db, const char *reference, struct clock_view_list *ret,
                                struct error *err);

/* The open clocks (clock_state_is_open) of all open breaches, the nearest limit first, those
 * without a limit last. */
MUST_CHECK bool clock_view_load_open(struct db *db, struct clock_view_list *ret, struct error *err);

/* These, those with a limit that were met, and the customers of breaches that nobody has assessed;
 * of all open breaches, ordered by limit, those without one last. */
MUST_CHECK bool clock_view_load_due(struct db *db, struct clock_view_list *ret, struct error *err);

void clock_view_free(struct clock_view_list *list);

/* The one of that name ("ap"); NULL when the list has none. */
const struct clock_view *clock_view_find(const struct clock_view_list *list, const char *clock);

/* How it stands; near means CLOCK_NEAR_SECONDS. */
enum clock_state clock_view_state(const struct clock_view *v, int64_t now);

/* "AP", "customers", "follow-up", "processor", "NIS2 warning" ...; the word itself for a clock that
 * only the database knows. */
const char *clock_view_name(const char *clock);

/* What stands behind the name, without a newline:
 *   due Mon 2026-10-26 14:00 +01:00   71 h 42 m left
 *   no decision yet: assess the risk   (waarborg breach assess DL-2026-0007)
 *   met Sun 2026-10-25 11:10 +01:00, in time
 * False, and nothing appended, for a clock of which there is nothing to say: it has not started and
 * nobody has to start it. */
bool clock_view_describe(const struct clock_view *v, int64_t now, struct text *t);

/* One line a clock, indented by two, the names aligned; clocks of which there is nothing to say are
 * left out.  For the clocks of one breach. */
void clock_view_print(FILE *out, const struct clock_view_list *list, int64_t now);

/* {"clock", "name", "regime", "state", "started_at", "due_at", "met_at", "seconds_left",
 * "own_target", "source"}: instants as ISO 8601 with offset or null, seconds_left negative when
 * late and null unless the clock is open and has a limit.  The caller's. */
json_t *clock_view_to_json(const struct clock_view *v, int64_t now);
/* The same for all of a list. */
json_t *clock_view_list_to_json(const struct clock_view_list *list, int64_t now);
