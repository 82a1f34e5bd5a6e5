#include "tests/unit/segment_place.h"

#include "jobs/archive/manifest.h"
#include "jobs/archive/reference.h"

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, enter_place, leave_place)

static void make(const struct place *p, const char *recipients, struct text *ret_json)
{
    write_segment(p, recipients, 3, ret_json);
    assert_int_equal(unlinkat(p->fd, BASE ".sql.gz", 0) + unlinkat(p->fd, BASE ".sql.gz.cms", 0),
                     -1);
}

static void test_round_trip(void **state)
{
    CLEANUP(text_free) struct text json = {0};
    make(*state, "ec rsa", &json);
    CLEANUP(manifest_free) struct manifest *m = parse(&json);
    assert_string_equal(m->program, "waarborg " WAARBORG_VERSION);
    assert_string_equal(m->segment_id, "0011223344556677");
    assert_string_equal(m->created_at, "2026-09-21T14:13:20Z");
    assert_int_equal(m->run_id, 3);
    assert_int_equal(m->chain_no, 4);
    assert_string_equal(m->policy, "klant");
    assert_string_equal(m->policy_version, "1.0");
    assert_string_equal(m->fingerprint, PREVIOUS);
    assert_string_equal(m->as_of, "2026-11-22");
    assert_string_equal(m->database_name, "the \"db\"");
    assert_string_equal(m->system_identifier, "7301234567890123456");
    assert_string_equal(m->server_version, "15.8");
    assert_string_equal(m->timezone, "Europe/Amsterdam");
    assert_string_equal(m->subject_schema, "klant");
    assert_string_equal(m->subject_table, "customer");
    assert_int_equal(m->key_column_count, 1);
    assert_string_equal(m->key_columns[0], "id");
    assert_string_equal(m->file_name, BASE ".sql.gz.cms");
    assert_true(m->sealed);
    assert_int_equal(m->recipient_count, 2);
    assert_int_equal(m->rows, 6);
    assert_int_equal(m->edge_count, 2);
    assert_int_equal(m->edges[1].use, EDGE_DETACH);
    assert_string_equal(m->edges[0].columns[0], "order");
    assert_string_equal(m->edges[0].references_table, "customer");
    assert_string_equal(m->edges[0].to[0], "id");
    assert_int_equal(m->reference_count, 2);
    assert_string_equal(m->references[0].reference, REFERENCE);
    assert_string_equal(m->references[1].due_on, "2026-11-01");
    assert_string_equal(m->previous_sha256, PREVIOUS);
}

static void test_members(void **state)
{
    CLEANUP(text_free) struct text json = {0};
    make(*state, NULL, &json);
    CLEANUP(manifest_free) struct manifest *m = parse(&json);
    assert_false(m->sealed);
    assert_int_equal(m->member_count, 3);
    for (size_t i = 0; i < m->member_count; i++) {
        const struct segment_member *expected = &samples[i == 0 ? 0 : i + 1].member;
        const struct segment_member *member = &m->members[i].member;
        assert_int_equal(member->kind, expected->kind);
        assert_string_equal(member->schema, expected->schema);
        assert_string_equal(member->table, expected->table);
        assert_int_equal(member->column_count, expected->column_count);
        for (size_t c = 0; c < member->column_count; c++) {
            assert_string_equal(member->columns[c].name, expected->columns[c].name);
            assert_string_equal(member->columns[c].type, expected->columns[c].type);
            assert_int_equal(member->columns[c].is_key, expected->columns[c].is_key);
        }
    }
}

/* Equal input, equal bytes: one line, keys in order. */
static void test_form(void **state)
{
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(text_free) struct text again = {0};
    CLEANUP(text_free) struct text sorted = {0};
    char sha256[DIGEST_HEX_SIZE];
    struct error err = {0};
    make(*state, NULL, &json);
    make(*state, NULL, &again);
    assert_string_equal(text_get(&json), text_get(&again));
    CLEANUP(manifest_free) struct manifest *m = parse(&json);
    char *dumped = json_dumps(m->json, JSON_SORT_KEYS | JSON_COMPACT);
    text_addf(&sorted, "%s\n", dumped);
    free(dumped);
    assert_string_equal(text_get(&json), text_get(&sorted));
    assert_true(digest_bytes_hex(json.data, json.length, sha256, &err));
    assert_string_equal(m->sha256, sha256);
}

static bool parse_value(const json_t *value, struct error *err)
{
    struct manifest *m = NULL;
    char *bytes = json_dumps(value, JSON_COMPACT);
    bool done = manifest_parse(bytes, strlen(bytes), &m, err);
    free(bytes);
    manifest_free(&m);
    return done;
}

