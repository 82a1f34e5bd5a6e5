#include "jobs/report/breach_parts.h"

#include "sql.h"

const struct document_code breach_clock_states[] = {
    {"not_started", {"not started", "niet begonnen"}, TONE_PLAIN},
    {"running", {"running", "loopt"}, TONE_PLAIN},
    {"near", {"ends within 12 hours", "loopt af binnen 12 uur"}, TONE_ATTENTION},
    {"overdue", {"not done, limit passed", "niet gedaan, termijn verstreken"}, TONE_BAD},
    {"met", {"done in time", "op tijd gedaan"}, TONE_GOOD},
    {"met_late", {"done late", "te laat gedaan"}, TONE_ATTENTION},
    {"no_limit", {"no limit", "geen termijn"}, TONE_PLAIN},
    {"not_needed", {"not required", "niet vereist"}, TONE_PLAIN},
    {"undecided", {"no decision yet", "nog geen besluit"}, TONE_ATTENTION},
    {.code = NULL}};

const struct document_code breach_clock_names[] = {
    {"ap", {"AP", "AP"}, TONE_PLAIN},
    {"customers", {"customers", "klanten"}, TONE_PLAIN},
    {"follow_up", {"follow-up to the AP", "aanvulling aan de AP"}, TONE_PLAIN},
    {"processor", {"processor to us", "verwerker aan ons"}, TONE_PLAIN},
    {"nis2_warning", {"NIS2 warning", "NIS2-waarschuwing"}, TONE_PLAIN},
    {"nis2_notification", {"NIS2 notification", "NIS2-melding"}, TONE_PLAIN},
    {"nis2_final", {"NIS2 final report", "NIS2-eindverslag"}, TONE_PLAIN},
    {"dora_initial", {"DORA initial", "DORA eerste melding"}, TONE_PLAIN},
    {"dora_intermediate", {"DORA intermediate", "DORA tussenverslag"}, TONE_PLAIN},
    {"dora_final", {"DORA final report", "DORA-eindverslag"}, TONE_PLAIN},
    {.code = NULL}};

const struct document_code breach_risks[] = {
    {"unlikely", {"a risk is unlikely", "risico onwaarschijnlijk"}, TONE_PLAIN},
    {"risk", {"risk, not high", "risico, niet hoog"}, TONE_PLAIN},
    {"high", {"high risk", "hoog risico"}, TONE_ATTENTION},
    {"unassessed", {"not assessed yet", "nog niet beoordeeld"}, TONE_ATTENTION},
    {.code = NULL}};

const struct document_code breach_statuses[] = {{"open", {"open", "open"}, TONE_ATTENTION},
                                                {"closed", {"closed", "gesloten"}, TONE_PLAIN},
                                                {.code = NULL}};

/* ---- facts ---- */

static const struct document_code lacking[] = {
    {"facts", {"the facts", "de feiten"}, TONE_ATTENTION},
    {"effects", {"the effects", "de gevolgen"}, TONE_ATTENTION},
    {"measures", {"the measures", "de maatregelen"}, TONE_ATTENTION},
    {.code = NULL}};

#define TEXT_(k, en, nl)                                         \
    {                                                            \
        .key = (k), .title = {(en), (nl)}, .type = DOCUMENT_TEXT \
    }
#define COUNT_(k, en, nl)                                         \
    {                                                             \
        .key = (k), .title = {(en), (nl)}, .type = DOCUMENT_COUNT \
    }
#define INSTANT_(k, en, nl)                                         \
    {                                                               \
        .key = (k), .title = {(en), (nl)}, .type = DOCUMENT_INSTANT \
    }
#define YES_NO_(k, en, nl)                                         \
    {                                                              \
        .key = (k), .title = {(en), (nl)}, .type = DOCUMENT_YES_NO \
    }
#define LIST_(k, en, nl, list)                                                     \
    {                                                                              \
        .key = (k), .title = {(en), (nl)}, .type = DOCUMENT_CODE, .labels = (list) \
    }
#define CODE_(k, en, nl, list)                                                    \
    {                                                                             \
        .key = (k), .title = {(en), (nl)}, .type = DOCUMENT_CODE, .codes = (list) \
    }

