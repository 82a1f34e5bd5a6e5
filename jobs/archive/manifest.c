#include "jobs/archive/manifest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/memory.h"
#include "jobs/archive/manifest_read.h"

static json_t *text_array(const char *const *items, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(items[i]));
    return array;
}

static json_t *column_array(const struct segment_member *member)
{
    json_t *array = json_array();
    for (size_t i = 0; i < member->column_count; i++) {
        const struct segment_column *column = &member->columns[i];
        json_array_append_new(array, json_pack("{s:s, s:s, s:b}", "name", column->name, "type",
                                               column->type, "key", (int)column->is_key));
    }
    return array;
}

static json_t *member_array(const struct segment_result *segment)
{
    json_t *array = json_array();
    for (size_t i = 0; i < segment->member_count; i++) {
        const struct segment_member_result *m = &segment->members[i];
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:s}", "kind",
                                        m->member.kind == SEGMENT_ROWS ? "rows" : "unlinked",
                                        "schema", m->member.schema, "table", m->member.table,
                                        "columns", column_array(&m->member), "rows",
                                        (json_int_t)m->rows, "bytes", (json_int_t)m->bytes,
                                        "offset", (json_int_t)m->offset, "compressed_offset",
                                        (json_int_t)m->compressed_offset, "sha256", m->sha256));
    }
    return array;
}

static const char *const edge_uses[] = {"follow", "owned", "detach", "other"};

bool manifest_edge_use_parse(const char *word, enum manifest_edge_use *ret_use)
{
    for (size_t i = 0; i < COUNT_OF(edge_uses); i++)
        if (strcmp(word, edge_uses[i]) == 0) {
            *ret_use = (enum manifest_edge_use)i;
            return true;
        }
    return false;
}

static json_t *edge_array(const struct manifest_edge *edges, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct manifest_edge *e = &edges[i];
        const char *use = edge_uses[e->use];
        json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:o, s:{s:s, s:s, s:o}}", "use",
                                               use, "schema", e->schema, "table", e->table,
                                               "columns", text_array(e->columns, e->column_count),
                                               "references", "schema", e->references_schema,
                                               "table", e->references_table, "columns",
                                               text_array(e->to, e->column_count)));
    }
    return array;
}

static json_t *reference_array(const struct manifest_reference *references, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "reference",
                                               references[i].reference, "rule", references[i].rule,
                                               "due_on", references[i].due_on));
    return array;
}

static json_t *sealing_object(const struct seal_recipients *recipients)
{
    if (recipients == NULL)
        return json_null();
    json_t *array = json_array();
    for (size_t i = 0; i < seal_recipients_count(recipients); i++)
        json_array_append_new(array, json_string(seal_recipients_fingerprint(recipients, i)));
    return json_pack("{s:o}", "recipients", array);
}

static json_t *file_object(const struct segment_result *segment)
{
    return json_pack("{s:s, s:I, s:s}", "name", segment->file_name, "bytes",
                     (json_int_t)segment->bytes, "sha256", segment->sha256);
}

/* json_pack gives NULL when any part is NULL or no UTF-8, and releases the parts. */
static json_t *manifest_object(const struct manifest_input *in)
{
    char created_at[21];
    clock_format_utc(in->created_at, created_at);
    return json_pack(
        "{s:i, s:s, s:s, s:I, s:I, s:s, s:{s:s, s:s, s:s, s:s}, s:{s:s, s:s?, s:s, s:s},"
        " s:{s:s, s:s, s:o}, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:s}",
        "format", MANIFEST_FORMAT, "program", "waarborg " WAARBORG_VERSION, "segment",
        in->segment_id, "run", (json_int_t)in->run_id, "chain_no", (json_int_t)in->chain_no,
        "created_at", created_at, "policy", "name", in->policy, "version", in->policy_version,
        "fingerprint", in->fingerprint, "as_of", in->as_of, "database", "name", in->database_name,
        "system_identifier", in->system_identifier, "server_version", in->server_version,
        "timezone", in->timezone, "subject", "schema", in->subject_schema, "table",
        in->subject_table, "key", text_array(in->key_columns, in->key_column_count), "rows",
        (json_int_t)in->segment->rows, "plain_bytes", (json_int_t)in->segment->plain_bytes, "file",
        file_object(in->segment), "members", member_array(in->segment), "sealing",
        sealing_object(in->recipients), "edges", edge_array(in->edges, in->edge_count),
        "references", reference_array(in->references, in->reference_count), "previous_sha256",
        in->previous_sha256);
}

bool manifest_format(const struct manifest_input *input, struct text *ret_json, struct error *err)
{
    json_t *object = manifest_object(input);
    char *bytes = object == NULL ? NULL : json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(object);
    if (bytes == NULL)
        return error_set(err, ERR_DB,
                         "the manifest of segment %s cannot be written: a name of the database, a "
                         "table or a column is no UTF-8",
                         input->segment_id);
    text_add(ret_json, bytes);
    text_add(ret_json, "\n");
    free(bytes);
    return true;
}
