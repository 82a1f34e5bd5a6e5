#include "jobs/breach/clock_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define MINUTE INT64_C(60)
#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define HOURS_SHOWN 100 /* more than that is read better in days */

static const struct {
    const char *code, *english, *dutch;
} words[] = {
    [CLOCK_NOT_STARTED] = {"not_started", "not started", "niet begonnen"},
    [CLOCK_RUNNING] = {"running", "running", "loopt"},
    [CLOCK_NEAR] = {"near", "near", "bijna om"},
    [CLOCK_OVERDUE] = {"overdue", "overdue", "te laat"},
    [CLOCK_MET] = {"met", "met", "gedaan"},
    [CLOCK_MET_LATE] = {"met_late", "met late", "te laat gedaan"},
    [CLOCK_NO_LIMIT] = {"no_limit", "no limit", "geen termijn"},
    [CLOCK_NOT_NEEDED] = {"not_needed", "not needed", "niet nodig"},
};

static bool is_dutch(const char *language)
{
    return language != NULL && strcmp(language, "nl") == 0;
}

static bool happened(int64_t instant, int64_t now)
{
    return instant != CLOCK_NO_INSTANT && instant <= now;
}

enum clock_state clock_state_at(const struct breach_clock *c, int64_t now, int64_t near_seconds)
{
    bool limited = c->due_at != CLOCK_NO_INSTANT;
    if (happened(c->met_at, now))
        return limited && !c->not_needed && c->met_at > c->due_at ? CLOCK_MET_LATE : CLOCK_MET;
    if (c->not_needed)
        return CLOCK_NOT_NEEDED;
    if (!happened(c->started_at, now))
        return CLOCK_NOT_STARTED;
    if (!limited)
        return CLOCK_NO_LIMIT;
    if (now > c->due_at)
        return CLOCK_OVERDUE;
    return c->due_at - now <= near_seconds ? CLOCK_NEAR : CLOCK_RUNNING;
}

bool clock_state_is_open(enum clock_state state)
{
    return state == CLOCK_RUNNING || state == CLOCK_NEAR || state == CLOCK_OVERDUE ||
           state == CLOCK_NO_LIMIT;
}

const char *clock_state_code(enum clock_state state)
{
    return words[state].code;
}

const char *clock_state_word(enum clock_state state, const char *language)
{
    return is_dutch(language) ? words[state].dutch : words[state].english;
}

const char *clock_left(char *dst, size_t size, int64_t due_at, int64_t now, const char *language)
{
    bool dutch = is_dutch(language);
    bool late = now > due_at;
    int64_t seconds = late ? now - due_at : due_at - now;
    const char *hour = dutch ? "u" : "h";
    char length[32];
    if (seconds < MINUTE)
        snprintf(length, sizeof length, "%" PRId64 " s", seconds);
    else if (seconds < HOURS_SHOWN * HOUR)
        snprintf(length, sizeof length, "%" PRId64 " %s %02" PRId64 " m", seconds / HOUR, hour,
                 seconds % HOUR / MINUTE);
    else
        snprintf(length, sizeof length, "%" PRId64 " d %" PRId64 " %s", seconds / DAY,
                 seconds % DAY / HOUR, hour);
    if (dutch)
        snprintf(dst, size, late ? "%s te laat" : "nog %s", length);
    else
        snprintf(dst, size, late ? "%s late" : "%s left", length);
    return dst;
}

static const int hours_before[] = {48, 24, 12, 4, 1, 0};
_Static_assert(COUNT_OF(hours_before) == REMINDER_AT_LIMIT + 1, "0h is the last of them");

struct reminder_step reminder_step(int64_t number, int64_t due_at)
{
    struct reminder_step step = {.number = number};
    if (number <= REMINDER_AT_LIMIT) {
        step.at = due_at - hours_before[number] * HOUR;
        snprintf(step.name, sizeof step.name, "%dh", hours_before[number]);
    } else {
        int64_t days = number - REMINDER_AT_LIMIT;
        step.at = due_at + days * DAY;
        snprintf(step.name, sizeof step.name, "+%" PRId64 "d", days);
    }
    return step;
}

bool reminder_step_at(int64_t due_at, int64_t now, struct reminder_step *ret)
{
    int64_t number = -1;
    if (now >= due_at)
        number = REMINDER_AT_LIMIT + (now - due_at) / DAY;
    else
        while (due_at - now <= hours_before[number + 1] * HOUR)
            number++;
    if (number < 0)
        return false;
    *ret = reminder_step(number, due_at);
    return true;
}

bool reminder_step_number(const char *name, int64_t *ret_number)
{
    char again[12];
    int64_t number = 0;
    for (; number <= REMINDER_AT_LIMIT; number++)
        if (strcmp(reminder_step(number, 0).name, name) == 0)
            break;
    if (number > REMINDER_AT_LIMIT) {
        if (name[0] != '+' || strlen(name) >= sizeof again)
            return false;
        /* Printing it again refuses "+01d", "+0d", "+ 1d" and whatever follows. */
        long days = strtol(name + 1, NULL, 10);
        snprintf(again, sizeof again, "+%ldd", days);
        if (days < 1 || strcmp(again, name) != 0)
            return false;
        number = REMINDER_AT_LIMIT + days;
    }
    *ret_number = number;
    return true;
}
