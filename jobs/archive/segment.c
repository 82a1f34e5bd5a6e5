#include "jobs/archive/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fault_point.h"
#include "common/file.h"
#include "common/gzip.h"
#include "common/memory.h"
#include "jobs/archive/segment_member.h"

/* Rows arrive one at a time; deflate, digest and inflate like larger pieces. */
#define BUFFER_SIZE ((size_t)256 << 10)

/* What went through one end of the compressor since the present member began. */
struct stream_tally {
    struct digest *digest;
    uint64_t bytes;
    uint64_t lines;
};

struct segment {
    struct new_file *file;
    struct digest *file_digest;
    struct seal_writer *seal; /* NULL = unsealed */
    struct gzip_writer *gzip;
    struct gzip_reader *inflate; /* reads back what gzip writes, while it writes */
    struct stream_tally in;      /* before the compressor */
    struct stream_tally out;     /* after the parallel inflate */
    uint64_t compressed_bytes;
    uint64_t plain_bytes; /* of the members that are complete */
    uint64_t max_bytes;
    char *buffer;
    size_t buffered;
    char *file_name;

    bool in_member;
    struct segment_member member; /* a copy, moves to the results with the member's end */
    bool member_has_rows;
    uint64_t member_rows;
    uint64_t member_compressed_offset;

    struct segment_member_result *members;
    size_t member_count, member_capacity;
    struct segment_result result;
};

