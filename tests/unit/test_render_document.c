#include "render_sample.h"

/* ---- JSON ---- */

static json_t *parsed(const char *json)
{
    json_error_t fault;
    json_t *value = json_loads(json, 0, &fault);
    if (value == NULL)
        fail_msg("no JSON: %s: %s", fault.text, json);
    return value;
}

static void render_both(enum render_format format, const char *section, char *ret[static 2])
{
    for (int language = 0; language < 2; language++) {
        struct text out = {0};
        CLEANUP(document_free)
        struct document d = sample_document((enum document_language)language);
        document_add(&d, &sample_figures, sample_rows("[{\"name\": \"x\", \"count\": 1234}]"));
        document_add(&d, &sample_pairs, sample_rows("[{\"count\": 2, \"name\": null}]"));
        document_add(&d, &sample_records, sample_rows("[]"));
        render_document(&out, format,
                        &(struct render_options){.document = &d, .section = section, .width = 0});
        ret[language] = text_take(&out);
    }
}

static void test_json_shape(void **state)
{
    (void)state;
    char *json[2];
    render_both(RENDER_JSON, NULL, json);
    assert_string_equal(json[0], "{\n"
                                 "  \"as_of\": \"2026-11-23\",\n"
                                 "  \"judged_at\": null,\n"
                                 "  \"operand\": null,\n"
                                 "  \"organisation\": \"Proefbedrijf B.V.\",\n"
                                 "  \"period\": {\n"
                                 "    \"from\": \"2026-01-01\",\n"
                                 "    \"to\": \"2026-11-22\"\n"
                                 "  },\n"
                                 "  \"program\": \"waarborg 0.0.0\",\n"
                                 "  \"registration\": null,\n"
                                 "  \"report\": \"sample\",\n"
                                 "  \"sections\": {\n"
                                 "    \"figures\": {\n"
                                 "      \"count\": 1234,\n"
                                 "      \"name\": \"x\"\n"
                                 "    },\n"
                                 "    \"pairs\": [\n"
                                 "      {\n"
                                 "        \"count\": 2,\n"
                                 "        \"name\": null\n"
                                 "      }\n"
                                 "    ],\n"
                                 "    \"records\": []\n"
                                 "  },\n"
                                 "  \"timezone\": \"Europe/Amsterdam\"\n"
                                 "}\n");
    assert_string_equal(json[1], json[0]); /* the same in Dutch */
    free(json[0]);
    free(json[1]);
}

static void test_json_section(void **state)
{
    (void)state;
    char *json[2];
    render_both(RENDER_JSON, "pairs", json);
    CLEANUP(json_decrefp) json_t *value = parsed(json[0]);
    assert_int_equal(json_object_size(json_object_get(value, "sections")), 1);
    assert_int_equal(json_array_size(json_object_get(json_object_get(value, "sections"), "pairs")),
                     1);
    assert_string_equal(json[1], json[0]);
    free(json[0]);
    free(json[1]);
}

static void test_json_without_period(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text out = {0};
    CLEANUP(document_free) struct document d = sample_document(DOCUMENT_EN);
    d.from[0] = '\0';
    d.operand = "DL-2026-0001";
    d.registration = "KvK \"1\"";
    render_document(&out, RENDER_JSON,
                    &(struct render_options){.document = &d, .section = NULL, .width = 0});
    CLEANUP(json_decrefp) json_t *value = parsed(text_get(&out));
    assert_true(json_is_null(json_object_get(value, "period")));
    assert_string_equal(json_string_value(json_object_get(value, "operand")), "DL-2026-0001");
    assert_string_equal(json_string_value(json_object_get(value, "registration")), "KvK \"1\"");
    assert_int_equal(json_object_size(json_object_get(value, "sections")), 0);
}

