/* Stands between the program and the server on unix sockets and cuts, or holds up, one session at a
 * chosen statement.
 *
 *   fault_proxy LISTEN SERVER WHAT N HOW
 *
 * LISTEN, SERVER  paths of the sockets (.s.PGSQL.5432)
 * WHAT            commit: a COMMIT; any: a simple or extended statement
 *                 of the sessions with application_name waarborg/retention.worker (or waarborg/ and
 *                 what the variable PROXY_JOB says), counted together
 * N               the Nth of them meets its fault, the others pass
 * HOW             before    cut before any of it is sent on
 *                 middle    half of its bytes are sent on, then cut
 *                 sent      all of it is sent on, then cut at once
 *                 answered  cut when its answer has come, which is not passed on
 *                 stall     the answer is held up for half a second
 *                 ...-dead  the same, and afterwards nobody can connect
 *
 * Prints "listening", "done" when the fault has been met, and on SIGTERM "seen" with the number of
 * such statements that came; then it ends. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SESSIONS = 64, BUFFER = 64 * 1024, STALL_MS = 500 };
enum how { BEFORE, MIDDLE, SENT, ANSWERED, STALL };
static const char *const how_names[] = {"before", "middle", "sent", "answered", "stall"};

struct flow {
    char data[BUFFER];
    size_t length;
    size_t clear; /* of the bytes, how many may be sent on */
};

struct session {
    int client, server;
    struct flow up, down; /* to the server, to the client */
    bool started;         /* the startup packet has passed */
    bool counts;          /* of the application we look for */
    uint64_t rest;        /* bytes of the present message that have not been cleared */
    bool cut_when_sent, watch_answer;
    int64_t held_until_ms;
};

static struct {
    const char *server;
    bool commits_only, dead, done;
    enum how how;
    long number, seen;
    int listener;
    struct session *sessions[MAX_SESSIONS];
    int count;
} proxy;

static volatile sig_atomic_t ending;

static void on_term(int signal_number)
{
    ending = signal_number;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(a.sun_path, path);
    return a;
}

static int connect_server(void)
{
    struct sockaddr_un a = address(proxy.server);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

static void listen_at(const char *path)
{
    struct sockaddr_un a = address(path);
    proxy.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (proxy.listener < 0 || bind(proxy.listener, (struct sockaddr *)&a, sizeof a) < 0 ||
        listen(proxy.listener, 16) < 0)
        die(path);
    puts("listening");
}

static void end_session(int i)
{
    close(proxy.sessions[i]->client);
    close(proxy.sessions[i]->server);
    free(proxy.sessions[i]);
    proxy.sessions[i] = proxy.sessions[--proxy.count];
}

static void accept_session(void)
{
    int client = accept4(proxy.listener, NULL, NULL, SOCK_CLOEXEC);
    int server = client < 0 || proxy.count == MAX_SESSIONS ? -1 : connect_server();
    if (server < 0) {
        if (client >= 0)
            close(client);
        return;
    }
    fcntl(client, F_SETFL, O_NONBLOCK);
    fcntl(server, F_SETFL, O_NONBLOCK);
    struct session *s = calloc(1, sizeof *s);
    if (s == NULL)
        die("calloc");
    s->client = client;
    s->server = server;
    proxy.sessions[proxy.count++] = s;
}

static uint32_t read_u32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void met(void)
{
    proxy.done = true;
    if (proxy.dead) {
        close(proxy.listener);
        proxy.listener = -1;
    }
    puts("done");
}

/* The startup packet: 4 bytes length, 4 bytes protocol, then names and values. */
static void take_startup(struct session *s, const char *packet, uint32_t length)
{
    static const char name[] = "application_name";
    char wanted[128];
    const char *job = getenv("PROXY_JOB");
    memcpy(wanted, name, sizeof name);
    int rest = snprintf(wanted + sizeof name, sizeof wanted - sizeof name, "waarborg/%s",
                        job == NULL ? "retention.worker" : job);
    size_t size = sizeof name + (size_t)rest + 1;
    s->started = read_u32(packet + 4) == 196608; /* else: a cancel, or a question about TLS */
    s->counts = s->started && memmem(packet, length, wanted, size) != NULL;
    s->rest = length;
}

static bool is_chosen(const struct session *s, const char *message, uint64_t length)
{
    static const char commit[] = "Q\0\0\0\013COMMIT"; /* with its NUL */
    if (!s->counts || proxy.done || (message[0] != 'Q' && message[0] != 'P') ||
        (proxy.commits_only &&
         (length != sizeof commit || memcmp(message, commit, sizeof commit) != 0)))
        return false;
    return ++proxy.seen == proxy.number;
}

static void take_message(struct session *s, const char *message, uint64_t length)
{
    s->rest = length;
    if (!is_chosen(s, message, length))
        return;
    switch (proxy.how) {
    case BEFORE:
        s->rest = 0;
        s->cut_when_sent = true;
        break;
    case MIDDLE:
        s->rest = length / 2;
        s->cut_when_sent = true;
        break;
    case SENT:
        s->cut_when_sent = true;
        break;
    case ANSWERED:
    case STALL:
        s->watch_answer = true;
        return; /* met when the answer comes */
    }
    met();
}

/* Looks at what came from the program; a message is cleared when its kind is known. */
static void clear_up(struct session *s)
{
    struct flow *f = &s->up;
    for (;;) {
        size_t waiting = f->length - f->clear;
        size_t pass = s->rest < waiting ? (size_t)s->rest : waiting;
        f->clear += pass;
        s->rest -= pass;
        waiting -= pass;
        if (s->rest > 0 || s->cut_when_sent)
            return;
        const char *at = f->data + f->clear;
        if (!s->started) {
            if (waiting < 4 || waiting < read_u32(at))
                return;
            take_startup(s, at, read_u32(at));
        } else {
            uint64_t length = waiting < 5 ? UINT64_MAX : 1 + (uint64_t)read_u32(at + 1);
            if (waiting < 5 || (waiting < 12 && waiting < length))
                return;
            take_message(s, at, length);
        }
    }
}

/* The answer that is watched for: cut, or held up.  False: the session ends. */
static bool clear_down(struct session *s)
{
    if (s->watch_answer && s->down.length > 0) {
        s->watch_answer = false;
        met();
        if (proxy.how == ANSWERED)
            return false;
        s->held_until_ms = now_ms() + STALL_MS;
    }
    if (now_ms() >= s->held_until_ms)
        s->held_until_ms = 0;
    s->down.clear = s->held_until_ms > 0 ? 0 : s->down.length;
    return true;
}

static bool fill(int fd, struct flow *f)
{
    ssize_t n = read(fd, f->data + f->length, sizeof f->data - f->length);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0)
        return false;
    f->length += (size_t)n;
    return true;
}

