/* belonging_all: the questions of belonging for every table of a graph, not for members and subject
 * only: rows of an owned table belong to whoever refers to them, and rows that are only touched
 * have to do with whom their detach column names.  For questions about data, never for deleting. */
#pragma once

#include "jobs/retention/belonging.h"

/* As belonging_rows; nothing is appended for a table that is only touched. */
void belonging_all_rows(struct text *sql, const struct graph *g, size_t table, char *const *columns,
                        size_t count, const struct key_literals *subjects);

/* As belonging_owners and belonging_owner_columns, for any table. */
void belonging_all_owners(struct text *sql, const struct graph *g, size_t table, const char *alias);
char **belonging_all_owner_columns(const struct graph *g, size_t table, size_t *ret_count);
