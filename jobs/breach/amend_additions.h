/* amend_additions: what is added to a breach beside its fields: measures, entries of its timeline,
 * attachments.  Read from the words of the command line:
 *   measure     "TYPE STATUS [INSTANT]: text"   repair | mitigate | prevent, taken | proposed
 *   timeline    "INSTANT text"
 *   attachment  a path
 * Never logs. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/db.h"
#include "common/options.h"
#include "common/text.h"

struct amend_words {
    struct option_list measures;
    struct option_list timeline;
    struct option_list attachments;
};
void amend_words_free(struct amend_words *w);

struct amend_additions {
    json_t *measures;    /* [{"type", "status", "description", "at"}], at an integer or null */
    json_t *timeline;    /* [{"at", "what"}] */
    json_t *attachments; /* [{"path", "sha256", "bytes"}] */
};

/* Reads all; attachments are read whole, for their digest.  Faults are appended, "--measure: what
 * is wrong; what is allowed", one line each.  now: seconds UTC. */
void amend_additions_read(const struct amend_words *words, int64_t now, struct amend_additions *ret,
                          struct text *faults);
size_t amend_additions_count(const struct amend_additions *a);
void amend_additions_free(struct amend_additions *a);

/* In the caller's transaction; each gets "id". */
MUST_CHECK bool amend_additions_write(struct db *db, const char *reference,
                                      struct amend_additions *a, struct error *err);
