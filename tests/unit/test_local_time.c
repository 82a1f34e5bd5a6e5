#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/local_time.h"
#include "common/memory.h"

#define MINUTE INT64_C(60)
#define HOUR INT64_C(3600)

static void set_zone(const char *zone)
{
    char path[256];
    setenv("TZ", zone, 1);
    tzset();
    if (strchr(zone, ',') != NULL) /* the rules themselves */
        return;
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        fail_msg("%s is not there; install tzdata", path);
    (void)fclose(file);
}

static int set_amsterdam(void **state)
{
    (void)state;
    set_zone("Europe/Amsterdam");
    return 0;
}

static int64_t parsed(const char *text)
{
    struct error err = {0};
    int64_t instant = INT64_MIN;
    if (!local_time_parse(text, &instant, &err))
        fail_msg("%s: %s", text, err.message);
    return instant;
}

/* Aware, and 72 hours later: the vectors of the design, of the law, and every change of the clock
 * from 2025 to 2030 inside the 72 hours, at their end and at their beginning. */
static const struct {
    const char *aware, *due, *due_utc;
} deadlines[] = {
    {"Wed 2026-03-04 10:15 +01:00", "Sat 2026-03-07 10:15 +01:00", "2026-03-07T09:15:00Z"},
    {"Fri 2026-11-20 16:30 +01:00", "Mon 2026-11-23 16:30 +01:00", "2026-11-23T15:30:00Z"},
    {"Fri 2026-03-27 15:00 +01:00", "Mon 2026-03-30 16:00 +02:00", "2026-03-30T14:00:00Z"},
    {"Fri 2026-10-23 15:00 +02:00", "Mon 2026-10-26 14:00 +01:00", "2026-10-26T13:00:00Z"},
    {"Thu 2026-10-22 02:30 +02:00", "Sun 2026-10-25 02:30 +02:00", "2026-10-25T00:30:00Z"},
    {"Thu 2026-10-22 03:30 +02:00", "Sun 2026-10-25 02:30 +01:00", "2026-10-25T01:30:00Z"},
    {"Fri 2026-04-03 09:00 +02:00", "Mon 2026-04-06 09:00 +02:00", "2026-04-06T07:00:00Z"},
    {"Sat 2028-02-26 08:00 +01:00", "Tue 2028-02-29 08:00 +01:00", "2028-02-29T07:00:00Z"},
    /* the clock goes forward: the last second before, the first after */
    {"Thu 2025-03-27 01:59:59 +01:00", "Sun 2025-03-30 01:59:59 +01:00", "2025-03-30T00:59:59Z"},
    {"Thu 2025-03-27 02:00 +01:00", "Sun 2025-03-30 03:00 +02:00", "2025-03-30T01:00:00Z"},
    {"Thu 2026-03-26 02:00 +01:00", "Sun 2026-03-29 03:00 +02:00", "2026-03-29T01:00:00Z"},
    {"Thu 2027-03-25 02:00 +01:00", "Sun 2027-03-28 03:00 +02:00", "2027-03-28T01:00:00Z"},
    {"Thu 2028-03-23 02:00 +01:00", "Sun 2028-03-26 03:00 +02:00", "2028-03-26T01:00:00Z"},
    {"Thu 2029-03-22 02:00 +01:00", "Sun 2029-03-25 03:00 +02:00", "2029-03-25T01:00:00Z"},
    {"Thu 2030-03-28 02:00 +01:00", "Sun 2030-03-31 03:00 +02:00", "2030-03-31T01:00:00Z"},
    /* ... and back: the same wall text twice */
    {"Thu 2025-10-23 02:59:59 +02:00", "Sun 2025-10-26 02:59:59 +02:00", "2025-10-26T00:59:59Z"},
    {"Thu 2025-10-23 03:00 +02:00", "Sun 2025-10-26 02:00 +01:00", "2025-10-26T01:00:00Z"},
    {"Thu 2026-10-22 03:00 +02:00", "Sun 2026-10-25 02:00 +01:00", "2026-10-25T01:00:00Z"},
    {"Thu 2027-10-28 03:00 +02:00", "Sun 2027-10-31 02:00 +01:00", "2027-10-31T01:00:00Z"},
    {"Thu 2028-10-26 03:00 +02:00", "Sun 2028-10-29 02:00 +01:00", "2028-10-29T01:00:00Z"},
    {"Thu 2029-10-25 03:00 +02:00", "Sun 2029-10-28 02:00 +01:00", "2029-10-28T01:00:00Z"},
    {"Thu 2030-10-24 03:00 +02:00", "Sun 2030-10-27 02:00 +01:00", "2030-10-27T01:00:00Z"},
    /* aware in the doubled hour */
    {"Sun 2026-10-25 02:30 +02:00", "Wed 2026-10-28 01:30 +01:00", "2026-10-28T00:30:00Z"},
    {"Sun 2026-10-25 02:30 +01:00", "Wed 2026-10-28 02:30 +01:00", "2026-10-28T01:30:00Z"},
};

