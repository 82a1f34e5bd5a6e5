#include "common/local_time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/text.h"

enum {
    MINUTE = 60,
    HOUR = 3600,
    /* Offsets lie between -15:56:08 (Manila until 1844) and +15:13:42 (Metlakatla until 1867), so
     * every instant that a local time can mean lies this near to the same time in UTC, and none of
     * these offsets lasted less than a step. */
    REACH = 26 * HOUR,
    STEP = 15 * MINUTE,
    MAX_OFFSETS = 8,
};

#define HOW "write 2026-10-23 15:00 (local time) or 2026-10-23T15:00+02:00"

static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/* ---- writing ---- */

static void add_offset(char *dst, size_t size, long offset)
{
    size_t at = strlen(dst);
    long away = offset < 0 ? -offset : offset;
    char sign = offset < 0 ? '-' : '+';
    if (away % MINUTE == 0)
        snprintf(dst + at, size - at, "%c%02ld:%02ld", sign, away / HOUR, away / MINUTE % 60);
    else /* Amsterdam until 1937 */
        snprintf(dst + at, size - at, "%c%02ld:%02ld:%02ld", sign, away / HOUR, away / MINUTE % 60,
                 away % MINUTE);
}

static bool to_local(int64_t instant, struct tm *ret)
{
    time_t seconds = (time_t)instant;
    return localtime_r(&seconds, ret) != NULL;
}

/* between: what stands before the date, before the time and before the offset. */
static const char *format(int64_t instant, const char *between[3], bool seconds, char *dst)
{
    struct tm tm;
    if (!to_local(instant, &tm)) { /* the year does not fit an int */
        snprintf(dst, LOCAL_TIME_SIZE, "@%" PRId64, instant);
        return dst;
    }
    int length =
        snprintf(dst, LOCAL_TIME_SIZE, "%s%04lld-%02d-%02d%s%02d:%02d", between[0],
                 tm.tm_year + 1900LL, tm.tm_mon + 1, tm.tm_mday, between[1], tm.tm_hour, tm.tm_min);
    if (seconds || tm.tm_sec != 0)
        length += snprintf(dst + length, LOCAL_TIME_SIZE - (size_t)length, ":%02d", tm.tm_sec);
    snprintf(dst + length, LOCAL_TIME_SIZE - (size_t)length, "%s", between[2]);
    add_offset(dst, LOCAL_TIME_SIZE, tm.tm_gmtoff);
    return dst;
}

const char *local_time_format(int64_t instant, char dst[static LOCAL_TIME_SIZE])
{
    struct tm tm;
    char day[8] = "";
    if (to_local(instant, &tm))
        snprintf(day, sizeof day, "%s ", day_names[tm.tm_wday]);
    return format(instant, (const char *[]){day, " ", " "}, false, dst);
}

const char *local_time_format_iso(int64_t instant, char dst[static LOCAL_TIME_SIZE])
{
    return format(instant, (const char *[]){"", "T", ""}, true, dst);
}

const char *local_time_format_duration(int64_t seconds, char dst[static LOCAL_TIME_SIZE])
{
    uint64_t left = seconds < 0 ? -(uint64_t)seconds : (uint64_t)seconds;
    uint64_t hours = left / HOUR;
    if (left < MINUTE)
        snprintf(dst, LOCAL_TIME_SIZE, "%" PRIu64 " s", left);
    else if (hours == 0)
        snprintf(dst, LOCAL_TIME_SIZE, "%" PRIu64 " m", left / MINUTE);
    else if (hours < 100)
        snprintf(dst, LOCAL_TIME_SIZE, "%" PRIu64 " h %02" PRIu64 " m", hours, left / MINUTE % 60);
    else
        snprintf(dst, LOCAL_TIME_SIZE, "%" PRIu64 " d %" PRIu64 " h", hours / 24, hours % 24);
    return dst;
}

/* ---- what a local time can mean ---- */

static bool offset_at(int64_t instant, long *ret)
{
    struct tm tm;
    if (!to_local(instant, &tm))
        return false;
    *ret = tm.tm_gmtoff;
    return true;
}

/* The wall shows `wall` (seconds, as if it were UTC) at these instants, in order. */
static size_t find_meanings(int64_t wall, int64_t found[static MAX_OFFSETS])
{
    long tried[MAX_OFFSETS];
    size_t tries = 0;
    size_t count = 0;
    for (int64_t at = wall - REACH; at <= wall + REACH && tries < MAX_OFFSETS; at += STEP) {
        long offset;
        long there;
        bool known = !offset_at(at, &offset);
        for (size_t i = 0; i < tries && !known; i++)
            known = tried[i] == offset;
        if (known)
            continue;
        tried[tries++] = offset;
        if (offset_at(wall - offset, &there) && there == offset)
            found[count++] = wall - offset;
    }
    return count;
}

