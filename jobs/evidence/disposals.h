/* disposals: who was disposed of in which segment, gathered from manifests and journal: what the
 * checks of a whole history need, in a form that a million subjects fit in.  Never logs. */
#pragma once

#include <stdint.h>

#include "jobs/archive/history.h"
#include "jobs/archive/store.h"

struct disposal_segment {  /* one manifest */
    char *id, *base;       /* base: path below the archive directory, without endings */
    char *policy, *sha256; /* sha256: of the segment file */
    char *database, *system_identifier; /* the latter NULL when it was not known */
    int64_t run_id;
    uint64_t chain_no, subjects;
    uint64_t rows, unlinked;            /* of all members; of those that are unlinked values */
    const struct history_segment *line; /* of the journal, or NULL */
};

struct disposal { /* of one subject */
    unsigned char reference[DIGEST_SIZE];
    uint32_t segment; /* place in segments */
};

struct disposals {                 /* initialise to {.history = ...} */
    const struct history *history; /* borrowed */
    struct disposal_segment *segments;
    size_t segment_count, segment_capacity;
    struct lookup by_id; /* the first of each id */
    struct disposal *items;
    size_t count, capacity;
};

/* A verify_watch (jobs/archive/verify.h) whose context is a struct disposals. */
void disposals_add(void *context, const struct store_entry *entry, const struct manifest *m);

/* By reference, and those of one subject in the order of the journal; called once, after the last
 * one was added. */
void disposals_sort(struct disposals *d);

/* Place of the first disposal of this subject; *ret_count of them follow one another, 0 when there
 * is none.  reference: 64 hexadecimal digits. */
size_t disposals_find(const struct disposals *d, const char *reference, size_t *ret_count);

/* The segment with this id, or NULL. */
const struct disposal_segment *disposals_segment(const struct disposals *d, const char *id);
void disposals_free(struct disposals *d);
