/* Reading a journal, and the format of its lines. */
#include "tests/unit/journal_place.h"

#include <errno.h>
#include <sys/stat.h>

#include "common/digest.h"

/* ---- the format ---- */

static void test_format_of_lines(void **state)
{
    const struct place *p = *state;
    struct stat st;
    uint64_t torn = 7;
    CLEANUP(text_free) struct text content = {0};
    CLEANUP(text_free) struct text expect = {0};
    struct error err = {0};
    char hex[DIGEST_HEX_SIZE];
    const char *first = "{\"seq\":1,\"at\":\"2026-09-21T14:13:21Z\",\"event\":\"test.event\","
                        "\"number\":1,\"prev\":\"000000000000000000000000000000000000000000000000"
                        "0000000000000000\"}";
    fill(p, 2);
    load(p, &content);
    assert_true(digest_bytes_hex(first, strlen(first), hex, &err));
    text_addf(&expect,
              "%s\n{\"seq\":2,\"at\":\"2026-09-21T14:13:22Z\",\"event\":\"test.event\","
              "\"number\":2,\"prev\":\"%s\"}\n",
              first, hex);
    assert_string_equal(content.data, expect.data);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(count_lines(p, &torn), 2);
    assert_int_equal(torn, 0);
}

static bool stop_at(void *context, uint64_t number, const json_t *line, struct error *err)
{
    uint64_t *last = context;
    assert_int_equal(json_integer_value(json_object_get(line, "number")), number);
    if (number == *last)
        return error_set(err, ERR_STOPPED, "enough");
    return true;
}

static void test_visit_stops(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    uint64_t last = 3;
    uint64_t lines = 99;
    uint64_t torn = 99;
    fill(p, 5);
    assert_false(journal_read(p->path, stop_at, &last, &lines, &torn, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    assert_int_equal(lines, 99);
    assert_int_equal(torn, 99);
    last = 6;
    assert_true(journal_read(p->path, stop_at, &last, &lines, &torn, &err));
    assert_int_equal(lines, 5);
}

static void test_missing_and_odd_files(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    struct journal *j = NULL;
    uint64_t n = 0;
    assert_false(journal_open(p->path, false, &j, &err));
    assert_int_equal(err.kind, ERR_INTEGRITY);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_false(journal_read(p->path, NULL, NULL, &n, &n, &err));
    assert_int_equal(err.kind, ERR_INTEGRITY);
    assert_true(access(p->path, F_OK) < 0); /* not made on the way */
    assert_int_equal(symlink("/dev/null", p->path), 0);
    assert_false(journal_open(p->path, true, &j, &err));
    assert_int_equal(err.sys_errno, ELOOP);
    unlink(p->path);
    assert_int_equal(mkfifo(p->path, 0600), 0);
    assert_false(journal_open(p->path, false, &j, &err)); /* and does not wait for a writer */
    assert_null(j);
}

/* ---- damage ---- */

static const struct {
    const char *name;
    const char *cut; /* text in the file that is replaced, first place only; NULL = none */
    const char *paste;
    bool torn;        /* take the last newline away */
    const char *says; /* NULL: accepted */
} damage_cases[] = {
    {"untouched", NULL, "", false, NULL},
    {"a field changed", "\"number\":2", "\"number\":7", false, "line 3: it does not follow"},
    {"a prev changed", "\"number\":3,\"prev\":\"", "\"number\":3,\"prev\":\"x", false, "line 3"},
    {"a first prev", "\"prev\":\"0", "\"prev\":\"1", false, "line 1: the first line"},
    {"a seq changed", "{\"seq\":2", "{\"seq\":4", false, "line 2: its seq"},
    {"a seq twice in a line", "{\"seq\":2", "{\"seq\":9,\"seq\":2", false, "line 2: it is not"},
    {"a seq as text", "\"seq\":2", "\"seq\":\"2\"", false, "line 2: seq"},
    {"event missing", "\"event\":\"test.event\",\"number\":2", "\"number\":2", false,
     "line 2: seq"},
    {"no object", "{\"seq\":2", "[{\"seq\":2", false, "line 2: it is not"},
    {"an empty line", "\n{\"seq\":2", "\n\n{\"seq\":2", false, "line 2: it is not"},
    {"a line split", ",\"number\":2", "\n,\"number\":2", false, "line 2: it is not"},
    {"a space more", ",\"number\":2", ", \"number\":2", false, "line 3: it does not follow"},
    {"last line torn", NULL, "", true, NULL},
};

static void test_damage(void **state)
{
    const struct place *p = *state;
    CLEANUP(text_free) struct text whole = {0};
    fill(p, 4);
    load(p, &whole);
    for (size_t i = 0; i < COUNT_OF(damage_cases); i++) {
        struct error err = {0};
        uint64_t lines = 0;
        uint64_t torn = 0;
        CLEANUP(text_free) struct text bad = {0};
        print_message("case: %s\n", damage_cases[i].name);
        const char *cut = damage_cases[i].cut;
        const char *at = cut == NULL ? whole.data : strstr(whole.data, cut);
        assert_non_null(at);
        text_add_bytes(&bad, whole.data, (size_t)(at - whole.data));
        text_add(&bad, damage_cases[i].paste);
        text_add(&bad, at + (cut == NULL ? 0 : strlen(cut)));
        if (damage_cases[i].torn)
            bad.length--;
        store(p, &bad);
        bool good = journal_read(p->path, NULL, NULL, &lines, &torn, &err);
        assert_int_equal(good, damage_cases[i].says == NULL);
        if (good) {
            assert_int_equal(lines, damage_cases[i].torn ? 3 : 4);
            assert_int_equal(torn != 0, damage_cases[i].torn);
            continue;
        }
        assert_int_equal(err.kind, ERR_INTEGRITY);
        if (strstr(err.message, damage_cases[i].says) == NULL)
            fail_msg("said: %s", err.message);
    }
}

/* Whole lines taken out or exchanged: the names say which of four stay, in which order. */
static void test_lines_removed_or_exchanged(void **state)
{
    const struct place *p = *state;
    static const char *const orders[] = {"234", "134", "1324", "12344", "124"};
    CLEANUP(text_free) struct text whole = {0};
    const char *starts[5];
    fill(p, 4);
    load(p, &whole);
    starts[0] = whole.data;
    for (int i = 1; i <= 4; i++)
        starts[i] = strchr(starts[i - 1], '\n') + 1;
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        uint64_t torn;
        CLEANUP(text_free) struct text bad = {0};
        print_message("case: lines %s\n", orders[i]);
        for (const char *c = orders[i]; *c != '\0'; c++)
            text_add_bytes(&bad, starts[*c - '1'], (size_t)(starts[*c - '0'] - starts[*c - '1']));
        store(p, &bad);
        assert_int_equal(count_lines(p, &torn), -1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_PLACE(test_format_of_lines),
        IN_PLACE(test_visit_stops),
        IN_PLACE(test_missing_and_odd_files),
        IN_PLACE(test_damage),
        IN_PLACE(test_lines_removed_or_exchanged),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
