#include "render_sample.h"

/* ---- values, as people and as programs read them ---- */

#define SAME(shown) shown, shown

static const struct {
    const char *key, *value; /* of sample_fields; JSON */
    const char *en, *nl, *plain;
} value_cases[] = {
    {"text", "\"Jansen & Zn.\"", SAME("Jansen & Zn."), "Jansen & Zn."},
    {"text", "\"\"", SAME("-"), ""},
    {"text", "null", SAME("-"), ""},
    {"text", "\"a\\r\\nb\\tc\"", SAME("a\r\nb\tc"), "a\r\nb\tc"},
    {"text", "\"1,234.5\"", SAME("1,234.5"), "1,234.5"},
    {"text", "1234567", SAME("1234567"), "1234567"}, /* the number of a run */
    {"text", "[]", SAME("-"), ""},
    {"text", "[\"a\", \"b\"]", SAME("a, b"), "a, b"},
    {"text", "[\"a\", null, 2]", SAME("a, null, 2"), "a, , 2"},
    {"text", "{\"b\": 1}", SAME("{\"b\":1}"), "{\"b\":1}"},
    {"count", "0", SAME("0"), "0"},
    {"count", "999", SAME("999"), "999"},
    {"count", "1000", "1,000", "1.000", "1000"},
    {"count", "-1234567", "-1,234,567", "-1.234.567", "-1234567"},
    {"count", "9223372036854775807", "9,223,372,036,854,775,807", "9.223.372.036.854.775.807",
     "9223372036854775807"},
    {"count", "-9223372036854775808", "-9,223,372,036,854,775,808", "-9.223.372.036.854.775.808",
     "-9223372036854775808"},
    {"number", "0.05", "0.05", "0,05", "0.05"},
    {"number", "0.29", "0.29", "0,29", "0.29"},
    {"number", "-1.996", "-2.00", "-2,00", "-1.996"},
    {"number", "0.30000000000000004", "0.30", "0,30", "0.3"},
    {"number", "1234567.891", "1,234,567.89", "1.234.567,89", "1234567.891"},
    {"number", "-0.001", "0.00", "0,00", "-0.001"},
    {"number", "-2.5", "-2.50", "-2,50", "-2.5"},
    {"number", "9999999999999.99", "9,999,999,999,999.99", "9.999.999.999.999,99",
     "9999999999999.99"},
    {"number", "1e13", SAME("10000000000000"), "10000000000000.0"},
    {"number", "1e300", "1e+300", "1e+300", "1e300"},
    {"number", "-1e300", "-1e+300", "-1e+300", "-1e300"},
    {"number", "12", SAME("12"), "12"},
    {"bytes", "0", SAME("0 B"), "0"},
    {"bytes", "999", SAME("999 B"), "999"},
    {"bytes", "1000", "1.0 kB", "1,0 kB", "1000"},
    {"bytes", "716398000", "716.4 MB", "716,4 MB", "716398000"},
    {"bytes", "9223372036854775807", "9.2 EB", "9,2 EB", "9223372036854775807"},
    {"bytes", "-9223372036854775808", "-9.2 EB", "-9,2 EB", "-9223372036854775808"},
    {"seconds", "0", "0.0 s", "0,0 s", "0"},
    {"seconds", "0.42", "0.4 s", "0,4 s", "0.42"},
    {"seconds", "9", "9.0 s", "9,0 s", "9"},
    {"seconds", "10", SAME("10 s"), "10"},
    {"seconds", "59.4", SAME("59 s"), "59.4"},
    {"seconds", "59.5", SAME("1 min"), "59.5"},
    {"seconds", "3569", SAME("59 min"), "3569"},
    {"seconds", "3570", "1 h 00 min", "1 u 00 min", "3570"},
    {"seconds", "11100", "3 h 05 min", "3 u 05 min", "11100"},
    {"seconds", "172769", "47 h 59 min", "47 u 59 min", "172769"},
    {"seconds", "172800", "2 d 0 h", "2 d 0 u", "172800"},
    {"seconds", "352800", "4 d 2 h", "4 d 2 u", "352800"},
    {"seconds", "-11100.0", "-3 h 05 min", "-3 u 05 min", "-11100.0"},
    {"seconds", "9223372036854775807", "11574074074 d 1 h", "11574074074 d 1 u",
     "9223372036854775807"},
    {"seconds", "-1e300", "-11574074074 d 1 h", "-11574074074 d 1 u", "-1e300"},
    {"days", "0", "0 days", "0 dagen", "0"},
    {"days", "1", "1 day", "1 dag", "1"},
    {"days", "-1", "-1 days", "-1 dagen", "-1"},
    {"days", "1826", "1,826 days", "1.826 dagen", "1826"},
    {"date", "\"2026-03-01\"", "1 Mar 2026", "1 mrt 2026", "2026-03-01"},
    {"date", "\"2024-02-29\"", "29 Feb 2024", "29 feb 2024", "2024-02-29"},
    {"date", "\"infinity\"", SAME("infinity"), "infinity"},
    {"date", "\"2026-13-01\"", SAME("2026-13-01"), "2026-13-01"},
    {"date", "\"2026-00-01\"", SAME("2026-00-01"), "2026-00-01"},
    {"date", "12", SAME("12"), "12"},
    {"month", "\"2026-05\"", "May 2026", "mei 2026", "2026-05"},
    {"month", "\"2026-12\"", "Dec 2026", "dec 2026", "2026-12"},
    {"instant", "\"2026-10-25T02:30:00+02:00\"", "25 Oct 2026 02:30 +02:00",
     "25 okt 2026 02:30 +02:00", "2026-10-25T02:30:00+02:00"},
    {"instant", "\"2026-10-25T02:30:01+01:00\"", "25 Oct 2026 02:30:01 +01:00",
     "25 okt 2026 02:30:01 +01:00", "2026-10-25T02:30:01+01:00"},
    {"instant", "\"2026-10-25T02:30:00.25+01:00\"", "25 Oct 2026 02:30 +01:00",
     "25 okt 2026 02:30 +01:00", "2026-10-25T02:30:00.25+01:00"},
    {"instant", "\"2026-10-25T02:30:59Z\"", "25 Oct 2026 02:30:59 Z", "25 okt 2026 02:30:59 Z",
     "2026-10-25T02:30:59Z"},
    {"instant", "\"2026-10-25T02:30:00\"", "25 Oct 2026 02:30", "25 okt 2026 02:30",
     "2026-10-25T02:30:00"},
    {"instant", "\"-infinity\"", SAME("-infinity"), "-infinity"},
    {"instant", "null", SAME("-"), ""},
    {"yes_no", "true", "yes", "ja", "true"},
    {"yes_no", "false", "no", "nee", "false"},
    {"yes_no", "null", SAME("-"), ""},
    {"code", "\"late\"", "late", "te laat", "late"},
    {"code", "\"another\"", SAME("another"), "another"},
    {"code", "[\"late\", \"in_time\", \"x\"]", "late, in time, x", "te laat, op tijd, x",
     "late in_time x"},
    {"code", "7", SAME("7"), "7"},
    {"label", "\"nl\"", SAME("Nederland"), "nl"},
    {"label", "\"be\"", SAME("be"), "be"},
    {"digest", "\"82754caf\"", SAME("82754caf"), "82754caf"},
};

