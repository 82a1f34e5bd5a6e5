/* progress: one line on a terminal's stderr, redrawn at most once a second; nothing elsewhere. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool active; /* stderr is a terminal and not quiet */
    uint64_t subjects_total;
    int64_t started_ms; /* monotonic */
    int64_t drawn_ms;
};

void progress_start(struct progress *p, uint64_t subjects_total, bool quiet);
/* subjects, rows, MB, rows/s, time left */
void progress_show(struct progress *p, uint64_t subjects, uint64_t rows, uint64_t bytes);
/* The same of things that are counted only: "12 of 400 letters, 3 min 10 s left". */
void progress_show_count(struct progress *p, uint64_t done, const char *things);
void progress_end(struct progress *p); /* clears the line */