/* Aware is read with its day and offset, as ISO, and as local time where that is clear. */
static void test_deadlines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(deadlines); i++) {
        char text[LOCAL_TIME_SIZE];
        char utc[21];
        print_message("case: %s\n", deadlines[i].aware);
        int64_t aware = parsed(deadlines[i].aware);
        assert_string_equal(local_time_format(aware, text), deadlines[i].aware);
        assert_int_equal(parsed(local_time_format_iso(aware, text)), aware);
        clock_format_utc(aware + 72 * HOUR, utc);
        assert_string_equal(utc, deadlines[i].due_utc);
        assert_string_equal(local_time_format(aware + 72 * HOUR, text), deadlines[i].due);
        assert_int_equal(parsed(deadlines[i].due), aware + 72 * HOUR);
        if (strstr(deadlines[i].aware, "2026-10-25 02:30") != NULL)
            continue;
        CLEANUP(memory_release) char *local = memory_copy_text(deadlines[i].aware + 4);
        *strrchr(local, ' ') = '\0';
        assert_int_equal(parsed(local), aware);
    }
}

static const struct {
    const char *text, *iso;
} readable[] = {
    {"2026-10-23T15:00+02:00", "2026-10-23T15:00:00+02:00"},
    {"2026-10-23T15:00:00+02:00", "2026-10-23T15:00:00+02:00"},
    {"2026-10-23 15:00:30 +0200", "2026-10-23T15:00:30+02:00"},
    {"2026-10-23 15:00+02", "2026-10-23T15:00:00+02:00"},
    {"2026-10-23t13:00z", "2026-10-23T15:00:00+02:00"},
    {"2026-10-23T13:00Z", "2026-10-23T15:00:00+02:00"},
    {"2026-10-23T13:00-00:00", "2026-10-23T15:00:00+02:00"},
    {"2026-10-23T09:00-04:00", "2026-10-23T15:00:00+02:00"},
    {"2026-10-23T18:30+05:30", "2026-10-23T15:00:00+02:00"},
    {"2026-10-24T04:59+15:59", "2026-10-23T15:00:00+02:00"},
    {"2026-10-22T21:01-15:59", "2026-10-23T15:00:00+02:00"},
    {"2026-10-23T13:19:32+00:19:32", "2026-10-23T15:00:00+02:00"}, /* as we write it */
    {" \t2026-10-23   15:00  ", "2026-10-23T15:00:00+02:00"},
    {"fri 2026-10-23 15:00", "2026-10-23T15:00:00+02:00"},
    {"2026-10-25 01:59:59", "2026-10-25T01:59:59+02:00"},
    {"2026-10-25 03:00", "2026-10-25T03:00:00+01:00"},
    {"2026-03-29 01:59:59", "2026-03-29T01:59:59+01:00"},
    {"2026-03-29 03:00", "2026-03-29T03:00:00+02:00"},
    {"2026-03-29 02:30+01:00", "2026-03-29T03:30:00+02:00"}, /* with an offset it is clear */
    {"2028-02-29 00:00", "2028-02-29T00:00:00+01:00"},
    {"2000-02-29 23:59:59", "2000-02-29T23:59:59+01:00"},
    {"9999-12-31 23:59:59", "9999-12-31T23:59:59+01:00"},
};

static void test_readable(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(readable); i++) {
        char text[LOCAL_TIME_SIZE];
        print_message("case: %s\n", readable[i].text);
        int64_t instant = parsed(readable[i].text);
        assert_string_equal(local_time_format_iso(instant, text), readable[i].iso);
    }
}

