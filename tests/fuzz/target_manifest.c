/* A manifest, as manifest_parse reads it.
 *
 * The input is the file.  When it is refused and yet a JSON object, the sizes, offsets and sums in
 * it are made to fit and what comes out is tried as well.
 *
 * Accepted: every field is what the header promises, and a manifest that manifest_format makes from
 * what was read is the same JSON: nothing was lost, nothing taken for something else. */
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "common/config_scan.h"
#include "common/memory.h"
#include "jobs/archive/manifest_read.h"
#include "jobs/archive/segment_member.h"
#include "tests/fuzz/fuzz.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return tokens_mutate(data, size, max_size, seed);
}

static void release_json(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

/* ---- accepted ---- */

static void check_digest(const char *hex)
{
    unsigned char bytes[DIGEST_SIZE];
    REQUIRE(digest_from_hex(hex, bytes, sizeof bytes), "no digest: %s", hex);
}

static void check_head(const struct manifest *m, const char *bytes, size_t length)
{
    struct error err = {0};
    char sha256[DIGEST_HEX_SIZE];
    REQUIRE(digest_bytes_hex(bytes, length, sha256, &err) && strcmp(sha256, m->sha256) == 0,
            "its own digest");
    REQUIRE(memchr(bytes, '\0', length) == NULL, "a NUL");
    REQUIRE(m->run_id > 0 && m->chain_no > 0 && m->file_bytes > 0, "a number below 1");
    REQUIRE(m->file_bytes <= SEGMENT_MAX_BYTES, "too large");
    REQUIRE(strchr(m->file_name, '/') == NULL && m->file_name[0] != '.', "%s", m->file_name);
    REQUIRE(m->sealed == (m->recipient_count > 0), "sealed for nobody");
    REQUIRE(m->key_column_count > 0, "no key");
    const char *const words[] = {m->segment_id, m->program,   m->policy,         m->policy_version,
                                 m->timezone,   m->file_name, m->server_version, m->fingerprint};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        REQUIRE(config_scan_is_clean(words[i], strlen(words[i])), "not to be shown: %s", words[i]);
    check_digest(m->file_sha256);
    check_digest(m->previous_sha256);
    for (size_t i = 0; i < m->reference_count; i++)
        check_digest(m->references[i].reference);
}

static void check_members(const struct manifest *m)
{
    CLEANUP(text_free) struct text epilogue = {0};
    uint64_t offset = strlen(segment_prologue);
    uint64_t rows = 0;
    for (size_t i = 0; i < m->member_count; i++) {
        const struct segment_member_result *member = &m->members[i];
        REQUIRE(member->offset == offset && member->rows > 0 && member->bytes > 0, "member %zu", i);
        REQUIRE(member->member.column_count > 0, "member %zu without columns", i);
        REQUIRE(i == 0 || member->compressed_offset > member[-1].compressed_offset, "order");
        check_digest(member->sha256);
        offset += member->bytes;
        rows += member->rows;
    }
    segment_epilogue(m->members, m->member_count, &epilogue);
    REQUIRE(rows == m->rows && offset + epilogue.length == m->plain_bytes, "sums");
}

/* ---- written again ---- */

static int64_t instant_of(const char *iso)
{
    struct tm tm = {0};
    const char *end = strptime(iso, "%Y-%m-%dT%H:%M:%SZ", &tm);
    REQUIRE(end != NULL && *end == '\0', "no instant: %s", iso);
    return (int64_t)timegm(&tm);
}

static void format_again(const struct manifest *m, struct text *ret)
{
    const struct segment_result segment = {
        m->members, m->member_count, m->rows, m->plain_bytes, m->file_bytes, {0}, m->file_name};
    struct segment_result whole = segment;
    struct error err = {0};
    snprintf(whole.sha256, sizeof whole.sha256, "%s", m->file_sha256);
    const struct manifest_input input = {
        .segment_id = m->segment_id,
        .run_id = m->run_id,
        .chain_no = m->chain_no,
        .created_at = instant_of(m->created_at),
        .policy = m->policy,
        .policy_version = m->policy_version,
        .fingerprint = m->fingerprint,
        .as_of = m->as_of,
        .database_name = m->database_name,
        .system_identifier = m->system_identifier,
        .server_version = m->server_version,
        .timezone = m->timezone,
        .subject_schema = m->subject_schema,
        .subject_table = m->subject_table,
        .key_columns = m->key_columns,
        .key_column_count = m->key_column_count,
        .segment = &whole,
        .edges = m->edges,
        .edge_count = m->edge_count,
        .references = m->references,
        .reference_count = m->reference_count,
        .previous_sha256 = m->previous_sha256,
    };
    REQUIRE(manifest_format(&input, ret, &err), "%s", err.message);
}

/* Two things are not the writer's to choose from a manifest: its own version, and certificates. */
static void check_same(const struct manifest *m)
{
    CLEANUP(text_free) struct text again = {0};
    CLEANUP(release_json) json_t *expected = json_deep_copy(m->json);
    json_object_set_new(expected, "program", json_string("waarborg " WAARBORG_VERSION));
    json_object_set_new(expected, "sealing", json_null());
    CLEANUP(memory_release) char *bytes = json_dumps(expected, JSON_SORT_KEYS | JSON_COMPACT);
    format_again(m, &again);
    REQUIRE(strlen(bytes) + 1 == again.length && memcmp(bytes, again.data, again.length - 1) == 0,
            "not the same:\n%s\n%s", bytes, text_get(&again));
    if (m->sealed)
        return;
    struct error err = {0};
    CLEANUP(manifest_free) struct manifest *copy = NULL;
    REQUIRE(manifest_parse(again.data, again.length, &copy, &err), "%s", err.message);
    fuzz_reached("written again");
}

static bool try_bytes(const char *bytes, size_t length)
{
    struct error err = {0};
    struct manifest *const nobody = (struct manifest *)&err;
    struct manifest *m = nobody;
    if (!manifest_parse(bytes, length, &m, &err)) {
        fuzz_check_error(&err);
        REQUIRE(err.kind == ERR_INTEGRITY || err.kind == ERR_USAGE, "kind %d", (int)err.kind);
        REQUIRE(m == nobody, "touched");
        return false;
    }
    REQUIRE(err.kind == ERR_NONE, "%s", err.message);
    check_head(m, bytes, length);
    check_members(m);
    check_same(m);
    fuzz_keep(bytes, length);
    manifest_free(&m);
    return true;
}

/* ---- made to fit ---- */

static json_int_t whole_number(const json_t *object, const char *key, json_int_t most)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value < 1 ? 1 : value > most ? most : value;
}

