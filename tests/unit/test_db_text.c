#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "common/db.h"
#include "common/memory.h"

static const struct {
    const char *plain;
    const char *name;
    const char *literal;
} quote_cases[] = {
    {"customer", "\"customer\"", "'customer'"},
    {"", "\"\"", "''"},
    {"Land code", "\"Land code\"", "'Land code'"},
    {"a\"b", "\"a\"\"b\"", "'a\"b'"},
    {"\"\"", "\"\"\"\"\"\"", "'\"\"'"},
    {"o'clock", "\"o'clock\"", "'o''clock'"},
    /* E and a space before it: `AS'..'` would glue the E to a word in front. */
    {"a\\b", "\"a\\b\"", " E'a\\\\b'"},
    {"\\'; DROP TABLE x; --", "\"\\'; DROP TABLE x; --\"", " E'\\\\''; DROP TABLE x; --'"},
    {"caf\xc3\xa9 \xe2\x82\xac", "\"caf\xc3\xa9 \xe2\x82\xac\"", "'caf\xc3\xa9 \xe2\x82\xac'"},
    {"two\nlines", "\"two\nlines\"", "'two\nlines'"},
    {"$1 $$ ?", "\"$1 $$ ?\"", "'$1 $$ ?'"},
};

static void test_quotes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(quote_cases); i++) {
        CLEANUP(memory_release) char *name = db_quote_name(quote_cases[i].plain);
        CLEANUP(memory_release) char *literal = db_quote_literal(quote_cases[i].plain);
        print_message("case: %s\n", quote_cases[i].plain);
        assert_string_equal(name, quote_cases[i].name);
        assert_string_equal(literal, quote_cases[i].literal);
    }
}

#define ITEMS 4

static const struct {
    const char *name;
    size_t count;
    const char *items[ITEMS];
    const char *text;
} array_cases[] = {
    {"none", 0, {NULL}, "{}"},
    {"one", 1, {"4711"}, "{\"4711\"}"},
    {"an empty one", 1, {""}, "{\"\"}"},
    {"NULL and the word", 3, {NULL, "NULL", "null"}, "{NULL,\"NULL\",\"null\"}"},
    {"what an array is made of", 4, {"{", "}", ",", " "}, "{\"{\",\"}\",\",\",\" \"}"},
    {"quotes", 2, {"a\"b", "\""}, "{\"a\\\"b\",\"\\\"\"}"},
    {"backslashes", 3, {"\\", "\\\\", "\\\""}, "{\"\\\\\",\"\\\\\\\\\",\"\\\\\\\"\"}"},
    {"other quotes, lines, tabs", 3, {"'", "a\nb", "\t"}, "{\"'\",\"a\nb\",\"\t\"}"},
    {"UTF-8", 1, {"\xe2\x82\xac"}, "{\"\xe2\x82\xac\"}"},
};

static void expect_items(char **items, size_t count, const char *const *expected, size_t want)
{
    assert_int_equal(count, want);
    for (size_t i = 0; i < count; i++) {
        if (expected[i] == NULL)
            assert_null(items[i]);
        else
            assert_string_equal(items[i], expected[i]);
    }
}

static void test_array_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(array_cases); i++) {
        struct error err = {0};
        char **items = NULL;
        size_t count = 99;
        print_message("case: %s\n", array_cases[i].name);
        CLEANUP(memory_release)
        char *text = db_array_text(array_cases[i].items, array_cases[i].count);
        assert_string_equal(text, array_cases[i].text);
        assert_true(db_array_parse(text, &items, &count, &err));
        expect_items(items, count, array_cases[i].items, array_cases[i].count);
        db_items_free(items, count);
    }
}

/* The server quotes only what needs it. */
static const struct {
    const char *text;
    size_t count;
    const char *items[ITEMS];
} output_cases[] = {
    {"{}", 0, {NULL}},
    {"{4711}", 1, {"4711"}},
    {"{id,\"Land code\",no}", 3, {"id", "Land code", "no"}},
    {"{NULL,\"NULL\",a}", 3, {NULL, "NULL", "a"}},
    {"{\"\",b}", 2, {"", "b"}},
    {"{2020-02-29,00000000-0000-0000-0000-000000000000}",
     2,
     {"2020-02-29", "00000000-0000-0000-0000-000000000000"}},
    {"{\"a\\\\b\",\"c\\\"d\",\"e,f\",\"{}\"}", 4, {"a\\b", "c\"d", "e,f", "{}"}},
};

static void test_array_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(output_cases); i++) {
        struct error err = {0};
        char **items = NULL;
        size_t count = 99;
        print_message("case: %s\n", output_cases[i].text);
        assert_true(db_array_parse(output_cases[i].text, &items, &count, &err));
        expect_items(items, count, output_cases[i].items, output_cases[i].count);
        db_items_free(items, count);
    }
}

static void test_no_array(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "4711", "[2:3]={a,b}", " {a}"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        char *untouched = NULL;
        char **items = &untouched;
        size_t count = 99;
        print_message("case: %s\n", cases[i]);
        assert_false(db_array_parse(cases[i], &items, &count, &err));
        assert_int_equal(err.kind, ERR_DB);
        assert_ptr_equal(items, &untouched);
        assert_int_equal(count, 99);
    }
    db_items_free(NULL, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_array_text),
        cmocka_unit_test(test_array_parse),
        cmocka_unit_test(test_no_array),
    };
    return cmocka_run_group_tests_name("db_text", tests, NULL, NULL);
}