static const struct {
    const char *zone, *text, *sentence;
} refused[] = {
    {"Europe/Amsterdam", "2026-10-25 02:30",
     "2026-10-25 02:30 exists twice: write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00"},
    {"Europe/Amsterdam", "2026-10-25T02:00",
     "2026-10-25 02:00 exists twice: write 2026-10-25T02:00+02:00 or 2026-10-25T02:00+01:00"},
    {"Europe/Amsterdam", "Sun 2026-10-25 02:59:59",
     "2026-10-25 02:59:59 exists twice: write 2026-10-25T02:59:59+02:00 or "
     "2026-10-25T02:59:59+01:00"},
    {"Europe/Amsterdam", "2026-03-29 02:30",
     "2026-03-29 02:30 does not exist: the clock goes from 02:00 to 03:00; write "
     "2026-03-29T01:30+01:00 or 2026-03-29T03:30+02:00"},
    {"Europe/Amsterdam", "2026-03-29T02:00:00",
     "2026-03-29 02:00 does not exist: the clock goes from 02:00 to 03:00; write "
     "2026-03-29T01:00+01:00 or 2026-03-29T03:00+02:00"},
    {"Europe/Amsterdam", "2026-03-29 02:59:59",
     "2026-03-29 02:59:59 does not exist: the clock goes from 02:00 to 03:00; write "
     "2026-03-29T01:59:59+01:00 or 2026-03-29T03:59:59+02:00"},
    {"Australia/Lord_Howe", "2026-10-04 02:15",
     "2026-10-04 02:15 does not exist: the clock goes from 02:00 to 02:30; write "
     "2026-10-04T01:45+10:30 or 2026-10-04T02:45+11:00"},
    {"Australia/Lord_Howe", "2026-04-05 01:45",
     "2026-04-05 01:45 exists twice: write 2026-04-05T01:45+11:00 or 2026-04-05T01:45+10:30"},
    {"Pacific/Apia", "2011-12-30 10:00",
     "2011-12-30 10:00 does not exist: the clock goes from 2011-12-30 00:00 to 2011-12-31 00:00; "
     "write 2011-12-29T10:00-10:00 or 2011-12-31T10:00+14:00"},
    {"America/Sao_Paulo", "2018-11-04 00:00",
     "2018-11-04 00:00 does not exist: the clock goes from 00:00 to 01:00; write "
     "2018-11-03T23:00-03:00 or 2018-11-04T01:00-02:00"},
    {"Antarctica/Troll", "2026-03-29 02:00",
     "2026-03-29 02:00 does not exist: the clock goes from 01:00 to 03:00; write "
     "2026-03-29T00:00+00:00 or 2026-03-29T04:00+02:00"},
    /* winter time for a day only: both shifts are near */
    {"XST-1XDT-2,M3.5.1/2,M3.5.0/3", "2026-03-30 02:30",
     "2026-03-30 02:30 does not exist: the clock goes from 02:00 to 03:00; write "
     "2026-03-30T01:30+01:00 or 2026-03-30T03:30+02:00"},
    {"XST-1XDT-2,M3.5.1/2,M3.5.0/3", "2026-03-29 02:30",
     "2026-03-29 02:30 exists twice: write 2026-03-29T02:30+02:00 or 2026-03-29T02:30+01:00"},

    {"UTC", "2026-10-23",
     "2026-10-23 lacks the time of day, and a clock runs from it; write for instance 2026-10-23 "
     "15:00"},
    {"UTC", "Fri 2026-10-23 ", "lacks the time of day"},
    {"UTC", "2026-10-23T", "lacks the time of day"},
    {"UTC", "Thu 2026-10-23 15:00",
     "2026-10-23 is a Fri, not a Thu; leave the day out, or mend the date"},
    {"UTC", "2026-02-29 12:00", "2026-02-29 does not exist; that month has 28 days"},
    {"UTC", "2100-02-29 12:00", "2100-02-29 does not exist; that month has 28 days"},
    {"UTC", "2026-04-31 12:00", "2026-04-31 does not exist; that month has 30 days"},
    {"UTC", "2026-04-00 12:00", "2026-04-00 does not exist; that month has 30 days"},
    {"UTC", "2026-23-10 12:00", "2026-23-10 does not exist; months are 01 to 12"},
    {"UTC", "2026-00-10 12:00", "months are 01 to 12"},
    {"UTC", "1899-12-31 12:00", "the year 1899 is too long ago; 1900 is the first"},
    {"UTC", "2026-10-23 24:00", "24:00:00 is no time of day; 00:00:00 to 23:59:59 are"},
    {"UTC", "2026-10-23 12:60", "12:60:00 is no time of day"},
    {"UTC", "2026-10-23 23:59:60", "23:59:60 is no time of day"},
    {"UTC", "2026-10-23 12:00:00.5", "has a fraction of a second; write whole seconds"},
    {"UTC", "2026-10-23 12:00+16:00", "+16:00 is no offset from UTC; -15:59 to +15:59 are"},
    {"UTC", "2026-10-23 12:00-01:60", "-01:60 is no offset from UTC"},
    {"UTC", "", "is not a time; write 2026-10-23 15:00 (local time) or 2026-10-23T15:00+02:00"},
    {"UTC", "  ", "is not a time"},
    {"UTC", "now", "is not a time"},
    {"UTC", "23-10-2026 15:00", "is not a time"},
    {"UTC", "2026-10-23 9:00", "is not a time"},
    {"UTC", "2026-10-2315:00", "is not a time"},
    {"UTC", "2026-10-23T15", "is not a time"},
    {"UTC", "2026-10-23T15:0", "is not a time"},
    {"UTC", "2026-10-23T15:00:", "is not a time"},
    {"UTC", "2026-10-23T15:00 CET", "is not a time"},
    {"UTC", "2026-10-23T15:00+", "is not a time"},
    {"UTC", "2026-10-23T15:00+1", "is not a time"},
    {"UTC", "2026-10-23T15:00+01:", "is not a time"},
    {"UTC", "2026-10-23T15:00+013", "is not a time"},
    {"UTC", "2026-10-23T15:00Z Jansen", "is not a time"},
    {"UTC", "2026-10-23T15:00Z0", "is not a time"},
    {"UTC", "Friday 2026-10-23 15:00", "is not a time"},
    {"UTC", "+2026-10-23 15:00", "is not a time"},
    {"UTC", "-026-10-23 15:00", "is not a time"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct error err = {0};
        int64_t instant = 7;
        print_message("case: %s %s\n", refused[i].zone, refused[i].text);
        set_zone(refused[i].zone);
        assert_false(local_time_parse(refused[i].text, &instant, &err));
        assert_int_equal(instant, 7);
        assert_int_equal(err.kind, ERR_USAGE);
        if (strstr(err.message, refused[i].sentence) == NULL)
            fail_msg("said: %s", err.message);
        assert_null(strstr(err.message, "Jansen"));
    }
    set_zone("Europe/Amsterdam");
}

