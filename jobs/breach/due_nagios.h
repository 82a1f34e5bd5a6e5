/* due_nagios: one line for Nagios, Icinga and the like, and their exit codes, by the guidelines of
 * the monitoring plugins: status and text, a bar, label=value;warn;crit;min. */
#pragma once

#include "common/text.h"
#include "jobs/breach/due_list.h"

enum nagios_status { NAGIOS_OK = 0, NAGIOS_WARNING = 1, NAGIOS_CRITICAL = 2, NAGIOS_UNKNOWN = 3 };

/* Seconds before a limit.  WARNING: warning or less are left.  CRITICAL: it has passed, or critical
 * or less are left unless that is 0. */
struct nagios_thresholds {
    int64_t warning;
    int64_t critical;
};

/* Appends the line, without its newline.  list: loaded with warning as near_seconds. */
enum nagios_status due_nagios(const struct due_list *list, const struct nagios_thresholds *t,
                              struct text *line);

/* The same when nothing is known. */
enum nagios_status due_nagios_unknown(const char *reason, struct text *line);
