/* The journal read back as a history: what each line says, and what no line may say. */
#include "tests/unit/journal_place.h"

#include <errno.h>

#include "jobs/archive/history.h"
#include "jobs/archive/journal_lines.h"

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SEGMENT                                                                       \
    "\"segment\":\"one\",\"policy\":\"p\",\"file\":\"2026-09/f\",\"sha256\":\"" SHA_A \
    "\",\"manifest_sha256\":\"" SHA_B "\",\"run\":3,\"chain_no\":1,\"subjects\":2,\"rows\":9"
#define HOLD "\"hold\":4,\"policy\":\"p\",\"reference\":\"" SHA_A "\",\"kind\":\"claim\""
#define RUN                                                                                  \
    "\"run\":3,\"policy\":\"p\",\"as_of\":\"2026-09-21\",\"fingerprint\":\"x\",\"outcome\":" \
    "\"done\","                                                                              \
    "\"subjects\":2,\"rows\":9,\"segments\":1,\"blocked\":0,\"held\":0"

/* A line in a form of our own: "event{fields", and its instant, which most take as it is. */
struct line {
    const char *event, *fields, *at;
};

static void write_lines(const struct place *p, const struct line *lines, size_t count)
{
    CLEANUP(text_free) struct text content = {0};
    struct error err = {0};
    char prev[DIGEST_HEX_SIZE];
    snprintf(prev, sizeof prev, "%064d", 0);
    for (size_t i = 0; i < count && lines[i].event != NULL; i++) {
        const struct line *l = &lines[i];
        CLEANUP(memory_release)
        char *line =
            memory_format("{\"seq\":%zu,\"at\":\"%s\",\"event\":\"%s\"%s%s,\"prev\":\"%s\"}", i + 1,
                          l->at == NULL ? "2026-09-21T14:13:20Z" : l->at, l->event,
                          l->fields[0] == '\0' ? "" : ",", l->fields, prev);
        assert_true(digest_bytes_hex(line, strlen(line), prev, &err));
        text_addf(&content, "%s\n", line);
    }
    store(p, &content);
}

/* ---- every event, as this program writes it ---- */

static void write_all(struct journal *j)
{
    struct error err = {0};
    const struct segment_line one = {.segment_id = "one",
                                     .policy = "p",
                                     .file = "2026-09/f",
                                     .sha256 = SHA_A,
                                     .manifest_sha256 = SHA_B,
                                     .run_id = 3,
                                     .chain_no = 1,
                                     .subjects = 2,
                                     .rows = 9};
    struct segment_line two = one;
    two.segment_id = "two";
    two.chain_no = 2;
    const struct restore_line whole = {.segment_id = "one", .subjects = 2, .rows = 9};
    const struct restore_line single = {
        .segment_id = "two", .reference = SHA_A, .subjects = 1, .rows = 4};
    const struct hold_line first = {.hold_id = 4,
                                    .policy = "p",
                                    .reference = SHA_A,
                                    .kind = "claim",
                                    .review_on = "2027-01-01"};
    const struct hold_line second = {
        .hold_id = 5, .policy = "p", .reference = SHA_A, .kind = "other"};
    const struct expire_line end = {
        .segment_id = "two", .policy = "p", .sha256 = SHA_A, .chain_no = 2, .subjects = 2};
    assert_true(journal_line_reference_key(j, AT, SHA_B, &err));
    assert_true(journal_line_segment(j, AT + 1, &one, &err));
    assert_true(journal_line_segment(j, AT + 2, &two, &err));
    assert_true(journal_line_restore(j, AT + 3, &whole, &err));
    assert_true(journal_line_restore(j, AT + 4, &single, &err));
    assert_true(journal_line_hold(j, AT + 5, &first, &err));
    assert_true(journal_line_hold(j, AT + 6, &second, &err));
    assert_true(journal_line_hold(j, AT + 6, &second, &err)); /* by the next run, once more */
    assert_true(journal_line_release(j, AT + 7, 4, SHA_A, &err));
    assert_true(journal_line_re_erase(j, AT + 8, 3, &err));
    assert_true(journal_line_expire(j, AT + 9, &end, &err));
    assert_true(journal_line_expire(j, AT + 10, &end, &err));
    assert_true(journal_append(j, AT + 5, "news", NULL, &err)); /* of a newer program */
}

static void load_all(const struct place *p, struct history *h)
{
    struct error err = {0};
    CLEANUP(journal_close) struct journal *j = NULL;
    assert_true(journal_open(p->path, true, &j, &err));
    write_all(j);
    assert_true(history_load(p->path, h, &err));
}