/* Against the definition: a wall minute means every instant at which the wall shows it. */
enum { MINUTES = 6 * 24 * 60, MARGIN = 2 * 24 * 60 };
#define WINDOW (INT64_C(60) * MINUTES)
#define DAY (24 * HOUR)

static const struct {
    const char *zone, *around; /* a shift of its clock */
    int minutes;               /* skipped or doubled */
} shifts[] = {
    {"Europe/Amsterdam", "2026-03-29T01:00:00Z", 60},
    {"Europe/Amsterdam", "2026-10-25T01:00:00Z", 60},
    {"Europe/Dublin", "2026-10-25T01:00:00Z", 60}, /* winter is the "daylight saving" there */
    {"Australia/Lord_Howe", "2026-04-04T15:00:00Z", 30},
    {"Australia/Lord_Howe", "2026-10-03T15:30:00Z", 30},
    {"Pacific/Apia", "2011-12-30T10:00:00Z", 24 * 60}, /* a day that never was */
    {"Pacific/Kwajalein", "1993-08-21T12:00:00Z", 24 * 60},
    {"America/Caracas", "2016-05-01T07:00:00Z", 30}, /* for good */
    {"Asia/Pyongyang", "2015-08-14T15:00:00Z", 30},
    {"America/St_Johns", "2010-11-07T02:31:00Z", 60}, /* at 00:01 */
    {"America/Sao_Paulo", "2018-11-04T03:00:00Z", 60},
    {"Antarctica/Troll", "2026-10-25T01:00:00Z", 120},
    {"Africa/Casablanca", "2026-02-15T02:00:00Z", 60},
    {"Asia/Kathmandu", "2026-10-25T01:00:00Z", 0}, /* +05:45 all year */
};

static int64_t wall_at(int64_t instant)
{
    time_t seconds = (time_t)instant;
    struct tm tm;
    assert_non_null(localtime_r(&seconds, &tm));
    return instant + tm.tm_gmtoff;
}

