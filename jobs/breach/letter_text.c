#include "jobs/breach/letter_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/mail.h"
#include "common/memory.h"
#include "common/template.h"
#include "jobs/breach/clock_state.h"
#include "jobs/breach/register.h"

/* What all letters of a breach have in common, in one language; "" = missing. */
struct language_texts {
    struct template *template; /* NULL: template_fault */
    char *template_fault;
    char *what_happened, *occurred, *consequences, *measures, *advice, *date;
};

struct letter_texts {
    const struct settings *settings;
    const char *reference;
    char *contact_name, *contact_phone, *contact_email; /* "" = none */
    struct language_texts in[LETTER_LANGUAGES];
};

static const char *const fields[] = {
    "organisation",  "reference", "date",         "name",          "salutation",
    "address",       "occurred",  "consequences", "what_happened", "measures",
    "contact_phone", "advice",    "contact_name", "contact_email"};

const char *letter_language_code(enum letter_language l)
{
    return l == LETTER_EN ? "en" : "nl";
}

enum letter_language letter_language_of(const char *value)
{
    return value != NULL && strncasecmp(value, "en", 2) == 0 ? LETTER_EN : LETTER_NL;
}

static const char *say(enum letter_language l, const char *nl, const char *en)
{
    return l == LETTER_EN ? en : nl;
}

/* ---- Times, in words for everybody ---------------------------------------------------------- */

static void add_date(struct text *t, enum letter_language l, int64_t instant, bool with_time)
{
    static const char *const days[][LETTER_LANGUAGES] = {
        {"zondag", "Sunday"},      {"maandag", "Monday"},     {"dinsdag", "Tuesday"},
        {"woensdag", "Wednesday"}, {"donderdag", "Thursday"}, {"vrijdag", "Friday"},
        {"zaterdag", "Saturday"}};
    static const char *const months[][LETTER_LANGUAGES] = {
        {"januari", "January"}, {"februari", "February"}, {"maart", "March"},
        {"april", "April"},     {"mei", "May"},           {"juni", "June"},
        {"juli", "July"},       {"augustus", "August"},   {"september", "September"},
        {"oktober", "October"}, {"november", "November"}, {"december", "December"}};
    time_t seconds = (time_t)instant;
    struct tm local;
    if (localtime_r(&seconds, &local) == NULL)
        return;
    if (with_time)
        text_addf(t, "%s ", days[local.tm_wday][l]);
    text_addf(t, "%d %s %d", local.tm_mday, months[local.tm_mon][l], local.tm_year + 1900);
    if (with_time)
        text_addf(t, "%s%02d:%02d%s", say(l, " om ", " at "), local.tm_hour, local.tm_min,
                  say(l, " uur", ""));
}

static char *make_occurred(const json_t *breach, enum letter_language l)
{
    int64_t from = register_instant(breach, "occurred_from");
    int64_t to = register_instant(breach, "occurred_to");
    const char *ongoing = json_string_value(json_object_get(breach, "ongoing"));
    struct text t = {0};
    if (from == CLOCK_NO_INSTANT && to == CLOCK_NO_INSTANT) {
        text_add(&t, say(l, "Dat weten wij nog niet precies.", "We do not know this exactly yet."));
        return text_take(&t);
    }
    bool goes_on = to == CLOCK_NO_INSTANT && ongoing != NULL && strcmp(ongoing, "YES") == 0;
    if (from == CLOCK_NO_INSTANT)
        text_add(&t, say(l, "Uiterlijk op ", "No later than "));
    else if (to != CLOCK_NO_INSTANT && to != from)
        text_add(&t, say(l, "Tussen ", "Between "));
    else
        text_add(&t, goes_on ? say(l, "Sinds ", "Since ") : say(l, "Op ", "On "));
    if (from != CLOCK_NO_INSTANT)
        add_date(&t, l, from, true);
    if (to != CLOCK_NO_INSTANT && to != from) {
        text_add(&t, from == CLOCK_NO_INSTANT ? "" : say(l, " en ", " and "));
        add_date(&t, l, to, true);
    }
    text_add(&t, ".");
    if (goes_on)
        text_add(&t, say(l, " Het is nog niet voorbij.", " It is not over yet."));
    return text_take(&t);
}

/* ---- The texts of the register -------------------------------------------------------------- */

