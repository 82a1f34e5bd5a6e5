/* csv: records of a file of comma-separated values (RFC 4180), one at a time, in bounded memory.
 *
 * LF or CRLF ends a record, also within quotes it may stand; a BOM at the start is skipped, and so
 * are empty lines.  A field in double quotes is taken as it is, with "" for a quote; of others the
 * blanks around them are left out.  The bytes of a field are not looked at, but for NUL.
 * Never logs; messages name the place and nothing that stands there. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define CSV_RECORD_MAX_BYTES 65536

struct csv; /* owned by the caller from open to close */

struct csv_record {
    const char *const *fields; /* borrowed until the next call */
    size_t count;              /* at least 1 */
    uint64_t line;             /* on which it begins, from 1 */
};

/* Opens a file, or standard input for "-"; links and pipes are followed.  ERR_USAGE when that
 * cannot be.  path is borrowed until csv_close. */
MUST_CHECK bool csv_open(const char *path, struct csv **ret, struct error *err);

/* The separator is a comma unless the first line holds one of these first, outside quotes:
 * semicolon (what spreadsheets write where the comma is decimal) or tab.  Before the first
 * csv_next; for files whose first line names the columns. */
void csv_detect_separator(struct csv *c);

/* *ret_there: false at the end of the file.  ERR_USAGE names the line: a quote that is not closed,
 * something behind a closing quote, NUL, a record of more than CSV_RECORD_MAX_BYTES; ERR_IO: the
 * file cannot be read. */
MUST_CHECK bool csv_next(struct csv *c, struct csv_record *ret, bool *ret_there, struct error *err);

void csv_close(struct csv **c); /* *c may be NULL */
