/* file: files that appear whole or not at all.
 *
 * A new file is created 0600 with O_EXCL | O_NOFOLLOW | O_CLOEXEC under a temporary name
 * (".<name>.tmp"), written, fsynced, renamed without replacing, and its directory fsynced.  Every
 * path is relative to a directory descriptor the caller holds.  Never logs. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"
#include "common/text.h"

/* Opens an existing directory that must be ours alone: a real directory, owned by us, mode 0700.
 * ERR_USAGE names the mend (chmod, chown, mkdir), ERR_IO: the disk does not give it; the directory
 * is not created. */
MUST_CHECK bool file_open_private_dir(const char *path, int *ret_fd, struct error *err);

/* Creates dir_fd/name (0700) unless it is there, fsyncs dir_fd, opens it. */
MUST_CHECK bool file_make_dir(int dir_fd, const char *name, int *ret_fd, struct error *err);

/* fsync of a directory, so that what was created, renamed or removed in it stays so.  name: of what
 * lies in it, for the message. */
MUST_CHECK bool file_sync_dir(int dir_fd, const char *name, struct error *err);

struct new_file; /* owned by the caller from create to discard */

MUST_CHECK bool new_file_create(int dir_fd, const char *name, struct new_file **ret,
                                struct error *err);
MUST_CHECK bool new_file_write(struct new_file *f, const void *bytes, size_t length,
                               struct error *err);
/* fsync, then read the whole file back from the disk (the page cache is dropped for it first, as
 * far as the kernel lets us) and give its size and SHA-256. */
MUST_CHECK bool new_file_read_back(struct new_file *f, uint64_t *ret_bytes, char *ret_sha256_hex,
                                   struct error *err);
/* fsync, close, rename to the final name (fails with EEXIST when that is taken), fsync the
 * directory.  After a failure, here or before, the file is not there and cannot be published. */
MUST_CHECK bool new_file_publish(struct new_file *f, struct error *err);
uint64_t new_file_size(const struct new_file *f); /* bytes written so far */
/* Frees *f and sets it to NULL.  A file that was not published is removed. */
void new_file_discard(struct new_file **f);

/* Reads a whole file of at most max_bytes.  The bytes are NUL-terminated in *ret,
 * which gives up what it held.  ERR_IO: sys_errno is ENOENT when it is not there, EFBIG when it is
 * larger, ELOOP for a symbolic link. */
MUST_CHECK bool file_read(int dir_fd, const char *name, size_t max_bytes, struct text *ret,
                          struct error *err);
/* Size and SHA-256 of a file, streamed. */
MUST_CHECK bool file_digest(int dir_fd, const char *name, uint64_t *ret_bytes, char *ret_sha256_hex,
                            struct error *err);
/* Creates or replaces dir_fd/name atomically with these bytes (temporary name, fsync, rename, fsync
 * dir).  A device or a pipe is not replaced. */
MUST_CHECK bool file_replace(int dir_fd, const char *name, const void *bytes, size_t length,
                             struct error *err);
/* The same with another mode than 0600, for a file that others are to read. */
MUST_CHECK bool file_replace_mode(int dir_fd, const char *name, const void *bytes, size_t length,
                                  mode_t mode, struct error *err);
/* ERR_USAGE when something stands there that a file may not take the place of: a device, a pipe, a
 * link to one. */
MUST_CHECK bool file_check_replaceable(int dir_fd, const char *name, struct error *err);
/* unlink, then fsync the directory; a file that is not there is fine. */
MUST_CHECK bool file_remove(int dir_fd, const char *name, struct error *err);

void file_close(int *fd); /* for CLEANUP; -1 means none */
int file_take(int *fd);   /* gives the descriptor away: returns *fd and sets it to -1 */