static void check_wall_minute(int64_t base, const unsigned char *counts, int minute)
{
    char text[21];
    char local[LOCAL_TIME_SIZE];
    struct error err = {0};
    int64_t wall = base + minute * INT64_C(60);
    int64_t instant;
    clock_format_utc(wall, text);
    text[16] = '\0';
    bool clear = local_time_parse(text, &instant, &err);
    const char *said = counts[minute] == 1   ? "-"
                       : counts[minute] == 0 ? "does not exist"
                                             : "exists twice";
    if (clear != (counts[minute] == 1) || (!clear && strstr(err.message, said) == NULL))
        fail_msg("%s is shown %d times: %s", text, counts[minute], clear ? "-" : err.message);
    if (clear) {
        assert_int_equal(wall_at(instant), wall);
        assert_int_equal(parsed(local_time_format(instant, local)), instant);
        return;
    }
    /* Both choices can be pasted; of a doubled time they are its meanings. */
    char *first = strstr(err.message, "write ") + strlen("write ");
    char *second = strstr(first, " or ");
    assert_non_null(second);
    *second = '\0';
    int64_t choices[] = {parsed(first), parsed(second + 4)};
    assert_true(choices[0] < choices[1] || counts[minute] == 0);
    for (int i = 0; i < 2; i++)
        assert_true((wall_at(choices[i]) == wall) == (counts[minute] == 2));
}

static void test_every_shift(void **state)
{
    (void)state;
    static unsigned char counts[MINUTES];
    for (size_t i = 0; i < COUNT_OF(shifts); i++) {
        int64_t shift;
        print_message("case: %s %s\n", shifts[i].zone, shifts[i].around);
        set_zone(shifts[i].zone);
        assert_true(clock_parse_utc(shifts[i].around, &shift));
        int64_t base = shift - WINDOW / 2;
        memset(counts, 0, sizeof counts);
        for (int64_t at = base - DAY; at < base + WINDOW + DAY; at += 60) {
            int64_t minute = (wall_at(at) - base) / 60;
            if (wall_at(at) >= base && minute < MINUTES)
                counts[minute]++;
        }
        int odd = 0;
        for (int minute = MARGIN; minute < MINUTES - MARGIN; minute += 5) {
            check_wall_minute(base, counts, minute);
            odd += counts[minute] != 1;
        }
        assert_int_equal(odd * 5, shifts[i].minutes);
    }
    set_zone("Europe/Amsterdam");
}

static const struct {
    int64_t seconds;
    const char *text;
} durations[] = {
    {0, "0 s"},
    {59, "59 s"},
    {60, "1 m"},
    {12 * MINUTE + 59, "12 m"},
    {HOUR - 1, "59 m"},
    {HOUR, "1 h 00 m"},
    {2 * HOUR + 5 * MINUTE, "2 h 05 m"},
    {71 * HOUR + 42 * MINUTE + 10, "71 h 42 m"},
    {72 * HOUR, "72 h 00 m"},
    {100 * HOUR - 1, "99 h 59 m"},
    {100 * HOUR, "4 d 4 h"},
    {339 * HOUR + 3599, "14 d 3 h"},
    {-(2 * HOUR + 5 * MINUTE), "2 h 05 m"},
    {INT64_MIN, "106751991167300 d 15 h"},
};

static void test_durations(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(durations); i++) {
        char text[LOCAL_TIME_SIZE];
        assert_string_equal(local_time_format_duration(durations[i].seconds, text),
                            durations[i].text);
    }
}

static const struct {
    const char *zone;
    int64_t instant;
    const char *text, *iso;
} formats[] = {
    {"UTC", 0, "Thu 1970-01-01 00:00 +00:00", "1970-01-01T00:00:00+00:00"},
    {"UTC", -1, "Wed 1969-12-31 23:59:59 +00:00", "1969-12-31T23:59:59+00:00"},
    {"America/St_Johns", 1790000000, "Mon 2026-09-21 11:43:20 -02:30", "2026-09-21T11:43:20-02:30"},
    {"Asia/Kathmandu", 1790000000, "Mon 2026-09-21 19:58:20 +05:45", "2026-09-21T19:58:20+05:45"},
    {"UTC", -2208988800, "Mon 1900-01-01 00:00 +00:00", "1900-01-01T00:00:00+00:00"},
    {"America/New_York", -2717737200, "Sat 1883-11-17 12:03:58 -04:56:02",
     "1883-11-17T12:03:58-04:56:02"},
    {"UTC", INT64_MAX, "@9223372036854775807", "@9223372036854775807"},
    {"UTC", INT64_MIN, "@-9223372036854775808", "@-9223372036854775808"},
};

static void test_formats(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        char text[LOCAL_TIME_SIZE];
        set_zone(formats[i].zone);
        assert_string_equal(local_time_format(formats[i].instant, text), formats[i].text);
        assert_string_equal(local_time_format_iso(formats[i].instant, text), formats[i].iso);
    }
    set_zone("Europe/Amsterdam");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlines), cmocka_unit_test(test_readable),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_every_shift),
        cmocka_unit_test(test_durations), cmocka_unit_test(test_formats),
    };
    return cmocka_run_group_tests_name("local_time", tests, set_amsterdam, NULL);
}
