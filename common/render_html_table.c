#include <stdbool.h>

#include "common/cleanup.h"
#include "common/columns.h"
#include "common/html.h"
#include "common/memory.h"
#include "common/render_html_parts.h"

/* Letters that A4 has room for beside each other, as the style sheet prints tables; and columns. */
enum {
    PORTRAIT = 92,
    PORTRAIT_DENSE = 115,
    LANDSCAPE = 172,
    FEW_COLUMNS = 3, /* they fit a phone as they are */
    GAP = 2,
    TEXT_COLUMN = 14, /* letters that a column of texts needs */
    LONG_WORD = 20,   /* a longer word is broken anywhere */
};

static size_t shown_width(const struct document *d, const struct document_field *field,
                          const json_t *value, bool *ret_long_word)
{
    CLEANUP(text_free) struct text shown = {0}, escaped = {0};
    document_show(d, field, value, &shown);
    size_t width = columns_escape(&escaped, text_get(&shown), true);
    *ret_long_word = width > LONG_WORD && columns_longest_word(text_get(&escaped)) > LONG_WORD;
    return width;
}

/* Letters that the column needs, heading and gap included. */
static size_t column_width(const struct document *d, const struct document_part *part,
                           const struct document_field *field)
{
    CLEANUP(text_free) struct text heading = {0};
    columns_escape(&heading, document_words(d, field->title), false);
    size_t width = columns_longest_word(text_get(&heading)), i;
    const json_t *row;
    bool wraps = field->type == DOCUMENT_TEXT || field->type == DOCUMENT_CODE ||
                 field->type == DOCUMENT_DIGEST || field->type == DOCUMENT_INSTANT;
    json_array_foreach(part->rows, i, row)
    {
        bool unused;
        size_t shown = shown_width(d, field, json_object_get(row, field->key), &unused);
        if (wraps && shown > TEXT_COLUMN)
            shown = TEXT_COLUMN;
        width = shown > width ? shown : width;
    }
    return width + GAP;
}

/* The fields that some row fills; NULL ends them. */
static const struct document_field **shown_fields(const struct document_part *part)
{
    size_t count = 0;
    for (const struct document_field *f = part->shape->fields; f->key != NULL; f++)
        count++;
    const struct document_field **fields = memory_alloc((count + 1) * sizeof *fields);
    count = 0;
    for (const struct document_field *f = part->shape->fields; f->key != NULL; f++)
        if (render_is_filled(part, f))
            fields[count++] = f;
    return fields;
}

enum html_room html_table_room(const struct document *d, const struct document_part *part)
{
    CLEANUP(columns_leave) struct columns_scope scope = columns_enter();
    CLEANUP(memory_release) const struct document_field **fields = shown_fields(part);
    size_t width = 0, columns = 0;
    for (; fields[columns] != NULL; columns++)
        width += column_width(d, part, fields[columns]);
    if (width > LANDSCAPE)
        return ROOM_HUGE;
    if (width > PORTRAIT_DENSE)
        return ROOM_WIDE;
    if (width > PORTRAIT)
        return ROOM_DENSE;
    return columns > FEW_COLUMNS ? ROOM_BLOCKS : ROOM_FEW;
}

static const char *heading_class(const struct document_field *field)
{
    return document_is_number(field->type) ? " class=\"n\"" : "";
}

static const char *cell_class(const struct document *d, const struct document_field *field,
                              const json_t *value)
{
    bool long_word = false;
    if (document_is_number(field->type))
        return " class=\"n\"";
    if (field->type != DOCUMENT_TEXT)
        return "";
    if (shown_width(d, field, value, &long_word) <= TEXT_COLUMN)
        return " class=\"short\"";
    return long_word ? " class=\"breaks\"" : " class=\"text\"";
}

static void add_row(struct text *out, const struct document *d,
                    const struct document_field *const *fields, const json_t *row)
{
    text_add(out, "<tr>");
    for (size_t i = 0; fields[i] != NULL; i++) {
        const json_t *value = json_object_get(row, fields[i]->key);
        text_addf(out, i == 0 ? "<th scope=\"row\"%s>" : "<td%s>", cell_class(d, fields[i], value));
        html_value(out, d, fields[i], value);
        text_add(out, i == 0 ? "</th>" : "</td>");
    }
    text_add(out, "</tr>\n");
}

static void add_head(struct text *out, const struct document *d, const struct document_part *part,
                     const struct document_field *const *fields)
{
    CLEANUP(text_free) struct text count = {0};
    static const struct document_field number = {.type = DOCUMENT_COUNT};
    size_t rows = json_array_size(part->rows);
    CLEANUP(json_decrefp) json_t *value = json_integer((json_int_t)rows);
    document_show(d, &number, value, &count);
    text_add(out, "<caption><span class=\"unseen\">");
    html_escape(out, document_words(d, part->shape->title));
    text_addf(out, ": </span>%s %s</caption>\n<thead><tr>", text_get(&count),
              render_word(d, rows == 1 ? LABEL_ROW : LABEL_ROWS));
    for (size_t i = 0; fields[i] != NULL; i++) {
        text_addf(out, "<th scope=\"col\"%s>", heading_class(fields[i]));
        html_escape(out, document_words(d, fields[i]->title));
        text_add(out, "</th>");
    }
    text_add(out, "</tr></thead>\n<tbody>\n");
}

void html_table(struct text *out, const struct document *d, const struct document_part *part,
                enum html_room room)
{
    static const char *const classes[] = {[ROOM_FEW] = "few",
                                          [ROOM_BLOCKS] = "blocks",
                                          [ROOM_DENSE] = "blocks dense",
                                          [ROOM_WIDE] = "blocks wide",
                                          [ROOM_HUGE] = "blocks huge"};
    CLEANUP(columns_leave) struct columns_scope scope = columns_enter();
    CLEANUP(memory_release) const struct document_field **fields = shown_fields(part);
    size_t i;
    const json_t *row;
    if (fields[0] == NULL)
        return;
    /* A box that scrolls must be reached with the keyboard, too. */
    text_addf(out,
              "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-labelledby=\"%s-title\">"
              "<table id=\"%s-rows\" class=\"%s\">\n",
              part->shape->key, part->shape->key, classes[room]);
    add_head(out, d, part, fields);
    json_array_foreach(part->rows, i, row)
    {
        add_row(out, d, fields, row);
    }
    text_add(out, "</tbody>\n</table></div>\n");
}

void html_table_rules(struct text *css, const struct document *d, const struct document_part *part)
{
    CLEANUP(memory_release) const struct document_field **fields = shown_fields(part);
    for (size_t i = 1; fields[0] != NULL && fields[i] != NULL; i++) {
        text_addf(css, "#%s-rows.blocks td:nth-child(%zu)::before { content: ", part->shape->key,
                  i + 1);
        html_css_string(css, document_words(d, fields[i]->title));
        text_add(css, " }\n");
    }
}
