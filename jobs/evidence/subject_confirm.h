/* subject_confirm: what stands outside the database about the disposals of one subject: manifests
 * in the archive directory, lines of the journal.  What does not agree becomes a fault of the
 * answer (subject.h).  Never logs. */
#pragma once

#include "common/lookup.h"
#include "jobs/archive/history.h"
#include "jobs/archive/store.h"
#include "jobs/evidence/subject.h"

struct confirm { /* initialise to {.store.root_fd = -1} */
    struct subject *s;
    bool has_store;
    struct store store;
    bool has_journal;
    struct history history;
    struct db_result *ledger; /* list_ledger.sql */
    struct lookup by_id;      /* its rows */
};

/* ERR_INTEGRITY when the journal was written with another reference key than the present one. */
MUST_CHECK bool confirm_load(struct subject *s, struct confirm *ret, struct error *err);
void confirm_free(struct confirm *c);

struct confirm_disposal { /* what the ledger says, borrowed */
    const char *segment, *file, *manifest_sha256, *rule, *due_on;
    bool destroyed;
};
/* Adds archive, in_manifest, in_journal and confirmed to the disposal. */
void confirm_disposal(struct confirm *c, const struct confirm_disposal *d, json_t *disposal);

/* Has the journal a line about this restore? */
void confirm_restore(struct confirm *c, const char *segment, bool whole, int64_t at);

/* Disposals that stand in a manifest and not in the ledger are added to the answer: those of
 * segments that it does not know; and of all segments when nothing else is known about the subject.
 */
MUST_CHECK bool confirm_find_forgotten(struct confirm *c, struct error *err);
