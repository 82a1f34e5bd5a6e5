/* Handing a mail to scripts that stand for a mail system, good and bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/mail.h"
#include "common/memory.h"

#define SECRET "geheim@example.org"
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

struct place {
    char dir[64];
    char path[96]; /* of the script */
    char out[96];  /* what the script writes */
};

static int set_up(void **state)
{
    struct place *p = memory_alloc(sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/waarborg-mail-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->path, sizeof p->path, "%s/sendmail", p->dir);
    snprintf(p->out, sizeof p->out, "%s/out", p->dir);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    CLEANUP(memory_release) char *command = memory_format("rm -rf '%s'", p->dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a name of our own */
    free(p);
    return 0;
}

/* The script, with OUT in its text standing for p->out. */
static void script(const struct place *p, const char *text)
{
    FILE *file = fopen(p->path, "we");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\nOUT='%s'\n%s\n", p->out, text);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(p->path, 0700), 0);
}

static bool send_text(const struct place *p, const char *text, int timeout_s, struct error *err)
{
    CLEANUP(text_free) struct text message = {0};
    const struct mail_sender sender = {.path = p->path, .timeout_s = timeout_s};
    *err = (struct error){0};
    text_add(&message, text);
    return mail_send(&sender, &message, err);
}

static void expect_out(const struct place *p, const char *expected)
{
    struct error err = {0};
    CLEANUP(text_free) struct text content = {0};
    assert_true(file_read(AT_FDCWD, p->out, 64 << 20, &content, &err));
    assert_string_equal(text_get(&content), expected);
}

static void test_message_arrives(void **state)
{
    const struct place *p = *state;
    static const char *const messages[] = {"", "x", "a\n.\nb\n", "no line feed"};
    struct error err;
    script(p, "cat >\"$OUT\"");
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        assert_true(send_text(p, messages[i], 0, &err));
        expect_out(p, messages[i]);
    }
    struct text large = {0};
    for (int i = 0; i < 500000; i++)
        text_add(&large, "0123456789\n");
    assert_true(send_text(p, text_get(&large), 0, &err));
    expect_out(p, text_get(&large));
    text_free(&large);
}

