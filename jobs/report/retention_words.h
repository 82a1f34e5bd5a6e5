/* retention_words: what retention, run, schedule and holds call one thing, in both languages. */
#pragma once

#include "jobs/report/report.h"

extern const struct document_code words_outcomes[];     /* of a run; unfinished */
extern const struct document_code words_left[];         /* states; nobody, not_recorded */
extern const struct document_code words_left_reasons[]; /* the known ones */
/* What a run left; a record of one run begins behind policy, run and as_of. */
extern const struct document_field words_left_fields[];
extern const struct document_code words_approvals[];  /* of retention_policies */
extern const struct document_code words_not_stated[]; /* not_stated; anything else is shown */

/* A window in words, as a code (English) that is the same in every language; its label goes into
 * the document's labels, list "window".  Allocated by jansson. */
json_t *words_window(struct document *d, struct retention_window window);
