#include <inttypes.h>
#include <string.h>

#include "common/local_time.h"
#include "common/render.h"
#include "jobs/breach/enisa.h"
#include "jobs/breach/fields.h"
#include "jobs/breach/page.h"
#include "jobs/breach/register.h"
#include "jobs/breach/show.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value == NULL ? "" : value;
}

static const char *instant_of(const json_t *object, const char *key,
                              char dst[static LOCAL_TIME_SIZE])
{
    int64_t at = register_instant(object, key);
    dst[0] = '\0';
    return at == CLOCK_NO_INSTANT ? dst : local_time_format(at, dst);
}

static const json_t *part(const struct show *s, const char *key)
{
    return json_object_get(s->register_, key);
}

/* ---- fields ---- */

/* What nobody filled in has these values. */
static bool is_default(const struct field *f, const json_t *value)
{
    static const struct {
        const char *name, *value;
    } defaults[] = {{"ongoing", "UNKNOWN"}, {"legal_basis", "AVG"}};
    if (strcmp(f->name, "occurred_unknown") == 0)
        return json_is_false(value);
    for (size_t i = 0; i < COUNT_OF(defaults); i++)
        if (strcmp(f->name, defaults[i].name) == 0)
            return json_is_string(value) &&
                   strcmp(json_string_value(value), defaults[i].value) == 0;
    return false;
}

void show_fields(FILE *out, const struct show *s)
{
    const json_t *breach = part(s, "breach");
    const char *section = NULL;
    for (const struct field *f = fields; f->name != NULL; f++) {
        const json_t *value = json_object_get(breach, f->name);
        bool in_head = strcmp(f->name, "title") == 0 || strcmp(f->name, "aware_at") == 0;
        if (in_head || field_is_empty(value) || is_default(f, value))
            continue;
        CLEANUP(text_free) struct text shown = {0};
        if (f->section != section)
            page_heading(out, f->section);
        section = f->section;
        field_add_value(&shown, f, value, s->codes, "en");
        page_line(out, f->label, text_get(&shown));
    }
}

/* ---- assessments ---- */

static void print_enisa(FILE *out, const json_t *stored)
{
    CLEANUP(text_free) struct text words = {0};
    CLEANUP(text_free) struct text line = {0};
    struct enisa_input in;
    struct error wrong = {0};
    char number[8];
    if (field_is_empty(stored))
        return;
    if (!enisa_from_json(stored, &in, &wrong)) {
        page_line(out, "ENISA advice", wrong.message);
        return;
    }
    struct enisa_score score = enisa_score(&in);
    enisa_add_words(&words, &in);
    text_addf(&line, "%s, %s: %s\n%s",
              enisa_quarters(number, sizeof number, score.se_quarters, "en"),
              enisa_band_word(score.band, "en"), text_get(&words), enisa_advice_only("en"));
    page_line(out, "ENISA advice", text_get(&line));
}

static void add_decision(struct text *t, const json_t *assessment, const char *key,
                         const char *because)
{
    const json_t *value = json_object_get(assessment, key);
    text_add(t, json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "not decided");
    if (text_of(assessment, because)[0] != '\0')
        text_addf(t, ": %s", text_of(assessment, because));
}

static void print_ground(FILE *out, const struct show *s, const json_t *assessment)
{
    CLEANUP(text_free) struct text ground = {0};
    CLEANUP(text_free) struct text made_public = {0};
    char at[LOCAL_TIME_SIZE];
    const char *code = text_of(assessment, "exempt_ground");
    if (code[0] == '\0')
        return;
    field_add_code_label(&ground, s->codes, "exempt_ground", code, "en");
    page_line(out, "Ground not to tell them", text_get(&ground));
    if (instant_of(assessment, "public_at", at)[0] != '\0')
        text_addf(&made_public, "%s, %s", at, text_of(assessment, "public_where"));
    page_line(out, "Made public", text_get(&made_public));
}

