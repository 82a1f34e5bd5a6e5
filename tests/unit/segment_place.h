/* segment_place: a directory with a small segment and its manifest, for test_segment.c and
 * test_manifest.c.  Names of tables hold what SQL, psql and comments trip over. */
#pragma once

#include "seal_keys.h"

#include <fcntl.h>

#include "common/file.h"
#include "common/gzip.h"
#include "jobs/archive/manifest_read.h"
#include "jobs/archive/segment.h"
#include "jobs/archive/segment_read.h"

#define BASE "20261122T010203Z-0011223344556677"
#define REFERENCE "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PREVIOUS "2223456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct place {
    char dir[64];
    int fd;
};

static inline int enter_place(void **state)
{
    struct place *p = memory_alloc(sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/waarborg-segment-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(p->fd >= 0);
    *state = p;
    return 0;
}

static inline int leave_place(void **state)
{
    struct place *p = *state;
    CLEANUP(memory_release) char *command = memory_format("rm -r '%s'", p->dir);
    int result = system(command); // NOLINT(cert-env33-c)
    close(p->fd);
    free(p);
    return result;
}

static const struct segment_column note_columns[] = {
    {"id", "bigint", false}, {"order", "bigint", false}, {"a \"quoted\" name", "text", false}};
static const struct segment_column link_columns[] = {
    {"id", "bigint", true}, {"part", "\"S\".\"my type\"", true}, {"referred_by", "bigint", false}};

static const struct sample {
    struct segment_member member;
    const char *rows;
} samples[] = {
    {{SEGMENT_ROWS, "odd\nDROP TABLE x;", "no\"te\t\\", note_columns, 3},
     "1\t10\tone\n2\t10\t\\N\n3\t11\tline\\nbreak \\\\.\n"},
    {{SEGMENT_ROWS, "klant", "empty", note_columns, 2}, ""},
    {{SEGMENT_UNLINKED, "klant", "customer", link_columns, 3}, "7\tx\t1\n"},
    {{SEGMENT_ROWS, "klant", "customer", note_columns, 1}, "1\n\\\\.\n"},
};

static inline uint64_t count_rows(const char *rows)
{
    uint64_t count = 0;
    for (const char *p = rows; *p != '\0'; p++)
        count += *p == '\n' ? 1 : 0;
    return count;
}

static inline void write_samples(struct segment *s)
{
    struct error err = {0};
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        assert_true(segment_begin_member(s, &samples[i].member, &err));
        assert_true(segment_add_rows(s, samples[i].rows, strlen(samples[i].rows), &err));
        if (!segment_end_member(s, count_rows(samples[i].rows), &err))
            fail_msg("%s", err.message);
    }
}

static inline void format_manifest(const struct segment_result *result,
                                   const struct seal_recipients *recipients, struct text *ret)
{
    static const char *const key[] = {"id"};
    static const char *const from[] = {"order"};
    const struct manifest_edge edges[] = {
        {EDGE_FOLLOW, "odd\nDROP TABLE x;", "no\"te\t\\", from, "klant", "customer", key, 1, false},
        {EDGE_DETACH, "klant", "customer", from, "klant", "customer", key, 1, false}};
    const struct manifest_reference references[] = {{REFERENCE, "7 years", "2026-11-22"},
                                                    {PREVIOUS, "7 years", "2026-11-01"}};
    const struct manifest_input input = {.segment_id = "0011223344556677",
                                         .run_id = 3,
                                         .chain_no = 4,
                                         .created_at = NOW,
                                         .policy = "klant",
                                         .policy_version = "1.0",
                                         .fingerprint = PREVIOUS,
                                         .as_of = "2026-11-22",
                                         .database_name = "the \"db\"",
                                         .system_identifier = "7301234567890123456",
                                         .server_version = "15.8",
                                         .timezone = "Europe/Amsterdam",
                                         .subject_schema = "klant",
                                         .subject_table = "customer",
                                         .key_columns = key,
                                         .key_column_count = 1,
                                         .segment = result,
                                         .recipients = recipients,
                                         .edges = edges,
                                         .edge_count = COUNT_OF(edges),
                                         .references = references,
                                         .reference_count = COUNT_OF(references),
                                         .previous_sha256 = PREVIOUS};
    struct error err = {0};
    if (!manifest_format(&input, ret, &err))
        fail_msg("%s", err.message);
}

/* names: of the recipients, NULL = unsealed. */
static inline void write_segment(const struct place *p, const char *names, int level,
                                 struct text *ret_manifest)
{
    struct error err = {0};
    CLEANUP(seal_recipients_free) struct seal_recipients *recipients = NULL;
    CLEANUP(segment_discard) struct segment *s = NULL;
    const struct segment_result *result = NULL;
    if (names != NULL)
        load_recipients(names, &recipients);
    const struct segment_target target = {p->fd, BASE, level, recipients, 0};
    if (!segment_create(&target, &s, &err))
        fail_msg("%s", err.message);
    write_samples(s);
    if (!segment_finish(s, &result, &err) || !segment_publish(s, &err))
        fail_msg("%s", err.message);
    format_manifest(result, recipients, ret_manifest);
}

static inline struct manifest *parse(const struct text *json)
{
    struct error err = {0};
    struct manifest *m = NULL;
    if (!manifest_parse(text_get(json), json->length, &m, &err))
        fail_msg("%s", err.message);
    return m;
}
