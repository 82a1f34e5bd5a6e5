#include <string.h>

#include "common/cleanup.h"
#include "common/html.h"
#include "common/memory.h"
#include "common/render_html_parts.h"
#include "style.h"

/* The policy forbids every request, so that not even a slip in the escaping could make one. */
static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n";

static void add_words(struct text *out, const struct document *d, const char *tag, struct words w)
{
    if (document_words(d, w) == NULL)
        return;
    text_addf(out, "<%s>", tag);
    html_show(out, document_words(d, w));
    text_addf(out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

/* An ISO date or instant of the document itself. */
static void add_moment(struct text *out, const struct document *d, enum document_type type,
                       const char *iso)
{
    const struct document_field field = {.type = type};
    CLEANUP(json_decrefp) json_t *value = json_string(iso);
    html_value(out, d, &field, value);
}

/* ---- the head of the page ---- */

/* Chromium prints what stands in the margin boxes; other browsers leave them out. */
static void add_page_rules(struct text *css, const struct document *d, const char *title)
{
    text_add(css, "@page { @top-left { content: ");
    html_css_string(css, d->organisation);
    text_add(css, " }\n@top-right { content: ");
    html_css_string(css, title);
    text_add(css, " }\n@bottom-left { content: ");
    html_css_string(css, d->program);
    text_add(css, " }\n@bottom-right { content: ");
    html_css_string(css, render_word(d, LABEL_PAGE));
    text_add(css, " \" \" counter(page) \" \" ");
    html_css_string(css, render_word(d, LABEL_OF));
    text_add(css, " \" \" counter(pages) } }\n");
}

static bool is_table(const struct document_part *part)
{
    return part->shape->kind == DOCUMENT_TABLE && json_array_size(part->rows) > 0;
}

/* How the sheets lie: a table that needs it turns them all, for half a sheet stays empty where the
 * paper turns between sections. */
static bool is_wide(const enum html_room *rooms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rooms[i] == ROOM_WIDE)
            return true;
    return false;
}

static void add_head(struct text *out, const struct render_options *o, const char *title, bool wide)
{
    const struct document *d = o->document;
    text_addf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n%s",
              d->language == DOCUMENT_NL ? "nl" : "en", head);
    text_add(out, "<meta name=\"generator\" content=\"");
    html_escape(out, d->program);
    text_add(out, "\">\n<title>");
    html_escape(out, title);
    text_add(out, " – ");
    html_escape(out, d->organisation);
    text_addf(out, "</title>\n<style>\n%s", style_report);
    add_page_rules(out, d, title);
    if (d->one_page)
        text_add(out, "@page { margin: 11mm 14mm 12mm; @top-left { content: none } "
                      "@top-right { content: none } }\n");
    else if (wide)
        text_add(out, "@page { size: A4 landscape }\n");
    for (size_t i = 0; i < d->part_count; i++)
        if (render_wants(o, &d->parts[i]) && is_table(&d->parts[i]))
            html_table_rules(out, d, &d->parts[i]);
    text_add(out, "</style>\n</head>\n");
}

/* ---- the top of the page ---- */

static void open_fact(struct text *out, const struct document *d, enum render_label label)
{
    text_addf(out, "<div><dt>%s</dt><dd>", render_word(d, label));
}

static void add_top(struct text *out, const struct document *d)
{
    text_add(out, "<header>\n<p class=\"organisation\"><span>");
    html_show(out, d->organisation);
    text_add(out, "</span>");
    if (d->registration != NULL) {
        text_add(out, " <span class=\"registration\">");
        html_show(out, d->registration);
        text_add(out, "</span>");
    }
    text_add(out, "</p>\n<h1>");
    html_show(out, document_words(d, d->title));
    if (d->operand != NULL) {
        text_add(out, " <span class=\"operand\">");
        html_show(out, d->operand);
        text_add(out, "</span>");
    }
    text_add(out, "</h1>\n");
    add_words(out, d, "p class=\"lead\"", d->about);
    text_add(out, "<dl class=\"facts\">\n");
    if (d->from[0] != '\0') {
        open_fact(out, d, LABEL_PERIOD);
        add_moment(out, d, DOCUMENT_DATE, d->from);
        text_addf(out, " %s ", render_word(d, LABEL_TO));
        add_moment(out, d, DOCUMENT_DATE, d->to);
        text_add(out, "</dd></div>\n");
    }
    open_fact(out, d, LABEL_AS_OF);
    add_moment(out, d, DOCUMENT_DATE, d->as_of);
    text_add(out, "</dd></div>\n");
    if (d->judged_at[0] != '\0') {
        open_fact(out, d, LABEL_JUDGED_AT);
        add_moment(out, d, DOCUMENT_INSTANT, d->judged_at);
        text_add(out, "</dd></div>\n");
    }
    open_fact(out, d, LABEL_TIMES);
    html_show(out, d->timezone);
    text_add(out, "</dd></div>\n</dl>\n</header>\n");
}