static void test_segments(void **state)
{
    CLEANUP(history_free) struct history h = {0};
    load_all(*state, &h);
    assert_int_equal(h.lines, 13);
    assert_int_equal(h.last_at, AT + 10);
    assert_string_equal(h.key_fingerprint, SHA_B);
    assert_int_equal(h.segment_count, 2);
    const struct history_segment *one = history_find(&h, "one");
    const struct history_segment *two = history_find(&h, "two");
    assert_null(history_find(&h, "three"));
    assert_ptr_equal(one, &h.segments[0]);
    assert_string_equal(one->policy, "p");
    assert_string_equal(one->file, "2026-09/f");
    assert_string_equal(one->sha256, SHA_A);
    assert_string_equal(one->manifest_sha256, SHA_B);
    assert_int_equal(one->at, AT + 1);
    assert_int_equal(one->run_id, 3);
    assert_int_equal(one->line, 2);
    assert_int_equal(one->chain_no, 1);
    assert_int_equal(one->subjects, 2);
    assert_int_equal(one->rows, 9);
    assert_int_equal(one->expire_line, 0);
    assert_int_equal(two->expire_line, 11); /* the first line of it */
    assert_int_equal(two->expired_at, AT + 9);
}

static void test_restores_and_holds(void **state)
{
    CLEANUP(history_free) struct history h = {0};
    load_all(*state, &h);
    assert_int_equal(h.restore_count, 2);
    assert_null(h.restores[0].reference);
    assert_string_equal(h.restores[0].segment, "one");
    assert_string_equal(h.restores[1].reference, SHA_A);
    assert_int_equal(h.restores[1].line, 5);
    assert_int_equal(h.restores[1].subjects, 1);
    assert_int_equal(h.restores[1].rows, 4);
    assert_int_equal(h.hold_count, 2);
    assert_int_equal(h.holds[0].id, 4);
    assert_string_equal(h.holds[0].review_on, "2027-01-01");
    assert_int_equal(h.holds[0].release_line, 9);
    assert_int_equal(h.holds[0].released_at, AT + 7);
    assert_null(h.holds[1].review_on);
    assert_string_equal(h.holds[1].kind, "other");
    assert_int_equal(h.holds[1].release_line, 0);
    assert_int_equal(h.re_erase_count, 1);
    assert_int_equal(h.re_erase_lines[0], 10);
}

/* ---- what a line may not say ---- */

static const struct {
    const char *name;
    struct line lines[3];
    const char *fault; /* NULL: none */
} cases[] = {
    {"a run", {{"run", RUN, NULL}}, NULL},
    {"a segment", {{"segment", SEGMENT, NULL}}, NULL},
    {"an instant that is none",
     {{"news", "", "2026-02-30T00:00:00Z"}},
     "line 1: its \"at\" is no instant"},
    {"an instant with an offset",
     {{"news", "", "2026-02-20T00:00:00+01:00"}},
     "line 1: its \"at\" is no instant"},
    {"a segment without its file",
     {{"segment", "\"segment\":\"one\",\"policy\":\"p\"", NULL}},
     "line 1: event segment, \"file\" is missing or wrong"},
    {"a number that is a text", {{"run", "\"run\":\"3\",\"policy\":\"p\"", NULL}}, "event run, \""},
    {"a negative number",
     {{"release", "\"hold\":-1,\"reference\":\"" SHA_A "\"", NULL}},
     "event release, \"hold\" is missing or wrong"},
    {"a reference that is a number",
     {{"segment", SEGMENT, NULL},
      {"restore", "\"segment\":\"one\",\"reference\":1,\"subjects\":1,\"rows\":1", NULL}},
     "line 2: event restore, \"reference\" is missing or wrong"},
    {"the end of a segment",
     {{"segment", SEGMENT, NULL}, {"expire", "\"segment\":\"one\",\"sha256\":\"" SHA_A "\"", NULL}},
     NULL},
    {"the end of nothing",
     {{"expire", "\"segment\":\"one\",\"sha256\":\"" SHA_A "\"", NULL}, {"segment", SEGMENT, NULL}},
     "line 1: it ends a segment that no line before names"},
    {"the end of another file",
     {{"segment", SEGMENT, NULL}, {"expire", "\"segment\":\"one\",\"sha256\":\"" SHA_B "\"", NULL}},
     "line 2: it ends a segment with another SHA-256"},
    {"the end of a hold",
     {{"hold", HOLD, NULL}, {"release", "\"hold\":4,\"reference\":\"" SHA_A "\"", NULL}},
     NULL},
    {"the end of another hold",
     {{"hold", HOLD, NULL}, {"release", "\"hold\":5,\"reference\":\"" SHA_A "\"", NULL}},
     "line 2: it releases a hold that no line before names"},
    {"the end of a hold on somebody else",
     {{"hold", HOLD, NULL}, {"release", "\"hold\":4,\"reference\":\"" SHA_B "\"", NULL}},
     "line 2: it releases a hold that no line before names"},
    {"one reference key, twice",
     {{"reference-key", "\"fingerprint\":\"" SHA_A "\"", NULL},
      {"reference-key", "\"fingerprint\":\"" SHA_A "\"", NULL}},
     NULL},
    {"two reference keys",
     {{"reference-key", "\"fingerprint\":\"" SHA_A "\"", NULL},
      {"reference-key", "\"fingerprint\":\"" SHA_B "\"", NULL}},
     "line 2: it names another reference key"},
    {"half a fingerprint",
     {{"reference-key", "\"fingerprint\":\"abc\"", NULL}},
     "event reference-key, \"fingerprint\""},
    {"an event of a newer program", {{"segment-moved", "\"segment\":7", NULL}}, NULL},
};

