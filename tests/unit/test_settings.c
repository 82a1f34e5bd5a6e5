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

static const struct fault_case file_cases[] = {
    {"syntax", "keep =", "keep", {":4: syntax error; allowed is `name = value;`"}},
    {"bracket not closed", "} );\n  owns", "} \n  owns", {":19: syntax error"}},
    {"the same setting twice", "run =", "archive =", {":8: duplicate setting name; allowed"}},
    {"mixed array", "[ \"/fg.crt\" ]", "[ \"/f\", 1 ]", {":3: mismatched element type in array"}},
    {"include", "", "@include \"/etc/passwd\"\n", {":1: @include is not read"}},
    {"not UTF-8", "law", "l\xe9gal", {":11: the file is not UTF-8"}},
    {"overlong UTF-8", "law", "l\xc0\xafw", {":11: the file is not UTF-8"}},
    {"not UTF-8 by an escape",
     "law",
     "l\\xe9gal",
     {":11: policies[0].legal_basis: holds a control"}},
    {"control character", "law", "l\\x01w", {":11: policies[0].legal_basis: holds a control"}},
    {"a newline does not start a line", "\"p\"", "\"p\\nx\"", {":10: policies[0].name: holds a"}},
};

static const struct fault_case setting_cases[] = {
    {"unknown, near",
     "keep",
     "kepe",
     {":4: archive.kepe: is no setting; did you mean keep?", ":1: archive.keep: is missing"}},
    {"unknown, far", "", "zebra = 1;\n", {":1: zebra: is no setting; allowed here: database, "}},
    {"a later area", "", "reminder = { };\n", {":1: reminder: is no setting"}},
    {"unknown in organisation",
     "",
     "organisation = { dpo = { mail = \"x\"; }; };",
     {":1: organisation.dpo.mail: is no setting; did you mean email?"}},
    {"unknown in run", "batch", "bach", {":8: run.bach: is no setting; did you mean batch?"}},
    {"text for a number",
     "batch = 10",
     "batch = \"10\"",
     {":8: run.batch: is a text; allowed is a whole number from 1 to 50000"}},
    {"number for a text",
     "\"90 days\"",
     "90",
     {":4: archive.keep: is a whole number; allowed is a text in double quotes"}},
    {"fraction for a number",
     "batch = 10",
     "workers = 1.5",
     {":8: run.workers: is a number with a fraction; allowed is a whole number from 1 to 16"}},
    {"flag",
     "keep =",
     "unsealed = 0; keep =",
     {":4: archive.unsealed: is a whole number; allowed is true or false"}},
    {"text for a group", "{ batch = 10; }", "\"x\"", {":8: run: is a text; allowed is a group"}},
    {"below", "batch = 10", "batch = 0", {":8: run.batch: is 0; allowed is a whole number from 1"}},
    {"above",
     "batch = 10",
     "lock_timeout_ms = 901",
     {":8: run.lock_timeout_ms: is 901; allowed is a whole number from 1 to 900"}},
    {"compression",
     "keep =",
     "compression = 10; keep =",
     {":4: archive.compression: is 10; allowed is a whole number from 1 to 9"}},
    {"share of nothing", "batch = 10", "max_share = 0", {":8: run.max_share: is out of range"}},
    {"share above 1", "batch = 10", "max_share = 1.01", {":8: run.max_share: is out of range"}},
    {"share as text", "batch = 10", "max_share = \"5%\"", {":8: run.max_share: is a text"}},
    {"a number that libconfig wraps to 1",
     "batch = 10",
     "batch = 4294967297",
     {":8: batch: is large; allowed above 2147483647 is a number that ends in L"}},
    {"a hexadecimal one", "batch = 10", "batch = 0x100000001", {":8: batch: is large"}},
    {"larger than 64 bits",
     "batch = 10",
     "max_subjects = 99999999999999999999L",
     {":8: max_subjects: is too large", ":8: run.max_subjects: is 9223372036854775807"}},
    {"relative directory", "\"/a\"", "\"a\"", {":2: archive.directory: is a relative path"}},
    {"relative journal", "\"/j\"", "\"~/j\"", {":6: evidence.journal: is a relative path"}},
    {"relative key", "\"/k\"", "\"k\"", {":7: evidence.reference_key: is a relative path"}},
    {"relative certificate", "\"/fg", "\"fg", {":3: archive.seal_to[0]: is a relative path"}},
    {"empty text", "\"/a\"", "\"\"", {":2: archive.directory: is empty; allowed is"}},
    {"no seal", "[ \"/fg.crt\" ]", "[]", {":3: archive.seal_to: names no certificate"}},
    {"no seal_to", "seal_to = [ \"/fg.crt\" ];", "", {":1: archive.seal_to: names no certificate"}},
    {"sealed and unsealed",
     "keep =",
     "unsealed = true; keep =",
     {":4: archive.unsealed: is true while seal_to names certificates"}},
    {"keep", "90 days", "90 dagen", {":4: archive.keep: '90 dagen' is no window; write"}},
    {"missing key", "reference_key = \"/k\";", "", {":6: evidence.reference_key: is missing"}},
    {"zone", "", "timezone = \"Europe/Amsterdan\";", {":1: timezone: is no time zone"}},
    {"zone outside", "", "timezone = \"../../../etc/passwd\";", {":1: timezone: is no time zone"}},
    {"zone by a detour", "", "timezone = \"Europe/../UTC\";", {":1: timezone: is no time zone"}},
    {"zone by path", "", "timezone = \"/etc/localtime\";", {":1: timezone: is no time zone"}},
    {"zone that is a folder", "", "timezone = \"Europe\";", {":1: timezone: is no time zone"}},
    {"zone that is another file", "", "timezone = \"tzdata.zi\";", {":1: timezone: is no time"}},
};

