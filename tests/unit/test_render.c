#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "common/render.h"

static const struct render_column columns[] = {{"what", "what", RENDER_LEFT},
                                               {"rows", "rows", RENDER_RIGHT},
                                               {"note", "note", RENDER_LEFT},
                                               {0}};

static const struct {
    const char *name, *rows, *expect;
} table_cases[] = {
    {"no rows", "[]", ""},
    {"aligned, no blanks at the end",
     "[{\"what\":\"due\",\"rows\":1234567,\"note\":\"x\"},{\"what\":\"blocked\",\"rows\":5}]",
     "what          rows  note\n"
     "due      1,234,567  x\n"
     "blocked          5  -\n"},
    {"a column nobody fills", "[{\"what\":\"due\",\"rows\":1,\"note\":null},{\"rows\":2}]",
     "what  rows\n"
     "due      1\n"
     "-        2\n"},
    {"nothing known", "[{\"x\":1}]", "\n\n"},
    {"letters of two bytes",
     "[{\"what\":\"\\u00e9\\u00e9n\",\"rows\":1},{\"what\":\"twee\",\"rows\":2}]",
     "what  rows\n"
     "\xc3\xa9\xc3\xa9n      1\n"
     "twee     2\n"},
    {"wide and combining",
     "[{\"what\":\"\\u6f22\\u5b57\",\"rows\":1},{\"what\":\"e\\u0301\",\"rows\":2}]",
     "what  rows\n"
     "\xe6\xbc\xa2\xe5\xad\x97     1\n"
     "e\xcc\x81        2\n"},
    {"controls are shown", "[{\"what\":\"a\\n\\u001b[2J\\u007f\\u0085\\u202e\"}]",
     "what\n"
     "a\\x0a\\x1b[2J\\x7f\\x85\\u202e\n"},
    {"other values",
     "[{\"what\":true,\"rows\":0.5,\"note\":[\"a\",2,\"b\"]},{\"what\":12345,\"rows\":\"n\","
     "\"note\":"
     "{\"b\":1,\"a\":2}}]",
     "what   rows  note\n"
     "yes    0.50  a, 2, b\n"
     "12345     n  {\"a\":2,\"b\":1}\n"},
    {"empty text is a value", "[{\"what\":\"\",\"note\":\"x\"}]",
     "what  note\n"
     "      x\n"},
    {"negative", "[{\"rows\":-1234}]", "  rows\n-1,234\n"},
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table_cases); i++) {
        char *text = NULL;
        size_t length = 0;
        json_t *rows = json_loads(table_cases[i].rows, 0, NULL);
        print_message("case: %s\n", table_cases[i].name);
        assert_non_null(rows);
        FILE *out = open_memstream(&text, &length);
        render_table(out, columns, rows);
        fclose(out);
        assert_string_equal(text, table_cases[i].expect);
        free(text);
        json_decref(rows);
    }
}

static void test_json(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    json_t *value = json_pack("{s:f, s:[i,s], s:n}", "share", 0.05, "list", 1, "\xc3\xa9", "a");
    FILE *out = open_memstream(&text, &length);
    render_json(out, value);
    fclose(out);
    assert_string_equal(text, "{\n  \"a\": null,\n  \"list\": [\n    1,\n    \"\xc3\xa9\"\n  ],\n"
                              "  \"share\": 0.05\n}\n");
    free(text);
    json_decref(value);
}

static const struct {
    long long value;
    const char *expect;
} count_cases[] = {
    {0, "0"},
    {7, "7"},
    {999, "999"},
    {1000, "1,000"},
    {999999, "999,999"},
    {1234567, "1,234,567"},
    {-1, "-1"},
    {-999, "-999"},
    {-1000, "-1,000"},
    {LLONG_MAX, "9,223,372,036,854,775,807"},
    {LLONG_MIN, "-9,223,372,036,854,775,808"},
};

static void test_count(void **state)
{
    (void)state;
    char text[32];
    for (size_t i = 0; i < COUNT_OF(count_cases); i++)
        assert_string_equal(render_count(text, sizeof text, count_cases[i].value),
                            count_cases[i].expect);
}

static const struct {
    unsigned long long bytes;
    const char *expect;
} byte_cases[] = {
    {0, "0 B"},
    {999, "999 B"},
    {1000, "1.0 kB"},
    {999949, "999.9 kB"},
    {999950, "1.0 MB"},
    {12345678, "12.3 MB"},
    {999999999, "1.0 GB"},
    {1500000000000ULL, "1.5 TB"},
    {ULLONG_MAX, "18.4 EB"},
};

static void test_bytes(void **state)
{
    (void)state;
    char text[32];
    for (size_t i = 0; i < COUNT_OF(byte_cases); i++)
        assert_string_equal(render_bytes(text, sizeof text, byte_cases[i].bytes),
                            byte_cases[i].expect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
