#include "dates.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct retention_window window(const char *text)
{
    struct error err = {0};
    struct retention_window value = {0};
    if (!retention_window_parse(text, &value, &err))
        fail_msg("%s", err.message);
    return value;
}

static const struct {
    const char *name, *window, *end, *kept, *due, *kept_year_end;
} kept_cases[] = {
    {"a plain day", "7 years", "2019-11-21", "2026-11-21", "2026-11-22", "2026-12-31"},
    {"29 February falls back", "7 years", "2020-02-29", "2027-02-28", "2027-03-01", "2027-12-31"},
    {"28 February is due on the 29th", "7 years", "2021-02-28", "2028-02-28", "2028-02-29",
     "2028-12-31"},
    {"the later of two clocks", "7 years", "2020-01-15", "2027-01-15", "2027-01-16", "2027-12-31"},
    {"29 to 29 February", "4 years", "2020-02-29", "2024-02-29", "2024-03-01", "2024-12-31"},
    {"the day before 29 February", "7 years", "2020-02-28", "2027-02-28", "2027-03-01",
     "2027-12-31"},
    {"the day after 29 February", "7 years", "2020-03-01", "2027-03-01", "2027-03-02",
     "2027-12-31"},
    {"1900 was no leap year", "4 years", "1896-02-29", "1900-02-28", "1900-03-01", "1900-12-31"},
    {"2000 was one", "4 years", "1996-02-29", "2000-02-29", "2000-03-01", "2000-12-31"},
    {"2100 will be none", "84 months", "2093-02-28", "2100-02-28", "2100-03-01", "2100-12-31"},
    {"31 January and a month", "1 month", "2023-01-31", "2023-02-28", "2023-03-01", "2024-01-31"},
    {"30 January in a leap year", "1 month", "2024-01-30", "2024-02-29", "2024-03-01",
     "2025-01-31"},
    {"months across two new years", "18 months", "2022-08-31", "2024-02-29", "2024-03-01",
     "2024-06-30"},
    {"months first, then days", "1 month 1 day", "2023-01-31", "2023-03-01", "2023-03-02",
     "2024-02-01"},
    {"days across a leap day", "90 days", "2023-12-01", "2024-02-29", "2024-03-01", "2024-03-30"},
    {"years and months", "7 years 6 months", "2019-08-31", "2027-02-28", "2027-03-01",
     "2027-06-30"},
    {"New Year's Eve", "7 years", "2018-12-31", "2025-12-31", "2026-01-01", "2025-12-31"},
    {"New Year's Day", "7 years", "2019-01-01", "2026-01-01", "2026-01-02", "2026-12-31"},
};

static void test_last_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kept_cases); i++) {
        print_message("case: %s\n", kept_cases[i].name);
        struct retention_window w = window(kept_cases[i].window);
        struct local_date end = date(kept_cases[i].end);
        struct local_date kept = rule_last_kept(end, w, WINDOW_EXACT);
        assert_date(kept, kept_cases[i].kept);
        assert_date(local_date_add_days(kept, 1), kept_cases[i].due);
        assert_date(rule_last_kept(end, w, WINDOW_CALENDAR_YEAR_END), kept_cases[i].kept_year_end);
    }
}

