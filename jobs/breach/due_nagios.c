#include "jobs/breach/due_nagios.h"

#include <inttypes.h>

static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

static enum nagios_status judge(const struct due_list *list, const struct nagios_thresholds *t)
{
    const struct clock_view *next = due_list_next(list);
    if (next == NULL)
        return NAGIOS_OK;
    int64_t left = next->at.due_at - list->now;
    if (left < 0 || (t->critical > 0 && left <= t->critical))
        return NAGIOS_CRITICAL;
    return left <= t->warning ? NAGIOS_WARNING : NAGIOS_OK;
}

static void add_perfdata(struct text *line, const struct due_list *list,
                         const struct nagios_thresholds *t)
{
    const struct clock_view *next = due_list_next(list);
    /* A range of "0" alerts above 0, "43200:" below 43200. */
    text_addf(line, " | overdue=%zu;;0;0 near=%zu;0;;0 open=%zu;;;0 unassessed=%" PRId64 ";;;0",
              list->overdue, list->near, list->open, list->unassessed);
    if (next == NULL)
        text_add(line, " next_seconds=U");
    else
        text_addf(line, " next_seconds=%" PRId64 "s;%" PRId64 ":;%" PRId64 ":",
                  next->at.due_at - list->now, t->warning, t->critical);
}

enum nagios_status due_nagios(const struct due_list *list, const struct nagios_thresholds *t,
                              struct text *line)
{
    const struct clock_view *next = due_list_next(list);
    enum nagios_status status = judge(list, t);
    char left[40];
    text_addf(line, "BREACH %s - ", words[status]);
    if (list->overdue + list->near > 0)
        text_addf(line, "%zu overdue, %zu near", list->overdue, list->near);
    else if (list->open > 0)
        text_addf(line, "%zu open", list->open);
    else
        text_add(line, "no clock is open");
    if (next != NULL)
        text_addf(line, ", next: %s %s, %s", next->reference, clock_view_name(next->clock),
                  clock_left(left, sizeof left, next->at.due_at, list->now, "en"));
    if (list->unassessed > 0)
        text_addf(line, "; %" PRId64 " not assessed", list->unassessed);
    add_perfdata(line, list, t);
    return status;
}

enum nagios_status due_nagios_unknown(const char *reason, struct text *line)
{
    text_add(line, "BREACH UNKNOWN - ");
    size_t start = line->length;
    text_add(line, reason);
    /* A bar would begin the figures, a line break the long text. */
    for (char *p = line->data + start; *p != '\0'; p++)
        if (*p == '|' || (unsigned char)*p < ' ' || *p == '\x7f')
            *p = ' ';
    return NAGIOS_UNKNOWN;
}
