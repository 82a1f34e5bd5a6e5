#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/options.h"
#include "common/text.h"

static struct {
    const char *config;
    bool json, verbose;
    int64_t volume;
} got;

static const struct option_spec specs[] = {
    {.name = "config",
     .letter = 'c',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .target = &got.config,
     .help =
         "read this configuration instead of /etc/waarborg/waarborg.conf, which is the one that "
         "is read otherwise"},
    {.name = "json", .kind = OPTION_FLAG, .target = &got.json, .help = "print JSON"},
    {.name = "verbose",
     .letter = 'v',
     .kind = OPTION_FLAG,
     .target = &got.verbose,
     .help = "say more"},
    {.name = "version", .kind = OPTION_FLAG, .target = &(bool){false}, .help = "the version"},
    {.name = "accept-volume",
     .kind = OPTION_INTEGER,
     .value = "N",
     .target = &got.volume,
     .minimum = 1,
     .maximum = 1000000,
     .help = "let N subjects go"},
    {0}};

#define MOST 8

static const struct {
    const char *name;
    const char *argv[MOST];
    const char *config;
    bool json;
    bool verbose;
    bool stop_at_word;
    int64_t volume;
    const char *words;   /* with blanks between */
    const char *message; /* NULL: parses */
} cases[] = {
    {"nothing", {"w"}, NULL, false, false, false, 0, "", NULL},
    {"words only", {"w", "a", "b"}, NULL, false, false, false, 0, "a b", NULL},
    {"among the words", {"w", "a", "--json", "b", "-v"}, NULL, true, true, false, 0, "a b", NULL},
    {"values", {"w", "--config=x", "--accept-volume", "7"}, "x", false, false, false, 7, "", NULL},
    {"letter and value", {"w", "-c", "x", "-v"}, "x", false, true, false, 0, "", NULL},
    {"letters together", {"w", "-vcx"}, "x", false, true, false, 0, "", NULL},
    {"cut short", {"w", "--acc=7", "--j"}, NULL, true, false, false, 7, "", NULL},
    {"after --", {"w", "-v", "--", "--json"}, NULL, false, true, false, 0, "--json", NULL},
    {"the last one counts", {"w", "-c", "x", "-c", "y"}, "y", false, false, false, 0, "", NULL},
    {"stop at the command",
     {"w", "-v", "run", "--json"},
     NULL,
     false,
     true,
     true,
     0,
     "run --json",
     NULL},
    {"smallest", {"w", "--accept-volume=1"}, NULL, false, false, false, 1, "", NULL},
    {"largest", {"w", "--accept-volume=1000000"}, NULL, false, false, false, 1000000, "", NULL},
    {"too small", {"w", "--accept-volume=0"}, .message = "'0' is no whole number from 1 to"},
    {"too large", {"w", "--accept-volume=1000001"}, .message = "no whole number from 1 to 10"},
    {"beyond 64 bits", {"w", "--accept-volume=99999999999999999999"}, .message = "no whole"},
    {"negative", {"w", "--accept-volume", "-5"}, .message = "--accept-volume: '-5' is no"},
    {"no number", {"w", "--accept-volume=many"}, .message = "'many' is no whole number"},
    {"half a number", {"w", "--accept-volume=7x"}, .message = "'7x' is no whole number"},
    {"empty number", {"w", "--accept-volume="}, .message = "'' is no whole number"},
    {"blank before", {"w", "--accept-volume= 7"}, .message = "' 7' is no whole number"},
    {"value missing", {"w", "--config"}, .message = "option --config needs a value: --config=FILE"},
    {"letter's value missing", {"w", "-c"}, .message = "option --config needs a value"},
    {"value too many", {"w", "--json=1"}, .message = "option --json takes no value"},
    {"the same, cut short", {"w", "--js=1"}, .message = "option --json takes no value"},
    {"slip", {"w", "--jsno"}, .message = "unknown option --jsno; did you mean --json?"},
    {"slip with a value",
     {"w", "--confg=x"},
     .message = "unknown option --confg; did you mean --config?"},
    {"nothing near", {"w", "--zebra"}, .message = "unknown option --zebra; --help lists them"},
    {"several",
     {"w", "--ver"},
     .message = "ambiguous option --ver; did you mean --verbose or --version?"},
    {"unknown letter", {"w", "-x"}, .message = "unknown option -x; --help lists them"},
    {"unknown after known", {"w", "-vx"}, .message = "unknown option -x"},
    {"half a letter", {"w", "-\xc3\xa9"}, .message = "an option is no letter"},
    {"a very long one",
     {"w",
      "--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
     .message = "unknown option --aaaa"},
};

static int copy_argv(const char *const *from, char **to)
{
    int argc = 0;
    for (; argc < MOST && from[argc] != NULL; argc++)
        to[argc] = strdup(from[argc]);
    to[argc] = NULL;
    return argc;
}

static void assert_words(char **words, int count, const char *expect)
{
    CLEANUP(text_free) struct text all = {0};
    for (int i = 0; i < count; i++) {
        text_separate(&all, " ");
        text_add(&all, words[i]);
    }
    assert_string_equal(text_get(&all), expect);
}

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *argv[MOST + 1];
        int argc = copy_argv(cases[i].argv, argv);
        char **words = NULL;
        int count = -1;
        struct error err = {0};
        memset(&got, 0, sizeof got);
        print_message("case: %s\n", cases[i].name);
        bool good = options_parse(specs, cases[i].stop_at_word, argc, argv, &words, &count, &err);
        if (cases[i].message == NULL) {
            assert_true(good);
            assert_words(words, count, cases[i].words);
            assert_int_equal(got.json, cases[i].json);
            assert_int_equal(got.verbose, cases[i].verbose);
            assert_int_equal(got.volume, cases[i].volume);
            assert_string_equal(got.config == NULL ? "(none)" : got.config,
                                cases[i].config == NULL ? "(none)" : cases[i].config);
        } else {
            assert_false(good);
            assert_int_equal(err.kind, ERR_USAGE);
            if (strstr(err.message, cases[i].message) == NULL)
                fail_msg("no '%s' in '%s'", cases[i].message, err.message);
            assert_null(words);
            assert_int_equal(count, -1);
        }
        for (int j = 0; j < argc; j++)
            free(argv[j]);
    }
}

