#include <string.h>

#include "common/cleanup.h"
#include "common/render_parts.h"

static void add_field(struct text *out, const char *value)
{
    if (value[strcspn(value, ",\"\r\n")] == '\0') {
        text_add(out, value);
        return;
    }
    text_add(out, "\"");
    while (*value != '\0') {
        size_t plain = strcspn(value, "\"");
        text_add_bytes(out, value, plain);
        value += plain;
        if (*value == '"') {
            text_add(out, "\"\"");
            value++;
        }
    }
    text_add(out, "\"");
}

/* A spreadsheet runs a text that begins so; a negative number is a number there, too. */
static bool is_formula(const json_t *value, const char *plain)
{
    return !json_is_number(value) && plain[0] != '\0' && strchr("=+-@\t\r\n", plain[0]) != NULL;
}

static void add_value(struct text *out, const struct document_field *field, const json_t *value)
{
    CLEANUP(text_free) struct text plain = {0}, safe = {0};
    document_plain(field, value, &plain);
    if (is_formula(value, text_get(&plain)))
        text_add(&safe, "'");
    text_add(&safe, text_get(&plain));
    add_field(out, text_get(&safe));
}

static void add_table(struct text *out, const struct document_part *part)
{
    const struct document_field *fields = part->shape->fields;
    size_t i;
    const json_t *row;
    for (const struct document_field *f = fields; f->key != NULL; f++)
        text_addf(out, "%s%s", f == fields ? "" : ",", f->key);
    text_add(out, "\r\n");
    json_array_foreach(part->rows, i, row)
    {
        for (const struct document_field *f = fields; f->key != NULL; f++) {
            text_add(out, f == fields ? "" : ",");
            add_value(out, f, json_object_get(row, f->key));
        }
        text_add(out, "\r\n");
    }
}

static void add_values(struct text *out, const struct document_part *part)
{
    size_t i;
    const json_t *row;
    json_array_foreach(part->rows, i, row)
    {
        for (const struct document_field *f = part->shape->fields; f->key != NULL; f++) {
            text_addf(out, "%s,%zu,%s,", part->shape->key, i + 1, f->key);
            add_value(out, f, json_object_get(row, f->key));
            text_add(out, "\r\n");
        }
    }
}

void render_as_csv(struct text *out, const struct render_options *o)
{
    if (o->section == NULL)
        text_add(out, "section,row,column,value\r\n");
    for (size_t i = 0; i < o->document->part_count; i++) {
        const struct document_part *part = &o->document->parts[i];
        if (o->section == NULL)
            add_values(out, part);
        else if (render_wants(o, part))
            add_table(out, part);
    }
}
