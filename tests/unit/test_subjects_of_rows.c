#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jobs/retention/subjects_of_rows.h"

static const struct {
    const char *condition;
    const char *refused; /* what the sentence says; NULL: passes */
} cases[] = {
    {"visited_at > '2026-10-01'", NULL},
    {"true", NULL},
    {"page LIKE '%(%' AND page <> ')'", NULL},
    {"page = 'it''s'", NULL},
    {"page = '--' OR page = '/*' OR page = ';' OR page = '$$'", NULL},
    {"\"odd ; name (\" = 1 AND \"a\"\"b\" IS NULL", NULL},
    {"(a OR (b AND c[1] = ANY ('{1,2}'))) AND d", NULL},
    {"visited_at::date = date'2026-10-01'", NULL},
    {"page = 'back\\slash' AND note = N'x' AND note = U&'d\\0061t'", NULL},
    {"a$b = 1", NULL},
    {"n - -1 > 0 AND n / 2 * 3 > 1", NULL},
    {"name = 'Zo\xc3\xab'", NULL},
    {"a = 'x'\n'y'", NULL},
    {"", "is empty"},
    {" \t\r\n", "is empty"},
    {"true) OR (true", "a closing bracket that nothing opened"},
    {"a[1)", "a closing bracket that nothing opened"},
    {")", "a closing bracket that nothing opened"},
    {"(a OR b", "a bracket that is not closed"},
    {"a[1", "a bracket that is not closed"},
    {"a = 'x", "a quote that is not closed"},
    {"a = 'x''", "a quote that is not closed"},
    {"\"a = 1", "a quote that is not closed"},
    {"true -- x", "a comment"},
    {"true /* x */", "a comment"},
    {"true /* ) /* */ OR true */", "a comment"},
    {"a = 'x' --'", "a comment"},
    {"true; DELETE FROM t", "a semicolon"},
    {"true;", "a semicolon"},
    {"a = $1", "holds a $"},
    {"a = $$x$$", "holds a $"},
    {"a = $x$ ) $x$", "holds a $"},
    {"a = E'\\') OR (true'", "holds E'...'"},
    {"a = e'x'", "holds E'...'"},
    {"a = E'x'\n'\\'", "holds E'...'"},
    {"a = 1e'\\'", "holds E'...'"},
};

static void test_conditions(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        print_message("case: %s\n", cases[i].condition);
        bool good = subjects_of_rows_check(cases[i].condition, &err);
        assert_int_equal(good, cases[i].refused == NULL);
        if (good)
            continue;
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(err.message, cases[i].refused));
    }
}

static void test_a_refusal_does_not_repeat_the_condition(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        if (strlen(cases[i].condition) < 6)
            continue;
        (void)!subjects_of_rows_check(cases[i].condition, &err);
        assert_null(strstr(err.message, cases[i].condition));
    }
}

static char *names[] = {(char[]){"klant.customer"}, (char[]){"klant.web_visit"}};

static const struct {
    const char *written;
    size_t table; /* SIZE_MAX: refused */
    const char *says;
} table_cases[] = {
    {"klant.customer", 0, NULL},
    {"klant.web_visit", 1, NULL},
    {"\"klant\".\"web_visit\"", 1, NULL},
    {"klant.webvisit", SIZE_MAX, "; did you mean klant.web_visit?"},
    {"x.y", SIZE_MAX, "graph of policy p; it has: klant.customer, klant.web_visit"},
    {"web_visit", SIZE_MAX, "has no schema"},
};

static void test_tables(void **state)
{
    (void)state;
    struct policy policy = {.name = (char[]){"p"}};
    struct graph_table tables[] = {
        {.schema = (char[]){"klant"}, .name = (char[]){"customer"}, .display = names[0]},
        {.schema = (char[]){"klant"}, .name = (char[]){"web_visit"}, .display = names[1]}};
    struct graph g = {.policy = &policy, .tables = tables, .table_count = COUNT_OF(tables)};
    for (size_t i = 0; i < COUNT_OF(table_cases); i++) {
        struct error err = {0};
        size_t table = SIZE_MAX;
        print_message("case: %s\n", table_cases[i].written);
        bool good = subjects_of_rows_table(&g, table_cases[i].written, &table, &err);
        assert_int_equal(good, table_cases[i].says == NULL);
        assert_int_equal(table, table_cases[i].table);
        if (!good)
            assert_non_null(strstr(err.message, table_cases[i].says));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_a_refusal_does_not_repeat_the_condition),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