/* Without blanks and newlines around it. */
static char *copy_trimmed(const char *value)
{
    const char *start = value == NULL ? "" : value + strspn(value, " \t\r\n");
    size_t length = strlen(start);
    while (length > 0 && strchr(" \t\r\n", start[length - 1]) != NULL)
        length--;
    char *copy = memory_copy_text(start);
    copy[length] = '\0';
    return copy;
}

static char *copy_text_of(const json_t *breach, const char *member, enum letter_language l)
{
    const json_t *both = json_object_get(breach, member);
    return copy_trimmed(json_string_value(json_object_get(both, letter_language_code(l))));
}

/* What people wrote has its lines where they were typed; those behind the first are moved under
 * it. */
static void add_item(struct text *t, const char *value, const char *behind)
{
    CLEANUP(memory_release) char *item = copy_trimmed(value);
    text_add(t, t->length == 0 ? "- " : "\n- ");
    for (const char *p = item; *p != '\0'; p++)
        if (*p == '\n')
            text_add(t, "\n  ");
        else if (*p != '\r')
            text_add_bytes(t, p, 1);
    text_add(t, behind);
}

static char *make_consequences(const json_t *breach, enum letter_language l)
{
    const json_t *labels =
        json_object_get(json_object_get(breach, "consequences"), letter_language_code(l));
    struct text t = {0};
    size_t i;
    json_t *label;
    json_array_foreach(labels, i, label) add_item(&t, json_string_value(label), "");
    return t.length == 0 ? memory_copy_text("") : text_take(&t);
}

/* The descriptions of measures are in one language, that of the organisation. */
static char *make_measures(const json_t *breach, enum letter_language l)
{
    char *written = copy_text_of(breach, "measures", l);
    struct text t = {0};
    size_t i;
    json_t *measure;
    if (written[0] != '\0' || l != LETTER_NL)
        return written;
    json_array_foreach(json_object_get(breach, "measures_registered"), i, measure)
    {
        const char *status = json_string_value(json_object_get(measure, "status"));
        add_item(&t, json_string_value(json_object_get(measure, "description")),
                 strcmp(status, "proposed") == 0 ? " (dit gaan wij nog doen)" : "");
    }
    if (t.length == 0)
        return written;
    free(written);
    return text_take(&t);
}

static void read_template(const struct settings *settings, enum letter_language l,
                          struct language_texts *in)
{
    struct error err = {0};
    CLEANUP(text_free) struct text faults = {0};
    CLEANUP(memory_release)
    char *path =
        memory_format("%s/letter.%s.txt", settings->breach.templates, letter_language_code(l));
    if (!template_load(path, &in->template, &err)) {
        in->template_fault = memory_copy_text(err.message);
    } else if (!template_check(in->template, fields, COUNT_OF(fields), &faults)) {
        template_free(&in->template);
        in->template_fault = copy_trimmed(text_get(&faults));
    }
}

static void read_contact(struct letter_texts *t, const json_t *breach)
{
    const json_t *contact = json_object_get(breach, "contact");
    const struct settings_organisation *o = &t->settings->organisation;
    char *const given[] = {copy_trimmed(json_string_value(json_object_get(contact, "name"))),
                           copy_trimmed(json_string_value(json_object_get(contact, "phone"))),
                           copy_trimmed(json_string_value(json_object_get(contact, "email")))};
    bool some = given[0][0] != '\0' || given[1][0] != '\0' || given[2][0] != '\0';
    t->contact_name = some ? given[0] : copy_trimmed(o->dpo_name);
    t->contact_phone = some ? given[1] : copy_trimmed(o->dpo_phone);
    t->contact_email = some ? given[2] : copy_trimmed(o->dpo_email);
    for (size_t i = 0; !some && i < COUNT_OF(given); i++)
        free(given[i]);
}

void letter_texts_open(const struct settings *settings, const json_t *breach, const char *reference,
                       int64_t now, struct letter_texts **ret)
{
    struct letter_texts *t = memory_alloc(sizeof *t);
    t->settings = settings;
    t->reference = reference;
    read_contact(t, breach);
    for (enum letter_language l = LETTER_NL; l < LETTER_LANGUAGES; l++) {
        struct language_texts *in = &t->in[l];
        struct text date = {0};
        add_date(&date, l, now, false);
        in->date = text_take(&date);
        in->what_happened = copy_text_of(breach, "summary", l);
        in->advice = copy_text_of(breach, "advice", l);
        in->occurred = make_occurred(breach, l);
        in->consequences = make_consequences(breach, l);
        in->measures = make_measures(breach, l);
        read_template(settings, l, in);
    }
    *ret = t;
}

