/* Appending to a journal.  pwrite and fsync below are this program's own: they do the real thing,
 * or fail on demand. */
#include "tests/unit/journal_place.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum call { CALL_NONE, CALL_PWRITE, CALL_FSYNC };

/* The calls number `first`, first + 1, ... (`count` of them) of this kind fail with `error`; a
 * pwrite with error 0 writes five bytes. */
struct fault {
    enum call call;
    int first, count, error;
};

static struct fault fault;

static bool strikes(enum call call)
{
    if (fault.call != call || fault.count == 0)
        return false;
    if (fault.first > 0) {
        fault.first--;
        return false;
    }
    fault.count--;
    errno = fault.error;
    return true;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    if (strikes(CALL_PWRITE)) {
        if (fault.error != 0)
            return -1;
        length = length > 5 ? 5 : length;
        /* The next one fails: half a line is on the disk. */
        fault = (struct fault){CALL_PWRITE, 0, 1, ENOSPC};
    }
    return syscall(SYS_pwrite64, fd, bytes, length, at);
}

int fsync(int fd)
{
    return strikes(CALL_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

/* ---- torn lines ---- */

static const struct {
    const char *name;
    int lines;
    const char *torn;
    size_t zeros; /* what some filesystems leave after a power cut */
} torn_cases[] = {
    {"first line", 0, "{\"seq\":1,\"at", 0},
    {"a brace", 3, "{", 0},
    {"a line that lacks only its newline", 2, "{\"seq\":3}", 0},
    {"zeros", 2, "", 4096},
    {"zeros over several blocks", 2, "{\"seq\":3", 300000},
};

static void test_torn_line_goes_with_the_next_append(void **state)
{
    const struct place *p = *state;
    for (size_t i = 0; i < COUNT_OF(torn_cases); i++) {
        struct error err = {0};
        uint64_t torn = 0;
        CLEANUP(journal_close) struct journal *j = NULL;
        CLEANUP(text_free) struct text content = {0};
        CLEANUP(memory_release) char *zeros = memory_alloc(torn_cases[i].zeros);
        print_message("case: %s\n", torn_cases[i].name);
        unlink(p->path);
        fill(p, torn_cases[i].lines);
        load(p, &content);
        text_add(&content, torn_cases[i].torn);
        text_add_bytes(&content, zeros, torn_cases[i].zeros);
        store(p, &content);
        assert_int_equal(count_lines(p, &torn), torn_cases[i].lines);
        assert_int_equal(torn, strlen(torn_cases[i].torn) + torn_cases[i].zeros);
        assert_true(journal_open(p->path, false, &j, &err));
        assert_int_equal(count_lines(p, &torn), torn_cases[i].lines); /* opening changes nothing */
        assert_true(torn > 0);
        assert_true(append_number(j, 9, &err));
        assert_int_equal(count_lines(p, &torn), torn_cases[i].lines + 1);
        assert_int_equal(torn, 0);
    }
}

/* ---- faults while appending ---- */

static void test_open_makes_it_last(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    struct journal *j = NULL;
    for (int call = 0; call < 2; call++) { /* the file, its directory */
        fault = (struct fault){CALL_FSYNC, call, 1, EIO};
        assert_false(journal_open(p->path, true, &j, &err));
        assert_int_equal(err.sys_errno, EIO);
        assert_null(j);
    }
}

static const struct {
    const char *name;
    struct fault fault;
    bool appended;
    int sys_errno;
} fault_cases[] = {
    {"no fault", {0}, true, 0},
    {"interrupted write", {CALL_PWRITE, 0, 3, EINTR}, true, 0},
    {"interrupted fsync", {CALL_FSYNC, 0, 2, EINTR}, true, 0},
    {"disk full", {CALL_PWRITE, 0, 1, ENOSPC}, false, ENOSPC},
    {"disk full after five bytes", {CALL_PWRITE, 0, 1, 0}, false, ENOSPC},
    {"disk error at fsync", {CALL_FSYNC, 0, 1, EIO}, false, EIO},
};

static void test_append_leaves_all_or_nothing(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    CLEANUP(journal_close) struct journal *j = NULL;
    fill(p, 2);
    assert_true(journal_open(p->path, false, &j, &err));
    for (size_t i = 0; i < COUNT_OF(fault_cases); i++) {
        uint64_t torn = 0;
        CLEANUP(text_free) struct text before = {0};
        CLEANUP(text_free) struct text after = {0};
        print_message("case: %s\n", fault_cases[i].name);
        load(p, &before);
        int lines = count_lines(p, &torn);
        fault = fault_cases[i].fault;
        bool done = append_number(j, 3, &err);
        fault = (struct fault){0};
        assert_int_equal(done, fault_cases[i].appended);
        assert_int_equal(count_lines(p, &torn), lines + (done ? 1 : 0));
        assert_int_equal(torn, 0);
        if (!done) {
            assert_int_equal(err.sys_errno, fault_cases[i].sys_errno);
            load(p, &after);
            assert_string_equal(after.data, before.data);
        }
    }
    assert_true(append_number(j, 4, &err)); /* and goes on afterwards */
}

static void test_append_refuses(void **state)
{
    const struct place *p = *state;
    static const char *const reserved[] = {"seq", "at", "event", "prev"};
    struct error err = {0};
    uint64_t torn;
    CLEANUP(journal_close) struct journal *j = NULL;
    CLEANUP(memory_release) char *long_text = memory_alloc(LIMIT + 1);
    fill(p, 1);
    assert_true(journal_open(p->path, false, &j, &err));
    for (size_t i = 0; i < COUNT_OF(reserved); i++) {
        json_t *fields = json_pack("{si}", reserved[i], 1);
        assert_false(journal_append(j, AT, "e", fields, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        json_decref(fields);
    }
    memset(long_text, 'x', LIMIT);
    json_t *fields = json_pack("{ss}", "text", long_text);
    assert_false(journal_append(j, AT, "e", fields, &err));
    assert_int_equal(err.sys_errno, EFBIG);
    json_decref(fields);
    assert_int_equal(count_lines(p, &torn), 1);
    assert_true(journal_append(j, AT, "no fields", NULL, &err));
    assert_int_equal(count_lines(p, &torn), 2);
}

/* The longest line there may be is read, appended to, and one byte more is refused. */
static void test_longest_line(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    uint64_t torn = 0;
    CLEANUP(journal_close) struct journal *j = NULL;
    CLEANUP(text_free) struct text content = {0};
    CLEANUP(memory_release) char *filler = memory_alloc(LIMIT);
    assert_true(journal_open(p->path, true, &j, &err));
    assert_true(journal_append(j, AT, "e", NULL, &err));
    load(p, &content);
    size_t around = content.length - 1 + strlen(",\"t\":\"\"");
    assert_int_equal(truncate(p->path, 0), 0);
    memset(filler, 'x', LIMIT - around);
    json_t *fields = json_pack("{ss}", "t", filler);
    assert_true(journal_append(j, AT, "e", fields, &err));
    json_decref(fields);
    load(p, &content);
    assert_int_equal(content.length, LIMIT + 1);
    assert_true(append_number(j, 2, &err));
    assert_int_equal(count_lines(p, &torn), 2);
    text_clear(&content);
    for (size_t i = 0; i <= LIMIT; i++)
        text_add_bytes(&content, "x", 1);
    store(p, &content);
    assert_int_equal(count_lines(p, &torn), -1);
    assert_false(append_number(j, 3, &err));
    assert_int_equal(err.kind, ERR_INTEGRITY);
}

static void test_append_to_damaged_tail(void **state)
{
    const struct place *p = *state;
    static const char *const tails[] = {"garbage\n", "\n", "{}\n", "{\"seq\":0}\n"};
    struct error err = {0};
    CLEANUP(journal_close) struct journal *j = NULL;
    fill(p, 2);
    CLEANUP(text_free) struct text whole = {0};
    load(p, &whole);
    assert_true(journal_open(p->path, false, &j, &err));
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        CLEANUP(text_free) struct text bad = {0};
        CLEANUP(text_free) struct text after = {0};
        text_add(&bad, whole.data);
        text_add(&bad, tails[i]);
        store(p, &bad);
        assert_false(append_number(j, 3, &err));
        assert_int_equal(err.kind, ERR_INTEGRITY);
        load(p, &after);
        assert_string_equal(after.data, bad.data);
    }
}

static void test_replaced_file_is_noticed(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    CLEANUP(journal_close) struct journal *j = NULL;
    CLEANUP(memory_release) char *other = memory_format("%s/old", p->dir);
    fill(p, 1);
    assert_true(journal_open(p->path, false, &j, &err));
    assert_int_equal(rename(p->path, other), 0);
    assert_false(append_number(j, 2, &err)); /* moved away */
    assert_int_equal(err.kind, ERR_INTEGRITY);
    fill(p, 1);
    assert_false(append_number(j, 2, &err)); /* another in its place */
    assert_int_equal(err.kind, ERR_INTEGRITY);
    assert_int_equal(rename(other, p->path), 0);
    assert_true(append_number(j, 2, &err)); /* back again */
}

/* ---- several processes ---- */

static void test_processes_do_not_fork_the_chain(void **state)
{
    const struct place *p = *state;
    enum { PROCESSES = 4, LINES = 25 };
    pid_t children[PROCESSES];
    uint64_t torn = 1;
    fill(p, 1);
    for (int c = 0; c < PROCESSES; c++) {
        children[c] = fork();
        assert_true(children[c] >= 0);
        if (children[c] == 0) {
            struct error err = {0};
            struct journal *j = NULL;
            bool good = journal_open(p->path, false, &j, &err);
            for (int i = 0; good && i < LINES; i++)
                good = append_number(j, i, &err);
            _exit(good ? 0 : 1);
        }
    }
    for (int c = 0; c < PROCESSES; c++) {
        int status = 1;
        assert_int_equal(waitpid(children[c], &status, 0), children[c]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(count_lines(p, &torn), 1 + PROCESSES * LINES);
    assert_int_equal(torn, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_PLACE(test_open_makes_it_last),
        IN_PLACE(test_torn_line_goes_with_the_next_append),
        IN_PLACE(test_append_leaves_all_or_nothing),
        IN_PLACE(test_append_refuses),
        IN_PLACE(test_longest_line),
        IN_PLACE(test_append_to_damaged_tail),
        IN_PLACE(test_replaced_file_is_noticed),
        IN_PLACE(test_processes_do_not_fork_the_chain),
    };
    return cmocka_run_group_tests_name("journal_append", tests, NULL, NULL);
}
