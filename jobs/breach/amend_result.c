#include "jobs/breach/amend_result.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/digest.h"
#include "common/local_time.h"
#include "common/log.h"
#include "common/render.h"
#include "common/text.h"
#include "jobs/breach/amend_conflict.h"
#include "jobs/breach/clock_view.h"
#include "jobs/breach/field_read.h"
#include "jobs/breach/fields.h"
#include "jobs/breach/register.h"

static int64_t version_after(const struct amend_result *r)
{
    return (int64_t)json_integer_value(json_object_get(r->before, "version")) +
           (json_object_size(r->changed) > 0 ? 1 : 0);
}

static void write_log(const struct amend_result *r)
{
    CLEANUP(text_free) struct text names = {0};
    for (const struct field *f = fields; f->name != NULL; f++) {
        if (json_object_get(r->changed, f->name) == NULL)
            continue;
        text_separate(&names, ",");
        text_add(&names, f->name);
    }
    log_event(LOG_NOTICE, "breach.amended",
              "breach=%s version=%" PRId64 " fields=%s measures=%zu timeline=%zu attachments=%zu%s",
              r->reference, version_after(r), names.length == 0 ? "-" : text_get(&names),
              json_array_size(r->additions->measures), json_array_size(r->additions->timeline),
              json_array_size(r->additions->attachments), r->reopened ? " reopened=yes" : "");
}

/* ---- for people ---- */

static void print_changes(const struct amend_result *r)
{
    const json_t *before = json_object_get(r->before, "fields");
    for (const struct field *f = fields; f->name != NULL; f++) {
        const json_t *value = json_object_get(r->changed, f->name);
        CLEANUP(text_free) struct text line = {0};
        if (value == NULL)
            continue;
        amend_conflict_add_short(&line, f, json_object_get(before, f->name));
        text_add(&line, " -> ");
        amend_conflict_add_short(&line, f, value);
        printf("  %s: %s\n", f->name, text_get(&line));
    }
}

static void print_moved(const struct amend_result *r)
{
    const json_t *aware = json_object_get(r->changed, "aware_at");
    int64_t first = register_instant(r->before, "first_aware_at");
    char shown[LOCAL_TIME_SIZE];
    if (json_is_integer(aware) && (int64_t)json_integer_value(aware) > first)
        printf("  aware_at is later now than when it was registered (%s): every report shows both, "
               "and the reason.\n",
               local_time_format(first, shown));
}

static void print_additions(const struct amend_additions *a)
{
    const json_t *entry;
    size_t i;
    json_array_foreach(a->measures, i, entry)
    {
        CLEANUP(text_free) struct text type = {0};
        field_add_code_label(&type, NULL, NULL, json_string_value(json_object_get(entry, "type")),
                             "en");
        printf("  measure %" JSON_INTEGER_FORMAT " added: %s, %s\n",
               json_integer_value(json_object_get(entry, "id")), text_get(&type),
               json_string_value(json_object_get(entry, "status")));
    }
    json_array_foreach(a->timeline, i, entry)
    {
        char at[LOCAL_TIME_SIZE];
        printf("  added to the timeline: %s\n",
               local_time_format(register_instant(entry, "at"), at));
    }
    json_array_foreach(a->attachments, i, entry)
    {
        char size[32];
        printf(
            "  attached %s (%s, SHA-256 %.16s...)\n",
            json_string_value(json_object_get(entry, "path")),
            render_bytes(size, sizeof size,
                         (unsigned long long)json_integer_value(json_object_get(entry, "bytes"))),
            json_string_value(json_object_get(entry, "sha256")));
    }
}

static void print_text(const struct job_ctx *ctx, const struct amend_result *r,
                       const struct clock_view_list *clocks)
{
    printf("%s %s, version %" PRId64 ".\n", r->reference, r->reopened ? "is open again" : "amended",
           version_after(r));
    print_changes(r);
    print_moved(r);
    print_additions(r->additions);
    clock_view_print(stdout, clocks, ctx->now);
}

/* ---- for programs ---- */

/* Instants as text, with their offset. */
static json_t *shown(const struct field *f, const json_t *value)
{
    char instant[LOCAL_TIME_SIZE];
    if (f->kind == FIELD_INSTANT && json_is_integer(value))
        return json_string(local_time_format_iso((int64_t)json_integer_value(value), instant));
    return value == NULL ? json_null() : json_deep_copy(value);
}

static json_t *shown_entries(const json_t *entries)
{
    json_t *out = json_deep_copy(entries);
    json_t *entry;
    size_t i;
    json_array_foreach(out, i, entry)
    {
        char at[LOCAL_TIME_SIZE];
        if (json_is_integer(json_object_get(entry, "at")))
            json_object_set_new(
                entry, "at", json_string(local_time_format_iso(register_instant(entry, "at"), at)));
    }
    return out;
}

static void print_json(const struct job_ctx *ctx, const struct amend_result *r,
                       const struct clock_view_list *clocks, json_t *warnings)
{
    const json_t *before = json_object_get(r->before, "fields");
    json_t *changed = json_object();
    for (const struct field *f = fields; f->name != NULL; f++) {
        const json_t *value = json_object_get(r->changed, f->name);
        if (value != NULL)
            json_object_set_new(changed, f->name,
                                json_pack("{s:o, s:o}", "old",
                                          shown(f, json_object_get(before, f->name)), "new",
                                          shown(f, value)));
    }
    json_t *result = json_pack(
        "{s:s, s:I, s:b, s:o, s:o, s:o, s:o, s:O, s:o}", "reference", r->reference, "version",
        (json_int_t)version_after(r), "reopened", r->reopened, "changed", changed, "measures",
        shown_entries(r->additions->measures), "timeline", shown_entries(r->additions->timeline),
        "attachments", shown_entries(r->additions->attachments), "warnings", warnings, "clocks",
        clock_view_list_to_json(clocks, ctx->now));
    render_json(stdout, result);
    json_decref(result);
}

void amend_result_print(const struct job_ctx *ctx, struct db *db, const struct amend_result *r)
{
    CLEANUP(clock_view_free) struct clock_view_list clocks = {0};
    struct error err = {0};
    write_log(r);
    if (!clock_view_load(db, r->reference, &clocks, &err))
        log_failure("breach.amend.clocks", "", &err);
    json_t *whole = json_copy((json_t *)json_object_get(r->before, "fields")); // NOLINT: reads only
    json_object_update(whole, (json_t *)r->changed);                           // NOLINT: reads only
    json_t *warnings = json_object_size(r->changed) > 0 ? field_warnings(whole) : json_array();
    const json_t *warning;
    size_t i;
    json_array_foreach(warnings, i, warning)
    {
        fprintf(stderr, "warning: %s\n", json_string_value(warning));
    }
    if (ctx->json)
        print_json(ctx, r, &clocks, warnings);
    else
        print_text(ctx, r, &clocks);
    json_decref(warnings);
    json_decref(whole);
}
