/* memory: allocation that does not come back empty.  When the system has no memory left the
 * program says so on stderr and ends with exit code 3, at once.  For the protocol that is the same
 * event as a power cut, which it survives by design; a hundred untested branches would not make it
 * safer.  Everything returned here is released with free(). */
#pragma once

#include <stddef.h>

void *memory_alloc(size_t bytes);                             /* zeroed */
void *memory_resize(void *block, size_t count, size_t bytes); /* as reallocarray(3) */
char *memory_copy_text(const char *text);                     /* NULL stays NULL */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For CLEANUP(memory_release): frees *(void **)pointer. */
void memory_release(void *pointer);

/* Doubles an array that is full: grows *items so that count + 1 elements fit. */
#define MEMORY_GROW(items, count, capacity)                                \
    do {                                                                   \
        if ((count) == (capacity)) {                                       \
            (capacity) = (capacity) == 0 ? 8 : (capacity)*2;               \
            (items) = memory_resize((items), (capacity), sizeof *(items)); \
        }                                                                  \
    } while (0)
