#include "common/document.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/render.h"

void document_add(struct document *d, const struct document_section *shape, json_t *take_rows)
{
    MEMORY_GROW(d->parts, d->part_count, d->part_capacity);
    d->parts[d->part_count++] = (struct document_part){shape, take_rows};
}

json_t *document_rows(const struct document *d, const char *key)
{
    for (size_t i = 0; i < d->part_count; i++)
        if (strcmp(d->parts[i].shape->key, key) == 0)
            return d->parts[i].rows;
    return NULL;
}

json_t *document_figures(const struct document *d, const char *key)
{
    return json_array_get(document_rows(d, key), 0);
}

const char *document_words(const struct document *d, struct words w)
{
    return d->language == DOCUMENT_NL ? w.nl : w.en;
}

bool document_is_number(enum document_type type)
{
    return type == DOCUMENT_COUNT || type == DOCUMENT_NUMBER || type == DOCUMENT_BYTES ||
           type == DOCUMENT_SECONDS || type == DOCUMENT_DAYS;
}

static const struct document_code *find_code(const struct document_field *field, const char *code)
{
    for (const struct document_code *c = field->codes; c != NULL && c->code != NULL; c++)
        if (strcmp(c->code, code) == 0)
            return c;
    return NULL;
}

enum document_tone document_tone(const struct document_field *field, const json_t *value)
{
    const char *text = json_string_value(value);
    const struct document_code *code =
        field->type == DOCUMENT_CODE && text != NULL ? find_code(field, text) : NULL;
    return code == NULL ? TONE_PLAIN : code->tone;
}

/* ---- as people read it ---- */

/* 1.2 or 1,2, and the marks between thousands. */
static void add_localised(const struct document *d, const char *number, struct text *ret)
{
    for (; *number != '\0'; number++) {
        char c = *number;
        if (d->language == DOCUMENT_NL && (c == ',' || c == '.'))
            c = c == ',' ? '.' : ',';
        text_add_bytes(ret, &c, 1);
    }
}

static void show_count(const struct document *d, long long value, struct text *ret)
{
    char digits[32];
    add_localised(d, render_count(digits, sizeof digits, value), ret);
}

static void show_bytes(const struct document *d, long long value, struct text *ret)
{
    char bytes[32];
    if (value < 0)
        text_add(ret, "-");
    unsigned long long magnitude =
        value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value;
    add_localised(d, render_bytes(bytes, sizeof bytes, magnitude), ret);
}

/* 1,234.50; what is too large for hundredths as 1.5e+20. */
static void show_number(const struct document *d, double value, struct text *ret)
{
    char digits[32], count[32];
    if (fabs(value) >= 1e13) {
        snprintf(digits, sizeof digits, "%.15g", value);
    } else {
        long long hundredths = llround(fabs(value) * 100);
        snprintf(digits, sizeof digits, "%s%s.%02lld", value < 0 && hundredths > 0 ? "-" : "",
                 render_count(count, sizeof count, hundredths / 100), hundredths % 100);
    }
    add_localised(d, digits, ret);
}

/* 0.4 s, 42 s, 12 min, 3 h 05 min, 4 d 2 h */
static void show_seconds(const struct document *d, double value, struct text *ret)
{
    bool nl = d->language == DOCUMENT_NL;
    if (value < 0) {
        text_add(ret, "-");
        value = -value;
    }
    if (value < 10) {
        char digits[32];
        snprintf(digits, sizeof digits, "%.1f", value);
        add_localised(d, digits, ret);
        text_add(ret, " s");
        return;
    }
    /* The largest that a sum of nights can be is far below what fits. */
    int64_t seconds = value < 1e15 ? (int64_t)(value + 0.5) : (int64_t)1e15;
    int64_t minutes = (seconds + 30) / 60;
    if (seconds < 60)
        text_addf(ret, "%" PRId64 " s", seconds);
    else if (minutes < 60)
        text_addf(ret, "%" PRId64 " min", minutes);
    else if (minutes < 2880)
        text_addf(ret, "%" PRId64 " %s %02" PRId64 " min", minutes / 60, nl ? "u" : "h",
                  minutes % 60);
    else
        text_addf(ret, "%" PRId64 " d %" PRId64 " %s", minutes / 1440, minutes % 1440 / 60,
                  nl ? "u" : "h");
}

