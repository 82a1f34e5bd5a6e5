#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/template.h"

static const struct template_value items[] = {
    {"name", "J. Jansen"},   {"city", "Ede"},
    {"braces", "{{name}}"},  {"lines", "one\ntwo\n\nfour"},
    {"ended", "one\n"},      {"empty", ""},
    {"null", NULL},          {"blank", " \n"},
    {"a.b_1", "dotted"},     {"percent", "%s %n 100%"},
    {"utf8", "caf\xc3\xa9"},
};

static struct template_values values = {items, COUNT_OF(items)};

static const struct {
    const char *name, *template, *filled;
} filled[] = {
    {"no field", "Dear customer,\n\nBye.\n", "Dear customer,\n\nBye.\n"},
    {"nothing", "", ""},
    {"one", "Dear {{name}},\n", "Dear J. Jansen,\n"},
    {"no line break at the end", "Dear {{name}}", "Dear J. Jansen"},
    {"only a field", "{{name}}", "J. Jansen"},
    {"side by side", "{{name}}{{city}}", "J. JansenEde"},
    {"twice", "{{name}} {{name}}\n", "J. Jansen J. Jansen\n"},
    {"blanks inside", "<{{ name\t}}>", "<J. Jansen>"},
    {"dots and digits", "<{{a.b_1}}>", "<dotted>"},
    {"not again", "<{{braces}}>\n{{braces}}\n", "<{{name}}>\n{{name}}\n"},
    {"no format", "<{{percent}}> %s\n", "<%s %n 100%> %s\n"},
    {"UTF-8", "caf\xc3\xa9 {{utf8}}\n", "caf\xc3\xa9 caf\xc3\xa9\n"},
    {"single braces", "{ } {name} } {\n", "{ } {name} } {\n"},
    {"CRLF, BOM",
     "\xef\xbb\xbf"
     "a\r\n{{name}}\r\n{{name}}.\r\n",
     "a\nJ. Jansen\nJ. Jansen.\n"},
    {"lines in a line", "a {{lines}} b\n", "a one\ntwo\n\nfour b\n"},
    {"lines keep the indent", "  {{lines}}\n", "  one\n  two\n\n  four\n"},
    {"a tab", "\t{{lines}} \n.", "\tone\n\ttwo\n\n\tfour\n."},
    {"lines at the end", "  {{lines}}", "  one\n  two\n\n  four"},
    {"one break is enough", "{{ended}}\n.", "one\n."},
    {"may be empty", "<{{empty?}}{{null?}}{{ blank ? }}{{name?}}>", "<J. Jansen>"},
    {"empty line left out", "a\n  {{empty?}}  \nb\n", "a\nb\n"},
    {"blank line left out", "a\n{{blank?}}\n\nb\n", "a\n\nb\n"},
    {"a line of two stays", "a\n{{empty?}}{{empty?}}\nb\n", "a\n\nb\n"},
    {"a line of two stays, blank between", "{{name}} {{city}}\n", "J. Jansen Ede\n"},
};

static void test_filled(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(filled); i++) {
        CLEANUP(template_free) struct template *t = NULL;
        CLEANUP(text_free) struct text got = {0};
        struct error err = {0};
        print_message("case: %s\n", filled[i].name);
        text_add(&got, "before|");
        if (!template_parse("letter", filled[i].template, &t, &err) ||
            !template_fill(t, template_values_find, &values, &got, &err))
            fail_msg("%s", err.message);
        assert_string_equal(text_get(&got) + strlen("before|"), filled[i].filled);
    }
}

