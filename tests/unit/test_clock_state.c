#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "jobs/breach/clock_state.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define NONE CLOCK_NO_INSTANT
#define START INT64_C(1792760400) /* 2026-10-23 13:00 UTC, 15:00 +02:00 */
#define DUE (START + 72 * HOUR)   /* 2026-10-26 14:00 +01:00 */

static const struct {
    const char *name;
    int64_t started_at, due_at, met_at;
    bool not_needed;
    int64_t now;
    enum clock_state expect;
} state_cases[] = {
    {"nothing has set it going", NONE, NONE, NONE, false, START, CLOCK_NOT_STARTED},
    {"a second before it starts", START, DUE, NONE, false, START - 1, CLOCK_NOT_STARTED},
    {"it starts", START, DUE, NONE, false, START, CLOCK_RUNNING},
    {"a second before it is near", START, DUE, NONE, false, DUE - 12 * HOUR - 1, CLOCK_RUNNING},
    {"near", START, DUE, NONE, false, DUE - 12 * HOUR, CLOCK_NEAR},
    {"a second to go", START, DUE, NONE, false, DUE - 1, CLOCK_NEAR},
    {"exactly at the limit is in time", START, DUE, NONE, false, DUE, CLOCK_NEAR},
    {"a second later is overdue", START, DUE, NONE, false, DUE + 1, CLOCK_OVERDUE},
    {"a year later, still", START, DUE, NONE, false, DUE + 365 * DAY, CLOCK_OVERDUE},
    {"a limit nearer than near", START, START + HOUR, NONE, false, START, CLOCK_NEAR},
    {"met at once", START, DUE, START, false, START, CLOCK_MET},
    {"met exactly at the limit", START, DUE, DUE, false, DUE + DAY, CLOCK_MET},
    {"met a second late", START, DUE, DUE + 1, false, DUE + DAY, CLOCK_MET_LATE},
    {"met late, seen at that second", START, DUE, DUE + 1, false, DUE + 1, CLOCK_MET_LATE},
    {"seen the second before it was met", START, DUE, DUE + 2, false, DUE + 1, CLOCK_OVERDUE},
    {"met before it started", START, DUE, START - DAY, false, START, CLOCK_MET},
    {"met, never started", NONE, NONE, START, false, START, CLOCK_MET},
    {"no limit", START, NONE, NONE, false, START + 999 * DAY, CLOCK_NO_LIMIT},
    {"no limit, not started", START, NONE, NONE, false, START - 1, CLOCK_NOT_STARTED},
    {"no limit, met", START, NONE, START + 999 * DAY, false, START + 999 * DAY, CLOCK_MET},
    {"not needed", START, DUE, NONE, true, START, CLOCK_NOT_NEEDED},
    {"not needed, past the limit", START, DUE, NONE, true, DUE + DAY, CLOCK_NOT_NEEDED},
    {"not needed, never started", NONE, NONE, NONE, true, START, CLOCK_NOT_NEEDED},
    {"not needed, done all the same", START, DUE, START + HOUR, true, DUE, CLOCK_MET},
    {"not needed, done late: no duty", START, DUE, DUE + DAY, true, DUE + DAY, CLOCK_MET},
};

static void test_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(state_cases); i++) {
        print_message("case: %s\n", state_cases[i].name);
        struct breach_clock c = {state_cases[i].started_at, state_cases[i].due_at,
                                 state_cases[i].met_at, state_cases[i].not_needed};
        assert_string_equal(
            clock_state_code(clock_state_at(&c, state_cases[i].now, CLOCK_NEAR_SECONDS)),
            clock_state_code(state_cases[i].expect));
    }
}

static void test_near_is_a_parameter(void **state)
{
    (void)state;
    struct breach_clock c = {START, DUE, NONE, false};
    assert_int_equal(clock_state_at(&c, DUE - HOUR - 1, HOUR), CLOCK_RUNNING);
    assert_int_equal(clock_state_at(&c, DUE - HOUR, HOUR), CLOCK_NEAR);
    assert_int_equal(clock_state_at(&c, DUE - 1, 0), CLOCK_RUNNING);
    assert_int_equal(clock_state_at(&c, DUE, 0), CLOCK_NEAR);
}

