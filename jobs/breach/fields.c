#include "jobs/breach/fields.h"

#include <stdint.h>
#include <string.h>

#include "common/local_time.h"

static const char short_[] = "In short";
static const char about[] = "1. The organisation, and whom to ask";
static const char when[] = "2. When";
static const char breach[] = "3. The breach";
static const char data[] = "4. The data";
static const char people[] = "5. The people";
static const char before[] = "6. How the data were protected";
static const char after[] = "7. Consequences";
static const char next[] = "8. What follows";
static const char other[] = "9. Other";

#define AT "for instance 2026-10-23 15:00, or 2026-10-23T15:00+02:00"

const struct field fields[] = {
    {"title", "Title", FIELD_LINE, true, NULL, short_,
     "A few words by which colleagues know it, without names of customers: Laptop stolen from a "
     "car"},
    {"aware_at", "Aware", FIELD_INSTANT, true, NULL, short_,
     "When you were reasonably certain that personal data were compromised, whoever in the "
     "organisation knew it first. The 72 hours run from here; " AT},
    {"legal_basis", "Notified under", FIELD_CODE, false, "legal_basis", short_,
     "The law under which it is notified; avg when empty."},

    {"organisation_part", "Part of the organisation", FIELD_LINE, false, NULL, about,
     "Where it happened: Customer service, Utrecht"},
    {"reporter_name", "Reporter", FIELD_LINE, false, NULL, about,
     "Who notifies the AP; it asks for all four."},
    {"reporter_function", "Reporter, function", FIELD_LINE, false, NULL, about, "Security officer"},
    {"reporter_phone", "Reporter, telephone", FIELD_LINE, false, NULL, about, "+31 30 1234567"},
    {"reporter_email", "Reporter, e-mail", FIELD_LINE, false, NULL, about, "security@example.nl"},
    {"contact_name", "Contact", FIELD_LINE, false, NULL, about,
     "Whom the AP and customers can ask, often the data protection officer."},
    {"contact_function", "Contact, function", FIELD_LINE, false, NULL, about, NULL},
    {"contact_phone", "Contact, telephone", FIELD_LINE, false, NULL, about, NULL},
    {"contact_email", "Contact, e-mail", FIELD_LINE, false, NULL, about, NULL},
    {"processor_name", "Processor", FIELD_LINE, false, NULL, about,
     "The processor, when it happened there."},
    {"processor_aware_at", "Processor aware", FIELD_INSTANT, false, NULL, about,
     "When the processor knew."},
    {"processor_informed_at", "Processor told us", FIELD_INSTANT, false, NULL, about,
     "When the processor told us."},
    {"processor_contract_hours", "Processor, hours by contract", FIELD_INTEGER, false, NULL, about,
     "Within how many hours the contract wants to know: 24"},
    {"other_controllers", "Other controllers", FIELD_TEXT, false, NULL, about,
     "Other organisations that are responsible for these data, too, and what they do."},

    {"occurred_from", "Occurred from", FIELD_INSTANT, false, NULL, when, "When it began; " AT},
    {"occurred_to", "Occurred to", FIELD_INSTANT, false, NULL, when,
     "When it ended; the same as occurred_from for one moment."},
    {"occurred_unknown", "Occurred, unknown", FIELD_YES_NO, false, NULL, when,
     "yes when nobody can tell when it occurred; then leave both empty."},
    {"ongoing", "Still going on", FIELD_CODE, false, "ongoing", when, "Is it still going on?"},
    {"discovered_at", "Discovered", FIELD_INSTANT, false, NULL, when,
     "When it was discovered: the first sign, before it was certain."},
    {"discovered_how", "Discovered how", FIELD_TEXT, false, NULL, when,
     "By whom or what: A colleague reported the theft"},
    {"delay_reason", "Reasons for the delay", FIELD_TEXT, false, NULL, when,
     "Only when the AP is notified after the 72 hours: why (GDPR art. 33(1)). Weekends, holidays "
     "and waiting for an investigation are not accepted."},

    {"what_happened", "What happened", FIELD_TEXT, true, NULL, breach,
     "A summary, without names of customers. Text may go on in indented lines."},
    {"nature", "Nature", FIELD_CODES, true, "nature", breach, "One or more, with commas."},
    {"incident_type", "Type of incident", FIELD_CODE, false, "incident_type", breach, "One."},
    {"cause", "Cause", FIELD_CODE, false, "cause", breach, "One."},

    {"data_ordinary", "Data", FIELD_CODES, false, "data_ordinary", data,
     "Which personal data; one or more, with commas."},
    {"data_special", "Special data", FIELD_CODES, false, "data_special", data,
     "Special categories (GDPR art. 9); one or more, with commas."},
    {"data_description", "Data, described", FIELD_TEXT, false, NULL, data,
     "Whatever the codes do not say."},
    {"records_min", "Records, at least", FIELD_INTEGER, false, NULL, data,
     "How many data records, about: at least"},
    {"records_max", "Records, at most", FIELD_INTEGER, false, NULL, data, "and at most"},

    {"people_groups", "People", FIELD_CODES, false, "people_groups", people,
     "Who is concerned; one or more, with commas."},
    {"people_description", "People, described", FIELD_TEXT, false, NULL, people,
     "Which customers, without names: Everybody with a policy of 2019"},
    {"persons_min", "Persons, at least", FIELD_INTEGER, false, NULL, people,
     "How many people, about: at least"},
    {"persons_max", "Persons, at most", FIELD_INTEGER, false, NULL, people, "and at most"},

    {"protection", "Unintelligible", FIELD_CODE, false, "protection", before,
     "Were the data encrypted, hashed or otherwise unintelligible to others?"},
    {"protection_how", "Unintelligible, how", FIELD_TEXT, false, NULL, before,
     "How: Disk encryption, the key was not with it"},

    {"consequences", "Consequences", FIELD_CODES, false, "consequences", after,
     "For confidentiality (conf_), integrity (int_) and availability (avail_); one or more, with "
     "commas."},
    {"harm", "Harm to people", FIELD_CODES, false, "harm", after,
     "What may happen to the people; one or more, with commas."},
    {"consequences_description", "Consequences, described", FIELD_TEXT, false, NULL, after,
     "In words. Letters to customers show the codes above instead, in their language."},
    {"severity", "Severity", FIELD_CODE, false, "severity", after,
     "How grave the consequences are for the people, as you estimate it."},

    {"summary_nl", "For customers (nl)", FIELD_TEXT, false, NULL, next,
     "What happened, in plain Dutch, for the letters to customers."},
    {"summary_en", "For customers (en)", FIELD_TEXT, false, NULL, next,
     "What happened, in plain English, for the letters to customers."},
    {"advice_nl", "Advice (nl)", FIELD_TEXT, false, NULL, next,
     "What customers can do themselves, in Dutch: Wijzig uw wachtwoord."},
    {"advice_en", "Advice (en)", FIELD_TEXT, false, NULL, next,
     "What customers can do themselves, in English: Change your password."},
    {"measures_nl", "Done, for customers (nl)", FIELD_TEXT, false, NULL, next,
     "What you did and will do, in plain Dutch, for the letters to customers; empty: the measures "
     "as they are registered."},
    {"measures_en", "Done, for customers (en)", FIELD_TEXT, false, NULL, next,
     "The same in plain English, for the letters in English."},
    {"cross_border", "Cross-border", FIELD_YES_NO, false, NULL, next,
     "Are people in other EU countries concerned? yes or no"},
    {"countries", "Countries", FIELD_COUNTRIES, false, NULL, next,
     "Which countries, two letters each, with commas: BE, DE"},
    {"other_authorities", "Other authorities", FIELD_TEXT, false, NULL, next,
     "Authorities in other countries, or others, that were told, and when."},
    {"authority_order_at", "Order of the AP, at", FIELD_INSTANT, false, NULL, next,
     "When the AP ordered that customers are told, or confirmed that they need not be (GDPR art. "
     "34(4))."},
    {"authority_order", "Order of the AP", FIELD_TEXT, false, NULL, next, "What it said."},

    {"remarks", "Remarks", FIELD_TEXT, false, NULL, other,
     "Anything else, without names of customers."},
    {"nis2_aware_at", "Aware (NIS2)", FIELD_INSTANT, false, NULL, other,
     "When it was known to be a significant incident (NIS2, Cyberbeveiligingswet)."},
    {"dora_classified_at", "Major (DORA)", FIELD_INSTANT, false, NULL, other,
     "When it was classified as a major incident (DORA)."},
    {0}};

