/* subject: what evidence KEY finds out about one subject, gathered into one JSON object that is
 * printed as it is or told in sentences.
 *
 * The object (all members are always there):
 *   policy, subject_table, reference, as_of
 *   in_database   true, false; null when it could not be found out
 *   state         kept, running, uncovered, due, held, blocked: why it is still there;
 *                 gone: disposed of; not-found: not there, and never disposed of; unknown
 *   rule          the rule that keeps it or lets it go, or null
 *   due_on        the day from which on it may go, or null
 *   kept_until    the day before that, while it has not come, or null
 *   reason, since of uncovered and blocked, or null
 *   holds         active ones: hold, archive (boolean), kind, reason, placed_at, placed_by,
 *                 review_on
 *   breaches      that affect it: breach, state (to_tell, told, returned, exempt, disposed), keeps
 *                 (boolean: it stays until it is told), told_at, returned_at, channel, because,
 *                 closed
 *   disposals     oldest first: disposed_at, policy, rule, due_on, segment, run, as_of, file,
 *                 archive (present, destroyed, file missing; null: not looked at),
 *                 archive_held (by a hold on whomever),
 *                 kept_until (the last day of archive.keep), destroyed_at, in_ledger, in_journal,
 *                 in_manifest, confirmed, restores (at, by, os_user, reason, whole_segment)
 *   returned      after a restored database: wanted, noted_at, looked_at, outcome, settled_at;
 *                 or null
 *   notes         sentences
 *   faults        place, fault: what does not agree
 *
 * Never logs. */
#pragma once

#include <jansson.h>

#include "common/db.h"
#include "common/digest.h"
#include "jobs/job.h"

struct subject { /* initialise to {0} */
    const struct job_ctx *ctx;
    const struct policy *policy;
    struct db *db;
    char **key; /* as the database writes it; NULL when no row could ever have this key */
    size_t key_count;
    char reference[DIGEST_HEX_SIZE]; /* "" without key */
    unsigned char reference_key[DIGEST_SIZE];
    json_t *answer;
};

void subject_free(struct subject *s); /* wipes the reference key */

/* s->key from the words of the command line.  ERR_USAGE when one is no value of its column. */
MUST_CHECK bool subject_find_key(struct subject *s, char *const *words, size_t count,
                                 struct error *err);

/* Judges it as a run would; s->key becomes the key as its row has it. */
MUST_CHECK bool subject_judge(struct subject *s, struct error *err);

/* s->reference must be there: holds, disposals, and what archive and journal say about them. */
MUST_CHECK bool subject_tell_history(struct subject *s, struct error *err);

void subject_add_fault(struct subject *s, const char *place, const char *sentence);
size_t subject_fault_count(const struct subject *s);

/* The answer in sentences, on stdout. */
void subject_print(const json_t *answer);
