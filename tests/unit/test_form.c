#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/form.h"
#include "common/memory.h"

/* "name=value;" of every entry. */
static void dump(const struct form *f, struct text *t)
{
    for (size_t i = 0; i < f->count; i++)
        text_addf(t, "%s=%s;", f->entries[i].name, f->entries[i].value);
}

static const struct {
    const char *name, *text, *entries;
} readable[] = {
    {"nothing", "", ""},
    {"a comment", "# a = b\n#\n\n", ""},
    {"one", "a = b\n", "a=b;"},
    {"no line break at the end", "a = b", "a=b;"},
    {"no blanks", "a=b\nc=\n", "a=b;c=;"},
    {"many blanks", "a \t=\t b  c \t\n", "a=b  c;"},
    {"a value with signs", "a = b = c # d\n", "a=b = c # d;"},
    {"names", "a_1 = x\nB-2.c = y\n", "a_1=x;B-2.c=y;"},
    {"BOM, CRLF",
     "\xef\xbb\xbf"
     "a = b\r\n  c\r\n",
     "a=b\nc;"},
    {"UTF-8", "a = caf\xc3\xa9 \xf0\x9f\x94\x92\n", "a=caf\xc3\xa9 \xf0\x9f\x94\x92;"},
    {"goes on", "a = b\n  c\n    d\ne = f\n", "a=b\nc\n  d;e=f;"},
    {"begins on the next line", "a =\n  b\n  c\n", "a=b\nc;"},
    {"less deep", "a =\n    b\n  c\n\td\n", "a=b\nc\nd;"},
    {"each its own indent", "a =\n  b\nc =\n      d\n", "a=b;c=d;"},
    {"tabs", "a =\n\tb\n\t\tc \t\n", "a=b\n\tc;"},
    {"empty lines inside", "a = b\n\n \t \n  c\n\n\nd = e\n", "a=b\n\n\nc;d=e;"},
    {"empty lines around", "a =\n\n\n  b\n\n\n", "a=b;"},
    {"a sign in the text", "a =\n  # b\n  #c\n", "a=# b\n#c;"},
    {"a comment in the text", "a =\n  b\n# no\n  c\n#no\n", "a=b\nc;"},
    {"an equals sign in the text", "a =\n  b = c\n", "a=b = c;"},
    {"bars", "a = |\n    |  b \n    |\n    ||c\n    |\nd = e\n", "a=  b \n\n|c\n;d=e;"},
    {"bars without lines", "a = |\n", "a=;"},
    {"bars left out", "a = |\n  b\n  |c\n", "a=b\nc;"},
    {"a bar is a bar", "a = |b\n  |c\n", "a=|b\n|c;"},
};

static void test_readable(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(readable); i++) {
        CLEANUP(text_free) struct text faults = {0};
        CLEANUP(text_free) struct text got = {0};
        print_message("case: %s\n", readable[i].name);
        CLEANUP(form_free)
        struct form *f = form_parse("x", readable[i].text, strlen(readable[i].text), &faults);
        dump(f, &got);
        assert_string_equal(text_get(&got), readable[i].entries);
        assert_string_equal(text_get(&faults), "");
    }
}

/* What is read beside a fault, so that the caller can add its own; the secret is in no fault. */
#define JUNK "is no `field = value`; text that goes on is indented, comments begin with #\n"
#define CONTROL "holds a control character; letters, signs, blanks and tabs are allowed\n"
#define NOT_UTF8 "is not clean UTF-8 text; save it as UTF-8\n"

