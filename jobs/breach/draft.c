#include "jobs/breach/draft.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/local_time.h"
#include "common/memory.h"
#include "jobs/breach/clock_state.h"
#include "jobs/breach/draft_answer.h"
#include "jobs/breach/register.h"
#include "sql.h"

#define COMPLETENESS "completeness" /* follows from the other answers */

static const char *member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool is_by_hand(const json_t *question)
{
    return member(question, "source") == NULL;
}

static bool is_missing(const struct draft_register *r, const json_t *question)
{
    return !is_by_hand(question) && draft_holds(r, member(question, "mandatory")) &&
           !draft_is_answered(r, question);
}

/* What the last notification said of itself goes first; before there is one, the notification is
 * complete when nothing is missing. */
static void derive_completeness(const struct draft_register *r, const json_t *questions)
{
    size_t i;
    const json_t *question;
    bool complete = true;
    if (json_is_string(json_object_get(r->answers, COMPLETENESS)))
        return;
    json_array_foreach(questions, i, question)
    {
        const char *source = member(question, "source");
        if (source != NULL && strcmp(source, COMPLETENESS) != 0 && is_missing(r, question))
            complete = false;
    }
    json_object_set_new(r->answers, COMPLETENESS,
                        json_string(complete ? "COMPLETE" : "PRELIMINARY"));
}

/* A form that asks for what this program cannot derive must not look as if nobody had answered. */
static bool check_sources(const struct draft_register *r, const json_t *found, struct error *err)
{
    size_t i;
    const json_t *question;
    const json_t *questions = json_object_get(found, "questions");
    if (json_array_size(questions) == 0)
        return error_set(err, ERR_USAGE, "no version of the form of the AP is valid on this day");
    json_array_foreach(questions, i, question)
    {
        const char *source = member(question, "source");
        if (source != NULL && json_object_get(r->answers, source) == NULL)
            return error_set(err, ERR_DB,
                             "question %s of form ap, version %s, asks for '%s', which this "
                             "program does not know",
                             member(question, "code"), member(found, "version"), source);
    }
    return true;
}

static json_t *safe_string(const char *value)
{
    CLEANUP(text_free) struct text safe = {0};
    if (value == NULL)
        return json_null();
    draft_add_safe(&safe, value);
    return json_string(text_get(&safe));
}

static json_t *make_question(const struct draft_register *r, const json_t *question)
{
    CLEANUP(text_free) struct text text = {0};
    draft_answer_text(&text, r, question);
    bool by_hand = is_by_hand(question);
    bool mandatory = draft_holds(r, member(question, "mandatory"));
    return json_pack("{s:s,s:o,s:o,s:o,s:s,s:b,s:b,s:b}", "code", member(question, "code"), "label",
                     safe_string(member(question, "label")), "note",
                     safe_string(member(question, "note")), "answer", draft_answer(r, question),
                     "text", text_get(&text), "mandatory", mandatory, "missing",
                     is_missing(r, question), "by_hand", by_hand);
}

/* What gives the answer; null for what is filled in by hand. */
static json_t *make_mend(const json_t *question, const char *reference)
{
    const char *mend = member(question, "mend");
    if (is_by_hand(question))
        return json_null();
    if (mend != NULL)
        return safe_string(mend);
    return json_sprintf("waarborg breach amend %s --set %s=... --because ...", reference,
                        member(question, "source"));
}

static json_t *make_missing(const json_t *question, const char *reference)
{
    return json_pack("{s:O,s:s,s:o,s:o}", "section", json_object_get(question, "section"), "code",
                     member(question, "code"), "label", safe_string(member(question, "label")),
                     "mend", make_mend(question, reference));
}

static void add_question(json_t *draft, const struct draft_register *r, const json_t *question)
{
    json_t *sections = json_object_get(draft, "sections");
    json_t *last = json_array_get(sections, json_array_size(sections) - 1);
    const json_t *number = json_object_get(question, "section");
    if (last == NULL || !json_equal(json_object_get(last, "number"), number)) {
        last = json_pack("{s:O,s:o,s:[]}", "number", number, "label",
                         safe_string(member(question, "section_label")), "questions");
        json_array_append_new(sections, last);
    }
    json_array_append_new(json_object_get(last, "questions"), make_question(r, question));
    const char *reference = member(draft, "breach");
    if (is_missing(r, question))
        json_array_append_new(json_object_get(draft, "missing"), make_missing(question, reference));
    else if (is_by_hand(question) && draft_holds(r, member(question, "mandatory")))
        json_array_append_new(json_object_get(draft, "by_hand"), make_missing(question, reference));
}

