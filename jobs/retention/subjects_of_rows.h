/* subjects_of_rows: which subjects do the rows of a table lead to that satisfy a condition?  Asked
 * when data leaked: somebody writes the condition by hand, as in
 *   breach affected REF --table klant.web_visit --where "visited_at > '2026-10-01'"
 *
 * subjects_of_rows_table, then subjects_of_rows_find; with belonging, statements and judge the one
 * place that generates SQL.  Only for a graph without refusals.  Never logs. */
#pragma once

#include "jobs/retention/belonging.h"

struct subjects_of_rows {
    struct key_list keys; /* each subject once, by key */
    int64_t rows;         /* that satisfy the condition */
    int64_t astray;       /* of these, rows that lead to nobody who is in the database */
};

#define SUBJECTS_OF_ROWS_TIMEOUT_S 600 /* for the statement as a whole */

/* The table of the graph that is written so ("schema.table"), whatever its role: rows of an owned
 * table lead to the subjects that refer to them, rows that only have a detach column to whom that
 * names.  ERR_USAGE names the nearest tables of the graph, or all. */
MUST_CHECK bool subjects_of_rows_table(const struct graph *g, const char *written,
                                       size_t *ret_table, struct error *err);

/* ERR_USAGE unless the condition stays one condition in whatever parentheses it is put: brackets
 * and quotes balanced, no comment, no semicolon, no parameter, and none of the quotes whose end
 * depends on more than the next one of their kind (E'...', $$...$$).  Never repeats it: it may hold
 * a customer's name. */
MUST_CHECK bool subjects_of_rows_check(const char *condition, struct error *err);

/* Runs it in a transaction of its own (none may be open), read only and rolled back, so that a
 * function in the condition can change neither data nor the session.
 * condition: SQL over the columns of the table, also by its plain name (web_visit.page); the
 * search_path is pg_catalog alone, other schemas are written out.  Values compare in the time zone
 * of the configuration.
 * ERR_USAGE when it is no condition, names a column that is not there, or a value does not fit;
 * ERR_DB when it takes too long or the rights are missing. */
MUST_CHECK bool subjects_of_rows_find(struct db *db, const struct graph *g, size_t table,
                                      const char *condition, struct subjects_of_rows *ret,
                                      struct error *err);
void subjects_of_rows_free(struct subjects_of_rows *s);

/* What subjects_of_rows_find runs: one row with `rows` and `astray`, and one row a subject with
 * those NULL and the key as text.  The condition must have passed subjects_of_rows_check. */
void subjects_of_rows_select(struct text *sql, const struct graph *g, size_t table,
                             const char *condition);
