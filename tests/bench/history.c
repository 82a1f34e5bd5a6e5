/* A large archive for `waarborg evidence verify`: manifests, small files and a journal that all
 * hold.
 *
 *   bench_history DIRECTORY SEGMENTS SUBJECTS LINES
 *
 * makes DIRECTORY/archive and DIRECTORY/journal.jsonl: SEGMENTS segments of SUBJECTS subjects each,
 * a run for every ten, and holds and releases up to LINES lines. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/memory.h"
#include "jobs/archive/manifest.h"
#include "jobs/archive/segment_member.h"

#define BEGIN INT64_C(1790000000)
#define SEGMENTS_A_RUN 10

struct history {
    const char *directory;
    size_t segments, subjects;
    FILE *journal;
    uint64_t lines;
    int64_t at;
    char previous_line[DIGEST_HEX_SIZE];
    char previous_manifest[DIGEST_HEX_SIZE];
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void check(bool done, const struct error *err)
{
    if (done)
        return;
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

static void add_line(struct history *h, const char *event, const char *fields)
{
    struct error err = {0};
    char at[21];
    clock_format_utc(h->at, at);
    CLEANUP(memory_release)
    char *line =
        memory_format("{\"seq\":%" PRIu64 ",\"at\":\"%s\",\"event\":\"%s\",%s,\"prev\":\"%s\"}",
                      ++h->lines, at, event, fields, h->previous_line);
    check(digest_bytes_hex(line, strlen(line), h->previous_line, &err), &err);
    fprintf(h->journal, "%s\n", line);
}

static void write_file(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        fail(path);
}

/* Subjects are numbered; the references need only look like references. */
static void make_reference(size_t number, char ret_hex[static DIGEST_HEX_SIZE])
{
    struct error err = {0};
    check(digest_bytes_hex(&number, sizeof number, ret_hex, &err), &err);
}

static struct manifest_reference *make_references(const struct history *h, size_t segment)
{
    struct manifest_reference *all = memory_alloc(h->subjects * sizeof *all);
    for (size_t i = 0; i < h->subjects; i++) {
        all[i] = (struct manifest_reference){.rule = "former", .due_on = "2026-01-01"};
        make_reference(segment * h->subjects + i, all[i].reference);
    }
    return all;
}

static void write_manifest(struct history *h, size_t segment, const struct segment_result *result,
                           const char *id, const char *path)
{
    static const char *const key[] = {"id"};
    CLEANUP(text_free) struct text json = {0};
    struct error err = {0};
    struct manifest_reference *references = make_references(h, segment);
    const struct manifest_input input = {.segment_id = id,
                                         .run_id = (int64_t)(segment / SEGMENTS_A_RUN) + 1,
                                         .chain_no = segment + 1,
                                         .created_at = h->at,
                                         .policy = "customers",
                                         .policy_version = "1",
                                         .fingerprint = MANIFEST_NO_PREVIOUS,
                                         .as_of = "2026-01-02",
                                         .database_name = "klant",
                                         .system_identifier = "7301234567890123456",
                                         .server_version = "15.8",
                                         .timezone = "Europe/Amsterdam",
                                         .subject_schema = "klant",
                                         .subject_table = "customer",
                                         .key_columns = key,
                                         .key_column_count = 1,
                                         .segment = result,
                                         .references = references,
                                         .reference_count = h->subjects,
                                         .previous_sha256 = h->previous_manifest};
    check(manifest_format(&input, &json, &err), &err);
    check(digest_bytes_hex(json.data, json.length, h->previous_manifest, &err), &err);
    write_file(path, json.data, json.length);
    free(references);
}

