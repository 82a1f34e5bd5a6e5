/* batch_shared: rows that belong to two subjects.  Such a row goes when both go, in one batch;
 * otherwise it stays, and the due subject stays with it. */
#pragma once

#include "jobs/retention/batch.h"

/* Subjects that share rows with anybody outside the batch leave it: *ret_shared receives their
 * ordinals, to be disposed of as a group.  What is left shares nothing. */
MUST_CHECK bool batch_shared_leave(struct worker *w, struct batch *b, struct key_list *ret_shared,
                                   struct error *err);

/* Is the batch complete, that is, do its subjects share rows only among themselves?  If not,
 * *ret_partners receives the ordinals of those who must join; ERR_BLOCKED (reason "shared ...")
 * when one of them stays. */
MUST_CHECK bool batch_shared_complete(struct worker *w, const struct batch *b,
                                      struct key_list *ret_partners, struct error *err);
