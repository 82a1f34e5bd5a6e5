/* form: fields and their values as people write them in an editor or a file.
 *
 *   # In the first column: a comment, also in the middle of a value.
 *   title = Laptop stolen
 *   nature = confidentiality, availability
 *   what_happened = A laptop was taken
 *       from a car.
 *
 *       The disk was encrypted.
 *   remarks =
 *       the text may begin on the next, indented, line; # is no comment here
 *
 * Blanks around a value, and at the end of its lines, are dropped; so is the indent of its first
 * indented line, from every line (a deeper one keeps the difference).  Empty lines inside stay.
 * An empty value means "not given".  Where every blank counts, `field = |` is followed by indented
 * lines that begin with `|`; what stands after that sign is taken as it is.  Text is UTF-8, with or
 * without BOM, LF or CRLF; control characters other than tab are faults.
 *
 * Faults are collected, all at once, one line each: "file:line: field: sentence".  They repeat the
 * names of fields, never what else was typed.  Never logs. */
#pragma once

#include <stdint.h>

#include "common/error.h"
#include "common/text.h"

enum { FORM_MAX_BYTES = 1024 * 1024 };

struct form_entry {
    char *name;    /* letters, digits, `_`, `-`, `.` */
    char *value;   /* never NULL */
    unsigned line; /* of `name =`; 0: from --set */
};

struct form { /* read as you like; changed only here */
    char *source;
    struct form_entry *entries; /* in the order of the file; no name twice */
    size_t count;
    size_t capacity;
};

/* Reads a file, or standard input when path is "-".  Faults of the text are appended to *faults,
 * and *ret holds what could be read nevertheless, so that the caller can add its own faults and
 * show all of them; input with faults must then be refused.  (Bytes that are no text are read as
 * `?`.)  false: the file cannot be read or is too large (ERR_USAGE), or the disk refused (ERR_IO).
 */
MUST_CHECK bool form_read(const char *path, struct text *faults, struct form **ret,
                          struct error *err);
/* The same from memory; source stands for the file in faults; too large is a fault.  Never NULL;
 * form_free. */
struct form *form_parse(const char *source, const void *bytes, size_t length, struct text *faults);
/* An empty one, for input that is only --set. */
struct form *form_new(const char *source);
void form_free(struct form **f); /* for CLEANUP; *f may be NULL */

/* --set "field=value": replaces what the file says.  The value may have several lines and is taken
 * as it is, but for blanks around it.  ERR_USAGE: no `=`, no name, not a text, or the second --set
 * of this field. */
MUST_CHECK bool form_set(struct form *f, const char *assignment, struct error *err);

/* The value ("" when empty), or NULL when the field is not in the form. */
const char *form_get(const struct form *f, const char *name);

/* Adds a line to *faults: where the field stands in the form, its name, the sentence.
 * "file:12: title: ...", "--set: title: ..." or, for a field that is not there, "file: title: ...".
 * The sentence is "what is wrong; what is allowed".  Line breaks in it become blanks. */
void form_fault(const struct form *f, const char *name, struct text *faults, const char *format,
                ...) PRINTF_LIKE(4, 5);

/* A fault "is unknown; did you mean ...?" for each name that is none of the known ones (may hold
 * NULLs).  Returns whether there was none. */
bool form_check_names(const struct form *f, const char *const *known, size_t count,
                      struct text *faults);

/* The next item of a list with commas: *cursor starts at the value and is moved on; blanks and line
 * breaks around an item are dropped and empty items skipped.  false, *ret_item untouched: no more.
 * *ret_item is replaced. */
bool form_next_item(const char **cursor, struct text *ret_item);

/* Appends `name = value` so that it reads back as exactly this value.  value: UTF-8, of the control
 * characters only tab and newline; NULL is as "". */
void form_write_entry(struct text *t, const char *name, const char *value);
/* Appends the text as comment lines of at most 79 columns ("# "); its own line breaks stay, and ""
 * is the line "#". */
void form_write_comment(struct text *t, const char *comment);

/* Appends the text of a form again, for the editor to be opened once more: above each line that
 * has a fault stand comments that begin with `#! `, faults without a line stand at the top, and the
 * `#! ` lines of the last round are gone.  Nothing else is changed.  faults: lines as above about
 * this source. */
void form_annotate(const char *source, const char *bytes, size_t length, const char *faults,
                   struct text *t);
