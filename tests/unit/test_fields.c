#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/form.h"
#include "jobs/breach/field_read.h"
#include "jobs/breach/field_template.h"
#include "jobs/breach/fields.h"

#define NOW INT64_C(1792825200) /* 2026-10-24 07:00 UTC */

static const char codes_text[] =
    "{\"nature\": [{\"code\": \"CONFIDENTIALITY\", \"en\": \"seen\", \"nl\": \"gezien\"},"
    " {\"code\": \"INTEGRITY\", \"en\": \"changed\", \"nl\": \"gewijzigd\"}],"
    " \"severity\": [{\"code\": \"LIMITED\", \"en\": \"limited\", \"nl\": \"beperkt\"}]}";

static void json_release(json_t **value)
{
    json_decref(*value);
}

static json_t *load(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);
    assert_non_null(value);
    return value;
}

static struct form *form_of(const char *text)
{
    CLEANUP(text_free) struct text faults = {0};
    struct form *form = form_parse("f", text, strlen(text), &faults);
    assert_string_equal(text_get(&faults), "");
    return form;
}

/* A form of an amendment, so that nothing is needed; its values as sorted JSON, its faults. */
static const struct {
    const char *name;
    const char *form;
    const char *values;
    const char *faults;
} cases[] = {
    {"a line", "title = x\n", "{\"title\":\"x\"}", ""},
    {"an emptied one", "remarks =\n", "{\"remarks\":null}", ""},
    {"an instant", "discovered_at = 2026-10-23T15:00+02:00\n", "{\"discovered_at\":1792760400}",
     ""},
    {"numbers", "persons_min = 0\npersons_max = 007\n", "{\"persons_max\":7,\"persons_min\":0}",
     ""},
    {"yes and no", "cross_border = JA\noccurred_unknown = no\n",
     "{\"cross_border\":true,\"occurred_unknown\":false}", ""},
    {"codes in any case, once each", "nature = integrity, Confidentiality, INTEGRITY,\n",
     "{\"nature\":[\"INTEGRITY\",\"CONFIDENTIALITY\"]}", ""},
    {"a list of which nothing is known", "harm = identity-fraud\n",
     "{\"harm\":[\"IDENTITY_FRAUD\"]}", ""},
    {"countries", "countries = be,nl\n", "{\"countries\":[\"BE\",\"NL\"]}", ""},
    {"two letters of two countries", "countries = EA\n", "{}", "'EA' is no country"},
    {"a line of 300 characters is no fault, of 301 is", "title = %s\n", "{}",
     "f:1: title: is too long; 300 characters are allowed"},
    {"an unknown code", "severity = limted\n", "{}",
     "f:1: severity: 'limted' is no code; did you mean limited?"},
    {"one that could be a name is not repeated", "severity = J. de Vries\n", "{}",
     "f:1: severity: an item is no code; allowed are limited"},
    {"needed", "nature = ,\n", "{\"nature\":[]}", "f:1: nature: is needed and cannot be taken"},
    {"a number with a sign", "records_min = +4\n", "{}", "is no whole number"},
    {"a number with a blank", "records_min = 1 000\n", "{}", "is no whole number"},
    {"unknown", "titel = x\n", "{}", "f:1: titel: is no field here; did you mean title?"},
};

