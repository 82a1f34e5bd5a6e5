/* problem: what `check` found, each with its mend.  A refusal stops plan, approve and run, or run
 * only; a warning stops nothing.  Sentences name tables, columns and settings, never values of
 * rows. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"

enum problem_weight {
    PROBLEM_WARNING,
    PROBLEM_RUN_REFUSAL, /* stops `run` only: who plans and approves need not have the rights to
                            delete */
    PROBLEM_REFUSAL,
};

struct problem {
    enum problem_weight weight;
    char *what;
    char *mend; /* a sentence or a statement to run; may be "" */
};

struct problem_list {
    struct problem *items;
    size_t count;
    size_t capacity;
    size_t refusals;     /* PROBLEM_REFUSAL */
    size_t run_refusals; /* PROBLEM_RUN_REFUSAL */
};

/* what and mend are taken over (freed with the list); see memory_format. */
void problem_add(struct problem_list *list, enum problem_weight weight, char *what, char *mend);
void problem_list_free(struct problem_list *list);
