#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "jobs/breach/enisa.h"

static void json_release(json_t **value)
{
    json_decref(*value);
}

static struct enisa_input parse(const char *words)
{
    CLEANUP(text_free) struct text faults = {0};
    struct error err = {0};
    struct enisa_input in = {0};
    if (!enisa_parse(words, &in, &faults, &err))
        fail_msg("%s: %s\n%s", words, err.message, text_get(&faults));
    assert_string_equal(text_get(&faults), "");
    return in;
}

/* What was stored gives the same inputs, and so do the words. */
static void assert_round_trip(const struct enisa_input *in)
{
    CLEANUP(json_release) json_t *stored = enisa_to_json(in);
    CLEANUP(text_free) struct text words = {0};
    struct error err = {0};
    struct enisa_input again;
    memset(&again, 0, sizeof again);
    if (!enisa_from_json(stored, &again, &err))
        fail_msg("%s", err.message);
    enisa_add_words(&words, in);
    struct enisa_input parsed = parse(text_get(&words));
    CLEANUP(json_release) json_t *from_stored = enisa_to_json(&again);
    CLEANUP(json_release) json_t *from_words = enisa_to_json(&parsed);
    assert_true(json_equal(stored, from_stored));
    assert_true(json_equal(stored, from_words));
}

static struct enisa_input combination(int number)
{
    struct enisa_input in = {.individuals = ENISA_UNKNOWN_NUMBER};
    in.dpc[number % 4] = number % 4 + 1;
    number /= 4;
    in.ei_quarters = number % 4 + 1;
    number /= 4;
    in.confidentiality = number % 3;
    number /= 3;
    in.integrity = number % 3;
    number /= 3;
    in.availability = number % 3;
    in.malicious = number / 3 == 1;
    return in;
}

static void test_all_864_combinations(void **state)
{
    int count[4] = {0};
    (void)state;
    for (int number = 0; number < 864; number++) {
        struct enisa_input in = combination(number);
        struct enisa_score s = enisa_score(&in);
        double se = s.dpc * (in.ei_quarters * 0.25) + in.confidentiality * 0.25 +
                    in.integrity * 0.25 + in.availability * 0.25 + (in.malicious ? 0.5 : 0);
        enum enisa_band band = se < 2   ? ENISA_LOW
                               : se < 3 ? ENISA_MEDIUM
                               : se < 4 ? ENISA_HIGH
                                        : ENISA_VERY_HIGH;
        assert_int_equal(s.se_quarters, (int)(se * 4));
        assert_int_equal(s.band, band);
        count[s.band]++;
        assert_round_trip(&in);
    }
    assert_int_equal(count[ENISA_LOW], 273);
    assert_int_equal(count[ENISA_MEDIUM], 295);
    assert_int_equal(count[ENISA_HIGH], 170);
    assert_int_equal(count[ENISA_VERY_HIGH], 126);
}

