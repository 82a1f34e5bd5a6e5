#include "jobs/report/list.h"

#include <string.h>

#include "common/nearest.h"

const struct report *const report_list[] = {&report_summary,  &report_retention, &report_forecast,
                                            &report_schedule, &report_run,       &report_breaches,
                                            &report_breach,   &report_holds,     NULL};

bool report_find(const char *name, const struct report **ret, struct error *err)
{
    CLEANUP(text_free) struct text hint = {0};
    const char *names[COUNT_OF(report_list)] = {0};
    for (size_t i = 0; report_list[i] != NULL; i++) {
        if (strcmp(report_list[i]->name, name) == 0) {
            *ret = report_list[i];
            return true;
        }
        names[i] = report_list[i]->name;
    }
    nearest_add(&hint, "report ", name, names, COUNT_OF(names));
    return error_set(err, ERR_USAGE,
                     "there is no report '%s'%s (waarborg report --help lists them)", name,
                     text_get(&hint));
}
