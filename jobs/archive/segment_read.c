#include "jobs/archive/segment_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/gzip.h"
#include "common/memory.h"
#include "jobs/archive/segment_member.h"

/* One stretch of the plaintext: what it must begin and end with, and rows in between. */
struct stretch {
    struct text header;
    const char *trailer;
    uint64_t bytes;
    const struct segment_member_result *member; /* NULL: prologue and epilogue, no rows */
    uint64_t seen;
    uint64_t rows;
    char last; /* byte of the rows so far */
    struct digest *digest;
    seal_sink *sink; /* of the rows, may be NULL */
    void *context;
};

static void stretch_free(struct stretch *s)
{
    text_free(&s->header);
    digest_free(&s->digest);
}

static bool start_member(struct stretch *s, const struct manifest *m, size_t index,
                         struct error *err)
{
    s->member = &m->members[index];
    s->bytes = s->member->bytes;
    s->trailer = segment_member_trailer;
    s->seen = s->rows = 0;
    s->last = '\n';
    text_clear(&s->header);
    segment_member_header(&s->member->member, index + 1, &s->header);
    return s->digest != NULL || digest_new(&s->digest, err);
}

static void start_frame(struct stretch *s, const char *whole)
{
    s->member = NULL;
    s->trailer = "";
    s->seen = s->rows = 0;
    text_clear(&s->header);
    text_add(&s->header, whole);
    s->bytes = s->header.length;
}

static bool fault(const struct stretch *s, const char *what, struct error *err)
{
    CLEANUP(text_free) struct text title = {0};
    if (s->member == NULL)
        text_add(&title, "the frame around the tables");
    else
        segment_member_title(&s->member->member, &title);
    return error_set(err, ERR_INTEGRITY, "%s: %s", text_get(&title), what);
}

/* Compares the part of bytes that lies in [from, from + strlen(expected)) of the stretch. */
static bool matches(const struct stretch *s, const char *bytes, size_t length, uint64_t from,
                    const char *expected, size_t expected_length)
{
    uint64_t begin = s->seen > from ? s->seen : from;
    uint64_t end = s->seen + length;
    if (end > from + expected_length)
        end = from + expected_length;
    return begin >= end ||
           memcmp(bytes + (begin - s->seen), expected + (begin - from), (size_t)(end - begin)) == 0;
}

static bool give_rows(struct stretch *s, const char *bytes, size_t length, uint64_t from,
                      uint64_t to, struct error *err)
{
    uint64_t begin = s->seen > from ? s->seen : from;
    uint64_t end = s->seen + length < to ? s->seen + length : to;
    if (begin >= end)
        return true;
    const char *rows = bytes + (begin - s->seen);
    size_t size = (size_t)(end - begin);
    for (const char *p = rows; (p = memchr(p, '\n', (size_t)(rows + size - p))) != NULL; p++)
        s->rows++;
    s->last = rows[size - 1];
    return s->sink == NULL || s->sink(s->context, rows, size, err);
}

static bool end_member(struct stretch *s, struct error *err)
{
    char sha256[DIGEST_HEX_SIZE];
    if (!digest_finish_hex(s->digest, sha256, err))
        return false;
    if (strcmp(sha256, s->member->sha256) != 0)
        return fault(s, "its rows do not have the SHA-256 that stands in the manifest", err);
    /* psql would take the end of the member for a part of that row, and read on. */
    if (s->last != '\n')
        return fault(s, "its last row is cut off", err);
    if (s->rows == s->member->rows)
        return true;
    CLEANUP(memory_release)
    char *what = memory_format("it holds %llu rows, the manifest says %llu",
                               (unsigned long long)s->rows, (unsigned long long)s->member->rows);
    return fault(s, what, err);
}

/* Takes what belongs to the stretch; *ret_taken bytes of it. */
static bool stretch_add(struct stretch *s, const char *bytes, size_t length, size_t *ret_taken,
                        struct error *err)
{
    size_t trailer_length = strlen(s->trailer);
    uint64_t left = s->bytes - s->seen;
    size_t take = length < left ? length : (size_t)left;
    if (s->bytes < s->header.length + trailer_length)
        return fault(s, "it is shorter than its own heading", err);
    if (!matches(s, bytes, take, 0, text_get(&s->header), s->header.length))
        return fault(s, "its heading is not the one the manifest asks for", err);
    if (!matches(s, bytes, take, s->bytes - trailer_length, s->trailer, trailer_length))
        return fault(s, "its end is not the one the manifest asks for", err);
    if (!give_rows(s, bytes, take, s->header.length, s->bytes - trailer_length, err))
        return false;
    if (s->member != NULL && !digest_add(s->digest, bytes, take, err))
        return false;
    s->seen += take;
    *ret_taken = take;
    return s->member == NULL || s->seen < s->bytes || take == 0 || end_member(s, err);
}

/* The whole plaintext as one stretch after the other: 0 is the prologue, count + 1 the epilogue. */
struct walk {
    const struct manifest *m;
    size_t next;
    struct stretch now;
};

static void walk_free(struct walk *w)
{
    stretch_free(&w->now);
}

static bool walk_on(struct walk *w, struct error *err)
{
    size_t number = w->next++;
    if (number > 0 && number <= w->m->member_count)
        return start_member(&w->now, w->m, number - 1, err);
    CLEANUP(text_free) struct text epilogue = {0};
    if (number > 0)
        segment_epilogue(w->m->members, w->m->member_count, &epilogue);
    start_frame(&w->now, number == 0 ? segment_prologue : text_get(&epilogue));
    return true;
}

