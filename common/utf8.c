#include "common/utf8.h"

#include <string.h>

size_t utf8_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || left < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xed && p[1] > 0x9f;
    bool beyond = p[0] == 0xf4 && p[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : length;
}

bool utf8_is_valid(const char *value)
{
    const unsigned char *p = (const unsigned char *)value;
    for (size_t left = strlen(value); left > 0;) {
        size_t step = utf8_length(p, left);
        if (step == 0)
            return false;
        p += step;
        left -= step;
    }
    return true;
}

void utf8_mend(struct text *ret, const char *value)
{
    const unsigned char *p = (const unsigned char *)value;
    for (size_t left = strlen(value); left > 0;) {
        size_t step = utf8_length(p, left);
        if (step == 0)
            text_add(ret, "\xef\xbf\xbd");
        else
            text_add_bytes(ret, p, step);
        step = step == 0 ? 1 : step;
        p += step;
        left -= step;
    }
}

unsigned long utf8_next(const unsigned char **p)
{
    unsigned long code = *(*p)++;
    if (code < 0x80)
        return code;
    code &= code >= 0xf0 ? 0x07 : code >= 0xe0 ? 0x0f : 0x1f;
    while ((**p & 0xc0) == 0x80)
        code = code << 6 | (*(*p)++ & 0x3f);
    return code;
}

bool utf8_is_control(unsigned long code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
           code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

void utf8_add_visible(struct text *ret, unsigned long code)
{
    text_addf(ret, code < 0x100 ? "\\x%02lx" : "\\u%04lx", code);
}
