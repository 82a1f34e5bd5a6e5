#include "jobs/breach/draft_answer.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/local_time.h"
#include "common/utf8.h"

static const char *member(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value == NULL ? "" : value;
}

static bool is_kind(const json_t *question, const char *kind)
{
    return strcmp(member(question, "kind"), kind) == 0;
}

void draft_add_safe(struct text *t, const char *value)
{
    const unsigned char *p = (const unsigned char *)value;
    while (*p != '\0') {
        const unsigned char *start = p;
        unsigned long code = utf8_next(&p);
        if (code == '\r' && *p == '\n')
            continue;
        if (code == '\t' || code == '\r')
            text_add(t, " ");
        else if (code != '\n' && utf8_is_control(code))
            utf8_add_visible(t, code);
        else
            text_add_bytes(t, start, (size_t)(p - start));
    }
}

void draft_add_instant(struct text *t, int64_t instant, bool dutch)
{
    static const char *const days[] = {"zo", "ma", "di", "wo", "do", "vr", "za"};
    char shown[LOCAL_TIME_SIZE];
    time_t seconds = (time_t)instant;
    struct tm local;
    const char *rest = strchr(local_time_format(instant, shown), ' ');
    if (dutch && rest != NULL && localtime_r(&seconds, &local) != NULL)
        text_addf(t, "%s%s", days[local.tm_wday], rest);
    else
        text_add(t, shown);
}

static bool has_prefix(const char *code, const json_t *question)
{
    const char *prefix = member(question, "code_prefix");
    return strncmp(code, prefix, strlen(prefix)) == 0;
}

static bool list_answered(const json_t *raw, const json_t *question)
{
    size_t i;
    const json_t *item;
    json_array_foreach(raw, i, item)
    {
        if (!json_is_string(item) || has_prefix(json_string_value(item), question))
            return true;
    }
    return false;
}

static const json_t *raw_answer(const struct draft_register *r, const json_t *question)
{
    return json_object_get(r->answers, member(question, "source"));
}

bool draft_is_answered(const struct draft_register *r, const json_t *question)
{
    const json_t *raw = raw_answer(r, question);
    if (json_is_array(raw))
        return list_answered(raw, question);
    if (json_is_string(raw)) {
        const char *value = json_string_value(raw);
        return value[strspn(value, " \t\r\n")] != '\0';
    }
    return raw != NULL && !json_is_null(raw);
}

/* ---- conditions ---- */

static bool is_one_of(const char *code, const char *codes)
{
    size_t length = strlen(code);
    for (const char *at = codes; length > 0 && *at != '\0'; at += *at == ',') {
        size_t one = strcspn(at, ",");
        if (one == length && strncmp(at, code, one) == 0)
            return true;
        at += one;
    }
    return false;
}

static bool matches(const json_t *raw, const char *codes)
{
    size_t i;
    const json_t *item;
    if (json_is_string(raw))
        return is_one_of(json_string_value(raw), codes);
    json_array_foreach(raw, i, item)
    {
        if (json_is_string(item) && is_one_of(json_string_value(item), codes))
            return true;
    }
    return false;
}

static bool is_so(const json_t *raw)
{
    if (json_is_boolean(raw))
        return json_is_true(raw);
    if (json_is_array(raw))
        return json_array_size(raw) > 0;
    return json_is_string(raw) ? json_string_length(raw) > 0 : json_is_number(raw);
}

bool draft_holds(const struct draft_register *r, const char *condition)
{
    if (strcmp(condition, "always") == 0 || strcmp(condition, "never") == 0)
        return condition[0] == 'a';
    bool negated = condition[0] == '!';
    const char *name = condition + (negated ? 1 : 0);
    size_t length = strcspn(name, "=");
    const json_t *raw = json_object_getn(r->answers, name, length);
    if (name[length] == '=')
        return matches(raw, name + length + 1);
    return is_so(raw) != negated;
}

/* ---- typed ---- */

/* A code that its list does not have is shown all the same: it is in the register. */
static json_t *make_code(const struct draft_register *r, const char *list, const char *code)
{
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(r->codes, list), i, entry)
    {
        if (strcmp(member(entry, "code"), code) == 0)
            return json_deep_copy(entry);
    }
    return json_pack("{s:s,s:s,s:n}", "code", code, "label", code, "ap_code");
}

static json_t *make_instant(const json_t *raw)
{
    char shown[LOCAL_TIME_SIZE];
    return json_is_integer(raw) ? json_string(local_time_format_iso(json_integer_value(raw), shown))
                                : json_null();
}

