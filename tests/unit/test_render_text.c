#include "render_sample.h"

#include "common/columns.h"

/* ---- tables ---- */

static const struct {
    const char *name;
    size_t width;
    const char *rows, *expect; /* of sample_pairs, behind its heading */
} table_cases[] = {
    {"numbers at the right, no blanks at the end", 0,
     "[{\"name\": \"due\", \"count\": 1234567}, {\"name\": \"blocked\", \"count\": 5}]",
     "name         count\n"
     "due      1,234,567\n"
     "blocked          5\n"},
    {"null, absent and empty are nothing", 0,
     "[{\"name\": null, \"count\": 1}, {\"count\": 2}, {\"name\": \"\", \"count\": null}, "
     "{\"name\": \"x\", \"count\": 4}]",
     "name  count\n-         1\n-         2\n-         -\nx         4\n"},
    {"a column that no row fills", 0, "[{\"name\": \"x\", \"count\": null}]", "name\nx\n"},
    {"a column of blanks", 0,
     "[{\"name\": \"  \", \"count\": 1}, {\"name\": \" \\n \", \"count\": 2}]",
     "name  count\n          1\n          2\n"},
    {"no column at all", 0, "[{\"name\": null}]", ""},
    {"letters of two bytes", 0,
     "[{\"name\": \"\xc3\xa9\xc3\xa9n\", \"count\": 1}, {\"name\": \"twee\", \"count\": 2}]",
     "name  count\n\xc3\xa9\xc3\xa9n       1\ntwee      2\n"},
    {"wide letters", 0, "[{\"name\": \"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\", \"count\": 1}]",
     "name    count\n\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2      1\n"},
    {"combining marks", 0,
     "[{\"name\": \"e\\u0301e\\u0301e\\u0301e\\u0301e\\u0301\", \"count\": 1}]",
     "name   count\ne\xcc\x81"
     "e\xcc\x81"
     "e\xcc\x81"
     "e\xcc\x81"
     "e\xcc\x81      1\n"},
    {"four bytes", 0, "[{\"name\": \"\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00\", \"count\": 1}]",
     "name    count\n\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80      1\n"},
    {"right to left is text", 0, "[{\"name\": \"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\", \"count\": 1}]",
     "name  count\n\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d      1\n"},
    {"marks of direction are shown", 0,
     "[{\"name\": \"a\\u202egnp\\u2066b\\u2069\\u200f\\ufeff\", \"count\": 1}]",
     "name                                 count\n"
     "a\\u202egnp\\u2066b\\u2069\\u200f\\ufeff      1\n"},
    {"control characters are shown", 0,
     "[{\"name\": \"\\u001b[2J\\u0007\\t\\u007f\\u009b\", \"count\": 1}]",
     "name                     count\n\\x1b[2J\\x07\\x09\\x7f\\x9b      1\n"},
    {"a name with line breaks", 0,
     "[{\"name\": \"one\\r\\ntwo\\n\\nfour\\n\", \"count\": 1}, {\"name\": \"x\", \"count\": 2}]",
     "name  count\none       1\ntwo\n\nfour\nx         2\n"},
    {"a lone CR is none", 0, "[{\"name\": \"one\\rtwo\", \"count\": 1}]",
     "name        count\none\\x0dtwo      1\n"},
    {"wrapped at a blank", 30,
     "[{\"name\": \"the quick brown fox jumps over the lazy dog\", \"count\": 12}]",
     "name                     count\n"
     "the quick brown fox         12\n"
     "jumps over the lazy dog\n"},
    {"a very long word is broken", 30,
     "[{\"name\": \"Rindfleischetikettierungsueberwachung\", \"count\": 12}]",
     "name                     count\n"
     "Rindfleischetikettierun     12\n"
     "gsueberwachung\n"},
    {"a wide letter is not cut in two", 30,
     "[{\"name\": "
     "\"\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6"
     "\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\", \"count\": 12}]",
     "name                     count\n"
     "\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc"
     "\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2      12\n"
     "\xe6\xbc\xa2\xe6\xbc\xa2\n"},
    {"blocks where the columns do not fit", 24,
     "[{\"name\": \"somebody\", \"count\": 123456789012345}, {\"name\": \"x\"}]",
     "name   somebody\n"
     "count  123,456,789,012,3\n"
     "       45\n"
     "\n"
     "name   x\n"
     "count  -\n"},
};

/* Behind the two lines of the heading. */
static const char *behind_heading(const char *text)
{
    for (int lines = 0; lines < 2; lines++) {
        text = strchr(text, '\n');
        assert_non_null(text);
        text++;
    }
    return text;
}

static void test_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table_cases); i++) {
        print_message("case: %s\n", table_cases[i].name);
        CLEANUP(memory_release)
        char *text = sample_section(RENDER_TEXT, DOCUMENT_EN, table_cases[i].width, &sample_pairs,
                                    table_cases[i].rows);
        assert_string_equal(behind_heading(text), table_cases[i].expect);
    }
}

/* ---- every kind of section, in a terminal of any width ---- */

