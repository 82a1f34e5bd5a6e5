#include "tests/unit/segment_place.h"

#include <sys/stat.h>

#include "jobs/archive/segment_member.h"

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, enter_place, leave_place)

static bool to_text(void *context, const void *bytes, size_t length, struct error *err)
{
    (void)err;
    text_add_bytes(context, bytes, length);
    return true;
}

static void inflate_all(const struct text *gzip, struct text *ret)
{
    struct error err = {0};
    CLEANUP(gzip_reader_free) struct gzip_reader *r = NULL;
    assert_true(gzip_reader_new(to_text, ret, &r, &err));
    assert_true(gzip_reader_add(r, text_get(gzip), gzip->length, &err));
    assert_true(gzip_reader_at_member_end(r));
}

static void open_unsealed(const struct place *p, const struct manifest *m, struct text *ret)
{
    struct error err = {0};
    if (!segment_open(p->fd, m, NULL, ret, &err))
        fail_msg("%s", err.message);
}

/* What stands after the prologue: the names in comments harmless, in SQL exact. */
static const char expected_text[] =
    "-- odd\\x0aDROP TABLE x;.no\"te\\x09\\: rows that were deleted\n"
    "COPY \"odd\nDROP TABLE x;\".\"no\"\"te\t\\\" (\"id\", \"order\", \"a \"\"quoted\"\" name\")"
    " FROM stdin;\n"
    "1\t10\tone\n2\t10\t\\N\n3\t11\tline\\nbreak \\\\.\n"
    "\\.\n"
    "-- klant.customer: values that were set to NULL\n"
    "CREATE TEMP TABLE waarborg_unlinked_2 (\"id\" bigint, \"part\" \"S\".\"my type\","
    " \"referred_by\" bigint) ON COMMIT DROP;\n"
    "COPY pg_temp.waarborg_unlinked_2 (\"id\", \"part\", \"referred_by\") FROM stdin;\n"
    "7\tx\t1\n"
    "\\.\n"
    "-- klant.customer: rows that were deleted\n"
    "COPY \"klant\".\"customer\" (\"id\") FROM stdin;\n"
    "1\n\\\\.\n"
    "\\.\n"
    "UPDATE \"klant\".\"customer\" AS t SET \"referred_by\" = coalesce(t.\"referred_by\","
    " u.\"referred_by\") FROM pg_temp.waarborg_unlinked_2 AS u WHERE t.\"id\" = u.\"id\""
    " AND t.\"part\" = u.\"part\" AND (t.\"referred_by\" IS NULL);\n"
    "COMMIT;\n";

static void test_text(void **state)
{
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(text_free) struct text gzip = {0};
    CLEANUP(text_free) struct text plain = {0};
    write_segment(*state, NULL, 6, &json);
    CLEANUP(manifest_free) struct manifest *m = parse(&json);
    open_unsealed(*state, m, &gzip);
    inflate_all(&gzip, &plain);
    assert_int_equal(strncmp(text_get(&plain), segment_prologue, strlen(segment_prologue)), 0);
    assert_string_equal(text_get(&plain) + strlen(segment_prologue), expected_text);
}

static void test_round_trip(void **state)
{
    static const struct {
        const char *name, *recipients, *key;
        int level;
    } cases[] = {
        {"unsealed, fast", NULL, NULL, 1},          {"unsealed, small", NULL, NULL, 9},
        {"sealed for RSA", "rsa", "rsa", 3},        {"sealed for EC", "ec", "ec", 3},
        {"second of two keys", "ec rsa", "rsa", 3},
    };
    const struct place *p = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("case: %s\n", cases[i].name);
        struct error err = {0};
        CLEANUP(text_free) struct text json = {0};
        CLEANUP(segment_text_free) struct text gzip = {0};
        CLEANUP(seal_key_free) struct seal_key *key = NULL;
        write_segment(p, cases[i].recipients, cases[i].level, &json);
        CLEANUP(manifest_free) struct manifest *m = parse(&json);
        assert_int_equal(m->member_count, 3);
        assert_int_equal(m->sealed, cases[i].key != NULL);
        if (cases[i].key != NULL) {
            CLEANUP(memory_release) char *path = key_path(cases[i].key, ".key");
            assert_true(seal_key_load(path, &key, &err));
        }
        if (!segment_check_file(p->fd, m, &err) || !segment_open(p->fd, m, key, &gzip, &err) ||
            !segment_check_text(m, &gzip, &err))
            fail_msg("%s", err.message);
        for (size_t n = 0; n < m->member_count; n++) {
            CLEANUP(text_free) struct text rows = {0};
            assert_true(segment_read_rows(m, n, &gzip, to_text, &rows, &err));
            assert_string_equal(text_get(&rows), samples[n == 0 ? 0 : n + 1].rows);
        }
        assert_int_equal(unlinkat(p->fd, m->file_name, 0), 0);
    }
}

