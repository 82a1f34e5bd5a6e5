/* statements: the SQL of one batch, generated from the graph.  `subjects` are the keys of a chunk,
 * `batch` those of the whole batch; see key_list.h for both forms (to run, to show).
 * Every function appends one statement without a final semicolon. */
#pragma once

#include "jobs/retention/belonging.h"

/* Locks the subject rows, skipping busy ones; gives n, the positions of those locked. */
void statement_lock_subjects(struct text *sql, const struct graph *g,
                             const struct key_literals *subjects);

/* Locks what this key leads to, so that no child row can be added behind our back, skipping busy
 * rows; gives how many were locked and how many there are.  No statement of a batch ever waits for
 * a row: whoever of the application waits for us must not find us waiting for them. */
void statement_lock_rows(struct text *sql, const struct graph *g, const struct graph_key *k,
                         const struct key_literals *subjects);
/* Is k's child a table whose rows must be locked: a clock table, or the parent of a foreign key? */
bool statement_needs_lock(const struct graph *g, const struct graph_key *k);

/* Does anybody else own rows that would go, or that refer to them?  One source is a table that can
 * be shared, a key on the subject table, or one that closes a cycle.  Gives the keys (as text) of
 * subjects outside the batch. */
struct partner_source {
    size_t table;                /* SIZE_MAX when it is a key */
    const struct graph_key *key; /* NULL when it is a table */
};
size_t statement_partner_sources(const struct graph *g, struct partner_source **ret_sources);
void statement_partners(struct text *sql, const struct graph *g,
                        const struct partner_source *source, const struct key_literals *subjects,
                        const struct key_literals *batch);

/* Old values of columns that are set to NULL.  First the rows are locked, in a statement of its
 * own: the update then sees what was committed before.  SQLSTATE 55P03 when one is busy. */
bool statement_unlinks(const struct graph_key *k);
void statement_unlink_lock(struct text *sql, const struct graph *g, const struct graph_key *k,
                           const struct key_literals *subjects, const struct key_literals *batch);
void statement_unlink(struct text *sql, const struct graph *g, const struct graph_key *k,
                      const struct key_literals *subjects, const struct key_literals *batch);

/* The ways rows of a table are deleted: `keys` receives one followed key for each statement that is
 * needed, NULL for "by the subject key" or "by the rows below". *ret_keys is the caller's (free).
 */
size_t statement_delete_ways(const struct graph *g, size_t table,
                             const struct graph_key ***ret_keys);
/* SQLSTATE 55P03 when a row is busy. */
void statement_delete(struct text *sql, const struct graph *g, size_t table,
                      const struct graph_key *k, const struct key_literals *subjects);
/* Must the subjects of a batch go in one statement, because rows of the table refer to each other?
 */
bool statement_delete_whole_batch(const struct graph *g, size_t table);

/* `left` boolean: does a row that k leads to remain? */
void statement_left(struct text *sql, const struct graph *g, const struct graph_key *k,
                    const struct key_literals *subjects);
/* Must we ask?  Where an enforced foreign key guards the parent the server has asked already: its
 * check after the delete of the parent fails while a row refers to it. */
bool statement_asks_left(const struct graph_key *k);

/* Owned parents.  lock: primary keys (as text) of the parents that rows of the batch refer to by
 * this key; `subjects` are those of the chunk, or for a child that is owned itself its candidates.
 */
void statement_owned_lock(struct text *sql, const struct graph *g, const struct graph_key *k,
                          const struct key_literals *subjects);
void statement_owned_delete(struct text *sql, const struct graph *g, size_t table,
                            const struct key_literals *candidates);
char **
statement_key_types(const struct graph_table *t); /* of the primary key; free the array only */

/* n: rows of a link's child whose parent row does not exist (any more).  No night reaches them. */
void statement_stray(struct text *sql, const struct graph *g, const struct graph_key *k);

/* n: how many rows of the table would go. */
void statement_count(struct text *sql, const struct graph *g, size_t table,
                     const struct key_literals *subjects);
