#include "jobs/settings/rule_date.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_leap_year(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* Days before 1 January of `year`, counted from 1 January of year 1; year >= 1. */
static int days_before_year(int year)
{
    int whole = year - 1;
    return whole * 365 + whole / 4 - whole / 100 + whole / 400;
}

static int day_number(struct local_date date)
{
    int number = days_before_year(date.year) + date.day - 1;
    for (int month = 1; month < date.month; month++)
        number += days_in_month(date.year, month);
    return number;
}

static struct local_date date_of_day_number(int number)
{
    struct local_date date = {.year = number / 366 + 1, .month = 1};
    /* 366 is too long for a mean year, so the guess is never late. */
    while (days_before_year(date.year + 1) <= number)
        date.year++;
    int rest = number - days_before_year(date.year);
    while (rest >= days_in_month(date.year, date.month)) {
        rest -= days_in_month(date.year, date.month);
        date.month++;
    }
    date.day = rest + 1;
    return date;
}

static struct local_date add_months(struct local_date date, int months)
{
    int since_year_0 = date.year * 12 + date.month - 1 + months;
    struct local_date sum = {
        .year = since_year_0 / 12, .month = since_year_0 % 12 + 1, .day = date.day};
    int last = days_in_month(sum.year, sum.month);
    if (sum.day > last)
        sum.day = last;
    return sum;
}

int local_date_compare(struct local_date a, struct local_date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

struct local_date local_date_add_days(struct local_date date, int days)
{
    return date_of_day_number(day_number(date) + days);
}

/* The number in exactly `count` digits, or -1. */
static int read_digits(const char *text, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

bool local_date_parse(const char *text, struct local_date *ret_date, struct error *err)
{
    if (strlen(text) == 10 && text[4] == '-' && text[7] == '-') {
        struct local_date date = {.year = read_digits(text, 4),
                                  .month = read_digits(text + 5, 2),
                                  .day = read_digits(text + 8, 2)};
        if (date.year >= 1 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
            date.day <= days_in_month(date.year, date.month)) {
            *ret_date = date;
            return true;
        }
    }
    return error_set(err, ERR_USAGE,
                     "'%s' is no date of the calendar; write it as 2026-11-22 (year-month-day)",
                     text);
}

void local_date_format(struct local_date date, char dst[static 11])
{
    snprintf(dst, 11, "%04d-%02d-%02d", date.year, date.month, date.day);
}

struct window_unit {
    const char *singular;
    const char *plural;
    int months;
    int days;
};

static const struct window_unit units[] = {
    {"year", "years", 12, 0},
    {"month", "months", 1, 0},
    {"week", "weeks", 0, 7},
    {"day", "days", 0, 1},
};

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

/* Reads "<number> <unit>" at *cursor, the unit being one from *next_unit on; moves both. */
static bool read_window_part(const char **cursor, size_t *next_unit,
                             struct retention_window *window)
{
    size_t digits = strspn(*cursor, "0123456789");
    if (digits == 0 || digits > 5)
        return false;
    int number = read_digits(*cursor, digits);
    const char *word = *cursor + digits;
    size_t gap = strspn(word, " ");
    word += gap;
    if (number == 0 || gap == 0)
        return false;
    size_t length = strcspn(word, " ");
    for (size_t i = *next_unit; i < COUNT_OF(units); i++) {
        if (!is_word(word, length, units[i].singular) && !is_word(word, length, units[i].plural))
            continue;
        window->months += number * units[i].months;
        window->days += number * units[i].days;
        *next_unit = i + 1;
        *cursor = word + length;
        return true;
    }
    return false;
}

/* In sixteenths of a day, a month being 30.4375 of them: whole numbers, no rounding. */
static bool longer_than_200_years(struct retention_window window)
{
    return (int64_t)window.months * 487 + (int64_t)window.days * 16 > INT64_C(2400) * 487;
}

bool retention_window_parse(const char *text, struct retention_window *ret_window,
                            struct error *err)
{
    struct retention_window window = {0};
    size_t next_unit = 0;
    const char *cursor = text + strspn(text, " ");
    do {
        if (!read_window_part(&cursor, &next_unit, &window))
            return error_set(err, ERR_USAGE,
                             "'%s' is no window; write whole numbers above zero with year, "
                             "month, week or day, the larger unit first, as in \"7 years\", "
                             "\"18 months\", \"90 days\" or \"7 years 6 months\"",
                             text);
        cursor += strspn(cursor, " ");
    } while (*cursor != '\0');
    if (longer_than_200_years(window))
        return error_set(err, ERR_USAGE, "'%s' is longer than 200 years, the longest allowed",
                         text);
    *ret_window = window;
    return true;
}

void retention_window_interval(struct retention_window window, char *dst, size_t size)
{
    snprintf(dst, size, "%d mons %d days", window.months, window.days);
}

struct local_date rule_last_kept(struct local_date end, struct retention_window window,
                                 enum window_start start)
{
    if (start == WINDOW_CALENDAR_YEAR_END) {
        end.month = 12;
        end.day = 31;
    }
    return local_date_add_days(add_months(end, window.months), window.days);
}

/* Backward arithmetic only gives a first guess, a few days off at a month's end; the answer is what
 * the forward map says. */
static struct local_date cutoff_exact(struct local_date as_of, struct retention_window window)
{
    struct local_date end = add_months(local_date_add_days(as_of, -window.days), -window.months);
    while (local_date_compare(rule_last_kept(end, window, WINDOW_EXACT), as_of) >= 0)
        end = local_date_add_days(end, -1);
    for (;;) {
        struct local_date later = local_date_add_days(end, 1);
        if (local_date_compare(rule_last_kept(later, window, WINDOW_EXACT), as_of) >= 0)
            return end;
        end = later;
    }
}

struct local_date rule_cutoff(struct local_date as_of, struct retention_window window,
                              enum window_start start)
{
    struct local_date end = cutoff_exact(as_of, window);
    /* All ends of a year lapse together, so only a whole year can have lapsed. */
    if (start == WINDOW_CALENDAR_YEAR_END && (end.month != 12 || end.day != 31))
        return (struct local_date){.year = end.year - 1, .month = 12, .day = 31};
    return end;
}
