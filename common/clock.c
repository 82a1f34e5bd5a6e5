#include "common/clock.h"

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

void clock_format_compact(int64_t instant, char dst[static 17])
{
    time_t seconds = (time_t)instant;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    if (strftime(dst, 17, "%Y%m%dT%H%M%SZ", &utc) == 0)
        dst[0] = '\0';
}
