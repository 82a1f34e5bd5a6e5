/* breach_check: the breaches that a command names, looked at before it writes, so that all faults
 * are told at once.  The register itself checks again.  Never logs. */
#pragma once

#include "common/db.h"
#include "common/text.h"
#include "jobs/breach/register.h"

struct breach_check {
    char reference[REGISTER_REFERENCE_SIZE];
    char *title;
    bool known, closed;
    int64_t aware_at; /* instants are CLOCK_NO_INSTANT when there is none */
    int64_t ap_due_at;
    int64_t ap_met_at;
    bool has_delay_reason;
    int64_t persons_max; /* 0: not given */
    int64_t affected;
    int64_t assessments;
    bool assessed, nis2, dora;
};

struct breach_check_list {
    struct breach_check *items; /* each breach once, in the order given */
    size_t count;
};

/* words: as typed.  A word that is no reference, an unknown and a closed breach is a fault, added
 * to *faults; such a breach is not in the list.  false: the database failed. */
MUST_CHECK bool breach_check_load(struct db *db, char **words, size_t word_count,
                                  struct text *faults, struct breach_check_list *ret,
                                  struct error *err);
void breach_check_free(struct breach_check_list *list);
