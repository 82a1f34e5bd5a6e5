#include "jobs/report/pack_evidence.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/memory.h"
#include "jobs/archive/manifest_read.h"
#include "jobs/archive/store.h"

struct named { /* a manifest that a line of the journal names */
    char *base;
    char sha256[DIGEST_HEX_SIZE];
    uint64_t line;
};

struct stretch { /* of the journal: the lines of the period */
    const struct pack_period *period;
    uint64_t first, last; /* numbers of lines; 0: none yet */
    char previous[DIGEST_HEX_SIZE];
    struct named *manifests;
    size_t count, capacity;
};

static void stretch_free(struct stretch *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->manifests[i].base);
    free(s->manifests);
}

static void note_manifest(struct stretch *s, uint64_t number, const json_t *line)
{
    const char *base = json_string_value(json_object_get(line, "file"));
    const char *sha256 = json_string_value(json_object_get(line, "manifest_sha256"));
    const char *event = json_string_value(json_object_get(line, "event"));
    if (strcmp(event, "segment") != 0 || base == NULL || sha256 == NULL)
        return;
    MEMORY_GROW(s->manifests, s->count, s->capacity);
    struct named *m = &s->manifests[s->count++];
    *m = (struct named){.base = memory_copy_text(base), .line = number};
    snprintf(m->sha256, sizeof m->sha256, "%s", sha256);
}

/* A line that was written late is older than its neighbours: so the stretch goes from the first
 * line of the period to the last, and all between belong to it. */
static bool visit_line(void *context, uint64_t number, const json_t *line, struct error *err)
{
    struct stretch *s = context;
    int64_t at;
    (void)err;
    bool inside = clock_parse_utc(json_string_value(json_object_get(line, "at")), &at) &&
                  at >= s->period->from && at < s->period->until;
    if (inside && s->first == 0) {
        s->first = number;
        snprintf(s->previous, sizeof s->previous, "%s",
                 json_string_value(json_object_get(line, "prev")));
    }
    if (inside)
        s->last = number;
    if (s->first != 0)
        note_manifest(s, number, line);
    return true;
}

static void stream_close(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

/* ret_last: SHA-256 of the last line, without its end. */
static bool copy_lines(const char *path, const struct stretch *s, struct text *ret,
                       char ret_last[static DIGEST_HEX_SIZE], struct error *err)
{
    CLEANUP(stream_close) FILE *file = fopen(path, "re");
    CLEANUP(memory_release) char *line = NULL;
    size_t capacity = 0;
    if (file == NULL)
        return error_set_errno(err, "journal %s", path);
    for (uint64_t number = 1; number <= s->last; number++) {
        ssize_t length = getline(&line, &capacity, file);
        if (length < 0)
            return error_set(err, ERR_INTEGRITY, "journal %s ends before its line %" PRIu64, path,
                             s->last);
        if (number >= s->first)
            text_add_bytes(ret, line, (size_t)length);
    }
    return line == NULL || digest_bytes_hex(line, strcspn(line, "\n"), ret_last, err);
}

/* Somebody who came back was disposed of more than once. */
struct people {
    unsigned char (*references)[DIGEST_SIZE];
    size_t count, capacity;
};

static void people_free(struct people *p)
{
    free(p->references);
}

static void note_people(struct people *p, const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->reference_count; i++) {
        MEMORY_GROW(p->references, p->count, p->capacity);
        if (digest_from_hex(manifest->references[i].reference, p->references[p->count],
                            DIGEST_SIZE))
            p->count++;
    }
}

static int compare_references(const void *a, const void *b)
{
    return memcmp(a, b, DIGEST_SIZE);
}

static uint64_t count_people(struct people *p)
{
    uint64_t different = 0;
    if (p->count > 0)
        qsort(p->references, p->count, DIGEST_SIZE, compare_references);
    for (size_t i = 0; i < p->count; i++)
        different += i == 0 || memcmp(p->references[i - 1], p->references[i], DIGEST_SIZE) != 0;
    return different;
}