static void test_arguments(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    struct text message = {0};
    struct mail_sender sender = {.path = p->path, .envelope_from = "bounces@example.org"};
    script(p, "echo \"$#:$*\" >\"$OUT\"");
    assert_true(mail_send(&sender, &message, &err));
    expect_out(p, "4:-t -i -f bounces@example.org\n");
    sender.envelope_from = NULL;
    assert_true(mail_send(&sender, &message, &err));
    expect_out(p, "2:-t -i\n");
    sender.envelope_from = "x y";
    assert_false(mail_send(&sender, &message, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message,
                        "the address for returned mail has a blank or control character");
}

/* Whatever we hold, the mail system gets none of it. */
static void test_clean_process(void **state)
{
    const struct place *p = *state;
    struct error err;
    sigset_t set;
    int open_fds[3];
    for (size_t i = 0; i < COUNT_OF(open_fds); i++)
        open_fds[i] = dup(STDERR_FILENO); /* not close-on-exec */
    setenv("PGPASSWORD", SECRET, 1);
    sigfillset(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    /* Of ignored signals only the first 28: those of the C library itself come behind. */
    script(p,
           "{ ls /proc/self/fd | tr '\\n' ' '; echo; pwd; env | cut -d= -f1 | sort | tr '\\n' ' '\n"
           "echo; sed -n 's/^SigBlk:.//p; s/^SigIgn:.*\\(.\\{7\\}\\)$/\\1/p' /proc/self/status\n"
           "set -- $(cat /proc/$$/stat); [ \"$6\" -eq $$ ] && echo its own session\n"
           "} </dev/null >\"$OUT\" 2>&1");
    bool sent = send_text(p, "x", 0, &err);
    (void)signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    unsetenv("PGPASSWORD");
    for (size_t i = 0; i < COUNT_OF(open_fds); i++)
        close(open_fds[i]);
    assert_true(sent);
    expect_out(p, "0 1 2 3 \n" /* 3 is the directory ls reads */
                  "/\nLC_ALL PATH PWD \n0000000000000000\n0000000\nits own session\n");
}

static void test_failures(void **state)
{
    static const struct {
        const char *name, *script, *reason, *says;
        bool refused;
    } cases[] = {
        {"later", "exit 75", "EX_TEMPFAIL", "exit status 75 (EX_TEMPFAIL: a temporary failure",
         false},
        {"no such user", "exit 67", "EX_NOUSER", "exit status 67 (EX_NOUSER: ", true},
        {"no such host", "exit 68", "EX_NOHOST", "exit status 68 (EX_NOHOST: ", true},
        {"this mail", "exit 65", "EX_DATAERR", "exit status 65 (EX_DATAERR: ", true},
        {"not configured", "exit 78", "EX_CONFIG", "exit status 78 (EX_CONFIG: ", false},
        {"a code of its own", "exit 1", "status 1", "exit status 1; ", false},
        {"no such command", "exec /nowhere/x", "status 127", "exit status 127; ", false},
        {"a crash", "kill -11 $$", "signal 11", "was ended by signal 11; whether", false},
        {"a talker", "cat; cat >&2; yes " SECRET " | head -c 1000000; exit 75", "EX_TEMPFAIL",
         "exit status 75", false},
        {"reads nothing", "exit 75", "EX_TEMPFAIL", "exit status 75", false},
    };
    const struct place *p = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err;
        print_message("case: %s\n", cases[i].name);
        script(p, cases[i].script);
        assert_false(send_text(p, "To: " SECRET "\n\n", 0, &err));
        assert_int_equal(err.kind, ERR_IO);
        assert_string_equal(err.reason, cases[i].reason);
        assert_non_null(strstr(err.message, cases[i].says));
        assert_null(strstr(err.message, SECRET));
        assert_int_equal(mail_was_refused(&err), cases[i].refused);
    }
}

static void test_cannot_be_run(void **state)
{
    struct place *p = *state;
    struct error err;
    assert_false(send_text(p, "x", 0, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_non_null(strstr(err.message, "No such file or directory; install a mail system"));
    script(p, "exit 0");
    assert_int_equal(chmod(p->path, 0600), 0);
    assert_false(send_text(p, "x", 0, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(err.sys_errno, EACCES);
    snprintf(p->path, sizeof p->path, "sendmail");
    assert_false(send_text(p, "x", 0, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message, "the path of sendmail must begin with /");
    snprintf(p->path, sizeof p->path, "%s", p->dir);
    assert_false(send_text(p, "x", 0, &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

static bool is_gone(const struct place *p)
{
    struct error err = {0};
    CLEANUP(text_free) struct text pid = {0};
    assert_true(file_read(AT_FDCWD, p->out, 100, &pid, &err));
    pid_t child = (pid_t)strtol(text_get(&pid), NULL, 10);
    assert_true(child > 1);
    for (int i = 0; i < 100 && kill(child, 0) == 0; i++)
        usleep(20000); /* init collects what has lost its parent */
    return kill(child, 0) < 0;
}

static void test_timeout(void **state)
{
    const struct place *p = *state;
    struct error err;
    script(p, "sleep 300 & echo $! >\"$OUT\"; wait");
    int64_t start_ms = clock_monotonic_ms();
    assert_false(send_text(p, "x", 1, &err));
    int64_t took_ms = clock_monotonic_ms() - start_ms;
    assert_true(took_ms >= 1000 && took_ms < 4000);
    assert_int_equal(err.kind, ERR_IO);
    assert_string_equal(err.reason, "timeout");
    assert_non_null(strstr(err.message, "did not end within 1 s and was stopped; whether the mail "
                                        "went is not known"));
    assert_false(mail_was_refused(&err));
    assert_true(is_gone(p));
}

static void test_timeout_of_a_stubborn_one(void **state)
{
    const struct place *p = *state;
    struct error err;
    script(p, "trap '' TERM; echo $$ >\"$OUT\"; while :; do sleep 1; done");
    assert_false(send_text(p, "x", 1, &err));
    assert_string_equal(err.reason, "timeout");
    assert_true(is_gone(p));
}

/* A mail system that goes on in the background has taken the mail when its first process ends. */
static void test_background(void **state)
{
    const struct place *p = *state;
    struct error err;
    script(p, "exec 3<&0; (sleep 1; cat >\"$OUT\") <&3 & exit 0");
    int64_t start_ms = clock_monotonic_ms();
    assert_true(send_text(p, "late", 30, &err));
    assert_true(clock_monotonic_ms() - start_ms < 900);
    for (int i = 0; i < 200 && access(p->out, F_OK) != 0; i++)
        usleep(20000);
    usleep(100000);
    expect_out(p, "late");
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals = signals + 1;
}

/* A signal to us, or to our whole group as from a terminal, does not end it. */
static void test_signals(void **state)
{
    const struct place *p = *state;
    struct error err;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setpgid(0, 0);
        (void)signal(SIGINT, count_signal);
        (void)signal(SIGTERM, count_signal);
        script(p, "kill -INT -$PPID; kill -TERM -$PPID; sleep 0.3; cat >\"$OUT\"");
        bool sent = send_text(p, "whole", 0, &err);
        _exit(sent && signals == 2 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    expect_out(p, "whole");
}

/* Who started us may ignore SIGCHLD, and then exit statuses get lost. */
static void test_ignored_children(void **state)
{
    const struct place *p = *state;
    struct error err;
    script(p, "exit 75");
    (void)signal(SIGCHLD, SIG_IGN);
    assert_false(send_text(p, "x", 0, &err));
    (void)signal(SIGCHLD, SIG_DFL);
    assert_string_equal(err.reason, "EX_TEMPFAIL");
}

/* Killed while sendmail reads: it has the whole mail nevertheless. */
static void test_killed_half_way(void **state)
{
    const struct place *p = *state;
    struct error err;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct text large = {0};
        for (int i = 0; i < 300000; i++)
            text_add(&large, "x");
        script(p, "head -c 10 >\"$OUT.new\"; kill -9 $PPID; sleep 0.2; cat >>\"$OUT.new\"\n"
                  "mv \"$OUT.new\" \"$OUT\"");
        (void)send_text(p, text_get(&large), 0, &err);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    struct stat st = {0};
    for (int i = 0; i < 200 && stat(p->out, &st) != 0; i++)
        usleep(20000);
    assert_int_equal(st.st_size, 300000);
}

static void *send_some(void *argument)
{
    const struct place *p = argument;
    struct error err;
    for (int i = 0; i < 10; i++)
        if (!send_text(p, "x\n", 0, &err))
            return argument;
    return NULL;
}

static void test_threads(void **state)
{
    struct place *p = *state;
    pthread_t threads[4];
    script(p, "cat >>\"$OUT\"");
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, send_some, p), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *failed = p;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    struct stat st;
    assert_int_equal(stat(p->out, &st), 0);
    assert_int_equal(st.st_size, 2 * 10 * COUNT_OF(threads));
}

/* The script of the other tests. */
static void test_harness(void **state)
{
    const struct place *p = *state;
    struct error err;
    CLEANUP(memory_release) char *copy = memory_format("cp harness/sendmail.sh '%s'", p->path);
    CLEANUP(memory_release)
    char *count = memory_format("test \"$(cat '%s'/mail/* | grep -c one)\" -eq 1", p->dir);
    CLEANUP(memory_release) char *fail = memory_format("echo 67 '^Bc*: ' >'%s/exit'", p->dir);
    assert_int_equal(system(copy), 0); /* NOLINT(cert-env33-c): names of our own */
    assert_int_equal(chmod(p->path, 0700), 0);
    assert_true(send_text(p, "To: one\n", 0, &err));
    assert_int_equal(system(fail), 0); /* NOLINT(cert-env33-c) */
    assert_false(send_text(p, "Bcc: one\n", 0, &err));
    assert_string_equal(err.reason, "EX_NOUSER");
    assert_true(send_text(p, "To: two\n", 0, &err));
    assert_int_equal(system(count), 0); /* NOLINT(cert-env33-c) */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_message_arrives),
        IN_PLACE(test_arguments),
        IN_PLACE(test_clean_process),
        IN_PLACE(test_failures),
        IN_PLACE(test_cannot_be_run),
        IN_PLACE(test_timeout),
        IN_PLACE(test_timeout_of_a_stubborn_one),
        IN_PLACE(test_background),
        IN_PLACE(test_signals),
        IN_PLACE(test_ignored_children),
        IN_PLACE(test_killed_half_way),
        IN_PLACE(test_threads),
        IN_PLACE(test_harness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