static void set_instant(json_t *draft, const char *key, int64_t instant)
{
    char shown[LOCAL_TIME_SIZE];
    json_object_set_new(draft, key,
                        instant == CLOCK_NO_INSTANT
                            ? json_null()
                            : json_string(local_time_format_iso(instant, shown)));
}

static void add_line(json_t *lines, const char *label, const char *value)
{
    json_array_append_new(lines, json_pack("{s:s,s:s}", "label", label, "text", value));
}

static void add_instant_line(json_t *lines, const char *label, const json_t *found, const char *key,
                             bool dutch)
{
    CLEANUP(text_free) struct text t = {0};
    int64_t instant = register_instant(found, key);
    if (instant == CLOCK_NO_INSTANT)
        return;
    draft_add_instant(&t, instant, dutch);
    add_line(lines, label, text_get(&t));
}

/* "ma 2026-10-26 14:00 +01:00, nog 71 u 42 m" */
static void add_limit_line(json_t *lines, const json_t *found, int64_t now, bool dutch)
{
    CLEANUP(text_free) struct text t = {0};
    char left[40];
    int64_t due_at = register_instant(found, "due_at");
    const char *label = dutch ? "Uiterlijk melden" : "To be sent by";
    if (due_at == CLOCK_NO_INSTANT)
        return;
    draft_add_instant(&t, due_at, dutch);
    if (register_instant(found, "sent_at") == CLOCK_NO_INSTANT)
        text_addf(&t, ", %s", clock_left(left, sizeof left, due_at, now, dutch ? "nl" : "en"));
    add_line(lines, label, text_get(&t));
}

/* What stands above the questions, for people. */
static json_t *make_heading(const json_t *found, int64_t now, bool dutch)
{
    json_t *lines = json_array();
    CLEANUP(text_free) struct text made = {0};
    int64_t aware_at = register_instant(found, "aware_at");
    add_instant_line(lines, dutch ? "Bekend geworden" : "Aware", found, "aware_at", dutch);
    if (register_instant(found, "first_aware_at") != aware_at)
        add_instant_line(lines, dutch ? "Eerst geregistreerd als" : "First registered as", found,
                         "first_aware_at", dutch);
    if (json_is_false(json_object_get(found, "needed")))
        add_line(lines, dutch ? "Let op" : "Note",
                 dutch ? "beoordeeld is dat melding aan de AP niet nodig is"
                       : "it was decided that the AP need not be notified");
    else
        add_limit_line(lines, found, now, dutch);
    add_instant_line(lines, dutch ? "Eerste melding" : "First notification", found, "sent_at",
                     dutch);
    add_instant_line(lines, dutch ? "Afgesloten" : "Closed", found, "closed_at", dutch);
    draft_add_instant(&made, now, dutch);
    add_line(lines, dutch ? "Opgemaakt" : "Drawn up", text_get(&made));
    return lines;
}

/* How many are missing, whether to wait for them, and how many only a person can fill in. */
static void add_missing(struct text *t, size_t missing, bool dutch)
{
    if (missing == 0)
        text_add(t, dutch ? "Alle verplichte vragen die het register kan beantwoorden, zijn "
                            "beantwoord."
                          : "Every mandatory question that the register can answer has its "
                            "answer.");
    else if (dutch)
        text_addf(t, "%zu %s nog; achteraan staat per antwoord wat het invult.", missing,
                  missing == 1 ? "verplicht antwoord ontbreekt"
                               : "verplichte antwoorden ontbreken");
    else
        text_addf(t, "%zu mandatory %s still missing; the end says what fills %s in.", missing,
                  missing == 1 ? "answer is" : "answers are", missing == 1 ? "it" : "them");
}

static void add_advice(struct text *t, const json_t *found, bool dutch)
{
    if (json_is_true(json_object_get(found, "late")))
        text_add(t, dutch ? "  De termijn is verstreken: wacht nergens meer op, en geef de reden "
                            "(art. 33 lid 1 AVG)."
                          : "  The limit has passed: wait for nothing more, and give the reason "
                            "(GDPR art. 33(1)).");
    else
        text_add(t, dutch ? "  Wacht er niet op: een onvolledige melding op tijd haalt de termijn "
                            "(art. 33 lid 4 AVG)."
                          : "  Do not wait for that: an incomplete notification in time meets the "
                            "limit (GDPR art. 33(4)).");
}

