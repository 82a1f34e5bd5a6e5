/* A segment against its manifest: segment_open, segment_check_file, segment_check_text and
 * segment_read_rows.
 *
 * The input is a row of decisions: which members with which rows, and which damage where.  Digests,
 * offsets and sums are made to fit after some of the damage, so that what lies behind them is
 * reached.  What must be accepted is judged here by other means: the whole plaintext, gzip member
 * by gzip member, against the manifest. */
#include <fcntl.h>
#include <string.h>
#include <zlib.h>

#include "common/file.h"
#include "common/gzip.h"
#include "common/memory.h"
#include "jobs/archive/segment_member.h"
#include "jobs/archive/segment_read.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keys.h"

enum { MOST_MEMBERS = 4, MOST_DAMAGE = 4, LONGEST = 1 << 20 };

#define DIGITS "2223456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    (void)seed;
    return LLVMFuzzerMutate(data, size, max_size);
}

enum damage_kind {
    DAMAGE_NONE,
    DAMAGE_PLAIN,  /* a byte of the text, digests made to fit */
    DAMAGE_LATE,   /* a byte of the text, digests of the text before */
    DAMAGE_INSERT, /* bytes more in a part, digests made to fit */
    DAMAGE_REMOVE, /* bytes less in a part, digests made to fit */
    DAMAGE_GZIP,   /* a byte of the compressed text */
    DAMAGE_CUT,    /* the end of the compressed text is gone */
    DAMAGE_MORE,   /* something follows it */
    DAMAGE_ROWS,   /* numbers in the manifest */
    DAMAGE_BYTES,
    DAMAGE_PLACE,
    DAMAGE_DIGEST,
    DAMAGE_JOINED, /* no gzip member ends here */
    DAMAGE_SPLIT,  /* two gzip members in the place of one */
    DAMAGE_FILE,   /* a byte of the file on disk */
    DAMAGE_KINDS,
};

struct damage {
    enum damage_kind kind;
    unsigned part; /* 0: prologue, count + 1: epilogue */
    unsigned at;
    uint8_t value;
};

/* Everything about one input.  Parts: prologue, members, epilogue. */
struct attempt {
    struct segment_member_result members[MOST_MEMBERS];
    struct segment_column columns[MOST_MEMBERS][3];
    size_t count;
    struct text parts[MOST_MEMBERS + 2];
    struct damage damages[MOST_DAMAGE];
    size_t damage_count;
    int level;
    bool sealed;
    struct text gzip;
    uint64_t ends[MOST_MEMBERS + 2]; /* in gzip, of each part */
    struct manifest *m;
};

static void attempt_free(struct attempt *a)
{
    for (size_t i = 0; i < COUNT_OF(a->parts); i++)
        text_free(&a->parts[i]);
    text_free(&a->gzip);
    manifest_free(&a->m);
}

/* ---- made from decisions ---- */

static const char *const odd_names[] = {
    "klant",  "customer",    "odd\nDROP TABLE x;",   "no\"te\t\\",
    "id",     "pg_temp",     "\xc3\xa9\xe2\x82\xac", "x'); --",
    "a.b\"c", "\\.\nCOMMIT;"};

static const char *odd_name(struct decisions *d)
{
    return odd_names[decide(d) % COUNT_OF(odd_names)];
}

static uint64_t count_lines(const char *bytes, size_t length)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n' ? 1 : 0;
    return lines;
}

