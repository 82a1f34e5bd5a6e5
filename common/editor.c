#include "common/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"
#include "common/text.h"

/* What the shell says when a command is not there, or is no program (POSIX, 2.8.2). */
enum { SHELL_NOT_EXECUTABLE = 126, SHELL_NOT_FOUND = 127 };

#define WITHOUT "or give the fields with -f FILE or --set"

/* ---- the editor ---- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* The command of the shell, with the file as "$@": as git does, so that a value may hold options,
 * quotes and variables. */
static char *editor_script(const char **ret_variable)
{
    const char *names[] = {"VISUAL", "EDITOR"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *value = variable(names[i]);
        *ret_variable = names[i];
        if (value != NULL)
            return memory_format("%s \"$@\"", value);
    }
    *ret_variable = NULL;
    return memory_copy_text("for e in editor vi; do\n"
                            "    command -v \"$e\" >/dev/null && exec \"$e\" \"$@\"\n"
                            "done\n"
                            "exit 127");
}

/* An editor needs a terminal, whatever our own input and output are; without one, what it prints
 * must not get between what we print (--json). */
static void attach_terminal(void)
{
    bool input = isatty(STDIN_FILENO);
    bool output = isatty(STDOUT_FILENO);
    if (input && output)
        return;
    int terminal = open("/dev/tty", O_RDWR);
    if (!input && terminal >= 0)
        dup2(terminal, STDIN_FILENO);
    if (!output)
        dup2(terminal >= 0 ? terminal : STDERR_FILENO, STDOUT_FILENO);
    if (terminal > STDERR_FILENO)
        close(terminal);
}

static bool have_terminal(void)
{
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return true;
    CLEANUP(file_close) int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    return terminal >= 0;
}

struct signals {
    struct sigaction interrupt;
    struct sigaction quit;
};

/* Ctrl-C in the editor is for the editor; as system(3). */
static void ignore_signals(struct signals *saved)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &ignore, &saved->interrupt);
    sigaction(SIGQUIT, &ignore, &saved->quit);
}

static void restore_signals(struct signals *saved)
{
    sigaction(SIGINT, &saved->interrupt, NULL);
    sigaction(SIGQUIT, &saved->quit, NULL);
}

/* What is ignored, or blocked, stays so across execve: the editor starts with neither. */
static void become_editor(const char *script, const char *path)
{
    const int defaults[] = {SIGINT, SIGQUIT, SIGPIPE};
    sigset_t none;
    for (size_t i = 0; i < COUNT_OF(defaults); i++)
        signal(defaults[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    attach_terminal();
    execl("/bin/sh", "sh", "-c", script, "sh", path, (char *)NULL);
    _exit(SHELL_NOT_FOUND);
}

static bool run(const char *script, const char *path, int *ret_status, struct error *err)
{
    int status = 0;
    CLEANUP(restore_signals) struct signals saved;
    ignore_signals(&saved);
    pid_t child = fork();
    if (child < 0)
        return error_set_errno(err, "the editor cannot be started");
    if (child == 0)
        become_editor(script, path);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return error_set_errno(err, "the editor cannot be waited for");
    *ret_status = status;
    return true;
}

bool editor_edit(const char *path, struct error *err)
{
    const char *named;
    int status;
    CLEANUP(memory_release) char *script = editor_script(&named);
    if (named == NULL && !have_terminal())
        return error_set(
            err, ERR_USAGE,
            "there is no terminal for an editor; run this on one, set EDITOR, " WITHOUT);
    /* A path that begins with a dash would be an option of the editor. */
    CLEANUP(memory_release) char *plain = memory_format("%s%s", path[0] == '-' ? "./" : "", path);
    fflush(NULL);
    if (!run(script, plain, &status, err))
        return false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    const char *what = named == NULL ? "editor" : named;
    /* The shell between us tells a signal as 128 + its number. */
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (code > 128)
        return error_set(err, ERR_USAGE, "the editor (%s) was ended by signal %d; nothing was done",
                         what, code - 128);
    if (code != SHELL_NOT_FOUND && code != SHELL_NOT_EXECUTABLE)
        return error_set(err, ERR_USAGE,
                         "the editor (%s) ended with exit code %d; nothing was done", what, code);
    if (named == NULL)
        return error_set(err, ERR_USAGE, "no editor was found; install one, set EDITOR, " WITHOUT);
    return error_set(err, ERR_USAGE, "the editor that %s names cannot be run; mend %s, " WITHOUT,
                     named, named);
}

/* ---- drafts ---- */

static bool drafts_place(char **ret, struct error *err)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (state != NULL && state[0] == '/')
        *ret = memory_format("%s/waarborg", state);
    else if (home != NULL && home[0] == '/')
        *ret = memory_format("%s/.local/state/waarborg", home);
    else
        return error_set(err, ERR_USAGE,
                         "there is no place to keep the draft: neither HOME nor XDG_STATE_HOME is "
                         "an absolute path; set one of them, " WITHOUT);
    return true;
}

/* The directory of a path, and what comes after it. */
static bool open_parent(const char *path, int *ret_fd, const char **ret_name, struct error *err)
{
    const char *slash = strrchr(path, '/');
    CLEANUP(memory_release)
    char *dir = slash == NULL   ? memory_copy_text(".")
                : slash == path ? memory_copy_text("/")
                                : memory_format("%.*s", (int)(slash - path), path);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, "open directory %s", dir);
    *ret_fd = fd;
    *ret_name = slash == NULL ? path : slash + 1;
    return true;
}