static int64_t instant(const char *text)
{
    struct tm tm = {0};
    long zone = 0;
    const char *rest = strptime(text, "%Y-%m-%d %H:%M:%S %z", &tm);
    assert_non_null(rest);
    zone = tm.tm_gmtoff;
    return timegm(&tm) - zone;
}

/* Aware, and due by 72 hours; to the second, across every change of daylight saving. */
static const struct {
    const char *aware, *due;
} vectors[] = {
    {"2026-03-04 10:15:00 +0100", "2026-03-07 10:15:00 +0100"},
    {"2026-11-20 16:30:00 +0100", "2026-11-23 16:30:00 +0100"},
    {"2026-03-27 15:00:00 +0100", "2026-03-30 16:00:00 +0200"},
    {"2026-10-23 15:00:00 +0200", "2026-10-26 14:00:00 +0100"},
    {"2026-10-22 02:30:00 +0200", "2026-10-25 02:30:00 +0200"},
    {"2026-10-22 03:30:00 +0200", "2026-10-25 02:30:00 +0100"},
    {"2026-04-03 09:00:00 +0200", "2026-04-06 09:00:00 +0200"},
    {"2028-02-26 08:00:00 +0100", "2028-02-29 08:00:00 +0100"},
    {"2025-03-28 12:00:00 +0100", "2025-03-31 13:00:00 +0200"},
    {"2027-10-29 12:00:00 +0200", "2027-11-01 11:00:00 +0100"},
    {"2030-03-30 01:59:59 +0100", "2030-04-02 02:59:59 +0200"},
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        print_message("case: aware %s\n", vectors[i].aware);
        int64_t due = instant(vectors[i].due);
        struct breach_clock c = {instant(vectors[i].aware), due, NONE, false};
        assert_int_equal(due - c.started_at, 72 * HOUR);
        assert_int_equal(clock_state_at(&c, due, CLOCK_NEAR_SECONDS), CLOCK_NEAR);
        assert_int_equal(clock_state_at(&c, due + 1, CLOCK_NEAR_SECONDS), CLOCK_OVERDUE);
        c.met_at = due;
        assert_int_equal(clock_state_at(&c, due + 1, CLOCK_NEAR_SECONDS), CLOCK_MET);
        c.met_at = due + 1;
        assert_int_equal(clock_state_at(&c, due + 1, CLOCK_NEAR_SECONDS), CLOCK_MET_LATE);
    }
}

static const struct {
    enum clock_state value;
    bool open;
    const char *code, *english, *dutch;
} word_cases[] = {
    {CLOCK_NOT_STARTED, false, "not_started", "not started", "niet begonnen"},
    {CLOCK_RUNNING, true, "running", "running", "loopt"},
    {CLOCK_NEAR, true, "near", "near", "bijna om"},
    {CLOCK_OVERDUE, true, "overdue", "overdue", "te laat"},
    {CLOCK_MET, false, "met", "met", "gedaan"},
    {CLOCK_MET_LATE, false, "met_late", "met late", "te laat gedaan"},
    {CLOCK_NO_LIMIT, true, "no_limit", "no limit", "geen termijn"},
    {CLOCK_NOT_NEEDED, false, "not_needed", "not needed", "niet nodig"},
};

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(word_cases); i++) {
        enum clock_state s = word_cases[i].value;
        assert_string_equal(clock_state_code(s), word_cases[i].code);
        assert_string_equal(clock_state_word(s, "en"), word_cases[i].english);
        assert_string_equal(clock_state_word(s, NULL), word_cases[i].english);
        assert_string_equal(clock_state_word(s, "nl"), word_cases[i].dutch);
        assert_int_equal(clock_state_is_open(s), word_cases[i].open);
    }
}

static const struct {
    int64_t to_go; /* seconds, negative: late */
    const char *english, *dutch;
} left_cases[] = {
    {71 * HOUR + 42 * 60 + 59, "71 h 42 m left", "nog 71 u 42 m"},
    {72 * HOUR, "72 h 00 m left", "nog 72 u 00 m"},
    {100 * HOUR - 1, "99 h 59 m left", "nog 99 u 59 m"},
    {100 * HOUR, "4 d 4 h left", "nog 4 d 4 u"},
    {336 * HOUR - 1, "13 d 23 h left", "nog 13 d 23 u"},
    {60, "0 h 01 m left", "nog 0 u 01 m"},
    {59, "59 s left", "nog 59 s"},
    {0, "0 s left", "nog 0 s"},
    {-1, "1 s late", "1 s te laat"},
    {-3 * HOUR - 5 * 60, "3 h 05 m late", "3 u 05 m te laat"},
    {-30 * DAY, "30 d 0 h late", "30 d 0 u te laat"},
};