static void decide_member(struct attempt *a, size_t index, struct decisions *d)
{
    struct segment_member_result *result = &a->members[index];
    struct text *part = &a->parts[index + 1];
    size_t length;
    uint8_t shape = decide(d);
    size_t columns = 1 + shape % 3;
    bool unlinked = columns > 1 && (shape & 0x40) != 0;
    for (size_t i = 0; i < columns; i++)
        a->columns[index][i] = (struct segment_column){odd_name(d), "bigint", unlinked && i == 0};
    result->member = (struct segment_member){unlinked ? SEGMENT_UNLINKED : SEGMENT_ROWS,
                                             odd_name(d), odd_name(d), a->columns[index], columns};
    const char *rows = decide_bytes(d, decide_wide(d) % 4096, &length);
    unsigned times = (shape & 0x80) != 0 ? 1 + decide(d) : 1; /* more than zlib's and our buffers */
    segment_member_header(&result->member, index + 1, part);
    size_t before = part->length;
    for (unsigned i = 0; i < times; i++)
        text_add_bytes(part, rows, length);
    if (length == 0 || rows[length - 1] != '\n')
        text_add(part, "\n");
    result->rows = count_lines(part->data + before, part->length - before);
    text_add(part, segment_member_trailer);
}

static void decide_all(struct attempt *a, struct decisions *d)
{
    uint8_t head = decide(d);
    a->count = head % (MOST_MEMBERS + 1);
    a->sealed = (head & 0xe0) == 0xe0;
    a->damage_count = decide(d) % (MOST_DAMAGE + 1);
    a->level = 1 + decide(d) % 9;
    for (size_t i = 0; i < a->damage_count; i++)
        a->damages[i] = (struct damage){.kind = decide(d) % DAMAGE_KINDS,
                                        .part = decide(d) % (unsigned)(a->count + 2),
                                        .at = decide_wide(d),
                                        .value = decide(d)};
    text_add(&a->parts[0], segment_prologue);
    for (size_t i = 0; i < a->count; i++)
        decide_member(a, i, d);
    segment_epilogue(a->members, a->count, &a->parts[a->count + 1]);
}

/* ---- damage ---- */

static bool has_damage(const struct attempt *a, enum damage_kind kind, unsigned part)
{
    for (size_t i = 0; i < a->damage_count; i++)
        if (a->damages[i].kind == kind && (a->damages[i].part == part || kind == DAMAGE_FILE))
            return true;
    return false;
}

static bool is_whole(const struct attempt *a)
{
    for (size_t i = 0; i < a->damage_count; i++)
        if (a->damages[i].kind != DAMAGE_NONE && a->damages[i].kind != DAMAGE_SPLIT)
            return false;
    return true;
}

/* From the end for odd places: that is where trailers are. */
static size_t place_in(const struct damage *d, size_t length)
{
    size_t at = d->at / 2 % length;
    return d->at % 2 == 0 ? at : length - 1 - at;
}

static void damage_text(struct attempt *a, enum damage_kind kind)
{
    for (size_t i = 0; i < a->damage_count; i++) {
        const struct damage *d = &a->damages[i];
        struct text *part = &a->parts[d->part];
        if (d->kind != kind || part->length == 0)
            continue;
        size_t at = place_in(d, part->length);
        if (kind == DAMAGE_PLAIN || kind == DAMAGE_LATE) {
            part->data[at] ^= (char)d->value;
        } else if (kind == DAMAGE_INSERT) {
            char byte = (char)d->value;
            text_add_bytes(part, &byte, 1);
            memmove(part->data + at + 1, part->data + at, part->length - 1 - at);
            part->data[at] = byte;
        } else {
            size_t gone = 1 + d->value % (part->length - at);
            memmove(part->data + at, part->data + at + gone, part->length - at - gone);
            part->length -= gone;
        }
    }
}

/* Through a copy: text_add_bytes may move what it would read from. */
static void repeat(struct text *t, size_t at, size_t length)
{
    CLEANUP(memory_release) char *copy = memory_alloc(length);
    memcpy(copy, t->data + at, length);
    text_add_bytes(t, copy, length);
}

static void damage_gzip(struct attempt *a)
{
    for (size_t i = 0; i < a->damage_count; i++) {
        const struct damage *d = &a->damages[i];
        if (a->gzip.length == 0)
            return;
        size_t at = place_in(d, a->gzip.length);
        if (d->kind == DAMAGE_GZIP)
            a->gzip.data[at] ^= (char)d->value;
        else if (d->kind == DAMAGE_CUT)
            a->gzip.length = at;
        else if (d->kind == DAMAGE_MORE)
            repeat(&a->gzip, at, 1 + d->value % (a->gzip.length - at));
    }
}

