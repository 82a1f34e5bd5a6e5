#include <string.h>

#include "jobs/breach/draft.h"

#define WIDTH 79
#define ANSWER_INDENT 4
#define HEADING_INDENT 28

static const char *member(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value == NULL ? "" : value;
}

static bool is_so(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

/* Characters, of UTF-8; a wide one counts as one. */
static size_t columns_of(const char *word, size_t length)
{
    size_t columns = 0;
    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)word[i] & 0xc0) != 0x80;
    return columns;
}

static void add_blanks(struct text *t, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_add(t, " ");
}

/* One line of the value; *column is where the text stands, and is left where it ends. */
static void add_words(struct text *t, size_t indent, size_t *column, const char *line,
                      size_t length)
{
    bool first = true;
    for (size_t at = 0; at < length;) {
        at += strspn(line + at, " ");
        if (at >= length)
            break;
        size_t word = strcspn(line + at, " \n");
        size_t columns = columns_of(line + at, word);
        if (!first && *column + 1 + columns > WIDTH) {
            text_add(t, "\n");
            add_blanks(t, indent);
            *column = indent;
        } else if (!first) {
            text_add(t, " ");
            (*column)++;
        }
        text_add_bytes(t, line + at, word);
        *column += columns;
        at += word;
        first = false;
    }
}

/* Ends with a newline.  column: where the text stands; the other lines are indented. */
static void add_wrapped(struct text *t, size_t column, size_t indent, const char *value)
{
    for (const char *line = value;; line++) {
        size_t length = strcspn(line, "\n");
        add_words(t, indent, &column, line, length);
        text_add(t, "\n");
        line += length;
        if (*line == '\0')
            return;
        if (line[1] != '\n' && line[1] != '\0')
            add_blanks(t, indent);
        column = indent;
    }
}

static void add_indented(struct text *t, size_t indent, const char *value)
{
    add_blanks(t, indent);
    add_wrapped(t, indent, indent, value);
}

static void add_title(struct text *t, const char *title, char line)
{
    size_t columns = columns_of(title, strlen(title));
    add_wrapped(t, 0, 0, title);
    for (size_t i = 0; i < columns && i < WIDTH; i++)
        text_add_bytes(t, &line, 1);
    text_add(t, "\n");
}

static void add_heading(struct text *t, const json_t *draft, bool dutch)
{
    size_t i;
    const json_t *line;
    CLEANUP(text_free) struct text title = {0};
    text_addf(&title, "%s  %s", member(draft, "breach"), member(draft, "title"));
    add_title(t,
              dutch ? "CONCEPT: melding van een datalek aan de Autoriteit Persoonsgegevens"
                    : "DRAFT: notification of a personal data breach to the Dutch authority (AP)",
              '=');
    add_wrapped(t, 0, 2, text_get(&title));
    text_add(t, "\n");
    json_array_foreach(json_object_get(draft, "heading"), i, line)
    {
        const char *label = member(line, "label");
        text_add(t, label);
        add_blanks(t, HEADING_INDENT - columns_of(label, strlen(label)));
        add_wrapped(t, HEADING_INDENT, HEADING_INDENT, member(line, "text"));
    }
    text_add(t, "\n");
    add_wrapped(t, 0, 0, member(draft, "summary"));
    text_add(t, dutch ? "* = verplicht\n" : "* = mandatory\n");
}

static void add_question(struct text *t, const json_t *question, bool dutch)
{
    CLEANUP(text_free) struct text label = {0};
    const char *answer = member(question, "text");
    const char *note = member(question, "note");
    text_addf(&label, "%s%s", member(question, "label"), is_so(question, "mandatory") ? " *" : "");
    add_wrapped(t, 0, 2, text_get(&label));
    if (is_so(question, "missing"))
        answer = dutch ? ">>> ONTBREEKT" : ">>> MISSING";
    else if (is_so(question, "by_hand"))
        answer = dutch ? "(zelf invullen op het formulier)" : "(fill in by hand on the form)";
    add_indented(t, ANSWER_INDENT, answer[0] == '\0' ? "-" : answer);
    if (note[0] == '\0')
        return;
    text_clear(&label);
    text_addf(&label, "(%s)", note);
    add_indented(t, ANSWER_INDENT, text_get(&label));
}

static void add_section(struct text *t, const json_t *section, bool dutch)
{
    size_t i;
    const json_t *question;
    CLEANUP(text_free) struct text title = {0};
    text_addf(&title, "%" JSON_INTEGER_FORMAT ". %s",
              json_integer_value(json_object_get(section, "number")), member(section, "label"));
    text_add(t, "\n");
    add_title(t, text_get(&title), '-');
    json_array_foreach(json_object_get(section, "questions"), i, question)
    {
        add_question(t, question, dutch);
    }
}

static void add_list(struct text *t, const json_t *items, const char *title)
{
    size_t i;
    const json_t *item;
    if (json_array_size(items) == 0)
        return;
    text_add(t, "\n");
    add_title(t, title, '-');
    json_array_foreach(items, i, item)
    {
        CLEANUP(text_free) struct text line = {0};
        text_addf(&line, "%" JSON_INTEGER_FORMAT ". %s",
                  json_integer_value(json_object_get(item, "section")), member(item, "label"));
        add_wrapped(t, 0, 3, text_get(&line));
        if (member(item, "mend")[0] != '\0') /* not wrapped: it is there to be pasted */
            text_addf(t, "   %s\n", member(item, "mend"));
    }
}

void draft_render_text(struct text *t, const json_t *draft)
{
    size_t i;
    const json_t *section;
    bool dutch = strcmp(member(draft, "language"), "nl") == 0;
    add_heading(t, draft, dutch);
    json_array_foreach(json_object_get(draft, "sections"), i, section)
    {
        add_section(t, section, dutch);
    }
    add_list(t, json_object_get(draft, "missing"),
             dutch ? "Verplicht en nog zonder antwoord" : "Mandatory, and without an answer");
    add_list(t, json_object_get(draft, "by_hand"),
             dutch ? "Zelf in te vullen op het formulier" : "To be filled in by hand on the form");
}
