#include <string.h>

#include "common/html.h"
#include "jobs/breach/draft.h"

/* The policy forbids every request, so that not even a slip in the escaping could make one. */
static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";

static const char style[] =
    "<style>\n"
    "@page { size: A4; margin: 18mm 16mm; }\n"
    "body { font: 15px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff;\n"
    "  max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }\n"
    "h1 { font-size: 1.5em; line-height: 1.25; margin: 0 0 .3em; }\n"
    "h2 { font-size: 1.15em; margin: 2em 0 .4em; padding-bottom: .2em;\n"
    "  border-bottom: 2px solid #1a1a1a; break-after: avoid; }\n"
    ".about { font-size: 1.1em; margin: 0 0 1em; overflow-wrap: anywhere; }\n"
    "table { border-collapse: collapse; width: 100%; table-layout: fixed; }\n"
    "th, td { text-align: left; vertical-align: top; padding: .4em .6em .4em 0;\n"
    "  border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }\n"
    "tr { break-inside: avoid-page; }\n"
    "th { width: 36%; font-weight: 600; }\n"
    "td { white-space: pre-line; unicode-bidi: isolate; }\n"
    ".heading th, .heading td { border: 0; padding: .1em .6em .1em 0; }\n"
    ".heading th { font-weight: 400; }\n"
    ".note { display: block; white-space: normal; font-weight: 400; font-size: .87em; color: #555; "
    "}\n"
    ".star, .missing { color: #b00020; }\n"
    ".missing { font-weight: 700; }\n"
    ".none { color: #767676; }\n"
    ".summary { border-left: 4px solid #1a1a1a; padding: .3em 0 .3em .8em; margin: 1em 0; }\n"
    "li { margin: .5em 0; break-inside: avoid-page; overflow-wrap: anywhere; }\n"
    "ul { list-style: none; padding: 0; }\n"
    "code { display: block; font: .87em/1.5 ui-monospace, monospace; background: #f2f2f2;\n"
    "  padding: .15em .5em; -webkit-print-color-adjust: exact; print-color-adjust: exact; }\n"
    "@media print { body { font-size: 10pt; max-width: none; margin: 0; padding: 0; } }\n"
    "@media (max-width: 40rem) { tr, th, td { display: block; width: auto; }\n"
    "  th { border: 0; padding-bottom: 0; } }\n"
    "</style>\n";

static const char *member(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value == NULL ? "" : value;
}

static bool is_so(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static void add_tag(struct text *t, const char *tag, const char *value)
{
    text_addf(t, "<%s>", tag);
    html_escape(t, value);
    text_addf(t, "</%.*s>", (int)strcspn(tag, " "), tag);
}

static void add_heading(struct text *t, const json_t *draft, bool dutch)
{
    size_t i;
    const json_t *line;
    CLEANUP(text_free) struct text about = {0};
    text_addf(&about, "%s: %s", member(draft, "breach"), member(draft, "title"));
    add_tag(t, "h1",
            dutch ? "Concept: melding van een datalek aan de Autoriteit Persoonsgegevens"
                  : "Draft: notification of a personal data breach to the Dutch authority (AP)");
    text_add(t, "\n");
    add_tag(t, "p class=\"about\"", text_get(&about));
    text_add(t, "\n<table class=\"heading\">\n");
    json_array_foreach(json_object_get(draft, "heading"), i, line)
    {
        text_add(t, "<tr>");
        add_tag(t, "th scope=\"row\"", member(line, "label"));
        add_tag(t, "td", member(line, "text"));
        text_add(t, "</tr>\n");
    }
    text_add(t, "</table>\n");
    add_tag(t, "p class=\"summary\"", member(draft, "summary"));
    text_addf(t, "\n<p><span class=\"star\">*</span> = %s</p>\n",
              dutch ? "verplicht" : "mandatory");
}

static void add_answer(struct text *t, const json_t *question, bool dutch)
{
    if (is_so(question, "missing"))
        add_tag(t, "span class=\"missing\"", dutch ? "ONTBREEKT" : "MISSING");
    else if (is_so(question, "by_hand"))
        add_tag(t, "span class=\"none\"",
                dutch ? "(zelf invullen op het formulier)" : "(fill in by hand on the form)");
    else if (member(question, "text")[0] == '\0')
        add_tag(t, "span class=\"none\"", "-");
    else
        html_escape(t, member(question, "text"));
    if (member(question, "note")[0] != '\0')
        add_tag(t, "span class=\"note\"", member(question, "note"));
}

static void add_section(struct text *t, const json_t *section, bool dutch)
{
    size_t i;
    const json_t *question;
    text_addf(t, "<h2>%" JSON_INTEGER_FORMAT ". ",
              json_integer_value(json_object_get(section, "number")));
    html_escape(t, member(section, "label"));
    text_add(t, "</h2>\n<table>\n");
    json_array_foreach(json_object_get(section, "questions"), i, question)
    {
        text_add(t, "<tr><th scope=\"row\">");
        html_escape(t, member(question, "label"));
        if (is_so(question, "mandatory"))
            text_add(t, "&nbsp;<span class=\"star\">*</span>");
        text_add(t, "</th><td>");
        add_answer(t, question, dutch);
        text_add(t, "</td></tr>\n");
    }
    text_add(t, "</table>\n");
}

static void add_list(struct text *t, const json_t *items, const char *title)
{
    size_t i;
    const json_t *item;
    if (json_array_size(items) == 0)
        return;
    add_tag(t, "h2", title);
    text_add(t, "\n<ul>\n");
    json_array_foreach(items, i, item)
    {
        text_addf(t, "<li>%" JSON_INTEGER_FORMAT ". ",
                  json_integer_value(json_object_get(item, "section")));
        html_escape(t, member(item, "label"));
        if (member(item, "mend")[0] != '\0')
            add_tag(t, "code", member(item, "mend"));
        text_add(t, "</li>\n");
    }
    text_add(t, "</ul>\n");
}

void draft_render_html(struct text *t, const json_t *draft)
{
    size_t i;
    const json_t *section;
    bool dutch = strcmp(member(draft, "language"), "nl") == 0;
    CLEANUP(text_free) struct text title = {0};
    text_addf(&title, "%s: %s", member(draft, "breach"),
              dutch ? "concept van de melding aan de AP" : "draft of the notification to the AP");
    text_addf(t, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n%s", dutch ? "nl" : "en", head);
    add_tag(t, "title", text_get(&title));
    text_addf(t, "\n%s</head>\n<body>\n<main>\n", style);
    add_heading(t, draft, dutch);
    json_array_foreach(json_object_get(draft, "sections"), i, section)
    {
        add_section(t, section, dutch);
    }
    add_list(t, json_object_get(draft, "missing"),
             dutch ? "Verplicht en nog zonder antwoord" : "Mandatory, and without an answer");
    add_list(t, json_object_get(draft, "by_hand"),
             dutch ? "Zelf in te vullen op het formulier" : "To be filled in by hand on the form");
    text_add(t, "</main>\n</body>\n</html>\n");
}
