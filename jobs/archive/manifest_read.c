#include "jobs/archive/manifest_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/memory.h"
#include "jobs/archive/segment_member.h"
#include "jobs/settings/rule_date.h"

/* The first fault sticks: later reads give harmless values, so that a list of fields needs no test
 * after each. */
struct reading {
    struct manifest *m;
    struct error *err;
    bool failed;
    char place[64]; /* "members[3]." */
};

static void fault(struct reading *r, const char *key, const char *what)
{
    if (!r->failed)
        error_set(r->err, ERR_INTEGRITY, "manifest: %s%s %s", r->place, key, what);
    r->failed = true;
}

static void enter(struct reading *r, const char *list, size_t index)
{
    snprintf(r->place, sizeof r->place, "%s[%zu].", list, index);
}

static void leave(struct reading *r)
{
    r->place[0] = '\0';
}

static const char *read_text(struct reading *r, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (text != NULL && text[0] != '\0')
        return text;
    fault(r, key, "is missing or no text");
    return "?";
}

/* A text that is shown and put into messages: unlike a name in the database, ours to choose. */
static const char *read_word(struct reading *r, const json_t *object, const char *key)
{
    const char *text = read_text(r, object, key);
    for (const char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            fault(r, key, "holds control characters");
    return text;
}

static uint64_t read_count(struct reading *r, const json_t *object, const char *key, uint64_t least)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value) && json_integer_value(value) >= (json_int_t)least)
        return (uint64_t)json_integer_value(value);
    fault(r, key, "is missing or no whole number that can be right");
    return 0;
}

static const char *read_digest(struct reading *r, const json_t *object, const char *key)
{
    const char *text = read_text(r, object, key);
    if (strlen(text) == DIGEST_HEX_SIZE - 1 &&
        strspn(text, "0123456789abcdef") == DIGEST_HEX_SIZE - 1)
        return text;
    fault(r, key, "is no SHA-256 of 64 digits");
    return MANIFEST_NO_PREVIOUS;
}

static const char *read_date(struct reading *r, const json_t *object, const char *key)
{
    const char *text = read_text(r, object, key);
    struct local_date date;
    struct error ignored;
    if (!local_date_parse(text, &date, &ignored))
        fault(r, key, "is no date");
    return text;
}

static const char *read_instant(struct reading *r, const json_t *object, const char *key)
{
    const char *text = read_text(r, object, key);
    int64_t ignored;
    if (!clock_parse_utc(text, &ignored))
        fault(r, key, "is no instant in UTC");
    return text;
}

/* An object that holds exactly `fields` fields: a field more would be one that nobody checks. */
static const json_t *read_object(struct reading *r, const json_t *parent, const char *key,
                                 size_t fields)
{
    const json_t *object = json_object_get(parent, key);
    if (!json_is_object(object))
        fault(r, key, "is missing or no object");
    else if (json_object_size(object) != fields)
        fault(r, key, "holds a field too many or too few");
    return object;
}

static const json_t *read_array(struct reading *r, const json_t *parent, const char *key)
{
    const json_t *array = json_object_get(parent, key);
    if (!json_is_array(array))
        fault(r, key, "is missing or no list");
    return array;
}

static const json_t *read_item(struct reading *r, const json_t *array, size_t index, size_t fields)
{
    const json_t *item = json_array_get(array, index);
    if (json_object_size(item) != fields)
        fault(r, "", "holds a field too many or too few");
    return item;
}

/* A list of texts, at least one. */
static const char **read_texts(struct reading *r, const json_t *parent, const char *key,
                               size_t *ret_count)
{
    const json_t *array = read_array(r, parent, key);
    size_t count = json_array_size(array);
    const char **texts = memory_alloc((count + 1) * sizeof *texts);
    if (count == 0)
        fault(r, key, "is empty");
    for (size_t i = 0; i < count; i++) {
        texts[i] = json_string_value(json_array_get(array, i));
        if (texts[i] == NULL || texts[i][0] == '\0') {
            fault(r, key, "holds something that is no text");
            texts[i] = "?";
        }
    }
    *ret_count = count;
    return texts;
}