static const struct document_field *field_of(const char *key)
{
    const struct document_field *f = sample_fields;
    while (strcmp(f->key, key) != 0)
        f++;
    return f;
}

static void expect_shown(enum document_language language, size_t i, const char *expect)
{
    CLEANUP(text_free) struct text shown = {0};
    CLEANUP(document_free) struct document d = sample_document(language);
    CLEANUP(json_decrefp) json_t *value = sample_rows(value_cases[i].value);
    document_show(&d, field_of(value_cases[i].key), value, &shown);
    assert_string_equal(text_get(&shown), expect);
}

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(value_cases); i++) {
        CLEANUP(text_free) struct text plain = {0};
        CLEANUP(json_decrefp) json_t *value = sample_rows(value_cases[i].value);
        print_message("case: %s %s\n", value_cases[i].key, value_cases[i].value);
        expect_shown(DOCUMENT_EN, i, value_cases[i].en);
        expect_shown(DOCUMENT_NL, i, value_cases[i].nl);
        document_plain(field_of(value_cases[i].key), value, &plain);
        assert_string_equal(text_get(&plain), value_cases[i].plain);
    }
}

/* A member that the row lacks is nothing, too. */
static void test_absent(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text shown = {0}, plain = {0};
    CLEANUP(document_free) struct document d = sample_document(DOCUMENT_EN);
    document_show(&d, &sample_fields[0], NULL, &shown);
    document_plain(&sample_fields[0], NULL, &plain);
    assert_string_equal(text_get(&shown), "-");
    assert_string_equal(text_get(&plain), "");
}

/* ---- the model ---- */

static void test_sections(void **state)
{
    (void)state;
    CLEANUP(document_free) struct document d = sample_document(DOCUMENT_NL);
    document_add(&d, &sample_figures, sample_rows("[{\"count\": 5}]"));
    document_add(&d, &sample_pairs, sample_rows("[]"));
    assert_int_equal(json_integer_value(json_object_get(document_figures(&d, "figures"), "count")),
                     5);
    assert_int_equal(json_array_size(document_rows(&d, "pairs")), 0);
    assert_non_null(document_rows(&d, "pairs"));
    assert_null(document_figures(&d, "pairs"));
    assert_null(document_rows(&d, "nothing"));
    assert_null(document_figures(&d, "nothing"));
    assert_string_equal(document_words(&d, sample_figures.title), "Cijfers");
    document_free(&d);
    assert_int_equal(d.part_count, 0);
}

static const struct {
    const char *key, *value;
    enum document_tone expect;
} tone_cases[] = {
    {"code", "\"in_time\"", TONE_GOOD},  {"code", "\"late\"", TONE_BAD},
    {"code", "\"another\"", TONE_PLAIN}, {"code", "[\"late\"]", TONE_PLAIN},
    {"code", "null", TONE_PLAIN},        {"label", "\"late\"", TONE_PLAIN},
    {"text", "\"late\"", TONE_PLAIN},
};

static void test_tones(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tone_cases); i++) {
        CLEANUP(json_decrefp) json_t *value = sample_rows(tone_cases[i].value);
        print_message("case: %s %s\n", tone_cases[i].key, tone_cases[i].value);
        assert_int_equal(document_tone(field_of(tone_cases[i].key), value), tone_cases[i].expect);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const numbers = " count number bytes seconds days ";
    for (const struct document_field *f = sample_fields; f->key != NULL; f++) {
        CLEANUP(memory_release) char *word = memory_format(" %s ", f->key);
        assert_int_equal(document_is_number(f->type), strstr(numbers, word) != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),   cmocka_unit_test(test_absent),
        cmocka_unit_test(test_sections), cmocka_unit_test(test_tones),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
