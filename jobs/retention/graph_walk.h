/* graph_walk: what graph_build is made of; not for other modules.  Each step adds to the graph
 * under construction and reports faults as problems. */
#pragma once

#include "jobs/retention/catalogue.h"
#include "jobs/retention/graph.h"

struct walk {
    const struct policy *policy;
    const struct catalogue *catalogue;
    struct graph *graph;
    struct problem_list *problems;
};

/* Adds the relation unless it is there; a table that was only touched is promoted to a member. */
size_t walk_add_table(struct walk *w, const struct relation *r, enum table_role role);
size_t walk_find_oid(const struct graph *g, uint32_t oid);
struct graph_key *walk_add_key(struct graph *g);
char **walk_copy_names(char *const *names, size_t count);
bool walk_same_names(char *const *a, char *const *b, size_t count);
bool walk_is_outside(const struct walk *w, uint32_t oid);

/* The steps, in this order. */
void walk_members(struct walk *w);  /* subject, foreign keys, links, detach, inheritance */
void walk_owned(struct walk *w);    /* owns */
void walk_follow(struct walk *w);   /* which keys are followed, which close a cycle */
void walk_nullable(struct walk *w); /* which columns a key gives up; needs columns and uses */
void walk_order(struct walk *w);    /* delete order; breaks cycles */

#define WALK_REFUSE(w, what, mend) problem_add((w)->problems, PROBLEM_REFUSAL, what, mend)