static void read_columns(struct reading *r, const json_t *object, struct segment_member *member)
{
    const json_t *array = read_array(r, object, "columns");
    size_t count = json_array_size(array);
    size_t keys = 0;
    struct segment_column *columns = memory_alloc((count + 1) * sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        const json_t *key = json_object_get(item, "key");
        if (json_object_size(item) != 3 || !json_is_boolean(key))
            fault(r, "columns", "holds a column that is not name, type and key");
        columns[i] = (struct segment_column){.name = read_text(r, item, "name"),
                                             .type = read_text(r, item, "type"),
                                             .is_key = json_is_true(key)};
        keys += columns[i].is_key ? 1 : 0;
    }
    member->columns = columns;
    member->column_count = count;
    if (count == 0 || (member->kind == SEGMENT_UNLINKED && (keys == 0 || keys == count)))
        fault(r, "columns", "are not enough for a member of this kind");
}

static void read_kind(struct reading *r, const json_t *object, struct segment_member *member)
{
    const char *kind = read_text(r, object, "kind");
    member->kind = strcmp(kind, "unlinked") == 0 ? SEGMENT_UNLINKED : SEGMENT_ROWS;
    if (member->kind == SEGMENT_ROWS && strcmp(kind, "rows") != 0)
        fault(r, "kind", "is neither rows nor unlinked");
}

/* Members lie end to end between prologue and epilogue, in both streams. */
static void check_layout(struct reading *r)
{
    struct manifest *m = r->m;
    uint64_t rows = 0;
    uint64_t offset = strlen(segment_prologue);
    uint64_t compressed = 0;
    for (size_t i = 0; i < m->member_count && !r->failed; i++) {
        const struct segment_member_result *member = &m->members[i];
        enter(r, "members", i);
        if (member->offset != offset || member->bytes > m->plain_bytes - offset)
            fault(r, "offset", "and bytes do not fit those of the other members");
        if (member->compressed_offset <= compressed || member->compressed_offset > m->file_bytes)
            fault(r, "compressed_offset", "does not fit those of the other members");
        offset += member->bytes;
        compressed = member->compressed_offset;
        if (__builtin_add_overflow(rows, member->rows, &rows))
            fault(r, "rows", "cannot be right");
    }
    leave(r);
    CLEANUP(text_free) struct text epilogue = {0};
    if (!r->failed)
        segment_epilogue(m->members, m->member_count, &epilogue);
    if (m->plain_bytes - offset != epilogue.length)
        fault(r, "plain_bytes", "is not what the members need");
    if (rows != m->rows)
        fault(r, "rows", "is not the sum of the members' rows");
}

static void read_members(struct reading *r)
{
    struct manifest *m = r->m;
    const json_t *array = read_array(r, m->json, "members");
    m->member_count = json_array_size(array);
    m->members = memory_alloc((m->member_count + 1) * sizeof *m->members);
    for (size_t i = 0; i < m->member_count; i++) {
        enter(r, "members", i);
        const json_t *item = read_item(r, array, i, 9);
        struct segment_member_result *member = &m->members[i];
        read_kind(r, item, &member->member);
        member->member.schema = read_text(r, item, "schema");
        member->member.table = read_text(r, item, "table");
        read_columns(r, item, &member->member);
        member->rows = read_count(r, item, "rows", 1);
        member->bytes = read_count(r, item, "bytes", 1);
        member->offset = read_count(r, item, "offset", 1);
        member->compressed_offset = read_count(r, item, "compressed_offset", 1);
        snprintf(member->sha256, sizeof member->sha256, "%s", read_digest(r, item, "sha256"));
    }
    leave(r);
    if (!r->failed && m->plain_bytes < strlen(segment_prologue))
        fault(r, "plain_bytes", "is not what the members need");
    if (!r->failed)
        check_layout(r);
}

