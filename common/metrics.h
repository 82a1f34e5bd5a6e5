/* metrics: figures in the text format of Prometheus, and the file in which the textfile collector
 * of its node exporter looks for them (it reads *.prom only).
 *
 * Names and labels follow Prometheus: base units (seconds, bytes) at the end of the name, and no
 * name in two files, or the collector gives up on both.  Every metric is a gauge: what holds now,
 * or what the last call did.  Never logs. */
#pragma once

#include <stdint.h>

#include "common/error.h"
#include "common/text.h"

struct metrics { /* initialise to {0} */
    struct text text;
    struct text name; /* of the metric that was begun last */
};
void metrics_free(struct metrics *m);

struct metric_label {
    const char *name, *value; /* value: any UTF-8 */
};

/* Begins a metric: its name is `prefix` and `name` together.  Each once: its samples follow it, and
 * there may be none. */
void metrics_begin(struct metrics *m, const char *prefix, const char *name, const char *help);
/* A sample of the metric that was begun last; no two with the same labels. */
void metrics_add(struct metrics *m, const struct metric_label *labels, size_t label_count,
                 int64_t value);
void metrics_add_real(struct metrics *m, const struct metric_label *labels, size_t label_count,
                      double value);

/* A metric with one sample and no labels. */
void metrics_figure(struct metrics *m, const char *prefix, const char *name, const char *help,
                    int64_t value);

/* What the file of every job says of the call: <prefix>exit_code and <prefix>timestamp_seconds. */
void metrics_add_call(struct metrics *m, const char *prefix, int exit_code, int64_t now);
/* <prefix>last_success_timestamp_seconds: now, or what the file at `path` has said so far when this
 * call was no success, 0 when it says nothing. */
void metrics_add_success(struct metrics *m, const char *path, const char *prefix, bool success,
                         int64_t now);

/* What --help says of --metrics. */
#define METRICS_OPTION "write the text format of Prometheus, for a textfile collector"
/* ERR_USAGE for --metrics with --dry-run, which has nothing to tell; NULL is fine. */
MUST_CHECK bool metrics_refuse_dry_run(const char *path, struct error *err);
/* For --metrics FILE; NULL is fine.  ERR_USAGE when the file could not be put there: call it before
 * anything is done. */
MUST_CHECK bool metrics_check_path(const char *path, struct error *err);
/* Replaces the file at once, readable for everybody (0644): the collector is another user. */
MUST_CHECK bool metrics_write(const struct metrics *m, const char *path, struct error *err);