static const char everything[] =
    "[{\"text\": \"a sentence of some words, and Rindfleischetikettierungsueberwachungsaufgabe, "
    "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97, "
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d e\\u0301\\u001b[31m\\u202e\", \"name\": \"a name\\nof "
    "lines\", "
    "\"count\": -9223372036854775808, \"number\": 0.05, \"bytes\": 716398000, \"seconds\": 11100, "
    "\"days\": 1826, \"date\": \"2026-03-01\", \"month\": \"2026-03\", "
    "\"instant\": \"2026-10-25T02:30:01+01:00\", \"yes_no\": true, \"code\": \"late\", "
    "\"label\": \"nl\", "
    "\"digest\": \"82754caf385f60ec88d90809a84e56798632f8abfdf6618b6e74f23074c854e5\"}, {}]";

static void expect_fits(const char *text, size_t width)
{
    CLEANUP(columns_leave) struct columns_scope scope = columns_enter();
    CLEANUP(memory_release) char *lines = memory_copy_text(text);
    char *rest = lines;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        CLEANUP(text_free) struct text shown = {0};
        if (columns_escape(&shown, line, false) > width)
            fail_msg("more than %zu columns: %s", width, line);
        if (strcmp(text_get(&shown), line) != 0)
            fail_msg("control characters: %s", text_get(&shown));
        size_t length = strlen(line);
        if (length > 0 && line[length - 1] == ' ')
            fail_msg("blanks at the end: %s|", line);
    }
}

static void test_widths(void **state)
{
    (void)state;
    static const struct document_section *const shapes[] = {&sample_table, &sample_pairs,
                                                            &sample_records};
    for (size_t width = 24; width <= 300; width += width < 100 ? 1 : 20)
        for (size_t i = 0; i < COUNT_OF(shapes); i++)
            for (int language = 0; language < 2; language++) {
                CLEANUP(memory_release)
                char *text = sample_section(RENDER_TEXT, (enum document_language)language, width,
                                            shapes[i], everything);
                expect_fits(text, width);
            }
}

/* A terminal that says it has one column, or none, still gets lines that can be read. */
static void test_narrowest(void **state)
{
    (void)state;
    CLEANUP(memory_release)
    char *narrow = sample_section(RENDER_TEXT, DOCUMENT_EN, 1, &sample_table, everything);
    CLEANUP(memory_release)
    char *least = sample_section(RENDER_TEXT, DOCUMENT_EN, 24, &sample_table, everything);
    assert_string_equal(narrow, least);
}

/* Neither the widest table nor the narrowest blocks leave anything out. */
static void test_nothing_lost(void **state)
{
    (void)state;
    static const char *const parts[] = {"\\x1b[31m\\u202e", "-9.223.372.036.854.775.808",
                                        "716,4MB",          "3u05min",
                                        "1.826dagen",       "1mrt2026",
                                        "Nederland",        "telaat"};
    for (size_t width = 0; width <= 24; width += 24) {
        CLEANUP(memory_release)
        char *text = sample_section(RENDER_TEXT, DOCUMENT_NL, width, &sample_table, everything);
        CLEANUP(text_free) struct text joined = {0};
        for (const char *c = text; *c != '\0'; c++)
            if (strchr(" \n", *c) == NULL)
                text_add_bytes(&joined, c, 1);
        for (size_t i = 0; i < COUNT_OF(parts); i++)
            if (strstr(text_get(&joined), parts[i]) == NULL)
                fail_msg("%s is not there in %zu columns:\n%s", parts[i], width, text);
    }
}

/* ---- the whole ---- */

static void test_document(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text out = {0};
    CLEANUP(document_free) struct document d = sample_document(DOCUMENT_NL);
    d.operand = "12";
    d.registration = "KvK 1\x1b[2J";
    d.about = (struct words){"About.", "Een zin die over meer dan een regel gaat."};
    document_add(&d, &sample_figures, sample_rows("[{\"name\": \"x\", \"count\": 1234}]"));
    document_add(&d, &sample_pairs, sample_rows("[]"));
    document_add(&d, &sample_records,
                 sample_rows("[{\"name\": \"een\", \"count\": 1}, {\"name\": \"twee\"}]"));
    render_document(&out, RENDER_TEXT,
                    &(struct render_options){.document = &d, .width = 40, .section = NULL});
    assert_string_equal(text_get(&out),
                        "Een proef 12\n============\n"
                        "Een zin die over meer dan een regel\ngaat.\n\n"
                        "Organisatie  Proefbedrijf B.V. (KvK\n             1\\x1b[2J)\n"
                        "Periode      1 jan 2026 tot en met 22\n             nov 2026\n"
                        "Peildatum    23 nov 2026\nTijdzone     Europe/Amsterdam\n\n"
                        "Cijfers\n-------\nnaam    x\naantal  1.234\n\n"
                        "Paren\n-----\nNiets in deze periode.\n\n"
                        "Dossiers\n--------\neen\n...\naantal  1\n\ntwee\n....\naantal  -\n\n"
                        "Gemaakt met waarborg 0.0.0.\n");
}

static void test_long_headings(void **state)
{
    (void)state;
    CLEANUP(memory_release)
    char *text = sample_section(RENDER_TEXT, DOCUMENT_EN, 24, &sample_records,
                                "[{\"name\": \"a name that is longer than the line is\"}]");
    assert_string_equal(behind_heading(text), "a name that is longer\nthan the line is\n"
                                              ".....................\ncount  -\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),    cmocka_unit_test(test_widths),
        cmocka_unit_test(test_narrowest), cmocka_unit_test(test_nothing_lost),
        cmocka_unit_test(test_document),  cmocka_unit_test(test_long_headings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
