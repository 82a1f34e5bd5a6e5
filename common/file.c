#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/fault_point.h"
#include "common/memory.h"

enum { BLOCK_SIZE = 256 * 1024 };

struct new_file {
    int dir_fd; /* borrowed */
    int fd;
    char *name;
    char *temporary;
    uint64_t size;
    bool failed; /* the disk refused once: a later fsync may say "fine" although bytes were lost */
    bool published;
};

void file_close(int *fd)
{
    int saved = errno;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

int file_take(int *fd)
{
    int given = *fd;
    *fd = -1;
    return given;
}

static bool sync_fd(int fd)
{
    int result;
    do
        result = fsync(fd);
    while (result < 0 && errno == EINTR);
    return result == 0;
}

/* ---- directories ---- */

static bool refuse_dir(const char *path, struct error *err)
{
    int saved = errno;
    switch (saved) {
    case ENOENT:
        (void)error_set(err, ERR_USAGE,
                        "directory %s does not exist: create it with `install -d -m 0700 %s`, "
                        "as the user this program runs as",
                        path, path);
        break;
    case ENOTDIR:
    case ELOOP:
        (void)error_set(err, ERR_USAGE,
                        "%s is not a directory, or is a symbolic link to one: name the real "
                        "directory",
                        path);
        break;
    default:
        (void)error_set_errno(err, "directory %s cannot be opened", path);
        if (saved == EACCES || saved == ENAMETOOLONG) /* anything else is the disk's fault */
            err->kind = ERR_USAGE;
    }
    err->sys_errno = saved;
    return false;
}

bool file_open_private_dir(const char *path, int *ret_fd, struct error *err)
{
    /* With a slash at its end, open(2) would follow a symbolic link in spite of O_NOFOLLOW. */
    CLEANUP(memory_release) char *plain = memory_copy_text(path);
    for (size_t n = strlen(plain); n > 1 && plain[n - 1] == '/'; n--)
        plain[n - 1] = '\0';

    CLEANUP(file_close) int fd = open(plain, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return refuse_dir(plain, err);
    if (st.st_uid != geteuid())
        return error_set(err, ERR_USAGE,
                         "directory %s belongs to user %u, this program runs as user %u: "
                         "run `chown %u %s`, or run as its owner",
                         plain, st.st_uid, geteuid(), geteuid(), plain);
    if ((st.st_mode & 0777) != 0700)
        return error_set(
            err, ERR_USAGE, "directory %s has mode %04o, %s: run `chmod 0700 %s`", plain,
            st.st_mode & 0777,
            (st.st_mode & 077) != 0 ? "others may reach it" : "its owner lacks a right", plain);
    *ret_fd = file_take(&fd);
    return true;
}

bool file_sync_dir(int dir_fd, const char *name, struct error *err)
{
    return sync_fd(dir_fd) || error_set_errno(err, "fsync of the directory of %s", name);
}

bool file_make_dir(int dir_fd, const char *name, int *ret_fd, struct error *err)
{
    if (mkdirat(dir_fd, name, 0700) < 0 && errno != EEXIST)
        return error_set_errno(err, "create directory %s", name);
    FAULT_POINT("file.dir_made");
    CLEANUP(file_close)
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, "open directory %s", name);
    /* Also when it was there: whoever made it may have lost power before this. */
    if (!file_sync_dir(dir_fd, name, err))
        return false;
    *ret_fd = file_take(&fd);
    return true;
}

/* ---- new files ---- */

static bool check_plain(const char *name, struct error *err)
{
    if (name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
        strcmp(name, "..") != 0)
        return true;
    return error_set(err, ERR_USAGE, "\"%s\" is not the plain name of a file", name);
}

bool new_file_create(int dir_fd, const char *name, struct new_file **ret, struct error *err)
{
    if (!check_plain(name, err))
        return false;
    CLEANUP(memory_release) char *temporary = memory_format(".%s.tmp", name);
    int fd = openat(dir_fd, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(err, "create %s", temporary);
    FAULT_POINT("file.created");
    struct new_file *f = memory_alloc(sizeof *f);
    f->dir_fd = dir_fd;
    f->fd = fd;
    f->name = memory_copy_text(name);
    f->temporary = temporary;
    temporary = NULL;
    *ret = f;
    return true;
}

static bool new_file_usable(const struct new_file *f, struct error *err)
{
    if (f->failed)
        return error_set(err, ERR_IO, "%s failed before and is not complete", f->temporary);
    if (f->published)
        return error_set(err, ERR_IO, "%s is already published", f->name);
    return true;
}

static bool new_file_broke(struct new_file *f, const char *doing, struct error *err)
{
    f->failed = true;
    return error_set_errno(err, "%s %s", doing, f->temporary);
}

bool new_file_write(struct new_file *f, const void *bytes, size_t length, struct error *err)
{
    const unsigned char *next = bytes;
    if (!new_file_usable(f, err))
        return false;
    while (length > 0) {
        ssize_t n = write(f->fd, next, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; /* POSIX leaves this open for files; never spin on it */
        if (n <= 0)
            return new_file_broke(f, "write", err);
        next += n;
        length -= (size_t)n;
        f->size += (uint64_t)n;
        FAULT_POINT("file.wrote");
    }
    return true;
}

uint64_t new_file_size(const struct new_file *f)
{
    return f->size;
}

/* ---- reading ---- */

static ssize_t read_some(int fd, void *buffer, size_t size)
{
    ssize_t n;
    do
        n = read(fd, buffer, size);
    while (n < 0 && errno == EINTR);
    return n;
}

static bool digest_fd(int fd, const char *name, uint64_t *ret_bytes, char *ret_sha256_hex,
                      struct error *err)
{
    CLEANUP(digest_free) struct digest *d = NULL;
    CLEANUP(memory_release) unsigned char *block = memory_alloc(BLOCK_SIZE);
    uint64_t total = 0;
    ssize_t n;
    if (!digest_new(&d, err))
        return false;
    while ((n = read_some(fd, block, BLOCK_SIZE)) > 0) {
        if (!digest_add(d, block, (size_t)n, err))
            return false;
        total += (uint64_t)n;
    }
    if (n < 0)
        return error_set_errno(err, "read %s", name);
    if (!digest_finish_hex(d, ret_sha256_hex, err))
        return false;
    *ret_bytes = total;
    return true;
}

/* The temporary name must still lead to the file we wrote: what is read back and renamed is what
 * lies in the directory, not what our descriptor remembers. */
static bool still_ours(const struct new_file *f, int other_fd, struct error *err)
{
    struct stat ours;
    struct stat there;
    if (fstat(f->fd, &ours) < 0)
        return error_set_errno(err, "look at %s", f->temporary);
    int result = other_fd >= 0 ? fstat(other_fd, &there)
                               : fstatat(f->dir_fd, f->temporary, &there, AT_SYMLINK_NOFOLLOW);
    if (result < 0)
        return error_set_errno(err, "look at %s", f->temporary);
    if (ours.st_dev != there.st_dev || ours.st_ino != there.st_ino)
        return error_set(err, ERR_INTEGRITY, "%s was replaced by another file while it was written",
                         f->temporary);
    return true;
}

static bool new_file_sync(struct new_file *f, struct error *err)
{
    return sync_fd(f->fd) || new_file_broke(f, "fsync", err);
}

bool new_file_read_back(struct new_file *f, uint64_t *ret_bytes, char *ret_sha256_hex,
                        struct error *err)
{
    char hex[DIGEST_HEX_SIZE];
    uint64_t bytes;
    if (!new_file_usable(f, err) || !new_file_sync(f, err))
        return false;
    FAULT_POINT("file.synced");
    CLEANUP(file_close)
    int fd = openat(f->dir_fd, f->temporary, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, "open %s to read it back", f->temporary);
    /* Only clean pages are dropped, hence after the fsync.  A hint: some filesystems (tmpfs) have
     * nowhere else to read from. */
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (!still_ours(f, fd, err) || !digest_fd(fd, f->temporary, &bytes, hex, err))
        return false;
    if (bytes != f->size)
        return error_set(err, ERR_INTEGRITY, "%s: %ju bytes were written, %ju came back",
                         f->temporary, (uintmax_t)f->size, (uintmax_t)bytes);
    FAULT_POINT("file.read_back");
    *ret_bytes = bytes;
    memcpy(ret_sha256_hex, hex, sizeof hex);
    return true;
}

/* ---- publishing ---- */

static int rename_without_replacing(const struct new_file *f)
{
    int result = renameat2(f->dir_fd, f->temporary, f->dir_fd, f->name, RENAME_NOREPLACE);
    if (result == 0 || (errno != EINVAL && errno != ENOSYS))
        return result;
    /* This filesystem or kernel does not know RENAME_NOREPLACE; link(2) never replaces either.  A
     * crash between the two leaves both names on one whole file. */
    if (linkat(f->dir_fd, f->temporary, f->dir_fd, f->name, 0) < 0)
        return -1;
    if (unlinkat(f->dir_fd, f->temporary, 0) == 0)
        return 0;
    int saved = errno;
    (void)unlinkat(f->dir_fd, f->name, 0);
    errno = saved;
    return -1;
}

/* Some filesystems tell only here that bytes did not arrive.  Linux has closed it after EINTR. */
static bool close_reporting(struct new_file *f, struct error *err)
{
    if (close(file_take(&f->fd)) == 0 || errno == EINTR)
        return true;
    return new_file_broke(f, "close", err);
}

static bool put_in_place(struct new_file *f, bool replace, struct error *err)
{
    if (!new_file_usable(f, err) || !new_file_sync(f, err) || !still_ours(f, -1, err) ||
        !close_reporting(f, err))
        return false;
    FAULT_POINT("file.closed");
    f->failed = true; /* until all of it is done: there is no second try */
    int result = replace ? renameat(f->dir_fd, f->temporary, f->dir_fd, f->name)
                         : rename_without_replacing(f);
    if (result < 0)
        return error_set_errno(err, "rename %s to %s", f->temporary, f->name);
    FAULT_POINT("file.renamed");
    if (!file_sync_dir(f->dir_fd, f->name, err)) {
        /* The caller is told that there is no file, so it must not come up later.  The one that
         * was replaced is gone either way. */
        if (!replace)
            (void)unlinkat(f->dir_fd, f->name, 0);
        return false;
    }
    FAULT_POINT("file.published");
    f->failed = false;
    f->published = true;
    return true;
}

bool new_file_publish(struct new_file *f, struct error *err)
{
    return put_in_place(f, false, err);
}

void new_file_discard(struct new_file **f)
{
    if (*f == NULL)
        return;
    int saved = errno;
    if (!(*f)->published) {
        (void)unlinkat((*f)->dir_fd, (*f)->temporary, 0);
        FAULT_POINT("file.discarded");
    }
    file_close(&(*f)->fd);
    free((*f)->name);
    free((*f)->temporary);
    free(*f);
    *f = NULL;
    errno = saved;
}

/* ---- whole files ---- */

static bool open_regular(int dir_fd, const char *name, int *ret_fd, struct stat *ret_stat,
                         struct error *err)
{
    /* O_NONBLOCK: a FIFO under that name must be refused, not waited for. */
    CLEANUP(file_close)
    int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, ret_stat) < 0)
        return error_set_errno(err, "open %s", name);
    if (!S_ISREG(ret_stat->st_mode))
        return error_set(err, ERR_IO, "%s is not a regular file", name);
    *ret_fd = file_take(&fd);
    return true;
}

bool file_read(int dir_fd, const char *name, size_t max_bytes, struct text *ret, struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    struct stat st;
    if (!open_regular(dir_fd, name, &fd, &st, err))
        return false;
    size_t room = (uintmax_t)st.st_size > max_bytes ? max_bytes : (size_t)st.st_size;
    /* One byte more than expected shows a file that is longer or grows meanwhile. */
    CLEANUP(memory_release) char *data = memory_alloc(room + 1);
    size_t length = 0;
    ssize_t n;
    while (length <= room && (n = read_some(fd, data + length, room + 1 - length)) > 0)
        length += (size_t)n;
    if (length > room) {
        errno = EFBIG;
        return error_set_errno(err, "%s has more than %zu bytes", name, room);
    }
    if (n < 0)
        return error_set_errno(err, "read %s", name);
    data[length] = '\0';
    text_free(ret);
    *ret = (struct text){.data = data, .length = length, .capacity = room + 1};
    data = NULL;
    return true;
}

bool file_digest(int dir_fd, const char *name, uint64_t *ret_bytes, char *ret_sha256_hex,
                 struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    struct stat st;
    if (!open_regular(dir_fd, name, &fd, &st, err))
        return false;
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return digest_fd(fd, name, ret_bytes, ret_sha256_hex, err);
}

bool file_replace(int dir_fd, const char *name, const void *bytes, size_t length, struct error *err)
{
    return file_replace_mode(dir_fd, name, bytes, length, 0600, err);
}

/* rename(2) would put a file in the place of /dev/null, or of /dev/stdout, which is a link, for
 * everybody on the machine; of a directory it would not. */
bool file_check_replaceable(int dir_fd, const char *name, struct error *err)
{
    struct stat st;
    char target[sizeof "/proc/"] = "";
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT || error_set_errno(err, "look at %s", name);
    bool fits = S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
    if (S_ISLNK(st.st_mode))
        fits = readlinkat(dir_fd, name, target, sizeof target - 1) > 0 &&
               strcmp(target, "/proc/") != 0 &&
               (fstatat(dir_fd, name, &st, 0) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
    return fits ||
           error_set(err, ERR_USAGE, "%s is no file and is not replaced by one; name a file", name);
}

bool file_replace_mode(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode,
                       struct error *err)
{
    CLEANUP(new_file_discard) struct new_file *f = NULL;
    if (!check_plain(name, err) || !file_check_replaceable(dir_fd, name, err))
        return false;
    /* What a crash left under the temporary name would otherwise be in the way for ever. */
    CLEANUP(memory_release) char *temporary = memory_format(".%s.tmp", name);
    if (unlinkat(dir_fd, temporary, 0) < 0 && errno != ENOENT)
        return error_set_errno(err, "remove the old %s", temporary);
    if (!new_file_create(dir_fd, name, &f, err))
        return false;
    /* Not by the mode of open(2), which the umask cuts. */
    if (fchmod(f->fd, mode) < 0)
        return error_set_errno(err, "set the mode of %s", temporary);
    return new_file_write(f, bytes, length, err) && put_in_place(f, true, err);
}

bool file_remove(int dir_fd, const char *name, struct error *err)
{
    if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
        return error_set_errno(err, "remove %s", name);
    FAULT_POINT("file.unlinked");
    /* Also when it was gone: whoever removed it may have lost power before this. */
    return file_sync_dir(dir_fd, name, err);
}
