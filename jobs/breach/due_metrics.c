#include "jobs/breach/due_metrics.h"

#define PREFIX "waarborg_breach_"

/* left: seconds to the limit, else the instant of the limit itself. */
static void add_clocks(struct metrics *m, const struct due_list *list, bool left)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct due_item *item = &list->items[i];
        if (item->undecided || !clock_state_is_open(item->state) || item->state == CLOCK_NO_LIMIT)
            continue;
        const struct metric_label labels[] = {{"breach", item->view->reference},
                                              {"clock", item->view->clock}};
        int64_t due_at = item->view->at.due_at;
        metrics_add(m, labels, COUNT_OF(labels), left ? due_at - list->now : due_at);
    }
}

bool due_metrics_write(const char *path, const struct due_list *list, struct error *err)
{
    CLEANUP(metrics_free) struct metrics m = {0};
    if (!metrics_check_path(path, err))
        return false;
    metrics_begin(&m, PREFIX, "clock_seconds_left",
                  "Seconds to the limit of a clock that is not met, negative when it has passed.");
    add_clocks(&m, list, true);
    metrics_begin(&m, PREFIX, "clock_limit_timestamp_seconds",
                  "The limit of a clock that is not met, in seconds since 1970.");
    add_clocks(&m, list, false);
    metrics_figure(&m, PREFIX, "open", "Breaches that are open.", list->breaches);
    metrics_figure(&m, PREFIX, "unassessed", "Open breaches whose risk nobody has assessed.",
                   list->unassessed);
    metrics_figure(&m, PREFIX, "clocks_open", "Clocks that go, with a limit or without.",
                   (int64_t)list->open);
    metrics_figure(&m, PREFIX, "overdue", "Clocks whose limit has passed.", (int64_t)list->overdue);
    metrics_figure(&m, PREFIX, "near", "Clocks whose limit is near and has not passed.",
                   (int64_t)list->near);
    metrics_figure(&m, PREFIX, "scrape_timestamp_seconds",
                   "When this was written, in seconds since 1970.", list->now);
    return metrics_write(&m, path, err);
}
