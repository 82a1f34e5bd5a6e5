/* schedule: the record of processing activities (GDPR art. 30) as far as the policies tell it:
 * every table with personal data, what it is for, how long it is kept, and what happens then. */
#include "jobs/report/list.h"
#include "jobs/report/retention_policies.h"
#include "jobs/report/retention_words.h"
#include "jobs/report/schedule_categories.h"

static const struct document_field controller_fields[] = {
    {.key = "organisation",
     .title = {"controller", "verwerkingsverantwoordelijke"},
     .type = DOCUMENT_CODE,
     .codes = words_not_stated},
    {.key = "registration",
     .title = {"registration", "registratie"},
     .type = DOCUMENT_CODE,
     .codes = words_not_stated},
    {.key = "dpo_name",
     .title = {"data protection officer", "functionaris gegevensbescherming"},
     .type = DOCUMENT_CODE,
     .codes = words_not_stated},
    {.key = "dpo_email",
     .title = {"e-mail", "e-mail"},
     .type = DOCUMENT_CODE,
     .codes = words_not_stated},
    {.key = "dpo_phone",
     .title = {"telephone", "telefoon"},
     .type = DOCUMENT_CODE,
     .codes = words_not_stated},
    {.key = "archive_term",
     .title = {"archives are destroyed after", "archieven worden vernietigd na"},
     .type = DOCUMENT_CODE,
     .labels = "window"},
    {.key = "archive_sealed",
     .title = {"archives are sealed (encrypted)", "archieven zijn verzegeld (versleuteld)"},
     .type = DOCUMENT_YES_NO},
    {.key = NULL}};

static const struct document_code starts[] = {
    {"exact", {"the end date itself", "de einddatum zelf"}, TONE_PLAIN},
    {"calendar_year_end",
     {"31 December of the year of the end date", "31 december van het jaar van de einddatum"},
     TONE_PLAIN},
    {.code = NULL}};

static const struct document_field rule_fields[] = {
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "rule", .title = {"rule", "regel"}, .type = DOCUMENT_TEXT},
    {.key = "window",
     .title = {"retention window", "bewaartermijn"},
     .type = DOCUMENT_CODE,
     .labels = "window"},
    {.key = "start",
     .title = {"counted from", "gerekend vanaf"},
     .type = DOCUMENT_CODE,
     .codes = starts},
    {.key = "clocks", .title = {"the latest of", "de laatste van"}, .type = DOCUMENT_TEXT},
    {.key = "requires",
     .title = {"only for subjects with", "alleen voor betrokkenen met"},
     .type = DOCUMENT_TEXT},
    {.key = NULL}};

static const struct document_code roles[] = {
    {"subject", {"the subjects themselves", "de betrokkenen zelf"}, TONE_PLAIN},
    {"member", {"data of a subject", "gegevens van een betrokkene"}, TONE_PLAIN},
    {"owned", {"data that subjects share", "gegevens die betrokkenen delen"}, TONE_PLAIN},
    {"touched",
     {"refers to a subject, and stays", "verwijst naar een betrokkene, en blijft"},
     TONE_PLAIN},
    {"outside", {"outside the policy", "buiten het beleid"}, TONE_ATTENTION},
    {"unknown",
     {"described, but not in the policy's tables",
      "beschreven, maar niet bij de tabellen van het beleid"},
     TONE_BAD},
    {.code = NULL}};

static const struct document_code ends[] = {
    {"deleted",
     {"archived and deleted; the archive is destroyed after its term",
      "gearchiveerd en gewist; het archief wordt na zijn termijn vernietigd"},
     TONE_PLAIN},
    {"deleted_when_unused",
     {"archived and deleted once nothing refers to it any more; the archive is destroyed after its "
      "term",
      "gearchiveerd en gewist zodra niets er meer naar verwijst; het archief wordt na zijn termijn "
      "vernietigd"},
     TONE_PLAIN},
    {"unlinked",
     {"the row stays; its reference to the subject is archived and removed",
      "de rij blijft; de verwijzing naar de betrokkene wordt gearchiveerd en verwijderd"},
     TONE_PLAIN},
    {"stays",
     {"stays: somebody decided that the policy does not cover it",
      "blijft: iemand heeft besloten dat het beleid er niet over gaat"},
     TONE_ATTENTION},
    {.code = NULL}};

