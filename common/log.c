#include "common/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static atomic_int threshold = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, (int)level);
}

void log_escape(char *dst, size_t size, const char *src)
{
    size_t used = 0;
    for (const unsigned char *p = (const unsigned char *)src; *p != '\0' && used + 5 < size; p++) {
        if (*p < 0x20 || *p == 0x7f)
            used += (size_t)snprintf(dst + used, size - used, "\\x%02x", *p);
        else
            dst[used++] = (char)*p;
    }
    dst[used] = '\0';
}

/* Whoever inherits JOURNAL_STREAM may have sent our stderr elsewhere (`2>FILE`, a pipe): only when
 * it is the very stream that is named, by device and inode, does the journal read it. */
static bool journal_reads(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat is;
    if (stream == NULL || fstat(fd, &is) != 0)
        return false;
    char name[64];
    snprintf(name, sizeof name, "%ju:%ju", (uintmax_t)is.st_dev, (uintmax_t)is.st_ino);
    return strcmp(stream, name) == 0;
}

/* The wall clock of the line, not of the job: what a log reader compares with other logs. */
static void line_start(char *dst, size_t size, enum log_level level)
{
    if (journal_reads(STDERR_FILENO)) {
        snprintf(dst, size, "<%d>", (int)level);
        return;
    }
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(dst, size, "%Y-%m-%dT%H:%M:%SZ ", &utc);
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_ERROR:
        return "error";
    case LOG_WARNING:
        return "warning";
    case LOG_NOTICE:
        return "notice";
    case LOG_INFO:
        return "info";
    case LOG_DEBUG:
        break;
    }
    return "debug";
}

void log_event(enum log_level level, const char *event, const char *fields_format, ...)
{
    if ((int)level > atomic_load(&threshold))
        return;
    char start[32];
    char fields[3072];
    char safe[4096];
    char line[4224];
    line_start(start, sizeof start, level);
    va_list args;
    va_start(args, fields_format);
    vsnprintf(fields, sizeof fields, fields_format, args);
    va_end(args);
    log_escape(safe, sizeof safe, fields);
    int length = snprintf(line, sizeof line, "%slevel=%s event=%s%s%s\n", start, level_name(level),
                          event, safe[0] == '\0' ? "" : " ", safe);
    if (length > 0)
        (void)!write(STDERR_FILENO, line,
                     (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

/* A quote within the sentence would end it for whoever reads the line by machine. */
static void soften_quotes(char *message)
{
    for (char *p = message; *p != '\0'; p++)
        if (*p == '"')
            *p = '\'';
}

void log_failure(const char *event, const char *fields, const struct error *err)
{
    struct error e = *err;
    soften_quotes(e.message);
    log_event(LOG_ERROR, event, "%s%s%s%s%smessage=\"%s\"", fields, fields[0] == '\0' ? "" : " ",
              e.sqlstate[0] == '\0' ? "" : "sqlstate=", e.sqlstate,
              e.sqlstate[0] == '\0' ? "" : " ", e.message);
}
