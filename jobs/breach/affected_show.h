/* affected_show: whom a breach affects, in figures and one by one.  Prints on stdout, never logs.
 */
#pragma once

#include <jansson.h>

#include "common/db.h"
#include "jobs/job.h"

/* The figures of the object that affected_show.sql gives, a table and sentences: who still has to
 * be told, who was disposed of since the breach began, and what to do next. */
void affected_show_print(const struct job_ctx *ctx, const json_t *state);

/* The same object with its instants as people write them (ISO 8601). */
json_t *affected_show_json(const json_t *state);

/* Everybody, a line each, or a member `list` of the object: keys, and references of who is gone. In
 * bounded memory, however many there are. */
MUST_CHECK bool affected_show_list(const struct job_ctx *ctx, struct db *db, const char *reference,
                                   const json_t *state, struct error *err);
