#include "dates.h"

#include "jobs/retention/forecast_months.h"

static const struct {
    const char *name, *as_of;
    const char *first, *last;
    int number, nights;
} months[] = {
    {"the first begins on the day itself", "2026-11-22", "2026-11-22", "2026-11-30", 0, 9},
    {"on the first of a month: all of it", "2026-11-01", "2026-11-01", "2026-11-30", 0, 30},
    {"on the last: one night", "2026-11-30", "2026-11-30", "2026-11-30", 0, 1},
    {"the next", "2026-11-30", "2026-12-01", "2026-12-31", 1, 31},
    {"across the year", "2026-11-30", "2027-01-01", "2027-01-31", 2, 31},
    {"February", "2026-11-30", "2027-02-01", "2027-02-28", 3, 28},
    {"February of a leap year", "2026-11-30", "2028-02-01", "2028-02-29", 15, 29},
    {"the last of two years", "2026-11-22", "2028-10-01", "2028-10-31", 23, 31},
    {"from December", "2026-12-31", "2026-12-31", "2026-12-31", 0, 1},
    {"December from December", "2026-12-31", "2027-12-01", "2027-12-31", 12, 31},
    {"from 29 February", "2028-02-29", "2028-02-29", "2028-02-29", 0, 1},
    {"a year after 29 February", "2028-02-29", "2029-02-01", "2029-02-28", 12, 28},
    {"no leap year at a century", "2099-12-05", "2100-02-01", "2100-02-28", 2, 28},
    {"ten years", "2026-11-22", "2036-10-01", "2036-10-31", 119, 31},
};

static void test_months(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(months); i++) {
        print_message("case: %s\n", months[i].name);
        struct forecast_month m = forecast_month_of(date(months[i].as_of), months[i].number);
        assert_date(m.first, months[i].first);
        assert_date(m.last, months[i].last);
        assert_int_equal(m.nights, months[i].nights);
    }
}

static void test_months_meet(void **state)
{
    (void)state;
    static const char *const days[] = {"2026-11-22", "2026-12-31", "2027-01-01", "2028-02-29"};
    for (size_t d = 0; d < COUNT_OF(days); d++)
        for (int n = 0; n < 60; n++) {
            struct forecast_month one = forecast_month_of(date(days[d]), n);
            struct forecast_month next = forecast_month_of(date(days[d]), n + 1);
            assert_int_equal(local_date_compare(local_date_add_days(one.last, 1), next.first), 0);
        }
}

#define NIGHT 100.0 /* rows a night takes */

static const struct {
    const char *name, *as_of;
    int64_t backlog, month_rows[3];
    double rows_per_night;
    const char *expect; /* NULL: not within three months */
} backlogs[] = {
    {"one night is enough", "2026-11-22", 100, {0}, NIGHT, "2026-11-22"},
    {"a row too many", "2026-11-22", 101, {0}, NIGHT, "2026-11-23"},
    {"four nights", "2026-11-22", 400, {0}, NIGHT, "2026-11-25"},
    {"into the next month", "2026-11-29", 300, {0}, NIGHT, "2026-12-01"},
    {"over a 29th of February", "2028-02-28", 300, {0}, NIGHT, "2028-03-01"},
    {"who comes in meanwhile is waited for", "2026-11-22", 200, {400}, NIGHT, "2026-11-24"},
    {"nobody comes in on the as-of date itself", "2026-11-30", 100, {50}, NIGHT, "2026-11-30"},
    {"as many come as go", "2026-11-22", 200, {800, 3100, 3100}, NIGHT, NULL},
    {"more come than go", "2026-11-22", 100, {900, 9000, 9000}, 99, NULL},
    {"a month of rest ends it", "2026-11-22", 1000, {800, 0, 3100}, NIGHT, "2026-12-09"},
    {"the last night of the last month", "2026-11-22", 7100, {0}, NIGHT, "2027-01-31"},
    {"a night later is too late", "2026-11-22", 7101, {0}, NIGHT, NULL},
    {"no speed, no end", "2026-11-22", 1, {0}, 0, NULL},
    {"a scan that is longer than the night", "2026-11-22", 1, {0}, -5, NULL},
    {"less than a row a night", "2026-11-22", 3, {0}, 0.1, "2026-12-21"},
};

static void test_backlog(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(backlogs); i++) {
        struct local_date day = date("1999-09-09");
        print_message("case: %s\n", backlogs[i].name);
        bool ends =
            forecast_backlog_ends(date(backlogs[i].as_of), backlogs[i].backlog,
                                  backlogs[i].month_rows, 3, backlogs[i].rows_per_night, &day);
        assert_int_equal(ends, backlogs[i].expect != NULL);
        assert_date(day, ends ? backlogs[i].expect : "1999-09-09");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_months),
        cmocka_unit_test(test_months_meet),
        cmocka_unit_test(test_backlog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
