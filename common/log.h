/* log: one line per event on stderr: `retention.done due=12 disposed=12 seconds=0.8`.
 *
 * The line is `event=<event>` and the fields given; when the journal of systemd reads stderr
 * (JOURNAL_STREAM, systemd.exec(5)) it starts with <N>, the journal's priority (sd-daemon(3)),
 * otherwise with an ISO 8601 instant.  Control characters are escaped.  A line is one write(2), so
 * lines of several threads do not mix.  Fields hold ids and counts, never names, mails, keys or
 * free text of customers.
 *
 * common/ logs nothing above LOG_DEBUG; jobs/ log each failure once. */
#pragma once

#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_NOTICE = 5, LOG_INFO = 6, LOG_DEBUG = 7 };

/* Events above this level are left out.  Default LOG_INFO; -q sets LOG_WARNING, -v LOG_DEBUG. */
void log_set_level(enum log_level level);

void log_event(enum log_level level, const char *event, const char *fields_format, ...)
    PRINTF_LIKE(3, 4);

/* Logs err at LOG_ERROR with its SQLSTATE and its sentence, in which double quotes become single
 * ones.  `fields` come first, may be "". */
void log_failure(const char *event, const char *fields, const struct error *err);

/* Writes src to dst with control characters as \xNN, at most size - 1 bytes. */
void log_escape(char *dst, size_t size, const char *src);