/* A value of another type, and the smallest nonsense of the same type. */
static json_t *wrong_value(const json_t *value, bool other_type)
{
    if (other_type)
        return json_is_string(value) ? json_integer(1) : json_string("x");
    if (json_is_string(value))
        return json_string("");
    if (json_is_integer(value))
        return json_integer(-1);
    if (json_is_array(value))
        return json_pack("[n]");
    return json_is_boolean(value) ? json_null() : json_object();
}

static void refute(const json_t *whole, const char *key, const char *what)
{
    struct error err = {0};
    if (parse_value(whole, &err))
        fail_msg("%s: %s and nobody sees it", key, what);
    if (err.kind != ERR_INTEGRITY && strcmp(key, "format") != 0)
        fail_msg("%s: %s gives kind %d: %s", key, what, err.kind, err.message);
}

/* Every field of every object: gone, of another type, empty, and one that nobody knows beside it.
 * Elements of lists share their object's shape: the first of each will do. */
static void damage_each(json_t *whole, json_t *object)
{
    void *next = NULL;
    const char *key;
    json_t *value;
    json_object_set_new(object, "unknown", json_true());
    refute(whole, "unknown", "is there");
    json_object_del(object, "unknown");
    json_t *copy = json_copy(object);
    json_object_foreach_safe(copy, next, key, value)
    {
        json_object_del(object, key);
        refute(whole, key, "is gone");
        json_object_set_new(object, key, wrong_value(value, true));
        refute(whole, key, "has another type");
        json_object_set_new(object, key, wrong_value(value, false));
        refute(whole, key, "is nonsense");
        json_object_set(object, key, value);
        if (json_is_object(value))
            damage_each(whole, value);
        else if (json_is_object(json_array_get(value, 0)))
            damage_each(whole, json_array_get(value, 0));
    }
    json_decref(copy);
}

static void test_every_field(void **state)
{
    CLEANUP(text_free) struct text json = {0};
    struct error err = {0};
    make(*state, "ec", &json);
    json_t *whole = json_loads(text_get(&json), 0, NULL);
    damage_each(whole, whole);
    if (!parse_value(whole, &err)) /* all damage was mended again */
        fail_msg("%s", err.message);
    json_decref(whole);
}

/* What a type check alone does not see. */
static const struct {
    const char *name, *from, *to; /* of the text */
    const char *sentence;
} damages[] = {
    {"a newer format", "\"format\":1", "\"format\":2", "format 2 is unknown"},
    {"twice the same field", "\"format\":1", "\"format\":1,\"format\":1", "no JSON object"},
    {"cut off", "\"run\":3", "\"run\":", "no JSON object"},
    {"digest in capitals", "\"previous_sha256\":\"222", "\"previous_sha256\":\"22A",
     "previous_sha256 is no SHA-256"},
    {"digest too short", "\"previous_sha256\":\"222", "\"previous_sha256\":\"22",
     "previous_sha256 is no SHA-256"},
    {"number 1 with something before it", "\"chain_no\":4", "\"chain_no\":1", "does not fit"},
    {"no such day", "2026-11-22", "2026-11-31", "is no date"},
    {"local time", "14:13:20Z", "14:13:20+", "is no instant in UTC"},
    {"file elsewhere", "\"name\":\"2026", "\"name\":\"../26", "none of a segment"},
    {"sealed file, nobody it is sealed for", ".sql.gz\"", ".sql.gz.cms\"", "none of a segment"},
    {"terminal escapes", "\"timezone\":\"E", "\"timezone\":\"\\u001b[2J", "control characters"},
    {"rows do not add up", "],\"rows\":6", "],\"rows\":7", "sum of the members' rows"},
    {"a member overlaps", "\"offset\":", "\"offset\":1", "do not fit"},
    {"unknown kind", "\"kind\":\"unlinked\"", "\"kind\":\"removed\"", "neither rows nor unlinked"},
    {"unlinked values of no row", "\"key\":true", "\"key\":false", "not enough"},
    {"unknown use", "\"use\":\"follow\"", "\"use\":\"lead\"", "none of follow"},
    {"an edge with one end", "\"columns\":[\"order\"]", "\"columns\":[\"order\",\"x\"]",
     "not as many"},
    {"more than a segment can hold", "\"file\":{\"bytes\":", "\"file\":{\"bytes\":99999999",
     "larger than a segment"},
};

static void replace_all(const char *text, const char *from, const char *to, struct text *ret)
{
    const char *hit;
    assert_non_null(strstr(text, from)); /* or the case tests nothing */
    while ((hit = strstr(text, from)) != NULL) {
        text_add_bytes(ret, text, (size_t)(hit - text));
        text_add(ret, to);
        text = hit + strlen(from);
    }
    text_add(ret, text);
}

