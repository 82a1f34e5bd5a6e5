#include "common/clock.h"

#include <string.h>
#include <time.h>

int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

int64_t clock_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_format_utc(int64_t instant, char dst[static 21])
{
    time_t seconds = (time_t)instant;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    if (strftime(dst, 21, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        dst[0] = '\0';
}

bool clock_parse_utc(const char *text, int64_t *ret_instant)
{
    struct tm utc = {0};
    char again[21];
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (end == NULL || *end != '\0')
        return false;
    int64_t instant = (int64_t)timegm(&utc);
    clock_format_utc(instant, again); /* the 31st of February, a space, a sign */
    if (strcmp(again, text) != 0)
        return false;
    *ret_instant = instant;
    return true;
}

void clock_format_compact(int64_t instant, char dst[static 17])
{
    time_t seconds = (time_t)instant;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    if (strftime(dst, 17, "%Y%m%dT%H%M%SZ", &utc) == 0)
        dst[0] = '\0';
}
