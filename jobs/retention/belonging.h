/* belonging: SQL that says which rows belong to a set of subjects.  With statements and judge the
 * one place that generates SQL; identifiers are always quoted, keys are array literals.
 *
 * Every function appends text.  Sub-selects never refer to a table outside themselves, so one alias
 * serves at every depth. */
#pragma once

#include "jobs/retention/graph.h"
#include "jobs/retention/key_list.h"

/* `alias."a"` */
void belonging_column(struct text *sql, const char *alias, const char *column);

/* `alias."a", alias."b"` */
void belonging_columns(struct text *sql, const char *alias, char *const *columns, size_t count);

/* `ONLY "s"."t"`, or `"s"."t"` when it is partitioned. */
void belonging_from(struct text *sql, const struct graph_table *t);

/* alias's columns (as many as keys are wide) are one of the keys; one operator a column. */
void belonging_match(struct text *sql, const char *alias, char *const *columns,
                     char *const *operators, const struct key_literals *keys);
/* The same with the key of the subject and subjects. */
void belonging_match_subject(struct text *sql, const struct graph *g, const char *alias,
                             const struct key_literals *subjects);
/* alias's columns are one of the rows that `select` gives. */
void belonging_match_select(struct text *sql, const char *alias, char *const *columns,
                            char *const *operators, size_t count, const char *select);

/* Row `alias` of the key's child has its parent row among those of the subjects. */
void belonging_by_key(struct text *sql, const struct graph *g, const struct graph_key *k,
                      const char *alias, const struct key_literals *subjects);

/* A select of these columns of all rows of the table that belong to the subjects.  A row may come
 * more than once. */
void belonging_rows(struct text *sql, const struct graph *g, size_t table, char *const *columns,
                    size_t count, const struct key_literals *subjects);

/* A select of the subject keys (named k1, k2, ...) that row `alias` of the table belongs to.
 * Correlated to alias, for CROSS JOIN LATERAL; the row must hold the columns of
 * belonging_owner_columns. */
void belonging_owners(struct text *sql, const struct graph *g, size_t table, const char *alias);
/* Names of those columns: *ret_count of them, borrowed; the array is the caller's (free). */
char **belonging_owner_columns(const struct graph *g, size_t table, size_t *ret_count);

/* The columns of row `child` equal those of row `parent` that the key refers to. */
void belonging_join(struct text *sql, const struct graph_key *k, const char *child,
                    const char *parent);