static const struct {
    const char *value, *expect; /* JSON as it comes, as it goes */
} json_cases[] = {
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"0.05", "0.05"},
    {"0.1000000000000000055", "0.1"},
    {"0.30000000000000004", "0.3"},
    {"0.123456789012345678", "0.123456789012346"},
    {"1e300", "1e300"},
    {"true", "true"},
    {"null", "null"},
    {"\"\"", "\"\""},
    {"\"a \\\"b\\\" \\\\ c\"", "\"a \\\"b\\\" \\\\ c\""},
    {"\"\\u0001\\t\\r\\n\\u001b\"", "\"\\u0001\\t\\r\\n\\u001B\""},
    {"\"</script>\"", "\"</script>\""},
    {"\"\\u00e9\\ud83d\\ude00\"", "\"\xc3\xa9\xf0\x9f\x98\x80\""},
    {"[\"b\", \"a\"]", "[\n          \"b\",\n          \"a\"\n        ]"},
};

static void test_json_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(json_cases); i++) {
        CLEANUP(memory_release)
        char *rows = memory_format("[{\"name\": %s}]", json_cases[i].value);
        CLEANUP(memory_release)
        char *line = memory_format("\n        \"name\": %s\n", json_cases[i].expect);
        CLEANUP(memory_release)
        char *json = sample_section(RENDER_JSON, DOCUMENT_NL, 0, &sample_pairs, rows);
        print_message("case: %s\n", json_cases[i].value);
        json_decref(parsed(json));
        if (strstr(json, line) == NULL)
            fail_msg("%s is not in %s", line, json);
    }
}

/* ---- bytes that are no UTF-8 ---- */

static const struct {
    const char *name, *bytes, *expect; /* $ is U+FFFD */
} byte_cases[] = {
    {"nothing wrong", "\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80",
     "\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80"},
    {"Latin-1", "caf\xe9 x", "caf$ x"},
    {"continuation alone",
     "a\x80"
     "b",
     "a$b"},
    {"cut off at the end", "a\xe6\xbc", "a$$"},
    {"cut off in the middle", "\xf0\x9f\x98z", "$$$z"},
    {"overlong", "\xc0\xaf", "$$"},
    {"overlong, of three", "\xe0\x80\xaf", "$$$"},
    {"surrogate", "\xed\xa0\x80", "$$$"},
    {"beyond", "\xf4\x90\x80\x80\xf5\xff", "$$$$$$"},
};

static char *with_marks(const char *text)
{
    struct text marked = {0};
    for (; *text != '\0'; text++)
        text_add_bytes(&marked, *text == '$' ? "\xef\xbf\xbd" : text, *text == '$' ? 3 : 1);
    return text_take(&marked);
}

/* In what is around the rows and in the rows themselves, on any level. */
static void add_bytes(struct document *d, const char *bytes)
{
    json_t *row = json_object();
    json_t *list = json_array();
    json_object_set_new(row, "name", json_string_nocheck(bytes));
    json_array_append_new(list, json_string_nocheck(bytes));
    json_object_set_new(row, "count", list);
    json_t *rows = json_array();
    json_array_append_new(rows, row);
    d->organisation = d->registration = d->operand = bytes;
    document_add(d, &sample_pairs, rows);
}

static size_t times_in(const char *text, const char *part)
{
    size_t times = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        times++;
    return times;
}

static void test_bytes(void **state)
{
    (void)state;
    /* HTML has the organisation and the operand in the title of the page as well. */
    static const size_t places[] = {
        [RENDER_TEXT] = 5, [RENDER_CSV] = 2, [RENDER_JSON] = 5, [RENDER_HTML] = 5};
    for (size_t i = 0; i < COUNT_OF(byte_cases); i++) {
        CLEANUP(memory_release) char *expect = with_marks(byte_cases[i].expect);
        print_message("case: %s\n", byte_cases[i].name);
        for (size_t format = 0; format < COUNT_OF(places); format++) {
            CLEANUP(text_free) struct text out = {0};
            CLEANUP(document_free) struct document d = sample_document(DOCUMENT_EN);
            add_bytes(&d, byte_cases[i].bytes);
            render_document(&out, (enum render_format)format,
                            &(struct render_options){.document = &d, .section = NULL, .width = 0});
            if (times_in(text_get(&out), expect) < places[format])
                fail_msg("less than %zu times: %s", places[format], text_get(&out));
            CLEANUP(json_decrefp) json_t *valid = json_string(text_get(&out));
            assert_non_null(valid); /* all of it is UTF-8 */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_shape),
        cmocka_unit_test(test_json_section),
        cmocka_unit_test(test_json_without_period),
        cmocka_unit_test(test_json_values),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