static void test_faults_of_the_file(void **state)
{
    (void)state;
    check_fault_cases(file_cases, COUNT_OF(file_cases));
}

static void test_faults_of_settings(void **state)
{
    (void)state;
    check_fault_cases(setting_cases, COUNT_OF(setting_cases));
}

static void test_all_faults_are_reported(void **state)
{
    (void)state;
    CLEANUP(unload) struct loaded l;
    load(&l, "database = 1;\narchive = { keep = \"x\"; };\nrun = { batch = 0; };\nfoo = 1;\n",
         0600);
    assert_false(l.good);
    static const char *const faults[] = {
        ":1: database: is a whole",      ":2: archive.directory: is missing",
        ":2: archive.seal_to: names no", ":2: archive.keep: 'x' is no window",
        ":1: evidence: is missing",      ":3: run.batch: is 0",
        ":4: foo: is no setting",        ":1: policies: is missing"};
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        if (strstr(text_get(&l.faults), faults[i]) == NULL)
            fail_msg("no '%s' in:\n%s", faults[i], text_get(&l.faults));
    assert_int_equal(count_lines(text_get(&l.faults)), COUNT_OF(faults));
    assert_non_null(strstr(l.err.message, "has 8 faults"));
}

#define SECRET "ge3heim"

static const struct {
    const char *name, *database;
    unsigned mode;
    const char *fault; /* NULL: loads */
} secret_cases[] = {
    {"none, readable by all", "host=/run dbname=k", 0644, NULL},
    {"empty, readable by all", "host=/run password=''", 0644, NULL},
    {"service", "service=klant", 0644, NULL},
    {"nothing", "", 0644, NULL},
    {"in conninfo, 0600", "dbname=k password=" SECRET, 0600, NULL},
    {"in conninfo, 0400", "dbname=k password=" SECRET, 0400, NULL},
    {"in conninfo, group", "dbname=k password=" SECRET, 0640,
     "holds a password and the file has mode 0640"},
    {"in conninfo, others", "dbname=k password=" SECRET, 0604,
     "mode 0604; allowed is 0600 (chmod 0600 /tmp/"},
    {"in a URI, others", "postgresql://u:" SECRET "@h/db", 0644, "holds a password"},
    {"in a URI's parameter", "postgres://h/db?password=" SECRET, 0644, "holds a password"},
    {"of the client's key", "dbname=k sslpassword=" SECRET, 0644, "holds a password"},
    {"conninfo not understood", "dbname=k password=x " SECRET, 0600,
     "is no connection string that libpq"},
    {"unknown word in conninfo", "dbnaam=k", 0644,
     "is no connection string that libpq understands"},
    {"quote not closed", "password='" SECRET, 0600, "is no connection string that libpq"},
};

static void test_passwords(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(secret_cases); i++) {
        CLEANUP(unload) struct loaded l;
        CLEANUP(memory_release)
        char *line = memory_format("database = \"%s\";\n", secret_cases[i].database);
        print_message("case: %s\n", secret_cases[i].name);
        load_changed(&l, "", line, secret_cases[i].mode);
        if (secret_cases[i].fault == NULL) {
            assert_true(l.good);
            assert_string_equal(l.settings.database, secret_cases[i].database);
            continue;
        }
        assert_false(l.good);
        if (strstr(text_get(&l.faults), secret_cases[i].fault) == NULL)
            fail_msg("no '%s' in:\n%s", secret_cases[i].fault, text_get(&l.faults));
        assert_null(strstr(text_get(&l.faults), SECRET));
        assert_null(strstr(l.err.message, SECRET));
    }
}