static void read_edges(struct reading *r)
{
    struct manifest *m = r->m;
    const json_t *array = read_array(r, m->json, "edges");
    m->edge_count = json_array_size(array);
    m->edges = memory_alloc((m->edge_count + 1) * sizeof *m->edges);
    for (size_t i = 0; i < m->edge_count; i++) {
        enter(r, "edges", i);
        const json_t *item = read_item(r, array, i, 5);
        const json_t *parent = read_object(r, item, "references", 3);
        struct manifest_edge *edge = &m->edges[i];
        size_t to_count = 0;
        if (!manifest_edge_use_parse(read_text(r, item, "use"), &edge->use))
            fault(r, "use", "is none of follow, owned, detach, other");
        edge->schema = read_text(r, item, "schema");
        edge->table = read_text(r, item, "table");
        edge->columns = read_texts(r, item, "columns", &edge->column_count);
        edge->references_schema = read_text(r, parent, "schema");
        edge->references_table = read_text(r, parent, "table");
        edge->to = read_texts(r, parent, "columns", &to_count);
        if (to_count != edge->column_count)
            fault(r, "columns", "are not as many as those they refer to");
    }
    leave(r);
}

static void read_references(struct reading *r)
{
    struct manifest *m = r->m;
    const json_t *array = read_array(r, m->json, "references");
    m->reference_count = json_array_size(array);
    m->references = memory_alloc((m->reference_count + 1) * sizeof *m->references);
    for (size_t i = 0; i < m->reference_count; i++) {
        enter(r, "references", i);
        const json_t *item = read_item(r, array, i, 3);
        struct manifest_reference *reference = &m->references[i];
        snprintf(reference->reference, sizeof reference->reference, "%s",
                 read_digest(r, item, "reference"));
        reference->rule = read_word(r, item, "rule");
        reference->due_on = read_date(r, item, "due_on");
    }
    leave(r);
}

static void read_sealing(struct reading *r)
{
    struct manifest *m = r->m;
    if (json_is_null(json_object_get(m->json, "sealing")))
        return;
    const json_t *sealing = read_object(r, m->json, "sealing", 1);
    m->sealed = true;
    m->recipients = read_texts(r, sealing, "recipients", &m->recipient_count);
}

static void read_file(struct reading *r)
{
    struct manifest *m = r->m;
    const json_t *file = read_object(r, m->json, "file", 3);
    m->file_name = read_word(r, file, "name");
    m->file_bytes = read_count(r, file, "bytes", 1);
    m->file_sha256 = read_digest(r, file, "sha256");
    const char *ending = m->sealed ? ".sql.gz.cms" : ".sql.gz";
    size_t length = strlen(m->file_name);
    if (length <= strlen(ending) || strcmp(m->file_name + length - strlen(ending), ending) != 0 ||
        strchr(m->file_name, '/') != NULL || m->file_name[0] == '.')
        fault(r, "file", "has a name that is none of a segment");
    if (m->file_bytes > SEGMENT_MAX_BYTES)
        fault(r, "file", "is larger than a segment can be");
}

static void read_origin(struct reading *r)
{
    struct manifest *m = r->m;
    const json_t *policy = read_object(r, m->json, "policy", 4);
    m->policy = read_word(r, policy, "name");
    m->policy_version = read_word(r, policy, "version");
    m->fingerprint = read_word(r, policy, "fingerprint");
    m->as_of = read_date(r, policy, "as_of");
    const json_t *database = read_object(r, m->json, "database", 4);
    m->database_name = read_text(r, database, "name");
    if (!json_is_null(json_object_get(database, "system_identifier")))
        m->system_identifier = read_word(r, database, "system_identifier");
    m->server_version = read_word(r, database, "server_version");
    m->timezone = read_word(r, database, "timezone");
    const json_t *subject = read_object(r, m->json, "subject", 3);
    m->subject_schema = read_text(r, subject, "schema");
    m->subject_table = read_text(r, subject, "table");
    m->key_columns = read_texts(r, subject, "key", &m->key_column_count);
}