static const struct {
    const char *name, *window;
    enum window_start start;
    const char *as_of, *cutoff;
} cutoff_cases[] = {
    {"not yet due on the last day kept", "7 years", WINDOW_EXACT, "2026-11-21", "2019-11-20"},
    {"due the day after", "7 years", WINDOW_EXACT, "2026-11-22", "2019-11-21"},
    {"28 and 29 February 2020 together", "7 years", WINDOW_EXACT, "2027-03-01", "2020-02-29"},
    {"neither the day before", "7 years", WINDOW_EXACT, "2027-02-28", "2020-02-27"},
    {"28 February 2021 on 29 February", "7 years", WINDOW_EXACT, "2028-02-29", "2021-02-28"},
    {"nothing new on 1 March 2028", "7 years", WINDOW_EXACT, "2028-03-01", "2021-02-28"},
    {"four ends of January at once", "1 month", WINDOW_EXACT, "2023-03-01", "2023-01-31"},
    {"a year's last day", "7 years", WINDOW_CALENDAR_YEAR_END, "2026-12-31", "2018-12-31"},
    {"a whole year lapses", "7 years", WINDOW_CALENDAR_YEAR_END, "2027-01-01", "2019-12-31"},
    {"year end and months", "18 months", WINDOW_CALENDAR_YEAR_END, "2026-07-01", "2024-12-31"},
    {"the same, a day early", "18 months", WINDOW_CALENDAR_YEAR_END, "2026-06-30", "2023-12-31"},
};

static void test_cutoff(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cutoff_cases); i++) {
        print_message("case: %s\n", cutoff_cases[i].name);
        assert_date(rule_cutoff(date(cutoff_cases[i].as_of), window(cutoff_cases[i].window),
                                cutoff_cases[i].start),
                    cutoff_cases[i].cutoff);
    }
}

static bool lapsed(struct local_date end, struct retention_window w, enum window_start start,
                   struct local_date as_of)
{
    return local_date_compare(rule_last_kept(end, w, start), as_of) < 0;
}

/* The cut-off against its definition, for every day of nine years: it lapsed, and neither the day
 * after nor any of the 400 after that did. */
static void check_every_day(struct retention_window w, enum window_start start)
{
    struct local_date last = date("2032-12-31");
    struct local_date before = {0};
    for (struct local_date as_of = date("2024-01-01"); local_date_compare(as_of, last) <= 0;
         as_of = local_date_add_days(as_of, 1)) {
        struct local_date cutoff = rule_cutoff(as_of, w, start);
        assert_true(lapsed(cutoff, w, start, as_of));
        for (int later = 1; later <= 400; later++)
            assert_false(lapsed(local_date_add_days(cutoff, later), w, start, as_of));
        assert_true(local_date_compare(before, cutoff) <= 0);
        before = cutoff;
    }
}

static void test_cutoff_is_the_latest_end_that_lapsed(void **state)
{
    static const char *const windows[] = {"7 years",          "84 months",         "18 months",
                                          "90 days",          "1 month",           "1 day",
                                          "7 years 6 months", "1 month 1 day",     "2 weeks",
                                          "4 years",          "11 months 30 days", "200 years"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(windows); i++) {
        print_message("window: %s\n", windows[i]);
        check_every_day(window(windows[i]), WINDOW_EXACT);
        check_every_day(window(windows[i]), WINDOW_CALENDAR_YEAR_END);
    }
}

/* The C library's calendar as the second opinion. */
static void test_days_follow_one_another(void **state)
{
    (void)state;
    struct local_date d = date("1890-01-01");
    struct tm tm = {.tm_year = -10, .tm_mday = 1, .tm_hour = 12};
    for (int i = 0; i < 366 * 250; i++) {
        assert_int_equal(d.year, tm.tm_year + 1900);
        assert_int_equal(d.month, tm.tm_mon + 1);
        assert_int_equal(d.day, tm.tm_mday);
        struct local_date next = local_date_add_days(d, 1);
        assert_true(local_date_compare(d, next) < 0 && local_date_compare(next, d) > 0);
        assert_int_equal(local_date_compare(d, local_date_add_days(next, -1)), 0);
        d = next;
        tm.tm_mday++;
        (void)timegm(&tm);
    }
}

