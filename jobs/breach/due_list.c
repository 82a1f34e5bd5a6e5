#include "jobs/breach/due_list.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "sql.h"

/* Where an item stands among the others. */
enum part { PART_LIMIT, PART_NO_LIMIT, PART_UNDECIDED, PART_MET, PARTS, PART_NOWHERE };

static enum part part_of(const struct due_item *item)
{
    if (item->undecided)
        return PART_UNDECIDED;
    if (item->state == CLOCK_NO_LIMIT)
        return PART_NO_LIMIT;
    if (item->state == CLOCK_MET || item->state == CLOCK_MET_LATE)
        return PART_MET;
    return clock_state_is_open(item->state) ? PART_LIMIT : PART_NOWHERE;
}

static struct due_item judge(const struct clock_view *v, int64_t now, int64_t near_seconds)
{
    struct due_item item = {.view = v, .state = clock_state_at(&v->at, now, near_seconds)};
    item.undecided = strcmp(v->clock, "customers") == 0 && !v->decided && item.state != CLOCK_MET &&
                     item.state != CLOCK_MET_LATE;
    return item;
}

/* The query gives them by their limits: each part keeps that order. */
static void sort_and_count(struct due_list *list, int64_t near_seconds)
{
    for (enum part part = PART_LIMIT; part < PARTS; part++)
        for (size_t i = 0; i < list->views.count; i++) {
            struct due_item item = judge(&list->views.items[i], list->now, near_seconds);
            if (part_of(&item) != part)
                continue;
            list->items[list->count++] = item;
            list->open += part == PART_LIMIT || part == PART_NO_LIMIT;
            list->near += part == PART_LIMIT && item.state == CLOCK_NEAR;
            list->overdue += part == PART_LIMIT && item.state == CLOCK_OVERDUE;
        }
}

bool due_list_load(struct db *db, int64_t now, int64_t near_seconds, struct due_list *ret,
                   struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    struct due_list list = {.now = now};
    if (!db_query(db, DB_ONE_ROW, sql_breach_count_open, 0, NULL, &r, err) ||
        !clock_view_load_due(db, &list.views, err))
        return false;
    list.breaches = db_int(r, 0, 0);
    list.unassessed = db_int(r, 0, 1);
    list.items = memory_alloc((list.views.count + 1) * sizeof *list.items);
    sort_and_count(&list, near_seconds);
    *ret = list;
    return true;
}

void due_list_free(struct due_list *list)
{
    clock_view_free(&list->views);
    free(list->items);
    *list = (struct due_list){0};
}

const struct clock_view *due_list_next(const struct due_list *list)
{
    return list->count > 0 && part_of(&list->items[0]) == PART_LIMIT ? list->items[0].view : NULL;
}