static const char *month_name(const struct document *d, int month)
{
    static const char *const en[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const char *const nl[] = {"jan", "feb", "mrt", "apr", "mei", "jun",
                                     "jul", "aug", "sep", "okt", "nov", "dec"};
    return d->language == DOCUMENT_NL ? nl[month - 1] : en[month - 1];
}

/* "23 Nov 2026"; with the time of day and the offset when it is an instant, whose seconds are left
 * out when they are 00. */
static void show_date(const struct document *d, const char *iso, struct text *ret)
{
    int year, month, day, hour, minute, second;
    char offset[16] = "";
    /* As the database writes them: no field is too long for an int. */
    // NOLINTNEXTLINE(cert-err34-c)
    int fields = sscanf(iso, "%9d-%2d-%2dT%2d:%2d:%2d%15s", &year, &month, &day, &hour, &minute,
                        &second, offset);
    if (fields < 2 || month < 1 || month > 12) {
        text_add(ret, iso);
        return;
    }
    if (fields >= 3)
        text_addf(ret, "%d ", day);
    text_addf(ret, "%s %d", month_name(d, month), year);
    if (fields < 6)
        return;
    text_addf(ret, " %02d:%02d", hour, minute);
    if (second != 0)
        text_addf(ret, ":%02d", second);
    const char *zone = offset + strspn(offset, ".0123456789"); /* parts of a second are not shown */
    text_addf(ret, "%s%s", *zone == '\0' ? "" : " ", zone);
}

static void show_code(const struct document *d, const struct document_field *field,
                      const char *code, struct text *ret)
{
    const struct document_code *known = find_code(field, code);
    const char *label = NULL;
    if (known != NULL)
        label = document_words(d, known->words);
    else if (field->labels != NULL)
        label = json_string_value(json_object_get(json_object_get(d->labels, field->labels), code));
    text_add(ret, label == NULL ? code : label);
}

static void show_one(const struct document *d, const struct document_field *field,
                     const json_t *value, struct text *ret);

static void show_array(const struct document *d, const struct document_field *field,
                       const json_t *values, struct text *ret)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)values, i, item)
    {
        if (i > 0)
            text_add(ret, ", ");
        show_one(d, field, item, ret);
    }
}

static void show_string(const struct document *d, const struct document_field *field,
                        const char *value, struct text *ret)
{
    if (field->type == DOCUMENT_DATE || field->type == DOCUMENT_MONTH ||
        field->type == DOCUMENT_INSTANT)
        show_date(d, value, ret);
    else if (field->type == DOCUMENT_CODE)
        show_code(d, field, value, ret);
    else
        text_add(ret, value);
}

static void show_whole(const struct document *d, const struct document_field *field,
                       long long value, struct text *ret)
{
    if (field->type == DOCUMENT_BYTES) {
        show_bytes(d, value, ret);
    } else if (field->type == DOCUMENT_SECONDS) {
        show_seconds(d, (double)value, ret);
    } else if (field->type == DOCUMENT_TEXT) { /* a number of something: run 12 */
        text_addf(ret, "%lld", value);
    } else {
        show_count(d, value, ret);
        if (field->type == DOCUMENT_DAYS)
            text_add(ret, document_words(d, value == 1 ? (struct words){" day", " dag"}
                                                       : (struct words){" days", " dagen"}));
    }
}

static void show_one(const struct document *d, const struct document_field *field,
                     const json_t *value, struct text *ret)
{
    if (json_is_string(value))
        show_string(d, field, json_string_value(value), ret);
    else if (json_is_integer(value))
        show_whole(d, field, json_integer_value(value), ret);
    else if (json_is_real(value) && field->type == DOCUMENT_SECONDS)
        show_seconds(d, json_real_value(value), ret);
    else if (json_is_real(value))
        show_number(d, json_real_value(value), ret);
    else if (json_is_boolean(value))
        text_add(ret, document_words(d, json_is_true(value) ? (struct words){"yes", "ja"}
                                                            : (struct words){"no", "nee"}));
    else if (json_is_array(value))
        show_array(d, field, value, ret);
    else {
        CLEANUP(memory_release) char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        text_add(ret, json == NULL ? "?" : json);
    }
}

bool document_is_nothing(const json_t *value)
{
    return value == NULL || json_is_null(value) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_string(value) && json_string_length(value) == 0);
}

void document_show(const struct document *d, const struct document_field *field,
                   const json_t *value, struct text *ret)
{
    if (document_is_nothing(value))
        text_add(ret, "-");
    else
        show_one(d, field, value, ret);
}

/* ---- as programs read it ---- */

static void plain_one(const json_t *value, struct text *ret)
{
    if (json_is_string(value)) {
        text_add(ret, json_string_value(value));
    } else if (!json_is_null(value)) {
        CLEANUP(memory_release)
        char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        text_add(ret, json == NULL ? "" : json);
    }
}

void document_plain(const struct document_field *field, const json_t *value, struct text *ret)
{
    size_t i;
    json_t *item;
    if (value == NULL)
        return;
    if (!json_is_array(value)) {
        plain_one(value, ret);
        return;
    }
    json_array_foreach((json_t *)value, i, item)
    {
        if (i > 0)
            text_add(ret, field->type == DOCUMENT_CODE ? " " : ", ");
        plain_one(item, ret);
    }
}

void document_free(struct document *d)
{
    for (size_t i = 0; i < d->part_count; i++)
        json_decref(d->parts[i].rows);
    free(d->parts);
    json_decref(d->labels);
    *d = (struct document){0};
}