static void test_damage(void **state)
{
    CLEANUP(text_free) struct text json = {0};
    make(*state, NULL, &json);
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        struct error err = {0};
        CLEANUP(text_free) struct text damaged = {0};
        CLEANUP(manifest_free) struct manifest *m = NULL;
        print_message("case: %s\n", damages[i].name);
        replace_all(text_get(&json), damages[i].from, damages[i].to, &damaged);
        assert_false(manifest_parse(damaged.data, damaged.length, &m, &err));
        print_message("  %s\n", err.message);
        assert_non_null(strstr(err.message, damages[i].sentence));
        assert_int_equal(err.kind, i == 0 ? ERR_USAGE : ERR_INTEGRITY);
    }
}

static void test_not_utf8(void **state)
{
    (void)state;
    struct error err = {0};
    struct text json = {0};
    const struct segment_result segment = {.sha256 = PREVIOUS, .file_name = "x"};
    const struct manifest_input input = {.segment_id = "1", .policy = "\xff", .segment = &segment};
    assert_false(manifest_format(&input, &json, &err));
    assert_int_equal(json.length, 0);
    assert_non_null(strstr(err.message, "UTF-8"));
}

/* Computed with another implementation of HMAC over the bytes FORMAT.md describes. */
static void test_reference(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *table, *values[2];
        size_t count;
        const char *expected;
    } cases[] = {
        {"klant",
         "customer",
         {"4711"},
         1,
         "af41f4c92cabd672ebb5cd778932236f73cf9561d03eb4787e18d4660929ad5e"},
        {"klant",
         "customer",
         {"47", "11"},
         2,
         "aa1d0ed188b94187cdbaf3b7cb48f92b508c67adf79e6ff31216d605a0c6b894"},
        {"klant",
         "customer",
         {"471", "1"},
         2,
         "addc470e3f48dfc6a3decdb470c902cc0bdfd4d71df6f5e5ee8670f0e8d1f4e3"},
        {"klan",
         "tcustomer",
         {"4711"},
         1,
         "27b9528eddf43497d93acc5f7c8e1eb601e36a3f64b80dda5a8709636b1ce995"},
    };
    unsigned char key[DIGEST_SIZE];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)i;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        char hex[DIGEST_HEX_SIZE];
        assert_true(reference_make(key, cases[i].schema, cases[i].table, cases[i].values,
                                   cases[i].count, hex, &err));
        assert_string_equal(hex, cases[i].expected);
    }
}

#define REST "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define DIGITS "00" REST

static void test_reference_key(void **state)
{
    static const struct {
        const char *name, *content;
        int mode;
        const char *sentence; /* NULL = is taken */
    } cases[] = {
        {"with newline", DIGITS "\n", 0600, NULL},
        {"without newline", DIGITS, 0400, NULL},
        {"from another system", DIGITS "\r\n", 0600, NULL},
        {"one digit less", "0" REST, 0600, "64 hexadecimal digits"},
        {"one digit more", DIGITS "0", 0600, "64 hexadecimal digits"},
        {"no digit", "0x" REST, 0600, "64 hexadecimal digits"},
        {"empty", "", 0600, "64 hexadecimal digits"},
        {"others may read it", DIGITS, 0640, "chmod 600"},
        {"not there", NULL, 0, "openssl rand -hex 32"},
    };
    const struct place *p = *state;
    CLEANUP(memory_release) char *path = memory_format("%s/reference.key", p->dir);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        unsigned char key[DIGEST_SIZE] = {0};
        print_message("case: %s\n", cases[i].name);
        unlink(path);
        if (cases[i].content != NULL) {
            int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, cases[i].mode);
            size_t length = strlen(cases[i].content);
            assert_int_equal(write(fd, cases[i].content, length), (ssize_t)length);
            close(fd);
        }
        bool taken = reference_key_load(path, key, &err);
        assert_int_equal(taken, cases[i].sentence == NULL);
        if (taken) {
            assert_int_equal(key[31], 31);
            continue;
        }
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(err.message, cases[i].sentence));
        assert_null(strstr(err.message, "0001020304")); /* not a digit of it */
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_PLACE(test_round_trip),
        IN_PLACE(test_members),
        IN_PLACE(test_form),
        IN_PLACE(test_every_field),
        IN_PLACE(test_damage),
        cmocka_unit_test(test_not_utf8),
        cmocka_unit_test(test_reference),
        IN_PLACE(test_reference_key),
    };
    return cmocka_run_group_tests_name("manifest", tests, make_keys, remove_keys);
}