static void test_lines(void **state)
{
    const struct place *p = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(history_free) struct history h = {0};
        struct error err = {0};
        print_message("case: %s\n", cases[i].name);
        write_lines(p, cases[i].lines, COUNT_OF(cases[i].lines));
        bool done = history_load(p->path, &h, &err);
        assert_int_equal(done, cases[i].fault == NULL);
        if (done)
            continue;
        assert_int_equal(err.kind, ERR_INTEGRITY);
        assert_int_equal(h.lines, 0);
        if (strstr(err.message, cases[i].fault) == NULL)
            fail_msg("'%s' does not say '%s'", err.message, cases[i].fault);
    }
}

/* ---- going on behind a fault ---- */

struct complaints {
    size_t count;
    char *sentences[8];
};

static void complain(void *context, const char *sentence)
{
    struct complaints *c = context;
    assert_true(c->count < COUNT_OF(c->sentences));
    c->sentences[c->count++] = memory_copy_text(sentence);
}

static void expect_complaint(const struct complaints *c, size_t i, const char *part)
{
    assert_true(i < c->count);
    if (strstr(c->sentences[i], part) == NULL)
        fail_msg("'%s' does not say '%s'", c->sentences[i], part);
}

/* In place: the length of the line stays. */
static void damage(const struct place *p, const char *old, const char *new)
{
    CLEANUP(text_free) struct text content = {0};
    load(p, &content);
    char *at = strstr(content.data, old);
    assert_non_null(at);
    memcpy(at, new, strlen(new));
    store(p, &content);
}

static void test_examine(void **state)
{
    const struct place *p = *state;
    static const struct line lines[] = {{"segment", SEGMENT, NULL},
                                        {"segment", "\"segment\":\"two\"", NULL},
                                        {"expire", "\"segment\":\"two\"", NULL},
                                        {"news", "\"word\":\"abcd\"", NULL},
                                        {"news", "", NULL},
                                        {"hold", HOLD, NULL}};
    CLEANUP(history_free) struct history h = {0};
    struct complaints c = {0};
    struct error err = {0};
    write_lines(p, lines, COUNT_OF(lines));
    damage(p, "abcd", "abcX");
    damage(p, "\"seq\":5", "\"seq\":7"); /* as if two lines had been taken out before it */
    damage(p, "\"seq\":6", "\"seq\":8");
    assert_true(history_examine(p->path, complain, &c, &h, &err));
    assert_int_equal(c.count, 4);
    expect_complaint(&c, 0, "line 2: event segment, \"policy\" is missing");
    expect_complaint(&c, 1, "line 3: event expire, \"sha256\" is missing");
    expect_complaint(&c, 2, "line 5: its seq is another number");
    expect_complaint(&c, 3, "line 6: it does not follow the line before it");
    assert_int_equal(h.lines, 6);
    assert_int_equal(h.segment_count, 1);
    assert_int_equal(h.hold_count, 1);
    assert_int_equal(h.holds[0].line, 6);
    for (size_t i = 0; i < c.count; i++)
        free(c.sentences[i]);
}

static void test_missing(void **state)
{
    const struct place *p = *state;
    CLEANUP(history_free) struct history h = {0};
    struct error err = {0};
    assert_false(history_load(p->path, &h, &err));
    assert_int_equal(err.kind, ERR_INTEGRITY);
    assert_int_equal(err.sys_errno, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_segments), IN_PLACE(test_restores_and_holds),
        IN_PLACE(test_lines),    IN_PLACE(test_examine),
        IN_PLACE(test_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