/* Rows that straddle every buffer, and compress badly. */
static void test_large(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    CLEANUP(segment_discard) struct segment *s = NULL;
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(text_free) struct text gzip = {0};
    CLEANUP(text_free) struct text written = {0};
    CLEANUP(text_free) struct text read = {0};
    const struct segment_result *result = NULL;
    const struct segment_target target = {p->fd, BASE, 1, NULL, 0};
    uint32_t seed = 5;
    assert_true(segment_create(&target, &s, &err));
    assert_true(segment_begin_member(s, &samples[0].member, &err));
    for (int row = 0; row < 20000; row++) {
        char line[900];
        int length = 0;
        for (int i = 0; i < 1 + row % 97; i++) {
            seed = seed * 1664525 + 1013904223;
            length += snprintf(line + length, sizeof line - (size_t)length, "%u", seed >> 8);
        }
        line[length++] = '\n';
        text_add_bytes(&written, line, (size_t)length);
        assert_true(segment_add_rows(s, line, (size_t)length, &err));
    }
    assert_true(segment_end_member(s, 20000, &err));
    assert_true(segment_finish(s, &result, &err));
    assert_true(segment_publish(s, &err));
    format_manifest(result, NULL, &json);
    CLEANUP(manifest_free) struct manifest *m = parse(&json);
    open_unsealed(p, m, &gzip);
    assert_true(segment_check_text(m, &gzip, &err));
    assert_true(segment_read_rows(m, 0, &gzip, to_text, &read, &err));
    assert_int_equal(read.length, written.length);
    assert_memory_equal(read.data, written.data, read.length);
}

static void test_no_rows_at_all(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    CLEANUP(segment_discard) struct segment *s = NULL;
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(text_free) struct text gzip = {0};
    const struct segment_result *result = NULL;
    const struct segment_target target = {p->fd, BASE, 3, NULL, 0};
    assert_true(segment_create(&target, &s, &err));
    assert_true(segment_begin_member(s, &samples[0].member, &err));
    assert_true(segment_end_member(s, 0, &err));
    assert_true(segment_finish(s, &result, &err));
    assert_int_equal(result->member_count, 0);
    assert_true(segment_publish(s, &err));
    format_manifest(result, NULL, &json);
    CLEANUP(manifest_free) struct manifest *m = parse(&json);
    open_unsealed(p, m, &gzip);
    assert_true(segment_check_text(m, &gzip, &err));
}

static void test_row_counts(void **state)
{
    static const struct {
        const char *name, *rows;
        uint64_t expected;
    } cases[] = {
        {"a row less", "1\n", 2},
        {"a row more", "1\n2\n", 1},
        {"none came", "", 1},
        {"none was sent", "1\n", 0},
    };
    const struct place *p = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("case: %s\n", cases[i].name);
        struct error err = {0};
        CLEANUP(segment_discard) struct segment *s = NULL;
        const struct segment_target target = {p->fd, BASE, 3, NULL, 0};
        assert_true(segment_create(&target, &s, &err));
        assert_true(segment_begin_member(s, &samples[3].member, &err));
        assert_true(segment_add_rows(s, cases[i].rows, strlen(cases[i].rows), &err));
        assert_false(segment_end_member(s, cases[i].expected, &err));
        assert_int_equal(err.kind, ERR_INTEGRITY);
        assert_non_null(strstr(err.message, "klant.customer"));
    }
}

static void test_out_of_order(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    CLEANUP(segment_discard) struct segment *s = NULL;
    const struct segment_result *result = NULL;
    const struct segment_target target = {p->fd, BASE, 3, NULL, 0};
    assert_true(segment_create(&target, &s, &err));
    assert_true(segment_begin_member(s, &samples[0].member, &err));
    assert_false(segment_begin_member(s, &samples[0].member, &err));
    assert_false(segment_finish(s, &result, &err));
}

