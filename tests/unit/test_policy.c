#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "jobs/settings/settings.h"
#include "tests/unit/settings_file.h"

static const struct fault_case policy_cases[] = {
    {"no policies",
     "policies = (",
     "x = (",
     {":9: x: is no setting", ":1: policies: is missing; allowed is a list of groups"}},
    {"policies as a group",
     "policies = (",
     "policies = { }; x = (",
     {":9: policies: is a group { ... }; allowed is a list of groups", ":9: x: is no setting"}},
    {"policy that is a text",
     "policies = ( {",
     "policies = ( \"p\", {",
     {":9: policies[0]: is a text; allowed is a group { ... }"}},
    {"policy name",
     "name = \"p\"",
     "name = \"My policy\"",
     {":10: policies[0].name: 'My policy' is no name here; allowed is 1 to 63 of"}},
    {"no version", "version = \"1\";", "", {":9: policies[0].version: is missing"}},
    {"no basis", "legal_basis = \"law\";", "", {":9: policies[0].legal_basis: is missing"}},
    {"no subject",
     "subject =",
     "subjekt =",
     {":12: policies[0].subjekt: is no setting; did you mean subject?",
      ":9: policies[0].subject: is missing; allowed is a group { ... }: { table ="}},
    {"no key column",
     "[ \"id\" ]; };\n  rules",
     "[]; };\n  rules",
     {":12: policies[0].subject.key: is empty"}},
    {"key column twice",
     "key = [ \"id\" ]",
     "key = [ \"id\", \"id\" ]",
     {":12: policies[0].subject.key[1]: 'id' stands here twice"}},
    {"table without schema",
     "\"s.t\"; key",
     "\"t\"; key",
     {":12: policies[0].subject.table: 't' has no schema; write it with its schema"}},
    {"empty part", "\"s.t\"; key", "\".t\"; key", {":12: policies[0].subject.table: '.t' is no"}},
    {"empty last part", "\"s.t\"; key", "\"s.\"; key", {":12: policies[0].subject.table: 's.' is"}},
    {"three parts", "\"s.t\"; key", "\"a.b.c\"; key", {":12: policies[0].subject.table: 'a.b.c'"}},
    {"open quote", "\"s.t\"; key", "\"s.\\\"t\"; key", {":12: policies[0].subject.table: 's.\"t'"}},
    {"rules empty",
     "rules = ( {",
     "rules = (); x = ( {",
     {":13: policies[0].x: is no setting", ":13: policies[0].rules: is empty"}},
    {"window", "7 years", "7 jaar", {":14: policies[0].rules[0].window: '7 jaar' is no window"}},
    {"negative", "7 years", "-1 day", {":14: policies[0].rules[0].window: '-1 day' is no window"}},
    {"zero", "7 years", "0 days", {":14: policies[0].rules[0].window: '0 days' is no window"}},
    {"age", "7 years", "300 years", {":14: policies[0].rules[0].window: '300 years' is longer"}},
    {"start",
     "\"exact\"",
     "\"year_end\"",
     {":14: policies[0].rules[0].start: 'year_end' is no start of a window; allowed is \"exact\" "
      "or \"calendar_year_end\""}},
    {"no window", "window = \"7 years\";", "", {":13: policies[0].rules[0].window: is missing"}},
    {"no clocks",
     "clocks = ( { table = \"s.a\"; ends = \"e\"; } );",
     "clocks = ();",
     {":15: policies[0].rules[0].clocks: is empty"}},
    {"clock without column",
     "ends = \"e\";",
     "",
     {":15: policies[0].rules[0].clocks[0].ends: is missing"}},
    {"requires",
     "[ \"s.a\" ]",
     "[ \"s.a\", \"b\" ]",
     {":16: policies[0].rules[0].requires[1]: 'b' has no schema"}},
    {"rule twice",
     "} );\n  links",
     "}, { name = \"r\"; window = \"1 day\"; clocks = "
     "( { table = \"s.a\"; ends = \"e\"; } ); } );\n  links",
     {":16: policies[0].rules[1].name: 'r' is the name of the rule of line 13 too"}},
    {"policy twice",
     "name = \"r\"",
     "name = \"r\"; window = \"1 day\"; clocks = ( { table = "
     "\"s.a\"; ends = \"e\"; } ); } ); }, { name = \"p\"; version = "
     "\"2\"; legal_basis = \"l\"; subject = { table = \"s.t\"; key "
     "= [ \"id\" ]; }; rules = ( { name = \"r\"",
     {":13: policies[1].name: 'p' is the name of the policy of line 9 too"}},
    {"link counts",
     "to = [ \"id\" ]",
     "to = [ \"id\", \"nr\" ]",
     {":18: policies[0].links[0].to: names 2 columns and `columns` names 1; allowed is the same"}},
    {"link without to", "to = [ \"id\" ];", "", {":17: policies[0].links[0].to: is missing"}},
    {"owns", "\"s.o\"", "\"o\"", {":19: policies[0].owns[0]: 'o' has no schema"}},
    {"owns a number", "[ \"s.o\" ]", "[ 1 ]", {":19: policies[0].owns[0]: is a whole number"}},
    {"owns as a text",
     "[ \"s.o\" ]",
     "\"s.o\"",
     {":19: policies[0].owns: is a text; allowed is an array of texts [ \"...\", \"...\" ]"}},
    {"detach a table",
     "\"s.t.r\"",
     "\"s.t\"",
     {":20: policies[0].detach[0]: 's.t' is no column's"}},
    {"outside", "\"s.x\"", "\"s.x \"", {":21: policies[0].outside[0]: 's.x ' is no table's name"}},
    {"outside empty", "\"s.x\"", "\"\"", {":21: policies[0].outside[0]: is empty"}},
    {"contact unknown",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; mail = \"e\"; address = [ \"a\" ]; }; }",
     {":12: policies[0].subject.contact.mail: is no setting; did you mean email?"}},
    {"contact without name",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { email = \"e\"; }; }",
     {":12: policies[0].subject.contact.name: is missing"}},
    {"contact that leads nowhere",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; language = \"l\"; }; }",
     {":12: policies[0].subject.contact: has neither address nor email"}},
    {"contact with an address of nothing",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; address = []; }; }",
     {":12: policies[0].subject.contact.address: is empty"}},
    {"contact with a line twice",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; address = [ \"a\",\n\"a\" ]; }; }",
     {":13: policies[0].subject.contact.address[1]: 'a' stands here twice"}},
    {"contact with a line twice, beside another",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; address = ( \"a\",\n[ \"b\", \"a\" ] ); }; }",
     {":13: policies[0].subject.contact.address[1]: 'a' stands here twice"}},
    {"contact with a line of nothing",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; address = ( \"a\", [] ); }; }",
     {":12: policies[0].subject.contact.address[1]: is empty; allowed is a text in double quotes"}},
    {"contact with a line of lines",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; address = ( ( \"a\", ( \"b\" ) ) ); }; }",
     {":12: policies[0].subject.contact.address[0]: is a list ( ... ); allowed is a text in "
      "double"}},
    {"contact with a line of numbers",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; address = ( 7, [ 1, 2 ] ); }; }",
     {":12: policies[0].subject.contact.address[0]: is a whole number; allowed is a text in",
      ":12: policies[0].subject.contact.address[1]: is a whole number; allowed is a text in"}},
    {"contact in a table without schema",
     "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; email = \"e\"; table = \"t\"; }; }",
     {":12: policies[0].subject.contact.table: 't' has no schema"}},
    {"purpose of nothing",
     "version = \"1\";",
     "version = \"1\"; purpose = \"\";",
     {":10: policies[0].purpose: is empty"}},
    {"category without table",
     "outside =",
     "categories = ( { name = \"n\"; } ); outside =",
     {":21: policies[0].categories[0].table: is missing"}},
    {"category that says nothing",
     "outside =",
     "categories = ( { table = \"s.t\"; } ); outside =",
     {":21: policies[0].categories[0]: says nothing about its table; allowed is name, purpose"}},
    {"category unknown",
     "outside =",
     "categories = ( { table = \"s.t\"; purpos = \"p\"; name = \"n\"; } ); outside =",
     {":21: policies[0].categories[0].purpos: is no setting; did you mean purpose?"}},
    {"category of a table without schema",
     "outside =",
     "categories = ( { table = \"t\"; name = \"n\"; } ); outside =",
     {":21: policies[0].categories[0].table: 't' has no schema"}},
    {"category twice",
     "outside =",
     "categories = ( { table = \"s.t\"; name = \"n\"; },\n{ table = \"\\\"s\\\".t\"; name = "
     "\"m\"; } ); outside =",
     {":22: policies[0].categories[1].table: is described in line 21 too; allowed is each table"}},
};

static void test_faults_of_policies(void **state)
{
    (void)state;
    check_fault_cases(policy_cases, COUNT_OF(policy_cases));
}

/* The text an approval is given for: changing it makes every approved policy drift. */
static const char canonical[] =
    "{\"detach\":[{\"column\":\"r\",\"table\":\"\\\"s\\\".\\\"t\\\"\"}],\"key\":[\"id\"],"
    "\"legal_basis\":\"law\",\"links\":[{\"columns\":[\"c\"],\"references\":"
    "\"\\\"s\\\".\\\"t\\\"\",\"table\":\"\\\"s\\\".\\\"v\\\"\",\"to\":[\"id\"]}],\"name\":\"p\","
    "\"outside\":[\"\\\"s\\\".\\\"x\\\"\"],\"owns\":[\"\\\"s\\\".\\\"o\\\"\"],\"rules\":[{"
    "\"clocks\":[{\"ends\":\"e\",\"table\":\"\\\"s\\\".\\\"a\\\"\"}],\"name\":\"r\","
    "\"requires\":[\"\\\"s\\\".\\\"a\\\"\"],\"start\":\"exact\",\"window\":{\"days\":0,"
    "\"months\":84}}],\"subject\":\"\\\"s\\\".\\\"t\\\"\",\"version\":\"1\"}";

static const struct {
    const char *name, *find, *replace;
    bool same;
} canonical_cases[] = {
    {"nothing", "", "", true},
    {"the run", "batch = 10", "batch = 11", true},
    {"a comment", "owns =", "/* x */ owns =", true},
    {"quotes that are not needed", "\"s.o\"", "\"\\\"s\\\".\\\"o\\\"\"", true},
    {"the same window", "7 years", "84 months", true},
    {"start left out", "start = \"exact\";", "", true},
    {"a list for an array", "[ \"s.o\" ]", "( \"s.o\" )", true},
    {"how to reach a subject", "[ \"id\" ]; }",
     "[ \"id\" ]; contact = { name = \"n\"; email = \"e\"; }; }", true},
    {"the purpose", "owns =", "purpose = \"why\"; owns =", true},
    {"what the data are", "owns =",
     "categories = ( { table = \"s.t\"; name = \"n\"; legal_basis = \"l\"; } ); owns =", true},
    {"the name", "\"p\"", "\"q\"", false},
    {"the version", "\"1\"", "\"2\"", false},
    {"the basis", "law", "lore", false},
    {"the subject", "\"s.t\"; key", "\"s.u\"; key", false},
    {"the key", "\"id\" ]; }", "\"nr\" ]; }", false},
    {"the rule's name", "\"r\"", "\"q\"", false},
    {"the window", "7 years", "6 years", false},
    {"the start", "\"exact\"", "\"calendar_year_end\"", false},
    {"a clock's table", "\"s.a\"; ends", "\"s.b\"; ends", false},
    {"a clock's column", "\"e\"", "\"f\"", false},
    {"requires", "[ \"s.a\" ]", "[]", false},
    {"a link's table", "\"s.v\"", "\"s.w\"", false},
    {"a link's columns", "\"c\"", "\"d\"", false},
    {"a link's target", "to = [ \"id\" ]", "to = [ \"nr\" ]", false},
    {"owns", "\"s.o\"", "\"s.p\"", false},
    {"detach", "\"s.t.r\"", "\"s.t.q\"", false},
    {"outside", "\"s.x\"", "\"s.x\", \"s.y\"", false},
};

static void test_canonical(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(canonical_cases); i++) {
        CLEANUP(unload) struct loaded l;
        print_message("case: %s\n", canonical_cases[i].name);
        load_changed(&l, canonical_cases[i].find, canonical_cases[i].replace, 0644);
        assert_true(l.good);
        if (canonical_cases[i].same)
            assert_string_equal(l.settings.policies[0].canonical, canonical);
        else
            assert_string_not_equal(l.settings.policies[0].canonical, canonical);
    }
}

static void test_contact(void **state)
{
    (void)state;
    CLEANUP(unload) struct loaded l;
    load_changed(&l, "", "", 0644);
    assert_true(l.good);
    assert_int_equal(l.settings.policies[0].contact.line, 0);
    unload(&l);
    load_changed(
        &l, "[ \"id\" ]; }",
        "[ \"id\" ];\ncontact = { name = \"n\"; email = \"e\"; language = \"l\"; "
        "salutation = \"s\"; address = ( \"a\", [ \"b c\", \"d\" ] ); table = \"s.o\"; }; }",
        0644);
    assert_true(l.good);
    const struct policy_contact *c = &l.settings.policies[0].contact;
    assert_int_equal(c->line, 13);
    assert_string_equal(c->name, "n");
    assert_string_equal(c->email, "e");
    assert_string_equal(c->language, "l");
    assert_string_equal(c->salutation, "s");
    assert_int_equal(c->address.count, 3);
    assert_string_equal(c->address.items[1], "b c");
    assert_false(c->address_joined[0]);
    assert_false(c->address_joined[1]);
    assert_true(c->address_joined[2]);
    assert_string_equal(c->table.schema, "s");
    assert_string_equal(c->table.table, "o");
}

static void test_categories(void **state)
{
    (void)state;
    CLEANUP(unload) struct loaded l;
    load_changed(&l, "", "", 0644);
    assert_true(l.good);
    assert_null(l.settings.policies[0].purpose);
    assert_int_equal(l.settings.policies[0].category_count, 0);
    unload(&l);
    load_changed(&l, "outside =",
                 "purpose = \"why\"; categories = ( { table = \"s.t\"; name = \"n\"; },\n"
                 "{ table = \"s.o\"; purpose = \"p\"; legal_basis = \"l\"; } ); outside =",
                 0644);
    assert_true(l.good);
    const struct policy *p = &l.settings.policies[0];
    assert_string_equal(p->purpose, "why");
    assert_int_equal(p->category_count, 2);
    assert_string_equal(p->categories[0].name, "n");
    assert_null(p->categories[0].purpose);
    assert_null(p->categories[0].legal_basis);
    assert_string_equal(p->categories[1].table.table, "o");
    assert_string_equal(p->categories[1].purpose, "p");
    assert_string_equal(p->categories[1].legal_basis, "l");
    assert_null(p->categories[1].name);
    assert_int_equal(p->categories[1].line, 22);
}

static const struct {
    const char *text, *schema, *table, *shown; /* schema NULL: refused */
} table_cases[] = {
    {"klant.customer", "klant", "customer", "klant.customer"},
    {"_a$1.b2", "_a$1", "b2", "_a$1.b2"},
    {"\"klant\".\"customer\"", "klant", "customer", "klant.customer"},
    {"Klant.Order Details", "Klant", "Order Details", "\"Klant\".\"Order Details\""},
    {"\"a \"\"b\"\"\".c", "a \"b\"", "c", "\"a \"\"b\"\"\".c"},
    {"\"web.visit\".\"\"\"\"", "web.visit", "\"", "\"web.visit\".\"\"\"\""},
    {"1a.b", "1a", "b", "\"1a\".b"},
    {"\xc3\xa9.b", "\xc3\xa9", "b", "\"\xc3\xa9\".b"},
    {"customer", NULL, NULL, NULL},
    {"", NULL, NULL, NULL},
    {".", NULL, NULL, NULL},
    {"a.", NULL, NULL, NULL},
    {".b", NULL, NULL, NULL},
    {"a..b", NULL, NULL, NULL},
    {"a.b.c", NULL, NULL, NULL},
    {"a.b.c.d", NULL, NULL, NULL},
    {"a.b.", NULL, NULL, NULL},
    {"a. b", NULL, NULL, NULL},
    {"a.b ", NULL, NULL, NULL},
    {"a.\"b", NULL, NULL, NULL},
    {"a.\"\"", NULL, NULL, NULL},
    {"a.\"b\"c", NULL, NULL, NULL},
    {"a\"b\".c", NULL, NULL, NULL},
    {"a.b\"c", NULL, NULL, NULL},
    {"s.a123456789012345678901234567890123456789012345678901234567890123", NULL, NULL, NULL},
};

static void test_table_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table_cases); i++) {
        struct table_name t = {0};
        struct error err = {0};
        char shown[TABLE_NAME_TEXT_SIZE];
        print_message("case: %s\n", table_cases[i].text);
        if (table_cases[i].schema == NULL) {
            assert_false(table_name_parse(table_cases[i].text, &t, &err));
            assert_int_equal(err.kind, ERR_USAGE);
            assert_null(t.schema);
            continue;
        }
        assert_true(table_name_parse(table_cases[i].text, &t, &err));
        assert_string_equal(t.schema, table_cases[i].schema);
        assert_string_equal(t.table, table_cases[i].table);
        table_name_format(&t, shown, sizeof shown);
        assert_string_equal(shown, table_cases[i].shown);
        table_name_free(&t);
        assert_true(table_name_parse(shown, &t, &err));
        assert_string_equal(t.table, table_cases[i].table);
        table_name_free(&t);
    }
}