static uint64_t count_lines(const char *bytes, size_t length)
{
    uint64_t lines = 0;
    const char *end = bytes + length;
    for (const char *p = bytes; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
        lines++;
    return lines;
}

static bool tally_add(struct stream_tally *tally, const void *bytes, size_t length,
                      struct error *err)
{
    tally->bytes += length;
    tally->lines += count_lines(bytes, length);
    return digest_add(tally->digest, bytes, length, err);
}

static bool sink_file(void *context, const void *bytes, size_t length, struct error *err)
{
    struct segment *s = context;
    if (new_file_size(s->file) + length > s->max_bytes) {
        error_set(err, ERR_BLOCKED,
                  "segment %s would pass %llu MiB, more than can be opened again; make the setting "
                  "run.batch smaller",
                  s->file_name, (unsigned long long)(s->max_bytes >> 20));
        snprintf(err->reason, sizeof err->reason, "too_large");
        return false;
    }
    return digest_add(s->file_digest, bytes, length, err) &&
           new_file_write(s->file, bytes, length, err);
}

static bool sink_inflated(void *context, const void *bytes, size_t length, struct error *err)
{
    struct segment *s = context;
    return tally_add(&s->out, bytes, length, err);
}

static bool sink_compressed(void *context, const void *bytes, size_t length, struct error *err)
{
    struct segment *s = context;
    s->compressed_bytes += length;
    if (!gzip_reader_add(s->inflate, bytes, length, err))
        return false;
    if (s->seal != NULL)
        return seal_writer_add(s->seal, bytes, length, err);
    return sink_file(s, bytes, length, err);
}

static bool flush(struct segment *s, struct error *err)
{
    size_t length = s->buffered;
    s->buffered = 0;
    return length == 0 || (tally_add(&s->in, s->buffer, length, err) &&
                           gzip_writer_add(s->gzip, s->buffer, length, err));
}

static bool add_plain(struct segment *s, const char *bytes, size_t length, struct error *err)
{
    while (length > 0) {
        size_t room = BUFFER_SIZE - s->buffered;
        size_t piece = length < room ? length : room;
        memcpy(s->buffer + s->buffered, bytes, piece);
        s->buffered += piece;
        bytes += piece;
        length -= piece;
        if (s->buffered == BUFFER_SIZE && !flush(s, err))
            return false;
    }
    return true;
}

/* Ends a gzip member: what the inflate gave back must be what went in. */
static bool end_gzip_member(struct segment *s, char ret_sha256[static DIGEST_HEX_SIZE],
                            uint64_t *ret_bytes, uint64_t *ret_lines, struct error *err)
{
    char out[DIGEST_HEX_SIZE];
    char in[DIGEST_HEX_SIZE];
    if (!flush(s, err) || !gzip_writer_end_member(s->gzip, err) ||
        !digest_finish_hex(s->in.digest, in, err) || !digest_finish_hex(s->out.digest, out, err))
        return false;
    if (!gzip_reader_at_member_end(s->inflate) || strcmp(in, out) != 0 ||
        s->in.bytes != s->out.bytes || s->in.lines != s->out.lines)
        return error_set(err, ERR_INTEGRITY,
                         "segment %s: the compressed rows do not give back the rows that went in",
                         s->file_name);
    memcpy(ret_sha256, in, sizeof in);
    *ret_bytes = s->in.bytes;
    *ret_lines = s->in.lines;
    s->plain_bytes += s->in.bytes;
    s->in.bytes = s->out.bytes = 0;
    s->in.lines = s->out.lines = 0;
    return true;
}

static bool add_frame_member(struct segment *s, const char *plain, struct error *err)
{
    char sha256[DIGEST_HEX_SIZE];
    uint64_t bytes;
    uint64_t lines;
    return add_plain(s, plain, strlen(plain), err) &&
           end_gzip_member(s, sha256, &bytes, &lines, err);
}

static bool open_chain(struct segment *s, const struct segment_target *target, struct error *err)
{
    if (!new_file_create(target->dir_fd, s->file_name, &s->file, err) ||
        !digest_new(&s->file_digest, err) || !digest_new(&s->in.digest, err) ||
        !digest_new(&s->out.digest, err))
        return false;
    FAULT_POINT("segment.opened");
    if (target->recipients != NULL &&
        !seal_writer_open(target->recipients, sink_file, s, &s->seal, err))
        return false;
    return gzip_reader_new(sink_inflated, s, &s->inflate, err) &&
           gzip_writer_new(target->compression, sink_compressed, s, &s->gzip, err);
}

bool segment_create(const struct segment_target *target, struct segment **ret, struct error *err)
{
    CLEANUP(segment_discard) struct segment *s = memory_alloc(sizeof *s);
    const char *ending = target->recipients == NULL ? ".sql.gz" : ".sql.gz.cms";
    s->file_name = memory_format("%s%s", target->base, ending);
    s->max_bytes = target->max_bytes == 0 ? SEGMENT_MAX_BYTES : target->max_bytes;
    s->buffer = memory_resize(NULL, BUFFER_SIZE, 1);
    if (!open_chain(s, target, err) || !add_frame_member(s, segment_prologue, err))
        return error_context(err, "create segment %s", s->file_name);
    FAULT_POINT("segment.created");
    *ret = s;
    s = NULL;
    return true;
}

bool segment_begin_member(struct segment *s, const struct segment_member *member, struct error *err)
{
    if (s->in_member)
        return error_set(err, ERR_INTEGRITY, "segment %s: a member was begun inside another",
                         s->file_name);
    segment_member_copy(member, &s->member);
    s->in_member = true;
    s->member_has_rows = false;
    s->member_rows = 0;
    FAULT_POINT("segment.member_begun");
    return true;
}

/* Written with the first row: a member without rows leaves no trace. */
static bool add_member_header(struct segment *s, struct error *err)
{
    CLEANUP(text_free) struct text header = {0};
    segment_member_header(&s->member, s->member_count + 1, &header);
    s->member_has_rows = true;
    s->member_compressed_offset = s->compressed_bytes;
    return add_plain(s, text_get(&header), header.length, err);
}

bool segment_add_rows(struct segment *s, const char *rows, size_t length, struct error *err)
{
    if (length == 0)
        return true;
    if (!s->member_has_rows && !add_member_header(s, err))
        return false;
    s->member_rows += count_lines(rows, length);
    return add_plain(s, rows, length, err);
}

static bool check_rows(const struct segment *s, uint64_t expected, uint64_t found,
                       struct error *err)
{
    if (found == expected)
        return true;
    CLEANUP(text_free) struct text title = {0};
    segment_member_title(&s->member, &title);
    return error_set(err, ERR_INTEGRITY,
                     "segment %s: the server sent %llu rows of %s, %llu came through", s->file_name,
                     (unsigned long long)expected, text_get(&title), (unsigned long long)found);
}

static void add_result(struct segment *s, const struct segment_member_result *result)
{
    MEMORY_GROW(s->members, s->member_count, s->member_capacity);
    struct segment_member_result *slot = &s->members[s->member_count++];
    *slot = *result;
    slot->member = s->member;
    s->member = (struct segment_member){0};
    s->result.rows += slot->rows;
}

bool segment_end_member(struct segment *s, uint64_t expected_rows, struct error *err)
{
    if (!check_rows(s, expected_rows, s->member_rows, err))
        return false;
    if (s->member_has_rows) {
        CLEANUP(text_free) struct text header = {0};
        struct segment_member_result result = {.rows = s->member_rows,
                                               .offset = s->plain_bytes,
                                               .compressed_offset = s->member_compressed_offset};
        uint64_t lines;
        segment_member_header(&s->member, s->member_count + 1, &header);
        uint64_t frame_lines = count_lines(text_get(&header), header.length) + 1;
        if (!add_plain(s, segment_member_trailer, strlen(segment_member_trailer), err) ||
            !end_gzip_member(s, result.sha256, &result.bytes, &lines, err) ||
            !check_rows(s, expected_rows, lines - frame_lines, err))
            return false;
        add_result(s, &result);
    }
    segment_member_free(&s->member);
    s->in_member = false;
    FAULT_POINT("segment.member_ended");
    return true;
}

/* What stands on the disk must be what was written, before anything that depends on it commits. */
static bool compare_with_disk(struct segment *s, struct error *err)
{
    uint64_t bytes;
    char sha256[DIGEST_HEX_SIZE];
    FAULT_POINT("segment.sealed");
    if (!digest_finish_hex(s->file_digest, s->result.sha256, err) ||
        !new_file_read_back(s->file, &bytes, sha256, err))
        return false;
    s->result.bytes = new_file_size(s->file);
    if (bytes == s->result.bytes && strcmp(sha256, s->result.sha256) == 0)
        return true;
    return error_set(err, ERR_INTEGRITY,
                     "segment %s: the file read back from the disk is not what was written; check "
                     "the disk and its memory",
                     s->file_name);
}

bool segment_finish(struct segment *s, const struct segment_result **ret_result, struct error *err)
{
    if (s->in_member)
        return error_set(err, ERR_INTEGRITY, "segment %s: finished inside a member", s->file_name);
    CLEANUP(text_free) struct text epilogue = {0};
    segment_epilogue(s->members, s->member_count, &epilogue);
    if (!add_frame_member(s, text_get(&epilogue), err) ||
        (s->seal != NULL && !seal_writer_finish(s->seal, err)) || !compare_with_disk(s, err))
        return error_context(err, "finish segment %s", s->file_name);
    s->result.members = s->members;
    s->result.member_count = s->member_count;
    s->result.plain_bytes = s->plain_bytes;
    s->result.file_name = s->file_name;
    FAULT_POINT("segment.finished");
    *ret_result = &s->result;
    return true;
}

bool segment_publish(struct segment *s, struct error *err)
{
    return new_file_publish(s->file, err);
}

void segment_discard(struct segment **segment)
{
    struct segment *s = *segment;
    if (s == NULL)
        return;
    gzip_writer_free(&s->gzip);
    gzip_reader_free(&s->inflate);
    seal_writer_free(&s->seal);
    digest_free(&s->in.digest);
    digest_free(&s->out.digest);
    digest_free(&s->file_digest);
    new_file_discard(&s->file);
    for (size_t i = 0; i < s->member_count; i++)
        segment_member_free(&s->members[i].member);
    segment_member_free(&s->member);
    free(s->members);
    free(s->buffer);
    free(s->file_name);
    free(s);
    *segment = NULL;
}
