#include "render_sample.h"

#include "common/html.h"

/* ---- text in a page ---- */

static const struct {
    const char *name, *value;
    const char *attribute, *content; /* html_escape, html_show */
} escape_cases[] = {
    {"nothing", "", "", ""},
    {"plain", "Jansen", "Jansen", "Jansen"},
    {"element", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
     "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"quotes", "a\"b'c", "a&quot;b&#39;c", "a&quot;b&#39;c"},
    {"what is escaped already", "&amp;&lt;", "&amp;amp;&amp;lt;", "&amp;amp;&amp;lt;"},
    {"ends of other things", "]]>--><!--", "]]&gt;--&gt;&lt;!--", "]]&gt;--&gt;&lt;!--"},
    {"line breaks", "a\nb\r\nc", "a\nb\r\nc", "a<br>b<br>c"},
    {"controls", "a\x1b\tb", "a\x1b\tb",
     "a<span class=\"control\">\\x1b</span><span class=\"control\">\\x09</span>b"},
    {"letters of two bytes", "caf\xc3\xa9", "caf\xc3\xa9", "<bdi>caf\xc3\xa9</bdi>"},
    {"direction",
     "a\xe2\x80\xae"
     "b",
     "a\xe2\x80\xae"
     "b",
     "<bdi>a<span class=\"control\">\\u202e</span>b</bdi>"},
};

static void test_escape(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(escape_cases); i++) {
        CLEANUP(text_free) struct text attribute = {0}, content = {0};
        print_message("case: %s\n", escape_cases[i].name);
        html_escape(&attribute, escape_cases[i].value);
        html_show(&content, escape_cases[i].value);
        assert_string_equal(text_get(&attribute), escape_cases[i].attribute);
        assert_string_equal(text_get(&content), escape_cases[i].content);
    }
}

static const struct {
    const char *value, *expect;
} css_cases[] = {
    {"plain 1", "\"plain 1\""}, {"\"", "\"\\22 \""},
    {"\\", "\"\\5c \""},        {"</style>", "\"\\3c \\2f style\\3e \""},
    {"a\nb", "\"a b\""},        {"caf\xc3\xa9", "\"caf\xc3\xa9\""},
};

static void test_css_string(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(css_cases); i++) {
        CLEANUP(text_free) struct text css = {0};
        html_css_string(&css, css_cases[i].value);
        assert_string_equal(text_get(&css), css_cases[i].expect);
    }
}

/* ---- values of every kind ---- */

static const struct {
    const char *key, *value, *en, *nl; /* JSON; what the page must hold */
} value_cases[] = {
    {"text", "\"<b>&</b>\"", "&lt;b&gt;&amp;&lt;/b&gt;", "&lt;b&gt;&amp;&lt;/b&gt;"},
    {"text", "12", "12", "12"},
    {"count", "1234567", ">1,234,567<", ">1.234.567<"},
    {"count", "9223372036854775807", ">9,223,372,036,854,775,807<", ">9.223.372.036.854.775.807<"},
    {"count", "-9223372036854775808", "value=\"-9223372036854775808\"",
     ">-9.223.372.036.854.775.808<"},
    {"count", "\"\\\"<x>\"", "&quot;&lt;x&gt;", "&quot;&lt;x&gt;"},
    {"number", "0.30000000000000004", "value=\"0.3\"", ">0,30<"},
    {"bytes", "716398000", "value=\"716398000\"", ">716,4 MB<"},
    {"seconds", "11100", ">3 h 05 min<", ">3 u 05 min<"},
    {"days", "1", ">1 day<", ">1 dag<"},
    {"date", "\"2026-03-01\"", "<time datetime=\"2026-03-01\">1 Mar 2026</time>",
     "<time datetime=\"2026-03-01\">1 mrt 2026</time>"},
    {"date", "\"\\\"><script>\"", "&quot;&gt;&lt;script&gt;", "&quot;&gt;&lt;script&gt;"},
    {"month", "\"2026-05\"", ">May 2026<", ">mei 2026<"},
    {"instant", "\"2026-10-25T02:30:01+01:00\"", "datetime=\"2026-10-25T02:30:01+01:00\"",
     "02:30:01 +01:00"},
    {"instant", "\"<infinity>\"", "&lt;infinity&gt;", "&lt;infinity&gt;"},
    {"yes_no", "true", ">yes<", ">ja<"},
    {"code", "\"late\"", "value=\"late\" class=\"badge bad\">late<",
     "value=\"late\" class=\"badge bad\">te laat<"},
    {"code", "\"\\\"><script>\"", "value=\"&quot;&gt;&lt;script&gt;\"",
     ">&quot;&gt;&lt;script&gt;<"},
    {"label", "\"nl\"", ">Nederland<", "value=\"nl\""},
    {"digest", "\"<82754caf>\"", "<code>&lt;82754caf&gt;</code>", "<code>&lt;82754caf&gt;</code>"},
};

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(value_cases); i++) {
        CLEANUP(memory_release)
        char *rows = memory_format("[{\"%s\": %s}]", value_cases[i].key, value_cases[i].value);
        print_message("case: %s %s\n", value_cases[i].key, value_cases[i].value);
        for (int language = 0; language < 2; language++) {
            const char *expect = language == DOCUMENT_NL ? value_cases[i].nl : value_cases[i].en;
            CLEANUP(memory_release)
            char *html = sample_section(RENDER_HTML, (enum document_language)language, 0,
                                        &sample_table, rows);
            const char *body = strstr(html, "<body");
            assert_non_null(body);
            if (strstr(body, expect) == NULL)
                fail_msg("%s is not in %s", expect, body);
            assert_null(strstr(html, "<script"));
            assert_null(strstr(html, "<b>&"));
        }
    }
}

/* A title, too, may come from a configuration. */
static void test_around(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text out = {0};
    CLEANUP(document_free) struct document d = sample_document(DOCUMENT_EN);
    d.organisation = d.registration = d.operand = d.timezone =
        "\"'><script>alert(1)</script></title></style><!--";
    document_add(&d, &sample_pairs, sample_rows("[]"));
    render_document(&out, RENDER_HTML,
                    &(struct render_options){.document = &d, .section = NULL, .width = 0});
    const char *html = text_get(&out);
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "<!--"));
    assert_ptr_equal(strstr(html, "</title>"), strstr(strstr(html, "<title>"), "</title>"));
    size_t styles = 0;
    for (const char *at = html; (at = strstr(at, "</style>")) != NULL; at++)
        styles++;
    assert_int_equal(styles, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_css_string),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