static bool make_dir(const char *path, struct error *err)
{
    CLEANUP(file_close) int parent_fd = -1;
    const char *name = "";
    if (mkdir(path, 0700) == 0)
        return open_parent(path, &parent_fd, &name, err) && file_sync_dir(parent_fd, name, err);
    int saved = errno;
    if (saved == EEXIST)
        return true;
    (void)error_set_errno(err, "directory %s for drafts cannot be made", path);
    if (saved == EACCES || saved == ENOENT || saved == ENOTDIR || saved == EROFS)
        err->kind = ERR_USAGE;
    return false;
}

/* Each directory of the path that is not there is made, 0700 as the XDG specification says. */
static bool make_dirs(const char *path, struct error *err)
{
    CLEANUP(memory_release) char *part = memory_copy_text(path);
    for (char *at = part + 1;; at++) {
        char here = *at;
        if (here != '/' && here != '\0')
            continue;
        *at = '\0';
        if (!make_dir(part, err))
            return false;
        if (here == '\0')
            return true;
        *at = here;
    }
}

static bool write_all(int fd, const char *bytes, size_t length, const char *path, struct error *err)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return error_set_errno(err, "write draft %s", path);
        bytes += n;
        length -= (size_t)n;
    }
    return fsync(fd) == 0 || error_set_errno(err, "fsync of draft %s", path);
}

bool draft_create(const char *prefix, const char *bytes, size_t length, char **ret_path,
                  struct error *err)
{
    CLEANUP(memory_release) char *place = NULL;
    CLEANUP(file_close) int dir_fd = -1;
    if (!drafts_place(&place, err) || !make_dirs(place, err) ||
        !file_open_private_dir(place, &dir_fd, err))
        return false;
    static const char suffix[] = ".conf";
    CLEANUP(memory_release) char *path = memory_format("%s/%s.XXXXXX%s", place, prefix, suffix);
    CLEANUP(file_close) int fd = mkostemps(path, (int)sizeof suffix - 1, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return error_set_errno(err, "create a draft in %s", place);
    if (!write_all(fd, bytes, length, path, err) || !file_sync_dir(dir_fd, path, err)) {
        (void)unlink(path); /* nothing was typed yet */
        return false;
    }
    *ret_path = path;
    path = NULL;
    return true;
}

bool draft_write(const char *path, const char *bytes, size_t length, struct error *err)
{
    CLEANUP(file_close) int dir_fd = -1;
    const char *name = "";
    return open_parent(path, &dir_fd, &name, err) && file_replace(dir_fd, name, bytes, length, err);
}

bool draft_keep(const char *path, struct error *err)
{
    CLEANUP(file_close) int dir_fd = -1;
    const char *name = "";
    if (!open_parent(path, &dir_fd, &name, err))
        return false;
    CLEANUP(file_close) int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    /* An editor that writes a new file may have given it the mode of its umask. */
    if (fd < 0 || fchmod(fd, 0600) < 0 || fsync(fd) < 0)
        return error_set_errno(err, "keep draft %s", path);
    return file_sync_dir(dir_fd, name, err);
}

bool draft_remove(const char *path, struct error *err)
{
    CLEANUP(file_close) int dir_fd = -1;
    const char *name = "";
    if (!open_parent(path, &dir_fd, &name, err))
        return false;
    CLEANUP(memory_release) char *backup = memory_format("%s~", name);
    return file_remove(dir_fd, backup, err) && file_remove(dir_fd, name, err);
}