static json_t *make_codes(const struct draft_register *r, const json_t *question, const json_t *raw)
{
    json_t *codes = json_array();
    size_t i;
    const json_t *item;
    json_array_foreach(raw, i, item)
    {
        const char *code = json_string_value(item);
        if (code != NULL && has_prefix(code, question))
            json_array_append_new(codes, make_code(r, member(question, "code_list"), code));
    }
    return codes;
}

static json_t *make_measures(const struct draft_register *r, const json_t *question,
                             const json_t *raw)
{
    json_t *measures = json_array();
    size_t i;
    const json_t *item;
    json_array_foreach(raw, i, item)
    {
        json_array_append_new(
            measures, json_pack("{s:o,s:s,s:o}", "type",
                                make_code(r, member(question, "code_list"), member(item, "type")),
                                "description", member(item, "description"), "at",
                                make_instant(json_object_get(item, "at"))));
    }
    return measures;
}

json_t *draft_answer(const struct draft_register *r, const json_t *question)
{
    const json_t *raw = raw_answer(r, question);
    if (!draft_is_answered(r, question))
        return json_null();
    if (is_kind(question, "instant"))
        return make_instant(raw);
    if (is_kind(question, "code"))
        return make_code(r, member(question, "code_list"), json_string_value(raw));
    if (is_kind(question, "codes"))
        return make_codes(r, question, raw);
    if (is_kind(question, "measures"))
        return make_measures(r, question, raw);
    return json_deep_copy(raw);
}

/* ---- for people ---- */

static void add_code(struct text *t, const json_t *code)
{
    const char *theirs = member(code, "ap_code");
    draft_add_safe(t, member(code, "label"));
    text_add(t, " [");
    draft_add_safe(t, theirs[0] != '\0' ? theirs : member(code, "code"));
    text_add(t, "]");
}

static void add_measure(struct text *t, const struct draft_register *r, const json_t *question,
                        const json_t *item)
{
    const json_t *at = json_object_get(item, "at");
    json_t *type = make_code(r, member(question, "code_list"), member(item, "type"));
    draft_add_safe(t, member(type, "label"));
    json_decref(type);
    if (json_is_integer(at)) {
        text_add(t, " (");
        draft_add_instant(t, json_integer_value(at), r->dutch);
        text_add(t, ")");
    }
    text_add(t, ": ");
    draft_add_safe(t, member(item, "description"));
}

static void add_attachment(struct text *t, const json_t *item)
{
    draft_add_safe(t, member(item, "name"));
    text_addf(t, ", %" JSON_INTEGER_FORMAT " bytes\n",
              json_integer_value(json_object_get(item, "bytes")));
    text_addf(t, "SHA-256 %s", member(item, "sha256"));
}

static void add_item(struct text *t, const struct draft_register *r, const json_t *question,
                     const json_t *item)
{
    if (is_kind(question, "measures"))
        add_measure(t, r, question, item);
    else if (is_kind(question, "attachments"))
        add_attachment(t, item);
    else if (json_is_string(item))
        draft_add_safe(t, json_string_value(item));
    else
        add_code(t, item);
}

static void add_list(struct text *t, const struct draft_register *r, const json_t *question,
                     const json_t *items)
{
    size_t i;
    const json_t *item;
    json_array_foreach(items, i, item)
    {
        if (i > 0)
            text_add(t, is_kind(question, "words") ? ", " : "\n");
        add_item(t, r, question, item);
    }
}

static void add_typed(struct text *t, const struct draft_register *r, const json_t *answer)
{
    if (json_is_integer(answer))
        text_addf(t, "%" JSON_INTEGER_FORMAT, json_integer_value(answer));
    else if (json_is_true(answer))
        text_add(t, r->dutch ? "ja" : "yes");
    else if (json_is_false(answer))
        text_add(t, r->dutch ? "nee" : "no");
    else if (json_is_string(answer))
        draft_add_safe(t, json_string_value(answer));
    else if (json_is_object(answer))
        add_code(t, answer);
}

void draft_answer_text(struct text *t, const struct draft_register *r, const json_t *question)
{
    const json_t *raw = raw_answer(r, question);
    if (!draft_is_answered(r, question))
        return;
    if (is_kind(question, "instant") && json_is_integer(raw)) {
        draft_add_instant(t, json_integer_value(raw), r->dutch);
        return;
    }
    if (is_kind(question, "measures")) { /* their instants are still numbers here */
        add_list(t, r, question, raw);
        return;
    }
    json_t *answer = draft_answer(r, question);
    if (json_is_array(answer))
        add_list(t, r, question, answer);
    else
        add_typed(t, r, answer);
    json_decref(answer);
}
