/* options: one table for parsing and for help, over getopt_long(3). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/error.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_INTEGER, OPTION_LIST };

struct option_list {    /* OPTION_LIST: may be given more than once; start with {0} */
    const char **items; /* borrowed from argv, in the order in which they were given */
    size_t count;
    size_t capacity;
};
void option_list_free(struct option_list *list); /* for CLEANUP */

struct option_spec {  /* a table ends with name == NULL */
    const char *name; /* long option without dashes */
    char letter;      /* 0 = none */
    enum option_kind kind;
    const char *value; /* name of the value in help, NULL for flags: "FILE" */
    const char *help;
    void *target; /* bool *, const char ** (borrowed from argv), int64_t *, struct option_list * */
    int64_t minimum, maximum; /* OPTION_INTEGER */
};

/* Parses options anywhere among the words after argv[0]; what is left of them is *ret_words
 * (borrowed from argv, *ret_count of them).  argv is permuted; `--` ends the options. stop_at_word:
 * stop at the first word that is no option (for "global options COMMAND ..."); the words, the
 * command being words[0], are then the argv of a second call with the command's table.  A long
 * option may be cut short as long as it is clear.  Targets keep what they held when their option is
 * not given, and may have been written when the call fails.  ERR_USAGE names the word and, for an
 * unknown option, the nearest known ones.  Not for two threads at once (getopt_long). */
MUST_CHECK bool options_parse(const struct option_spec *specs, bool stop_at_word, int argc,
                              char **argv, char ***ret_words, int *ret_count, struct error *err);

/* One line an option, "  -c, --config=FILE  help", the help wrapped at 79 columns. */
void options_print_help(FILE *out, const struct option_spec *specs);
