/* plain_text: text that people wrote, line by line, with what their editors leave in it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "common/text.h"

/* Reads a file, or standard input when path is "-"; symbolic links and pipes are followed.  *ret is
 * replaced; it may hold any bytes.  ERR_USAGE: it cannot be opened, or is larger than max_bytes
 * (sys_errno EFBIG); ERR_IO: the disk refused. */
MUST_CHECK bool plain_text_read(const char *path, size_t max_bytes, struct text *ret,
                                struct error *err);

/* Start with {.next = bytes, .left = length}; the bytes are borrowed. */
struct plain_text_lines {
    const char *next;
    size_t left;
    unsigned number; /* of the line that was given last; the first is 1 */
};

struct plain_text_line {
    const char *at; /* not NUL-terminated; without LF, CRLF, or the BOM of the first line */
    size_t length;
    unsigned number;
    bool ended; /* by LF or CRLF; only the last line may lack it */
};

/* false, *ret untouched: there are no more. */
bool plain_text_next(struct plain_text_lines *lines, struct plain_text_line *ret);

/* What is wrong with a line that is not UTF-8 or holds control characters other than tab: "what;
 * what is allowed".  NULL: nothing. */
const char *plain_text_fault(const char *line, size_t length);

/* Blanks are space and tab. */
size_t plain_text_indent(const char *line, size_t length); /* blanks at its start */
size_t plain_text_trimmed(const char *line,
                          size_t length); /* its length without those at its end */
