#include "jobs/breach/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "common/plain_text.h"
#include "jobs/breach/register.h"

#define SENTENCE_SIZE 1024

void fault_add(struct text *faults, const char *field, const char *format, ...)
{
    char sentence[SENTENCE_SIZE];
    va_list values;
    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    text_addf(faults, "%s: %s\n", field, sentence);
}

bool fault_blank(const char *value)
{
    return value == NULL || value[strspn(value, " \t\r\n")] == '\0';
}

void fault_unless_text(struct text *faults, const char *field, const char *value)
{
    struct plain_text_line line;
    struct plain_text_lines lines = {.next = value, .left = value == NULL ? 0 : strlen(value)};
    while (value != NULL && plain_text_next(&lines, &line)) {
        const char *wrong = plain_text_fault(line.at, line.length);
        if (wrong != NULL) {
            fault_add(faults, field, "%s", wrong);
            return;
        }
    }
}

static int count_lines(const char *text)
{
    int lines = 0;
    for (const char *p = text; *p != '\0'; p++)
        lines += *p == '\n';
    return lines;
}

bool faults_none(const struct text *faults, const char *result, struct error *err)
{
    if (faults->length == 0)
        return true;
    int lines = count_lines(text_get(faults));
    if (lines == 1)
        return error_set(err, ERR_USAGE, "%.*s; %s", (int)strcspn(text_get(faults), "\n"),
                         text_get(faults), result);
    fputs(text_get(faults), stderr);
    return error_set(err, ERR_USAGE, "%d faults; %s", lines, result);
}

bool faults_of_register(const char *result, struct error *err)
{
    CLEANUP(text_free) struct text faults = {0};
    register_fail(err);
    if (err->kind != ERR_USAGE)
        return error_context(err, "%s", result);
    text_addf(&faults, "%s\n", err->message);
    return faults_none(&faults, result, err);
}
