/* settings_check: what a value of the configuration has to be beyond its type.  Each returns NULL
 * when the value is fine, otherwise a constant sentence "what is wrong; what is allowed".  None of
 * them repeats the value: a connection string may hold a password. */
#pragma once

#include <stdbool.h>

const char *check_absolute_path(const char *path);

/* A name of the system's time zone database; only its form when the system has none. */
const char *check_timezone(const char *name);

/* libpq's syntax.  *ret_secret: it holds a password. */
const char *check_conninfo(const char *conninfo, bool *ret_secret);
