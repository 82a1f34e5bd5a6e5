#include "common/utf8.h"

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
