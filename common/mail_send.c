#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/mail.h"

#define DEFAULT_TIMEOUT_S 60
#define TERM_PATIENCE_MS 5000 /* between SIGTERM and SIGKILL */

static const struct {
    int status;
    const char *name;
    const char *meaning;
} exits[] = {
    {EX_USAGE, "EX_USAGE", "it does not take these arguments"},
    {EX_DATAERR, "EX_DATAERR", "it refuses this mail"},
    {EX_NOINPUT, "EX_NOINPUT", "it cannot read its input"},
    {EX_NOUSER, "EX_NOUSER", "it does not know the recipient"},
    {EX_NOHOST, "EX_NOHOST", "it does not know the recipient's host"},
    {EX_UNAVAILABLE, "EX_UNAVAILABLE", "a service it needs is not available"},
    {EX_SOFTWARE, "EX_SOFTWARE", "an internal error of the mail system"},
    {EX_OSERR, "EX_OSERR", "an error of the operating system"},
    {EX_OSFILE, "EX_OSFILE", "a file of the system is missing"},
    {EX_CANTCREAT, "EX_CANTCREAT", "it cannot write its queue"},
    {EX_IOERR, "EX_IOERR", "an input or output error"},
    {EX_TEMPFAIL, "EX_TEMPFAIL", "a temporary failure, later it may go"},
    {EX_PROTOCOL, "EX_PROTOCOL", "the other mail system broke the protocol"},
    {EX_NOPERM, "EX_NOPERM", "it is not permitted"},
    {EX_CONFIG, "EX_CONFIG", "the mail system is not configured right"},
};

bool mail_was_refused(const struct error *err)
{
    return strcmp(err->reason, "EX_DATAERR") == 0 || strcmp(err->reason, "EX_NOUSER") == 0 ||
           strcmp(err->reason, "EX_NOHOST") == 0;
}

/* ---- Starting it ---- */

/* The whole message as a file that only sendmail can reach, read from its start. */
static bool message_file(const struct text *message, int *ret_fd, struct error *err)
{
    CLEANUP(file_close) int fd = memfd_create("mail", MFD_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, "a file in memory for the mail cannot be made");
    const char *rest = text_get(message);
    for (size_t left = message->length; left > 0;) {
        ssize_t n = write(fd, rest, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, "the mail cannot be written to memory");
        rest += n;
        left -= (size_t)n;
    }
    if (lseek(fd, 0, SEEK_SET) < 0)
        return error_set_errno(err, "the mail in memory cannot be read from its start");
    *ret_fd = file_take(&fd);
    return true;
}