const struct field *field_find(const char *name)
{
    for (const struct field *f = fields; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

bool field_is_empty(const json_t *value)
{
    return value == NULL || json_is_null(value) ||
           (json_is_array(value) && json_array_size(value) == 0);
}

/* ---- codes ---- */

/* ASCII alone, whatever the locale. */
static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

void field_add_lower(struct text *t, const char *code)
{
    for (; *code != '\0'; code++) {
        char c = lower(*code);
        text_add_bytes(t, &c, 1);
    }
}

void field_add_code_label(struct text *t, const json_t *codes, const char *list, const char *code,
                          const char *language)
{
    const json_t *entry;
    size_t i;
    json_array_foreach(json_object_get(codes, list == NULL ? "" : list), i, entry)
    {
        const char *its = json_string_value(json_object_get(entry, "code"));
        const char *label =
            json_string_value(json_object_get(entry, strcmp(language, "nl") == 0 ? "nl" : "en"));
        if (its != NULL && label != NULL && strcmp(its, code) == 0) {
            text_add(t, label);
            return;
        }
    }
    field_add_lower(t, code);
}

/* ---- values ---- */

static void add_scalar(struct text *t, const struct field *f, const json_t *value)
{
    char instant[LOCAL_TIME_SIZE];
    if (f->kind == FIELD_INSTANT)
        text_add(t, local_time_format((int64_t)json_integer_value(value), instant));
    else if (json_is_integer(value))
        text_addf(t, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        text_add(t, json_is_true(value) ? "yes" : "no");
    else if (json_is_string(value))
        text_add(t, json_string_value(value));
}

static void add_item(struct text *t, const struct field *f, const json_t *item, const json_t *codes,
                     const char *language)
{
    const char *code = json_string_value(item);
    if (code == NULL)
        return;
    if (f->list == NULL)
        text_add(t, code); /* a country */
    else if (language == NULL)
        field_add_lower(t, code);
    else
        field_add_code_label(t, codes, f->list, code, language);
}

/* language NULL: as people type it. */
static void add_value(struct text *t, const struct field *f, const json_t *value,
                      const json_t *codes, const char *language)
{
    const json_t *item;
    size_t i;
    if (f->kind == FIELD_CODE) {
        add_item(t, f, value, codes, language);
        return;
    }
    if (!json_is_array(value)) {
        add_scalar(t, f, value);
        return;
    }
    json_array_foreach(value, i, item)
    {
        text_add(t, i == 0 ? "" : ", ");
        add_item(t, f, item, codes, language);
    }
}

void field_add_value(struct text *t, const struct field *f, const json_t *value,
                     const json_t *codes, const char *language)
{
    if (!field_is_empty(value))
        add_value(t, f, value, codes, language);
}

void field_add_input(struct text *t, const struct field *f, const json_t *value)
{
    if (!field_is_empty(value))
        add_value(t, f, value, NULL, NULL);
}
