/* due_metrics: the clocks as a file in the text format of Prometheus, for the textfile collector of
 * its node exporter. */
#pragma once

#include "common/text.h"
#include "jobs/breach/due_list.h"

/* Appends every metric, each with HELP and TYPE; also those that have no sample now. */
void due_metrics_add(struct text *t, const struct due_list *list);

/* Replaces the file at once, readable for everybody (0644): the collector is another user.
 * ERR_USAGE for a path that names no file, or whose directory is not there; the collector reads
 * *.prom only.
 */
MUST_CHECK bool due_metrics_write(const char *path, const struct due_list *list, struct error *err);
