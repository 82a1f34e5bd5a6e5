#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/command_line.h"

#define WORDS 12

/* "a b" -> {"a", "b"}; the pieces live in `copy`, which is cut up. */
static int split(char *copy, char *words[static WORDS])
{
    int count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL && count < WORDS;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    return count;
}

static bool json, verbose;
static const char *config, *as_of;
static const struct option_spec specs[] = {{"config", 'c', OPTION_TEXT, "FILE", "", &config, 0, 0},
                                           {"as-of", 0, OPTION_TEXT, "DATE", "", &as_of, 0, 0},
                                           {"json", 0, OPTION_FLAG, NULL, "", &json, 0, 0},
                                           {"verbose", 'v', OPTION_FLAG, NULL, "", &verbose, 0, 0},
                                           {0}};

static const struct {
    const char *before;
    const char *after;
} gather_cases[] = {
    {"w", "w"},
    {"w run", "w run"},
    {"w run --json", "w --json run"},
    {"w --json run", "w --json run"},
    {"w a b --config F c --as-of D d", "w --config F --as-of D a b c d"},
    {"w a -c F b -v", "w -c F -v a b"},
    {"w a -cF -vcF -vc F b", "w -cF -vcF -vc F a b"},
    {"w a --config=F --json b", "w --config=F --json a b"},
    {"w a -- --json -v", "w a -- --json -v"},
    {"w -v a -- --json", "w -v a -- --json"},
    {"w a --other x --json", "w --json a --other x"},
    {"w a --jso --js", "w a --jso --js"},
    {"w a --jsonx --as --config-x", "w a --jsonx --as --config-x"},
    {"w a -vx -x -", "w a -vx -x -"},
    {"w --help a --version -h", "w --help a --version -h"},
    {"w a --config --json b", "w --config --json a b"},
    {"w a --json=x b", "w --json=x a b"},
};

static void test_gather(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(gather_cases); i++) {
        struct error err = {0};
        char *words[WORDS + 1] = {0};
        CLEANUP(memory_release) char *copy = memory_copy_text(gather_cases[i].before);
        CLEANUP(text_free) struct text joined = {0};
        print_message("case: %s\n", gather_cases[i].before);
        int count = split(copy, words);
        assert_true(command_line_gather(specs, count, words, &err));
        for (int k = 0; k < count; k++) {
            text_separate(&joined, " ");
            text_add(&joined, words[k]);
        }
        assert_null(words[count]);
        assert_string_equal(text_get(&joined), gather_cases[i].after);
    }
}

static void test_gather_needs_value(void **state)
{
    (void)state;
    static const char *const cases[] = {"w a --config", "w a -vc", "w a b -c", "w --config"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        char *words[WORDS + 1] = {0};
        CLEANUP(memory_release) char *copy = memory_copy_text(cases[i]);
        print_message("case: %s\n", cases[i]);
        assert_false(command_line_gather(specs, split(copy, words), words, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        assert_string_equal(err.message, "option --config needs a value: --config=FILE");
    }
}

static const struct job jobs[] = {
    {.words = "check"},        {.words = "retention plan"}, {.words = "retention run"},
    {.words = "archive list"}, {.words = "hold list"},      {.words = "hold add"},
    {.words = "look"},         {.words = "look here"},
};

static const struct {
    const char *words;
    const char *job; /* NULL: refused */
    int used;
    const char *sentence;
} find_cases[] = {
    {"check", "check", 1, NULL},
    {"check x y", "check", 1, NULL},
    {"hold add 4711", "hold add", 2, NULL},
    {"retention run", "retention run", 2, NULL},
    {"look", "look", 1, NULL},
    {"look here", "look here", 2, NULL},
    {"look there", "look", 1, NULL},
    {"look -- here", "look", 1, NULL},
    {"", NULL, 0, "no command given; waarborg --help lists them"},
    {"chekc", NULL, 0, "unknown command 'chekc'; did you mean check?"},
    {"Check", NULL, 0, "unknown command 'Check'; did you mean check?"},
    {"checks 4711", NULL, 0, "unknown command 'checks'; did you mean check?"},
    {"hold", NULL, 0, "'hold' is to be followed by one of: list, add"},
    {"hold 4711", NULL, 0, "'hold' is to be followed by one of: list, add"},
    {"hold jansen@example.org", NULL, 0, "'hold' is to be followed by one of: list, add"},
    {"hold lst", NULL, 0, "unknown command 'hold lst'; did you mean hold list or hold add?"},
    {"list", NULL, 0, "unknown command 'list'; did you mean archive list or hold list?"},
    {"hol add", NULL, 0, "unknown command 'hol'; did you mean hold add?"},
    {"xyzzy", NULL, 0, "unknown command 'xyzzy'; waarborg --help lists the commands"},
    {"hold-add", NULL, 0, "unknown command 'hold-add'; did you mean hold add?"},
};

static void test_find(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(find_cases); i++) {
        struct error err = {0};
        char *words[WORDS + 1] = {0};
        const struct job *job = NULL;
        int used = -1;
        CLEANUP(memory_release) char *copy = memory_copy_text(find_cases[i].words);
        print_message("case: %s\n", find_cases[i].words);
        int count = split(copy, words);
        bool found = command_line_find(jobs, COUNT_OF(jobs), words, count, &job, &used, &err);
        if (find_cases[i].job != NULL) {
            assert_true(found);
            assert_string_equal(job->words, find_cases[i].job);
            assert_int_equal(used, find_cases[i].used);
            continue;
        }
        assert_false(found);
        assert_null(job);
        assert_int_equal(used, -1);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_string_equal(err.message, find_cases[i].sentence);
    }
}

static void test_questions(void **state)
{
    (void)state;
    assert_true(command_line_is_group(jobs, COUNT_OF(jobs), "hold"));
    assert_false(command_line_is_group(jobs, COUNT_OF(jobs), "hol"));
    assert_false(command_line_is_group(jobs, COUNT_OF(jobs), "holds"));
    assert_false(command_line_is_group(jobs, COUNT_OF(jobs), "check"));
    assert_false(command_line_is_group(jobs, COUNT_OF(jobs), "hold list"));
    char *asks[] = {"a", "-h", NULL};
    char *behind[] = {"a", "--", "--help", NULL};
    assert_true(command_line_wants_help(asks, 2));
    assert_false(command_line_wants_help(asks, 1));
    assert_false(command_line_wants_help(behind, 3));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gather),
        cmocka_unit_test(test_gather_needs_value),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_questions),
    };
    return cmocka_run_group_tests_name("command_line", tests, NULL, NULL);
}