/* The first instant after `low`, and not after `high`, with another offset than low has. */
static int64_t find_shift(int64_t low, int64_t high, long offset)
{
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        long there = offset;
        if (offset_at(middle, &there) && there == offset)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* The shift of the clock that left this local time out: at *ret_shift from *ret_before to
 * *ret_after. */
static bool find_gap(int64_t wall, int64_t *ret_shift, long *ret_before, long *ret_after)
{
    for (int64_t at = wall - REACH; at < wall + REACH; at += STEP) {
        long before;
        long after;
        if (!offset_at(at, &before) || !offset_at(at + STEP, &after) || before == after)
            continue;
        int64_t shift = find_shift(at, at + STEP, before);
        if (wall < shift + before || wall >= shift + after)
            continue;
        *ret_shift = shift;
        *ret_before = before;
        *ret_after = after;
        return true;
    }
    return false;
}

/* "2026-10-25 02:30"; time_only: "02:30" */
static const char *format_wall(int64_t wall, bool time_only, char dst[static LOCAL_TIME_SIZE])
{
    struct tm tm;
    time_t seconds = (time_t)wall;
    dst[0] = '\0';
    if (gmtime_r(&seconds, &tm) == NULL)
        return dst;
    size_t length = time_only ? strftime(dst, LOCAL_TIME_SIZE, "%H:%M", &tm)
                              : strftime(dst, LOCAL_TIME_SIZE, "%Y-%m-%d %H:%M", &tm);
    if (tm.tm_sec != 0)
        snprintf(dst + length, LOCAL_TIME_SIZE - length, ":%02d", tm.tm_sec);
    return dst;
}

static const char *format_choice(int64_t instant, char dst[static LOCAL_TIME_SIZE])
{
    return format(instant, (const char *[]){"", "T", ""}, false, dst);
}

static int64_t day_of(int64_t wall)
{
    const int64_t day = INT64_C(24) * HOUR;
    return (wall < 0 ? wall - day + 1 : wall) / day;
}

static bool refuse_gap(int64_t wall, struct error *err)
{
    char wanted[LOCAL_TIME_SIZE];
    char from[LOCAL_TIME_SIZE];
    char to[LOCAL_TIME_SIZE];
    char early[LOCAL_TIME_SIZE];
    char late[LOCAL_TIME_SIZE];
    int64_t shift;
    long before;
    long after;
    format_wall(wall, false, wanted);
    if (!find_gap(wall, &shift, &before, &after))
        return error_set(err, ERR_USAGE,
                         "%s does not exist in the local time; write it with its offset", wanted);
    /* Samoa went from the 29th to the 31st: the hours alone would say nothing. */
    int64_t left_at = shift + before;
    int64_t goes_to = shift + after;
    bool same_day = day_of(left_at) == day_of(goes_to);
    return error_set(err, ERR_USAGE,
                     "%s does not exist: the clock goes from %s to %s; write %s or %s", wanted,
                     format_wall(left_at, same_day, from), format_wall(goes_to, same_day, to),
                     format_choice(wall - after, early), format_choice(wall - before, late));
}

static bool refuse_double(int64_t wall, const int64_t *found, size_t count, struct error *err)
{
    CLEANUP(text_free) struct text choices = {0};
    char each[LOCAL_TIME_SIZE];
    char wanted[LOCAL_TIME_SIZE];
    for (size_t i = 0; i < count; i++) {
        text_separate(&choices, " or ");
        text_add(&choices, format_choice(found[i], each));
    }
    return error_set(err, ERR_USAGE, "%s exists %s: write %s", format_wall(wall, false, wanted),
                     count == 2 ? "twice" : "more than once", text_get(&choices));
}

static bool resolve(int64_t wall, int64_t *ret_instant, struct error *err)
{
    int64_t found[MAX_OFFSETS];
    size_t count = find_meanings(wall, found);
    if (count == 0)
        return refuse_gap(wall, err);
    if (count > 1)
        return refuse_double(wall, found, count, err);
    *ret_instant = found[0];
    return true;
}

/* ---- reading ---- */

struct written {
    int week_day; /* -1: none */
    int year, month, day;
    int hour, minute, second;
    bool has_offset;
    int offset;
};

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " \t");
}

static bool read_number(const char **at, int digits, int *ret)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *at += digits;
    *ret = value;
    return true;
}

static bool read_sign(const char **at, char sign)
{
    if (**at != sign)
        return false;
    (*at)++;
    return true;
}

static bool refuse(struct error *err)
{
    return error_set(err, ERR_USAGE, "is not a time; " HOW);
}

