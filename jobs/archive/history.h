/* history: what the journal's lines say (journal_lines.h writes them), as lists in the order of the
 * file.  Events of other names are passed over: run lines, and what a newer program may add.
 * Never logs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "common/journal.h"
#include "common/lookup.h"

struct history_segment { /* a line "segment" */
    char *id, *policy, *file, *sha256, *manifest_sha256;
    int64_t at, run_id; /* instants are seconds UTC */
    uint64_t line;      /* number in the journal */
    uint64_t chain_no, subjects, rows;
    uint64_t expire_line; /* 0: its file was not destroyed */
    int64_t expired_at;
};

struct history_restore {       /* a line "restore" */
    char *segment, *reference; /* reference NULL: the whole segment */
    int64_t at;
    uint64_t line, subjects, rows;
    size_t older; /* place of the one before it on the same subject or segment, SIZE_MAX: none */
};

struct history_hold {                            /* a line "hold": on an archived subject */
    char *policy, *reference, *kind, *review_on; /* review_on may be NULL */
    int64_t id, at;
    uint64_t line;
    uint64_t release_line; /* 0: active */
    int64_t released_at;
    size_t older; /* place of the hold before it on the same subject, SIZE_MAX when there is none */
};

struct history_run { /* a line "run" */
    char *policy, *as_of, *fingerprint, *outcome;
    int64_t id, at;
    uint64_t line, subjects, rows, segments, blocked, held;
    uint64_t audit_seq; /* the last line of the audit log then */
    char *audit_sha256; /* of that line; NULL in a line from before there was an audit log */
};

struct history { /* initialise to {0} */
    struct history_segment *segments;
    size_t segment_count, segment_capacity;
    struct history_restore *restores;
    size_t restore_count, restore_capacity;
    struct history_hold *holds;
    size_t hold_count, hold_capacity;
    struct history_run *runs;
    size_t run_count, run_capacity;
    uint64_t *re_erase_lines; /* numbers of the lines "re-erase" */
    size_t re_erase_count, re_erase_capacity;
    char key_fingerprint[DIGEST_HEX_SIZE]; /* of the reference key; "" when no line tells */
    uint64_t lines;
    uint64_t torn;   /* bytes of a torn last line */
    int64_t last_at; /* the latest instant of any line */
    struct lookup segment_by_id;
    struct lookup hold_by_reference;  /* the latest */
    struct lookup restore_by_subject; /* the latest: by reference, of whole segments by segment */
};

/* ERR_INTEGRITY names the first line that does not hold, in itself or in what it says; sys_errno
 * ENOENT when there is no journal. */
MUST_CHECK bool history_load(const char *path, struct history *ret, struct error *err);
/* The same, going on behind lines that do not hold: complain gets a sentence for each, and what
 * such a line says is left out when it says too little. */
MUST_CHECK bool history_examine(const char *path, journal_complain *complain, void *context,
                                struct history *ret, struct error *err);
void history_free(struct history *h);

/* Does the journal say that this segment was destroyed?  *ret_at: when.  False also when the
 * journal cannot be read. */
bool history_tells_destroyed(const char *path, const char *segment_id, int64_t *ret_at);

/* The line about this segment (the first, when there are several), or NULL. */
const struct history_segment *history_find(const struct history *h, const char *segment_id);
const struct history_hold *history_find_hold(const struct history *h, int64_t id,
                                             const char *reference);
/* Is there a line about this restore?  reference: NULL for the whole segment. */
bool history_has_restore(const struct history *h, const char *segment, const char *reference,
                         int64_t at);
