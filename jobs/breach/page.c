#include "jobs/breach/page.h"

#include <stdbool.h>
#include <string.h>

#include "common/text.h"
#include "common/utf8.h"

enum { WIDTH = 79, INDENT = 2, LABEL = 31, NARROWEST = 20 };

static void add_escaped(struct text *t, const char *at, size_t length)
{
    const unsigned char *p = (const unsigned char *)at;
    const unsigned char *end = p + length;
    while (p < end) {
        const unsigned char *start = p;
        unsigned long code = utf8_next(&p);
        if (code != '\t' && utf8_is_control(code))
            utf8_add_visible(t, code);
        else
            text_add_bytes(t, start, (size_t)(p - start));
    }
}

static int columns(const char *at, size_t bytes)
{
    int n = 0;
    for (size_t i = 0; i < bytes; i++)
        n += ((unsigned char)at[i] & 0xc0) != 0x80;
    return n;
}

/* A date, a time of day or an offset: an instant is not torn apart. */
static bool is_of_instant(const char *word)
{
    static const char *const shapes[] = {"dddd-dd-dd", "dd:dd", "+dd:dd"};
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        size_t n = 0;
        while (shapes[i][n] != '\0' &&
               (shapes[i][n] == 'd' ? word[n] >= '0' && word[n] <= '9'
                                    : word[n] == shapes[i][n] || (n == 0 && word[n] == '-')))
            n++;
        if (shapes[i][n] == '\0')
            return true;
    }
    return false;
}

/* Bytes of the next piece that stays on one line. */
static size_t piece_length(const char *line)
{
    size_t length = strcspn(line, " \t");
    while (line[length] == ' ' && is_of_instant(line + length + 1))
        length += 1 + strcspn(line + length + 1, " \t");
    return length;
}

/* One line of the value; the cursor is at column `indent`.  Blanks at its start stay. */
static void print_line(FILE *out, int indent, const char *line)
{
    int blanks = (int)strspn(line, " \t");
    int start = indent + blanks < WIDTH - NARROWEST ? indent + blanks : indent;
    int at = start;
    fprintf(out, "%*s", start - indent, "");
    line += blanks;
    while (*line != '\0') {
        size_t length = piece_length(line);
        int wide = columns(line, length);
        if (at > start && at + 1 + wide > WIDTH) {
            fprintf(out, "\n%*s", start, "");
            at = start;
        } else if (at > start) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", (int)length, line);
        at += wide;
        line += length;
        line += strspn(line, " \t");
    }
    fputc('\n', out);
}

/* The cursor is at column `indent`. */
static void print_value(FILE *out, int indent, const char *value)
{
    for (bool first = true; *value != '\0'; first = false) {
        CLEANUP(text_free) struct text line = {0};
        size_t length = strcspn(value, "\n");
        add_escaped(&line, value, length);
        fprintf(out, "%*s", first || line.length == 0 ? 0 : indent, "");
        print_line(out, indent, text_get(&line));
        value += length;
        value += *value == '\n';
    }
}

void page_heading(FILE *out, const char *heading)
{
    fprintf(out, "\n%s\n", heading);
}

void page_line(FILE *out, const char *label, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    int used = INDENT + columns(label, strlen(label));
    int space = used < LABEL ? LABEL - used : 1;
    fprintf(out, "%*s%s%*s", INDENT, "", label, space, "");
    print_value(out, LABEL, value);
}

void page_text(FILE *out, int indent, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    fprintf(out, "%*s", indent, "");
    print_value(out, indent, value);
}