/* The limit counts bytes of the file, also those that sealing adds. */
static void test_too_large(void **state)
{
    static const char *const recipients[] = {NULL, "ec"};
    const struct place *p = *state;
    CLEANUP(text_free) struct text rows = {0};
    make_plain(&rows, 200000);
    for (size_t i = 0; i < rows.length; i++)
        rows.data[i] = (char)(i % 100 == 99 ? '\n' : '!' + (rows.data[i] & 63));
    for (size_t i = 0; i < COUNT_OF(recipients); i++) {
        struct error err = {0};
        CLEANUP(seal_recipients_free) struct seal_recipients *r = NULL;
        CLEANUP(segment_discard) struct segment *s = NULL;
        if (recipients[i] != NULL)
            load_recipients(recipients[i], &r);
        const struct segment_target target = {p->fd, BASE, 3, r, 100000};
        assert_true(segment_create(&target, &s, &err));
        assert_true(segment_begin_member(s, &samples[0].member, &err));
        bool fits = segment_add_rows(s, rows.data, rows.length, &err) &&
                    segment_end_member(s, count_rows(rows.data), &err);
        assert_false(fits);
        assert_int_equal(err.kind, ERR_BLOCKED);
        assert_string_equal(err.reason, "too_large");
        segment_discard(&s);
        assert_int_equal(faccessat(p->fd, "." BASE ".sql.gz.tmp", F_OK, 0), -1);
        assert_int_equal(faccessat(p->fd, "." BASE ".sql.gz.cms.tmp", F_OK, 0), -1);
    }
}

static void test_publish(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(segment_discard) struct segment *s = NULL;
    const struct segment_result *result = NULL;
    const struct segment_target target = {p->fd, BASE, 3, NULL, 0};
    assert_true(segment_create(&target, &s, &err));
    write_samples(s);
    assert_true(segment_finish(s, &result, &err));
    assert_int_equal(faccessat(p->fd, BASE ".sql.gz", F_OK, 0), -1); /* not before publish */
    segment_discard(&s);
    write_segment(p, NULL, 3, &json);
    assert_true(segment_create(&target, &s, &err));
    write_samples(s);
    assert_true(segment_finish(s, &result, &err));
    assert_false(segment_publish(s, &err)); /* never over another one */
    CLEANUP(manifest_free) struct manifest *m = parse(&json);
    segment_discard(&s);
    assert_true(segment_check_file(p->fd, m, &err));
}

/* Compresses plain again, member by member as m has them, and tells m where they begin. */
static void pack_again(const struct text *plain, struct manifest *m, struct text *ret)
{
    struct error err = {0};
    CLEANUP(gzip_writer_free) struct gzip_writer *w = NULL;
    size_t from = 0;
    text_clear(ret);
    assert_true(gzip_writer_new(1, to_text, ret, &w, &err));
    for (size_t i = 0; i <= m->member_count + 1; i++) {
        size_t to = i < m->member_count   ? (size_t)m->members[i].offset
                    : i > m->member_count ? plain->length
                                          : from + (size_t)m->members[i - 1].bytes;
        assert_true(gzip_writer_add(w, plain->data + from, to - from, &err));
        assert_true(gzip_writer_end_member(w, &err));
        if (i < m->member_count)
            m->members[i].compressed_offset = ret->length;
        from = to;
    }
}

static struct manifest *load_sample(const struct place *p, struct text *ret_gzip,
                                    struct text *ret_plain)
{
    CLEANUP(text_free) struct text json = {0};
    write_segment(p, NULL, 3, &json);
    struct manifest *m = parse(&json);
    open_unsealed(p, m, ret_gzip);
    inflate_all(ret_gzip, ret_plain);
    return m;
}

/* Whoever can write the file can make gzip's own checks fit. */
static void test_any_changed_byte_of_the_text(void **state)
{
    CLEANUP(text_free) struct text gzip = {0};
    CLEANUP(text_free) struct text plain = {0};
    CLEANUP(manifest_free) struct manifest *m = load_sample(*state, &gzip, &plain);
    struct error err = {0};
    pack_again(&plain, m, &gzip);
    assert_true(segment_check_text(m, &gzip, &err));
    for (size_t i = 0; i < plain.length; i++) {
        plain.data[i] = (char)(plain.data[i] ^ 1);
        pack_again(&plain, m, &gzip);
        if (segment_check_text(m, &gzip, &err))
            fail_msg("byte %zu of the text may change unseen", i);
        assert_int_equal(err.kind, ERR_INTEGRITY);
        plain.data[i] = (char)(plain.data[i] ^ 1);
    }
}

