#include "common/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/memory.h"

enum {
    OUTPUT_SIZE = 64 * 1024,
    GZIP_WINDOW_BITS =
        15 + 16,      /* zlib manual: + 16 means a gzip header and trailer, nothing else */
    MEMORY_LEVEL = 8, /* zlib's default */
};

struct gzip_writer {
    z_stream stream;
    seal_sink *sink;
    void *context;
    struct error failure; /* kind != ERR_NONE: bytes are missing, so nothing more is taken */
    unsigned char output[OUTPUT_SIZE];
};

struct gzip_reader {
    z_stream stream;
    seal_sink *sink;
    void *context;
    struct error failure;
    bool member_ended;
    unsigned char output[OUTPUT_SIZE];
};

static bool fail_with(struct error *failure, const struct error *cause, struct error *err)
{
    if (failure->kind == ERR_NONE)
        *failure = *cause;
    *err = *failure;
    return false;
}

bool gzip_writer_new(int level, seal_sink *sink, void *context, struct gzip_writer **ret,
                     struct error *err)
{
    if (level < 1 || level > 9)
        return error_set(err, ERR_USAGE, "compression level %d: use 1 (fast) to 9 (small)", level);
    struct gzip_writer *w = memory_alloc(sizeof *w);
    w->sink = sink;
    w->context = context;
    int status = deflateInit2(&w->stream, level, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
                              Z_DEFAULT_STRATEGY);
    if (status != Z_OK) {
        free(w);
        return error_set(err, ERR_IO, "zlib cannot start to compress (%s)", zError(status));
    }
    *ret = w;
    return true;
}

/* Runs deflate until it has nothing more to give for `flush`. */
static bool push(struct gzip_writer *w, int flush, struct error *err)
{
    do {
        w->stream.next_out = w->output;
        w->stream.avail_out = OUTPUT_SIZE;
        int status = deflate(&w->stream, flush);
        struct error cause = {0};
        if (status == Z_STREAM_ERROR) {
            (void)error_set(&cause, ERR_IO, "zlib cannot compress (%s)", zError(status));
            return fail_with(&w->failure, &cause, err);
        }
        size_t made = OUTPUT_SIZE - w->stream.avail_out;
        if (made > 0 && !w->sink(w->context, w->output, made, &cause))
            return fail_with(&w->failure, &cause, err);
    } while (w->stream.avail_out == 0);
    return true;
}

bool gzip_writer_add(struct gzip_writer *w, const void *bytes, size_t length, struct error *err)
{
    const unsigned char *next = bytes;
    if (w->failure.kind != ERR_NONE)
        return fail_with(&w->failure, NULL, err);
    while (length > 0) {
        uInt piece = length > INT_MAX ? INT_MAX : (uInt)length;
        w->stream.next_in = (unsigned char *)next; /* zlib only reads it */
        w->stream.avail_in = piece;
        if (!push(w, Z_NO_FLUSH, err))
            return false;
        next += piece;
        length -= piece;
    }
    return true;
}

bool gzip_writer_end_member(struct gzip_writer *w, struct error *err)
{
    if (w->failure.kind != ERR_NONE)
        return fail_with(&w->failure, NULL, err);
    w->stream.next_in = NULL;
    w->stream.avail_in = 0;
    if (!push(w, Z_FINISH, err))
        return false;
    deflateReset(&w->stream);
    return true;
}

void gzip_writer_free(struct gzip_writer **w)
{
    if (*w == NULL)
        return;
    deflateEnd(&(*w)->stream);
    free(*w);
    *w = NULL;
}

bool gzip_reader_new(seal_sink *sink, void *context, struct gzip_reader **ret, struct error *err)
{
    struct gzip_reader *r = memory_alloc(sizeof *r);
    r->sink = sink;
    r->context = context;
    int status = inflateInit2(&r->stream, GZIP_WINDOW_BITS);
    if (status != Z_OK) {
        free(r);
        return error_set(err, ERR_IO, "zlib cannot start to decompress (%s)", zError(status));
    }
    *ret = r;
    return true;
}

/* One step of inflate; a member that ended is followed by the next one. */
static bool pull(struct gzip_reader *r, struct error *err)
{
    if (r->member_ended) {
        inflateReset(&r->stream);
        r->member_ended = false;
    }
    r->stream.next_out = r->output;
    r->stream.avail_out = OUTPUT_SIZE;
    int status = inflate(&r->stream, Z_NO_FLUSH);
    struct error cause = {0};
    /* Z_BUF_ERROR only says that there was no input left to work on. */
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        (void)error_set(&cause, ERR_INTEGRITY, "the compressed data is damaged (%s)",
                        r->stream.msg != NULL ? r->stream.msg : zError(status));
        return fail_with(&r->failure, &cause, err);
    }
    size_t made = OUTPUT_SIZE - r->stream.avail_out;
    if (made > 0 && !r->sink(r->context, r->output, made, &cause))
        return fail_with(&r->failure, &cause, err);
    r->member_ended = status == Z_STREAM_END;
    return true;
}

bool gzip_reader_add(struct gzip_reader *r, const void *bytes, size_t length, struct error *err)
{
    const unsigned char *next = bytes;
    if (r->failure.kind != ERR_NONE)
        return fail_with(&r->failure, NULL, err);
    while (length > 0) {
        uInt piece = length > INT_MAX ? INT_MAX : (uInt)length;
        r->stream.next_in = (unsigned char *)next; /* zlib only reads it */
        r->stream.avail_in = piece;
        while (r->stream.avail_in > 0)
            if (!pull(r, err))
                return false;
        next += piece;
        length -= piece;
    }
    return true;
}

bool gzip_reader_at_member_end(const struct gzip_reader *r)
{
    return r->member_ended && r->failure.kind == ERR_NONE;
}

void gzip_reader_free(struct gzip_reader **r)
{
    if (*r == NULL)
        return;
    inflateEnd(&(*r)->stream);
    explicit_bzero((*r)->output, sizeof(*r)->output); /* plaintext of customers */
    free(*r);
    *r = NULL;
}
