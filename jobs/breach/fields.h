/* fields: the one table of what people write about a breach.  From it come the template of the
 * editor, what -f and --set accept, the labels of `breach show`, and the JSON for the database.
 *
 * Names are the columns of waarborg.breach.  Values are JSON, in one form everywhere:
 *   line, text, code   a string (codes in UPPER CASE as the database has them)
 *   instant            an integer, seconds UTC, as the statements of sql/breach give it
 *   integer            an integer
 *   yes/no             true or false
 *   codes, countries   an array of strings; empty is the same as not given
 * and null for "not given".  Nothing here logs or asks the database. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/text.h"

enum field_kind {
    FIELD_LINE, /* one line of text */
    FIELD_TEXT, /* several */
    FIELD_INSTANT,
    FIELD_INTEGER,
    FIELD_YES_NO,
    FIELD_CODE,  /* one of a list */
    FIELD_CODES, /* several of a list */
    FIELD_COUNTRIES,
};

struct field {
    const char *name;
    const char *label; /* for people: "Discovered" */
    enum field_kind kind;
    bool needed;
    const char *list;    /* of waarborg.code, for FIELD_CODE and FIELD_CODES */
    const char *section; /* the same pointer for all fields of a section: "2. When" */
    const char *help;    /* for the template */
};

/* In the order of the form of the AP; ends with name == NULL. */
extern const struct field fields[];

/* NULL: there is none of that name. */
const struct field *field_find(const char *name);

/* The codes of all lists, as sql/breach/list_codes.sql gives them:
 *   {"nature": [{"code": "INTEGRITY", "en": "integrity: changed", "nl": "..."}, ...], ...}
 * NULL is allowed everywhere: then nothing is known of codes. */

/* The label of a code in a language ("nl", everything else is English); the code in lower case when
 * codes do not have it.  Appended to t. */
void field_add_code_label(struct text *t, const json_t *codes, const char *list, const char *code,
                          const char *language);

/* Appends a code as people type it. */
void field_add_lower(struct text *t, const char *code);

/* Appends a value for people, on one line or several: instants as local time with offset, codes by
 * their labels, yes or no, lists with commas; nothing for null and for an empty list. */
void field_add_value(struct text *t, const struct field *f, const json_t *value,
                     const json_t *codes, const char *language);

/* Appends a value as people type it, so that it is read back as the same: codes in lower case. */
void field_add_input(struct text *t, const struct field *f, const json_t *value);

/* null, an empty list, or not there. */
bool field_is_empty(const json_t *value);
