/* letter_report: what a run of letters did and left, for people and as JSON, with the command that
 * goes on.  Prints on stdout; never logs. */
#pragma once

#include "jobs/breach/letter_run.h"

/* What would go, before anything goes.  Two looks at the same customers; faults: lines. */
void letter_report_plan(const struct letter_run *by_mail, const struct letter_run *by_file,
                        const char *faults);

/* left: who still has to be told, as the register counts it now.  out: the directory, NULL for
 * mail.  met_at: when the clock of the customers was met, CLOCK_NO_INSTANT: it was not. */
void letter_report_run(const struct letter_run *run, const char *out, int64_t left, int64_t met_at);