static bool sink_walk(void *context, const void *bytes, size_t length, struct error *err)
{
    struct walk *w = context;
    const char *next = bytes;
    while (length > 0) {
        size_t taken = 0;
        if (w->now.seen == w->now.bytes) {
            if (w->next > w->m->member_count + 1)
                return fault(&w->now, "more follows than the manifest says", err);
            if (!walk_on(w, err))
                return false;
        }
        if (!stretch_add(&w->now, next, length, &taken, err))
            return false;
        next += taken;
        length -= taken;
    }
    return true;
}

/* Feeds one gzip member after the other, so that each must begin where the manifest says. */
static bool walk_members(struct walk *w, struct gzip_reader *reader, const struct text *gzip,
                         struct error *err)
{
    size_t from = 0;
    for (size_t i = 0; i <= w->m->member_count; i++) {
        size_t to =
            i == w->m->member_count ? gzip->length : (size_t)w->m->members[i].compressed_offset;
        if (to < from || to > gzip->length)
            return error_set(err, ERR_INTEGRITY,
                             "the compressed text is shorter than its manifest"
                             " says");
        if (!gzip_reader_add(reader, text_get(gzip) + from, to - from, err))
            return false;
        if (!gzip_reader_at_member_end(reader) || w->now.seen != w->now.bytes ||
            (i < w->m->member_count && w->next != i + 1))
            return fault(&w->now, "it does not end where the manifest says", err);
        from = to;
    }
    if (w->next != w->m->member_count + 2)
        return fault(&w->now, "nothing follows, though the manifest says so", err);
    return true;
}

bool segment_check_text(const struct manifest *m, const struct text *gzip, struct error *err)
{
    CLEANUP(walk_free) struct walk w = {.m = m};
    CLEANUP(gzip_reader_free) struct gzip_reader *reader = NULL;
    if (!walk_on(&w, err) || !gzip_reader_new(sink_walk, &w, &reader, err) ||
        !walk_members(&w, reader, gzip, err))
        return error_context(err, "%s", m->file_name);
    return true;
}

/* After the last member comes the epilogue, in the same piece: not of this stretch, not looked at.
 */
static bool sink_stretch(void *context, const void *bytes, size_t length, struct error *err)
{
    struct stretch *s = context;
    size_t taken;
    return s->seen == s->bytes || stretch_add(s, bytes, length, &taken, err);
}

bool segment_read_rows(const struct manifest *m, size_t index, const struct text *gzip,
                       seal_sink *sink, void *context, struct error *err)
{
    CLEANUP(stretch_free) struct stretch s = {.sink = sink, .context = context};
    CLEANUP(gzip_reader_free) struct gzip_reader *reader = NULL;
    size_t from = (size_t)m->members[index].compressed_offset;
    size_t to = index + 1 == m->member_count ? gzip->length
                                             : (size_t)m->members[index + 1].compressed_offset;
    if (from > to || to > gzip->length)
        return error_set(err, ERR_INTEGRITY,
                         "%s: the compressed text is shorter than its manifest"
                         " says",
                         m->file_name);
    if (!start_member(&s, m, index, err) || !gzip_reader_new(sink_stretch, &s, &reader, err) ||
        !gzip_reader_add(reader, text_get(gzip) + from, to - from, err))
        return error_context(err, "%s", m->file_name);
    return s.seen == s.bytes || fault(&s, "it ends too early", err);
}

static bool compare_file(const struct manifest *m, uint64_t bytes, const char *sha256,
                         struct error *err)
{
    if (bytes != m->file_bytes)
        return error_set(err, ERR_INTEGRITY, "%s has %llu bytes, its manifest says %llu",
                         m->file_name, (unsigned long long)bytes,
                         (unsigned long long)m->file_bytes);
    if (strcmp(sha256, m->file_sha256) != 0)
        return error_set(err, ERR_INTEGRITY,
                         "%s does not have the SHA-256 that stands in its manifest", m->file_name);
    return true;
}

/* A file that is gone is no trouble of the disk. */
static bool missing(const struct manifest *m, struct error *err)
{
    if (err->kind == ERR_IO && err->sys_errno == ENOENT)
        error_set(err, ERR_INTEGRITY, "%s is not there; put it back from a backup", m->file_name);
    return false;
}

bool segment_check_file(int dir_fd, const struct manifest *m, struct error *err)
{
    uint64_t bytes;
    char sha256[DIGEST_HEX_SIZE];
    if (!file_digest(dir_fd, m->file_name, &bytes, sha256, err))
        return missing(m, err);
    return compare_file(m, bytes, sha256, err);
}

bool segment_open(int dir_fd, const struct manifest *m, const struct seal_key *key,
                  struct text *ret_gzip, struct error *err)
{
    CLEANUP(text_free) struct text bytes = {0};
    char sha256[DIGEST_HEX_SIZE];
    if (m->sealed && key == NULL)
        return error_set(err, ERR_USAGE,
                         "%s is sealed; give the private key of a recipient with "
                         "--key FILE",
                         m->file_name);
    if (!file_read(dir_fd, m->file_name, SEGMENT_MAX_BYTES, &bytes, err))
        return missing(m, err);
    if (!digest_bytes_hex(text_get(&bytes), bytes.length, sha256, err) ||
        !compare_file(m, bytes.length, sha256, err))
        return false;
    if (!m->sealed) {
        *ret_gzip = bytes;
        bytes = (struct text){0};
        return true;
    }
    if (!seal_open(key, text_get(&bytes), bytes.length, ret_gzip, err))
        return error_context(err, "%s", m->file_name);
    return true;
}

void segment_text_free(struct text *gzip)
{
    if (gzip->data != NULL)
        explicit_bzero(gzip->data, gzip->length);
    text_free(gzip);
}