static const struct {
    const char *name, *words;
    int se_quarters;
    const char *se, *band, *canonical;
} score_cases[] = {
    {"names and business mail in an open URL", "dpc=simple,ei=1,c=unknown", 6, "1.5", "low",
     "dpc=simple:1,ei=1,c=unknown,i=none,a=none,malicious=no,unintelligible=no"},
    {"the same, malicious: the boundary", "dpc=simple,ei=1,c=unknown,malicious=yes", 8, "2",
     "medium", "dpc=simple:1,ei=1,c=unknown,i=none,a=none,malicious=yes,unintelligible=no"},
    {"everything maximal",
     "dpc=sensitive,ei=maximum,c=unknown,i=unrecoverable,a=permanent,malicious=yes", 24, "6",
     "very high",
     "dpc=sensitive:4,ei=1,c=unknown,i=unrecoverable,a=permanent,malicious=yes,"
     "unintelligible=no"},
    {"everything minimal", "dpc=simple,ei=negligible", 1, "0.25", "low",
     "dpc=simple:1,ei=0.25,c=none,i=none,a=none,malicious=no,unintelligible=no"},
    {"just below very high", "dpc=financial,ei=1,c=known,malicious=yes", 15, "3.75", "high",
     "dpc=financial:3,ei=1,c=known,i=none,a=none,malicious=yes,unintelligible=no"},
    {"very high begins", "dpc=sensitive:4,ei=1", 16, "4", "very high",
     "dpc=sensitive:4,ei=1,c=none,i=none,a=none,malicious=no,unintelligible=no"},
    {"high begins", "dpc=financial,ei=1", 12, "3", "high",
     "dpc=financial:3,ei=1,c=none,i=none,a=none,malicious=no,unintelligible=no"},
    {"the example of the manual", "dpc=simple:2,ei=0.75,c=unknown,malicious=yes", 10, "2.5",
     "medium", "dpc=simple:2,ei=0.75,c=unknown,i=none,a=none,malicious=yes,unintelligible=no"},
    {"the highest of several counts", "dpc=behavioural+simple:3+financial:1,ei=limited", 6, "1.5",
     "low",
     "dpc=simple:3+behavioural:2+financial:1,ei=0.5,c=none,i=none,a=none,malicious=no,"
     "unintelligible=no"},
    {"blanks, any order", " ei = significant ,\tdpc = simple : 2 + sensitive : 1 , c = known ", 7,
     "1.75", "low",
     "dpc=simple:2+sensitive:1,ei=0.75,c=known,i=none,a=none,malicious=no,unintelligible=no"},
    {"flags leave the score alone",
     "dpc=simple,ei=0.25,individuals=5000000000,unintelligible=yes,i=recoverable,a=temporary", 3,
     "0.75", "low",
     "dpc=simple:1,ei=0.25,c=none,i=recoverable,a=temporary,malicious=no,individuals=5000000000,"
     "unintelligible=yes"},
};

static void test_scores(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(score_cases); i++) {
        print_message("case: %s\n", score_cases[i].name);
        CLEANUP(text_free) struct text words = {0};
        char se[8];
        struct enisa_input in = parse(score_cases[i].words);
        struct enisa_score s = enisa_score(&in);
        assert_int_equal(s.se_quarters, score_cases[i].se_quarters);
        assert_string_equal(enisa_quarters(se, sizeof se, s.se_quarters, "en"), score_cases[i].se);
        assert_string_equal(enisa_band_word(s.band, "en"), score_cases[i].band);
        enisa_add_words(&words, &in);
        assert_string_equal(text_get(&words), score_cases[i].canonical);
        assert_round_trip(&in);
    }
}

static void test_many_individuals(void **state)
{
    (void)state;
    struct enisa_input in = parse("dpc=simple,ei=1,individuals=100");
    assert_false(enisa_score(&in).many_individuals);
    in = parse("dpc=simple,ei=1,individuals=101");
    assert_true(enisa_score(&in).many_individuals);
    in = parse("dpc=simple,ei=1");
    assert_false(enisa_score(&in).many_individuals);
}

#define EI_ALLOWED                                                                            \
    "allowed is 0.25, 0.5, 0.75 or 1 (with a point), or negligible, limited, significant or " \
    "maximum"
#define DPC_ALLOWED                                                                          \
    "simple, behavioural, financial or sensitive, with :1 to :4 when not the base, several " \
    "joined by +, as in dpc=simple:2+financial"
#define NUMBER_ALLOWED "is no number of a category; allowed is 1, 2, 3 or 4, as in simple:2\n"
#define INDIVIDUALS_ALLOWED "is no such number; allowed is a whole number from 1, in digits only\n"
#define NAMES "is none of dpc, ei, c, i, a, malicious, individuals and unintelligible"

