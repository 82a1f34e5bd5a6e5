#include "common/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/fault_point.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/text.h"

enum {
    LONGEST_LINE = 4 * 1024 * 1024, /* a reader need not hold more, whatever the file is */
    BLOCK_SIZE = 64 * 1024,
};

static const char first_prev[] = "0000000000000000000000000000000000000000000000000000000000000000";

struct journal {
    int fd;
    char *path;
};

/* What the next line follows. */
struct tail {
    uint64_t seq;
    char digest[DIGEST_HEX_SIZE];
    off_t end; /* after the newline of the last whole line */
};

static bool lock_file(int fd, int operation)
{
    int result;
    do
        result = flock(fd, operation);
    while (result < 0 && errno == EINTR);
    return result == 0;
}

/* For CLEANUP of a borrowed descriptor; -1 means that no lock is held. */
static void release_lock(int *fd)
{
    if (*fd >= 0)
        (void)flock(*fd, LOCK_UN);
}

static bool sync_fd(int fd)
{
    int result;
    do
        result = fsync(fd);
    while (result < 0 && errno == EINTR);
    return result == 0;
}

static bool read_at(int fd, void *buffer, size_t size, off_t at, size_t *ret_length)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = pread(fd, (char *)buffer + done, size - done, at + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *ret_length = done;
    return true;
}

/* ---- opening ---- */

static bool sync_parent(const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    CLEANUP(memory_release)
    char *parent = slash == NULL   ? memory_copy_text(".")
                   : slash == path ? memory_copy_text("/")
                                   : memory_format("%.*s", (int)(slash - path), path);
    CLEANUP(file_close) int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || !sync_fd(fd))
        return error_set_errno(err, "fsync of the directory of journal %s", path);
    return true;
}

static bool open_file(const char *path, int flags, int *ret_fd, struct error *err)
{
    /* O_NONBLOCK: a FIFO under that name must be refused, not waited for. */
    CLEANUP(file_close)
    int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    struct stat st;
    if (fd < 0 && errno == ENOENT && (flags & O_CREAT) == 0) {
        (void)error_set(err, ERR_INTEGRITY,
                        "journal %s is not there: put it back from a backup; without it nothing "
                        "proves what was disposed of",
                        path);
        err->sys_errno = ENOENT;
        return false;
    }
    if (fd < 0 || fstat(fd, &st) < 0)
        return error_set_errno(err, "open journal %s", path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERR_IO, "journal %s is not a regular file", path);
    *ret_fd = file_take(&fd);
    return true;
}

bool journal_open(const char *path, bool create, struct journal **ret, struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    if (!open_file(path, create ? O_RDWR | O_CREAT : O_RDWR, &fd, err))
        return false;
    /* Also when it was there: whoever made it, or wrote its last line, may have been killed before
     * this; what we read and build upon must not be lost with the power. */
    if (!sync_fd(fd))
        return error_set_errno(err, "fsync of journal %s", path);
    FAULT_POINT("journal.made");
    if (!sync_parent(path, err))
        return false;
    FAULT_POINT("journal.opened");
    struct journal *j = memory_alloc(sizeof *j);
    j->fd = file_take(&fd);
    j->path = memory_copy_text(path);
    *ret = j;
    return true;
}

void journal_close(struct journal **j)
{
    if (*j == NULL)
        return;
    file_close(&(*j)->fd);
    free((*j)->path);
    free(*j);
    *j = NULL;
}

/* ---- one line ---- */

/* number 0: the last line, of which only the line itself says which number it is. */
static bool bad_line(const char *path, uint64_t number, const char *why, struct error *err)
{
    if (number == 0)
        return error_set(err, ERR_INTEGRITY, "journal %s, last line: %s", path, why);
    return error_set(err, ERR_INTEGRITY, "journal %s, line %ju: %s", path, (uintmax_t)number, why);
}

