/* command_line: from argv to global options, a command and what is left for it.  Used by main.c
 * only.  Never logs. */
#pragma once

#include <stddef.h>

#include "common/options.h"
#include "common/text.h"
#include "jobs/job.h"

/* Moves the options of `specs` (with their values) in front of everything else, wherever they
 * stand: `waarborg retention plan --json` is `waarborg --json retention plan`.  Looks up to `--`.
 * Long names are matched whole; letters may be joined (-qc FILE).  A value of a command's own
 * option that looks like one of these is written --reason=--json.  ERR_USAGE when a value is
 * missing. */
MUST_CHECK bool command_line_gather(const struct option_spec *specs, int argc, char **argv,
                                    struct error *err);

/* The command that words[0] and perhaps words[1] name, two words rather than one; *ret_used says
 * how many did.  ERR_USAGE names the nearest commands, or lists those of the group.  A second word
 * is only repeated when it is near to a command: it might be a customer's key. */
MUST_CHECK bool command_line_find(const struct job *jobs, size_t job_count, char **words,
                                  int word_count, const struct job **ret_job, int *ret_used,
                                  struct error *err);

/* Is `word` the first of a command's two words? */
bool command_line_is_group(const struct job *jobs, size_t job_count, const char *word);

/* --help or -h among these words, up to `--`? */
bool command_line_wants_help(char **words, int word_count);
