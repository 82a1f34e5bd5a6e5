/* decision: what `breach assess` is told, checked and made whole.
 *
 * The risk may be left out when the two decisions leave only one: nobody told means unlikely, the
 * AP and not the customers means a risk, customers who are told, or a ground not to tell them,
 * means a high risk.  A risk that is given always stands; what contradicts it is a fault.  Pure,
 * but for the words of the options: no database, no log. */
#pragma once

#include <stdint.h>

#include "jobs/breach/breach_check.h"
#include "jobs/breach/enisa.h"
#include "jobs/settings/settings.h"

enum answer { ANSWER_NONE, ANSWER_YES, ANSWER_NO };

struct decision_words { /* as typed; NULL when not given; borrowed from argv */
    const char *risk, *ap, *customers, *because, *ap_because, *customers_because;
    const char *ground, *public_at, *public_where, *at, *enisa;
};

struct decision {
    const char *risk;         /* "unlikely", "risk", "high" */
    const char *risk_because; /* why it follows from the rest; NULL: it was given */
    enum answer ap, customers;
    const char *ground; /* "A", "B", "C", "WFT" or NULL */
    int64_t at;         /* now when it was not given */
    int64_t public_at;  /* CLOCK_NO_INSTANT: none */
    bool has_enisa;
    struct enisa_input enisa;
};

/* Adds every fault to *faults; *ret is to be used only when there are none. */
void decision_read(const struct decision_words *words, const struct settings *settings, int64_t now,
                   struct text *faults, struct decision *ret);

/* Adds a line for each reason to look again: advice and decision far apart, many people and no
 * notification, decided before anybody was aware.  Refuses nothing. */
void decision_warn(const struct decision *d, const struct breach_check *breach,
                   struct text *warnings);

/* For waarborg.breach_assess.  The caller's. */
json_t *decision_to_json(const struct decision *d, const struct decision_words *words);