static const struct {
    const char *name, *words;
    int count;
    const char *faults;
} fault_cases[] = {
    {"nothing", "", 2,
     "enisa: dpc: is missing; it is " DPC_ALLOWED "\n"
     "enisa: ei: is missing; it is 0.25, 0.5, 0.75 or 1 (with a point), or negligible, limited, "
     "significant or maximum\n"},
    {"blanks only, ei missing", " dpc=simple ", 1,
     "enisa: ei: is missing; it is 0.25, 0.5, 0.75 or 1 (with a point), or negligible, limited, "
     "significant or maximum\n"},
    {"a near word for each", "dpc=simpel,ei=limted,c=unknow,i=recoverble,a=permanet,malicious=yse",
     6,
     "enisa: dpc: \"simpel\" is not known; allowed is " DPC_ALLOWED "; did you mean simple?\n"
     "enisa: ei: \"limted\" is not known; " EI_ALLOWED "; did you mean limited?\n"
     "enisa: c: \"unknow\" is not known; allowed is none, known or unknown (who received the "
     "data); did you mean unknown?\n"
     "enisa: i: \"recoverble\" is not known; allowed is none, recoverable or unrecoverable; did "
     "you mean recoverable or unrecoverable?\n"
     "enisa: a: \"permanet\" is not known; allowed is none, temporary or permanent; did you mean "
     "permanent?\n"
     "enisa: malicious: \"yse\" is not known; allowed is yes or no; did you mean yes?\n"},
    {"numbers of a category", "dpc=simple:0+financial:5+sensitive:+behavioural:22,ei=1", 4,
     "enisa: dpc: \"0\" " NUMBER_ALLOWED "enisa: dpc: \"5\" " NUMBER_ALLOWED
     "enisa: dpc: \"\" " NUMBER_ALLOWED "enisa: dpc: \"22\" " NUMBER_ALLOWED},
    {"a category twice", "dpc=simple+simple:2,ei=1", 1,
     "enisa: dpc: \"simple\" is given twice; say it once\n"},
    {"a decimal comma", "dpc=simple,ei=0,75", 2,
     "enisa: ei: \"0\" is not known; " EI_ALLOWED "; did you mean 1?\n"
     "enisa: \"75\" is no name=value; items are separated by commas, as in "
     "dpc=simple:2,ei=0.75,c=unknown\n"},
    {"an unknown name", "dpc=simple,ei=1,malicius=yes,x1y2=no", 2,
     "enisa: \"malicius\" " NAMES "; did you mean malicious?\n"
     "enisa: \"x1y2\" " NAMES "\n"},
    {"a name twice, the second one wrong", "dpc=simple,ei=1,c=none,c=wrong", 1,
     "enisa: c: is given twice; say it once\n"},
    {"no number of people", "dpc=simple,ei=1,individuals=12.000", 1,
     "enisa: individuals: \"12.000\" " INDIVIDUALS_ALLOWED},
    {"nobody", "dpc=simple,ei=1,individuals=0", 1,
     "enisa: individuals: \"0\" " INDIVIDUALS_ALLOWED},
    {"a sign", "dpc=simple,ei=1,individuals=+5", 1,
     "enisa: individuals: \"+5\" " INDIVIDUALS_ALLOWED},
    {"more than fits", "dpc=simple,ei=1,individuals=9223372036854775808", 1,
     "enisa: individuals: \"9223372036854775808\" " INDIVIDUALS_ALLOWED},
    {"control characters are shown", "dpc=simple,ei=1,a=\x1b[2J", 1,
     "enisa: a: \"\\x1b[2J\" is not known; allowed is none, temporary or permanent\n"},
    {"a comma too many", "dpc=simple,ei=1,", 1,
     "enisa: \"\" is no name=value; items are separated by commas, as in "
     "dpc=simple:2,ei=0.75,c=unknown\n"},
    {"capitals", "dpc=Simple,ei=1", 1,
     "enisa: dpc: \"Simple\" is not known; allowed is " DPC_ALLOWED "; did you mean simple?\n"},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(fault_cases); i++) {
        print_message("case: %s\n", fault_cases[i].name);
        CLEANUP(text_free) struct text faults = {0};
        struct error err = {0};
        struct enisa_input in = {.ei_quarters = 77};
        char count[40];
        assert_false(enisa_parse(fault_cases[i].words, &in, &faults, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        assert_string_equal(text_get(&faults), fault_cases[i].faults);
        snprintf(count, sizeof count, "have %d fault%s", fault_cases[i].count,
                 fault_cases[i].count == 1 ? "" : "s");
        assert_non_null(strstr(err.message, count));
        assert_int_equal(in.ei_quarters, 77);
    }
}

/* Longer than any buffer in which a word is shown. */
static void test_very_long_words(void **state)
{
    static const char *const before[] = {"dpc=", "ei=", "individuals=", "dpc=simple:", ""};
    char words[5000];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        CLEANUP(text_free) struct text faults = {0};
        struct error err = {0};
        struct enisa_input in;
        snprintf(words, sizeof words, "%s%04000d", before[i], 7);
        assert_false(enisa_parse(words, &in, &faults, &err));
        assert_true(faults.length < 2000);
    }
}

