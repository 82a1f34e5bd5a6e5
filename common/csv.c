#include "common/csv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

struct csv {
    FILE *file;
    const char *path;
    char separator;    /* '\0': not known yet */
    uint64_t line;     /* that is being read */
    struct text bytes; /* of the fields of the record, each with its NUL */
    size_t *starts;    /* of the fields in them */
    const char **fields;
    size_t count, capacity;
};

void csv_close(struct csv **c)
{
    if (*c == NULL)
        return;
    if ((*c)->file != NULL && (*c)->file != stdin)
        fclose((*c)->file);
    text_free(&(*c)->bytes);
    free((*c)->starts);
    free((*c)->fields);
    free(*c);
    *c = NULL;
}

static bool refuse(const struct csv *c, uint64_t line, const char *what, struct error *err)
{
    return error_set(err, ERR_USAGE, "%s:%" PRIu64 ": %s", c->path, line, what);
}

static int peek(const struct csv *c)
{
    int byte = getc_unlocked(c->file);
    if (byte != EOF)
        ungetc(byte, c->file);
    return byte;
}

static void skip_bom(struct csv *c)
{
    static const unsigned char bom[] = {0xEF, 0xBB, 0xBF};
    if (peek(c) != bom[0])
        return;
    (void)getc_unlocked(c->file);
    /* No text begins with this byte alone. */
    for (size_t i = 1; i < sizeof bom && peek(c) == bom[i]; i++)
        (void)getc_unlocked(c->file);
}

bool csv_open(const char *path, struct csv **ret, struct error *err)
{
    CLEANUP(csv_close) struct csv *c = memory_alloc(sizeof *c);
    c->path = strcmp(path, "-") == 0 ? "standard input" : path;
    c->separator = ',';
    c->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (c->file == NULL) {
        error_set_errno(err, "cannot open %s", path);
        err->kind = ERR_USAGE;
        return false;
    }
    skip_bom(c);
    *ret = c;
    c = NULL;
    return true;
}

void csv_detect_separator(struct csv *c)
{
    c->separator = '\0';
}

static bool is_separator(struct csv *c, int byte)
{
    if (c->separator == '\0' && (byte == ',' || byte == ';' || byte == '\t'))
        c->separator = (char)byte;
    return byte == c->separator && c->separator != '\0';
}

/* At the end of a record: LF, CRLF, or the end of the file. */
static bool is_end(struct csv *c, int byte)
{
    if (byte == '\r' && peek(c) == '\n')
        byte = getc_unlocked(c->file);
    if (byte == '\n')
        c->line++;
    return byte == '\n' || byte == EOF;
}

static bool add_byte(struct csv *c, int byte, uint64_t line, struct error *err)
{
    char one = (char)byte;
    if (byte == '\0')
        return refuse(c, line, "holds a NUL byte: this is no text file in UTF-8", err);
    if (c->bytes.length >= CSV_RECORD_MAX_BYTES)
        return refuse(c, line, "is longer than 64 KiB; is a closing quote missing?", err);
    text_add_bytes(&c->bytes, &one, 1);
    return true;
}

/* Behind the opening quote, to the one that closes it. */
static bool read_quoted(struct csv *c, uint64_t line, struct error *err)
{
    for (;;) {
        int byte = getc_unlocked(c->file);
        if (byte == EOF)
            return refuse(c, line, "has a quote that is not closed", err);
        if (byte == '"' && peek(c) != '"')
            return true;
        if (byte == '"')
            (void)getc_unlocked(c->file);
        c->line += byte == '\n';
        if (!add_byte(c, byte, line, err))
            return false;
    }
}

static void trim(struct csv *c, size_t start)
{
    while (c->bytes.length > start && strchr(" \t", c->bytes.data[c->bytes.length - 1]) != NULL)
        c->bytes.length--;
}

/* *ret_more: another field of the record follows. */
static bool read_field(struct csv *c, uint64_t line, bool *ret_more, struct error *err)
{
    size_t start = c->bytes.length;
    bool quoted = false;
    for (;;) {
        int byte = getc_unlocked(c->file);
        bool separates = is_separator(c, byte);
        if (separates || is_end(c, byte)) {
            if (!quoted)
                trim(c, start);
            text_add_bytes(&c->bytes, "", 1);
            *ret_more = separates;
            return true;
        }
        bool blank = byte == ' ' || byte == '\t';
        if (blank && (quoted || c->bytes.length == start))
            continue;
        if (quoted)
            return refuse(c, line, "has something behind a closing quote", err);
        if (byte == '"' && c->bytes.length == start) {
            quoted = true;
            if (!read_quoted(c, line, err))
                return false;
        } else if (!add_byte(c, byte, line, err)) {
            return false;
        }
    }
}

static void note_field(struct csv *c, size_t start)
{
    if (c->count == c->capacity) {
        c->capacity = c->capacity == 0 ? 8 : c->capacity * 2;
        c->starts = memory_resize(c->starts, c->capacity, sizeof *c->starts);
        c->fields = memory_resize(c->fields, c->capacity, sizeof *c->fields);
    }
    c->starts[c->count++] = start;
}

static bool read_record(struct csv *c, uint64_t line, struct error *err)
{
    bool more = true;
    text_clear(&c->bytes);
    c->count = 0;
    while (more) {
        note_field(c, c->bytes.length);
        if (!read_field(c, line, &more, err))
            return false;
    }
    for (size_t i = 0; i < c->count; i++)
        c->fields[i] = c->bytes.data + c->starts[i];
    return true;
}

bool csv_next(struct csv *c, struct csv_record *ret, bool *ret_there, struct error *err)
{
    uint64_t line;
    int byte;
    errno = 0;
    do {
        line = c->line + 1;
        byte = peek(c);
        if (byte == EOF) {
            *ret_there = false;
            return !ferror(c->file) || error_set_errno(err, "cannot read %s", c->path);
        }
        if (!read_record(c, line, err))
            return false;
    } while (c->count == 1 && c->bytes.length == 1 && byte != '"');
    if (ferror(c->file))
        return error_set_errno(err, "cannot read %s", c->path);
    if (c->separator == '\0')
        c->separator = ',';
    *ret = (struct csv_record){c->fields, c->count, line};
    *ret_there = true;
    return true;
}