static void test_read(void **state)
{
    (void)state;
    static const char *const extra[] = {NULL};
    CLEANUP(json_release) json_t *codes = load(codes_text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(text_free) struct text faults = {0};
        CLEANUP(text_free) struct text text = {0};
        char x[302];
        memset(x, 'x', 301);
        x[301] = '\0';
        const char *hole = strstr(cases[i].form, "%s");
        text_add_bytes(&text, cases[i].form,
                       hole == NULL ? strlen(cases[i].form) : (size_t)(hole - cases[i].form));
        if (hole != NULL)
            text_addf(&text, "%s%s", x, hole + 2);
        print_message("case: %s\n", cases[i].name);
        CLEANUP(form_free) struct form *form = form_of(text_get(&text));
        CLEANUP(json_release)
        json_t *values = field_read(form, codes, FIELD_CHANGES, NULL, extra, &faults);
        char *got = json_dumps(values, JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(got, cases[i].values);
        if (cases[i].faults[0] == '\0')
            assert_string_equal(text_get(&faults), "");
        else if (strstr(text_get(&faults), cases[i].faults) == NULL)
            fail_msg("no '%s' in '%s'", cases[i].faults, text_get(&faults));
        free(got);
    }
}

/* What the template shows is read back as the same, or left out as unchanged. */
static void test_template_reads_back(void **state)
{
    (void)state;
    static const char *const extra[] = {"version", NULL};
    CLEANUP(json_release) json_t *codes = load(codes_text);
    CLEANUP(json_release)
    json_t *values =
        load("{\"title\": \"# no comment\", \"what_happened\": \" one \\n\\n  two\\n= three\","
             " \"aware_at\": 1792890000, \"nature\": [\"INTEGRITY\"], \"severity\": \"LIMITED\","
             " \"persons_max\": 12, \"cross_border\": false, \"countries\": [\"BE\", \"DE\"],"
             " \"remarks\": \"|\", \"harm\": []}");
    CLEANUP(json_release) json_t *inputs = field_template_inputs(values);
    CLEANUP(json_release) json_t *notes = load("{\"title\": \"a note\"}");
    CLEANUP(text_free) struct text t = {0};
    CLEANUP(text_free) struct text faults = {0};
    const struct field_template spec = {.opening = "Opening.\n\nTwo.",
                                        .entries = "version = 3\n",
                                        .codes = codes,
                                        .inputs = inputs,
                                        .notes = notes};
    field_template_write(&t, &spec);
    assert_non_null(strstr(text_get(&t), "#! a note\ntitle = # no comment\n"));
    assert_non_null(strstr(text_get(&t), "#   integrity        changed\n"));
    CLEANUP(form_free) struct form *form = form_of(text_get(&t));
    CLEANUP(json_release)
    json_t *again = field_read(form, codes, FIELD_ALL, NULL, extra, &faults);
    assert_string_equal(text_get(&faults), "");
    for (const struct field *f = fields; f->name != NULL; f++) {
        const json_t *was = json_object_get(values, f->name);
        const json_t *is_now = json_object_get(again, f->name);
        if (!field_is_empty(was) || !field_is_empty(is_now))
            assert_true(json_equal(was, is_now));
    }
    CLEANUP(json_release)
    json_t *unchanged = field_read(form, codes, FIELD_CHANGES, inputs, extra, &faults);
    assert_int_equal(json_object_size(unchanged), 0);
}

static const struct {
    const char *name;
    const char *values;
    const char *fault;   /* "": none */
    const char *warning; /* of the first, "": none */
} checks[] = {
    {"nothing", "{}", "", "occurred_from: is not given"},
    {"aware now", "{\"aware_at\": 1792825200, \"occurred_from\": 1792825200}", "", ""},
    {"a second in the future", "{\"aware_at\": 1792825201, \"occurred_from\": 0}",
     "f: aware_at: lies in the future; now it is Sat 2026-10-24 09:00 +02:00", ""},
    {"equal bounds", "{\"persons_min\": 4, \"persons_max\": 4, \"occurred_from\": 1}", "", ""},
    {"the wrong way", "{\"persons_min\": 5, \"persons_max\": 4, \"occurred_from\": 1}",
     "f: persons_max: is less than persons_min", ""},
    {"a null is no bound", "{\"persons_min\": 5, \"persons_max\": null, \"occurred_from\": 1}", "",
     ""},
    {"unknown and known", "{\"occurred_unknown\": true, \"occurred_to\": 1}",
     "f: occurred_unknown: is yes while", "occurred_unknown: is yes"},
    {"before 1970", "{\"aware_at\": -1, \"occurred_from\": -2}", "f: aware_at: lies before 1970",
     ""},
    {"aware before it occurred", "{\"aware_at\": 1, \"occurred_from\": 2}", "",
     "aware_at: lies before occurred_from"},
};

static void test_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        CLEANUP(text_free) struct text faults = {0};
        CLEANUP(form_free) struct form *form = form_new("f");
        CLEANUP(json_release) json_t *values = load(checks[i].values);
        print_message("case: %s\n", checks[i].name);
        field_check(form, values, NOW, &faults);
        size_t length = strlen(checks[i].fault);
        assert_int_equal(faults.length > 0, length > 0);
        assert_int_equal(strncmp(text_get(&faults), checks[i].fault, length), 0);
        CLEANUP(json_release) json_t *warnings = field_warnings(values);
        const char *first = json_string_value(json_array_get(warnings, 0));
        length = strlen(checks[i].warning);
        assert_int_equal(first != NULL, length > 0);
        assert_int_equal(strncmp(first == NULL ? "" : first, checks[i].warning, length), 0);
    }
}

static void test_to_sql(void **state)
{
    (void)state;
    CLEANUP(json_release)
    json_t *values = load("{\"aware_at\": 1792760400, \"persons_max\": 5, \"harm\": [],"
                          " \"remarks\": null, \"nature\": [\"INTEGRITY\"]}");
    char *without = field_to_sql(values, false);
    char *with = field_to_sql(values, true);
    assert_string_equal(without,
                        "{\"aware_at\":\"2026-10-23T13:00:00Z\",\"nature\":[\"INTEGRITY\"],"
                        "\"persons_max\":5}");
    assert_string_equal(with, "{\"aware_at\":\"2026-10-23T13:00:00Z\",\"harm\":[],"
                              "\"nature\":[\"INTEGRITY\"],\"persons_max\":5,\"remarks\":null}");
    free(without);
    free(with);
}

static void test_for_people(void **state)
{
    (void)state;
    CLEANUP(json_release) json_t *codes = load(codes_text);
    CLEANUP(json_release)
    json_t *nature = load("[\"INTEGRITY\", \"CONFIDENTIALITY\", \"GONE\"]");
    CLEANUP(text_free) struct text t = {0};
    field_add_value(&t, field_find("nature"), nature, codes, "nl");
    text_add(&t, "; ");
    field_add_value(&t, field_find("nature"), nature, NULL, "en");
    text_add(&t, "; ");
    field_add_input(&t, field_find("nature"), nature);
    assert_string_equal(text_get(&t), "gewijzigd, gezien, gone; integrity, confidentiality, gone; "
                                      "integrity, confidentiality, gone");
    assert_null(field_find("version"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),       cmocka_unit_test(test_template_reads_back),
        cmocka_unit_test(test_check),      cmocka_unit_test(test_to_sql),
        cmocka_unit_test(test_for_people),
    };
    setenv("TZ", ":Europe/Amsterdam", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
