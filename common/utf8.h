/* utf8: walking along UTF-8 text, and what of it must not reach a terminal or a page as it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/text.h"

/* Bytes of the sequence at p, of which `left` (at least 1) may be read; 0 when it is none
 * (RFC 3629, section 4). */
size_t utf8_length(const unsigned char *p, size_t left);

bool utf8_is_valid(const char *value);
/* Appends the value; U+FFFD stands for each byte that belongs to no sequence. */
void utf8_mend(struct text *ret, const char *value);

/* The code point at *p of well-formed UTF-8 that is not at its end; moves *p behind it. */
unsigned long utf8_next(const unsigned char **p);

/* What a terminal acts on instead of showing it: C0 (tab and newline too), DEL, C1, line
 * separators, the byte order mark, and the marks that turn the direction of the rest of the line.
 */
bool utf8_is_control(unsigned long code);
/* Appends it so that it can be seen: \x1b, \u202e. */
void utf8_add_visible(struct text *ret, unsigned long code);
