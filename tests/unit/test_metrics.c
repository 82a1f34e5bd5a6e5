#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/memory.h"
#include "common/metrics.h"

/* ---- The text ---- */

static void test_order(void **state)
{
    (void)state;
    CLEANUP(metrics_free) struct metrics m = {0};
    const struct metric_label two[] = {{"policy", "customers"}, {"state", "due"}};
    metrics_begin(&m, "w_", "subjects", "Subjects.");
    metrics_add(&m, two, 2, 7);
    metrics_add(&m, two, 1, -1);
    metrics_begin(&m, "w_", "none", "No sample.");
    metrics_figure(&m, "w_", "bytes", "Size.", INT64_MAX);
    assert_string_equal(text_get(&m.text), "# HELP w_subjects Subjects.\n"
                                           "# TYPE w_subjects gauge\n"
                                           "w_subjects{policy=\"customers\",state=\"due\"} 7\n"
                                           "w_subjects{policy=\"customers\"} -1\n"
                                           "# HELP w_none No sample.\n"
                                           "# TYPE w_none gauge\n"
                                           "# HELP w_bytes Size.\n"
                                           "# TYPE w_bytes gauge\n"
                                           "w_bytes 9223372036854775807\n");
}

static const struct {
    const char *name, *value, *label, *help;
} escape_cases[] = {
    {"nothing", "", "", ""},
    {"a quote is escaped in a label only", "a\"b", "a\\\"b", "a\"b"},
    {"a backslash in both", "a\\b", "a\\\\b", "a\\\\b"},
    {"a line break in both", "a\nb", "a\\nb", "a\\nb"},
    {"backslash and n stay two", "a\\nb", "a\\\\nb", "a\\\\nb"},
    {"all at the ends", "\"\\\n", "\\\"\\\\\\n", "\"\\\\\\n"},
    {"what only looks like syntax", "} 1 # {", "} 1 # {", "} 1 # {"},
    {"letters of several bytes", "\xc3\xa9\xe6\xbc\xa2", "\xc3\xa9\xe6\xbc\xa2",
     "\xc3\xa9\xe6\xbc\xa2"},
};

static void test_escapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(escape_cases); i++) {
        print_message("case: %s\n", escape_cases[i].name);
        CLEANUP(metrics_free) struct metrics m = {0};
        CLEANUP(memory_release)
        char *expect = memory_format("# HELP a %s\n# TYPE a gauge\na{b=\"%s\"} 0\n",
                                     escape_cases[i].help, escape_cases[i].label);
        metrics_begin(&m, "", "a", escape_cases[i].value);
        metrics_add(&m, &(struct metric_label){"b", escape_cases[i].value}, 1, 0);
        assert_string_equal(text_get(&m.text), expect);
    }
}

static const struct {
    const char *name, *expect;
    double value;
} real_cases[] = {
    {"nothing", "0", 0.0},
    {"milliseconds", "1.234", 1.234},
    {"as a person writes it", "0.1", 0.1},
    {"what 15 digits do not tell", "0.30000000000000004", 0.1 + 0.2},
    {"negative", "-2.5", -2.5},
    {"large", "1.7976931348623157e+308", DBL_MAX},
    {"small", "4.94065645841247e-324", 4.94065645841247e-324},
    {"no number", "NaN", NAN},
    {"without end", "+Inf", INFINITY},
    {"without beginning", "-Inf", -INFINITY},
};

static void test_reals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(real_cases); i++) {
        print_message("case: %s\n", real_cases[i].name);
        CLEANUP(metrics_free) struct metrics m = {0};
        metrics_begin(&m, "", "a", "");
        text_clear(&m.text);
        metrics_add_real(&m, NULL, 0, real_cases[i].value);
        CLEANUP(memory_release) char *expect = memory_format("a %s\n", real_cases[i].expect);
        assert_string_equal(text_get(&m.text), expect);
    }
}

/* ---- The file ---- */

static char directory[] = "/tmp/test_metrics.XXXXXX";
static char path[sizeof directory + 16];

static int make_directory(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/a.prom", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(directory);
}

static void put(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static const struct {
    const char *name, *file; /* NULL: there is none */
    int64_t expect;
} earlier_cases[] = {
    {"no file", NULL, 0},
    {"an empty one", "", 0},
    {"among others", "x 1\nw_last_success_timestamp_seconds 42\ny 2\n", 42},
    {"first", "w_last_success_timestamp_seconds 42\n", 42},
    {"the end cut off", "x 1\nw_last_success_timestamp_seconds 42", 42},
    {"nothing behind the name", "w_last_success_timestamp_seconds", 0},
    {"a longer name", "w_last_success_timestamp_seconds_x 42\n", 0},
    {"a longer beginning", "w_w_last_success_timestamp_seconds 42\n", 0},
    {"one with labels", "w_last_success_timestamp_seconds{a=\"b\"} 42\n", 0},
    {"in a comment", "# HELP w_last_success_timestamp_seconds 42\n", 0},
    {"no number", "w_last_success_timestamp_seconds x\n", 0},
};

static void test_last_success(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(earlier_cases); i++) {
        print_message("case: %s\n", earlier_cases[i].name);
        CLEANUP(metrics_free) struct metrics failed = {0};
        CLEANUP(metrics_free) struct metrics fine = {0};
        CLEANUP(memory_release)
        char *expect = memory_format("\nw_last_success_timestamp_seconds %lld\n",
                                     (long long)earlier_cases[i].expect);
        (void)unlink(path);
        if (earlier_cases[i].file != NULL)
            put(earlier_cases[i].file);
        metrics_add_success(&failed, path, "w_", false, 99);
        assert_non_null(strstr(text_get(&failed.text), expect));
        metrics_add_success(&fine, path, "w_", true, 99);
        assert_non_null(strstr(text_get(&fine.text), "\nw_last_success_timestamp_seconds 99\n"));
    }
}

static void test_write(void **state)
{
    (void)state;
    CLEANUP(metrics_free) struct metrics m = {0};
    struct error err = {0};
    struct stat st;
    char text[128] = "";
    put("old\n");
    mode_t was = umask(077);
    metrics_figure(&m, "w_", "a", "A.", 1);
    assert_true(metrics_check_path(path, &err) && metrics_write(&m, path, &err));
    umask(was);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fread(text, 1, sizeof text - 1, f), m.text.length);
    (void)fclose(f);
    assert_string_equal(text, text_get(&m.text));
}

static void test_refusals(void **state)
{
    (void)state;
    static const char *const refused[] = {"%s/none/a.prom", "%s/", "%s", "%s/a.prom/b.prom"};
    put("a file is no directory\n");
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct error err = {0};
        CLEANUP(text_free) struct text bad = {0};
        const char *at = strstr(refused[i], "%s") + 2;
        text_addf(&bad, "%s%s", directory, at);
        print_message("case: %s\n", refused[i]);
        assert_false(metrics_check_path(text_get(&bad), &err));
        assert_int_equal(err.kind, ERR_USAGE);
        assert_true(strncmp(err.message, "--metrics: ", strlen("--metrics: ")) == 0);
    }
    struct error err = {0};
    assert_true(metrics_check_path(NULL, &err));
    assert_true(metrics_refuse_dry_run(NULL, &err));
    assert_false(metrics_refuse_dry_run(path, &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order), cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_reals), cmocka_unit_test(test_last_success),
        cmocka_unit_test(test_write), cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
