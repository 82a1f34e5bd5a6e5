#include "jobs/breach/field_template.h"

#include <string.h>

#include "common/form.h"
#include "common/memory.h"
#include "jobs/breach/fields.h"

static size_t widest_code(const json_t *entries)
{
    const json_t *entry;
    size_t i, width = 0;
    json_array_foreach(entries, i, entry)
    {
        size_t length = json_string_length(json_object_get(entry, "code"));
        width = length > width ? length : width;
    }
    return width;
}

/* "  confidentiality  seen by who should not", the codes of a list below one another. */
static void add_codes(struct text *t, const json_t *codes, const char *list)
{
    const json_t *entries = json_object_get(codes, list);
    const json_t *entry;
    size_t i;
    int width = (int)widest_code(entries);
    json_array_foreach(entries, i, entry)
    {
        CLEANUP(text_free) struct text code = {0};
        const char *label = json_string_value(json_object_get(entry, "en"));
        field_add_lower(&code, json_string_value(json_object_get(entry, "code")));
        text_addf(t, "#   %-*s  %s\n", width, text_get(&code), label == NULL ? "" : label);
    }
}

static void add_note(struct text *t, const char *note)
{
    CLEANUP(text_free) struct text comment = {0};
    form_write_comment(&comment, note);
    for (const char *line = text_get(&comment); *line != '\0';) {
        size_t length = strcspn(line, "\n");
        text_addf(t, "#!%.*s\n", (int)length - 1, line + 1);
        line += length + (line[length] == '\n');
    }
}

static void add_field(struct text *t, const struct field *f, const struct field_template *spec)
{
    const char *input = json_string_value(json_object_get(spec->inputs, f->name));
    const char *note = json_string_value(json_object_get(spec->notes, f->name));
    CLEANUP(memory_release)
    char *help = memory_format("%s%s%s%s", f->label, f->needed ? " (needed)" : "",
                               f->help == NULL ? "" : ": ", f->help == NULL ? "" : f->help);
    text_add(t, "\n");
    form_write_comment(t, help);
    if (f->list != NULL)
        add_codes(t, spec->codes, f->list);
    if (note != NULL)
        add_note(t, note);
    form_write_entry(t, f->name, input);
}

void field_template_write(struct text *t, const struct field_template *spec)
{
    form_write_comment(t, spec->opening);
    if (spec->entries != NULL)
        text_addf(t, "\n%s", spec->entries);
    for (const struct field *f = fields; f->name != NULL; f++) {
        if (f == fields || f->section != f[-1].section)
            text_addf(t, "\n\n# ---- %s ----\n", f->section);
        add_field(t, f, spec);
    }
}

json_t *field_template_inputs(const json_t *values)
{
    json_t *inputs = json_object();
    for (const struct field *f = fields; f->name != NULL; f++) {
        CLEANUP(text_free) struct text input = {0};
        field_add_input(&input, f, json_object_get(values, f->name));
        json_object_set_new(inputs, f->name, json_string(text_get(&input)));
    }
    return inputs;
}