const struct document_field breach_fact_fields[] = {
    TEXT_("reference", "breach", "datalek"),
    TEXT_("title", "title", "titel"),
    CODE_("status", "state", "stand", breach_statuses),
    INSTANT_("registered_at", "registered", "geregistreerd"),
    TEXT_("registered_by", "registered by (account)", "geregistreerd door (account)"),
    CODE_("lacking", "still to be registered (GDPR art. 33(5))",
          "nog te registreren (AVG art. 33 lid 5)", lacking),
    INSTANT_("aware_at", "became aware", "kennisgenomen"),
    INSTANT_("first_aware_at", "became aware, as first registered",
             "kennisgenomen, zoals eerst geregistreerd"),
    TEXT_("aware_moved_because", "why that moment was changed", "waarom dat moment is gewijzigd"),
    INSTANT_("occurred_from", "occurred from", "vond plaats vanaf"),
    INSTANT_("occurred_to", "occurred until", "vond plaats tot"),
    YES_NO_("occurred_unknown", "time of occurrence unknown", "tijdstip van het incident onbekend"),
    LIST_("ongoing", "still going on", "duurt nog voort", "ongoing"),
    INSTANT_("discovered_at", "discovered", "ontdekt"),
    TEXT_("discovered_how", "discovered how", "hoe ontdekt"),
    TEXT_("what_happened", "what happened", "wat er gebeurde"),
    LIST_("nature", "nature", "aard", "nature"),
    LIST_("incident_type", "type of incident", "soort incident", "incident_type"),
    LIST_("cause", "cause", "oorzaak", "cause"),
    TEXT_("organisation_part", "part of the organisation", "organisatieonderdeel"),
    LIST_("data_ordinary", "personal data", "persoonsgegevens", "data_ordinary"),
    LIST_("data_special", "special categories of data", "bijzondere persoonsgegevens",
          "data_special"),
    TEXT_("data_description", "data, described", "gegevens, omschreven"),
    COUNT_("records_min", "data records, at least", "gegevensrecords, minimaal"),
    COUNT_("records_max", "data records, at most", "gegevensrecords, maximaal"),
    LIST_("people_groups", "people concerned", "betrokkenen", "people_groups"),
    TEXT_("people_description", "people, described", "betrokkenen, omschreven"),
    COUNT_("persons_min", "people, at least", "personen, minimaal"),
    COUNT_("persons_max", "people, at most", "personen, maximaal"),
    LIST_("protection", "data encrypted or otherwise unintelligible",
          "gegevens versleuteld of anders onbegrijpelijk", "protection"),
    TEXT_("protection_how", "unintelligible, how", "onbegrijpelijk gemaakt, hoe"),
    LIST_("consequences", "consequences", "gevolgen", "consequences"),
    LIST_("harm", "possible harm to people", "mogelijke schade voor betrokkenen", "harm"),
    TEXT_("consequences_description", "consequences, described", "gevolgen, omschreven"),
    LIST_("severity", "severity, estimated", "ernst, ingeschat", "severity"),
    TEXT_("delay_reason", "reasons for the delay", "redenen voor de vertraging"),
    TEXT_("processor_name", "processor", "verwerker"),
    INSTANT_("processor_aware_at", "processor aware", "verwerker nam kennis"),
    INSTANT_("processor_informed_at", "processor told us", "verwerker informeerde ons"),
    COUNT_("processor_contract_hours", "hours by the processor's contract",
           "uren volgens de verwerkersovereenkomst"),
    TEXT_("other_controllers", "other controllers", "andere verwerkingsverantwoordelijken"),
    YES_NO_("cross_border", "people in other EU countries", "betrokkenen in andere EU-landen"),
    TEXT_("countries", "countries", "landen"),
    TEXT_("other_authorities", "other authorities", "andere toezichthouders"),
    INSTANT_("authority_order_at", "order of the AP, when", "opdracht van de AP, wanneer"),
    TEXT_("authority_order", "order of the AP", "opdracht van de AP"),
    TEXT_("summary_nl", "told to customers (Dutch)", "uitleg aan klanten (Nederlands)"),
    TEXT_("summary_en", "told to customers (English)", "uitleg aan klanten (Engels)"),
    TEXT_("advice_nl", "advice to customers (Dutch)", "advies aan klanten (Nederlands)"),
    TEXT_("advice_en", "advice to customers (English)", "advies aan klanten (Engels)"),
    TEXT_("measures_nl", "measures as told to customers (Dutch)",
          "maatregelen, uitleg aan klanten (Nederlands)"),
    TEXT_("measures_en", "measures as told to customers (English)",
          "maatregelen, uitleg aan klanten (Engels)"),
    LIST_("legal_basis", "duty to notify under", "meldplicht op grond van", "legal_basis"),
    TEXT_("reporter_name", "reporter", "melder"),
    TEXT_("reporter_function", "reporter, function", "melder, functie"),
    TEXT_("reporter_phone", "reporter, telephone", "melder, telefoon"),
    TEXT_("reporter_email", "reporter, e-mail", "melder, e-mail"),
    TEXT_("contact_name", "contact", "contactpersoon"),
    TEXT_("contact_function", "contact, function", "contactpersoon, functie"),
    TEXT_("contact_phone", "contact, telephone", "contactpersoon, telefoon"),
    TEXT_("contact_email", "contact, e-mail", "contactpersoon, e-mail"),
    INSTANT_("nis2_aware_at", "aware that it is significant (NIS2)",
             "kennis van significant incident (NIS2)"),
    INSTANT_("dora_classified_at", "classified as major (DORA)",
             "geclassificeerd als ernstig (DORA)"),
    TEXT_("remarks", "remarks", "opmerkingen"),
    COUNT_("version", "version (counts the changes)", "versie (telt de wijzigingen)"),
    INSTANT_("closed_at", "closed", "gesloten"),
    TEXT_("closed_because", "why it was closed", "waarom gesloten"),
    {.key = NULL}};

