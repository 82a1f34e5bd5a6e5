/* The system calls below are this program's own: they do the real thing, or fail on demand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/file.h"
#include "common/memory.h"

enum call { CALL_NONE, CALL_WRITE, CALL_FSYNC, CALL_CLOSE, CALL_RENAME, CALL_LINK };

/* The calls number `first`, first + 1, ... (`count` of them) of this kind fail with `error`; a
 * write with error 0 writes one byte. */
struct fault {
    enum call call;
    int first, count, error;
};

static struct fault fault;
static bool interrupted;

static bool strikes(enum call call)
{
    if (fault.call != call || fault.count == 0)
        return false;
    if (fault.first > 0) {
        fault.first--;
        return false;
    }
    fault.count--;
    interrupted = true;
    errno = fault.error;
    return true;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    if (strikes(CALL_WRITE)) {
        if (fault.error != 0)
            return -1;
        length = length > 1 ? 1 : length;
    }
    return syscall(SYS_write, fd, bytes, length);
}

int fsync(int fd)
{
    return strikes(CALL_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int close(int fd)
{
    int result = (int)syscall(SYS_close, fd);
    return strikes(CALL_CLOSE) ? -1 : result;
}

int renameat2(int old_fd, const char *old, int new_fd, const char *new, unsigned int flags)
{
    if (strikes(CALL_RENAME))
        return -1;
    return (int)syscall(SYS_renameat2, old_fd, old, new_fd, new, flags);
}

int linkat(int old_fd, const char *old, int new_fd, const char *new, int flags)
{
    if (strikes(CALL_LINK))
        return -1;
    return (int)syscall(SYS_linkat, old_fd, old, new_fd, new, flags);
}

/* ---- a directory for each test ---- */

struct place {
    char path[64];
    int fd;
};

static int set_up(void **state)
{
    struct place *p = memory_alloc(sizeof *p);
    snprintf(p->path, sizeof p->path, "/tmp/waarborg-file-XXXXXX");
    assert_non_null(mkdtemp(p->path));
    p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(p->fd >= 0);
    *state = p;
    return 0;
}

/* Counts the entries; remove: takes them away too (one level of directories). */
static size_t entries(const struct place *p, bool remove)
{
    size_t count = 0;
    DIR *dir = opendir(p->path);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) { // NOLINT(concurrency-mt-unsafe)
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        count++;
        if (remove && unlinkat(p->fd, e->d_name, 0) < 0)
            unlinkat(p->fd, e->d_name, AT_REMOVEDIR);
    }
    closedir(dir);
    return count;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    fault = (struct fault){0};
    entries(p, true);
    close(p->fd);
    rmdir(p->path);
    free(p);
    return 0;
}

static void put(const struct place *p, const char *name, const char *content)
{
    int fd = openat(p->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
}

static void expect_content(const struct place *p, const char *name, const char *content)
{
    struct error err = {0};
    CLEANUP(text_free) struct text text = {0};
    assert_true(file_read(p->fd, name, 1000, &text, &err));
    assert_string_equal(text_get(&text), content);
}

/* ---- new files ---- */

static const struct {
    const char *name;
    struct fault fault;
    const char *fails_in; /* NULL: all goes well */
    int sys_errno;
} fault_cases[] = {
    {"no fault", {0}, NULL, 0},
    {"interrupted write", {CALL_WRITE, 1, 3, EINTR}, NULL, 0},
    {"short writes", {CALL_WRITE, 0, 5, 0}, NULL, 0},
    {"interrupted fsync", {CALL_FSYNC, 0, 2, EINTR}, NULL, 0},
    {"interrupted close", {CALL_CLOSE, 1, 1, EINTR}, NULL, 0},
    {"no RENAME_NOREPLACE in the filesystem", {CALL_RENAME, 0, 1, EINVAL}, NULL, 0},
    {"no RENAME_NOREPLACE in the kernel", {CALL_RENAME, 0, 1, ENOSYS}, NULL, 0},
    {"disk full at the first write", {CALL_WRITE, 0, 1, ENOSPC}, "write", ENOSPC},
    {"disk full at the last write", {CALL_WRITE, 2, 1, ENOSPC}, "write", ENOSPC},
    {"disk error at fsync, then fine", {CALL_FSYNC, 0, 1, EIO}, "read back", EIO},
    {"disk error at the second fsync", {CALL_FSYNC, 1, 1, EIO}, "publish", EIO},
    {"quota seen at close", {CALL_CLOSE, 1, 1, EDQUOT}, "publish", EDQUOT},
    {"rename fails", {CALL_RENAME, 0, 1, EIO}, "publish", EIO},
    {"directory cannot be synced", {CALL_FSYNC, 2, 1, EIO}, "publish", EIO},
};

/* The name of the step that failed, NULL when none did. */
static const char *make_file(const struct place *p, struct error *err)
{
    char piece[100000];
    char hex[DIGEST_HEX_SIZE];
    char expected[DIGEST_HEX_SIZE];
    uint64_t bytes = 0;
    struct error other = {0};
    CLEANUP(new_file_discard) struct new_file *f = NULL;
    CLEANUP(digest_free) struct digest *d = NULL;
    assert_true(digest_new(&d, &other));
    if (!new_file_create(p->fd, "S", &f, err))
        return "create";
    for (int i = 0; i < 3; i++) {
        memset(piece, 'a' + i, sizeof piece);
        assert_true(digest_add(d, piece, sizeof piece, &other));
        if (!new_file_write(f, piece, sizeof piece, err)) {
            assert_false(new_file_read_back(f, &bytes, hex, &other));
            assert_false(new_file_publish(f, &other)); /* also when the disk is fine again */
            return "write";
        }
    }
    assert_true(digest_finish_hex(d, expected, &other));
    assert_int_equal(new_file_size(f), 3 * sizeof piece);
    if (!new_file_read_back(f, &bytes, hex, err)) {
        assert_false(new_file_publish(f, &other));
        return "read back";
    }
    assert_int_equal(bytes, 3 * sizeof piece);
    assert_string_equal(hex, expected);
    assert_true(faccessat(p->fd, "S", F_OK, 0) < 0); /* not before publish */
    if (!new_file_publish(f, err)) {
        assert_false(new_file_publish(f, &other));
        return "publish";
    }
    assert_true(file_digest(p->fd, "S", &bytes, hex, &other));
    assert_int_equal(bytes, 3 * sizeof piece);
    assert_string_equal(hex, expected);
    return NULL;
}

static void test_new_file_whole_or_not_at_all(void **state)
{
    const struct place *p = *state;
    for (size_t i = 0; i < COUNT_OF(fault_cases); i++) {
        struct error err = {0};
        struct stat st;
        print_message("case: %s\n", fault_cases[i].name);
        fault = fault_cases[i].fault;
        interrupted = false;
        const char *failed = make_file(p, &err);
        fault = (struct fault){0};
        assert_int_equal(interrupted, fault_cases[i].fault.call != CALL_NONE);
        if (fault_cases[i].fails_in == NULL) {
            assert_null(failed);
            assert_int_equal(entries(p, false), 1);
            assert_int_equal(fstatat(p->fd, "S", &st, 0), 0);
            assert_int_equal(st.st_mode & 07777, 0600);
            entries(p, true);
        } else {
            assert_non_null(failed);
            assert_string_equal(failed, fault_cases[i].fails_in);
            assert_int_equal(err.kind, ERR_IO);
            assert_int_equal(err.sys_errno, fault_cases[i].sys_errno);
            assert_int_equal(entries(p, false), 0);
        }
    }
}

static void test_publish_never_replaces(void **state)
{
    const struct place *p = *state;
    static const int rename_errors[] = {0, EINVAL}; /* EINVAL: by way of linkat */
    put(p, "S", "older");
    for (size_t i = 0; i < COUNT_OF(rename_errors); i++) {
        struct error err = {0};
        CLEANUP(new_file_discard) struct new_file *f = NULL;
        assert_true(new_file_create(p->fd, "S", &f, &err));
        assert_true(new_file_write(f, "newer", 5, &err));
        if (rename_errors[i] != 0)
            fault = (struct fault){CALL_RENAME, 0, 1, rename_errors[i]};
        assert_false(new_file_publish(f, &err));
        assert_int_equal(err.sys_errno, EEXIST);
        new_file_discard(&f);
        expect_content(p, "S", "older");
        assert_int_equal(entries(p, false), 1);
    }
}

static void test_temporary_name_is_watched(void **state)
{
    const struct place *p = *state;
    static const char *const cases[] = {"another file", "a symbolic link", "nothing"};
    put(p, "elsewhere", "forged");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        struct error err_publish = {0};
        uint64_t bytes = 77;
        char hex[DIGEST_HEX_SIZE] = "untouched";
        CLEANUP(new_file_discard) struct new_file *f = NULL;
        print_message("case: %s under the temporary name\n", cases[i]);
        assert_true(new_file_create(p->fd, "S", &f, &err));
        assert_true(new_file_write(f, "genuine", 7, &err));
        assert_int_equal(unlinkat(p->fd, ".S.tmp", 0), 0);
        if (i == 0)
            put(p, ".S.tmp", "forged!");
        else if (i == 1)
            assert_int_equal(symlinkat("elsewhere", p->fd, ".S.tmp"), 0);
        assert_false(new_file_read_back(f, &bytes, hex, &err));
        assert_int_equal(err.kind, i == 0 ? ERR_INTEGRITY : ERR_IO);
        assert_int_equal(bytes, 77);
        assert_string_equal(hex, "untouched");
        assert_false(new_file_publish(f, &err_publish));
        assert_true(faccessat(p->fd, "S", F_OK, AT_SYMLINK_NOFOLLOW) < 0);
    }
}

static void test_new_file_sees_lost_bytes(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    uint64_t bytes;
    char hex[DIGEST_HEX_SIZE];
    CLEANUP(new_file_discard) struct new_file *f = NULL;
    CLEANUP(memory_release) char *path = memory_format("%s/.S.tmp", p->path);
    assert_true(new_file_create(p->fd, "S", &f, &err));
    assert_true(new_file_write(f, "0123456789", 10, &err));
    assert_int_equal(truncate(path, 9), 0);
    assert_false(new_file_read_back(f, &bytes, hex, &err));
    assert_int_equal(err.kind, ERR_INTEGRITY);
}

static const struct {
    const char *name;
    const char *file;
    int sys_errno; /* 0: refused before any system call */
} name_cases[] = {
    {"empty", "", 0},     {"this directory", ".", 0},   {"above", "..", 0},
    {"a path", "a/b", 0}, {"absolute", "/tmp/evil", 0}, {"taken temporary name", "T", EEXIST},
};

static void test_names_that_are_refused(void **state)
{
    const struct place *p = *state;
    put(p, ".T.tmp", "left by a crash");
    for (size_t i = 0; i < COUNT_OF(name_cases); i++) {
        struct error err = {0};
        struct new_file *f = NULL;
        print_message("case: %s\n", name_cases[i].name);
        assert_false(new_file_create(p->fd, name_cases[i].file, &f, &err));
        assert_null(f);
        assert_int_equal(err.kind, name_cases[i].sys_errno == 0 ? ERR_USAGE : ERR_IO);
        assert_int_equal(err.sys_errno, name_cases[i].sys_errno);
    }
    expect_content(p, ".T.tmp", "left by a crash");
}

/* ---- replacing and removing ---- */

static const struct {
    const char *name;
    bool leftover;
    struct fault fault;
    bool replaced;
} replace_cases[] = {
    {"no fault", false, {0}, true},
    {"a temporary file is left from a crash", true, {0}, true},
    {"disk full", false, {CALL_WRITE, 0, 1, ENOSPC}, false},
    {"disk error at fsync", true, {CALL_FSYNC, 0, 1, EIO}, false},
    {"error at close", false, {CALL_CLOSE, 0, 1, EIO}, false},
};

static void test_replace_keeps_old_or_gives_new(void **state)
{
    const struct place *p = *state;
    for (size_t i = 0; i < COUNT_OF(replace_cases); i++) {
        struct error err = {0};
        print_message("case: %s\n", replace_cases[i].name);
        entries(p, true);
        put(p, "metrics", "old");
        if (replace_cases[i].leftover)
            put(p, ".metrics.tmp", "half");
        fault = replace_cases[i].fault;
        bool done = file_replace(p->fd, "metrics", "new", 3, &err);
        fault = (struct fault){0};
        assert_int_equal(done, replace_cases[i].replaced);
        expect_content(p, "metrics", done ? "new" : "old");
        assert_int_equal(entries(p, false), 1);
    }
}

static void test_replace_creates_and_remove_removes(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    assert_true(file_replace(p->fd, "a", "", 0, &err));
    expect_content(p, "a", "");
    assert_true(file_remove(p->fd, "a", &err));
    assert_int_equal(entries(p, false), 0);
    assert_true(file_remove(p->fd, "a", &err)); /* not there: fine */
    fault = (struct fault){CALL_FSYNC, 0, 1, EIO};
    assert_false(file_remove(p->fd, "a", &err));
    assert_int_equal(err.sys_errno, EIO);
    assert_false(file_replace(p->fd, "a/b", "", 0, &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

/* ---- reading ---- */

static const struct {
    const char *name;
    const char *file;
    size_t max_bytes;
    int sys_errno; /* -1: refused for another reason; 0: read */
} read_cases[] = {
    {"smaller than the limit", "five", 6, 0},
    {"as long as the limit", "five", 5, 0},
    {"longer than the limit", "five", 4, EFBIG},
    {"nothing in it", "empty", 0, 0},
    {"not there", "none", 10, ENOENT},
    {"symbolic link", "link", 10, ELOOP},
    {"directory", "dir", 10, -1},
    {"FIFO nobody writes to", "fifo", 10, -1},
};

static void test_file_read(void **state)
{
    const struct place *p = *state;
    put(p, "five", "12345");
    put(p, "empty", "");
    assert_int_equal(symlinkat("five", p->fd, "link"), 0);
    assert_int_equal(mkdirat(p->fd, "dir", 0700), 0);
    assert_int_equal(mkfifoat(p->fd, "fifo", 0600), 0);
    for (size_t i = 0; i < COUNT_OF(read_cases); i++) {
        struct error err = {0};
        uint64_t bytes = 0;
        char hex[DIGEST_HEX_SIZE];
        CLEANUP(text_free) struct text text = {0};
        text_add(&text, "before");
        print_message("case: %s\n", read_cases[i].name);
        bool done = file_read(p->fd, read_cases[i].file, read_cases[i].max_bytes, &text, &err);
        assert_int_equal(done, read_cases[i].sys_errno == 0);
        if (done) {
            assert_string_equal(text_get(&text), text.length == 0 ? "" : "12345");
            text_add(&text, "more"); /* a text like any other */
            continue;
        }
        assert_string_equal(text_get(&text), "before");
        assert_int_equal(err.kind, ERR_IO);
        if (read_cases[i].sys_errno > 0)
            assert_int_equal(err.sys_errno, read_cases[i].sys_errno);
        if (read_cases[i].sys_errno != EFBIG)
            assert_false(file_digest(p->fd, read_cases[i].file, &bytes, hex, &err));
    }
}

static void test_make_dir(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    struct stat st;
    put(p, "file", "");
    for (int round = 0; round < 2; round++) { /* the second time it is there */
        int fd = -1;
        assert_true(file_make_dir(p->fd, "2026-09", &fd, &err));
        assert_int_equal(fstat(fd, &st), 0);
        assert_true(S_ISDIR(st.st_mode));
        assert_int_equal(st.st_mode & 07777, 0700);
        file_close(&fd);
    }
    int fd = -1;
    assert_false(file_make_dir(p->fd, "file", &fd, &err));
    assert_int_equal(err.sys_errno, ENOTDIR);
    fault = (struct fault){CALL_FSYNC, 0, 1, EIO};
    assert_false(file_make_dir(p->fd, "2026-10", &fd, &err));
    assert_int_equal(err.sys_errno, EIO);
    assert_int_equal(fd, -1);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_PLACE(test_new_file_whole_or_not_at_all),
        IN_PLACE(test_publish_never_replaces),
        IN_PLACE(test_temporary_name_is_watched),
        IN_PLACE(test_new_file_sees_lost_bytes),
        IN_PLACE(test_names_that_are_refused),
        IN_PLACE(test_replace_keeps_old_or_gives_new),
        IN_PLACE(test_replace_creates_and_remove_removes),
        IN_PLACE(test_file_read),
        IN_PLACE(test_make_dir),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
