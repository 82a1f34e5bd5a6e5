/* due_list: the clocks that `breach due` shows, judged at one moment, and counted.
 *
 * In this order: clocks with a limit, the nearest (or longest overdue) first; those without a
 * limit; customers of breaches that nobody has assessed; what was met. */
#pragma once

#include "common/db.h"
#include "jobs/breach/clock_view.h"

struct due_item {
    const struct clock_view *view;
    enum clock_state state;
    bool undecided; /* customers, and nobody has assessed the risk; state says nothing then */
};

struct due_list {
    struct clock_view_list views; /* owned; items point into it */
    struct due_item *items;
    size_t count;
    int64_t now;
    size_t open;    /* clocks that go, with a limit or without */
    size_t near;    /* of them: near their limit, not past it */
    size_t overdue; /* of them: past it */
    int64_t breaches;
    int64_t unassessed; /* of those breaches */
};

/* near_seconds: as clock_state_at has it. */
MUST_CHECK bool due_list_load(struct db *db, int64_t now, int64_t near_seconds,
                              struct due_list *ret, struct error *err);
void due_list_free(struct due_list *list);

/* The clock whose limit comes or came first; NULL when none that goes has one. */
const struct clock_view *due_list_next(const struct due_list *list);
