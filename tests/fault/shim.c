/* shim: a disk that fails on request, loaded before libc (LD_PRELOAD) by tests/fault/io.sh.
 *
 * WAARBORG_FAULT_UNDER: the paths it watches, separated by colons: "D/" is D and all below it, "F"
 * is F alone.  Other files are left in peace.
 *
 * WAARBORG_FAULT_LOG: a file that gets a line for each watched call, "KIND PATH", with " failed"
 * behind the one that was made to fail.
 *
 * WAARBORG_FAULT: KIND:N:HOW makes the Nth watched call of a kind fail (`any` counts all kinds),
 * KIND:N+:HOW that one and all after it.  Without it calls are only counted.
 *
 * KIND is open, read, pread, write, pwrite, fsync, close, rename, link, unlink, mkdir, ftruncate,
 * flock, unlock, stat, access or readdir; close-read of what could not be written to, flock-read of
 * a shared lock.
 *
 * HOW is EIO, ENOSPC, ...: the call does nothing and fails.  close does close, as on Linux; fsync
 * also loses what was written since the last one that went well (not with EINTR), and the next one
 * succeeds, as on Linux.
 *
 * late-EIO, ...: the call is carried out and then reported as failed.  short: half of the
 * bytes. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Out of sight of the calls below, which have the names of libc's. */
#define REAL(name) ((__typeof__(&name))real(#name))

enum verdict { PASS, FAIL, LATE, SHORT };

static struct {
    const char *under;
    char kind[16];
    long nth;
    bool ever_after;
    enum verdict how;
    int error;
    int log_fd;
    long seen;
} shim = {.log_fd = -1};

/* How much of each file is safe: what fsync lost is what lies behind it. */
static struct {
    dev_t device;
    ino_t inode;
    off_t size;
} safe[4096];
static size_t safe_count;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    return found;
}

static const struct {
    const char *name;
    int number;
} errors[] = {
    {"EIO", EIO},     {"ENOSPC", ENOSPC}, {"EINTR", EINTR},   {"EDQUOT", EDQUOT},
    {"EROFS", EROFS}, {"EACCES", EACCES}, {"ENOLCK", ENOLCK},
};

static bool parse_how(const char *how)
{
    shim.how = FAIL;
    if (strcmp(how, "short") == 0) {
        shim.how = SHORT;
        return true;
    }
    if (strncmp(how, "late-", 5) == 0) {
        shim.how = LATE;
        how += 5;
    }
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (strcmp(how, errors[i].name) == 0)
            shim.error = errors[i].number;
    return shim.error != 0;
}

static bool parse(const char *fault)
{
    const char *colon = strchr(fault, ':');
    if (colon == NULL || (size_t)(colon - fault) >= sizeof shim.kind)
        return false;
    memcpy(shim.kind, fault, (size_t)(colon - fault));
    char *end;
    shim.nth = strtol(colon + 1, &end, 10);
    shim.ever_after = *end == '+';
    end += shim.ever_after;
    return shim.nth > 0 && *end == ':' && parse_how(end + 1);
}

__attribute__((constructor)) static void start(void)
{
    const char *fault = getenv("WAARBORG_FAULT");
    const char *log = getenv("WAARBORG_FAULT_LOG");
    shim.under = getenv("WAARBORG_FAULT_UNDER");
    if (log != NULL)
        shim.log_fd = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (shim.under == NULL || (log != NULL && shim.log_fd < 0) ||
        (fault != NULL && !parse(fault))) {
        fprintf(stderr, "shim: WAARBORG_FAULT_UNDER, _LOG or WAARBORG_FAULT is not right\n");
        _exit(99);
    }
}

/* ---- which file ---- */

/* The path behind fd, or behind name in the directory fd; "" when there is none. */
static void path_of(int fd, const char *name, char ret[static PATH_MAX])
{
    char link[32];
    ssize_t length = 0;
    ret[0] = '\0';
    if (name == NULL || name[0] != '/') {
        if (fd == AT_FDCWD)
            snprintf(link, sizeof link, "/proc/self/cwd");
        else
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        length = readlink(link, ret, PATH_MAX - 1);
        if (length < 0)
            length = 0;
        ret[length] = '\0';
    }
    if (name == NULL || strcmp(name, ".") == 0)
        return;
    if (name[0] != '/' && length > 0 && length < PATH_MAX - 1)
        ret[length++] = '/';
    snprintf(ret + length, PATH_MAX - (size_t)length, "%s", name);
}