static void test_table_name_in_a_small_buffer(void **state)
{
    (void)state;
    const struct table_name t = {.schema = (char[]){"klant"}, .table = (char[]){"customer"}};
    char shown[8];
    table_name_format(&t, shown, sizeof shown);
    assert_string_equal(shown, "klant.c");
}

static void test_policy_by_name(void **state)
{
    (void)state;
    struct policy two[] = {{.name = (char[]){"customers"}}, {.name = (char[]){"suppliers"}}};
    struct settings s = {.path = (char[]){"/c"}, .policies = two, .policy_count = 1};
    const struct policy *found = NULL;
    struct error err = {0};
    assert_true(settings_policy(&s, NULL, &found, &err));
    assert_ptr_equal(found, &two[0]);
    s.policy_count = 2;
    assert_true(settings_policy(&s, "suppliers", &found, &err));
    assert_ptr_equal(found, &two[1]);
    assert_false(settings_policy(&s, NULL, &found, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "customers, suppliers"));
    assert_false(settings_policy(&s, "clients", &found, &err));
    assert_non_null(strstr(err.message, "'clients'"));
    assert_non_null(strstr(err.message, "customers, suppliers"));
    assert_ptr_equal(found, &two[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_of_policies),
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_contact),
        cmocka_unit_test(test_categories),
        cmocka_unit_test(test_table_names),
        cmocka_unit_test(test_table_name_in_a_small_buffer),
        cmocka_unit_test(test_policy_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
