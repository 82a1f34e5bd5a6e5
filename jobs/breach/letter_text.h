/* letter_text: the letter to an affected customer (GDPR art. 34(2)), in Dutch or English.
 *
 *   letter_text_open, letter_text_faults(each language that is needed), letter_make..., _close
 *
 * What happened, the advice and what was done are the texts of the register in that language
 * (summary_*, advice_*, measures_*); the consequences are the labels of its codes.  A Dutch letter
 * for which nobody wrote measures_nl shows the measures as they are registered.  Whom to ask is the
 * contact of the breach, or the data protection officer of the configuration.
 *
 * The template is <breach.templates>/letter.<language>.txt.  One of its lines begins with
 * "Subject:" or "Onderwerp:": what stands above it is the head of a letter on paper and no part of
 * a mail, what stands behind it is the mail's subject.  Never logs; errors hold nothing of
 * customers. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/text.h"
#include "jobs/settings/settings.h"

enum letter_language { LETTER_NL, LETTER_EN, LETTER_LANGUAGES };

const char *letter_language_code(enum letter_language l);
/* What the column of a customer says: "en", "English", "en-GB" are English; everything else, and
 * nothing (NULL), is Dutch. */
enum letter_language letter_language_of(const char *value);

struct letter_texts; /* owned by the caller from open to close */

/* breach: as sql/breach/show_letter.sql gives it; borrowed, as is the rest.  now: the date of the
 * letters.  A template that is not there or has faults is a fault of its language. */
void letter_texts_open(const struct settings *settings, const json_t *breach, const char *reference,
                       int64_t now, struct letter_texts **ret);
void letter_texts_close(struct letter_texts **t); /* for CLEANUP; *t may be NULL */

/* Adds a line "field: what is missing, and the mend" for each thing that letters in this language
 * lack; returns whether there was none. */
bool letter_texts_check(const struct letter_texts *t, enum letter_language l, struct text *faults);

struct letter_recipient {
    const char *name, *salutation, *address; /* NULL: not known */
};

struct letter {
    struct text text; /* as it goes on paper */
    char *subject;
    size_t body; /* where in text the mail begins */
};

/* ERR_USAGE: the template wants what this customer has not, as {{address}} without a question mark.
 */
MUST_CHECK bool letter_make(const struct letter_texts *t, enum letter_language l,
                            const struct letter_recipient *to, struct letter *ret,
                            struct error *err);
/* The same to nobody, for people to read; what is missing stands there in square brackets. */
MUST_CHECK bool letter_make_sample(const struct letter_texts *t, enum letter_language l,
                                   struct letter *ret, struct error *err);
void letter_free(struct letter *l); /* for CLEANUP; leaves {0} */

/* The mail address for answers: of whom to ask, or NULL. */
const char *letter_texts_reply_to(const struct letter_texts *t);
