#include "jobs/breach/page.h"

#include <stdbool.h>
#include <string.h>

#include "common/text.h"

enum { WIDTH = 79, INDENT = 2, LABEL = 31, NARROWEST = 20 };

/* How many bytes at p are one character that must not reach a terminal; *ret_code: which. */
static size_t control_at(const unsigned char *p, unsigned *ret_code)
{
    *ret_code = p[0];
    if ((p[0] < 0x20 && p[0] != '\t') || p[0] == 0x7f)
        return 1;
    if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f) {
        *ret_code = p[1];
        return 2;
    }
    if (p[0] != 0xe2 || (p[1] != 0x80 && p[1] != 0x81) || p[2] < 0x80)
        return 0;
    *ret_code = 0x2000U + (p[1] - 0x80U) * 0x40U + (p[2] - 0x80U);
    unsigned code = *ret_code;
    bool turns = code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
                 (code >= 0x2066 && code <= 0x2069);
    return turns ? 3 : 0;
}

static void add_escaped(struct text *t, const char *at, size_t length)
{
    const unsigned char *p = (const unsigned char *)at;
    const unsigned char *end = p + length;
    while (p < end) {
        unsigned code;
        size_t bytes = control_at(p, &code);
        if (bytes > 0)
            text_addf(t, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
        else
            text_add_bytes(t, p, 1);
        p += bytes > 0 ? bytes : 1;
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