static const struct {
    const char *name, *member, *value;
    bool readable;
} stored_cases[] = {
    {"another method", "method", "\"ENISA 2027\"", false},
    {"no method", "method", NULL, false},
    {"no category", "dpc", "{}", false},
    {"no object", "dpc", "3", false},
    {"an unknown category", "dpc", "{\"genetic\":3}", false},
    {"a number too high", "dpc", "{\"financial\":5}", false},
    {"a number that is text", "dpc", "{\"financial\":\"3\"}", false},
    {"an unknown ei", "ei", "\"2\"", false},
    {"ei as a number", "ei", "1", false},
    {"an unknown c", "c", "\"maybe\"", false},
    {"no i", "i", NULL, false},
    {"a null", "a", "null", false},
    {"malicious as text", "malicious", "\"yes\"", false},
    {"no unintelligible", "unintelligible", NULL, false},
    {"nobody", "individuals", "0", false},
    {"individuals not said", "individuals", NULL, false},
    {"a score that does not follow", "se_quarters", "16", true},
    {"a score that is no integer", "se_quarters", "15.0", true},
    {"a band that does not follow", "band", "\"very high\"", true},
    {"inputs that were changed", "ei", "\"0.25\"", true},
};

static void test_stored_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stored_cases); i++) {
        print_message("case: %s\n", stored_cases[i].name);
        struct enisa_input in = parse("dpc=financial,ei=1,c=known,malicious=yes");
        CLEANUP(json_release) json_t *stored = enisa_to_json(&in);
        struct error err = {0};
        if (stored_cases[i].value == NULL)
            json_object_del(stored, stored_cases[i].member);
        else
            json_object_set_new(stored, stored_cases[i].member,
                                json_loads(stored_cases[i].value, JSON_DECODE_ANY, NULL));
        assert_false(enisa_from_json(stored, &in, &err));
        assert_int_equal(err.kind, ERR_INTEGRITY);
        char missing[40];
        snprintf(missing, sizeof missing, ": %s is missing", stored_cases[i].member);
        assert_non_null(
            strstr(err.message, stored_cases[i].readable ? "does not follow" : missing));
        assert_int_equal(in.ei_quarters, 4);
    }
}

static void test_stored_may_hold_more(void **state)
{
    (void)state;
    struct enisa_input in = parse("dpc=financial,ei=1,individuals=12");
    CLEANUP(json_release) json_t *stored = enisa_to_json(&in);
    struct error err = {0};
    json_object_set_new(stored, "remark", json_string("by the officer"));
    assert_true(enisa_from_json(stored, &in, &err));
    assert_int_equal(in.individuals, 12);
    assert_false(enisa_from_json(NULL, &in, &err));
}