static const struct {
    const char *name, *text, *faults, *entries;
} faulty[] = {
    {"no equals sign", "a = b\nSECRET\nc = d\n", "x:2: " JUNK, "a=b;c=d;"},
    {"an unindented text is one fault", "a = b\nSECRET\n\n# no\nSECRET.\n  SECRET\nc = d\nSECRET\n",
     "x:2: " JUNK "x:8: " JUNK, "a=b;c=d;"},
    {"a name of two words", "a b = SECRET\n", "x:1: " JUNK, ""},
    {"no name", "= SECRET\n", "x:1: " JUNK, ""},
    {"a sign in the name", "s@ecret = SECRET\n", "x:1: " JUNK, ""},
    {"nothing above", "\n  SECRET\n  SECRET\na = b\n",
     "x:2: is indented, but no field stands above it; begin with `field = `\n", "a=b;"},
    {"twice", "a = b\nc = d\na = SECRET\n  SECRET\na = SECRET\n",
     "x:3: a: is given twice, first in line 1; once is allowed\n"
     "x:5: a: is given twice, first in line 1; once is allowed\n",
     "a=b;c=d;"},
    {"not UTF-8, and another", "a = caf\xe9\nSECRET\n", "x:1: a: " NOT_UTF8 "x:2: " JUNK,
     "a=caf?;"},
    {"overlong", "a = \xc0\xaf\n", "x:1: a: " NOT_UTF8, "a=??;"},
    {"surrogate", "a = \xed\xa0\x80\n", "x:1: a: " NOT_UTF8, "a=???;"},
    {"C1 control",
     "a = \xc2\x9b"
     "2J\n",
     "x:1: a: " NOT_UTF8, "a=??2J;"},
    {"escape", "a = b\x1b[2J\n", "x:1: a: " CONTROL, "a=b?[2J;"},
    {"delete", "a =\n  b\x7f\n", "x:2: a: " CONTROL, "a=b?;"},
    {"lone CR", "a = b\rc = d\n", "x:1: a: " CONTROL, "a=b?c = d;"},
    {"in a comment", "# \x07\na = b\n", "x:1: " CONTROL, "a=b;"},
    {"in the name", "a\x01 = b\n", "x:1: " CONTROL "x:1: " JUNK, ""},
};

static void test_faulty(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faulty); i++) {
        CLEANUP(text_free) struct text faults = {0};
        CLEANUP(text_free) struct text got = {0};
        print_message("case: %s\n", faulty[i].name);
        CLEANUP(form_free)
        struct form *f = form_parse("x", faulty[i].text, strlen(faulty[i].text), &faults);
        dump(f, &got);
        assert_string_equal(text_get(&faults), faulty[i].faults);
        assert_string_equal(text_get(&got), faulty[i].entries);
    }
}

static void test_nul_and_size(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text faults = {0};
    CLEANUP(form_free) struct form *nul = form_parse("x", "a = b\0c\n", 8, &faults);
    assert_string_equal(text_get(&faults), "x:1: a: " CONTROL);
    assert_string_equal(form_get(nul, "a"), "b?c");

    /* UTF-16, as an editor may save it: a fault a line, and not thousands of them. */
    CLEANUP(text_free) struct text wide = {0};
    text_clear(&faults);
    text_add_bytes(&wide, "\xff\xfe", 2);
    for (int i = 0; i < 1000; i++)
        text_add_bytes(&wide, "a\0=\0b\0\n\0", 8);
    CLEANUP(form_free) struct form *none = form_parse("x", wide.data, wide.length, &faults);
    assert_int_equal(none->count, 0);
    assert_non_null(strstr(text_get(&faults), "x:1: holds a control character"));
    assert_non_null(strstr(text_get(&faults), "more faults of this kind\n"));
    assert_true(faults.length < 4096);

    CLEANUP(memory_release) char *large = memory_alloc(FORM_MAX_BYTES + 1);
    memset(large, '#', FORM_MAX_BYTES + 1);
    text_clear(&faults);
    CLEANUP(form_free) struct form *full = form_parse("x", large, FORM_MAX_BYTES, &faults);
    assert_string_equal(text_get(&faults), "");
    CLEANUP(form_free) struct form *over = form_parse("x", large, FORM_MAX_BYTES + 1, &faults);
    assert_string_equal(text_get(&faults), "x: is larger than 1 MiB; give a shorter one\n");
    assert_int_equal(full->count + over->count, 0);
}

/* ---- --set, faults, names, lists ---- */