/* ---- decisions ---- */

static const struct document_code bands[] = {{"low", {"low", "laag"}, TONE_PLAIN},
                                             {"medium", {"medium", "gemiddeld"}, TONE_PLAIN},
                                             {"high", {"high", "hoog"}, TONE_PLAIN},
                                             {"very_high", {"very high", "zeer hoog"}, TONE_PLAIN},
                                             {.code = NULL}};

const struct document_field breach_decision_fields[] = {
    TEXT_("reference", "breach", "datalek"),
    INSTANT_("assessed_at", "assessed", "beoordeeld"),
    TEXT_("assessed_by", "recorded by (account)", "vastgelegd door (account)"),
    INSTANT_("recorded_at", "recorded", "vastgelegd"),
    YES_NO_("in_force", "in force", "geldt nu"),
    CODE_("risk", "risk", "risico", breach_risks),
    TEXT_("because", "because", "omdat"),
    YES_NO_("notify_ap", "notify the AP", "melden aan de AP"),
    TEXT_("ap_because", "AP, because", "AP, omdat"),
    YES_NO_("notify_customers", "tell the people", "betrokkenen informeren"),
    TEXT_("customers_because", "people, because", "betrokkenen, omdat"),
    LIST_("exempt_ground", "ground not to tell them", "grond om niet te informeren",
          "exempt_ground"),
    INSTANT_("public_at", "made public", "openbaar gemaakt"),
    TEXT_("public_where", "made public where", "waar openbaar gemaakt"),
    {.key = "enisa_score", .title = {"ENISA score", "ENISA-score"}, .type = DOCUMENT_NUMBER},
    CODE_("enisa_band", "ENISA severity", "ENISA-ernst", bands),
    {.key = NULL}};

/* ---- clocks ---- */

static const struct document_code limits[] = {
    {"law", {"law", "wet"}, TONE_PLAIN},
    {"own", {"own target", "eigen streeftermijn"}, TONE_PLAIN},
    {"contract", {"contract", "overeenkomst"}, TONE_PLAIN},
    {"none", {"no limit", "geen termijn"}, TONE_PLAIN},
    {.code = NULL}};

/* The register has its sources in English; those of other laws are names. */
static const struct document_code sources[] = {
    {"GDPR art. 33(1)", {"GDPR art. 33(1)", "AVG art. 33 lid 1"}, TONE_PLAIN},
    {"GDPR art. 34(1): without undue delay",
     {"GDPR art. 34(1): without undue delay", "AVG art. 34 lid 1: onverwijld"},
     TONE_PLAIN},
    {"GDPR art. 33(4): without undue further delay",
     {"GDPR art. 33(4): without undue further delay",
      "AVG art. 33 lid 4: zonder onredelijke verdere vertraging"},
     TONE_PLAIN},
    {"GDPR art. 33(2): without undue delay; hours of the contract",
     {"GDPR art. 33(2): without undue delay; hours of the contract",
      "AVG art. 33 lid 2: zonder onredelijke vertraging; uren van de overeenkomst"},
     TONE_PLAIN},
    {.code = NULL}};