static const struct {
    const char *words, *language, *expect;
} explain_cases[] = {
    {"dpc=simple:2,ei=0.75,c=unknown,malicious=yes", "en",
     "ENISA 2013: SE = DPC x EI + CB = 2 x 0.75 + 1 = 2.5, medium\n"},
    {"dpc=simple:2,ei=0.75,c=unknown,malicious=yes", "nl",
     "ENISA 2013: SE = DPC x EI + CB = 2 x 0,75 + 1 = 2,5, gemiddeld\n"},
    {"dpc=simple:2,ei=1", "en", "base 1, 1 up\n              reasons to go up: volume"},
    {"dpc=sensitive:1,ei=1", "nl", "basis 4, 3 omlaag\n              redenen voor omhoog"},
    {"dpc=sensitive:1,ei=1", "en",
     "they give no insight into the sensitive matter; base 4, 3 down"},
    {"dpc=behavioural:4,ei=1", "nl", "een profiel over een gevoelig onderwerp; basis 2, 2 omhoog"},
    {"dpc=financial,ei=1", "en", "base 3, not adjusted\n  EI  1       maximum: "},
    {"dpc=simple:3+financial:3,ei=1", "en", "base 3, not adjusted; a higher one counts\n"},
    {"dpc=simple:2+financial:3,ei=1", "nl", "basis 1, 1 omhoog; een hogere telt\n"},
    {"dpc=simple,ei=1,c=known", "en",
     "  CB  +0.25   confidentiality: received by people we know\n"},
    {"dpc=simple,ei=1,c=known", "nl", "  CB  +0,25   vertrouwelijkheid: "},
    {"dpc=simple,ei=1,i=unrecoverable", "en", "  CB  +0.5    integrity: "},
    {"dpc=simple,ei=1,a=temporary", "en", "  CB  +0.25   availability: "},
    {"dpc=simple,ei=1,malicious=yes", "en", "  CB  +0.5    intent: done with malicious intent\n"},
    {"dpc=simple,ei=1", "en", "  CB  +0      intent: no malicious intent known\n"},
    {"dpc=simple,ei=1,individuals=101", "en",
     "Flag: more people than 100 (101); the score stays as it is.\n"},
    {"dpc=simple,ei=1,unintelligible=yes", "nl",
     "Vlag: wie de gegevens heeft, kan ze niet lezen; de score blijft gelijk.\n"},
    {"dpc=sensitive,ei=1", "en", "Meaning of very high: people may meet consequences that cannot"},
    {"dpc=simple,ei=1", "en", "\nThis score is advice and decides nothing: "},
    {"dpc=simple,ei=1", "nl", "\nDeze score is advies en beslist niets: "},
};

static void test_explain(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(explain_cases); i++) {
        CLEANUP(text_free) struct text t = {0};
        struct enisa_input in = parse(explain_cases[i].words);
        enisa_explain(&t, &in, explain_cases[i].language);
        if (strstr(text_get(&t), explain_cases[i].expect) == NULL)
            fail_msg("%s: not \"%s\" in\n%s", explain_cases[i].words, explain_cases[i].expect,
                     text_get(&t));
    }
}

/* Every text of every combination is there in both languages, and one line an element. */
static void test_explain_everything(void **state)
{
    (void)state;
    for (int number = 0; number < 864; number++) {
        struct enisa_input in = combination(number);
        for (int dpc = 1; dpc <= 4; dpc++) {
            in.dpc[number % 4] = dpc;
            for (int dutch = 0; dutch < 2; dutch++) {
                CLEANUP(text_free) struct text t = {0};
                int lines = 0;
                enisa_explain(&t, &in, dutch ? "nl" : "en");
                for (const char *at = text_get(&t); (at = strchr(at, '\n')) != NULL; at++)
                    lines++;
                assert_int_equal(lines, dpc == number % 4 + 1 ? 9 : 10);
                assert_null(strstr(text_get(&t), "(null)"));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_864_combinations), cmocka_unit_test(test_scores),
        cmocka_unit_test(test_many_individuals),     cmocka_unit_test(test_faults),
        cmocka_unit_test(test_very_long_words),      cmocka_unit_test(test_stored_faults),
        cmocka_unit_test(test_stored_may_hold_more), cmocka_unit_test(test_explain),
        cmocka_unit_test(test_explain_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