static void test_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(left_cases); i++) {
        char text[40];
        int64_t now = DUE - left_cases[i].to_go;
        assert_string_equal(clock_left(text, sizeof text, DUE, now, "en"), left_cases[i].english);
        assert_string_equal(clock_left(text, sizeof text, DUE, now, "nl"), left_cases[i].dutch);
    }
}

/* Each step from its first second to the last second before the next one. */
static const struct {
    const char *name;
    int64_t number, first, next; /* of DUE */
} step_cases[] = {
    {"48h", 0, -48 * HOUR, -24 * HOUR},
    {"24h", 1, -24 * HOUR, -12 * HOUR},
    {"12h", 2, -12 * HOUR, -4 * HOUR},
    {"4h", 3, -4 * HOUR, -HOUR},
    {"1h", 4, -HOUR, 0},
    {"0h", 5, 0, DAY},
    {"+1d", 6, DAY, 2 * DAY},
    {"+2d", 7, 2 * DAY, 3 * DAY},
    {"+10d", 15, 10 * DAY, 11 * DAY},
    {"+366d", 371, 366 * DAY, 367 * DAY},
    {"+36525d", 36530, 36525 * DAY, 36526 * DAY},
};

static void check_step(int64_t now, const char *name, int64_t number, int64_t at)
{
    struct reminder_step step = {0};
    assert_true(reminder_step_at(DUE, now, &step));
    assert_string_equal(step.name, name);
    assert_int_equal(step.number, number);
    assert_int_equal(step.at, at);
}

static void test_steps_to_the_second(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(step_cases); i++) {
        print_message("case: %s\n", step_cases[i].name);
        int64_t at = DUE + step_cases[i].first;
        check_step(at, step_cases[i].name, step_cases[i].number, at);
        check_step(DUE + step_cases[i].next - 1, step_cases[i].name, step_cases[i].number, at);
        struct reminder_step same = reminder_step(step_cases[i].number, DUE);
        assert_string_equal(same.name, step_cases[i].name);
        assert_int_equal(same.at, at);
        int64_t number = -1;
        assert_true(reminder_step_number(step_cases[i].name, &number));
        assert_int_equal(number, step_cases[i].number);
    }
}

static void test_no_step_yet(void **state)
{
    (void)state;
    struct reminder_step step = {.number = 77};
    assert_false(reminder_step_at(DUE, DUE - 48 * HOUR - 1, &step));
    assert_false(reminder_step_at(DUE, START, &step));
    assert_int_equal(step.number, 77);
}

/* Every minute from four days before to four days after: steps never go back or leave one out, and
 * the latest has come and the next has not. */
static void test_steps_follow_each_other(void **state)
{
    (void)state;
    int64_t last = -1;
    for (int64_t now = DUE - 4 * DAY; now <= DUE + 4 * DAY; now += 60) {
        struct reminder_step step = {.number = -1};
        if (reminder_step_at(DUE, now, &step))
            assert_true(step.at <= now);
        assert_true(reminder_step(step.number + 1, DUE).at > now);
        assert_true(step.number == last || step.number == last + 1);
        last = step.number;
    }
    assert_int_equal(last, REMINDER_AT_LIMIT + 4);
}

static void test_names_that_are_none(void **state)
{
    static const char *const names[] = {
        "",    "48",  "48H", "2h",   "+0d", "+01d", "+1d ", "+ 1d", "1d",
        "-1d", "+1h", "+d",  "++1d", "00h", " 0h",  "+1",   "+-1d", "+99999999999999999999d"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        print_message("case: \"%s\"\n", names[i]);
        int64_t number = 77;
        assert_false(reminder_step_number(names[i], &number));
        assert_int_equal(number, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_near_is_a_parameter),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_left),
        cmocka_unit_test(test_steps_to_the_second),
        cmocka_unit_test(test_no_step_yet),
        cmocka_unit_test(test_steps_follow_each_other),
        cmocka_unit_test(test_names_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
