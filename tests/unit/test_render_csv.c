#include "render_sample.h"

/* ---- one value, in the table of its section ---- */

static const struct {
    const char *name, *value, *expect; /* value: JSON of `name` */
} field_cases[] = {
    {"plain", "\"Jansen\"", "Jansen"},
    {"null", "null", ""},
    {"empty", "\"\"", ""},
    {"blanks stay", "\" a \"", " a "},
    {"comma", "\"a, b\"", "\"a, b\""},
    {"quotes", "\"a \\\"b\\\"\"", "\"a \"\"b\"\"\""},
    {"only a quote", "\"\\\"\"", "\"\"\"\""},
    {"line breaks", "\"a\\nb\\r\\nc\"", "\"a\nb\r\nc\""},
    {"semicolon and apostrophe", "\"a;b'c\"", "a;b'c"},
    {"letters of every length", "\"\\u00e9\\u6f22\\ud83d\\ude00\"",
     "\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80"},
    {"formula", "\"=1+2\"", "'=1+2"},
    {"formula with quotes", "\"=HYPERLINK(\\\"x\\\")\"", "\"'=HYPERLINK(\"\"x\"\")\""},
    {"plus", "\"+31 6\"", "'+31 6"},
    {"minus", "\"-1\"", "'-1"},
    {"at", "\"@SUM(A1)\"", "'@SUM(A1)"},
    {"tab", "\"\\t=1\"", "'\t=1"},
    {"CR", "\"\\r=1\"", "\"'\r=1\""},
    {"LF", "\"\\n=1\"", "\"'\n=1\""},
    {"formula within", "\"a=1\"", "a=1"},
    {"an apostrophe is none", "\"'=1\"", "'=1"},
    {"list that begins as one", "[\"=1\", \"b\"]", "\"'=1, b\""},
    {"negative number", "-1234567", "-1234567"},
    {"largest", "9223372036854775807", "9223372036854775807"},
    {"least", "-9223372036854775808", "-9223372036854775808"},
    {"negative fraction", "-0.05", "-0.05"},
    {"17 digits", "0.30000000000000004", "0.3"},
    {"boolean", "false", "false"},
    {"object", "{\"a\": 1}", "\"{\"\"a\"\":1}\""},
};

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(field_cases); i++) {
        CLEANUP(memory_release)
        char *rows = memory_format("[{\"name\": %s, \"count\": 7}]", field_cases[i].value);
        CLEANUP(memory_release)
        char *expect = memory_format("name,count\r\n%s,7\r\n", field_cases[i].expect);
        print_message("case: %s\n", field_cases[i].name);
        for (int language = 0; language < 2; language++) {
            CLEANUP(memory_release)
            char *csv = sample_section(RENDER_CSV, (enum document_language)language, 0,
                                       &sample_pairs, rows);
            assert_string_equal(csv, expect);
        }
    }
}

/* As programs read them, in either language. */
static void test_types(void **state)
{
    (void)state;
    for (int language = 0; language < 2; language++) {
        CLEANUP(memory_release)
        char *csv = sample_section(
            RENDER_CSV, (enum document_language)language, 0, &sample_table,
            "[{\"text\": \"x\", \"count\": 1234, \"number\": 0.5, \"bytes\": 716398000, "
            "\"seconds\": 11100.5, \"days\": 1826, \"date\": \"2026-03-01\", "
            "\"month\": \"2026-03\", \"instant\": \"2026-10-25T02:30:01+01:00\", "
            "\"yes_no\": true, \"code\": [\"late\", \"in_time\"], \"label\": \"nl\", "
            "\"digest\": \"82754caf\", \"unknown\": 1}, {}]");
        assert_string_equal(
            csv, "text,count,number,bytes,seconds,days,date,month,instant,yes_no,code,label,digest"
                 "\r\n"
                 "x,1234,0.5,716398000,11100.5,1826,2026-03-01,2026-03,2026-10-25T02:30:01+01:00,"
                 "true,late in_time,nl,82754caf\r\n"
                 ",,,,,,,,,,,,\r\n");
    }
}

/* ---- the whole document, and one section of several ---- */

static char *rendered(const char *section)
{
    struct text out = {0};
    CLEANUP(document_free) struct document d = sample_document(DOCUMENT_NL);
    document_add(&d, &sample_figures, sample_rows("[{\"name\": \"a,b\", \"count\": -5}]"));
    document_add(&d, &sample_table, sample_rows("[]"));
    document_add(&d, &sample_pairs,
                 sample_rows("[{\"name\": \"=x\"}, {\"name\": \"y\", \"count\": 2}]"));
    render_document(&out, RENDER_CSV,
                    &(struct render_options){.document = &d, .section = section, .width = 10});
    return text_take(&out);
}

static void test_whole(void **state)
{
    (void)state;
    CLEANUP(memory_release) char *whole = rendered(NULL);
    assert_string_equal(whole, "section,row,column,value\r\n"
                               "figures,1,name,\"a,b\"\r\n"
                               "figures,1,count,-5\r\n"
                               "pairs,1,name,'=x\r\n"
                               "pairs,1,count,\r\n"
                               "pairs,2,name,y\r\n"
                               "pairs,2,count,2\r\n");
}

static void test_section(void **state)
{
    (void)state;
    CLEANUP(memory_release) char *pairs = rendered("pairs");
    CLEANUP(memory_release) char *figures = rendered("figures");
    CLEANUP(memory_release) char *empty = rendered("sample");
    assert_string_equal(pairs, "name,count\r\n'=x,\r\ny,2\r\n");
    assert_string_equal(figures, "name,count\r\n\"a,b\",-5\r\n");
    assert_string_equal(
        empty,
        "text,count,number,bytes,seconds,days,date,month,instant,yes_no,code,label,digest\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
