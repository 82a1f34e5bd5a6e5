#include "jobs/breach/field_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/local_time.h"
#include "common/memory.h"
#include "common/nearest.h"
#include "jobs/breach/fields.h"

enum {
    MAX_LINE = 300,   /* characters: it is the subject of mails and a column of lists */
    MAX_DIGITS = 12,  /* nobody loses more records */
    MAX_CODE = 40,    /* no code is longer */
    MAX_HOURS = 8760, /* a year */
    MOST_FIELDS = 128,
    MOST_CODES = 128
};

/* ISO 3166-1 alpha-2 */
static const char countries[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM "
    "ZW";

struct reader {
    const struct form *form;
    const json_t *codes;
    struct text *faults;
};

/* ---- kinds ---- */

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static json_t *read_line(struct reader *r, const struct field *f, const char *value)
{
    size_t name = strlen(f->name);
    const char *at = strchr(value, '@');
    if (strchr(value, '\n') != NULL)
        form_fault(r->form, f->name, r->faults, "has several lines; one is allowed");
    else if (characters(value) > MAX_LINE)
        form_fault(r->form, f->name, r->faults, "is too long; %d characters are allowed", MAX_LINE);
    else if (name > 6 && strcmp(f->name + name - 6, "_email") == 0 &&
             (at == NULL || at == value || at[1] == '\0' || strpbrk(value, " \t,;<>") != NULL))
        form_fault(r->form, f->name, r->faults,
                   "is no mail address; one such as security@example.nl is allowed");
    else
        return json_string(value);
    return NULL;
}

static json_t *read_instant(struct reader *r, const struct field *f, const char *value)
{
    int64_t instant;
    struct error err = {0};
    if (local_time_parse(value, &instant, &err))
        return json_integer(instant);
    form_fault(r->form, f->name, r->faults, "%s", err.message);
    return NULL;
}

static json_t *read_integer(struct reader *r, const struct field *f, const char *value)
{
    bool minus = *value == '-';
    size_t digits = strspn(value + minus, "0123456789");
    bool hours = strstr(f->name, "_hours") != NULL;
    long long number = digits <= MAX_DIGITS ? strtoll(value, NULL, 10) : 0;
    if (digits == 0 || value[minus + digits] != '\0')
        form_fault(r->form, f->name, r->faults,
                   "is no whole number; digits alone are allowed, as in 1200");
    else if (minus)
        form_fault(r->form, f->name, r->faults, "is less than %d", hours ? 1 : 0);
    else if (digits > MAX_DIGITS)
        form_fault(r->form, f->name, r->faults, "is too large; %d digits are allowed", MAX_DIGITS);
    else if (hours && (number < 1 || number > MAX_HOURS))
        form_fault(r->form, f->name, r->faults, "is no number of hours; 1 to %d are allowed",
                   MAX_HOURS);
    else
        return json_integer(number);
    return NULL;
}

static json_t *read_yes_no(struct reader *r, const struct field *f, const char *value)
{
    static const char *const yes[] = {"yes", "y", "ja", "true"};
    static const char *const no[] = {"no", "n", "nee", "false"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        if (strcasecmp(value, yes[i]) == 0)
            return json_true();
        if (strcasecmp(value, no[i]) == 0)
            return json_false();
    }
    form_fault(r->form, f->name, r->faults, "is neither yes nor no; leave it empty when unknown");
    return NULL;
}

/* ---- codes ---- */

/* May be repeated in a message: short, and made of what codes are made of. */
static bool could_be_code(const char *word)
{
    static const char of_codes[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_- 0123456789";
    return strlen(word) <= MAX_CODE && word[strspn(word, of_codes)] == '\0';
}

static char code_letter(char c)
{
    if (c == '-' || c == ' ')
        return '_';
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return c;
}

static char *as_code(const char *word)
{
    char *code = memory_copy_text(word);
    for (char *c = code; *c != '\0'; c++)
        *c = code_letter(*c);
    return code;
}

/* The codes of a list as people type them. */
struct code_names {
    struct text bytes; /* each with its NUL */
    const char *names[MOST_CODES];
    size_t count;
};

static void code_names_release(struct code_names *n)
{
    text_free(&n->bytes);
}

static void list_names(const json_t *list, struct code_names *n)
{
    const json_t *entry;
    size_t i;
    json_array_foreach(list, i, entry)
    {
        field_add_lower(&n->bytes, json_string_value(json_object_get(entry, "code")));
        text_add_bytes(&n->bytes, "", 1);
    }
    for (size_t at = 0; at < n->bytes.length && n->count < MOST_CODES;
         at += strlen(n->bytes.data + at) + 1)
        n->names[n->count++] = n->bytes.data + at;
}

static void refuse_code(struct reader *r, const struct field *f, const char *word)
{
    CLEANUP(code_names_release) struct code_names known = {0};
    CLEANUP(text_free) struct text end = {0};
    CLEANUP(text_free) struct text typed = {0};
    CLEANUP(memory_release) char *code = as_code(word);
    list_names(json_object_get(r->codes, f->list), &known);
    field_add_lower(&typed, code);
    nearest_add(&end, "", text_get(&typed), known.names, known.count);
    bool near = end.length > 0;
    for (size_t i = 0; !near && i < known.count; i++)
        text_addf(&end, "%s%s", i == 0 ? "; allowed are " : ", ", known.names[i]);
    bool shown = could_be_code(word);
    form_fault(r->form, f->name, r->faults, "%s%s%s is no code%s", shown ? "'" : "",
               shown ? word : "an item", shown ? "'" : "", text_get(&end));
}

/* The code in its form; NULL when the list does not have it. */
static json_t *read_code(struct reader *r, const struct field *f, const char *word)
{
    CLEANUP(memory_release) char *code = as_code(word);
    const json_t *list = json_object_get(r->codes, f->list);
    const json_t *entry;
    size_t i;
    bool known = list == NULL && could_be_code(word);
    json_array_foreach(list, i, entry)
    {
        const char *its = json_string_value(json_object_get(entry, "code"));
        known = known || (its != NULL && strcmp(its, code) == 0);
    }
    if (known)
        return json_string(code);
    refuse_code(r, f, word);
    return NULL;
}

static json_t *read_country(struct reader *r, const struct field *f, const char *word)
{
    CLEANUP(memory_release) char *code = as_code(word);
    bool known = strlen(code) == 2 && strchr(code, '_') == NULL && strstr(countries, code) != NULL;
    if (known)
        return json_string(code);
    const char *meant = strcmp(code, "UK") == 0   ? "; did you mean GB?"
                        : strcmp(code, "EL") == 0 ? "; did you mean GR?"
                                                  : "; two letters as in BE, DE are allowed";
    bool shown = could_be_code(word);
    form_fault(r->form, f->name, r->faults, "%s%s%s is no country (ISO 3166)%s", shown ? "'" : "",
               shown ? word : "an item", shown ? "'" : "", meant);
    return NULL;
}

static bool array_has(const json_t *array, const json_t *value)
{
    const json_t *item;
    size_t i;
    json_array_foreach(array, i, item)
    {
        if (json_equal(item, value))
            return true;
    }
    return false;
}

static json_t *read_list(struct reader *r, const struct field *f, const char *value)
{
    CLEANUP(text_free) struct text item = {0};
    json_t *array = json_array();
    bool good = true;
    for (const char *cursor = value; form_next_item(&cursor, &item);) {
        json_t *one = f->kind == FIELD_COUNTRIES ? read_country(r, f, text_get(&item))
                                                 : read_code(r, f, text_get(&item));
        good = good && one != NULL;
        if (one != NULL && !array_has(array, one))
            json_array_append(array, one);
        json_decref(one);
    }
    if (good)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *read_value(struct reader *r, const struct field *f, const char *value)
{
    if (*value == '\0')
        return json_null();
    switch (f->kind) {
    case FIELD_LINE:
        return read_line(r, f, value);
    case FIELD_TEXT:
        return json_string(value);
    case FIELD_INSTANT:
        return read_instant(r, f, value);
    case FIELD_INTEGER:
        return read_integer(r, f, value);
    case FIELD_YES_NO:
        return read_yes_no(r, f, value);
    case FIELD_CODE:
        return read_code(r, f, value);
    case FIELD_CODES:
    case FIELD_COUNTRIES:
        break;
    }
    return read_list(r, f, value);
}

/* ---- a form ---- */

static void check_needed(struct reader *r, const struct field *f, enum field_scope scope,
                         const json_t *value)
{
    const char *typed = form_get(r->form, f->name);
    bool empty =
        typed == NULL || typed[0] == '\0' || (value != NULL && field_is_empty(value)); /* ", ," */
    bool nature = strcmp(f->name, "nature") == 0;
    if (!empty || (scope == FIELD_CHANGES && typed == NULL))
        return;
    form_fault(r->form, f->name, r->faults, "is needed%s%s",
               scope == FIELD_CHANGES ? " and cannot be taken away" : "",
               nature ? ": at least one of confidentiality, integrity, availability" : "");
}

static void check_names(struct reader *r, const char *const *extra)
{
    const char *names[MOST_FIELDS];
    size_t count = 0;
    for (const struct field *f = fields; f->name != NULL; f++)
        names[count++] = f->name;
    for (; *extra != NULL; extra++)
        names[count++] = *extra;
    (void)form_check_names(r->form, names, count, r->faults);
}

json_t *field_read(const struct form *form, const json_t *codes, enum field_scope scope,
                   const json_t *inputs, const char *const *extra, struct text *faults)
{
    struct reader r = {form, codes, faults};
    json_t *values = json_object();
    check_names(&r, extra);
    for (const struct field *f = fields; f->name != NULL; f++) {
        const char *typed = form_get(form, f->name);
        const char *before = json_string_value(json_object_get(inputs, f->name));
        if (typed != NULL && before != NULL && strcmp(typed, before) == 0)
            continue;
        json_t *value = typed == NULL ? NULL : read_value(&r, f, typed);
        if (f->needed)
            check_needed(&r, f, scope, value);
        if (value != NULL)
            json_object_set_new(values, f->name, value);
    }
    return values;
}

/* ---- how they hang together ---- */

/* Both have a value, and the first is the greater one. */
static bool is_greater(const json_t *values, const char *first, const char *second)
{
    const json_t *a = json_object_get(values, first);
    const json_t *b = json_object_get(values, second);
    return json_is_integer(a) && json_is_integer(b) &&
           json_integer_value(a) > json_integer_value(b);
}

static bool has(const json_t *values, const char *name)
{
    return !field_is_empty(json_object_get(values, name));
}

static bool is_after(const json_t *values, const char *name, int64_t instant)
{
    const json_t *value = json_object_get(values, name);
    return json_is_integer(value) && json_integer_value(value) > instant;
}

/* What has happened lies behind us. */
static void check_past(const struct form *form, const json_t *values, int64_t now,
                       struct text *faults)
{
    static const char *const past[] = {
        "aware_at",           "occurred_from",      "occurred_to",
        "discovered_at",      "processor_aware_at", "processor_informed_at",
        "authority_order_at", "nis2_aware_at",      "dora_classified_at"};
    char shown[LOCAL_TIME_SIZE];
    local_time_format(now, shown);
    for (size_t i = 0; i < COUNT_OF(past); i++)
        if (is_after(values, past[i], now))
            form_fault(form, past[i], faults, "lies in the future; now it is %s", shown);
    const json_t *aware = json_object_get(values, "aware_at");
    if (json_is_integer(aware) && json_integer_value(aware) < 0)
        form_fault(form, "aware_at", faults, "lies before 1970");
}

void field_check(const struct form *form, const json_t *values, int64_t now, struct text *faults)
{
    check_past(form, values, now, faults);
    if (is_greater(values, "persons_min", "persons_max"))
        form_fault(form, "persons_max", faults, "is less than persons_min");
    if (is_greater(values, "records_min", "records_max"))
        form_fault(form, "records_max", faults, "is less than records_min");
    if (is_greater(values, "occurred_from", "occurred_to"))
        form_fault(form, "occurred_to", faults, "lies before occurred_from");
    if (json_is_true(json_object_get(values, "occurred_unknown")) &&
        (has(values, "occurred_from") || has(values, "occurred_to")))
        form_fault(form, "occurred_unknown", faults,
                   "is yes while occurred_from or occurred_to is given; one of the two is allowed");
}

static void warn(json_t *warnings, const char *sentence)
{
    json_array_append_new(warnings, json_string(sentence));
}

json_t *field_warnings(const json_t *values)
{
    json_t *warnings = json_array();
    bool unknown = json_is_true(json_object_get(values, "occurred_unknown"));
    if (is_greater(values, "occurred_from", "aware_at"))
        warn(warnings, "aware_at: lies before occurred_from; is that right?");
    if (is_greater(values, "discovered_at", "aware_at"))
        warn(warnings, "aware_at: lies before discovered_at; is that right?");
    if (is_greater(values, "processor_aware_at", "processor_informed_at"))
        warn(warnings, "processor_informed_at: lies before processor_aware_at; is that right?");
    if (unknown)
        warn(warnings, "occurred_unknown: is yes; the AP asks when it occurred, as near as you can "
                       "tell");
    else if (!has(values, "occurred_from"))
        warn(warnings, "occurred_from: is not given, and occurred_unknown is not yes");
    if (has(values, "countries") && !json_is_true(json_object_get(values, "cross_border")))
        warn(warnings, "countries: are given, and cross_border is not yes");
    return warnings;
}

/* ---- for the database ---- */

char *field_to_sql(const json_t *values, bool with_null)
{
    json_t *out = json_object();
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)values, name, value) // NOLINT: reads only
    {
        const struct field *f = field_find(name);
        char instant[21];
        if (f == NULL || (!with_null && field_is_empty(value)))
            continue;
        if (f->kind != FIELD_INSTANT || !json_is_integer(value)) {
            json_object_set(out, name, value);
            continue;
        }
        clock_format_utc((int64_t)json_integer_value(value), instant);
        json_object_set_new(out, name, json_string(instant));
    }
    char *text = json_dumps(out, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(out);
    return text;
}