static const struct {
    const char *name, *assignment, *value; /* NULL: refused with */
    const char *sentence;
} sets[] = {
    {"new", "c=d", "d", ""},
    {"replaces", "a= new ", "new", ""},
    {"empties", "a=", "", ""},
    {"keeps signs", "c==# x = |", "=# x = |", ""},
    {"lines", "c=\n one\r\n  two \n\n", "one\n  two", ""},
    {"no equals sign", "SECRET", NULL, "--set wants field=value"},
    {"no name", "=SECRET", NULL, "--set wants field=value"},
    {"two words", "a b=SECRET", NULL, "--set wants field=value"},
    {"control", "c=SECRET\x1b", NULL, "--set: c: the value is not clean UTF-8 text"},
    {"not UTF-8", "c=SECRET\xff", NULL, "--set: c: the value is not clean UTF-8 text"},
    {"twice", "s=SECRET", NULL, "--set: s: is set twice; once is allowed"},
};

static void test_set(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        CLEANUP(text_free) struct text faults = {0};
        struct error err = {0};
        print_message("case: %s\n", sets[i].name);
        CLEANUP(form_free) struct form *f = form_parse("x", "a = b\nz = y\n", 12, &faults);
        assert_true(form_set(f, "s=t", &err));
        bool done = form_set(f, sets[i].assignment, &err);
        assert_int_equal(done, sets[i].value != NULL);
        assert_null(strstr(err.message, "SECRET"));
        assert_int_equal(strncmp(err.message, sets[i].sentence, strlen(sets[i].sentence)), 0);
        assert_string_equal(form_get(f, "z"), "y");
        assert_string_equal(form_get(f, "s"), "t");
        if (!done) {
            assert_int_equal(err.kind, ERR_USAGE);
            assert_string_equal(form_get(f, "a"), "b");
            assert_null(form_get(f, "c"));
            continue;
        }
        char name[] = {sets[i].assignment[0], '\0'};
        assert_string_equal(form_get(f, name), sets[i].value);
    }
}

static void test_fault_places(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text faults = {0};
    struct error err = {0};
    CLEANUP(form_free)
    struct form *f = form_parse("dir/x.conf", "# c\na = b\nc = d\n", 16, &faults);
    assert_true(form_set(f, "c=e", &err));
    assert_true(form_set(f, "f=g", &err));
    form_fault(f, "a", &faults, "is %s; %d\nis allowed", "no number", 7);
    form_fault(f, "c", &faults, "is wrong");
    form_fault(f, "f", &faults, "is wrong");
    form_fault(f, "title", &faults, "is missing");
    assert_string_equal(text_get(&faults), "dir/x.conf:2: a: is no number; 7 is allowed\n"
                                           "--set: c: is wrong\n"
                                           "--set: f: is wrong\n"
                                           "dir/x.conf: title: is missing\n");
}

static void test_names(void **state)
{
    (void)state;
    static const char *const known[] = {"title", NULL, "aware_at"};
    static const char text[] = "titel = SECRET\ntitle = a\n\nAWARE_AT = b\nquite_other = c\n";
    CLEANUP(text_free) struct text faults = {0};
    CLEANUP(form_free) struct form *f = form_parse("x", text, strlen(text), &faults);
    assert_false(form_check_names(f, known, COUNT_OF(known), &faults));
    assert_string_equal(text_get(&faults),
                        "x:1: titel: is no field here; did you mean title?\n"
                        "x:4: AWARE_AT: is no field here; did you mean aware_at?\n"
                        "x:5: quite_other: is no field here\n");
    text_clear(&faults);
    CLEANUP(form_free) struct form *good = form_parse("x", "title = a\n", 10, &faults);
    assert_true(form_check_names(good, known, COUNT_OF(known), &faults));
    assert_string_equal(text_get(&faults), "");
}

static const struct {
    const char *list, *items;
} lists[] = {
    {"", ""},
    {" \n\t", ""},
    {"a", "<a>"},
    {"a,b", "<a><b>"},
    {" a b ,\n\tc\n", "<a b><c>"},
    {",,a, ,b,,", "<a><b>"},
};

static void test_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        CLEANUP(text_free) struct text item = {0};
        CLEANUP(text_free) struct text got = {0};
        const char *cursor = lists[i].list;
        while (form_next_item(&cursor, &item))
            text_addf(&got, "<%s>", text_get(&item));
        assert_string_equal(text_get(&got), lists[i].items);
    }
}

/* ---- writing ---- */