static void add_contents(struct text *out, const struct render_options *o)
{
    enum { FEW = 3 }; /* sections that one sees at a glance */
    const struct document *d = o->document;
    if (o->section != NULL || d->one_page || d->part_count <= FEW)
        return;
    text_addf(out, "<nav aria-label=\"%s\">\n<ol>\n", render_word(d, LABEL_CONTENTS));
    for (size_t i = 0; i < d->part_count; i++) {
        text_addf(out, "<li><a href=\"#%s\">", d->parts[i].shape->key);
        html_escape(out, document_words(d, d->parts[i].shape->title));
        text_add(out, "</a></li>\n");
    }
    text_add(out, "</ol>\n</nav>\n");
}

/* ---- sections ---- */

static void add_section(struct text *out, const struct document *d,
                        const struct document_part *part, enum html_room room)
{
    const struct document_section *shape = part->shape;
    text_addf(out,
              "<section id=\"%s\" class=\"%s\" aria-labelledby=\"%s-title\">\n"
              "<h2 id=\"%s-title\">",
              shape->key, shape->kind == DOCUMENT_FIGURES ? "narrow" : "broad", shape->key,
              shape->key);
    html_escape(out, document_words(d, shape->title));
    text_add(out, "</h2>\n");
    add_words(out, d, "p class=\"about\"", shape->about);
    if (json_array_size(part->rows) == 0) {
        struct words empty = shape->empty;
        if (document_words(d, empty) == NULL)
            empty = (struct words){render_word(d, LABEL_EMPTY), render_word(d, LABEL_EMPTY)};
        add_words(out, d, "p class=\"empty\"", empty);
    } else if (shape->kind == DOCUMENT_FIGURES) {
        html_figures(out, d, part);
    } else if (shape->kind == DOCUMENT_RECORDS) {
        html_records(out, d, part);
    } else {
        render_chart(out, d, part);
        html_table(out, d, part, room);
    }
    text_add(out, "</section>\n");
}

static void add_footer(struct text *out, const struct document *d)
{
    text_addf(out, "<footer>\n<p>%s</p>\n<p>%s %s</p>\n<p>%s ", render_word(d, LABEL_JUDGED),
              render_word(d, LABEL_SAME), render_word(d, LABEL_CLOSED_PAGE),
              render_word(d, LABEL_MADE_WITH));
    html_show(out, d->program);
    text_add(out, ".</p>\n</footer>\n");
}

void render_as_html(struct text *out, const struct render_options *o)
{
    const struct document *d = o->document;
    CLEANUP(text_free) struct text title = {0};
    text_addf(&title, "%s%s%s", document_words(d, d->title), d->operand == NULL ? "" : " ",
              d->operand == NULL ? "" : d->operand);
    CLEANUP(memory_release)
    enum html_room *rooms = memory_alloc((d->part_count + 1) * sizeof *rooms);
    for (size_t i = 0; i < d->part_count; i++)
        if (render_wants(o, &d->parts[i]) && is_table(&d->parts[i]))
            rooms[i] = html_table_room(d, &d->parts[i]);
    bool wide = is_wide(rooms, d->part_count);
    add_head(out, o, text_get(&title), wide);
    text_addf(out, "<body class=\"%s\">\n", d->one_page ? "one-page" : wide ? "wide" : "");
    add_top(out, d);
    add_contents(out, o);
    text_add(out, "<main>\n");
    for (size_t i = 0; i < d->part_count; i++)
        if (render_wants(o, &d->parts[i]))
            add_section(out, d, &d->parts[i], rooms[i]);
    text_add(out, "</main>\n");
    add_footer(out, d);
    text_add(out, "</body>\n</html>\n");
}