static void read_head(struct reading *r)
{
    struct manifest *m = r->m;
    m->program = read_word(r, m->json, "program");
    m->segment_id = read_word(r, m->json, "segment");
    m->created_at = read_instant(r, m->json, "created_at");
    m->run_id = (int64_t)read_count(r, m->json, "run", 1);
    m->chain_no = read_count(r, m->json, "chain_no", 1);
    m->rows = read_count(r, m->json, "rows", 0);
    m->plain_bytes = read_count(r, m->json, "plain_bytes", 1);
    m->previous_sha256 = read_digest(r, m->json, "previous_sha256");
    if ((m->chain_no == 1) != (strcmp(m->previous_sha256, MANIFEST_NO_PREVIOUS) == 0))
        fault(r, "previous_sha256", "does not fit chain_no");
}

static bool read_all(struct manifest *m, struct error *err)
{
    struct reading r = {.m = m, .err = err};
    const json_t *format = json_object_get(m->json, "format");
    if (!json_is_integer(format))
        return error_set(err, ERR_INTEGRITY, "manifest: format is missing or no whole number");
    if (json_integer_value(format) != MANIFEST_FORMAT)
        return error_set(err, ERR_USAGE,
                         "manifest: format %lld is unknown here (%s reads format %d); use the "
                         "version of waarborg that wrote it, or a newer one",
                         (long long)json_integer_value(format), "waarborg " WAARBORG_VERSION,
                         MANIFEST_FORMAT);
    if (json_object_size(m->json) != 17)
        fault(&r, "", "it holds a field too many or too few");
    read_head(&r);
    read_origin(&r);
    read_sealing(&r);
    read_file(&r);
    read_members(&r);
    read_edges(&r);
    read_references(&r);
    return !r.failed;
}

bool manifest_parse(const char *bytes, size_t length, struct manifest **ret, struct error *err)
{
    CLEANUP(manifest_free) struct manifest *m = memory_alloc(sizeof *m);
    json_error_t trouble;
    if (!digest_bytes_hex(bytes, length, m->sha256, err))
        return false;
    /* jansson passes over a NUL behind a number; other readers do not. */
    if (memchr(bytes, '\0', length) != NULL)
        return error_set(err, ERR_INTEGRITY, "manifest: no JSON object (it holds a NUL)");
    m->json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &trouble);
    if (!json_is_object(m->json))
        return error_set(err, ERR_INTEGRITY, "manifest: no JSON object (at byte %d)",
                         m->json == NULL ? trouble.position : 0);
    if (!read_all(m, err))
        return false;
    *ret = m;
    m = NULL;
    return true;
}

bool manifest_load(int dir_fd, const char *name, struct manifest **ret, struct error *err)
{
    CLEANUP(text_free) struct text bytes = {0};
    if (!file_read(dir_fd, name, MANIFEST_MAX_BYTES, &bytes, err))
        return false;
    if (!manifest_parse(text_get(&bytes), bytes.length, ret, err))
        return error_context(err, "%s", name);
    return true;
}

/* Lists of pointers are ours; what they point to belongs to json. */
static void release_list(const void *list)
{
    free((void *)(uintptr_t)list);
}

void manifest_free(struct manifest **manifest)
{
    struct manifest *m = *manifest;
    if (m == NULL)
        return;
    for (size_t i = 0; m->members != NULL && i < m->member_count; i++)
        release_list(m->members[i].member.columns);
    for (size_t i = 0; m->edges != NULL && i < m->edge_count; i++) {
        release_list(m->edges[i].columns);
        release_list(m->edges[i].to);
    }
    free(m->members);
    free(m->edges);
    free(m->references);
    release_list(m->key_columns);
    release_list(m->recipients);
    json_decref(m->json);
    free(m);
    *manifest = NULL;
}
