#include "common/columns.h"

#include <wchar.h>

#include "common/utf8.h"

struct columns_scope columns_enter(void)
{
    struct columns_scope scope = {.utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)};
    if (scope.utf8 != (locale_t)0)
        scope.before = uselocale(scope.utf8);
    return scope;
}

void columns_leave(struct columns_scope *scope)
{
    if (scope->utf8 == (locale_t)0)
        return;
    uselocale(scope->before);
    freelocale(scope->utf8);
    *scope = (struct columns_scope){0};
}

static size_t columns_of(unsigned long code)
{
    int columns = wcwidth((wchar_t)code);
    return columns < 0 ? 1 : (size_t)columns;
}

/* The bytes at the start of it that are one column wide each, whatever the locale. */
static size_t plain_length(const char *value)
{
    size_t length = 0;
    while (value[length] >= ' ' && value[length] <= '~')
        length++;
    return length;
}

size_t columns_escape(struct text *ret, const char *value, bool keep_breaks)
{
    /* Most values are plain; a register of 10,000 breaches shows at once. */
    size_t width = plain_length(value), longest = 0;
    text_add_bytes(ret, value, width);
    const unsigned char *p = (const unsigned char *)value + width;
    while (*p != '\0') {
        const unsigned char *start = p;
        unsigned long code = utf8_next(&p);
        if (keep_breaks && code == '\r' && *p == '\n')
            continue;
        if (keep_breaks && code == '\n') {
            text_add(ret, "\n");
            longest = width > longest ? width : longest;
            width = 0;
        } else if (utf8_is_control(code)) {
            size_t before = ret->length;
            utf8_add_visible(ret, code);
            width += ret->length - before;
        } else {
            width += columns_of(code);
            text_add_bytes(ret, start, (size_t)(p - start));
        }
    }
    return width > longest ? width : longest;
}

static struct columns_line trimmed(const char *from, const char *to, size_t width)
{
    while (to > from && to[-1] == ' ') {
        to--;
        width--;
    }
    return (struct columns_line){.at = from, .length = (size_t)(to - from), .width = width};
}

/* Where the line after a break begins; NULL at the end of the text. */
static const char *behind(const char *at)
{
    while (*at == ' ')
        at++;
    if (*at == '\n')
        return at + 1; /* an empty line, if that is all */
    return *at == '\0' ? NULL : at;
}

struct columns_line columns_next(const char **at, size_t width)
{
    const char *start = *at, *blank = NULL;
    size_t used = 0, used_to_blank = 0;
    const unsigned char *p = (const unsigned char *)start;
    while (*p != '\0' && *p != '\n') {
        const char *here = (const char *)p;
        size_t columns = columns_of(utf8_next(&p));
        if (*here == ' ') {
            blank = here;
            used_to_blank = used;
        } else if (width > 0 && used > 0 && used + columns > width) {
            const char *end = blank == NULL ? here : blank;
            *at = behind(end);
            return trimmed(start, end, blank == NULL ? used : used_to_blank);
        }
        used += columns;
    }
    *at = *p == '\0' ? NULL : (const char *)p + 1;
    return trimmed(start, (const char *)p, used);
}

size_t columns_longest_word(const char *shown)
{
    size_t longest = 0, used = 0;
    const unsigned char *p = (const unsigned char *)shown;
    while (*p != '\0') {
        unsigned long code = utf8_next(&p);
        used = code == ' ' || code == '\n' ? 0 : used + columns_of(code);
        longest = used > longest ? used : longest;
    }
    return longest;
}