static bool is_watched(const char *path)
{
    size_t length = strlen(path);
    for (const char *next = shim.under; next != NULL && path[0] == '/';) {
        const char *colon = strchr(next, ':');
        size_t size = colon == NULL ? strlen(next) : (size_t)(colon - next);
        bool below = size > 0 && next[size - 1] == '/';
        if (below && length >= size && strncmp(path, next, size) == 0)
            return true;
        size -= below;
        if (length == size && strncmp(path, next, size) == 0)
            return true;
        next = colon == NULL ? NULL : colon + 1;
    }
    return false;
}

/* ---- what becomes of it ---- */

static enum verdict judge(const char *kind, int fd, const char *name)
{
    char path[PATH_MAX];
    int saved = errno;
    path_of(fd, name, path);
    errno = saved;
    if (!is_watched(path))
        return PASS;
    pthread_mutex_lock(&mutex);
    bool counts = strcmp(shim.kind, kind) == 0 || strcmp(shim.kind, "any") == 0;
    shim.seen += counts;
    bool now = counts && (shim.ever_after ? shim.seen >= shim.nth : shim.seen == shim.nth);
    if (shim.log_fd >= 0) {
        char line[PATH_MAX + 32];
        int length = snprintf(line, sizeof line, "%s %s%s\n", kind, path, now ? " failed" : "");
        if (REAL(write)(shim.log_fd, line, (size_t)length) != length)
            _exit(99);
    }
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return now ? shim.how : PASS;
}

/* ---- what fsync loses ---- */

