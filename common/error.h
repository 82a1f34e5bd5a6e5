/* error: what went wrong, as a plain value.  It needs no allocation and no freeing, so reporting
 * that memory ran out cannot fail.
 *
 * Life cycle: the caller declares `struct error err = {0};`, passes &err as the last argument, and
 * reads it only when the call returned false.  err is never NULL.  Nothing here logs.
 *
 * A message is one sentence that names the thing and, where there is one, the mend.  It holds no
 * personal data: no row values, no customer keys. */
#pragma once

#include <stdbool.h>

#include "common/cleanup.h"

enum error_kind {
    ERR_NONE = 0,
    ERR_USAGE,     /* the command line, the configuration, the policy: nothing was started */
    ERR_DB,        /* the server refused or went away; sqlstate says which */
    ERR_IO,        /* a file or directory; sys_errno says why */
    ERR_INTEGRITY, /* an archive, the journal or the ledger does not match */
    ERR_BUSY,      /* another run holds the lock, or the window is over: try again later */
    ERR_BLOCKED,   /* these subjects cannot go (code in `reason`); others may */
    ERR_STOPPED,   /* a signal asked us to stop */
};

struct error {
    enum error_kind kind;
    int sys_errno;    /* errno of the failing call, 0 when there is none */
    char sqlstate[6]; /* SQLSTATE when the server spoke, "" otherwise */
    char
        reason[128]; /* ERR_BLOCKED, ERR_DB: short code for the worklist, e.g. "23503 constraint" */
    char message[2048];
};

/* Fills *err and returns false, so that `return error_set(...)` works. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* As error_set with ERR_IO; appends ": <strerror(errno)>" and keeps errno. */
bool error_set_errno(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts "<context>: " before the message that is there.  Returns false. */
bool error_context(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The exit code of the program for this error (see the README): 2, 3, 4 or 75. */
int error_exit_code(const struct error *err);

#ifdef __clang_analyzer__
/* The analyzer does not look into error.c and would follow paths on which these return true. */
#define error_set(...) (error_set(__VA_ARGS__), false)
#define error_set_errno(...) (error_set_errno(__VA_ARGS__), false)
#define error_context(...) (error_context(__VA_ARGS__), false)
#endif
