/* batch: subjects disposed of in one transaction, and the steps before anything is deleted.
 * Each step is a statement of its own, so that it sees what was committed while the one before
 * waited (READ COMMITTED).  Steps shrink the batch: whoever leaves is noted in the worklist, in the
 * same transaction. */
#pragma once

#include "jobs/retention/key_list.h"
#include "jobs/retention/night.h"

#define BATCH_NOT_LOCKED UINT64_MAX

struct batch_subject {
    int64_t ordinal; /* in the worklist */
    char *rule;
    char due_on[11];
};

struct batch {
    struct key_list keys; /* as many as subjects, in the same order */
    struct batch_subject *subjects;
    size_t capacity;
    uint64_t *locked; /* by key of the graph: rows locked through it, BATCH_NOT_LOCKED for others */
    bool wary;        /* lock every row before the first is deleted */
};

enum batch_pick { PICK_DUE, PICK_BLOCKED, PICK_THESE };

/* Takes subjects from the worklist and locks their rows there.  ordinals: for PICK_THESE.  A batch
 * that was picked in another way than PICK_DUE is wary. */
MUST_CHECK bool batch_take(struct worker *w, enum batch_pick how, const struct key_list *ordinals,
                           struct batch *ret_batch, struct error *err);

/* Locks the subject rows; busy ones leave for the next pass. */
MUST_CHECK bool batch_lock(struct worker *w, struct batch *b, struct error *err);

/* Locks clock rows, rows that a child row could be added to, rows that may belong to two, and rows
 * that a trigger may keep, and counts them in b->locked; of a wary batch the others, too.  Whoever
 * has a row that somebody else holds leaves for the next pass; then the counts are too high, and it
 * takes another call.  What is judged afterwards is judged on these rows, and the deletes must meet
 * exactly them: a row behind a link, which no foreign key guards, may still come in between. */
MUST_CHECK bool batch_lock_rows(struct worker *w, struct batch *b, struct error *err);

/* Subjects that are not kept leave the batch and wait for the next pass. */
MUST_CHECK bool batch_leave(struct worker *w, struct batch *b, const bool *keep, struct error *err);

/* Judges again, under the locks: whoever is not due any more, or held, leaves. */
MUST_CHECK bool batch_judge(struct worker *w, struct batch *b, struct error *err);

/* Subjects outside the batch that own rows that would go, or whose own row refers to one.
 * *ret_where: the first table where that is so, borrowed from the graph; NULL when none. */
MUST_CHECK bool batch_partners(struct worker *w, const struct batch *b,
                               struct key_list *ret_partners, const char **ret_where,
                               struct error *err);

/* The batch's own ordinals, as a key list of width 1; the caller frees it. */
struct key_list batch_ordinals(const struct batch *b);

/* Runs sql once a chunk; `visit` gets the literals of the chunk and may be called several times. */
typedef bool batch_chunk(void *context, const struct key_literals *chunk, size_t first,
                         struct error *err);
MUST_CHECK bool batch_each_chunk(struct worker *w, const struct batch *b, batch_chunk *visit,
                                 void *context, struct error *err);

void batch_free(struct batch *b);
