#include "jobs/breach/amend_conflict.h"

#include <inttypes.h>
#include <string.h>

#include "common/local_time.h"
#include "common/log.h"
#include "common/memory.h"
#include "jobs/breach/field_template.h"
#include "jobs/breach/fields.h"
#include "jobs/breach/register.h"
#include "sql.h"

enum { MAX_SHOWN = 60, MAX_ESCAPED = 1024 };

bool amend_conflict_load(struct db *db, const char *reference, int64_t version, json_t **ret,
                         struct error *err)
{
    CLEANUP(memory_release) char *number = memory_format("%" PRId64, version);
    const char *params[] = {reference, number};
    return register_query_json(db, sql_breach_list_changes, COUNT_OF(params), params, ret, err);
}

json_t *amend_conflict_base(const json_t *present, const json_t *changes)
{
    json_t *base = json_copy((json_t *)present); // NOLINT: reads only
    for (size_t i = json_array_size(changes); i > 0; i--) {
        const json_t *change = json_array_get(changes, i - 1);
        const json_t *old = json_object_get(change, "old");
        const char *name;
        json_t *value;
        json_object_foreach(json_object_get(change, "new"), name, value)
        {
            json_t *was = json_object_get(old, name);
            json_object_set_new(base, name, was == NULL ? json_null() : json_incref(was));
        }
    }
    return base;
}

/* ---- what is said ---- */

/* The bytes of the first `most` characters. */
static size_t bytes_of(const char *text, size_t most)
{
    size_t at = 0;
    for (size_t n = 0; text[at] != '\0'; at++) {
        n += ((unsigned char)text[at] & 0xc0) != 0x80;
        if (n > most)
            break;
    }
    return at;
}

void amend_conflict_add_short(struct text *t, const struct field *f, const json_t *value)
{
    CLEANUP(text_free) struct text whole = {0};
    char escaped[MAX_ESCAPED];
    field_add_input(&whole, f, value);
    if (whole.length == 0) {
        text_add(t, "(empty)");
        return;
    }
    for (char *at = whole.data; *at != '\0'; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    size_t bytes = bytes_of(whole.data, MAX_SHOWN);
    bool cut = bytes < whole.length;
    whole.data[bytes] = '\0';
    log_escape(escaped, sizeof escaped, whole.data);
    text_addf(t, "%s%s", escaped, cut ? "..." : "");
}

static void print_change(FILE *out, const json_t *change)
{
    const json_t *is_now = json_object_get(change, "new");
    const json_t *was = json_object_get(change, "old");
    for (const struct field *f = fields; f->name != NULL; f++) {
        const json_t *value = json_object_get(is_now, f->name);
        CLEANUP(text_free) struct text line = {0};
        if (value == NULL)
            continue;
        amend_conflict_add_short(&line, f, json_object_get(was, f->name));
        text_add(&line, " -> ");
        amend_conflict_add_short(&line, f, value);
        fprintf(out, "    %s: %s\n", f->name, text_get(&line));
    }
}

void amend_conflict_print(FILE *out, const json_t *changes)
{
    const json_t *change;
    size_t i;
    json_array_foreach(changes, i, change)
    {
        const char *who = json_string_value(json_object_get(change, "who"));
        const char *reason = json_string_value(json_object_get(change, "reason"));
        char at[LOCAL_TIME_SIZE], escaped[MAX_ESCAPED];
        log_escape(escaped, sizeof escaped, reason == NULL ? "no reason given" : reason);
        fprintf(out, "  %s by %s: %s\n", local_time_format(register_instant(change, "at"), at),
                who == NULL ? "?" : who, escaped);
        print_change(out, change);
    }
}

/* ---- one on top of the other ---- */

static bool same(const json_t *a, const json_t *b)
{
    return (field_is_empty(a) && field_is_empty(b)) || json_equal(a, b);
}

void amend_conflict_merge(const struct form *form, const json_t *base, const json_t *present,
                          const json_t *mine, json_t **ret_inputs, json_t **ret_notes)
{
    json_t *inputs = field_template_inputs(present);
    json_t *notes = json_object();
    for (const struct field *f = fields; f->name != NULL; f++) {
        const json_t *value = json_object_get(mine, f->name);
        const json_t *was = json_object_get(base, f->name);
        const json_t *now = json_object_get(present, f->name);
        if (value == NULL)
            continue;
        json_object_set_new(inputs, f->name, json_string(form_get(form, f->name)));
        if (same(was, now) || same(value, now))
            continue;
        CLEANUP(text_free) struct text note = {0};
        text_addf(&note, "%s: somebody else changed it, too: ", f->name);
        amend_conflict_add_short(&note, f, was);
        text_add(&note, " -> ");
        amend_conflict_add_short(&note, f, now);
        text_add(&note, "; yours stands below");
        json_object_set_new(notes, f->name, json_string(text_get(&note)));
    }
    *ret_inputs = inputs;
    *ret_notes = notes;
}
