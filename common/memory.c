#include "common/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_end(void *block)
{
    if (block == NULL) {
        static const char sentence[] = "waarborg: out of memory\n";
        (void)!write(STDERR_FILENO, sentence, sizeof sentence - 1);
        _exit(3);
    }
    return block;
}

void *memory_alloc(size_t bytes)
{
    return or_end(calloc(1, bytes == 0 ? 1 : bytes));
}

void *memory_resize(void *block, size_t count, size_t bytes)
{
    return or_end(reallocarray(block, count == 0 ? 1 : count, bytes));
}

char *memory_copy_text(const char *text)
{
    return text == NULL ? NULL : or_end(strdup(text));
}

char *memory_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return or_end(length < 0 ? NULL : text);
}

void memory_release(void *pointer)
{
    void **block = pointer;
    free(*block);
    *block = NULL;
}
