#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/editor.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/text.h"

static char place[] = "/tmp/editor.XXXXXX"; /* working directory of the tests, too */

static int enter_place(void **state)
{
    (void)state;
    if (mkdtemp(place) == NULL || chdir(place) < 0)
        return -1;
    umask(077);
    return 0;
}

static int leave_place(void **state)
{
    (void)state;
    CLEANUP(memory_release) char *command = memory_format("rm -rf -- '%s'", place);
    unsetenv("HOME");
    return chdir("/") < 0 || system(command) != 0 ? -1 : 0; /* NOLINT(cert-env33-c) */
}

static void put(const char *path, const char *bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
    close(fd);
}

static void assert_holds(const char *path, const char *bytes)
{
    CLEANUP(text_free) struct text got = {0};
    struct error err = {0};
    if (!file_read(AT_FDCWD, path, 65536, &got, &err))
        fail_msg("%s", err.message);
    assert_string_equal(text_get(&got), bytes);
}

/* ---- the editor ---- */

/* Runs the editor in a process of its own, in a session without a terminal; `terminal`: with a new
 * one, while standard input and output are something else.  Returns its message. */
static void edit_apart(bool terminal, const char *visual, const char *editor, const char *path,
                       char message[static 2048])
{
    int ends[2];
    int status = 0;
    size_t length = 0;
    ssize_t n;
    assert_int_equal(pipe(ends), 0);
    int pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(pty >= 0 && grantpt(pty) == 0 && unlockpt(pty) == 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct error err = {0};
        setsid();
        if (terminal && open(ptsname(pty), O_RDWR | O_CLOEXEC) < 0) /* becomes the session's */
            _exit(99);
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(open("stdout", O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
        dup2(open("stderr", O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
        if (visual == NULL ? unsetenv("VISUAL") : setenv("VISUAL", visual, 1))
            _exit(99);
        if (editor == NULL ? unsetenv("EDITOR") : setenv("EDITOR", editor, 1))
            _exit(99);
        signal(SIGPIPE, SIG_IGN);
        bool done = editor_edit(path, &err);
        if (!done && write(ends[1], err.message, strlen(err.message)) < 0)
            _exit(99);
        _exit(done ? 0 : (int)err.kind);
    }
    close(ends[1]);
    while ((n = read(ends[0], message + length, 2047 - length)) > 0)
        length += (size_t)n;
    message[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(pty);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), length == 0 ? 0 : ERR_USAGE);
}

static const struct {
    const char *name;
    bool terminal;
    const char *visual, *editor, *path;
    const char *message; /* "": it goes well */
    const char *holds;   /* the file afterwards */
} edits[] = {
    {"EDITOR", false, NULL, "sh -c 'echo typed >>\"$1\"' sh", "f", "", "old\ntyped\n"},
    {"VISUAL first", false, "sh -c 'echo v >\"$1\"' sh", "false", "f", "", "v\n"},
    {"empty VISUAL", false, "", "sh -c 'echo e >\"$1\"' sh", "f", "", "e\n"},
    {"options", false, NULL, "sed -i -e 's/old/new/' -e '$a end'", "f", "", "new\nend\n"},
    {"a variable in it", false, NULL, "X=1 sh -c 'echo $X >\"$1\"' sh", "f", "", "1\n"},
    {"blanks in the path", false, NULL, "sh -c 'echo $# >\"$1\"' sh", "a b", "", "1\n"},
    {"a dash in front", false, NULL, "sed -i -e s/old/new/", "-f", "", "new\n"},
    {"signs of the shell in the path", false, NULL, "sh -c 'echo x >\"$1\"' sh", "$(id);'\"", "",
     "x\n"},
    {"SIGPIPE is as usual", false, NULL, "sh -c 'kill -s PIPE $$; echo ignored >\"$1\"' sh", "f",
     "the editor (EDITOR) was ended by signal 13; nothing was done", "old\n"},
    {"fails after saving", false, NULL, "sh -c 'echo typed >\"$1\"; exit 3' sh", "f",
     "the editor (EDITOR) ended with exit code 3; nothing was done", "typed\n"},
    {"VISUAL fails", false, "false", NULL, "f",
     "the editor (VISUAL) ended with exit code 1; nothing was done", "old\n"},
    {"killed", false, NULL, "sh -c 'kill -9 $$' sh", "f",
     "the editor (EDITOR) was ended by signal 9; nothing was done", "old\n"},
    {"not there", false, NULL, "no-such-editor -x", "f",
     "the editor that EDITOR names cannot be run; mend EDITOR, or give the fields with -f FILE or "
     "--set",
     "old\n"},
    {"no program", false, "/etc/passwd", NULL, "f",
     "the editor that VISUAL names cannot be run; mend VISUAL, or", "old\n"},
    {"no terminal", false, NULL, NULL, "f",
     "there is no terminal for an editor; run this on one, set EDITOR, or give the fields with -f "
     "FILE or --set",
     "old\n"},
    {"no terminal, empty variables", false, "", "", "f", "there is no terminal for an editor",
     "old\n"},
    {"the terminal, whatever our input and output are", true, NULL,
     "sh -c 'test -t 0 && test -t 1 && echo both >\"$1\"' sh", "f", "", "both\n"},
    {"`editor`", true, NULL, NULL, "f", "", "editor typed\n"},
};

static void test_edit(void **state)
{
    (void)state;
    CLEANUP(memory_release) char *path_before = memory_copy_text(getenv("PATH"));
    CLEANUP(memory_release) char *path = memory_format("%s/bin:%s", place, path_before);
    assert_int_equal(mkdir("bin", 0700), 0);
    put("bin/editor", "#!/bin/sh\ntest -t 0 && echo 'editor typed' >\"$1\"\n");
    assert_int_equal(chmod("bin/editor", 0700), 0);
    setenv("PATH", path, 1);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        char message[2048];
        print_message("case: %s\n", edits[i].name);
        put(edits[i].path, "old\n");
        edit_apart(edits[i].terminal, edits[i].visual, edits[i].editor, edits[i].path, message);
        if (edits[i].message[0] == '\0' ? message[0] != '\0'
                                        : strstr(message, edits[i].message) != message)
            fail_msg("said: %s", message);
        assert_holds(edits[i].path, edits[i].holds);
        assert_holds("stdout", "");
    }
    setenv("PATH", path_before, 1);
}

/* What an editor without a terminal prints does not get between what we print. */
static void test_edit_prints(void **state)
{
    (void)state;
    char message[2048];
    put("f", "");
    edit_apart(false, NULL, "sh -c 'echo said'", "f", message);
    assert_string_equal(message, "");
    assert_holds("stdout", "");
    assert_holds("stderr", "said\n");
}

static void test_no_editor_at_all(void **state)
{
    (void)state;
    char message[2048];
    CLEANUP(memory_release) char *path_before = memory_copy_text(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    edit_apart(true, NULL, NULL, "f", message);
    setenv("PATH", path_before, 1);
    assert_string_equal(message, "no editor was found; install one, set EDITOR, or give the fields "
                                 "with -f FILE or --set");
}

static volatile sig_atomic_t came;

static void on_signal(int number)
{
    (void)number;
    came++;
}

/* Ctrl-C in the editor does not reach us, and our own way with it is back afterwards. */
static void test_signals(void **state)
{
    (void)state;
    struct error err = {0};
    struct sigaction mine = {.sa_handler = on_signal};
    struct sigaction before;
    struct sigaction after;
    put("f", "");
    assert_int_equal(sigaction(SIGINT, &mine, &before), 0);
    CLEANUP(memory_release)
    char *editor = memory_format("kill -s INT %d; kill -s QUIT %d; sh -c 'kill -s INT $$'",
                                 getpid(), getpid());
    setenv("EDITOR", editor, 1);
    unsetenv("VISUAL");
    assert_false(editor_edit("f", &err));
    assert_string_equal(err.message, "the editor (EDITOR) was ended by signal 2; nothing was done");
    assert_int_equal(came, 0);
    assert_int_equal(sigaction(SIGINT, &before, &after), 0);
    assert_true(after.sa_handler == on_signal);
    unsetenv("EDITOR");
}

/* ---- drafts ---- */

static unsigned mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static void set_places(const char *state_home, const char *home) /* below `place` */
{
    CLEANUP(memory_release)
    char *full = home == NULL ? NULL : memory_format("%s/%s", place, home);
    CLEANUP(memory_release)
    char *state = state_home == NULL     ? NULL
                  : state_home[0] != '/' ? memory_copy_text(state_home)
                                         : memory_format("%s%s", place, state_home);
    if (state == NULL)
        unsetenv("XDG_STATE_HOME");
    else
        setenv("XDG_STATE_HOME", state, 1);
    if (full == NULL)
        unsetenv("HOME");
    else
        setenv("HOME", full, 1);
}

static void test_draft_life(void **state)
{
    (void)state;
    CLEANUP(memory_release) char *one = NULL;
    CLEANUP(memory_release) char *two = NULL;
    CLEANUP(memory_release) char *dir = memory_format("%s/new/.local/state/waarborg", place);
    struct error err = {0};
    set_places(NULL, "new");
    umask(0); /* the mode is ours to say */
    assert_true(draft_create("breach-open", "a = b\0\n", 7, &one, &err));
    assert_true(draft_create("breach-open", "", 0, &two, &err));
    umask(077);
    assert_string_not_equal(one, two);
    assert_int_equal(strncmp(one, dir, strlen(dir)), 0);
    assert_non_null(strstr(one, "/breach-open."));
    assert_string_equal(one + strlen(one) - 5, ".conf");
    assert_int_equal(mode_of(one), 0600);
    assert_int_equal(mode_of(dir), 0700);
    assert_int_equal(mode_of("new"), 0700);
    assert_holds(two, "");

    assert_true(draft_write(one, "c = d\n", 6, &err));
    assert_holds(one, "c = d\n");
    assert_int_equal(mode_of(one), 0600);
    assert_int_equal(chmod(one, 0644), 0);
    assert_true(draft_keep(one, &err));
    assert_int_equal(mode_of(one), 0600);
    assert_holds(one, "c = d\n");

    CLEANUP(memory_release) char *backup = memory_format("%s~", one);
    put(backup, "a = b\n");
    assert_true(draft_remove(one, &err));
    assert_true(draft_remove(one, &err));
    assert_int_equal(access(one, F_OK), -1);
    assert_int_equal(access(backup, F_OK), -1);
    assert_int_equal(access(two, F_OK), 0);
    assert_false(draft_keep(one, &err));
    assert_int_equal(err.kind, ERR_IO);
}

static const struct {
    const char *name, *state_home, *home;
    const char *within; /* NULL: refused with */
    const char *sentence;
} places[] = {
    {"XDG_STATE_HOME", "/s/./t/", "h", "/s/./t//waarborg/p.", ""},
    {"a relative one does not count", "x/y", "h", "/h/.local/state/waarborg/", ""},
    {"an empty one neither", "", "h", "/h/.local/state/waarborg/", ""},
    {"neither", NULL, NULL, NULL,
     "there is no place to keep the draft: neither HOME nor XDG_STATE_HOME is an absolute path"},
    {"a file in the way", NULL, "file", NULL, "directory "},
    {"others may look", NULL, "open", NULL, "directory "},
    {"a link", NULL, "linked", NULL, ""},
};

static void test_draft_places(void **state)
{
    (void)state;
    put("file", "");
    assert_int_equal(
        system("mkdir -p open/.local/state/waarborg linked/.local/state && " /* NOLINT */
               "chmod 0755 open/.local/state/waarborg && "
               "ln -s ../../../h linked/.local/state/waarborg"),
        0);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        CLEANUP(memory_release) char *path = NULL;
        struct error err = {0};
        print_message("case: %s\n", places[i].name);
        set_places(places[i].state_home, places[i].home);
        bool done = draft_create("p", "x", 1, &path, &err);
        assert_int_equal(done, places[i].within != NULL);
        if (path != NULL && places[i].within != NULL) {
            assert_non_null(strstr(path, places[i].within));
            assert_true(draft_remove(path, &err));
            continue;
        }
        assert_null(path);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_int_equal(strncmp(err.message, places[i].sentence, strlen(places[i].sentence)), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edit),
        cmocka_unit_test(test_edit_prints),
        cmocka_unit_test(test_no_editor_at_all),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_draft_life),
        cmocka_unit_test(test_draft_places),
    };
    return cmocka_run_group_tests_name("editor", tests, enter_place, leave_place);
}