static void damage_numbers(struct attempt *a)
{
    for (size_t i = 0; i < a->damage_count; i++) {
        const struct damage *d = &a->damages[i];
        if (d->part < 1 || d->part > a->count)
            continue;
        struct segment_member_result *member = &a->members[d->part - 1];
        uint64_t by = (uint64_t)(int64_t)(int8_t)d->value;
        if (d->kind == DAMAGE_ROWS)
            member->rows += by;
        else if (d->kind == DAMAGE_BYTES)
            member->bytes += d->at % 8 == 7 ? by << 40 : by;
        else if (d->kind == DAMAGE_PLACE)
            member->compressed_offset += by;
        else if (d->kind == DAMAGE_DIGEST)
            member->sha256[d->at % 64] = "0123456789abcdef"[d->value % 16];
    }
}

/* ---- file and manifest ---- */

static void compress_parts(struct attempt *a)
{
    struct error err = {0};
    CLEANUP(gzip_writer_free) struct gzip_writer *w = NULL;
    REQUIRE(gzip_writer_new(a->level, fuzz_sink, &a->gzip, &w, &err), "%s", err.message);
    for (unsigned i = 0; i < a->count + 2; i++) {
        const struct text *part = &a->parts[i];
        size_t half = has_damage(a, DAMAGE_SPLIT, i) ? part->length / 2 : 0;
        bool done = half == 0 ||
                    (gzip_writer_add(w, part->data, half, &err) && gzip_writer_end_member(w, &err));
        done = done && gzip_writer_add(w, text_get(part) + half, part->length - half, &err);
        if (done && !has_damage(a, DAMAGE_JOINED, i))
            done = gzip_writer_end_member(w, &err);
        REQUIRE(done, "%s", err.message);
        a->ends[i] = a->gzip.length;
    }
}

static void describe_parts(struct attempt *a)
{
    struct error err = {0};
    for (size_t i = 0; i < a->count; i++) {
        const struct text *part = &a->parts[i + 1];
        a->members[i].bytes = part->length;
        REQUIRE(digest_bytes_hex(text_get(part), part->length, a->members[i].sha256, &err), "%s",
                err.message);
    }
}

/* False when nobody could read such a manifest: not ours to try. */
static bool make_manifest(struct attempt *a, const struct text *file)
{
    static const char *const key[] = {"id"};
    struct error err = {0};
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(text_free) struct text epilogue = {0};
    struct segment_result result = {.members = a->members,
                                    .member_count = a->count,
                                    .plain_bytes = strlen(segment_prologue),
                                    .bytes = file->length,
                                    .file_name = a->sealed ? "s.sql.gz.cms" : "s.sql.gz"};
    for (size_t i = 0; i < a->count; i++) {
        a->members[i].offset = result.plain_bytes;
        result.plain_bytes += a->members[i].bytes;
        result.rows += a->members[i].rows;
    }
    segment_epilogue(a->members, a->count, &epilogue);
    result.plain_bytes += epilogue.length;
    REQUIRE(digest_bytes_hex(text_get(file), file->length, result.sha256, &err), "%s", err.message);
    const struct manifest_input input = {.segment_id = "1",
                                         .run_id = 1,
                                         .chain_no = 2,
                                         .created_at = 0,
                                         .policy = "p",
                                         .policy_version = "1",
                                         .fingerprint = "f",
                                         .as_of = "2026-11-22",
                                         .database_name = "d",
                                         .server_version = "15",
                                         .timezone = "UTC",
                                         .subject_schema = "s",
                                         .subject_table = "t",
                                         .key_columns = key,
                                         .key_column_count = 1,
                                         .segment = &result,
                                         .recipients = a->sealed ? fuzz_recipients(KEY_EC) : NULL,
                                         .previous_sha256 = DIGITS};
    REQUIRE(manifest_format(&input, &json, &err), "%s", err.message);
    return manifest_parse(text_get(&json), json.length, &a->m, &err);
}