static void make_segment(struct history *h, size_t segment)
{
    static const struct segment_column columns[] = {{"id", "bigint", false}};
    CLEANUP(text_free) struct text epilogue = {0};
    struct error err = {0};
    char compact[17];
    clock_format_compact(h->at, compact);
    CLEANUP(memory_release) char *id = memory_format("%016zx", segment * 2654435761u);
    CLEANUP(memory_release) char *base = memory_format("2026-09/%s-%s", compact, id);
    CLEANUP(memory_release) char *file = memory_format("%s-%s.sql.gz", compact, id);
    CLEANUP(memory_release)
    char *path = memory_format("%s/archive/%s.sql.gz", h->directory, base);
    CLEANUP(memory_release)
    char *manifest = memory_format("%s/archive/%s.manifest.json", h->directory, base);
    struct segment_member_result member = {
        .member = {SEGMENT_ROWS, "klant", "customer", columns, 1},
        .rows = h->subjects,
        .bytes = 1000,
        .offset = strlen(segment_prologue),
        .compressed_offset = 1};
    memcpy(member.sha256, MANIFEST_NO_PREVIOUS, DIGEST_HEX_SIZE);
    segment_epilogue(&member, 1, &epilogue);
    struct segment_result result = {.members = &member,
                                    .member_count = 1,
                                    .rows = h->subjects,
                                    .plain_bytes = member.offset + 1000 + epilogue.length,
                                    .bytes = strlen(path),
                                    .file_name = file};
    check(digest_bytes_hex(path, strlen(path), result.sha256, &err), &err);
    write_file(path, path, strlen(path));
    write_manifest(h, segment, &result, id, manifest);
    CLEANUP(memory_release)
    char *fields = memory_format(
        "\"segment\":\"%s\",\"policy\":\"customers\",\"file\":\"%s\",\"sha256\":\"%s\","
        "\"manifest_sha256\":\"%s\",\"run\":%zu,\"chain_no\":%zu,\"subjects\":%zu,\"rows\":%zu",
        id, base, result.sha256, h->previous_manifest, segment / SEGMENTS_A_RUN + 1, segment + 1,
        h->subjects, h->subjects);
    add_line(h, "segment", fields);
}

static void end_run(struct history *h, size_t segments)
{
    size_t last = (segments - 1) % SEGMENTS_A_RUN + 1;
    CLEANUP(memory_release)
    char *fields = memory_format("\"run\":%zu,\"policy\":\"customers\",\"as_of\":\"2026-01-02\","
                                 "\"fingerprint\":\"%s\",\"outcome\":\"done\",\"subjects\":%zu,"
                                 "\"rows\":%zu,\"segments\":%zu,\"blocked\":0,\"held\":0",
                                 (segments - 1) / SEGMENTS_A_RUN + 1, MANIFEST_NO_PREVIOUS,
                                 last * h->subjects, last * h->subjects, last);
    add_line(h, "run", fields);
    h->at += 60;
}

static void add_holds(struct history *h, uint64_t lines)
{
    for (size_t i = 0; h->lines + 2 <= lines; i++) {
        char reference[DIGEST_HEX_SIZE];
        make_reference(i * 7919 % (h->segments * h->subjects), reference);
        CLEANUP(memory_release)
        char *hold = memory_format("\"hold\":%zu,\"policy\":\"customers\",\"reference\":\"%s\","
                                   "\"kind\":\"claim\",\"review_on\":null",
                                   i + 1, reference);
        CLEANUP(memory_release)
        char *release = memory_format("\"hold\":%zu,\"reference\":\"%s\"", i + 1, reference);
        add_line(h, "hold", hold);
        add_line(h, "release", release);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "bench_history DIRECTORY SEGMENTS SUBJECTS LINES\n");
        return 2;
    }
    struct history h = {.directory = argv[1],
                        .segments = strtoul(argv[2], NULL, 10),
                        .subjects = strtoul(argv[3], NULL, 10),
                        .at = BEGIN};
    CLEANUP(memory_release) char *journal = memory_format("%s/journal.jsonl", h.directory);
    CLEANUP(memory_release) char *archive = memory_format("%s/archive", h.directory);
    CLEANUP(memory_release) char *month = memory_format("%s/archive/2026-09", h.directory);
    memcpy(h.previous_line, MANIFEST_NO_PREVIOUS, DIGEST_HEX_SIZE);
    memcpy(h.previous_manifest, MANIFEST_NO_PREVIOUS, DIGEST_HEX_SIZE);
    if (mkdir(archive, 0700) != 0 || mkdir(month, 0700) != 0)
        fail(month);
    h.journal = fopen(journal, "w");
    if (h.journal == NULL)
        fail(journal);
    for (size_t i = 0; i < h.segments; i++) {
        make_segment(&h, i);
        if ((i + 1) % SEGMENTS_A_RUN == 0 || i + 1 == h.segments)
            end_run(&h, i + 1);
    }
    add_holds(&h, strtoull(argv[4], NULL, 10));
    if (fclose(h.journal) != 0)
        fail(journal);
    return 0;
}