static void test_any_changed_byte_of_the_file(void **state)
{
    const struct place *p = *state;
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(text_free) struct text bytes = {0};
    struct error err = {0};
    write_segment(p, "ec", 3, &json);
    CLEANUP(manifest_free) struct manifest *m = parse(&json);
    assert_true(file_read(p->fd, m->file_name, 1 << 20, &bytes, &err));
    for (size_t i = 0; i < bytes.length; i++) {
        bytes.data[i] = (char)(bytes.data[i] ^ 0x10);
        assert_true(file_replace(p->fd, m->file_name, bytes.data, bytes.length, &err));
        if (segment_check_file(p->fd, m, &err))
            fail_msg("byte %zu of the file may change unseen", i);
        assert_int_equal(err.kind, ERR_INTEGRITY);
        bytes.data[i] = (char)(bytes.data[i] ^ 0x10);
    }
}

enum damage { MORE_ROWS, FEWER_BYTES, OFFSET, TAIL, CUT, EPILOGUE_GONE, OTHER_TABLE, OTHER_COLUMN };

static void do_damage(enum damage damage, struct manifest *m, struct text *gzip)
{
    switch (damage) {
    case MORE_ROWS:
        m->members[0].rows++;
        break;
    case FEWER_BYTES:
        m->members[0].bytes = 3;
        break;
    case OFFSET:
        m->members[1].compressed_offset--;
        break;
    case TAIL:
        text_add_bytes(gzip, "\0", 1);
        break;
    case CUT:
        gzip->length -= 9;
        break;
    case EPILOGUE_GONE:
        gzip->length = (size_t)m->members[2].compressed_offset;
        break;
    case OTHER_TABLE:
        m->members[2].member.table = "agreement";
        break;
    case OTHER_COLUMN:
        m->members[1].member.columns = note_columns;
        break;
    }
}

static void test_damage(void **state)
{
    static const struct {
        const char *name;
        enum damage damage;
        const char *sentence;
    } cases[] = {
        {"manifest with a row more", MORE_ROWS, "it holds 3 rows, the manifest says 4"},
        {"manifest with too few bytes", FEWER_BYTES, "shorter than its own heading"},
        {"member begins elsewhere", OFFSET, "does not end where the manifest says"},
        {"something behind the end", TAIL, "does not end where the manifest says"},
        {"end is missing", CUT, "does not end where the manifest says"},
        {"a member and the end are missing", EPILOGUE_GONE, "nothing follows, though"},
        {"manifest names another table", OTHER_TABLE, "klant.agreement: its heading is not"},
        {"manifest names another column", OTHER_COLUMN, "its heading is not"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("case: %s\n", cases[i].name);
        struct error err = {0};
        CLEANUP(text_free) struct text gzip = {0};
        CLEANUP(text_free) struct text plain = {0};
        CLEANUP(manifest_free) struct manifest *m = load_sample(*state, &gzip, &plain);
        const struct segment_column *columns = m->members[1].member.columns;
        do_damage(cases[i].damage, m, &gzip);
        assert_false(segment_check_text(m, &gzip, &err));
        m->members[1].member.columns = columns;
        print_message("  %s\n", err.message);
        assert_int_equal(err.kind, ERR_INTEGRITY);
        assert_non_null(strstr(err.message, cases[i].sentence));
        assert_int_equal(unlinkat(((const struct place *)*state)->fd, m->file_name, 0), 0);
    }
}

static void test_keys(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(text_free) struct text gzip = {0};
    CLEANUP(seal_key_free) struct seal_key *key = NULL;
    CLEANUP(memory_release) char *path = key_path("rsa-other", ".key");
    write_segment(p, "rsa", 3, &json);
    CLEANUP(manifest_free) struct manifest *m = parse(&json);
    assert_false(segment_open(p->fd, m, NULL, &gzip, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "--key"));
    assert_true(seal_key_load(path, &key, &err));
    assert_false(segment_open(p->fd, m, key, &gzip, &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_PLACE(test_text),
        IN_PLACE(test_round_trip),
        IN_PLACE(test_large),
        IN_PLACE(test_no_rows_at_all),
        IN_PLACE(test_row_counts),
        IN_PLACE(test_out_of_order),
        IN_PLACE(test_too_large),
        IN_PLACE(test_publish),
        IN_PLACE(test_any_changed_byte_of_the_text),
        IN_PLACE(test_any_changed_byte_of_the_file),
        IN_PLACE(test_damage),
        IN_PLACE(test_keys),
    };
    return cmocka_run_group_tests_name("segment", tests, make_keys, remove_keys);
}
