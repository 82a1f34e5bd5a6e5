#include "jobs/retention/problem.h"

#include <stdlib.h>

#include "common/memory.h"

void problem_add(struct problem_list *list, enum problem_weight weight, char *what, char *mend)
{
    MEMORY_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = (struct problem){.weight = weight, .what = what, .mend = mend};
    if (weight == PROBLEM_REFUSAL)
        list->refusals++;
    if (weight == PROBLEM_RUN_REFUSAL)
        list->run_refusals++;
}

void problem_list_free(struct problem_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].what);
        free(list->items[i].mend);
    }
    free(list->items);
    *list = (struct problem_list){0};
}
