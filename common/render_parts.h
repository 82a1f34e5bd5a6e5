/* render_parts: what the formats of render_document share; for common/render_*.c only. */
#pragma once

#include "common/render.h"

/* Each appends the whole document, or the one section that the options name. */
void render_as_text(struct text *out, const struct render_options *o);
void render_as_csv(struct text *out, const struct render_options *o);
void render_as_html(struct text *out, const struct render_options *o);

/* Appends the chart of a section as <figure>, or nothing when there is nothing to draw. */
void render_chart(struct text *out, const struct document *d, const struct document_part *part);

/* Is this section asked for? */
bool render_wants(const struct render_options *o, const struct document_part *part);

/* A column of a DOCUMENT_TABLE that no row fills is not shown to people. */
bool render_is_filled(const struct document_part *part, const struct document_field *field);

/* Translations of what stands around every report. */
enum render_label {
    LABEL_ORGANISATION,
    LABEL_PERIOD,
    LABEL_TO, /* from .. to .. */
    LABEL_AS_OF,
    LABEL_JUDGED_AT,
    LABEL_TIMES,
    LABEL_CONTENTS,
    LABEL_ROW,
    LABEL_ROWS,
    LABEL_EMPTY,
    LABEL_BLANK, /* before the fields of a record that have none */
    LABEL_PAGE,
    LABEL_OF,        /* page 1 of 3 */
    LABEL_MADE_WITH, /* with the program's name behind it */
    LABEL_JUDGED,
    LABEL_SAME,
    LABEL_CLOSED_PAGE,
    LABEL_TOGETHER,
    LABEL_LARGEST,
    LABEL_FIRST,
    LABEL_LAST,
    LABEL_BARS,
};
const char *render_word(const struct document *d, enum render_label label);

/* An ISO date or instant of the document itself as people read it. */
void render_moment(const struct document *d, enum document_type type, const char *iso,
                   struct text *ret);
