#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef error_set
#undef error_set_errno
#undef error_context

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    *err = (struct error){.kind = kind};
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return false;
}

bool error_set_errno(struct error *err, const char *format, ...)
{
    int saved = errno;
    *err = (struct error){.kind = ERR_IO, .sys_errno = saved};
    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof err->message) {
        char text[128];
        /* The GNU form: it may return a constant instead of filling the buffer. */
        snprintf(err->message + used, sizeof err->message - (size_t)used, ": %s",
                 strerror_r(saved, text, sizeof text));
    }
    return false;
}

bool error_context(struct error *err, const char *format, ...)
{
    char before[sizeof err->message];
    memcpy(before, err->message, sizeof before);
    before[sizeof before - 1] = '\0';
    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof err->message)
        snprintf(err->message + used, sizeof err->message - (size_t)used, ": %.*s",
                 (int)sizeof before - used - 3 < 0 ? 0 : (int)sizeof before - used - 3, before);
    return false;
}

int error_exit_code(const struct error *err)
{
    switch (err->kind) {
    case ERR_NONE:
        return 0;
    case ERR_USAGE:
        return 2;
    case ERR_INTEGRITY:
        return 4;
    case ERR_BUSY:
    case ERR_STOPPED:
        return 75;
    case ERR_BLOCKED:
        return 1;
    case ERR_DB:
    case ERR_IO:
        break;
    }
    return 3;
}
