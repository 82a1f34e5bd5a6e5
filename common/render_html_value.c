#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/html.h"
#include "common/render_html_parts.h"

static void add_attribute(struct text *out, const char *name, const struct document_field *field,
                          const json_t *value)
{
    CLEANUP(text_free) struct text plain = {0};
    document_plain(field, value, &plain);
    text_addf(out, " %s=\"", name);
    html_escape(out, text_get(&plain));
    text_add(out, "\"");
}

static void add_shown(struct text *out, const struct document *d,
                      const struct document_field *field, const json_t *value)
{
    CLEANUP(text_free) struct text shown = {0};
    document_show(d, field, value, &shown);
    html_show(out, text_get(&shown));
}

/* The time of day may stand on the next line, but neither half is broken. */
static void add_time(struct text *out, const struct document *d, const struct document_field *field,
                     const json_t *value)
{
    CLEANUP(text_free) struct text shown = {0}, day = {0};
    document_show(d, field, value, &shown);
    const char *clock = text_get(&shown);
    for (int blanks = 0; blanks < 3 && clock != NULL; blanks++)
        if ((clock = strchr(clock, ' ')) != NULL)
            clock++;
    text_add(out, "<time");
    add_attribute(out, "datetime", field, value);
    text_add(out, ">");
    if (field->type == DOCUMENT_INSTANT && clock != NULL) {
        text_add_bytes(&day, text_get(&shown), (size_t)(clock - text_get(&shown)) - 1);
        text_add(out, "<span>");
        html_show(out, text_get(&day));
        text_add(out, "</span> <span>");
        html_show(out, clock);
        text_add(out, "</span></time>");
        return;
    }
    html_show(out, text_get(&shown));
    text_add(out, "</time>");
}

static void add_data(struct text *out, const struct document *d, const struct document_field *field,
                     const json_t *value)
{
    static const char *const badges[] = {[TONE_PLAIN] = NULL,
                                         [TONE_GOOD] = "good",
                                         [TONE_ATTENTION] = "attention",
                                         [TONE_BAD] = "bad"};
    const char *badge = badges[document_tone(field, value)];
    text_add(out, "<data");
    add_attribute(out, "value", field, value);
    if (badge != NULL)
        text_addf(out, " class=\"badge %s\"", badge);
    text_add(out, ">");
    add_shown(out, d, field, value);
    text_add(out, "</data>");
}

static void add_one(struct text *out, const struct document *d, const struct document_field *field,
                    const json_t *value)
{
    bool string = json_is_string(value);
    switch (field->type) {
    case DOCUMENT_DATE:
    case DOCUMENT_MONTH:
    case DOCUMENT_INSTANT:
        if (string && isdigit((unsigned char)json_string_value(value)[0])) {
            add_time(out, d, field, value);
            return;
        }
        break;
    case DOCUMENT_CODE:
        add_data(out, d, field, value);
        return;
    case DOCUMENT_DIGEST:
        text_add(out, "<code>");
        add_shown(out, d, field, value);
        text_add(out, "</code>");
        return;
    case DOCUMENT_TEXT:
    case DOCUMENT_COUNT:
    case DOCUMENT_NUMBER:
    case DOCUMENT_BYTES:
    case DOCUMENT_SECONDS:
    case DOCUMENT_DAYS:
    case DOCUMENT_YES_NO:
        break;
    }
    if (!string && (field->type != DOCUMENT_TEXT))
        add_data(out, d, field, value);
    else
        add_shown(out, d, field, value);
}

void html_value(struct text *out, const struct document *d, const struct document_field *field,
                const json_t *value)
{
    size_t i;
    const json_t *item;
    if (document_is_nothing(value)) {
        text_add(out, "<span class=\"none\">–</span>");
        return;
    }
    if (!json_is_array(value)) {
        add_one(out, d, field, value);
        return;
    }
    json_array_foreach(value, i, item)
    {
        text_add(out, i == 0 ? "" : ", ");
        add_one(out, d, field, item);
    }
}

static void add_title(struct text *out, const struct document *d,
                      const struct document_field *field)
{
    html_escape(out, document_words(d, field->title));
}

/* ---- figures and records ---- */

enum { FIGURE = 30, ENTRY = 60 };

/* Too long to stand beside others, where there is room for so many bytes? */
static bool is_long(const struct document *d, const struct document_field *field,
                    const json_t *value, size_t bytes)
{
    CLEANUP(text_free) struct text shown = {0};
    if (field->type == DOCUMENT_DIGEST)
        return true;
    document_show(d, field, value, &shown);
    return shown.length > bytes;
}

static void add_entry(struct text *out, const struct document *d,
                      const struct document_field *field, const json_t *value, size_t bytes)
{
    text_addf(out, "<div%s><dt>", is_long(d, field, value, bytes) ? " class=\"long\"" : "");
    add_title(out, d, field);
    text_add(out, "</dt><dd>");
    html_value(out, d, field, value);
    text_add(out, "</dd></div>\n");
}

void html_figures(struct text *out, const struct document *d, const struct document_part *part)
{
    const json_t *row = json_array_get(part->rows, 0);
    text_add(out, "<dl class=\"figures\">\n");
    for (const struct document_field *f = part->shape->fields; f->key != NULL; f++)
        add_entry(out, d, f, json_object_get(row, f->key), FIGURE);
    text_add(out, "</dl>\n");
}

/* One line for all that is empty: that something was not filled in is a fact of the record. */
static void add_blanks(struct text *out, const struct document *d,
                       const struct document_field *fields, const json_t *row)
{
    bool any = false;
    for (const struct document_field *f = fields; f->key != NULL; f++) {
        if (!document_is_nothing(json_object_get(row, f->key)))
            continue;
        if (any)
            text_add(out, "; ");
        else
            text_addf(out, "<div class=\"long blank\"><dt>%s</dt><dd>",
                      render_word(d, LABEL_BLANK));
        add_title(out, d, f);
        any = true;
    }
    if (any)
        text_add(out, "</dd></div>\n");
}

static void add_record(struct text *out, const struct document *d,
                       const struct document_field *fields, const json_t *row)
{
    text_add(out, "<article>\n<h3><span class=\"unseen\">");
    add_title(out, d, fields);
    text_add(out, " </span>");
    html_value(out, d, fields, json_object_get(row, fields->key));
    text_add(out, "</h3>\n<dl class=\"entries\">\n");
    for (const struct document_field *f = fields + 1; f->key != NULL; f++)
        if (!document_is_nothing(json_object_get(row, f->key)))
            add_entry(out, d, f, json_object_get(row, f->key), ENTRY);
    add_blanks(out, d, fields + 1, row);
    text_add(out, "</dl>\n</article>\n");
}

void html_records(struct text *out, const struct document *d, const struct document_part *part)
{
    size_t i;
    const json_t *row;
    json_array_foreach(part->rows, i, row)
    {
        add_record(out, d, part->shape->fields, row);
    }
}