static bool parse_line(const char *path, uint64_t number, const char *bytes, size_t length,
                       json_t **ret, struct error *err)
{
    CLEANUP(json_decrefp) json_t *line = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
    /* jansson passes over a NUL behind a number; other readers do not. */
    if (!json_is_object(line) || memchr(bytes, '\0', length) != NULL)
        return bad_line(path, number, "it is not a JSON object", err);
    const json_t *seq = json_object_get(line, "seq");
    const json_t *prev = json_object_get(line, "prev");
    /* INT64_MAX: no line could follow. */
    if (!json_is_integer(seq) || json_integer_value(seq) < 1 ||
        json_integer_value(seq) == INT64_MAX || !json_is_string(prev) ||
        !json_is_string(json_object_get(line, "at")) ||
        !json_is_string(json_object_get(line, "event")))
        return bad_line(path, number, "seq, at, event or prev is missing or has the wrong type",
                        err);
    *ret = line;
    line = NULL;
    return true;
}

/* ---- appending ---- */

/* Looks backwards from `end` for a newline: *ret_at is the position after it, 0 when there is
 * none.  Gives up after LONGEST_LINE bytes. */
static bool find_line_start(const struct journal *j, off_t end, off_t *ret_at, struct error *err)
{
    CLEANUP(memory_release) char *block = memory_alloc(BLOCK_SIZE);
    off_t lowest = end > LONGEST_LINE + 1 ? end - LONGEST_LINE - 1 : 0;
    for (off_t high = end; high > lowest;) {
        off_t low = high - lowest > BLOCK_SIZE ? high - BLOCK_SIZE : lowest;
        size_t length;
        if (!read_at(j->fd, block, (size_t)(high - low), low, &length))
            return error_set_errno(err, "read journal %s", j->path);
        const char *newline = memrchr(block, '\n', length);
        if (newline != NULL) {
            *ret_at = low + (newline - block) + 1;
            return true;
        }
        high = low;
    }
    if (end > LONGEST_LINE)
        return error_set(err, ERR_INTEGRITY, "journal %s ends in a line of more than %d bytes",
                         j->path, LONGEST_LINE);
    *ret_at = 0;
    return true;
}

/* Always from the file: another process may have appended since. */
static bool read_tail(const struct journal *j, off_t size, struct tail *ret, struct error *err)
{
    struct tail tail = {0};
    memcpy(tail.digest, first_prev, sizeof tail.digest);
    if (!find_line_start(j, size, &tail.end, err))
        return false;
    if (tail.end == 0) {
        *ret = tail;
        return true;
    }
    off_t start;
    if (!find_line_start(j, tail.end - 1, &start, err))
        return false;
    size_t length = (size_t)(tail.end - 1 - start);
    size_t got;
    CLEANUP(memory_release) char *bytes = memory_alloc(length + 1);
    CLEANUP(json_decrefp) json_t *line = NULL;
    if (!read_at(j->fd, bytes, length, start, &got))
        return error_set_errno(err, "read journal %s", j->path);
    if (!parse_line(j->path, 0, bytes, got, &line, err) ||
        !digest_bytes_hex(bytes, got, tail.digest, err))
        return false;
    tail.seq = (uint64_t)json_integer_value(json_object_get(line, "seq"));
    *ret = tail;
    return true;
}

static bool make_line(const struct tail *tail, int64_t at, const char *event, const json_t *fields,
                      struct text *ret, struct error *err)
{
    static const char *const reserved[] = {"seq", "at", "event", "prev"};
    time_t instant = (time_t)at;
    struct tm tm;
    char iso[32];
    if (gmtime_r(&instant, &tm) == NULL || strftime(iso, sizeof iso, "%FT%TZ", &tm) == 0)
        return error_set(err, ERR_USAGE, "journal: %jd is no instant", (intmax_t)at);
    for (size_t i = 0; i < COUNT_OF(reserved); i++)
        if (json_object_get(fields, reserved[i]) != NULL)
            return error_set(err, ERR_USAGE, "journal: event %s may not bring its own \"%s\"",
                             event, reserved[i]);
    CLEANUP(json_decrefp)
    json_t *line =
        json_pack("{sI ss ss}", "seq", (json_int_t)tail->seq + 1, "at", iso, "event", event);
    /* update takes references only; fields are not changed. */
    if (line == NULL || (fields != NULL && json_object_update(line, (json_t *)fields) != 0) ||
        json_object_set_new(line, "prev", json_string(tail->digest)) != 0)
        return error_set(err, ERR_USAGE, "journal: event %s cannot be written as JSON", event);
    CLEANUP(memory_release) char *json = json_dumps(line, JSON_COMPACT);
    if (json == NULL)
        return error_set(err, ERR_USAGE, "journal: event %s cannot be written as JSON", event);
    if (strlen(json) > LONGEST_LINE) {
        (void)error_set(err, ERR_IO, "journal: event %s makes a line of more than %d bytes", event,
                        LONGEST_LINE);
        err->sys_errno = EFBIG;
        return false;
    }
    text_add(ret, json);
    text_add(ret, "\n");
    return true;
}

