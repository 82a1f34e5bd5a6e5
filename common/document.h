/* document: a report as data: sections of rows, with what each column means and how it is read, in
 * English and in Dutch.  render.h gives it as text, CSV, JSON or HTML; a figure is computed once.
 *
 * The shapes (struct document_section and what hangs on it) are constant tables of who makes it;
 * struct document holds the rows.  Fill in the members, document_add each, document_free. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "common/text.h"

enum document_language { DOCUMENT_EN, DOCUMENT_NL };
struct words {
    const char *en, *nl;
};

/* What a value is, and so its form.  The rows hold what JSON has for it. */
enum document_type {
    DOCUMENT_TEXT,    /* string; line breaks stay */
    DOCUMENT_COUNT,   /* whole number */
    DOCUMENT_NUMBER,  /* fraction */
    DOCUMENT_BYTES,   /* whole number */
    DOCUMENT_SECONDS, /* number: how long */
    DOCUMENT_DAYS,    /* whole number: how long */
    DOCUMENT_DATE,    /* "2026-11-23" */
    DOCUMENT_MONTH,   /* "2026-11" */
    DOCUMENT_INSTANT, /* "2026-11-23T14:05:00+01:00" */
    DOCUMENT_YES_NO,  /* boolean */
    DOCUMENT_CODE,    /* string, or array of them: a code of a list, shown in words */
    DOCUMENT_DIGEST,  /* hexadecimal digits */
};

enum document_tone { TONE_PLAIN, TONE_GOOD, TONE_ATTENTION, TONE_BAD };

struct document_code { /* a list ends with code == NULL; an unknown code is shown as it is */
    const char *code;
    struct words words;
    enum document_tone tone;
};

struct document_field { /* a list ends with key == NULL */
    const char *key;    /* of the row's member: [a-z0-9_]+, stable for ever */
    struct words title;
    enum document_type type;
    const struct document_code *codes; /* DOCUMENT_CODE */
    const char *labels;                /* DOCUMENT_CODE without codes: list of document.labels */
};

enum document_kind {
    DOCUMENT_FIGURES, /* one row: each field a line of title and value */
    DOCUMENT_TABLE,   /* a row a line */
    DOCUMENT_RECORDS, /* each row a block of its own, headed by its first field */
};

enum { DOCUMENT_SERIES = 4 };

/* Bars, one a row of a DOCUMENT_TABLE, stacked when there are more series; HTML only.  Nothing is
 * drawn of no rows, zeros only, a value above 10^15, or more bars than a leap year has days. */
struct document_chart {
    struct words title;
    const char *label;                   /* field under each bar */
    const char *series[DOCUMENT_SERIES]; /* COUNT fields; NULL ends them */
    enum document_tone tones[DOCUMENT_SERIES];
};

struct document_section {
    const char *key; /* [a-z0-9_]+, stable for ever */
    struct words title;
    struct words about; /* what it shows, to somebody who has never seen it; may be NULL */
    struct words empty; /* what no rows mean; may be NULL */
    enum document_kind kind;
    const struct document_field *fields;
    const struct document_chart *chart; /* may be NULL */
};

struct document_part {
    const struct document_section *shape;
    json_t *rows; /* array of objects; exactly one for DOCUMENT_FIGURES */
};

struct document {
    const char *name;          /* of the report: "summary" */
    const char *operand;       /* what it is about, "DL-2026-0007"; NULL for the whole */
    struct words title, about; /* heading, and a sentence below it */
    bool one_page;             /* set close together, to fit on one sheet of A4; HTML only */
    enum document_language language;
    const char *organisation, *registration; /* borrowed; registration may be NULL */
    const char *program;                     /* "waarborg 0.1.0" */
    const char *timezone;                    /* IANA name: of dates and instants */
    char from[11], to[11], as_of[11];        /* ISO dates; from "" = no period */
    char judged_at[26]; /* ISO instant: whose state is shown of a day that is not over; or "" */
    json_t *labels;     /* {list: {code: label in the language}} or NULL; owned */
    struct document_part *parts;
    size_t part_count, part_capacity;
};

/* The rows become the document's. */
void document_add(struct document *d, const struct document_section *shape, json_t *take_rows);

/* Rows of the section with this key, or NULL; and its only row (DOCUMENT_FIGURES). */
json_t *document_rows(const struct document *d, const char *key);
json_t *document_figures(const struct document *d, const char *key);
const char *document_words(const struct document *d, struct words w);

/* Appends a value as people read it in the document's language, without any escaping: "-" for null
 * or nothing, 1.234 or 1,234, 1.2 MB, 23 nov 2026, 23 nov 2026 14:05 +01:00.
 * A value whose JSON type does not fit the field is shown as its JSON text. */
void document_show(const struct document *d, const struct document_field *field,
                   const json_t *value, struct text *ret);
/* Appends a value as programs read it, for CSV and data attributes: nothing for null, digits with
 * a point, ISO dates and instants, true and false, codes with a blank between them. */
void document_plain(const struct document_field *field, const json_t *value, struct text *ret);

/* Of a code field's value; TONE_PLAIN for anything else. */
enum document_tone document_tone(const struct document_field *field, const json_t *value);

bool document_is_nothing(const json_t *value);    /* null, or an empty text or list */
bool document_is_number(enum document_type type); /* digits line up at the right */
void document_free(struct document *d);
