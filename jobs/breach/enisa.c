#include "jobs/breach/enisa.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "jobs/breach/enisa_words.h"

const struct enisa_word enisa_ei_words[] = {{"0.25", 1},        {"0.5", 2},        {"0.75", 3},
                                            {"1", 4},           {"negligible", 1}, {"limited", 2},
                                            {"significant", 3}, {"maximum", 4},    {0}};
const struct enisa_word enisa_c_words[] = {{"none", 0}, {"known", 1}, {"unknown", 2}, {0}};
const struct enisa_word enisa_i_words[] = {
    {"none", 0}, {"recoverable", 1}, {"unrecoverable", 2}, {0}};
const struct enisa_word enisa_a_words[] = {{"none", 0}, {"temporary", 1}, {"permanent", 2}, {0}};
const struct enisa_word enisa_yes_no_words[] = {{"yes", 1}, {"no", 0}, {0}};
const struct enisa_word enisa_category_words[] = {{"simple", ENISA_SIMPLE},
                                                  {"behavioural", ENISA_BEHAVIOURAL},
                                                  {"financial", ENISA_FINANCIAL},
                                                  {"sensitive", ENISA_SENSITIVE},
                                                  {0}};

const char *enisa_word_of(const struct enisa_word *words, int value)
{
    for (; words->word != NULL; words++)
        if (words->value == value)
            return words->word;
    return NULL;
}

bool enisa_word_value(const struct enisa_word *words, const char *word, int *ret)
{
    for (; words->word != NULL; words++)
        if (strcmp(words->word, word) == 0) {
            *ret = words->value;
            return true;
        }
    return false;
}

int enisa_base(enum enisa_category category)
{
    return (int)category + 1;
}

static enum enisa_band band_of(int se_quarters)
{
    if (se_quarters < 2 * 4)
        return ENISA_LOW;
    if (se_quarters < 3 * 4)
        return ENISA_MEDIUM;
    return se_quarters < 4 * 4 ? ENISA_HIGH : ENISA_VERY_HIGH;
}

struct enisa_score enisa_score(const struct enisa_input *in)
{
    struct enisa_score s = {.many_individuals = in->individuals > ENISA_MANY_INDIVIDUALS};
    for (int i = 0; i < ENISA_CATEGORIES; i++)
        if (in->dpc[i] > s.dpc) {
            s.dpc = in->dpc[i];
            s.highest = (enum enisa_category)i;
        }
    s.cb_quarters =
        in->confidentiality + in->integrity + in->availability + (in->malicious ? 2 : 0);
    s.se_quarters = s.dpc * in->ei_quarters + s.cb_quarters;
    s.band = band_of(s.se_quarters);
    return s;
}

bool enisa_is_dutch(const char *language)
{
    return language != NULL && strcmp(language, "nl") == 0;
}

const char *enisa_band_word(enum enisa_band band, const char *language)
{
    static const char *const english[] = {"low", "medium", "high", "very high"};
    static const char *const dutch[] = {"laag", "gemiddeld", "hoog", "zeer hoog"};
    return enisa_is_dutch(language) ? dutch[band] : english[band];
}

const char *enisa_quarters(char *dst, size_t size, int quarters, const char *language)
{
    static const char *const parts[] = {"", "25", "5", "75"};
    int part = quarters % 4;
    const char *point = enisa_is_dutch(language) ? "," : ".";
    snprintf(dst, size, "%d%s%s", quarters / 4, part == 0 ? "" : point, parts[part]);
    return dst;
}

void enisa_add_words(struct text *t, const struct enisa_input *in)
{
    const char *join = "dpc=";
    for (int i = 0; i < ENISA_CATEGORIES; i++)
        if (in->dpc[i] > 0) {
            text_addf(t, "%s%s:%d", join, enisa_word_of(enisa_category_words, i), in->dpc[i]);
            join = "+";
        }
    text_addf(t, ",ei=%s,c=%s,i=%s,a=%s,malicious=%s",
              enisa_word_of(enisa_ei_words, in->ei_quarters),
              enisa_word_of(enisa_c_words, in->confidentiality),
              enisa_word_of(enisa_i_words, in->integrity),
              enisa_word_of(enisa_a_words, in->availability), in->malicious ? "yes" : "no");
    if (in->individuals != ENISA_UNKNOWN_NUMBER)
        text_addf(t, ",individuals=%" PRId64, in->individuals);
    text_addf(t, ",unintelligible=%s", in->unintelligible ? "yes" : "no");
}

