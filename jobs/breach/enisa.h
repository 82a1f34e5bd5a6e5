/* enisa: the severity of a breach by ENISA's method of December 2013, SE = DPC x EI + CB.
 *
 * ADVICE ONLY.  The score decides nothing: the method is older than the GDPR and says nothing about
 * who must be told, and breaches that score low have had to be notified.  Nothing may derive a duty
 * from it; it stands beside the reasoned decision of a person.
 *
 * Everything is counted in quarters, because every factor is a multiple of 0.25: SE is 1 (0.25) to
 * 24 (6).  Pure: no database, no log, no time.
 *
 * The inputs as people write them, in any order, separated by commas, blanks allowed around each:
 *   dpc = simple | behavioural | financial | sensitive, each with ":1" to ":4" when it is not the
 *         category's base (1, 2, 3, 4); several joined by "+", of which the highest counts
 *   ei  = 0.25 | 0.5 | 0.75 | 1, or negligible | limited | significant | maximum
 *   c   = none | known | unknown               confidentiality: by whom it was received
 *   i   = none | recoverable | unrecoverable   integrity: altered and possibly wrongly used
 *   a   = none | temporary | permanent         availability: lost
 *   malicious = yes | no
 *   individuals = N                            how many; more than 100 is a flag
 *   unintelligible = yes | no                  a flag: well encrypted, and the key is safe
 * dpc and ei must be given; the others are none, no, and unknown for individuals.  Flags are shown
 * and do not change the score. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/error.h"
#include "common/text.h"

#define ENISA_METHOD "ENISA 2013"
#define ENISA_MANY_INDIVIDUALS 100 /* more than this is the flag */
#define ENISA_UNKNOWN_NUMBER (-1)

enum enisa_category {
    ENISA_SIMPLE,
    ENISA_BEHAVIOURAL,
    ENISA_FINANCIAL,
    ENISA_SENSITIVE,
    ENISA_CATEGORIES
};

enum enisa_band { ENISA_LOW, ENISA_MEDIUM, ENISA_HIGH, ENISA_VERY_HIGH };

struct enisa_input {
    int dpc[ENISA_CATEGORIES]; /* 1..4, 0 = no data of this category; at least one is given */
    int ei_quarters;           /* 1..4 */
    int confidentiality;       /* quarters that it adds: 0 none, 1 known, 2 unknown */
    int integrity;             /* 0 none, 1 recoverable, 2 unrecoverable */
    int availability;          /* 0 none, 1 temporary, 2 permanent */
    bool malicious;            /* adds 2 quarters */
    bool unintelligible;
    int64_t individuals; /* from 1, or ENISA_UNKNOWN_NUMBER */
};

struct enisa_score {
    int dpc;                     /* the highest */
    enum enisa_category highest; /* where it comes from; the first of several */
    int cb_quarters;             /* 0..8 */
    int se_quarters;             /* dpc * ei_quarters + cb_quarters: 1..24 */
    enum enisa_band band;
    bool many_individuals;
};

/* Reads the words above.  On failure err (ERR_USAGE) says how many faults there are, *faults
 * (appended to) holds one line each, "enisa: ei: what is wrong; what is allowed", and *ret is
 * untouched. */
MUST_CHECK bool enisa_parse(const char *words, struct enisa_input *ret, struct text *faults,
                            struct error *err);

/* Appends the words of an input, all of them in the order above, dpc with its numbers; parsing them
 * gives the same input. */
void enisa_add_words(struct text *t, const struct enisa_input *in);

/* One input, which is complete: from enisa_parse or enisa_from_json. */
struct enisa_score enisa_score(const struct enisa_input *in);

/* "low", "medium", "high", "very high"; in Dutch (language "nl") "laag" ... "zeer hoog". */
const char *enisa_band_word(enum enisa_band band, const char *language);
/* "0.25", "1.5", "6"; in Dutch with a comma.  dst has at least 8 bytes and is returned. */
const char *enisa_quarters(char *dst, size_t size, int quarters, const char *language);

/* Appends lines for people: the sum, what each element says and why it counts so, the flags, what
 * the band means, and that it is advice.  language "nl" is Dutch, everything else English. */
void enisa_explain(struct text *t, const struct enisa_input *in, const char *language);
/* The one sentence that has to stand wherever a score is shown: advice, decides nothing. */
const char *enisa_advice_only(const char *language);

/* For storage; the caller owns the result.  Members: method, dpc {category: number}, ei, c, i, a
 * (the words above), malicious, unintelligible, individuals (null when unknown), se_quarters,
 * band (English). */
json_t *enisa_to_json(const struct enisa_input *in);

/* Reads it back; members that are not listed above are let be.  ERR_INTEGRITY when one is missing
 * or is not what enisa_to_json writes, or when score or band do not follow from the inputs. */
MUST_CHECK bool enisa_from_json(const json_t *stored, struct enisa_input *ret, struct error *err);
