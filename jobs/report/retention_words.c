#include "jobs/report/retention_words.h"

const struct document_code words_outcomes[] = {
    {"done", {"done", "afgerond"}, TONE_GOOD},
    {"attention", {"done, some set aside", "afgerond, sommigen apart gezet"}, TONE_ATTENTION},
    {"stopped", {"stopped early", "eerder gestopt"}, TONE_ATTENTION},
    {"failed", {"failed", "mislukt"}, TONE_BAD},
    {"unfinished", {"not finished", "niet voltooid"}, TONE_BAD},
    {.code = NULL}};

const struct document_code words_left[] = {
    {"due", {"due", "te verwijderen"}, TONE_ATTENTION},
    {"blocked", {"blocked", "geblokkeerd"}, TONE_ATTENTION},
    {"held", {"held", "vastgehouden"}, TONE_PLAIN},
    {"uncovered", {"uncovered", "ongedekt"}, TONE_ATTENTION},
    {"nobody", {"nobody was left", "niemand bleef achter"}, TONE_GOOD},
    {"not_recorded",
     {"not recorded for this run", "voor deze run niet vastgelegd"},
     TONE_ATTENTION},
    {.code = NULL}};

const struct document_code words_left_reasons[] = {
    {"no rule", {"no rule speaks of them", "geen regel geldt voor hen"}, TONE_PLAIN},
    {"no end date", {"no end date is known", "er is geen einddatum bekend"}, TONE_PLAIN},
    {"busy", {"in use at that moment", "op dat moment in gebruik"}, TONE_PLAIN},
    {"failed", {"failed", "mislukt"}, TONE_PLAIN},
    {"hold: complaint", {"hold: complaint", "vernietigingsstop: klacht"}, TONE_PLAIN},
    {"hold: claim", {"hold: claim", "vernietigingsstop: claim"}, TONE_PLAIN},
    {"hold: restriction",
     {"hold: restriction (GDPR art. 18)", "vernietigingsstop: beperking (AVG art. 18)"},
     TONE_PLAIN},
    {"hold: request",
     {"hold: request of the person", "vernietigingsstop: verzoek van betrokkene"},
     TONE_PLAIN},
    {"hold: breach", {"hold: data breach", "vernietigingsstop: datalek"}, TONE_PLAIN},
    {"hold: other", {"hold: other", "vernietigingsstop: anders"}, TONE_PLAIN},
    {"hold: released",
     {"a hold that has been released since", "een vernietigingsstop die sindsdien is opgeheven"},
     TONE_PLAIN},
    {"shared by more than a batch",
     {"shares rows with too many others", "deelt rijen met te veel anderen"},
     TONE_PLAIN},
    {.code = NULL}};

const struct document_field words_left_fields[] = {
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "run", .title = {"run", "run"}, .type = DOCUMENT_TEXT},
    {.key = "as_of",
     .title = {"due up to and including", "te verwijderen t/m"},
     .type = DOCUMENT_DATE},
    {.key = "state", .title = {"state", "stand"}, .type = DOCUMENT_CODE, .codes = words_left},
    {.key = "rule", .title = {"rule", "regel"}, .type = DOCUMENT_TEXT},
    {.key = "reason",
     .title = {"reason", "reden"},
     .type = DOCUMENT_CODE,
     .codes = words_left_reasons},
    {.key = "subjects", .title = {"subjects", "betrokkenen"}, .type = DOCUMENT_COUNT},
    {.key = "oldest_due_on", .title = {"oldest due", "oudste termijn"}, .type = DOCUMENT_DATE},
    {.key = "oldest_days", .title = {"age then", "ouderdom toen"}, .type = DOCUMENT_DAYS},
    {.key = NULL}};

const struct document_code words_approvals[] = {
    {"approved", {"approved as it is now", "goedgekeurd zoals het nu is"}, TONE_GOOD},
    {"changed", {"changed since the approval", "gewijzigd sinds de goedkeuring"}, TONE_BAD},
    {"not_approved", {"not approved", "niet goedgekeurd"}, TONE_BAD},
    {"refused", {"does not fit the database", "past niet op de database"}, TONE_BAD},
    {"not_configured",
     {"no longer in the configuration", "niet meer in de configuratie"},
     TONE_ATTENTION},
    {.code = NULL}};

const struct document_code words_not_stated[] = {
    {"not_stated", {"not stated", "niet opgegeven"}, TONE_ATTENTION}, {.code = NULL}};

static void add_unit(struct text *t, int count, const char *one, const char *many)
{
    if (count == 0)
        return;
    text_separate(t, " ");
    text_addf(t, "%d %s", count, count == 1 ? one : many);
}

json_t *words_window(struct document *d, struct retention_window window)
{
    CLEANUP(text_free) struct text code = {0};
    CLEANUP(text_free) struct text label = {0};
    bool nl = d->language == DOCUMENT_NL;
    add_unit(&code, window.months / 12, "year", "years");
    add_unit(&code, window.months % 12, "month", "months");
    add_unit(&code, window.days, "day", "days");
    add_unit(&label, window.months / 12, nl ? "jaar" : "year", nl ? "jaar" : "years");
    add_unit(&label, window.months % 12, nl ? "maand" : "month", nl ? "maanden" : "months");
    add_unit(&label, window.days, nl ? "dag" : "day", nl ? "dagen" : "days");
    if (d->labels == NULL)
        d->labels = json_object();
    if (json_object_get(d->labels, "window") == NULL)
        json_object_set_new(d->labels, "window", json_object());
    json_object_set_new(json_object_get(d->labels, "window"), text_get(&code),
                        json_string(text_get(&label)));
    return json_string(text_get(&code));
}