static const struct {
    const char *text;
    int months, days; /* both 0: refused */
} window_cases[] = {
    {"7 years", 84, 0},
    {"7 year", 84, 0},
    {"1 year", 12, 0},
    {"1 years", 12, 0},
    {"18 months", 18, 0},
    {"1 month", 1, 0},
    {"90 days", 0, 90},
    {"1 day", 0, 1},
    {"2 weeks", 0, 14},
    {"7 years 6 months", 90, 0},
    {"1 year 2 months 3 weeks 4 days", 14, 25},
    {"  7  years ", 84, 0},
    {"200 years", 2400, 0},
    {"2400 months", 2400, 0},
    {"73050 days", 0, 73050},
    {"", 0, 0},
    {" ", 0, 0},
    {"7 jaar", 0, 0},
    {"7 Years", 0, 0},
    {"-1 day", 0, 0},
    {"+1 day", 0, 0},
    {"0 days", 0, 0},
    {"0 years 1 day", 0, 0},
    {"1 year 0 days", 0, 0},
    {"1.5 years", 0, 0},
    {"1,5 years", 0, 0},
    {"seven years", 0, 0},
    {"7", 0, 0},
    {"years", 0, 0},
    {"7years", 0, 0},
    {"7 years 6", 0, 0},
    {"7 years and 6 months", 0, 0},
    {"7 years, 6 months", 0, 0},
    {"6 months 7 years", 0, 0},
    {"1 year 1 year", 0, 0},
    {"24 hours", 0, 0},
    {"1 decade", 0, 0},
    {"7 years ago", 0, 0},
    {"7\tyears", 0, 0},
    {"201 years", 0, 0},
    {"200 years 1 day", 0, 0},
    {"2401 months", 0, 0},
    {"73051 days", 0, 0},
    {"99999999999999999999 years", 0, 0},
    {"4294967297 days", 0, 0},
};

static void test_window_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(window_cases); i++) {
        struct retention_window w = {-1, -1};
        struct error err = {0};
        print_message("case: '%s'\n", window_cases[i].text);
        if (window_cases[i].months == 0 && window_cases[i].days == 0) {
            assert_false(retention_window_parse(window_cases[i].text, &w, &err));
            assert_int_equal(err.kind, ERR_USAGE);
            assert_non_null(strstr(err.message, window_cases[i].text));
            assert_non_null(strstr(err.message, "years"));
            assert_int_equal(w.months, -1);
            continue;
        }
        assert_true(retention_window_parse(window_cases[i].text, &w, &err));
        assert_int_equal(w.months, window_cases[i].months);
        assert_int_equal(w.days, window_cases[i].days);
    }
}

static void test_window_interval(void **state)
{
    (void)state;
    char text[40];
    retention_window_interval(window("7 years"), text, sizeof text);
    assert_string_equal(text, "84 mons 0 days");
    retention_window_interval(window("1 month 2 weeks"), text, sizeof text);
    assert_string_equal(text, "1 mons 14 days");
}

static void test_date_parse(void **state)
{
    static const char *const good[] = {"2026-11-22", "2024-02-29", "2000-02-29", "0001-01-01",
                                       "9999-12-31"};
    static const char *const bad[] = {
        "",           "2026-11-31", "2025-02-29",  "1900-02-29",  "2026-13-01", "2026-00-10",
        "2026-01-00", "0000-01-01", "2026-1-1",    "26-11-22",    "22-11-2026", "2026/11/22",
        "20261122",   "2026-11-2x", " 2026-11-22", "2026-11-22 ", "today",      "2026-11-22T00:00",
        "+026-11-22", "2026--1-22"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_date(date(good[i]), good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct local_date value = {.year = -1};
        struct error err = {0};
        print_message("case: '%s'\n", bad[i]);
        assert_false(local_date_parse(bad[i], &value, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(err.message, "2026-11-22"));
        assert_int_equal(value.year, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_kept),
        cmocka_unit_test(test_cutoff),
        cmocka_unit_test(test_cutoff_is_the_latest_end_that_lapsed),
        cmocka_unit_test(test_days_follow_one_another),
        cmocka_unit_test(test_window_parse),
        cmocka_unit_test(test_window_interval),
        cmocka_unit_test(test_date_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