static const struct {
    const char *value, *text;
} written[] = {
    {NULL, "a =\n"},
    {"", "a =\n"},
    {"b", "a = b\n"},
    {"# b = c", "a = # b = c\n"},
    {"b\n\n  c\n#d", "a =\n    b\n\n      c\n    #d\n"},
    {" b", "a = |\n    | b\n"},
    {"b ", "a = |\n    |b \n"},
    {"b\n", "a = |\n    |b\n    |\n"},
    {"|", "a = |\n    ||\n"},
    {"|\nb", "a =\n    |\n    b\n"},
};

static void test_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(written); i++) {
        CLEANUP(text_free) struct text got = {0};
        form_write_entry(&got, "a", written[i].value);
        assert_string_equal(text_get(&got), written[i].text);
    }
}

static unsigned pick(uint64_t *seed, unsigned below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33) % below;
}

static void random_value(uint64_t *seed, struct text *t)
{
    static const char *const pieces[] = {" ", " ",  "\t",    "\n", "\n",          "#",
                                         "|", "=",  "a = b", "a",  "b c",         "caf\xc3\xa9",
                                         ",", "\"", "\\",    "#!", "\xef\xbb\xbf"};
    text_clear(t);
    for (unsigned left = pick(seed, 12); left > 0; left--)
        text_add(t, pieces[pick(seed, COUNT_OF(pieces))]);
}

/* Every value that can be read is written so that it reads back the same, whatever stands around.
 */
static void test_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 20261123;
    for (int round = 0; round < 20000; round++) {
        struct text values[4] = {0};
        CLEANUP(text_free) struct text got = {0};
        CLEANUP(text_free) struct text faults = {0};
        for (size_t i = 0; i < COUNT_OF(values); i++) {
            char name[] = {(char)('a' + i), '\0'};
            random_value(&seed, &values[i]);
            form_write_comment(&got, pick(&seed, 2) == 0 ? "" : text_get(&values[i]));
            form_write_entry(&got, name, text_get(&values[i]));
            text_add(&got, pick(&seed, 2) == 0 ? "\n" : "");
        }
        CLEANUP(form_free) struct form *f = form_parse("x", got.data, got.length, &faults);
        assert_string_equal(text_get(&faults), "");
        assert_int_equal(f->count, COUNT_OF(values));
        for (size_t i = 0; i < COUNT_OF(values); i++) {
            assert_string_equal(f->entries[i].value, text_get(&values[i]));
            text_free(&values[i]);
        }
    }
}

/* Any bytes at all: no crash, each entry clean, and what was read is written and read again. */
static void test_random_bytes(void **state)
{
    (void)state;
    static const char alphabet[] = "ab= =#|\n\n\n \t\r\xc3\xa9\xff\x01";
    uint64_t seed = 4;
    for (int round = 0; round < 20000; round++) {
        CLEANUP(text_free) struct text bytes = {0};
        CLEANUP(text_free) struct text faults = {0};
        CLEANUP(text_free) struct text again = {0};
        struct text dumps[2] = {0};
        for (unsigned left = pick(&seed, 60); left > 0; left--)
            text_add_bytes(&bytes, alphabet + pick(&seed, sizeof alphabet), 1);
        CLEANUP(form_free)
        struct form *f = form_parse("x", text_get(&bytes), bytes.length, &faults);
        for (size_t i = 0; i < f->count; i++)
            form_write_entry(&again, f->entries[i].name, f->entries[i].value);
        text_clear(&faults);
        CLEANUP(form_free)
        struct form *g = form_parse("x", text_get(&again), again.length, &faults);
        dump(f, &dumps[0]);
        dump(g, &dumps[1]);
        assert_string_equal(text_get(&faults), "");
        assert_string_equal(text_get(&dumps[0]), text_get(&dumps[1]));
        text_free(&dumps[0]);
        text_free(&dumps[1]);
    }
}

