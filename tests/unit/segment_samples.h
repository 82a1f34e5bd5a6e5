/* segment_samples: what stands in the segments of segment_place.h.  Names of tables hold what SQL,
 * psql and comments trip over. */
#pragma once

#include "tests/unit/seal_keys.h"

#include "jobs/archive/manifest.h"

#define REFERENCE "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PREVIOUS "2223456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

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

static inline void format_manifest(const struct segment_result *result,
                                   const struct seal_recipients *recipients, struct text *ret)
{
    static const char *const key[] = {"id"};
    static const char *const from[] = {"order"};
    const struct manifest_edge edges[] = {
        {EDGE_FOLLOW, "odd\nDROP TABLE x;", "no\"te\t\\", from, "klant", "customer", key, 1},
        {EDGE_DETACH, "klant", "customer", from, "klant", "customer", key, 1}};
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
