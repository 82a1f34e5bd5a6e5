/* enisa_words: the words of the inputs, which enisa.c judges, enisa_parse.c reads and
 * enisa_explain.c explains.  For these three files only. */
#pragma once

#include "jobs/breach/enisa.h"

struct enisa_word {
    const char *word;
    int value;
};

/* The words of a choice, in the order in which a fault offers them; ends with word == NULL.  Of two
 * words for one value the first is the one that is written. */
extern const struct enisa_word enisa_ei_words[];
extern const struct enisa_word enisa_c_words[];
extern const struct enisa_word enisa_i_words[];
extern const struct enisa_word enisa_a_words[];
extern const struct enisa_word enisa_yes_no_words[];
extern const struct enisa_word enisa_category_words[]; /* value: enum enisa_category */

/* The word of a value, NULL for a value that has none. */
const char *enisa_word_of(const struct enisa_word *words, int value);
/* False, and *ret untouched, for a word that is not there. */
bool enisa_word_value(const struct enisa_word *words, const char *word, int *ret);

/* A category's number when none is written. */
int enisa_base(enum enisa_category category);

bool enisa_is_dutch(const char *language);