static void seal(const struct text *gzip, struct text *ret)
{
    struct error err = {0};
    CLEANUP(seal_writer_free) struct seal_writer *w = NULL;
    REQUIRE(seal_writer_open(fuzz_recipients(KEY_EC), fuzz_sink, ret, &w, &err) &&
                seal_writer_add(w, text_get(gzip), gzip->length, &err) &&
                seal_writer_finish(w, &err),
            "%s", err.message);
}

/* ---- judged by other means ---- */

/* The plaintext of one piece of the compressed text; false unless it is gzip members, whole. */
static bool inflate_piece(const struct text *gzip, uint64_t from, uint64_t to, struct text *ret)
{
    static unsigned char out[65536];
    z_stream z = {0};
    int status = Z_OK;
    REQUIRE(inflateInit2(&z, 31) == Z_OK, "inflateInit2");
    z.next_in = (unsigned char *)gzip->data + from;
    z.avail_in = (uInt)(to - from);
    while (z.avail_in > 0 || z.avail_out == 0) {
        if (status == Z_STREAM_END)
            inflateReset(&z);
        z.next_out = out;
        z.avail_out = sizeof out;
        status = inflate(&z, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            break;
        text_add_bytes(ret, out, sizeof out - z.avail_out);
        if (status == Z_STREAM_END && z.avail_in == 0)
            break;
    }
    inflateEnd(&z);
    return status == Z_STREAM_END;
}

static bool is_member(const struct segment_member_result *member, size_t index, const char *bytes)
{
    CLEANUP(text_free) struct text header = {0};
    struct error err = {0};
    char sha256[DIGEST_HEX_SIZE];
    size_t tail = strlen(segment_member_trailer);
    segment_member_header(&member->member, index + 1, &header);
    if (member->bytes < header.length + tail || memcmp(bytes, header.data, header.length) != 0 ||
        memcmp(bytes + member->bytes - tail, segment_member_trailer, tail) != 0)
        return false;
    size_t length = (size_t)member->bytes - header.length - tail;
    const char *rows = bytes + header.length;
    REQUIRE(digest_bytes_hex(bytes, (size_t)member->bytes, sha256, &err), "%s", err.message);
    return strcmp(sha256, member->sha256) == 0 && count_lines(rows, length) == member->rows &&
           (length == 0 || rows[length - 1] == '\n');
}

/* Piece i of the compressed text holds part i; the last one holds the last two parts. */
static bool must_hold(const struct attempt *a)
{
    uint64_t from = 0;
    for (size_t i = 0; i <= a->count; i++) {
        bool last = i == a->count;
        uint64_t to = last ? a->gzip.length : a->m->members[i].compressed_offset;
        CLEANUP(text_free) struct text plain = {0};
        CLEANUP(text_free) struct text epilogue = {0};
        if (to <= from || to > a->gzip.length || !inflate_piece(&a->gzip, from, to, &plain))
            return false;
        uint64_t bytes = i == 0 ? strlen(segment_prologue) : a->m->members[i - 1].bytes;
        if (last)
            segment_epilogue(a->m->members, a->count, &epilogue);
        if (plain.length != bytes + epilogue.length ||
            memcmp(plain.data + bytes, text_get(&epilogue), epilogue.length) != 0 ||
            (i == 0 && memcmp(plain.data, segment_prologue, (size_t)bytes) != 0) ||
            (i > 0 && !is_member(&a->m->members[i - 1], i - 1, plain.data)))
            return false;
        from = to;
    }
    return true;
}

/* ---- the reader ---- */

/* What is given as rows is what the manifest has the digest of. */
static void check_rows(const struct attempt *a, bool holds)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct segment_member_result *member = &a->m->members[i];
        struct error err = {0};
        CLEANUP(text_free) struct text rows = {0};
        CLEANUP(text_free) struct text whole = {0};
        if (!segment_read_rows(a->m, i, &a->gzip, fuzz_sink, &rows, &err)) {
            fuzz_check_error(&err);
            REQUIRE(!holds, "member %zu of a good segment: %s", i, err.message);
            continue;
        }
        fuzz_reached("rows read");
        segment_member_header(&member->member, i + 1, &whole);
        text_add_bytes(&whole, text_get(&rows), rows.length);
        text_add(&whole, segment_member_trailer);
        REQUIRE(whole.length == member->bytes && is_member(member, i, whole.data),
                "member %zu gives rows that are not the manifest's", i);
    }
}

