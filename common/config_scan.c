#include "common/config_scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ*"

struct scan {
    const char *at;
    const char *name; /* the last one before `at`: of the setting, when `at` is in its value */
    size_t name_length;
    unsigned line;
    bool usable;
    config_scan_fault *fault;
    void *context;
};

bool config_scan_is_clean(const char *text, size_t length)
{
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        size_t step = utf8_length(p + i, length - i);
        bool control =
            p[i] < 0x20 || p[i] == 0x7f || (p[i] == 0xc2 && step == 2 && p[i + 1] < 0xa0);
        if (step == 0 || control)
            return false;
        i += step;
    }
    return true;
}

/* False for bytes that libconfig would cut off or pass on unread. */
static bool scan_bytes(const char *source, size_t length, config_scan_fault *fault, void *context)
{
    const unsigned char *p = (const unsigned char *)source;
    unsigned line = 1;
    for (size_t i = 0; i < length;) {
        size_t step = p[i] == '\0' ? 0 : utf8_length(p + i, length - i);
        if (step == 0) {
            fault(context, line, "the file is not UTF-8 text here; save it as UTF-8");
            return false;
        }
        line += p[i] == '\n';
        i += step;
    }
    return true;
}

static void skip_line(struct scan *s)
{
    s->at += strcspn(s->at, "\n");
}

static void skip_block_comment(struct scan *s)
{
    const char *end = strstr(s->at + 2, "*/");
    end = end == NULL ? s->at + strlen(s->at) : end + 2;
    for (; s->at < end; s->at++)
        s->line += *s->at == '\n';
}

static void skip_string(struct scan *s)
{
    for (s->at++; *s->at != '\0' && *s->at != '"'; s->at++) {
        if (*s->at == '\\' && s->at[1] != '\0')
            s->at++;
        s->line += *s->at == '\n';
    }
    s->at += *s->at == '"';
}

/* A number without L is an int to libconfig, one with L a long long; 0x counts as written. */
static void scan_number(struct scan *s)
{
    const char *word = s->at;
    char *end;
    s->at += strspn(word, "+-.0123456789abcdefABCDEFxXL");
    errno = 0;
    bool hexadecimal = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
    long long value = strtoll(word, &end, hexadecimal ? 16 : 10);
    const char *wrong = NULL;
    bool fraction = !hexadecimal && (*end == '.' || *end == 'e' || *end == 'E');
    if (fraction)
        return;
    if (errno == ERANGE)
        wrong = "is too large; the largest is 9223372036854775807L";
    else if (*end != 'L' && (value > INT32_MAX || value < INT32_MIN))
        wrong = "is large; allowed above 2147483647 is a number that ends in L, as in 5000000000L";
    if (wrong == NULL)
        return;
    char sentence[256];
    snprintf(sentence, sizeof sentence, "%.*s: %s",
             (int)(s->name_length < 64 ? s->name_length : 64), s->name, wrong);
    s->fault(s->context, s->line, sentence);
}

static bool starts_number(const char *at)
{
    if (*at == '+' || *at == '-')
        at++;
    return isdigit((unsigned char)*at) != 0;
}

static void scan_token(struct scan *s)
{
    if (*s->at == '#' || (s->at[0] == '/' && s->at[1] == '/')) {
        skip_line(s);
    } else if (s->at[0] == '/' && s->at[1] == '*') {
        skip_block_comment(s);
    } else if (*s->at == '"') {
        skip_string(s);
    } else if (*s->at == '@') {
        s->fault(s->context, s->line, "@include is not read; put the settings in this file");
        s->usable = false;
        skip_line(s);
    } else if (starts_number(s->at)) {
        scan_number(s);
    } else if (strspn(s->at, LETTERS) > 0) {
        s->name = s->at;
        s->name_length = strspn(s->at, LETTERS "0123456789-_");
        s->at += s->name_length;
    } else {
        s->line += *s->at == '\n';
        s->at++;
    }
}

bool config_scan(const char *source, size_t length, config_scan_fault *fault, void *context)
{
    if (!scan_bytes(source, length, fault, context))
        return false;
    struct scan s = {
        .at = source, .name = "", .line = 1, .usable = true, .fault = fault, .context = context};
    while (*s.at != '\0')
        scan_token(&s);
    return s.usable;
}
