/* render_html_parts: what stands in the sections of a page; for common/render_html*.c only. */
#pragma once

#include "common/render_parts.h"

/* Appends a value: numbers, codes and instants with what programs read of them (<data>, <time>). */
void html_value(struct text *out, const struct document *d, const struct document_field *field,
                const json_t *value);

/* Appends what the section's kind asks for; the part has rows. */
void html_figures(struct text *out, const struct document *d, const struct document_part *part);
void html_records(struct text *out, const struct document *d, const struct document_part *part);

/* How much room a table needs; it behaves accordingly where there is less. */
enum html_room {
    ROOM_FEW,    /* fits a phone */
    ROOM_BLOCKS, /* fits paper; on a phone each row is a block */
    ROOM_DENSE,  /* fits paper in small letters */
    ROOM_WIDE,   /* the same, with the paper on its side */
    ROOM_HUGE,   /* rows are blocks on paper, too */
};
enum html_room html_table_room(const struct document *d, const struct document_part *part);
void html_table(struct text *out, const struct document *d, const struct document_part *part,
                enum html_room room);

/* Appends rules of CSS: the heading each cell gets where the table's rows are shown as blocks. */
void html_table_rules(struct text *css, const struct document *d, const struct document_part *part);