static void print_assessment(FILE *out, const struct show *s, const json_t *assessment)
{
    CLEANUP(text_free) struct text decided = {0};
    CLEANUP(text_free) struct text ap = {0};
    CLEANUP(text_free) struct text customers = {0};
    char at[LOCAL_TIME_SIZE];
    text_addf(&decided, "%s, by %s", instant_of(assessment, "assessed_at", at),
              text_of(assessment, "assessed_by"));
    page_line(out, "Decided", text_get(&decided));
    page_line(out, "Risk", text_of(assessment, "risk"));
    page_line(out, "Because", text_of(assessment, "because"));
    add_decision(&ap, assessment, "notify_ap", "ap_because");
    page_line(out, "AP told", text_get(&ap));
    add_decision(&customers, assessment, "notify_customers", "customers_because");
    page_line(out, "Customers told", text_get(&customers));
    print_ground(out, s, assessment);
    print_enisa(out, json_object_get(assessment, "enisa"));
}

void show_assessments(FILE *out, const struct show *s)
{
    const json_t *all = part(s, "assessments");
    size_t count = json_array_size(all);
    for (size_t i = count; i > 0; i--) {
        page_heading(out, i == count ? "Assessment" : "Assessment, an earlier one");
        print_assessment(out, s, json_array_get(all, i - 1));
    }
}

/* ---- people ---- */

static void print_counts(FILE *out, const struct show *s)
{
    static const struct {
        const char *state, *label;
    } states[] = {{"to_tell", "Still to be told"},
                  {"returned", "Told, mail came back"},
                  {"told", "Told"},
                  {"exempt", "Need not be told"},
                  {"disposed", "Disposed of since"}};
    const json_t *row;
    size_t i;
    for (size_t k = 0; k < COUNT_OF(states); k++)
        json_array_foreach(part(s, "affected"), i, row)
        {
            CLEANUP(text_free) struct text line = {0};
            char number[32], told[LOCAL_TIME_SIZE];
            if (strcmp(text_of(row, "state"), states[k].state) != 0)
                continue;
            text_add(&line, render_count(number, sizeof number,
                                         json_integer_value(json_object_get(row, "n"))));
            if (instant_of(row, "last_told", told)[0] != '\0')
                text_addf(&line, ", the last %s", told);
            page_line(out, states[k].label, text_get(&line));
        }
}

void show_affected(FILE *out, const struct show *s)
{
    CLEANUP(text_free) struct text letters = {0};
    CLEANUP(text_free) struct text references = {0};
    const json_t *row;
    size_t i;
    if (json_array_size(part(s, "affected")) == 0)
        return;
    page_heading(out, "Affected customers");
    print_counts(out, s);
    json_array_foreach(part(s, "disposed"), i, row)
        text_addf(&references, "%s%s", i == 0 ? "" : "\n", json_string_value(row));
    if (json_array_size(part(s, "disposed")) == SHOW_DISPOSED_TEXT)
        text_add(&references, "\n...");
    page_line(out, "  by reference", text_get(&references));
    json_int_t pending = json_integer_value(json_object_get(part(s, "letters"), "pending"));
    json_int_t started = json_integer_value(json_object_get(part(s, "letters"), "started"));
    if (pending > 0)
        text_addf(&letters, "%" JSON_INTEGER_FORMAT "%s not handed over yet", pending,
                  json_is_true(json_object_get(part(s, "letters"), "more")) ? " and more" : "");
    if (started > 0)
        text_addf(&letters, ", of which %" JSON_INTEGER_FORMAT " were begun", started);
    page_line(out, "Letters", text_get(&letters));
}

/* ---- what was done ---- */

void show_measures(FILE *out, const struct show *s)
{
    const json_t *row;
    size_t i;
    if (json_array_size(part(s, "measures")) > 0)
        page_heading(out, "Measures");
    json_array_foreach(part(s, "measures"), i, row)
    {
        CLEANUP(text_free) struct text label = {0};
        CLEANUP(text_free) struct text line = {0};
        char at[LOCAL_TIME_SIZE];
        field_add_code_label(&label, s->codes, "measure_type", text_of(row, "type"), "en");
        text_addf(&line, "%s: %s", text_of(row, "status"), text_of(row, "description"));
        if (instant_of(row, "at", at)[0] != '\0')
            text_addf(&line, "\n%s", at);
        page_line(out, text_get(&label), text_get(&line));
    }
}

