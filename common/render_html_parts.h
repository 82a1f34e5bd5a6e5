/* render_html_parts: what stands in the sections of a page; for common/render_html*.c only. */
#pragma once

#include "common/render_parts.h"

/* Appends a value: numbers, codes and instants with what programs read of them (<data>, <time>). */
void html_value(struct text *out, const struct document *d, const struct document_field *field,
                const json_t *value);

/* Appends what the section's kind asks for; the part has rows. */
void html_figures(struct text *out, const struct document *d, const struct document_part *part);
void html_table(struct text *out, const struct document *d, const struct document_part *part);
void html_records(struct text *out, const struct document *d, const struct document_part *part);

/* Appends rules of CSS: the heading each cell gets where the table's rows are shown as blocks. */
void html_table_rules(struct text *css, const struct document *d, const struct document_part *part);
