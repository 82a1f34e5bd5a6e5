#include "jobs/retention/forecast_months.h"

static struct local_date first_of_month(struct local_date as_of, int number)
{
    int months = as_of.year * 12 + as_of.month - 1 + number;
    return (struct local_date){.year = months / 12, .month = months % 12 + 1, .day = 1};
}

struct forecast_month forecast_month_of(struct local_date as_of, int number)
{
    struct forecast_month m = {.first = number == 0 ? as_of : first_of_month(as_of, number)};
    m.last = local_date_add_days(first_of_month(as_of, number + 1), -1);
    m.nights = m.last.day - m.first.day + 1;
    return m;
}

bool forecast_backlog_ends(struct local_date as_of, int64_t backlog, const int64_t *month_rows,
                           int months, double rows_per_night, struct local_date *ret_day)
{
    double waiting = (double)backlog;
    if (rows_per_night <= 0)
        return false;
    for (int i = 0; i < months; i++) {
        struct forecast_month m = forecast_month_of(as_of, i);
        /* What becomes due on the as-of date is backlog already. */
        int days = i == 0 ? m.nights - 1 : m.nights;
        for (int night = 0; night < m.nights; night++) {
            if (i > 0 || night > 0)
                waiting += (double)month_rows[i] / days;
            waiting -= rows_per_night;
            /* Thirds of a row add up to a little more than a row. */
            if (waiting < 1e-6) {
                *ret_day = local_date_add_days(m.first, night);
                return true;
            }
        }
    }
    return false;
}