/* As it is, once it is known to be what the journal names and to follow the one before. */
static bool add_manifest(struct pack *p, const struct store *store, const struct named *named,
                         struct people *people, struct pack_evidence *sum,
                         char head[static DIGEST_HEX_SIZE], struct error *err)
{
    CLEANUP(text_free) struct text bytes = {0};
    CLEANUP(file_close) int month = -1;
    CLEANUP(manifest_free) struct manifest *manifest = NULL;
    const struct store_entry *entry = store_find_base(store, named->base);
    CLEANUP(memory_release) char *name = memory_format("%s.manifest.json", named->base);
    CLEANUP(memory_release) char *packed = memory_format("evidence/manifests/%s", name);
    if (entry == NULL || !entry->has_manifest)
        return error_set(err, ERR_INTEGRITY,
                         "line %" PRIu64 " of the journal names %s, which is not in the archive "
                         "directory; look at waarborg evidence verify",
                         named->line, name);
    if (!store_open_month(store, entry, &month, err) ||
        !file_read(month, strchr(name, '/') + 1, MANIFEST_MAX_BYTES, &bytes, err) ||
        !manifest_parse(text_get(&bytes), bytes.length, &manifest, err))
        return error_context(err, "%s", name);
    if (strcmp(manifest->sha256, named->sha256) != 0)
        return error_set(err, ERR_INTEGRITY,
                         "%s is not what line %" PRIu64 " of the journal says; look at waarborg "
                         "evidence verify",
                         name, named->line);
    if (sum->manifests == 0) {
        sum->first_no = manifest->chain_no;
        snprintf(sum->previous_manifest, sizeof sum->previous_manifest, "%s",
                 manifest->previous_sha256);
    } else if (strcmp(manifest->previous_sha256, head) != 0) {
        return error_set(err, ERR_INTEGRITY,
                         "%s does not follow the manifest before it; look at waarborg evidence "
                         "verify",
                         name);
    }
    sum->manifests++;
    sum->subjects += manifest->reference_count;
    note_people(people, manifest);
    memcpy(head, manifest->sha256, DIGEST_HEX_SIZE);
    return pack_add(p, packed, text_get(&bytes), bytes.length, err);
}

static bool add_manifests(struct pack *p, const struct job_ctx *ctx, const struct stretch *s,
                          struct pack_evidence *sum, struct error *err)
{
    CLEANUP(store_close) struct store store = {.root_fd = -1};
    CLEANUP(people_free) struct people people = {0};
    const struct settings *settings = ctx->settings;
    char head[DIGEST_HEX_SIZE] = "";
    if (!store_open_own(settings->archive.directory, settings->evidence.journal, &store, err))
        return false;
    for (size_t i = 0; i < s->count && s->manifests[i].line <= s->last; i++)
        if (!add_manifest(p, &store, &s->manifests[i], &people, sum, head, err))
            return false;
    sum->people = count_people(&people);
    return true;
}

/* Before the first run there is neither journal nor archive. */
static bool is_beginning(const struct job_ctx *ctx)
{
    CLEANUP(store_close) struct store store = {.root_fd = -1};
    struct error none = {0};
    return store_open_own(ctx->settings->archive.directory, ctx->settings->evidence.journal, &store,
                          &none) &&
           store.entry_count == 0;
}

bool pack_evidence_add(struct pack *p, const struct job_ctx *ctx, const struct pack_period *period,
                       struct pack_evidence *ret, struct error *err)
{
    CLEANUP(stretch_free) struct stretch s = {.period = period};
    CLEANUP(text_free) struct text lines = {0};
    struct pack_evidence sum = {0};
    const char *path = ctx->settings->evidence.journal;
    uint64_t all;
    uint64_t torn;
    if (!journal_read(path, visit_line, &s, &all, &torn, err)) {
        if (err->sys_errno != ENOENT || !is_beginning(ctx))
            return false;
        *ret = sum;
        return true;
    }
    if (s.first != 0) {
        sum.first_line = s.first;
        sum.lines = s.last - s.first + 1;
        memcpy(sum.previous_line, s.previous, sizeof sum.previous_line);
        if (!copy_lines(path, &s, &lines, sum.last_line, err) ||
            !pack_add(p, "evidence/journal.jsonl", text_get(&lines), lines.length, err) ||
            !add_manifests(p, ctx, &s, &sum, err))
            return false;
    }
    *ret = sum;
    return true;
}