static bool write_line(const struct journal *j, const struct text *line, off_t at)
{
    size_t done = 0;
    while (done < line->length) {
        ssize_t n = pwrite(j->fd, line->data + done, line->length - done, at + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; /* POSIX leaves this open for files; never spin on it */
        if (n <= 0)
            return false;
        done += (size_t)n;
        FAULT_POINT("journal.wrote");
    }
    return sync_fd(j->fd);
}

/* A file put in its place (a restore, logrotate) must not leave us writing to one without a name.
 */
static bool check_in_place(const struct journal *j, off_t *ret_size, struct error *err)
{
    struct stat ours;
    struct stat there = {0};
    if (fstat(j->fd, &ours) < 0 || (lstat(j->path, &there) < 0 && errno != ENOENT))
        return error_set_errno(err, "look at journal %s", j->path);
    if (ours.st_nlink == 0 || ours.st_dev != there.st_dev || ours.st_ino != there.st_ino)
        return error_set(err, ERR_INTEGRITY,
                         "journal %s was replaced or removed while it was in use", j->path);
    *ret_size = ours.st_size;
    return true;
}

bool journal_append(struct journal *j, int64_t at, const char *event, const json_t *fields,
                    struct error *err)
{
    CLEANUP(text_free) struct text line = {0};
    struct tail tail;
    off_t size = 0;
    if (!lock_file(j->fd, LOCK_EX))
        return error_set_errno(err, "lock journal %s", j->path);
    CLEANUP(release_lock) int locked = j->fd;
    FAULT_POINT("journal.locked");
    if (!check_in_place(j, &size, err) || !read_tail(j, size, &tail, err) ||
        !make_line(&tail, at, event, fields, &line, err))
        return false;
    /* A torn line was never acknowledged: the power went before its fsync came back. */
    if (tail.end < size && ftruncate(j->fd, tail.end) < 0)
        return error_set_errno(err, "remove the torn last line of journal %s", j->path);
    FAULT_POINT("journal.trimmed");
    if (write_line(j, &line, tail.end)) {
        FAULT_POINT("journal.synced");
        return true;
    }
    (void)error_set_errno(err, "append to journal %s", j->path);
    /* The caller is told that the line is not there, so it must not come up later. */
    if (ftruncate(j->fd, tail.end) < 0 || !sync_fd(j->fd))
        (void)error_context(err, "the line may or may not be there");
    return false;
}

/* ---- reading ---- */

struct reading {
    const char *path;
    journal_visit *visit;
    journal_complain *complain; /* NULL: the first line that does not hold ends it */
    void *context;
    struct digest *digest;
    uint64_t lines;
    uint64_t seq; /* of the last line */
    char prev[DIGEST_HEX_SIZE];
    struct text rest; /* of a line whose newline was not seen yet */
};

static void reading_release(struct reading *r)
{
    digest_free(&r->digest);
    text_free(&r->rest);
}

static bool check_place(const struct reading *r, uint64_t number, const json_t *line,
                        struct error *err)
{
    if ((uint64_t)json_integer_value(json_object_get(line, "seq")) != r->seq + 1)
        return bad_line(r->path, number,
                        "its seq is another number: lines were removed, added or put in another "
                        "order",
                        err);
    if (strcmp(json_string_value(json_object_get(line, "prev")), r->prev) != 0)
        return bad_line(r->path, number,
                        number == 1 ? "the first line must have 64 zeros as prev"
                                    : "it does not follow the line before it: one of the two was "
                                      "changed",
                        err);
    return true;
}

/* true: the reading goes on. */
static bool tell(const struct reading *r, struct error *err)
{
    if (r->complain == NULL || err->kind != ERR_INTEGRITY)
        return false;
    r->complain(r->context, err->message);
    *err = (struct error){0};
    return true;
}

static bool take_line(struct reading *r, const char *bytes, size_t length, struct error *err)
{
    CLEANUP(json_decrefp) json_t *line = NULL;
    uint64_t number = r->lines + 1;
    if (length > LONGEST_LINE)
        return bad_line(r->path, number, "it is longer than any line this program writes", err);
    if (!(parse_line(r->path, number, bytes, length, &line, err) &&
          check_place(r, number, line, err)) &&
        !tell(r, err))
        return false;
    if (!digest_add(r->digest, bytes, length, err) || !digest_finish_hex(r->digest, r->prev, err))
        return false;
    r->lines = number;
    r->seq = line == NULL ? r->seq + 1 : (uint64_t)json_integer_value(json_object_get(line, "seq"));
    return line == NULL || r->visit == NULL || r->visit(r->context, number, line, err) ||
           tell(r, err);
}

static bool take_block(struct reading *r, const char *block, size_t length, struct error *err)
{
    while (length > 0) {
        const char *newline = memchr(block, '\n', length);
        size_t piece = newline == NULL ? length : (size_t)(newline - block);
        if (newline == NULL || r->rest.length > 0)
            text_add_bytes(&r->rest, block, piece);
        if (r->rest.length > LONGEST_LINE)
            return take_line(r, text_get(&r->rest), r->rest.length, err); /* refuses it */
        if (newline == NULL)
            return true;
        if (r->rest.length == 0 ? !take_line(r, block, piece, err)
                                : !take_line(r, r->rest.data, r->rest.length, err))
            return false;
        text_clear(&r->rest);
        block += piece + 1;
        length -= piece + 1;
    }
    return true;
}

/* The size under the lock, so that a line that is being appended is not taken for a torn one; the
 * lock is not kept, because reading takes long and appending must not wait.  A copy may lie on a
 * filesystem without locks: nobody appends there. */
static bool settled_size(int fd, off_t *ret_size)
{
    struct stat st;
    (void)lock_file(fd, LOCK_SH);
    CLEANUP(release_lock) int locked = fd;
    if (fstat(fd, &st) < 0)
        return false;
    *ret_size = st.st_size;
    return true;
}

bool journal_examine(const char *path, journal_visit *visit, journal_complain *complain,
                     void *context, uint64_t *ret_lines, uint64_t *ret_torn, struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    CLEANUP(reading_release)
    struct reading r = {.path = path, .visit = visit, .complain = complain, .context = context};
    CLEANUP(memory_release) char *block = memory_alloc(BLOCK_SIZE);
    off_t size;
    memcpy(r.prev, first_prev, sizeof r.prev);
    if (!open_file(path, O_RDONLY, &fd, err) || !digest_new(&r.digest, err))
        return false;
    if (!settled_size(fd, &size))
        return error_set_errno(err, "read journal %s", path);
    for (off_t at = 0; at < size;) {
        size_t want = size - at > BLOCK_SIZE ? BLOCK_SIZE : (size_t)(size - at);
        size_t length;
        if (!read_at(fd, block, want, at, &length))
            return error_set_errno(err, "read journal %s", path);
        if (length == 0)
            break; /* a torn line was removed meanwhile */
        if (!take_block(&r, block, length, err))
            return false;
        at += (off_t)length;
    }
    *ret_lines = r.lines;
    *ret_torn = r.rest.length;
    return true;
}

bool journal_read(const char *path, journal_visit *visit, void *context, uint64_t *ret_lines,
                  uint64_t *ret_torn, struct error *err)
{
    return journal_examine(path, visit, NULL, context, ret_lines, ret_torn, err);
}
