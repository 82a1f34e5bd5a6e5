#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/log.h"

/* stderr becomes one end of this socket, as the journal has it, while a line is written. */
static int reader, kept;

static void catch_stderr(void)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    kept = dup(STDERR_FILENO);
    assert_true(kept >= 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    close(ends[1]);
    reader = ends[0];
}

/* stderr as it was; what was written in between. */
static void release_stderr(char *line, size_t size)
{
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    close(kept);
    size_t used = 0;
    ssize_t got;
    while (used + 1 < size && (got = read(reader, line + used, size - 1 - used)) > 0)
        used += (size_t)got;
    line[used] = '\0';
    close(reader);
}

/* 2026-11-23T09:42:00Z before the rest of the line. */
static bool begins_with_instant(const char *line)
{
    const char shape[] = "dddd-dd-ddTdd:dd:ddZ level=";
    for (size_t i = 0; shape[i] != '\0'; i++)
        if (shape[i] == 'd' ? line[i] < '0' || line[i] > '9' : line[i] != shape[i])
            return false;
    return true;
}

static const struct {
    const char *name;
    const char *stream; /* of JOURNAL_STREAM: D and I stand for device and inode of stderr */
    bool journal;
} cases[] = {
    {"by hand", NULL, false},
    {"the journal reads stderr", "D:I", true},
    {"stderr was sent elsewhere: another inode", "D:1I", false},
    {"stderr was sent elsewhere: another device", "1D:I", false},
    {"only a beginning", "D:I0", false},
    {"empty", "", false},
    {"no inode", "D:", false},
    {"no numbers", "journal", false},
};

static void set_stream(const char *stream)
{
    struct stat is;
    assert_int_equal(fstat(STDERR_FILENO, &is), 0);
    char value[128];
    size_t used = 0;
    for (const char *p = stream; *p != '\0'; p++) {
        uintmax_t number = *p == 'D' ? (uintmax_t)is.st_dev : (uintmax_t)is.st_ino;
        if (*p == 'D' || *p == 'I')
            used += (size_t)snprintf(value + used, sizeof value - used, "%ju", number);
        else
            value[used++] = *p;
    }
    value[used] = '\0';
    assert_int_equal(setenv("JOURNAL_STREAM", value, 1), 0);
}

static void test_priorities_are_for_the_journal_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("case: %s\n", cases[i].name);
        char line[256];
        unsetenv("JOURNAL_STREAM");
        catch_stderr();
        if (cases[i].stream != NULL)
            set_stream(cases[i].stream);
        log_event(LOG_NOTICE, "test.done", "due=%d", 3);
        release_stderr(line, sizeof line);
        unsetenv("JOURNAL_STREAM");
        if (cases[i].journal)
            assert_string_equal(line, "<5>level=notice event=test.done due=3\n");
        else {
            assert_true(begins_with_instant(line));
            assert_non_null(strstr(line, "Z level=notice event=test.done due=3\n"));
        }
    }
}

static void test_each_level_is_its_priority(void **state)
{
    (void)state;
    static const struct {
        enum log_level level;
        const char *line;
    } levels[] = {
        {LOG_ERROR, "<3>level=error event=e\n"},
        {LOG_WARNING, "<4>level=warning event=e\n"},
        {LOG_NOTICE, "<5>level=notice event=e\n"},
        {LOG_INFO, "<6>level=info event=e\n"},
        {LOG_DEBUG, ""}, /* above the level that is shown */
    };
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        char line[256];
        catch_stderr();
        set_stream("D:I");
        log_event(levels[i].level, "e", "%s", "");
        release_stderr(line, sizeof line);
        unsetenv("JOURNAL_STREAM");
        assert_string_equal(line, levels[i].line);
    }
}

/* A line break in a field must not begin a second line, with a priority of its own. */
static void test_a_field_cannot_begin_a_line(void **state)
{
    (void)state;
    char line[256];
    catch_stderr();
    set_stream("D:I");
    log_event(LOG_INFO, "e", "text=%s", "a\n<0>b\x7f");
    release_stderr(line, sizeof line);
    unsetenv("JOURNAL_STREAM");
    assert_string_equal(line, "<6>level=info event=e text=a\\x0a<0>b\\x7f\n");
}

static void test_a_failure_names_its_sqlstate(void **state)
{
    (void)state;
    struct error err = {0};
    char line[256];
    (void)error_set(&err, ERR_DB, "the table \"klant\" is gone");
    snprintf(err.sqlstate, sizeof err.sqlstate, "42P01");
    catch_stderr();
    set_stream("D:I");
    log_failure("e", "run=7", &err);
    release_stderr(line, sizeof line);
    unsetenv("JOURNAL_STREAM");
    assert_string_equal(line, "<3>level=error event=e run=7 sqlstate=42P01 "
                              "message=\"the table 'klant' is gone\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_priorities_are_for_the_journal_only),
        cmocka_unit_test(test_each_level_is_its_priority),
        cmocka_unit_test(test_a_field_cannot_begin_a_line),
        cmocka_unit_test(test_a_failure_names_its_sqlstate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