static void test_unreadable(void **state)
{
    static const char *const paths[][2] = {{"/nonexistent/waarborg.conf", "No such file"},
                                           {"/tmp", "Is a directory"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct settings s = {0};
        CLEANUP(text_free) struct text faults = {0};
        struct error err = {0};
        assert_false(settings_load(paths[i][0], &s, &faults, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(text_get(&faults), paths[i][0]));
        assert_non_null(strstr(text_get(&faults), paths[i][1]));
        assert_int_equal(count_lines(text_get(&faults)), 1);
    }
}

static void test_too_large(void **state)
{
    (void)state;
    CLEANUP(unload) struct loaded l;
    CLEANUP(memory_release) char *content = memory_format("#%*s\n%s", 1024 * 1024, "", good_file);
    load(&l, content, 0644);
    assert_false(l.good);
    assert_non_null(strstr(text_get(&l.faults), "is larger than 1 MiB"));
}

static void test_defaults(void **state)
{
    (void)state;
    CLEANUP(unload) struct loaded l;
    load_changed(&l, "batch = 10;", "", 0644);
    assert_true(l.good);
    assert_int_equal(l.faults.length, 0);
    const struct settings *s = &l.settings;
    assert_string_equal(s->path, l.path);
    assert_string_equal(s->database, "");
    assert_string_equal(s->timezone, "Europe/Amsterdam");
    assert_null(s->organisation.name);
    assert_int_equal(s->archive.compression, 3);
    assert_false(s->archive.unsealed);
    assert_int_equal(s->archive.keep_window.days, 90);
    assert_int_equal(s->run.batch, 5000);
    assert_int_equal(s->run.chunk, 500);
    assert_int_equal(s->run.workers, 1);
    assert_int_equal(s->run.lock_timeout_ms, 500);
    assert_int_equal(s->run.max_minutes, 240);
    assert_int_equal(s->run.max_subjects, 100000);
    assert_float_equal(s->run.max_share, 0.05, 1e-12);
    assert_int_equal(s->run.max_replica_lag_s, 30);
    assert_int_equal(s->run.max_unindexed_rows, 100000);
}

static void test_values(void **state)
{
    (void)state;
    CLEANUP(unload) struct loaded l;
    load_changed(&l, "batch = 10;",
                 "batch = 5000L; max_subjects = 5000000000L; max_share = 1; max_replica_lag_s = 0;",
                 0644);
    assert_true(l.good);
    const struct settings *s = &l.settings;
    assert_int_equal(s->run.batch, 5000);
    assert_int_equal(s->run.max_subjects, INT64_C(5000000000));
    assert_float_equal(s->run.max_share, 1, 1e-12);
    assert_int_equal(s->run.max_replica_lag_s, 0);
    assert_string_equal(s->archive.seal_to.items[0], "/fg.crt");
    const struct policy *p = &s->policies[0];
    assert_int_equal(p->line, 9);
    assert_string_equal(p->subject.schema, "s");
    assert_string_equal(p->subject.table, "t");
    assert_string_equal(p->key.items[0], "id");
    assert_int_equal(p->rules[0].window.months, 84);
    assert_int_equal(p->rules[0].line, 13);
    assert_string_equal(p->rules[0].clocks[0].ends, "e");
    assert_int_equal(p->rules[0].clocks[0].line, 15);
    assert_string_equal(p->rules[0].requires[0].table, "a");
    assert_string_equal(p->links[0].columns.items[0], "c");
    assert_string_equal(p->links[0].to.items[0], "id");
    assert_string_equal(p->owns[0].table.table, "o");
    assert_int_equal(p->owns[0].line, 19);
    assert_string_equal(p->detach[0].column, "r");
    assert_string_equal(p->outside[0].table.table, "x");
}

static void test_example_file(void **state)
{
    (void)state;
    struct settings s = {0};
    CLEANUP(text_free) struct text faults = {0};
    struct error err = {0};
    if (!settings_load("../conf/waarborg.conf", &s, &faults, &err))
        fail_msg("%s%s", text_get(&faults), err.message);
    assert_string_equal(s.organisation.registration, "KvK 12345678");
    assert_non_null(s.organisation.dpo_phone);
    assert_int_equal(s.policies[0].rules[0].clock_count, 2);
    assert_int_equal(s.policies[0].detach_count, 1);
    assert_int_equal(s.policies[0].contact.address.count, 3);
    assert_int_equal(s.breach.security.count, 2);
    settings_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_of_the_file),
        cmocka_unit_test(test_faults_of_settings),
        cmocka_unit_test(test_all_faults_are_reported),
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_example_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
