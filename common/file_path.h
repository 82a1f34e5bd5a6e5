/* file_path: a file that a person names by its path, replaced as a whole or not at all
 * (common/file.h).  Links on the way are followed.  Never logs. */
#pragma once

#include <sys/types.h>

#include "common/error.h"

/* Looks, before any work is done, whether file_path_replace could write there.  ERR_USAGE: the path
 * names no file, its directory is not there or may not be written in, or something stands there
 * that is no file.  ERR_IO: the disk does not say. */
MUST_CHECK bool file_path_check(const char *path, struct error *err);

/* Creates or replaces path with these bytes and this mode, atomically.  ERR_USAGE as above; after
 * any failure the file that was there is there still. */
MUST_CHECK bool file_path_replace(const char *path, const void *bytes, size_t length, mode_t mode,
                                  struct error *err);