void letter_texts_close(struct letter_texts **texts)
{
    struct letter_texts *t = *texts;
    if (t == NULL)
        return;
    for (enum letter_language l = LETTER_NL; l < LETTER_LANGUAGES; l++) {
        struct language_texts *in = &t->in[l];
        char *const all[] = {in->template_fault, in->what_happened, in->occurred, in->consequences,
                             in->measures,       in->advice,        in->date};
        for (size_t i = 0; i < COUNT_OF(all); i++)
            free(all[i]);
        template_free(&in->template);
    }
    free(t->contact_name);
    free(t->contact_phone);
    free(t->contact_email);
    free(t);
    *texts = NULL;
}

const char *letter_texts_reply_to(const struct letter_texts *t)
{
    return t->contact_email[0] != '\0' && mail_check_address(t->contact_email) == NULL
               ? t->contact_email
               : NULL;
}

/* ---- Filling ----------------------------------------------------------------------------------
 */

/* What a field is called in the register, for the mend. */
static const char *source_of(const char *field, enum letter_language l)
{
    static const struct {
        const char *field, *in[LETTER_LANGUAGES];
    } sources[] = {{"what_happened", {"summary_nl", "summary_en"}},
                   {"advice", {"advice_nl", "advice_en"}},
                   {"measures", {"measures_nl", "measures_en"}},
                   {"consequences", {"consequences", "consequences"}}};
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        if (strcmp(field, sources[i].field) == 0)
            return sources[i].in[l];
    return field;
}

struct filling {
    const struct letter_texts *texts;
    enum letter_language language;
    const struct letter_recipient *to;
    bool sample;
    struct text value; /* holds what lookup gave last, if it had to be made */
};

static void free_filling(struct filling *f)
{
    text_free(&f->value);
}

static bool begins_subject(const char *line)
{
    return strncasecmp(line, "Subject:", 8) == 0 || strncasecmp(line, "Onderwerp:", 10) == 0;
}

/* A line of a customer's name or address never becomes the line of the subject. */
static const char *keep_plain(struct filling *f, const char *value)
{
    text_clear(&f->value);
    for (const char *line = value; line != NULL && *line != '\0';) {
        const char *end = strchrnul(line, '\n');
        text_add(&f->value, begins_subject(line) ? " " : "");
        text_add_bytes(&f->value, line, (size_t)(end - line));
        text_add(&f->value, *end == '\n' ? "\n" : "");
        line = *end == '\n' ? end + 1 : end;
    }
    return text_get(&f->value);
}

static const char *salutation(struct filling *f)
{
    const struct letter_recipient *to = f->to;
    bool english = f->language == LETTER_EN;
    if (to->salutation != NULL) {
        (void)keep_plain(f, to->salutation);
        while (f->value.length > 0 && strchr(", ", f->value.data[f->value.length - 1]) != NULL)
            f->value.data[--f->value.length] = '\0';
        return text_get(&f->value);
    }
    text_clear(&f->value);
    if (to->name == NULL)
        text_add(&f->value, english ? "Dear customer" : "Beste klant");
    else
        text_addf(&f->value, "%s %s", english ? "Dear" : "Beste", to->name);
    return text_get(&f->value);
}

/* A customer without a name has none above the address either: the line is then the address's. */
static const char *personal(struct filling *f, const char *field)
{
    bool english = f->language == LETTER_EN;
    if (strcmp(field, "salutation") == 0)
        return salutation(f);
    if (strcmp(field, "address") == 0)
        return keep_plain(f, f->to->address);
    return f->to->name == NULL ? (english ? "To our customer" : "Aan onze klant")
                               : keep_plain(f, f->to->name);
}

static const char *common_value(const struct letter_texts *t, const struct language_texts *in,
                                const char *field)
{
    const struct template_value values[] = {{"organisation", t->settings->organisation.name},
                                            {"reference", t->reference},
                                            {"date", in->date},
                                            {"what_happened", in->what_happened},
                                            {"occurred", in->occurred},
                                            {"consequences", in->consequences},
                                            {"measures", in->measures},
                                            {"advice", in->advice},
                                            {"contact_name", t->contact_name},
                                            {"contact_phone", t->contact_phone},
                                            {"contact_email", t->contact_email}};
    struct template_values list = {.items = values, .count = COUNT_OF(values)};
    return template_values_find(&list, field);
}