const struct document_field breach_clock_fields[] = {
    TEXT_("reference", "breach", "datalek"),
    CODE_("clock", "clock", "termijn", breach_clock_names),
    INSTANT_("started_at", "began", "begon"),
    INSTANT_("due_at", "limit", "uiterlijk"),
    CODE_("limit_by", "limit set by", "gesteld door", limits),
    INSTANT_("met_at", "done", "gedaan op"),
    CODE_("state", "state", "stand", breach_clock_states),
    {.key = "late_by", .title = {"late by", "te laat met"}, .type = DOCUMENT_SECONDS},
    TEXT_("delay_reason", "reasons for the delay", "redenen voor de vertraging"),
    CODE_("source", "source", "bron", sources),
    {.key = NULL}};

/* ---- notifications and measures ---- */

static const struct document_code recipients[] = {
    {"ap", {"AP", "AP"}, TONE_PLAIN},
    {"customers", {"customers", "klanten"}, TONE_PLAIN},
    {"nis2", {"NIS2 authority", "NIS2-autoriteit"}, TONE_PLAIN},
    {"dora", {"DORA authority", "DORA-autoriteit"}, TONE_PLAIN},
    {"other", {"other authority", "andere toezichthouder"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_code kinds[] = {
    {"warning", {"early warning", "vroegtijdige waarschuwing"}, TONE_PLAIN},
    {"initial", {"first", "eerste"}, TONE_PLAIN},
    {"follow_up", {"follow-up", "aanvulling"}, TONE_PLAIN},
    {"final", {"final", "definitief"}, TONE_PLAIN},
    {"withdrawal", {"withdrawal", "intrekking"}, TONE_PLAIN},
    {.code = NULL}};

const struct document_field breach_notification_fields[] = {
    TEXT_("reference", "breach", "datalek"),
    INSTANT_("sent_at", "sent", "verzonden"),
    CODE_("recipient", "to", "aan", recipients),
    TEXT_("authority", "name", "naam"),
    CODE_("kind", "kind", "soort", kinds),
    YES_NO_("complete", "complete", "volledig"),
    TEXT_("number", "case number", "zaaknummer"),
    TEXT_("delay_reason", "late because", "te laat omdat"),
    TEXT_("reason", "because", "omdat"),
    {.key = "sha256", .title = {"SHA-256", "SHA-256"}, .type = DOCUMENT_DIGEST},
    INSTANT_("recorded_at", "recorded", "vastgelegd"),
    TEXT_("recorded_by", "by (account)", "door (account)"),
    {.key = NULL}};

static const struct document_code statuses[] = {
    {"taken", {"taken", "getroffen"}, TONE_PLAIN},
    {"proposed", {"proposed", "voorgenomen"}, TONE_PLAIN},
    {.code = NULL}};

const struct document_field breach_measure_fields[] = {
    TEXT_("reference", "breach", "datalek"),
    LIST_("type", "purpose", "doel", "measure_type"),
    CODE_("status", "state", "stand", statuses),
    TEXT_("description", "measure", "maatregel"),
    INSTANT_("at", "when", "wanneer"),
    INSTANT_("added_at", "recorded", "vastgelegd"),
    TEXT_("added_by", "by (account)", "door (account)"),
    {.key = NULL}};

/* ---- labels ---- */

bool breach_add_labels(struct report_request *r, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *result = NULL;
    const char *params[] = {r->document->language == DOCUMENT_NL ? "true" : "false"};
    json_error_t fault;
    if (!db_query(r->db, DB_ONE_ROW, sql_report_breach_labels, COUNT_OF(params), params, &result,
                  err))
        return false;
    json_t *labels = json_loads(db_text(result, 0, 0), 0, &fault);
    if (labels == NULL)
        return error_set(err, ERR_DB, "the codes of the register are no JSON: %s", fault.text);
    json_t *titles = json_object();
    for (const struct document_field *f = breach_fact_fields; f->key != NULL; f++)
        json_object_set_new(titles, f->key, json_string(document_words(r->document, f->title)));
    json_object_set_new(labels, "field", titles);
    json_decref(r->document->labels);
    r->document->labels = labels;
    return true;
}
