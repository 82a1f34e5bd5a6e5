/* columns: how text stands on a terminal: what of it is escaped, how many columns it takes, where
 * it is broken into lines.  Text is UTF-8, whatever the locale of the program.  Never logs. */
#pragma once

#include <locale.h>
#include <stdbool.h>

#include "common/text.h"

/* wcwidth asks the locale of the thread, and that of the program may be C, whose answer for é is
 * -1: between these two it is UTF-8.  All that follows is right only there. */
struct columns_scope {
    locale_t utf8, before;
};
struct columns_scope columns_enter(void);
void columns_leave(struct columns_scope *scope); /* for CLEANUP */

/* Appends the value with control characters, and marks that turn the direction of writing, made
 * visible as \x1b and \u202e; with keep_breaks LF and CRLF stay as LF.  Returns the columns it
 * takes, of its longest line when there are several. */
size_t columns_escape(struct text *ret, const char *value, bool keep_breaks);

struct columns_line {
    const char *at; /* borrowed, not NUL-terminated; without blanks at its end */
    size_t length;  /* bytes */
    size_t width;   /* columns */
};

/* The next line of text that columns_escape gave: *at moves behind it, to NULL after the last one.
 * Broken at LF; with a width also at blanks, and within a word that is longer than that. */
struct columns_line columns_next(const char **at, size_t width);

/* Columns of the longest piece without a blank. */
size_t columns_longest_word(const char *shown);
