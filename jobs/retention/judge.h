/* judge: SQL that judges subjects by the rules of their policy as of a day: due, held, uncovered.
 * The scan uses it for all subjects, a batch for the ones it has locked: one judgement. */
#pragma once

#include "jobs/retention/belonging.h"

/* A select with one row for each subject that is due, held or uncovered (others have none):
 *   n            position in `subjects`, or NULL without
 *   k1, k2, ...  the key in its own types
 *   subject_key  the key as text[]
 *   state        'due' | 'held' | 'uncovered'
 *   rule         name of the rule that lasted longest, NULL when uncovered
 *   due_on       date, NULL when uncovered
 *   reason       'hold <id>', 'breach <reference>', 'no rule', 'no end date', or NULL
 * subjects: NULL = all.  timezone: where timestamps become local dates. */
void judge_select(struct text *sql, const struct graph *g, const char *timezone,
                  struct local_date as_of, const struct key_literals *subjects);

/* The same with a row for every subject: of those who are not due by then the state is
 *   'open'    an end is open: never due as things stand
 *   'later'   due on a later day
 * and rule and due_on are NULL. */
void judge_everybody_select(struct text *sql, const struct graph *g, const char *timezone,
                            struct local_date as_of);

/* As judge_select for subjects who were disposed of once and came back with a database that was
 * restored to an earlier point: they are due when no clock has moved since, that is, when every end
 * date is before the day on which they might go then, and none is open; whatever the windows of
 * today are. due_dates: those days, an expression of type date[], in the order of `subjects`. */
void judge_again_select(struct text *sql, const struct graph *g, const char *timezone,
                        struct local_date as_of, const struct key_literals *subjects,
                        const char *due_dates);

/* The same judgement of these subjects, also of those who are not due; holds are not looked at:
 *   subject_key  the key as text[]
 *   covered      does a rule speak of it?
 *   endless      a rule speaks of it, but none of its clocks has a row
 *   lapsed       every rule that speaks of it has
 *   open_rule    name of a rule with an end that is open: never due as long as it is; or NULL
 *   rule, due_on the rule that lasts longest, and the day from which on it lets go, by the ends
 * that are there; NULL when there are none */
void judge_status_select(struct text *sql, const struct graph *g, const char *timezone,
                         struct local_date as_of, const struct key_literals *subjects);

/* Refusals for clocks and requires that are not in the graph or whose column is no date. */
void judge_check(const struct graph *g, struct problem_list *problems);

/* Numbers (id) of active holds on the subject table that the judgement would miss: placed by other
 * key columns, or with a key that no row has (any more). */
void judge_lost_holds(struct text *sql, const struct graph *g);

/* Open breaches with affected customers who still have to be told and whom the judgement would
 * miss in the same way, with their number. */
void judge_lost_affected(struct text *sql, const struct graph *g);

/* The select joined with what an earlier run found: fills waarborg.worklist for one scan.
 * $1 now (timestamptz), $2 scan number (bigint). */
void judge_fill_worklist(struct text *sql, const struct graph *g, const char *timezone,
                         struct local_date as_of);