static void set_number(json_t *object, const char *key, json_int_t value)
{
    if (json_is_integer(json_object_get(object, key)))
        json_object_set_new(object, key, json_integer(value));
}

/* The epilogue of members of which only names are known. */
static size_t epilogue_length(const json_t *members)
{
    CLEANUP(text_free) struct text t = {0};
    const size_t count = json_array_size(members);
    struct segment_member_result *all = memory_alloc((count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(members, i);
        const json_t *names = json_object_get(item, "columns");
        const char *kind = json_string_value(json_object_get(item, "kind"));
        const char *schema = json_string_value(json_object_get(item, "schema"));
        const char *table = json_string_value(json_object_get(item, "table"));
        struct segment_column *columns =
            memory_alloc((json_array_size(names) + 1) * sizeof *columns);
        for (size_t c = 0; c < json_array_size(names); c++) {
            const json_t *column = json_array_get(names, c);
            const char *name = json_string_value(json_object_get(column, "name"));
            columns[c] = (struct segment_column){name == NULL ? "" : name, "",
                                                 json_is_true(json_object_get(column, "key"))};
        }
        bool unlinked = kind != NULL && strcmp(kind, "unlinked") == 0;
        all[i].member = (struct segment_member){
            unlinked ? SEGMENT_UNLINKED : SEGMENT_ROWS, schema == NULL ? "" : schema,
            table == NULL ? "" : table, columns, json_array_size(names)};
    }
    segment_epilogue(all, count, &t);
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)all[i].member.columns);
    free(all);
    return t.length;
}

static void make_fit(json_t *whole)
{
    json_t *members = json_object_get(whole, "members");
    json_t *file = json_object_get(whole, "file");
    json_int_t offset = (json_int_t)strlen(segment_prologue);
    json_int_t rows = 0;
    json_int_t compressed = 0;
    for (size_t i = 0; i < json_array_size(members); i++) {
        json_t *item = json_array_get(members, i);
        set_number(item, "offset", offset);
        offset += whole_number(item, "bytes", INT32_MAX);
        set_number(item, "bytes", whole_number(item, "bytes", INT32_MAX));
        set_number(item, "compressed_offset", ++compressed);
        rows += whole_number(item, "rows", INT32_MAX);
        set_number(item, "rows", whole_number(item, "rows", INT32_MAX));
    }
    set_number(file, "bytes", compressed + whole_number(file, "bytes", 1000));
    set_number(whole, "rows", rows);
    set_number(whole, "plain_bytes", offset + (json_int_t)epilogue_length(members));
    const char *previous = json_string_value(json_object_get(whole, "previous_sha256"));
    if (previous != NULL)
        set_number(whole, "chain_no", strcmp(previous, MANIFEST_NO_PREVIOUS) == 0 ? 1 : 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (try_bytes((const char *)data, size)) {
        fuzz_reached("accepted");
        return 0;
    }
    CLEANUP(release_json)
    json_t *whole = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(whole))
        return 0;
    make_fit(whole);
    CLEANUP(memory_release) char *bytes = json_dumps(whole, JSON_COMPACT);
    fuzz_reached(bytes != NULL && try_bytes(bytes, strlen(bytes)) ? "accepted made to fit"
                                                                  : "refused");
    return 0;
}
