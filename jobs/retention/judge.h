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
 *   reason       'hold <id>', 'no rule', 'no end date', or NULL
 * subjects: NULL = all.  timezone: where timestamps become local dates. */
void judge_select(struct text *sql, const struct graph *g, const char *timezone,
                  struct local_date as_of, const struct key_literals *subjects);

/* Refusals for clocks and requires that are not in the graph or whose column is no date. */
void judge_check(const struct graph *g, struct problem_list *problems);

/* Numbers (id) of active holds on the subject table that the judgement would miss: placed by other
 * key columns, or with a key that no row has (any more). */
void judge_lost_holds(struct text *sql, const struct graph *g);

/* The select joined with what an earlier run found: fills waarborg.worklist for one scan.
 * $1 now (timestamptz), $2 scan number (bigint). */
void judge_fill_worklist(struct text *sql, const struct graph *g, const char *timezone,
                         struct local_date as_of);