static void check_text(const struct attempt *a)
{
    struct error err = {0};
    bool expected = must_hold(a);
    bool holds = segment_check_text(a->m, &a->gzip, &err);
    if (!holds) {
        fuzz_check_error(&err);
        REQUIRE(err.kind == ERR_INTEGRITY, "kind %d: %s", (int)err.kind, err.message);
    }
    REQUIRE(holds == expected, "expected %d: %s", expected, err.message);
    REQUIRE(holds || !is_whole(a), "a segment without damage: %s", err.message);
    fuzz_reached(!holds ? "refused" : is_whole(a) ? "accepted" : "accepted, no damage of it seen");
    check_rows(a, holds);
}

static void check_file(struct attempt *a, struct text *file)
{
    static const char *paths[2];
    static int dir_fd = -1;
    struct error err = {0};
    CLEANUP(segment_text_free) struct text opened = {0};
    bool damaged = false;
    if (dir_fd < 0) {
        paths[0] = fuzz_path("s.sql.gz");
        paths[1] = fuzz_path("s.sql.gz.cms");
        CLEANUP(memory_release) char *dir = memory_copy_text(paths[0]);
        *strrchr(dir, '/') = '\0';
        dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    for (size_t i = 0; i < a->damage_count && file->length > 0; i++)
        if (a->damages[i].kind == DAMAGE_FILE) {
            file->data[place_in(&a->damages[i], file->length)] ^= (char)a->damages[i].value;
            damaged = true;
        }
    fuzz_store(paths[a->sealed], text_get(file), file->length, 0600);
    bool sound = segment_check_file(dir_fd, a->m, &err);
    REQUIRE(sound || (damaged && err.kind == ERR_INTEGRITY), "%s", err.message);
    bool open = segment_open(dir_fd, a->m, fuzz_key(KEY_EC), &opened, &err);
    REQUIRE(open == sound, "the file holds: %d, and can be opened: %d: %s", sound, open,
            err.message);
    if (!open) {
        fuzz_check_error(&err);
        REQUIRE(opened.data == NULL, "touched");
        return;
    }
    REQUIRE(opened.length == a->gzip.length &&
                memcmp(text_get(&opened), text_get(&a->gzip), opened.length) == 0,
            "opened, and not what was sealed");
    fuzz_reached(a->sealed ? "opened sealed" : "opened");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decisions d = {data, size};
    CLEANUP(attempt_free) struct attempt a = {0};
    CLEANUP(text_free) struct text file = {0};
    decide_all(&a, &d);
    damage_text(&a, DAMAGE_PLAIN);
    damage_text(&a, DAMAGE_INSERT);
    damage_text(&a, DAMAGE_REMOVE);
    describe_parts(&a);
    damage_text(&a, DAMAGE_LATE);
    compress_parts(&a);
    for (size_t i = 0; i < a.count; i++)
        a.members[i].compressed_offset = a.ends[i];
    damage_gzip(&a);
    damage_numbers(&a);
    if (a.sealed)
        seal(&a.gzip, &file);
    else
        text_add_bytes(&file, text_get(&a.gzip), a.gzip.length);
    if (!make_manifest(&a, &file)) {
        fuzz_reached("no manifest");
        return 0;
    }
    check_text(&a);
    check_file(&a, &file);
    return 0;
}