static bool is_writable(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

static off_t *safe_size(const struct stat *st)
{
    size_t i = 0;
    while (i < safe_count && (safe[i].device != st->st_dev || safe[i].inode != st->st_ino))
        i++;
    if (i == sizeof safe / sizeof safe[0])
        _exit(99);
    safe_count += i == safe_count;
    safe[i].device = st->st_dev;
    safe[i].inode = st->st_ino;
    return &safe[i].size;
}

/* What a file holds now is on the disk: after fsync, and when it is opened. */
static void remember(int fd)
{
    int saved = errno;
    struct stat st;
    if (is_writable(fd) && REAL(fstat)(fd, &st) == 0) {
        pthread_mutex_lock(&mutex);
        *safe_size(&st) = st.st_size;
        pthread_mutex_unlock(&mutex);
    }
    errno = saved;
}

static void lose(int fd)
{
    struct stat st;
    if (!is_writable(fd) || REAL(fstat)(fd, &st) < 0)
        return;
    pthread_mutex_lock(&mutex);
    for (off_t at = *safe_size(&st); at < st.st_size; at++)
        if (REAL(pwrite)(fd, "", 1, at) != 1)
            _exit(99);
    pthread_mutex_unlock(&mutex);
}

static int opened(int fd)
{
    if (fd >= 0)
        remember(fd);
    return fd;
}

/* ---- the calls ---- */

/* A call that returns 0 or a number, and -1 on failure. */
#define TELL(kind, fd, name, call)                    \
    do {                                              \
        enum verdict verdict = judge(kind, fd, name); \
        if (verdict == PASS || verdict == SHORT)      \
            return call;                              \
        if (verdict == LATE && call < 0)              \
            return -1;                                \
        errno = shim.error;                           \
        return -1;                                    \
    } while (0)

/* Bytes: one byte cannot be half given. */
#define TELL_BYTES(kind, fd, count, call)             \
    do {                                              \
        size_t size = count;                          \
        enum verdict verdict = judge(kind, fd, NULL); \
        if (verdict == SHORT && size > 1)             \
            size /= 2;                                \
        if (verdict == PASS || verdict == SHORT)      \
            return call;                              \
        if (verdict == LATE && call < 0)              \
            return -1;                                \
        errno = shim.error;                           \
        return -1;                                    \
    } while (0)

#define MODE_OF(flags)                            \
    mode_t mode = 0;                              \
    if (((flags) & (O_CREAT | O_TMPFILE)) != 0) { \
        va_list rest;                             \
        va_start(rest, flags);                    \
        mode = va_arg(rest, mode_t);              \
        va_end(rest);                             \
    }

#define OPEN(function)                                        \
    int function(const char *path, int flags, ...)            \
    {                                                         \
        MODE_OF(flags)                                        \
        if (judge("open", AT_FDCWD, path) == PASS)            \
            return opened(REAL(function)(path, flags, mode)); \
        errno = shim.error;                                   \
        return -1;                                            \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(function)                                          \
    int function(int fd, const char *path, int flags, ...)        \
    {                                                             \
        MODE_OF(flags)                                            \
        if (judge("open", fd, path) == PASS)                      \
            return opened(REAL(function)(fd, path, flags, mode)); \
        errno = shim.error;                                       \
        return -1;                                                \
    }
OPENAT(openat)
OPENAT(openat64)

int rename(const char *from, const char *to)
{
    TELL("rename", AT_FDCWD, from, REAL(rename)(from, to));
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    TELL("rename", from_fd, from, REAL(renameat)(from_fd, from, to_fd, to));
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
    TELL("rename", from_fd, from, REAL(renameat2)(from_fd, from, to_fd, to, flags));
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    TELL("link", from_fd, from, REAL(linkat)(from_fd, from, to_fd, to, flags));
}

int unlink(const char *path)
{
    TELL("unlink", AT_FDCWD, path, REAL(unlink)(path));
}

int unlinkat(int fd, const char *path, int flags)
{
    TELL("unlink", fd, path, REAL(unlinkat)(fd, path, flags));
}

int mkdir(const char *path, mode_t mode)
{
    TELL("mkdir", AT_FDCWD, path, REAL(mkdir)(path, mode));
}

int mkdirat(int fd, const char *path, mode_t mode)
{
    TELL("mkdir", fd, path, REAL(mkdirat)(fd, path, mode));
}

int access(const char *path, int how)
{
    TELL("access", AT_FDCWD, path, REAL(access)(path, how));
}

int faccessat(int fd, const char *path, int how, int flags)
{
    TELL("access", fd, path, REAL(faccessat)(fd, path, how, flags));
}

int lstat(const char *path, struct stat *st)
{
    TELL("stat", AT_FDCWD, path, REAL(lstat)(path, st));
}

int stat(const char *path, struct stat *st)
{
    TELL("stat", AT_FDCWD, path, REAL(stat)(path, st));
}

int fstatat(int fd, const char *path, struct stat *st, int flags)
{
    TELL("stat", fd, path, REAL(fstatat)(fd, path, st, flags));
}

int fstat(int fd, struct stat *st)
{
    TELL("stat", fd, NULL, REAL(fstat)(fd, st));
}

ssize_t read(int fd, void *buffer, size_t count)
{
    TELL_BYTES("read", fd, count, REAL(read)(fd, buffer, size));
}

ssize_t pread(int fd, void *buffer, size_t count, off_t at)
{
    TELL_BYTES("pread", fd, count, REAL(pread)(fd, buffer, size, at));
}

ssize_t pread64(int fd, void *buffer, size_t count, off_t at)
{
    TELL_BYTES("pread", fd, count, REAL(pread64)(fd, buffer, size, at));
}

ssize_t write(int fd, const void *buffer, size_t count)
{
    TELL_BYTES("write", fd, count, REAL(write)(fd, buffer, size));
}

ssize_t pwrite(int fd, const void *buffer, size_t count, off_t at)
{
    TELL_BYTES("pwrite", fd, count, REAL(pwrite)(fd, buffer, size, at));
}

ssize_t pwrite64(int fd, const void *buffer, size_t count, off_t at)
{
    TELL_BYTES("pwrite", fd, count, REAL(pwrite64)(fd, buffer, size, at));
}

int ftruncate(int fd, off_t size)
{
    TELL("ftruncate", fd, NULL, REAL(ftruncate)(fd, size));
}

int ftruncate64(int fd, off_t size)
{
    TELL("ftruncate", fd, NULL, REAL(ftruncate64)(fd, size));
}

int flock(int fd, int operation)
{
    const char *kind = (operation & LOCK_UN) != 0   ? "unlock"
                       : (operation & LOCK_SH) != 0 ? "flock-read"
                                                    : "flock";
    TELL(kind, fd, NULL, REAL(flock)(fd, operation));
}

static int sync_with(int (*sync)(int), int fd)
{
    enum verdict verdict = judge("fsync", fd, NULL);
    if (verdict == FAIL) {
        if (shim.error != EINTR)
            lose(fd);
    } else {
        if (sync(fd) < 0)
            return -1;
        remember(fd);
        if (verdict != LATE)
            return 0;
    }
    errno = shim.error;
    return -1;
}

int fsync(int fd)
{
    return sync_with(REAL(fsync), fd);
}

int fdatasync(int fd)
{
    return sync_with(REAL(fdatasync), fd);
}

int close(int fd)
{
    enum verdict verdict = judge(is_writable(fd) ? "close" : "close-read", fd, NULL);
    int result = REAL(close)(fd);
    if (verdict == PASS || verdict == SHORT)
        return result;
    errno = shim.error;
    return -1;
}

struct dirent *readdir(DIR *dir)
{
    if (judge("readdir", dirfd(dir), NULL) == PASS)
        return REAL(readdir)(dir);
    errno = shim.error;
    return NULL;
}
