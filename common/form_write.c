#include <string.h>

#include "common/form.h"
#include "common/memory.h"
#include "common/plain_text.h"

enum { COMMENT_WIDTH = 79 };

static const char indent[] = "    ";

/* ---- values ---- */

static struct plain_text_lines lines_of(const char *value)
{
    /* Number 1: a value may begin with U+FEFF, which the first line of a file would lose. */
    return (struct plain_text_lines){.next = value, .left = strlen(value), .number = 1};
}

/* Would the plain form lose something?  Blanks at the end of a line, an indent of the first line,
 * empty lines at either end. */
static bool needs_bars(const char *value)
{
    struct plain_text_lines lines = lines_of(value);
    struct plain_text_line line;
    bool first = true;
    while (plain_text_next(&lines, &line)) {
        if (plain_text_trimmed(line.at, line.length) != line.length)
            return true;
        if (first && (line.length == 0 || plain_text_indent(line.at, line.length) > 0))
            return true;
        first = false;
    }
    size_t length = strlen(value);
    return length > 0 && value[length - 1] == '\n';
}

static void add_block(struct text *t, const char *value, bool bars)
{
    for (;;) {
        size_t length = strcspn(value, "\n");
        if (bars || length > 0)
            text_add(t, indent);
        if (bars)
            text_add(t, "|");
        text_add_bytes(t, value, length);
        text_add(t, "\n");
        if (value[length] == '\0')
            return;
        value += length + 1;
    }
}

void form_write_entry(struct text *t, const char *name, const char *value)
{
    text_addf(t, "%s =", name);
    if (value == NULL || value[0] == '\0') {
        text_add(t, "\n");
        return;
    }
    bool bars = needs_bars(value) || strcmp(value, "|") == 0;
    if (!bars && strchr(value, '\n') == NULL) {
        text_addf(t, " %s\n", value);
        return;
    }
    text_add(t, bars ? " |\n" : "\n");
    add_block(t, value, bars);
}

/* ---- comments ---- */

static size_t columns(const char *at, size_t bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < bytes; i++)
        n += ((unsigned char)at[i] & 0xc0) != 0x80;
    return n;
}

/* How much of this line, at most `width` columns, is printed before a break; *ret_next: where the
 * rest begins.  A word that is wider stays whole. */
static size_t break_at(const char *at, size_t length, size_t width, size_t *ret_next)
{
    size_t taken = 0;
    size_t from = plain_text_indent(at, length);
    while (from < length) {
        size_t end = from;
        while (end < length && at[end] != ' ' && at[end] != '\t')
            end++;
        if (taken > 0 && columns(at, end) > width)
            break;
        taken = end;
        from = end + plain_text_indent(at + end, length - end);
    }
    *ret_next = from;
    return taken;
}

/* What is wrapped keeps the indent of its line. */
static void add_comment_line(struct text *t, const char *sign, const char *at, size_t length)
{
    size_t blanks = plain_text_indent(at, length);
    const char *rest = at + blanks;
    size_t left = plain_text_trimmed(rest, length - blanks);
    size_t taken_by_sign = strlen(sign) + 1 + blanks;
    size_t width = taken_by_sign < COMMENT_WIDTH - 20 ? COMMENT_WIDTH - taken_by_sign : 20;
    if (left == 0)
        text_addf(t, "%s\n", sign);
    while (left > 0) {
        size_t next = 0;
        size_t taken = break_at(rest, left, width, &next);
        text_addf(t, "%s %.*s%.*s\n", sign, (int)blanks, at, (int)taken, rest);
        rest += next;
        left -= next;
    }
}

static void add_comment(struct text *t, const char *sign, const char *comment)
{
    struct plain_text_lines lines = lines_of(comment);
    struct plain_text_line line;
    if (comment[0] == '\0')
        add_comment_line(t, sign, "", 0);
    while (plain_text_next(&lines, &line))
        add_comment_line(t, sign, line.at, line.length);
}

void form_write_comment(struct text *t, const char *comment)
{
    add_comment(t, "#", comment);
}

/* ---- faults above their lines ---- */

/* The next line of faults: its sentence without the place, and the line it is about, 0 when that is
 * none. */
static bool next_fault(const char **faults, const char *source, struct text *ret_sentence,
                       unsigned *ret_line)
{
    const char *at = *faults + strspn(*faults, "\n");
    size_t length = strcspn(at, "\n");
    size_t place = strlen(source);
    unsigned line = 0;
    if (length == 0)
        return false;
    *faults = at + length;
    if (length > place && strncmp(at, source, place) == 0 && at[place] == ':') {
        const char *sentence = at + place + 1;
        for (; *sentence >= '0' && *sentence <= '9' && line < FORM_MAX_BYTES; sentence++)
            line = line * 10 + (unsigned)(*sentence - '0');
        sentence += *sentence == ':';
        sentence += *sentence == ' ';
        length -= (size_t)(sentence - at);
        at = sentence;
    }
    text_clear(ret_sentence);
    text_add_bytes(ret_sentence, at, length);
    *ret_line = line;
    return true;
}

/* Adds the faults about lines first to last; returns how many. */
static size_t add_faults(struct text *t, const char *source, const char *faults, unsigned first,
                         unsigned last)
{
    CLEANUP(text_free) struct text sentence = {0};
    size_t count = 0;
    unsigned line;
    while (next_fault(&faults, source, &sentence, &line))
        if (line >= first && line <= last) {
            count++;
            if (t != NULL)
                add_comment(t, "#!", text_get(&sentence));
        }
    return count;
}

static unsigned count_lines(const char *bytes, size_t length)
{
    struct plain_text_lines lines = {.next = bytes, .left = length};
    struct plain_text_line line;
    while (plain_text_next(&lines, &line))
        ;
    return lines.number;
}

void form_annotate(const char *source, const char *bytes, size_t length, const char *faults,
                   struct text *t)
{
    struct plain_text_lines lines = {.next = bytes, .left = length};
    struct plain_text_line line;
    unsigned last = count_lines(bytes, length);
    size_t count = add_faults(NULL, source, faults, 0, UINT32_MAX);
    if (count > 0)
        text_addf(t, "#! %zu %s; these lines go by themselves.\n", count,
                  count == 1 ? "fault" : "faults, each above its line");
    (void)add_faults(t, source, faults, 0, 0);
    (void)add_faults(t, source, faults, last + 1, UINT32_MAX);
    while (plain_text_next(&lines, &line)) {
        (void)add_faults(t, source, faults, line.number, line.number);
        if (line.length >= 2 && memcmp(line.at, "#!", 2) == 0)
            continue;
        text_add_bytes(t, line.at, (size_t)(lines.next - line.at));
    }
}