static const struct {
    const char *name, *template, *sentence;
} refused[] = {
    {"three open", "a\n{{{name}}\n", "letter:2: `{{{` is one brace too many"},
    {"three closed", "{{name}}}\n", "letter:1: `}}}` is one brace too many"},
    {"open at the end", "a {{name", "letter:1: `{{` is not closed by `}}` on this line"},
    {"open over two lines", "{{name\n}}", "letter:1: `{{` is not closed"},
    {"one brace closes nothing", "{{name}\n{{city}}\n", "letter:1: `{{` is not closed"},
    {"open in a field", "{{name {{city}}\n", "letter:1: between {{ and }} stands no name"},
    {"closed twice", "{{name}} }}\n", "letter:1: `}}` has no `{{` before it"},
    {"closed first", "x }} {{name}}\n", "letter:1: `}}` has no `{{` before it"},
    {"no name", "\n\n{{}}\n", "letter:3: between {{ and }} stands no name of a field"},
    {"blank name", "{{ }}", "letter:1: between {{ and }} stands no name"},
    {"only a question mark", "{{?}}", "letter:1: between {{ and }} stands no name"},
    {"capitals", "{{Name}}", "letter:1: between {{ and }} stands no name"},
    {"two words", "{{name city}}", "letter:1: between {{ and }} stands no name"},
    {"digit first", "{{1st}}", "letter:1: between {{ and }} stands no name"},
    {"not UTF-8", "a\nb\xe9\n", "letter:2: is not clean UTF-8 text; save it as UTF-8"},
    {"control", "a\n\n\x1b[2J\n", "letter:3: holds a control character"},
    {"lone CR", "a\rb\n", "letter:1: holds a control character"},
    {"unknown", "a\n\nDear {{nmae}},\n", "letter:3: {{nmae}} is unknown; mend the template"},
    {"unknown may not be empty", "{{nmae?}}", "letter:1: {{nmae}} is unknown"},
    {"empty", "a\n{{empty}}\n",
     "letter:2: {{empty}} has no value; give one, or write {{empty?}} when it may be empty"},
    {"no value", "{{null}} {{name}}", "letter:1: {{null}} has no value"},
    {"blank", "a {{blank}}", "letter:1: {{blank}} has no value"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        CLEANUP(template_free) struct template *t = NULL;
        CLEANUP(text_free) struct text got = {0};
        struct error err = {0};
        print_message("case: %s\n", refused[i].name);
        text_add(&got, "before");
        assert_false(template_parse("letter", refused[i].template, &t, &err) &&
                     template_fill(t, template_values_find, &values, &got, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        if (strncmp(err.message, refused[i].sentence, strlen(refused[i].sentence)) != 0)
            fail_msg("said: %s", err.message);
        assert_string_equal(text_get(&got), "before");
    }
}

static void test_fields(void **state)
{
    (void)state;
    static const char *const expected[] = {"zip", "name", "city"};
    CLEANUP(template_free) struct template *t = NULL;
    struct error err = {0};
    size_t count;
    assert_true(
        template_parse("letter", "{{zip}}{{ name? }}\n{{name}}\n  {{city}}\n{{zip?}}\n", &t, &err));
    const char *const *fields = template_fields(t, &count);
    assert_int_equal(count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(fields[i], expected[i]);
    assert_string_equal(template_name(t), "letter");
}

/* All unknown fields at once, each place, with the nearest names. */
static void test_check(void **state)
{
    (void)state;
    static const char *const known[] = {"name", NULL, "city"};
    CLEANUP(template_free) struct template *t = NULL;
    CLEANUP(text_free) struct text faults = {0};
    struct error err = {0};
    assert_true(template_parse(
        "letter", "{{name}}\n{{nmae}} {{city}}\n  {{wholly_other}}\n{{nmae}}\n", &t, &err));
    assert_false(template_check(t, known, COUNT_OF(known), &faults));
    assert_string_equal(text_get(&faults), "letter:2: {{nmae}} is unknown; did you mean name?\n"
                                           "letter:3: {{wholly_other}} is unknown\n"
                                           "letter:4: {{nmae}} is unknown; did you mean name?\n");
    template_free(&t);
    text_clear(&faults);
    assert_true(template_parse("letter", "{{name}}{{city}}", &t, &err));
    assert_true(template_check(t, known, COUNT_OF(known), &faults));
    assert_string_equal(text_get(&faults), "");
}

/* A value may change between two calls of the lookup: the one that was given counts. */
static const char *count_up(void *context, const char *field)
{
    static char number[16];
    (void)field;
    snprintf(number, sizeof number, "%d", ++*(int *)context);
    return number;
}

static void test_lookup(void **state)
{
    (void)state;
    CLEANUP(template_free) struct template *t = NULL;
    CLEANUP(text_free) struct text got = {0};
    struct error err = {0};
    int count = 0;
    assert_true(template_parse("letter", "{{a}} {{a}}\n{{b}}\n", &t, &err));
    assert_true(template_fill(t, count_up, &count, &got, &err));
    assert_string_equal(text_get(&got), "1 2\n3\n");
}

static void test_load(void **state)
{
    (void)state;
    char dir[] = "/tmp/template.XXXXXX";
    char path[64];
    char link[64];
    CLEANUP(template_free) struct template *t = NULL;
    CLEANUP(text_free) struct text got = {0};
    struct error err = {0};
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/letter.txt", dir);
    snprintf(link, sizeof link, "%s/link.txt", dir);
    assert_false(template_load(path, &t, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, path));
    assert_false(template_load(dir, &t, &err));
    assert_int_equal(err.kind, ERR_USAGE);

    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("Dear {{name}},\n{{nmae}}\n", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(symlink(path, link), 0);
    assert_true(template_load(link, &t, &err));
    assert_false(template_fill(t, template_values_find, &values, &got, &err));
    assert_non_null(strstr(err.message, "/link.txt:2: {{nmae}}"));
    template_free(&t);

    assert_int_equal(truncate(path, TEMPLATE_MAX_BYTES + 1), 0);
    assert_false(template_load(path, &t, &err));
    assert_non_null(strstr(err.message, "larger than 256 KiB"));
    assert_null(t);
    unlink(link);
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filled), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_fields), cmocka_unit_test(test_check),
        cmocka_unit_test(test_lookup), cmocka_unit_test(test_load),
    };
    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
