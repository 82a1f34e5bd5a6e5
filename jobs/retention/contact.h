/* contact: SQL that says how to reach subjects, by `contact` of the policy's subject.  With
 * belonging, statements and judge the one place that generates SQL.  Contact data is read when a
 * letter is made and kept nowhere.
 *
 * Only for a graph without refusals, and of a policy with a contact (policy->contact.line > 0) that
 * contact_check has not refused. */
#pragma once

#include "jobs/retention/belonging.h"

enum contact_column {              /* of contact_select */
                      CONTACT_N,   /* position in `subjects`, from 1 */
                      CONTACT_KEY, /* text[] */
                      CONTACT_NAME,
                      CONTACT_SALUTATION,
                      CONTACT_ADDRESS, /* its lines, separated by newlines; empty ones left out */
                      CONTACT_EMAIL,   /* as it stands there: nobody has looked whether it is an
                                          address */
                      CONTACT_LANGUAGE,
};

/* A select with one row for each of these subjects that is in the database, in the order given; a
 * key that was given twice comes twice.  Everything but n and key is NULL when it is not known or
 * blank, and one line without control characters (address: several).  When several rows of
 * contact.table belong to a subject, the one with the highest primary key speaks. */
void contact_select(struct text *sql, const struct graph *g, const struct key_literals *subjects);

/* Refusals for a contact whose table or columns are not there; nothing when the policy has none.
 * For `check` and the letters, not for a run: what letters need must not stop retention. */
void contact_check(const struct graph *g, struct problem_list *problems);
