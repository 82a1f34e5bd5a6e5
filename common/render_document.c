#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/memory.h"
#include "common/render_parts.h"
#include "common/utf8.h"

bool render_wants(const struct render_options *o, const struct document_part *part)
{
    return o->section == NULL || strcmp(o->section, part->shape->key) == 0;
}

bool render_is_filled(const struct document_part *part, const struct document_field *field)
{
    size_t i;
    const json_t *row;
    json_array_foreach(part->rows, i, row)
    {
        if (!document_is_nothing(json_object_get(row, field->key)))
            return true;
    }
    return false;
}

const char *render_word(const struct document *d, enum render_label label)
{
    static const struct words words[] = {
        [LABEL_ORGANISATION] = {"Organisation", "Organisatie"},
        [LABEL_PERIOD] = {"Period", "Periode"},
        [LABEL_TO] = {"to", "tot en met"},
        [LABEL_AS_OF] = {"As of", "Peildatum"},
        [LABEL_JUDGED_AT] = {"State of", "Stand van"},
        [LABEL_TIMES] = {"Time zone", "Tijdzone"},
        [LABEL_CONTENTS] = {"Contents", "Inhoud"},
        [LABEL_ROW] = {"row", "regel"},
        [LABEL_ROWS] = {"rows", "regels"},
        [LABEL_BLANK] = {"no value", "geen waarde"},
        [LABEL_EMPTY] = {"Nothing in this period.", "Niets in deze periode."},
        [LABEL_PAGE] = {"page", "pagina"},
        [LABEL_OF] = {"of", "van"},
        [LABEL_MADE_WITH] = {"Made with", "Gemaakt met"},
        [LABEL_JUDGED] =
            {"Days are those of the time zone; of an as-of day that is over, everything "
             "is judged as it stood at its end.",
             "Dagen zijn die van de tijdzone; van een peildatum die voorbij is, is alles "
             "beoordeeld naar de stand aan het eind ervan."},
        [LABEL_SAME] = {"The same report as text, CSV or JSON holds the same figures.",
                        "Hetzelfde rapport als tekst, CSV of JSON bevat dezelfde cijfers."},
        [LABEL_CLOSED_PAGE] = {"This page holds no script and loads nothing from elsewhere.",
                               "Deze pagina bevat geen script en laadt niets van elders."},
        [LABEL_TOGETHER] = {"together", "samen"},
        [LABEL_LARGEST] = {"largest", "hoogste"},
        [LABEL_FIRST] = {"first", "eerste"},
        [LABEL_LAST] = {"last", "laatste"},
        [LABEL_BARS] = {"bars", "staven"},
    };
    return document_words(d, words[label]);
}

void render_moment(const struct document *d, enum document_type type, const char *iso,
                   struct text *ret)
{
    const struct document_field field = {.type = type};
    CLEANUP(json_decrefp) json_t *value = json_string(iso);
    document_show(d, &field, value, ret);
}

/* {key: rows}, or the one row of a DOCUMENT_FIGURES. */
static json_t *sections_json(const struct render_options *o)
{
    json_t *sections = json_object();
    for (size_t i = 0; i < o->document->part_count; i++) {
        const struct document_part *part = &o->document->parts[i];
        bool figures = part->shape->kind == DOCUMENT_FIGURES;
        if (render_wants(o, part))
            json_object_set(sections, part->shape->key,
                            figures ? json_array_get(part->rows, 0) : part->rows);
    }
    return sections;
}

static void render_as_json(struct text *out, const struct render_options *o)
{
    const struct document *d = o->document;
    json_t *period =
        d->from[0] == '\0' ? json_null() : json_pack("{s:s, s:s}", "from", d->from, "to", d->to);
    CLEANUP(json_decrefp)
    json_t *value =
        json_pack("{s:s, s:s?, s:s, s:s?, s:s, s:s, s:s, s:s?, s:o, s:o}", "report", d->name,
                  "operand", d->operand, "organisation", d->organisation, "registration",
                  d->registration, "program", d->program, "timezone", d->timezone, "as_of",
                  d->as_of, "judged_at", d->judged_at[0] == '\0' ? NULL : d->judged_at, "period",
                  period, "sections", sections_json(o));
    /* 15 digits, as in CSV and in data attributes: 0.05 stays 0.05. */
    CLEANUP(memory_release)
    char *json = json_dumps(value, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    text_add(out, json == NULL ? "" : json);
    text_add(out, "\n");
}

/* ---- text that is no UTF-8 ---- */

/* jansson gives such a text nothing at all: no JSON of the whole report, no value in a row. */
static bool is_valid(const json_t *value)
{
    size_t i;
    const char *key;
    json_t *item;
    if (json_is_string(value))
        return utf8_is_valid(json_string_value(value));
    json_array_foreach((json_t *)value, i, item)
    {
        if (!is_valid(item))
            return false;
    }
    json_object_foreach((json_t *)value, key, item)
    {
        if (!is_valid(item))
            return false;
    }
    return true;
}

static json_t *mended(json_t *value)
{
    size_t i;
    const char *key;
    json_t *item;
    if (is_valid(value))
        return json_incref(value);
    if (json_is_string(value)) {
        CLEANUP(text_free) struct text text = {0};
        utf8_mend(&text, json_string_value(value));
        return json_string(text_get(&text));
    }
    json_t *copy = json_is_array(value) ? json_array() : json_object();
    json_array_foreach(value, i, item)
    {
        json_array_append_new(copy, mended(item));
    }
    json_object_foreach(value, key, item)
    {
        json_object_set_new(copy, key, mended(item));
    }
    return copy;
}

/* Allocated; NULL stays NULL. */
static char *mended_text(const char *value)
{
    struct text text = {0};
    if (value == NULL)
        return NULL;
    utf8_mend(&text, value);
    return text_take(&text);
}

/* What does not come from constants or from checked settings; texts: what the caller frees. */
static void mend_document(const struct document *d, struct document *ret, char *texts[static 3])
{
    *ret = *d;
    ret->parts = NULL;
    ret->part_count = ret->part_capacity = 0;
    ret->labels = mended(d->labels);
    ret->operand = texts[0] = mended_text(d->operand);
    ret->organisation = texts[1] = mended_text(d->organisation);
    ret->registration = texts[2] = mended_text(d->registration);
    for (size_t i = 0; i < d->part_count; i++)
        document_add(ret, d->parts[i].shape, mended(d->parts[i].rows));
}

void render_document(struct text *out, enum render_format format, const struct render_options *o)
{
    CLEANUP(document_free) struct document d = {0};
    char *texts[3];
    static void (*const formats[])(struct text *, const struct render_options *) = {
        [RENDER_TEXT] = render_as_text,
        [RENDER_CSV] = render_as_csv,
        [RENDER_JSON] = render_as_json,
        [RENDER_HTML] = render_as_html,
    };
    struct render_options mended_options = *o;
    mend_document(o->document, &d, texts);
    mended_options.document = &d;
    formats[format](out, &mended_options);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        free(texts[i]);
}
