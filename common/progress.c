#include "common/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "common/render.h"

enum { REDRAW_MS = 1000 };

static int64_t monotonic_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_start(struct progress *p, uint64_t subjects_total, bool quiet)
{
    *p = (struct progress){
        .active = !quiet && isatty(STDERR_FILENO) == 1,
        .subjects_total = subjects_total,
        .started_ms = monotonic_ms(),
    };
    p->drawn_ms = p->started_ms; /* a run of less than a second draws nothing */
}

static void time_text(char *dst, size_t size, int64_t seconds)
{
    if (seconds >= 3600)
        snprintf(dst, size, "%" PRId64 " h %02d min", seconds / 3600, (int)(seconds / 60 % 60));
    else if (seconds >= 60)
        snprintf(dst, size, "%d min %02d s", (int)(seconds / 60), (int)(seconds % 60));
    else
        snprintf(dst, size, "%d s", (int)seconds);
}

/* A line wider than the terminal would wrap, and a return goes back over its last row only. */
static size_t cut_to_terminal(size_t length)
{
    struct winsize window = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) < 0 || window.ws_col < 2)
        return length;
    size_t columns = (size_t)window.ws_col - 1;
    return length < columns ? length : columns;
}

/* One write: a log line of another thread does not land in its middle. */
static void draw(const char *line, int length, size_t size)
{
    if (length > 0 && (size_t)length < size)
        fprintf(stderr, "\r%.*s\033[K", (int)cut_to_terminal((size_t)length), line);
}

void progress_show_count(struct progress *p, uint64_t done, const char *things)
{
    int64_t now = monotonic_ms();
    if (!p->active || now - p->drawn_ms < REDRAW_MS)
        return;
    p->drawn_ms = now;
    double seconds = (double)(now - p->started_ms) / 1000.0;
    char count[32], total[32], line[160];
    char left[48] = "unknown time";
    if (done > 0 && done <= p->subjects_total)
        time_text(left, sizeof left,
                  (int64_t)(seconds * (double)(p->subjects_total - done) / (double)done));
    draw(line,
         snprintf(line, sizeof line, "%s of %s %s, %s left",
                  render_count(count, sizeof count, (long long)done),
                  render_count(total, sizeof total, (long long)p->subjects_total), things, left),
         sizeof line);
}

void progress_show(struct progress *p, uint64_t subjects, uint64_t rows, uint64_t bytes)
{
    int64_t now = monotonic_ms();
    if (!p->active || now - p->drawn_ms < REDRAW_MS)
        return;
    p->drawn_ms = now;
    double seconds = (double)(now - p->started_ms) / 1000.0;
    char done[32];
    char total[32];
    char row_count[32];
    char size[32];
    char speed[32];
    char left[48] = "unknown time";
    if (subjects > 0 && subjects <= p->subjects_total)
        time_text(left, sizeof left,
                  (int64_t)(seconds * (double)(p->subjects_total - subjects) / (double)subjects));
    char line[320];
    int length =
        snprintf(line, sizeof line, "%s of %s subjects, %s rows, %s, %s rows/s, %s left",
                 render_count(done, sizeof done, (long long)subjects),
                 render_count(total, sizeof total, (long long)p->subjects_total),
                 render_count(row_count, sizeof row_count, (long long)rows),
                 render_bytes(size, sizeof size, bytes),
                 render_count(speed, sizeof speed, (long long)((double)rows / seconds)), left);
    draw(line, length, sizeof line);
}

void progress_end(struct progress *p)
{
    if (p->active && p->drawn_ms != p->started_ms)
        fputs("\r\033[K", stderr);
    p->active = false;
}
