/* job: one command of the program.  main.c turns argv into one of these and an exit code.
 *
 * A job gets its context read-only, prints results on stdout, logs events on stderr, and returns
 * true with *ret_exit (JOB_DONE or JOB_ATTENTION, rarely another code of the README's list), or
 * false with err set; main logs err once and exits with error_exit_code(err).  It does not look
 * after errors of writing to stdout: main does, at the end. */
#pragma once

#include <stdint.h>

#include "common/error.h"
#include "jobs/settings/settings.h"

enum { JOB_DONE = 0, JOB_ATTENTION = 1, JOB_INTEGRITY = 4, JOB_AGAIN_LATER = 75 };

struct job;

struct job_ctx {
    const struct job *job; /* the one that runs: what job_parse_options wants */
    const struct settings *settings;
    int64_t now;             /* seconds UTC, taken once */
    struct local_date today; /* the local date in settings->timezone */
    struct local_date as_of; /* --as-of, or today */
    bool json;
    bool quiet;
    bool verbose;
};

struct job {
    const char *words;     /* "retention run"; one or two words */
    const char *summary;   /* one line for the list of commands */
    bool without_settings; /* runs without configuration: ctx->settings may be NULL */
    bool (*run)(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit, struct error *err);
    /* May be NULL.  After run failed, or could not be started: true when it has told the caller in
     * its own way, with *ret_exit instead of the code for err.  argv: of the program. */
    bool (*failed)(int argc, char **argv, const struct error *err, int *ret_exit);
};

/* argv[0] of run() is the command's words; options and operands follow.  Every job calls this
 * first: with --help it prints the help and sets *ret_help, then the job returns at once (its
 * ctx->settings is NULL then).  The options of main (--json, --as-of and so on) are not among
 * argv any more.
 *
 * operands: what the help shows, "KEY..."; NULL when the command takes none, then words are
 * refused.  text: what the help says, broken between words here; empty lines and lines that begin
 * with a space stay as they are.  specs: a table that ends with name == NULL, or NULL.
 * *ret_words and *ret_count: the operands, borrowed from argv. */
struct option_spec;
MUST_CHECK bool job_parse_options(const struct job *job, const char *operands, const char *text,
                                  const struct option_spec *specs, int argc, char **argv,
                                  char ***ret_words, int *ret_count, bool *ret_help,
                                  struct error *err);

/* Opens the database of the settings for this job.  application_name waarborg/<name>; the session
 * says who works and what time it is, for the audit log. */
struct db;
MUST_CHECK bool job_open_db(const struct job_ctx *ctx, const char *name, int lock_timeout_ms,
                            struct db **ret, struct error *err);

/* ERR_USAGE when --as-of lies after today and this is no rehearsal: a slip in a year would destroy
 * what must stay. */
MUST_CHECK bool job_refuse_future(const struct job_ctx *ctx, bool rehearsal, struct error *err);

/* The system user who runs this, for records: "jan", or "root (sudo by jan)", or "uid 1234" when it
 * has no name.  The caller frees it. */
char *job_os_user(void);