static const struct {
    const char *comment, *text;
} comments[] = {
    {"", "#\n"},
    {"a", "# a\n"},
    {"a\n\n  b\n", "# a\n#\n#   b\n"},
    {"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12345678901",
     "# 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12345678901\n"},
    {"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 123456789012",
     "# 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890\n# 123456789012\n"},
    {"\xef\xbb\xbf"
     "a",
     "# \xef\xbb\xbf"
     "a\n"},
    {"  1234567890 1234567890 1234567890 1234567890 1234567890 1234567890  12345678901 b",
     "#   1234567890 1234567890 1234567890 1234567890 1234567890 1234567890\n"
     "#   12345678901 b\n"},
    {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 1234567890 "
     "1234567890 1234567890 1234567890 1234567890 1234567890",
     "# \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 "
     "1234567890 "
     "1234567890 1234567890 1234567890 1234567890 1234567890\n"},
    {"a https://example.org/"
     "12345678901234567890123456789012345678901234567890123456789012345678901234567890 b",
     "# a\n# https://example.org/"
     "12345678901234567890123456789012345678901234567890123456789012345678901234567890\n# b\n"},
};

static void test_comments(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(comments); i++) {
        CLEANUP(text_free) struct text got = {0};
        form_write_comment(&got, comments[i].comment);
        assert_string_equal(text_get(&got), comments[i].text);
    }
}

/* ---- the editor once more ---- */

static void test_annotate(void **state)
{
    (void)state;
    static const char draft[] = "# Title\ntitle =\naware_at = yesterday\nwhat =\n  b\n  c\xff\n";
    static const char faults[] = "d.conf:3: aware_at: is not a time; write one\n"
                                 "d.conf: nature: is missing\n"
                                 "d.conf:6: what: is not UTF-8\n"
                                 "d.conf:2: title: is empty\n"
                                 "d.conf:2: title: and short\n"
                                 "--set: x: is wrong\n";
    static const char expected[] =
        "#! 6 faults, each above its line; these lines go by themselves.\n"
        "#! nature: is missing\n"
        "#! --set: x: is wrong\n"
        "# Title\n"
        "#! title: is empty\n"
        "#! title: and short\n"
        "title =\n"
        "#! aware_at: is not a time; write one\n"
        "aware_at = yesterday\n"
        "what =\n  b\n"
        "#! what: is not UTF-8\n"
        "  c\xff\n";
    CLEANUP(text_free) struct text once = {0};
    CLEANUP(text_free) struct text again = {0};
    form_annotate("d.conf", draft, strlen(draft), faults, &once);
    assert_string_equal(text_get(&once), expected);
    form_annotate("d.conf", once.data, once.length, "", &again);
    assert_string_equal(text_get(&again), draft);

    text_clear(&again);
    form_annotate("d.conf", once.data, once.length, "d.conf:99: x: lies behind the end\n", &again);
    assert_ptr_equal(strstr(text_get(&again), "#! 1 fault; these lines go by themselves.\n"
                                              "#! x: lies behind the end\n# Title\n"),
                     text_get(&again));
}

static void test_read(void **state)
{
    (void)state;
    char path[] = "/tmp/form.XXXXXX";
    CLEANUP(form_free) struct form *f = NULL;
    CLEANUP(text_free) struct text faults = {0};
    struct error err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a = b\na = c\n", 12), 12);
    assert_true(form_read(path, &faults, &f, &err));
    assert_string_equal(form_get(f, "a"), "b");
    assert_int_equal(strncmp(text_get(&faults), path, strlen(path)), 0);
    assert_non_null(strstr(text_get(&faults), ":2: a: is given twice"));
    form_free(&f);

    int saved = dup(STDIN_FILENO);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    dup2(fd, STDIN_FILENO);
    text_clear(&faults);
    assert_true(form_read("-", &faults, &f, &err));
    dup2(saved, STDIN_FILENO);
    close(saved);
    assert_string_equal(form_get(f, "a"), "b");
    assert_int_equal(strncmp(text_get(&faults), "standard input:2: a: ", 21), 0);
    form_free(&f);

    assert_int_equal(ftruncate(fd, FORM_MAX_BYTES + 1), 0);
    assert_false(form_read(path, &faults, &f, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "larger than 1024 KiB"));
    close(fd);
    unlink(path);
    assert_false(form_read(path, &faults, &f, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, path));
    assert_null(f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readable),     cmocka_unit_test(test_faulty),
        cmocka_unit_test(test_nul_and_size), cmocka_unit_test(test_set),
        cmocka_unit_test(test_fault_places), cmocka_unit_test(test_names),
        cmocka_unit_test(test_lists),        cmocka_unit_test(test_written),
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_comments),     cmocka_unit_test(test_annotate),
        cmocka_unit_test(test_read),
    };
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