static const char *find_value(void *context, const char *field)
{
    struct filling *f = context;
    const struct language_texts *in = &f->texts->in[f->language];
    if (strcmp(field, "name") == 0 || strcmp(field, "address") == 0 ||
        strcmp(field, "salutation") == 0)
        return personal(f, field);
    const char *value = common_value(f->texts, in, field);
    if (!f->sample || value == NULL || value[0] != '\0')
        return value;
    text_clear(&f->value);
    text_addf(&f->value, "[%s %s]", source_of(field, f->language),
              say(f->language, "is nog leeg", "is still empty"));
    return text_get(&f->value);
}

/* Finds the line of the subject; the mail begins behind it. */
static bool split(const struct template *template, struct letter *l, struct error *err)
{
    char *line = l->text.data;
    while (line != NULL && !begins_subject(line)) {
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    if (line == NULL)
        return error_set(err, ERR_USAGE,
                         "%s: no line begins with Subject: or Onderwerp:, which gives the subject "
                         "of a mail",
                         template_name(template));
    const char *end = strchrnul(line, '\n');
    const char *subject = strchr(line, ':') + 1;
    CLEANUP(memory_release) char *raw = memory_format("%.*s", (int)(end - subject), subject);
    l->subject = copy_trimmed(raw);
    end += strspn(end, "\n");
    l->body = (size_t)(end - l->text.data);
    return true;
}

static bool fill(struct filling *f, struct letter *ret, struct error *err)
{
    const struct language_texts *in = &f->texts->in[f->language];
    CLEANUP(letter_free) struct letter l = {0};
    if (in->template == NULL)
        return error_set(err, ERR_USAGE, "%s", in->template_fault);
    if (!template_fill(in->template, find_value, f, &l.text, err) || !split(in->template, &l, err))
        return false;
    *ret = l;
    l = (struct letter){0};
    return true;
}

bool letter_make(const struct letter_texts *t, enum letter_language l,
                 const struct letter_recipient *to, struct letter *ret, struct error *err)
{
    CLEANUP(free_filling) struct filling f = {.texts = t, .language = l, .to = to};
    return fill(&f, ret, err);
}

bool letter_make_sample(const struct letter_texts *t, enum letter_language l, struct letter *ret,
                        struct error *err)
{
    const struct letter_recipient nobody = {
        .name = say(l, "[naam van de klant]", "[name of the customer]"),
        .address = say(l, "[adres van de klant]", "[address of the customer]")};
    CLEANUP(free_filling)
    struct filling f = {.texts = t, .language = l, .to = &nobody, .sample = true};
    return fill(&f, ret, err);
}

void letter_free(struct letter *l)
{
    text_free(&l->text);
    free(l->subject);
    *l = (struct letter){0};
}

/* ---- What is missing --------------------------------------------------------------------------
 */

static void check_fields(const struct letter_texts *t, enum letter_language l, struct text *faults)
{
    const struct language_texts *in = &t->in[l];
    const struct {
        const char *value, *field, *what;
    } needed[] = {
        {in->what_happened, "what_happened", "what happened, in plain words"},
        {in->consequences, "consequences", "one or more codes of consequences or harm"},
        {in->measures, "measures",
         l == LETTER_NL ? "what was done; or register a measure" : "what was done, in English"},
        {in->advice, "advice", "what customers can do themselves"},
    };
    for (size_t i = 0; i < COUNT_OF(needed); i++)
        if (needed[i].value[0] == '\0')
            text_addf(faults, "%s: is empty; letters in %s need %s\n",
                      source_of(needed[i].field, l), say(l, "Dutch", "English"), needed[i].what);
    bool reachable = t->contact_phone[0] != '\0' || t->contact_email[0] != '\0';
    if ((t->contact_name[0] == '\0' || !reachable) &&
        strstr(text_get(faults), "contact_name:") == NULL) /* it is the same in both languages */
        text_add(faults, "contact_name: letters say whom to ask: a name, and a telephone number or "
                         "mail address; contact_phone, contact_email, or organisation.dpo of the "
                         "configuration for all breaches\n");
}

bool letter_texts_check(const struct letter_texts *t, enum letter_language l, struct text *faults)
{
    size_t before = faults->length;
    CLEANUP(letter_free) struct letter sample = {0};
    struct error err = {0};
    check_fields(t, l, faults);
    /* The sample has all that a letter may hold: what it lacks is the template's fault. */
    if (!letter_make_sample(t, l, &sample, &err))
        text_addf(faults, "breach.templates: %s\n", err.message);
    return faults->length == before;
}