static const struct document_field category_fields[] = {
    {.key = "category", .title = {"data", "gegevens"}, .type = DOCUMENT_TEXT},
    {.key = "table", .title = {"table", "tabel"}, .type = DOCUMENT_TEXT},
    {.key = "comment",
     .title = {"comment in the database", "omschrijving in de database"},
     .type = DOCUMENT_TEXT},
    {.key = "role", .title = {"what it is", "wat het is"}, .type = DOCUMENT_CODE, .codes = roles},
    {.key = "purpose",
     .title = {"purpose", "doel"},
     .type = DOCUMENT_CODE,
     .codes = words_not_stated},
    {.key = "legal_basis",
     .title = {"legal basis", "grondslag"},
     .type = DOCUMENT_CODE,
     .codes = words_not_stated},
    {.key = "window",
     .title = {"retention window", "bewaartermijn"},
     .type = DOCUMENT_CODE,
     .labels = "window"},
    {.key = "start",
     .title = {"counted from", "gerekend vanaf"},
     .type = DOCUMENT_CODE,
     .codes = starts},
    {.key = "clocks", .title = {"the latest of", "de laatste van"}, .type = DOCUMENT_TEXT},
    {.key = "requires",
     .title = {"only for subjects with", "alleen voor betrokkenen met"},
     .type = DOCUMENT_TEXT},
    {.key = "at_end",
     .title = {"what happens then", "wat er dan gebeurt"},
     .type = DOCUMENT_CODE,
     .codes = ends},
    {.key = "archive_term",
     .title = {"archive kept for", "archief bewaard gedurende"},
     .type = DOCUMENT_CODE,
     .labels = "window"},
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = NULL}};

static json_t *stated(const char *text)
{
    return json_string(text == NULL || text[0] == '\0' ? "not_stated" : text);
}

static bool fill_controller(struct report_request *r, json_t **ret_rows, struct error *err)
{
    const struct settings_organisation *o = &r->ctx->settings->organisation;
    const struct settings_archive *a = &r->ctx->settings->archive;
    (void)err;
    *ret_rows = json_pack("[{s:o, s:o, s:o, s:o, s:o, s:o, s:b}]", "organisation", stated(o->name),
                          "registration", stated(o->registration), "dpo_name", stated(o->dpo_name),
                          "dpo_email", stated(o->dpo_email), "dpo_phone", stated(o->dpo_phone),
                          "archive_term", words_window(r->document, a->keep_window),
                          "archive_sealed", !a->unsealed);
    return true;
}

static const struct report_section sections[] = {
    {.shape =
         {.key = "controller",
          .title = {"Who is responsible", "Wie verantwoordelijk is"},
          .about =
              {"From the configuration.  What GDPR art. 30(1) asks for as well is not known to "
               "this "
               "program: the address of the controller, joint controllers and representative, the "
               "categories of people and of recipients, transfers to third countries and the "
               "security measures.",
               "Uit de configuratie.  Wat AVG art. 30 lid 1 ook vraagt, kent dit programma niet: "
               "het adres van de verwerkingsverantwoordelijke, gezamenlijke verantwoordelijken en "
               "vertegenwoordiger, de categorieën van betrokkenen en van ontvangers, doorgifte aan "
               "derde landen en de beveiligingsmaatregelen."},
          .kind = DOCUMENT_FIGURES,
          .fields = controller_fields},
     .fill = fill_controller},
    RETENTION_POLICIES_SECTION,
    {.shape =
         {.key = "rules",
          .title = {"Rules", "Regels"},
          .about =
              {"Data of a subject are due for deletion when every rule that speaks of them has "
               "lapsed: "
               "the day after the retention window, counted from the latest of the end dates.  A "
               "missing end date means: still running.  Data of whom no rule speaks of are never "
               "deleted.",
               "Gegevens van een betrokkene zijn te verwijderen als elke regel die geldt is "
               "afgelopen: "
               "de dag na de bewaartermijn, gerekend vanaf de laatste van de einddatums.  Geen "
               "einddatum betekent: loopt nog.  Gegevens van wie onder geen regel valt, worden "
               "nooit verwijderd."},
          .empty = {"There is no rule.", "Er is geen regel."},
          .kind = DOCUMENT_TABLE,
          .fields = rule_fields},
     .fill = schedule_rules_fill},
    {.shape =
         {.key = "categories",
          .title = {"Categories of data", "Categorieën persoonsgegevens"},
          .about = {"Every table that holds data of a subject, as configuration and database are "
                    "now.  With "
                    "several rules the windows stand in their order, and the last to lapse counts.",
                    "Elke tabel met gegevens van een betrokkene, zoals configuratie en database nu "
                    "zijn.  Bij "
                    "meer regels staan de termijnen in hun volgorde, en telt de termijn die het "
                    "laatst afloopt."},
          .empty = {"No policy has a table.", "Geen beleid heeft een tabel."},
          .kind = DOCUMENT_RECORDS,
          .fields = category_fields},
     .fill = schedule_categories_fill},
    {.fill = NULL}};

const struct report report_schedule = {
    .name = "schedule",
    .timeless = true,
    .title = {"Retention schedule", "Bewaartermijnen"},
    .about =
        {"Which personal data are kept, what for, on what ground, how long, and what happens then: "
         "for the record of processing activities (GDPR art. 30).",
         "Welke persoonsgegevens worden bewaard, waarvoor, op welke grondslag, hoe lang, en wat er "
         "dan "
         "mee gebeurt: voor het register van verwerkingsactiviteiten (AVG art. 30)."},
    .sections = sections};
