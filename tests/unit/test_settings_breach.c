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

#define MAIL "mail_from = \"p@o.example\"; "

/* Each `replace` is put in front of the good file: line 1. */
static const struct fault_case cases[] = {
    {"a text", "", "breach = \"x\";\n", {":1: breach: is a text; allowed is a group { ... }"}},
    {"unknown, near",
     "",
     "breach = { sendmial = \"/x\"; };\n",
     {":1: breach.sendmial: is no setting; did you mean sendmail?"}},
    {"relative directory",
     "",
     "breach = { templates = \"templates\"; };\n",
     {":1: breach.templates: is a relative path"}},
    {"program by its name",
     "",
     "breach = { sendmail = \"sendmail\"; };\n",
     {":1: breach.sendmail: is a relative path"}},
    {"no program",
     "",
     "breach = { sendmail = \"\"; };\n",
     {":1: breach.sendmail: is empty; allowed is a text in double quotes: the absolute path"}},
    {"sender with a name",
     "",
     "breach = { mail_from = \"Wij <p@o.example>\"; };\n",
     {":1: breach.mail_from: has a blank"}},
    {"every bad address, with its place",
     "",
     "breach = { " MAIL "security = [ \"a@b.example\",\n\"nobody\" ];\nescalation = [ \"-f@b.c\" "
     "]; "
     "};\n",
     {":2: breach.security[1]: has no @; allowed is a mail address such as \"",
      ":3: breach.escalation[0]: begins with a hyphen"}},
    {"an address twice",
     "",
     "breach = { " MAIL "security = [ \"a@b.example\", \"A@B.example\" ]; };\n",
     {":1: breach.security[1]: 'A@B.example' stands here twice"}},
    {"an address for a list",
     "",
     "breach = { " MAIL "security = \"a@b.example\"; };\n",
     {":1: breach.security: is a text; allowed is an array of texts"}},
    {"mail without sender",
     "",
     "breach = { escalation = [ \"a@b.example\" ]; };\n",
     {":1: breach.mail_from: is missing while security or escalation is to get mail"}},
    {"target of nothing",
     "",
     "breach = { customers_target_hours = 0; };\n",
     {":1: breach.customers_target_hours: is 0; allowed is a whole number from 1 to 8760"}},
    {"target of more than a year",
     "",
     "breach = { follow_up_target_hours = 8761; };\n",
     {":1: breach.follow_up_target_hours: is 8761"}},
    {"flag",
     "",
     "breach = { wft_undertaking = 1; };\n",
     {":1: breach.wft_undertaking: is a whole"}},
    {"pace", "", "breach = { letters_per_minute = 6001; };\n", {":1: breach.letters_per_minute"}},
    {"regime, near",
     "",
     "breach = { regimes = [ \"nis2\", \"dorra\" ]; };\n",
     {":1: breach.regimes[1]: 'dorra' is no regime with clocks of its own; did you mean dora?"}},
    {"regime, far",
     "",
     "breach = { regimes = [ \"hipaa\" ]; };\n",
     {":1: breach.regimes[0]: 'hipaa' is no regime with clocks of its own; allowed are \"nis2\""}},
    {"regime twice",
     "",
     "breach = { regimes = [ \"nis2\", \"nis2\" ]; };\n",
     {":1: breach.regimes[1]: 'nis2' stands here twice"}},
};

static void test_faults(void **state)
{
    (void)state;
    check_fault_cases(cases, COUNT_OF(cases));
}

static void test_defaults(void **state)
{
    (void)state;
    static const char *const contents[] = {"", "breach = { };\n"};
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        CLEANUP(unload) struct loaded l;
        load_changed(&l, "", contents[i], 0644);
        assert_true(l.good);
        const struct settings_breach *b = &l.settings.breach;
        assert_int_equal(b->given, i == 1);
        assert_string_equal(b->templates, "/etc/waarborg/templates");
        assert_string_equal(b->sendmail, "/usr/sbin/sendmail");
        assert_null(b->mail_from);
        assert_int_equal(b->security.count + b->escalation.count + b->regimes.count, 0);
        assert_int_equal(b->customers_target_hours, 72);
        assert_int_equal(b->follow_up_target_hours, 336);
        assert_int_equal(b->letters_per_minute, 60);
        assert_false(b->wft_undertaking);
    }
}

static void test_everything_given(void **state)
{
    (void)state;
    CLEANUP(unload) struct loaded l;
    load_changed(&l, "",
                 "breach = { templates = \"/t\"; sendmail = \"/s\"; " MAIL
                 "security = [ \"a@b.example\", \"c@localhost\" ]; escalation = [ \"d@e.example\" "
                 "]; customers_target_hours = 1; follow_up_target_hours = 8760; "
                 "wft_undertaking = true; regimes = [ \"dora\", \"nis2\" ]; "
                 "letters_per_minute = 6000; };\n",
                 0644);
    assert_true(l.good);
    const struct settings_breach *b = &l.settings.breach;
    assert_string_equal(b->templates, "/t");
    assert_string_equal(b->sendmail, "/s");
    assert_string_equal(b->mail_from, "p@o.example");
    assert_int_equal(b->security.count, 2);
    assert_string_equal(b->security.items[1], "c@localhost");
    assert_int_equal(b->escalation.count, 1);
    assert_int_equal(b->regimes.count, 2);
    assert_string_equal(b->regimes.items[0], "dora");
    assert_int_equal(b->customers_target_hours, 1);
    assert_int_equal(b->follow_up_target_hours, 8760);
    assert_int_equal(b->letters_per_minute, 6000);
    assert_true(b->wft_undertaking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