static bool read_date(const char **at, struct written *w, struct error *err)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    w->week_day = -1;
    for (int i = 0; i < 7; i++)
        if (strncasecmp(*at, day_names[i], 3) == 0 && ((*at)[3] == ' ' || (*at)[3] == '\t')) {
            w->week_day = i;
            *at += 3;
            skip_blanks(at);
            break;
        }
    if (!read_number(at, 4, &w->year) || !read_sign(at, '-') || !read_number(at, 2, &w->month) ||
        !read_sign(at, '-') || !read_number(at, 2, &w->day))
        return refuse(err);
    if (w->year < 1900)
        return error_set(err, ERR_USAGE, "the year %04d is too long ago; 1900 is the first",
                         w->year);
    if (w->month < 1 || w->month > 12)
        return error_set(err, ERR_USAGE,
                         "%04d-%02d-%02d does not exist; months are 01 to 12, "
                         "written as year-month-day",
                         w->year, w->month, w->day);
    bool leap = (w->year % 4 == 0 && w->year % 100 != 0) || w->year % 400 == 0;
    int last = days[w->month - 1] + (w->month == 2 && leap);
    if (w->day < 1 || w->day > last)
        return error_set(err, ERR_USAGE, "%04d-%02d-%02d does not exist; that month has %d days",
                         w->year, w->month, w->day, last);
    return true;
}

static bool read_time(const char **at, struct written *w, struct error *err)
{
    if (!read_number(at, 2, &w->hour) || !read_sign(at, ':') || !read_number(at, 2, &w->minute) ||
        (read_sign(at, ':') && !read_number(at, 2, &w->second)))
        return refuse(err);
    if (**at == '.' || **at == ',')
        return error_set(err, ERR_USAGE, "has a fraction of a second; write whole seconds");
    if (w->hour > 23 || w->minute > 59 || w->second > 59)
        return error_set(err, ERR_USAGE,
                         "%02d:%02d:%02d is no time of day; 00:00:00 to 23:59:59 are", w->hour,
                         w->minute, w->second);
    return true;
}

/* Z, +02:00, +0200, +02, and +00:19:32 */
static bool read_offset(const char **at, struct written *w, struct error *err)
{
    int part[3] = {0};
    bool minus = **at == '-';
    if (read_sign(at, 'Z') || read_sign(at, 'z')) {
        w->has_offset = true;
        return true;
    }
    if (!minus && **at != '+')
        return true;
    (*at)++;
    if (!read_number(at, 2, &part[0]))
        return refuse(err);
    if (read_sign(at, ':')) {
        if (!read_number(at, 2, &part[1]) || (read_sign(at, ':') && !read_number(at, 2, &part[2])))
            return refuse(err);
    } else if (**at >= '0' && **at <= '9' && !read_number(at, 2, &part[1])) {
        return refuse(err);
    }
    if (part[0] > 15 || part[1] > 59 || part[2] > 59)
        return error_set(err, ERR_USAGE, "%c%02d:%02d is no offset from UTC; -15:59 to +15:59 are",
                         minus ? '-' : '+', part[0], part[1]);
    int away = part[0] * HOUR + part[1] * MINUTE + part[2];
    w->offset = minus ? -away : away;
    w->has_offset = true;
    return true;
}

static bool read_all(const char *text, struct written *w, struct error *err)
{
    const char *at = text;
    skip_blanks(&at);
    if (!read_date(&at, w, err))
        return false;
    bool separated = *at == ' ' || *at == '\t';
    if (separated)
        skip_blanks(&at);
    else
        separated = read_sign(&at, 'T') || read_sign(&at, 't');
    if (*at == '\0')
        return error_set(err, ERR_USAGE,
                         "%04d-%02d-%02d lacks the time of day, and a clock runs from it; write "
                         "for instance %04d-%02d-%02d 15:00",
                         w->year, w->month, w->day, w->year, w->month, w->day);
    if (!separated)
        return refuse(err);
    if (!read_time(&at, w, err))
        return false;
    skip_blanks(&at);
    if (!read_offset(&at, w, err))
        return false;
    skip_blanks(&at);
    return *at == '\0' || refuse(err);
}

bool local_time_parse(const char *text, int64_t *ret_instant, struct error *err)
{
    struct written w = {0};
    if (!read_all(text, &w, err))
        return false;
    struct tm tm = {.tm_year = w.year - 1900,
                    .tm_mon = w.month - 1,
                    .tm_mday = w.day,
                    .tm_hour = w.hour,
                    .tm_min = w.minute,
                    .tm_sec = w.second};
    int64_t wall = (int64_t)timegm(&tm); /* sets tm_wday */
    if (w.week_day >= 0 && w.week_day != tm.tm_wday)
        return error_set(err, ERR_USAGE,
                         "%04d-%02d-%02d is a %s, not a %s; leave the day out, or "
                         "mend the date",
                         w.year, w.month, w.day, day_names[tm.tm_wday], day_names[w.week_day]);
    if (!w.has_offset)
        return resolve(wall, ret_instant, err);
    *ret_instant = wall - w.offset;
    return true;
}
