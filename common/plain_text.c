#include "common/plain_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/config_scan.h"
#include "common/file.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

size_t plain_text_indent(const char *line, size_t length)
{
    size_t n = 0;
    while (n < length && is_blank(line[n]))
        n++;
    return n;
}

size_t plain_text_trimmed(const char *line, size_t length)
{
    while (length > 0 && is_blank(line[length - 1]))
        length--;
    return length;
}

/* ---- reading ---- */

static bool refuse(const char *name, struct error *err)
{
    int saved = errno;
    (void)error_set_errno(err, "%s cannot be read", name);
    if (saved == ENOENT || saved == EACCES || saved == ENOTDIR || saved == EISDIR ||
        saved == ELOOP || saved == ENAMETOOLONG || saved == EBADF)
        err->kind = ERR_USAGE; /* anything else is the disk's fault */
    return false;
}

bool plain_text_read(const char *path, size_t max_bytes, struct text *ret, struct error *err)
{
    CLEANUP(text_free) struct text bytes = {0};
    CLEANUP(file_close) int opened = -1;
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    if (!standard && (opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0)
        return refuse(name, err);
    for (;;) {
        char block[16384];
        ssize_t n = read(standard ? STDIN_FILENO : opened, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse(name, err);
        if (n == 0)
            break;
        text_add_bytes(&bytes, block, (size_t)n);
        if (bytes.length > max_bytes) {
            (void)error_set(err, ERR_USAGE, "%s is larger than %zu KiB; give a shorter one", name,
                            max_bytes / 1024);
            err->sys_errno = EFBIG;
            return false;
        }
    }
    text_free(ret);
    *ret = bytes;
    bytes = (struct text){0};
    return true;
}

/* ---- lines ---- */

bool plain_text_next(struct plain_text_lines *lines, struct plain_text_line *ret)
{
    if (lines->number == 0 && lines->left >= 3 && memcmp(lines->next, "\xef\xbb\xbf", 3) == 0) {
        lines->next += 3;
        lines->left -= 3;
    }
    if (lines->left == 0)
        return false;
    const char *end = memchr(lines->next, '\n', lines->left);
    size_t length = end == NULL ? lines->left : (size_t)(end - lines->next);
    size_t step = end == NULL ? length : length + 1;
    *ret = (struct plain_text_line){lines->next, length, ++lines->number, end != NULL};
    if (end != NULL && length > 0 && lines->next[length - 1] == '\r')
        ret->length--;
    lines->next += step;
    lines->left -= step;
    return true;
}

const char *plain_text_fault(const char *line, size_t length)
{
    bool clean = true;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return "holds a control character; letters, signs, blanks and tabs are allowed";
    }
    for (size_t from = 0; clean && from <= length;) {
        const char *tab = memchr(line + from, '\t', length - from);
        size_t piece = tab == NULL ? length - from : (size_t)(tab - line) - from;
        clean = config_scan_is_clean(line + from, piece);
        from += piece + 1;
    }
    return clean ? NULL : "is not clean UTF-8 text; save it as UTF-8";
}