static void test_global_options_then_a_command(void **state)
{
    (void)state;
    char *argv[] = {(char[]){"w"},
                    (char[]){"-v"},
                    (char[]){"run"},
                    (char[]){"x"},
                    (char[]){"--accept-volume=3"},
                    NULL};
    char **words;
    int count;
    struct error err = {0};
    memset(&got, 0, sizeof got);
    assert_true(options_parse(specs, true, 5, argv, &words, &count, &err));
    assert_string_equal(words[0], "run");
    assert_true(options_parse(specs, false, count, words, &words, &count, &err));
    assert_words(words, count, "x");
    assert_true(got.verbose);
    assert_int_equal(got.volume, 3);
}

static void test_given_more_than_once(void **state)
{
    (void)state;
    CLEANUP(option_list_free) struct option_list list = {0};
    const struct option_spec table[] = {
        {.name = "set", .kind = OPTION_LIST, .value = "FIELD=VALUE", .target = &list}, {0}};
    char *argv[] = {(char[]){"w"},      (char[]){"--set"}, (char[]){"a=1"}, (char[]){"x"},
                    (char[]){"--set="}, (char[]){"--se"},  (char[]){"a=1"}, NULL};
    char **words;
    int count;
    struct error err = {0};
    assert_true(options_parse(table, false, 7, argv, &words, &count, &err));
    assert_words(words, count, "x");
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[0], "a=1");
    assert_string_equal(list.items[1], "");
    assert_string_equal(list.items[2], "a=1");
}

static void test_help(void **state)
{
    static const char expect[] =
        "  -c, --config=FILE      read this configuration instead of\n"
        "                         /etc/waarborg/waarborg.conf, which is the one that is\n"
        "                         read otherwise\n"
        "      --json             print JSON\n"
        "  -v, --verbose          say more\n"
        "      --version          the version\n"
        "      --accept-volume=N  let N subjects go\n";
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    options_print_help(out, specs);
    fclose(out);
    assert_string_equal(text, expect);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_global_options_then_a_command),
        cmocka_unit_test(test_given_more_than_once),
        cmocka_unit_test(test_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