json_t *enisa_to_json(const struct enisa_input *in)
{
    struct enisa_score s = enisa_score(in);
    json_t *dpc = json_object();
    for (int i = 0; i < ENISA_CATEGORIES; i++)
        if (in->dpc[i] > 0)
            json_object_set_new(dpc, enisa_word_of(enisa_category_words, i),
                                json_integer(in->dpc[i]));
    json_t *individuals =
        in->individuals == ENISA_UNKNOWN_NUMBER ? json_null() : json_integer(in->individuals);
    return json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:b, s:b, s:o, s:i, s:s}", "method",
                     ENISA_METHOD, "dpc", dpc, "ei", enisa_word_of(enisa_ei_words, in->ei_quarters),
                     "c", enisa_word_of(enisa_c_words, in->confidentiality), "i",
                     enisa_word_of(enisa_i_words, in->integrity), "a",
                     enisa_word_of(enisa_a_words, in->availability), "malicious", in->malicious,
                     "unintelligible", in->unintelligible, "individuals", individuals,
                     "se_quarters", s.se_quarters, "band", enisa_band_word(s.band, "en"));
}

static bool read_word(const json_t *stored, const char *member, const struct enisa_word *words,
                      int *ret)
{
    const char *word = json_string_value(json_object_get(stored, member));
    return word != NULL && enisa_word_value(words, word, ret);
}

static bool read_categories(const json_t *dpc, struct enisa_input *in)
{
    const char *name;
    json_t *number;
    json_object_foreach((json_t *)dpc, name, number)
    {
        int category;
        json_int_t value = json_integer_value(number);
        if (!enisa_word_value(enisa_category_words, name, &category) || value < 1 || value > 4)
            return false;
        in->dpc[category] = (int)value;
    }
    return json_object_size(dpc) > 0;
}

static bool read_flag(const json_t *stored, const char *member, bool *ret)
{
    const json_t *value = json_object_get(stored, member);
    if (!json_is_boolean(value))
        return false;
    *ret = json_is_true(value);
    return true;
}

static bool read_individuals(const json_t *stored, int64_t *ret)
{
    const json_t *value = json_object_get(stored, "individuals");
    if (json_is_null(value))
        return true;
    if (json_integer_value(value) < 1)
        return false;
    *ret = json_integer_value(value);
    return true;
}

static bool is_text(const json_t *value, const char *expect)
{
    return json_is_string(value) && strcmp(json_string_value(value), expect) == 0;
}

/* The first member that cannot be used, or NULL. */
static const char *read_inputs(const json_t *stored, struct enisa_input *in)
{
    if (!is_text(json_object_get(stored, "method"), ENISA_METHOD))
        return "method";
    if (!read_categories(json_object_get(stored, "dpc"), in))
        return "dpc";
    if (!read_word(stored, "ei", enisa_ei_words, &in->ei_quarters))
        return "ei";
    if (!read_word(stored, "c", enisa_c_words, &in->confidentiality))
        return "c";
    if (!read_word(stored, "i", enisa_i_words, &in->integrity))
        return "i";
    if (!read_word(stored, "a", enisa_a_words, &in->availability))
        return "a";
    if (!read_flag(stored, "malicious", &in->malicious))
        return "malicious";
    if (!read_flag(stored, "unintelligible", &in->unintelligible))
        return "unintelligible";
    return read_individuals(stored, &in->individuals) ? NULL : "individuals";
}

bool enisa_from_json(const json_t *stored, struct enisa_input *ret, struct error *err)
{
    struct enisa_input in = {.individuals = ENISA_UNKNOWN_NUMBER};
    const char *member = read_inputs(stored, &in);
    if (member != NULL)
        return error_set(err, ERR_INTEGRITY,
                         "the stored ENISA score cannot be read: %s is missing "
                         "or is none of the values of " ENISA_METHOD,
                         member);
    struct enisa_score s = enisa_score(&in);
    const json_t *se = json_object_get(stored, "se_quarters");
    if (!json_is_integer(se) || json_integer_value(se) != s.se_quarters ||
        !is_text(json_object_get(stored, "band"), enisa_band_word(s.band, "en")))
        return error_set(err, ERR_INTEGRITY,
                         "the stored ENISA score does not follow from its inputs, which give %d "
                         "quarters (%s)",
                         s.se_quarters, enisa_band_word(s.band, "en"));
    *ret = in;
    return true;
}