static bool drain(int fd, struct flow *f)
{
    if (f->clear == 0)
        return true;
    ssize_t n = write(fd, f->data, f->clear);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    memmove(f->data, f->data + n, f->length - (size_t)n);
    f->length -= (size_t)n;
    f->clear -= (size_t)n;
    return true;
}

static bool serve(struct session *s, short client, short server)
{
    const short input = POLLIN | POLLHUP | POLLERR;
    if ((client & input) != 0 && s->up.length < BUFFER && !fill(s->client, &s->up))
        return false;
    clear_up(s);
    /* What the server still has to say is passed on before its end is. */
    bool server_open =
        (server & input) == 0 || s->down.length == BUFFER || fill(s->server, &s->down);
    if (!clear_down(s) || !drain(s->server, &s->up) || !drain(s->client, &s->down))
        return false;
    return (server_open || s->down.length > 0) && !(s->cut_when_sent && s->rest + s->up.clear == 0);
}

static struct pollfd wish(int fd, const struct flow *in, const struct flow *out)
{
    int events = (in->length < BUFFER ? POLLIN : 0) | (out->clear > 0 ? POLLOUT : 0);
    return (struct pollfd){fd, (short)events, 0};
}

static void turn(void)
{
    struct pollfd polled[1 + 2 * MAX_SESSIONS];
    int count = proxy.count;
    bool holding = false;
    polled[0] = (struct pollfd){proxy.listener, POLLIN, 0};
    for (int i = 0; i < count; i++) {
        const struct session *s = proxy.sessions[i];
        holding |= s->held_until_ms > 0;
        polled[1 + 2 * i] = wish(s->client, &s->up, &s->down);
        polled[2 + 2 * i] = wish(s->server, &s->down, &s->up);
    }
    /* A signal that comes just before poll is seen a second later. */
    if (poll(polled, (nfds_t)(1 + 2 * count), holding ? 20 : 1000) < 0) {
        if (errno != EINTR)
            die("poll");
        return;
    }
    /* From the last: a session that ends gives its place to the last one. */
    for (int i = count - 1; i >= 0; i--)
        if (!serve(proxy.sessions[i], polled[1 + 2 * i].revents, polled[2 + 2 * i].revents))
            end_session(i);
    if ((polled[0].revents & POLLIN) != 0)
        accept_session();
}

static void parse_how(const char *text)
{
    size_t length = strcspn(text, "-");
    proxy.dead = strcmp(text + length, "-dead") == 0;
    for (size_t i = 0; i < sizeof how_names / sizeof *how_names; i++)
        if (strlen(how_names[i]) == length && strncmp(how_names[i], text, length) == 0) {
            proxy.how = (enum how)i;
            return;
        }
    errno = EINVAL;
    die(text);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs("fault_proxy LISTEN SERVER commit|any N HOW\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term}, NULL);
    proxy.server = argv[2];
    proxy.commits_only = strcmp(argv[3], "commit") == 0;
    proxy.number = strtol(argv[4], NULL, 10);
    parse_how(argv[5]);
    listen_at(argv[1]);
    while (!ending)
        turn();
    printf("seen %ld\n", proxy.seen);
    return 0;
}