static json_t *make_summary(const json_t *draft, const json_t *found, bool dutch)
{
    CLEANUP(text_free) struct text t = {0};
    size_t missing = json_array_size(json_object_get(draft, "missing"));
    size_t by_hand = json_array_size(json_object_get(draft, "by_hand"));
    bool sent = json_is_integer(json_object_get(found, "sent_at"));
    add_missing(&t, missing, dutch);
    if (missing > 1 && !json_is_integer(json_object_get(found, "closed_at")))
        text_addf(&t,
                  dutch ? "  Alles tegelijk, in een editor: waarborg breach amend %s."
                        : "  All at once, in an editor: waarborg breach amend %s.",
                  json_string_value(json_object_get(found, "breach")));
    if (!sent && missing > 0 && json_is_true(json_object_get(found, "needed")))
        add_advice(&t, found, dutch);
    if (by_hand > 0)
        text_addf(&t,
                  dutch ? "  %zu antwoorden vult u zelf in op het formulier."
                        : "  %zu answers are filled in by hand on the form.",
                  by_hand);
    return json_string(text_get(&t));
}

static json_t *make_draft(const struct draft_register *r, const json_t *found, int64_t now)
{
    json_t *draft = json_pack(
        "{s:O,s:O,s:s,s:O,s:o,s:O,s:O,s:[],s:[],s:[],s:o}", "form", json_object_get(found, "form"),
        "version", json_object_get(found, "version"), "language", r->dutch ? "nl" : "en", "breach",
        json_object_get(found, "breach"), "title", safe_string(member(found, "title")), "late",
        json_object_get(found, "late"), "needed", json_object_get(found, "needed"), "sections",
        "missing", "by_hand", "heading", make_heading(found, now, r->dutch));
    set_instant(draft, "made_at", now);
    set_instant(draft, "aware_at", register_instant(found, "aware_at"));
    set_instant(draft, "first_aware_at", register_instant(found, "first_aware_at"));
    set_instant(draft, "due_at", register_instant(found, "due_at"));
    set_instant(draft, "sent_at", register_instant(found, "sent_at"));
    set_instant(draft, "closed_at", register_instant(found, "closed_at"));
    size_t i;
    const json_t *question;
    json_array_foreach(json_object_get(found, "questions"), i, question)
    {
        add_question(draft, r, question);
    }
    json_object_set_new(draft, "summary", make_summary(draft, found, r->dutch));
    return draft;
}

/* What the configuration answers, as JSON text; allocated. */
static bool describe_organisation(const struct settings_organisation *o, char **ret,
                                  struct error *err)
{
    json_t *known = json_pack("{s:s?,s:s?,s:s?,s:s?,s:s?}", "organisation_name", o->name,
                              "organisation_registration", o->registration, "dpo_name", o->dpo_name,
                              "dpo_phone", o->dpo_phone, "dpo_email", o->dpo_email);
    char *text = known == NULL ? NULL : json_dumps(known, JSON_COMPACT);
    json_decref(known);
    if (text == NULL)
        return error_set(err, ERR_USAGE, "organisation in the configuration is not UTF-8");
    *ret = text;
    return true;
}

bool draft_make(struct db *db, const struct settings *settings, const char *reference,
                const char *language, const char *late_because, int64_t now, json_t **ret,
                struct error *err)
{
    CLEANUP(json_decrefp) json_t *found = NULL;
    CLEANUP(memory_release) char *organisation = NULL;
    char sent[24];
    snprintf(sent, sizeof sent, "%" PRId64, now);
    if (!describe_organisation(&settings->organisation, &organisation, err))
        return false;
    const char *params[] = {reference, sent, language, organisation, late_because};
    if (!register_query_json(db, sql_breach_show_draft, COUNT_OF(params), params, &found, err))
        return false;
    if (json_is_null(found))
        return error_set(err, ERR_USAGE, "there is no breach %s; waarborg breach list shows them",
                         reference);
    const struct draft_register r = {.answers = json_object_get(found, "answers"),
                                     .codes = json_object_get(found, "codes"),
                                     .dutch = strcmp(language, "nl") == 0};
    if (!check_sources(&r, found, err))
        return false;
    derive_completeness(&r, json_object_get(found, "questions"));
    *ret = make_draft(&r, found, now);
    return true;
}

void draft_render_json(struct text *t, const json_t *draft)
{
    CLEANUP(memory_release) char *json = json_dumps(draft, JSON_INDENT(2) | JSON_SORT_KEYS);
    text_add(t, json);
    text_add(t, "\n");
}
