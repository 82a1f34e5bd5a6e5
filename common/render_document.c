#include "common/cleanup.h"
#include "common/memory.h"
#include "common/render.h"

/* {key: rows}, or the one row of a DOCUMENT_FIGURES. */
static json_t *sections_json(const struct render_options *o)
{
    json_t *sections = json_object();
    for (size_t i = 0; i < o->document->part_count; i++) {
        const struct document_part *part = &o->document->parts[i];
        bool figures = part->shape->kind == DOCUMENT_FIGURES;
        json_object_set(sections, part->shape->key,
                        figures ? json_array_get(part->rows, 0) : part->rows);
    }
    return sections;
}

void render_document(struct text *out, enum render_format format, const struct render_options *o)
{
    const struct document *d = o->document;
    (void)format;
    json_t *period =
        d->from[0] == '\0' ? json_null() : json_pack("{s:s, s:s}", "from", d->from, "to", d->to);
    CLEANUP(json_decrefp)
    json_t *value = json_pack(
        "{s:s, s:s?, s:s, s:s?, s:s, s:s, s:s, s:o, s:o}", "report", d->name, "operand", d->operand,
        "organisation", d->organisation, "registration", d->registration, "program", d->program,
        "timezone", d->timezone, "as_of", d->as_of, "period", period, "sections", sections_json(o));
    CLEANUP(memory_release) char *json = json_dumps(value, JSON_INDENT(2) | JSON_SORT_KEYS);
    text_add(out, json == NULL ? "" : json);
    text_add(out, "\n");
}