static void add_breaches(struct text *t, const json_t *row)
{
    const json_t *breaches = json_object_get(row, "breaches");
    const json_t *one;
    size_t i;
    if (json_array_size(breaches) < 2)
        return;
    text_add(t, "\nfor");
    json_array_foreach(breaches, i, one) text_addf(t, " %s", json_string_value(one));
}

void show_notifications(FILE *out, const struct show *s)
{
    const json_t *row;
    size_t i;
    if (json_array_size(part(s, "notifications")) > 0)
        page_heading(out, "Notifications");
    json_array_foreach(part(s, "notifications"), i, row)
    {
        CLEANUP(text_free) struct text line = {0};
        char sent[LOCAL_TIME_SIZE];
        const struct {
            const char *key, *label;
        } more[] = {{"number", "\nnumber "},
                    {"delay_reason", "\nlate because "},
                    {"reason", "\nbecause "},
                    {"sha256", "\nwhat was sent: SHA-256 "}};
        const char *authority = text_of(row, "authority");
        const char *kind = text_of(row, "kind");
        text_addf(&line, "%s%s, %s, by %s", strcmp(kind, "follow_up") == 0 ? "follow-up" : kind,
                  json_is_true(json_object_get(row, "complete")) ? ", complete" : "",
                  instant_of(row, "sent_at", sent), text_of(row, "recorded_by"));
        for (size_t k = 0; k < COUNT_OF(more); k++)
            if (text_of(row, more[k].key)[0] != '\0')
                text_addf(&line, "%s%s", more[k].label, text_of(row, more[k].key));
        add_breaches(&line, row);
        page_line(out,
                  authority[0] != '\0' ? authority : clock_view_name(text_of(row, "recipient")),
                  text_get(&line));
    }
}

void show_reminders(FILE *out, const struct show *s)
{
    const json_t *row;
    size_t i;
    if (json_array_size(part(s, "reminders")) > 0)
        page_heading(out, "Reminders");
    json_array_foreach(part(s, "reminders"), i, row)
    {
        CLEANUP(text_free) struct text line = {0};
        char sent[LOCAL_TIME_SIZE];
        json_int_t waiting = json_integer_value(json_object_get(row, "waiting"));
        text_addf(&line, "%" JSON_INTEGER_FORMAT " sent",
                  json_integer_value(json_object_get(row, "sent")));
        if (instant_of(row, "last_sent_at", sent)[0] != '\0')
            text_addf(&line, ", the last (%s) %s", text_of(row, "last_step"), sent);
        if (waiting > 0)
            text_addf(&line, "; %" JSON_INTEGER_FORMAT " could not be sent yet", waiting);
        page_line(out, clock_view_name(text_of(row, "clock")), text_get(&line));
    }
}

void show_timeline(FILE *out, const struct show *s)
{
    const json_t *row;
    size_t i;
    if (json_array_size(part(s, "timeline")) > 0)
        page_heading(out, "Timeline");
    json_array_foreach(part(s, "timeline"), i, row)
    {
        char at[LOCAL_TIME_SIZE];
        page_line(out, instant_of(row, "at", at), text_of(row, "what"));
    }
}

void show_attachments(FILE *out, const struct show *s)
{
    const json_t *row;
    size_t i;
    if (json_array_size(part(s, "attachments")) > 0)
        page_heading(out, "Attachments");
    json_array_foreach(part(s, "attachments"), i, row)
    {
        CLEANUP(text_free) struct text line = {0};
        char size[32];
        text_addf(
            &line, "%s (%s)\nSHA-256 %s", text_of(row, "path"),
            render_bytes(size, sizeof size,
                         (unsigned long long)json_integer_value(json_object_get(row, "bytes"))),
            text_of(row, "sha256"));
        page_text(out, 2, text_get(&line));
    }
}
