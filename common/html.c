#include "common/html.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "common/utf8.h"

static const char special[] = "&<>\"'";

static void add_entity(struct text *t, char c)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    text_add(t, entities[strchr(special, c) - special]);
}

void html_escape(struct text *t, const char *value)
{
    while (*value != '\0') {
        size_t plain = strcspn(value, special);
        text_add_bytes(t, value, plain);
        value += plain;
        if (*value != '\0')
            add_entity(t, *value++);
    }
}

static bool is_ascii(const char *value)
{
    while (*value != '\0' && (*value & 0x80) == 0)
        value++;
    return *value == '\0';
}

static void add_visible(struct text *t, unsigned long code)
{
    text_add(t, "<span class=\"control\">");
    utf8_add_visible(t, code);
    text_add(t, "</span>");
}

void html_show(struct text *t, const char *value)
{
    bool isolated = !is_ascii(value);
    text_add(t, isolated ? "<bdi>" : "");
    const unsigned char *p = (const unsigned char *)value;
    while (*p != '\0') {
        const unsigned char *start = p;
        unsigned long code = utf8_next(&p);
        if (code == '\r' && *p == '\n')
            continue;
        if (code == '\n')
            text_add(t, "<br>");
        else if (utf8_is_control(code))
            add_visible(t, code);
        else if (code < 0x80 && strchr(special, (int)code) != NULL)
            add_entity(t, (char)code);
        else
            text_add_bytes(t, start, (size_t)(p - start));
    }
    text_add(t, isolated ? "</bdi>" : "");
}

void html_css_string(struct text *t, const char *value)
{
    text_add(t, "\"");
    const unsigned char *p = (const unsigned char *)value;
    while (*p != '\0') {
        const unsigned char *start = p;
        unsigned long code = utf8_next(&p);
        if (utf8_is_control(code))
            text_add(t, " ");
        else if (code >= 0x80 || isalnum((int)code) || code == ' ')
            text_add_bytes(t, start, (size_t)(p - start));
        else
            text_addf(t, "\\%lx ", code); /* the blank ends it */
    }
    text_add(t, "\"");
}
