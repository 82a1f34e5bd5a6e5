/* breach_jobs: the register of personal-data breaches (GDPR art. 33(5)): open, clock, assess,
 * notify, remember.  The rules stand in the database (sql/schema/005 to 007), which is written
 * through its functions only; these commands are clients of them.
 *
 * Each logs what it changed with the reference of the breach, never what it says.  ERR_USAGE (exit
 * code 2) for what an officer has to mend: every fault of the input at once, with its field. */
#pragma once

#include "jobs/job.h"

/* waarborg breach open [-f FILE] [--set FIELD=VALUE]...: registers a breach.  Without either an
 * editor opens; what was typed is kept in a draft until it is registered. */
MUST_CHECK bool breach_open(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                            struct error *err);

/* waarborg breach show REF: everything the register has, with its clocks, duties and history. */
MUST_CHECK bool breach_show(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                            struct error *err);

/* waarborg breach list [--all]: the open breaches, or all of them. */
MUST_CHECK bool breach_list(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                            struct error *err);

/* waarborg breach amend REF [-f FILE] [--set FIELD=VALUE]... [--measure ...] [--timeline ...]
 * [--attach FILE] [--reopen] --because TEXT: changes or adds; the old value stays in the audit log.
 * Whoever read an older version is told what changed since. */
MUST_CHECK bool breach_amend(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                             struct error *err);

/* waarborg breach assess REF --risk R --ap yes|no [--customers yes|no] --because TEXT [--enisa
 * ...]: what people decided; the ENISA score stands beside it as advice. */
MUST_CHECK bool breach_assess(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                              struct error *err);

/* waarborg breach affected REF --keys FILE | --table T --where CONDITION | --told ... | --exempt
 * ...: which customers, and which of them have been told. */
MUST_CHECK bool breach_affected(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                                struct error *err);

/* waarborg breach notify REF... RECIPIENT --kind K --sent INSTANT: records what was sent. */
MUST_CHECK bool breach_notify(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                              struct error *err);

/* waarborg breach draft REF ap [--lang nl|en] [--format text|html|json]: the questions of the form
 * with their answers, and what is missing. */
MUST_CHECK bool breach_draft(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                             struct error *err);

/* waarborg breach letters REF --out DIR | --send: a letter to everybody who still has to be told.
 */
MUST_CHECK bool breach_letters(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                               struct error *err);

/* waarborg breach returned --from FILE: reads back mail that came back. */
MUST_CHECK bool breach_returned(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                                struct error *err);

/* waarborg breach due [--nagios] [--metrics FILE]: every open clock, the nearest first.
 * JOB_ATTENTION when a limit is near or past. */
MUST_CHECK bool breach_due(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                           struct error *err);
/* What monitoring gets when that fails: UNKNOWN, exit code 3. */
bool breach_due_failed(int argc, char **argv, const struct error *err, int *ret_exit);

/* waarborg breach remind [--lang L] [--dry-run]: mails what is due, each step once. */
MUST_CHECK bool breach_remind(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                              struct error *err);

/* waarborg breach close REF --because TEXT: when every duty is met or reasoned away. */
MUST_CHECK bool breach_close(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                             struct error *err);