static int plan_files(posix_spawn_file_actions_t *files, int message_fd)
{
    /* When it is 0 already, posix_spawn still sees to it that it stays open. */
    int rc = posix_spawn_file_actions_adddup2(files, message_fd, STDIN_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(files, STDOUT_FILENO, STDERR_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    if (rc == 0)
        rc = posix_spawn_file_actions_addchdir_np(files, "/");
    return rc;
}

static int plan_process(posix_spawnattr_t *process)
{
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    int rc = posix_spawnattr_setsigmask(process, &none);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(process, &all);
    if (rc == 0)
        rc = posix_spawnattr_setflags(process, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
                                                   POSIX_SPAWN_SETSIGDEF);
    return rc;
}

/* Returns 0 or what went wrong, an errno. */
static int start(const struct mail_sender *sender, int message_fd, pid_t *ret_pid)
{
    char *arguments[] = {(char *)sender->path, "-t", "-i", NULL, NULL, NULL};
    char *environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                           "LC_ALL=C", NULL};
    if (sender->envelope_from != NULL) {
        arguments[3] = "-f";
        arguments[4] = (char *)sender->envelope_from;
    }
    posix_spawn_file_actions_t files;
    posix_spawnattr_t process;
    int rc = posix_spawn_file_actions_init(&files);
    if (rc != 0)
        return rc;
    rc = posix_spawnattr_init(&process);
    if (rc == 0) {
        rc = plan_files(&files, message_fd);
        if (rc == 0)
            rc = plan_process(&process);
        if (rc == 0)
            rc = posix_spawn(ret_pid, sender->path, &files, &process, arguments, environment);
        posix_spawnattr_destroy(&process);
    }
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

static bool refuse_path(const char *path, int error_number, struct error *err)
{
    errno = error_number;
    (void)error_set_errno(err, "%s cannot be run", path);
    if (error_number == ENOENT || error_number == EACCES || error_number == ENOEXEC ||
        error_number == ENOTDIR || error_number == ELOOP || error_number == ENAMETOOLONG) {
        err->kind = ERR_USAGE;
        size_t used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used,
                 "; install a mail system, or name the sendmail of the one that is there");
    }
    return false;
}

/* ---- Waiting for it ---- */

/* True when it ended within the time; signals that come to us only make us look sooner. */
static bool ends_within(pid_t pid, int64_t timeout_ms, int *ret_status)
{
    int64_t until = clock_monotonic_ms() + timeout_ms;
    for (long pause_ms = 1;; pause_ms = pause_ms < 20 ? pause_ms * 2 : 20) {
        pid_t done = waitpid(pid, ret_status, WNOHANG);
        if (done == pid)
            return true;
        if ((done < 0 && errno != EINTR) || clock_monotonic_ms() >= until)
            return false;
        const struct timespec pause = {.tv_nsec = pause_ms * 1000000L};
        nanosleep(&pause, NULL);
    }
}

/* The whole process group: a shell script's sleep, too. */
static bool stop_it(pid_t pid, const char *path, int timeout_s, struct error *err)
{
    int status;
    kill(-pid, SIGTERM);
    if (!ends_within(pid, TERM_PATIENCE_MS, &status)) {
        kill(-pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    (void)error_set(
        err, ERR_IO,
        "%s did not end within %d s and was stopped; whether the mail went is not known "
        "(the log of the mail system may tell)",
        path, timeout_s);
    snprintf(err->reason, sizeof err->reason, "timeout");
    return false;
}

static bool judge(const char *path, int status, struct error *err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (!WIFEXITED(status)) {
        (void)error_set(err, ERR_IO,
                        "%s was ended by signal %d; whether the mail went is not known (the log of "
                        "the mail system may tell)",
                        path, WTERMSIG(status));
        snprintf(err->reason, sizeof err->reason, "signal %d", WTERMSIG(status));
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(exits); i++) {
        if (exits[i].status != WEXITSTATUS(status))
            continue;
        (void)error_set(
            err, ERR_IO,
            "%s ended with exit status %d (%s: %s); the log of the mail system may tell "
            "more",
            path, exits[i].status, exits[i].name, exits[i].meaning);
        snprintf(err->reason, sizeof err->reason, "%s", exits[i].name);
        return false;
    }
    (void)error_set(err, ERR_IO,
                    "%s ended with exit status %d; the log of the mail system may tell more", path,
                    WEXITSTATUS(status));
    snprintf(err->reason, sizeof err->reason, "status %d", WEXITSTATUS(status));
    return false;
}

/* Whoever started us may have left it ignored; then the kernel throws exit statuses away. */
static void let_children_be_waited_for(void)
{
    struct sigaction now;
    if (sigaction(SIGCHLD, NULL, &now) == 0 && now.sa_handler == SIG_IGN) {
        now = (struct sigaction){.sa_handler = SIG_DFL};
        sigaction(SIGCHLD, &now, NULL);
    }
}

bool mail_send(const struct mail_sender *sender, const struct text *message, struct error *err)
{
    if (sender->path[0] != '/')
        return error_set(err, ERR_USAGE, "the path of sendmail must begin with /");
    if (sender->envelope_from != NULL) {
        const char *fault = mail_check_address(sender->envelope_from);
        if (fault != NULL)
            return error_set(err, ERR_USAGE, "the address for returned mail %s", fault);
    }
    CLEANUP(file_close) int message_fd = -1;
    if (!message_file(message, &message_fd, err))
        return false;
    let_children_be_waited_for();

    pid_t pid;
    int rc = start(sender, message_fd, &pid);
    if (rc != 0)
        return refuse_path(sender->path, rc, err);
    int timeout_s = sender->timeout_s > 0 ? sender->timeout_s : DEFAULT_TIMEOUT_S;
    int status;
    if (!ends_within(pid, timeout_s * INT64_C(1000), &status))
        return stop_it(pid, sender->path, timeout_s, err);
    return judge(sender->path, status, err);
}
