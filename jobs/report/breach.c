/* breach: for an auditor: one breach, with its timeline and every change.  Of customers it has
 * counts only, no key, no name and no reference. */
#include <string.h>

#include "common/clock.h"
#include "common/memory.h"
#include "jobs/breach/register.h"
#include "jobs/report/breach_parts.h"
#include "jobs/report/list.h"
#include "sql.h"

static const struct document_field figures[] = {
    {.key = "reference", .title = {"breach", "datalek"}, .type = DOCUMENT_TEXT},
    {.key = "title", .title = {"title", "titel"}, .type = DOCUMENT_TEXT},
    {.key = "status", .title = {"state", "stand"}, .type = DOCUMENT_CODE, .codes = breach_statuses},
    {.key = "aware_at", .title = {"became aware", "kennisgenomen"}, .type = DOCUMENT_INSTANT},
    {.key = "aware_moved",
     .title = {"moment of awareness changed after registration",
               "moment van kennisname na registratie gewijzigd"},
     .type = DOCUMENT_YES_NO},
    {.key = "registered_at", .title = {"registered", "geregistreerd"}, .type = DOCUMENT_INSTANT},
    {.key = "risk", .title = {"risk", "risico"}, .type = DOCUMENT_CODE, .codes = breach_risks},
    {.key = "ap",
     .title = {"notification to the AP", "melding aan de AP"},
     .type = DOCUMENT_CODE,
     .codes = breach_clock_states},
    {.key = "ap_due_at", .title = {"AP: limit", "AP: uiterlijk"}, .type = DOCUMENT_INSTANT},
    {.key = "ap_met_at", .title = {"AP: notified", "AP: gemeld"}, .type = DOCUMENT_INSTANT},
    {.key = "customers",
     .title = {"telling the customers", "informeren van de klanten"},
     .type = DOCUMENT_CODE,
     .codes = breach_clock_states},
    {.key = "persons_min",
     .title = {"people affected, estimated, at least", "getroffen personen, geschat, minimaal"},
     .type = DOCUMENT_COUNT},
    {.key = "persons_max",
     .title = {"people affected, estimated, at most", "getroffen personen, geschat, maximaal"},
     .type = DOCUMENT_COUNT},
    {.key = "affected",
     .title = {"customers registered as affected", "klanten geregistreerd als getroffen"},
     .type = DOCUMENT_COUNT},
    {.key = "affected_to_tell",
     .title = {"of these: still to be told", "waarvan nog te informeren"},
     .type = DOCUMENT_COUNT},
    {.key = "notifications",
     .title = {"notifications to authorities and customers",
               "meldingen aan toezichthouders en klanten"},
     .type = DOCUMENT_COUNT},
    {.key = NULL}};

/* ---- the timeline ---- */

static const struct document_code events[] = {
    {"occurred_from", {"the breach began", "de inbreuk begon"}, TONE_PLAIN},
    {"occurred_to", {"the breach ended", "de inbreuk eindigde"}, TONE_PLAIN},
    {"discovered", {"discovered", "ontdekt"}, TONE_PLAIN},
    {"processor_aware", {"processor became aware", "verwerker nam kennis"}, TONE_PLAIN},
    {"processor_informed", {"processor told us", "verwerker informeerde ons"}, TONE_PLAIN},
    {"aware",
     {"became aware: the limits begin", "kennisgenomen: de termijnen beginnen"},
     TONE_PLAIN},
    {"first_aware",
     {"became aware, as first registered", "kennisgenomen, zoals eerst geregistreerd"},
     TONE_ATTENTION},
    {"nis2_aware", {"known as significant (NIS2)", "bekend als significant (NIS2)"}, TONE_PLAIN},
    {"dora_classified",
     {"classified as major (DORA)", "geclassificeerd als ernstig (DORA)"},
     TONE_PLAIN},
    {"registered", {"registered", "geregistreerd"}, TONE_PLAIN},
    {"assessed_unlikely",
     {"assessed: a risk is unlikely", "beoordeeld: risico onwaarschijnlijk"},
     TONE_PLAIN},
    {"assessed_risk", {"assessed: risk", "beoordeeld: risico"}, TONE_PLAIN},
    {"assessed_high", {"assessed: high risk", "beoordeeld: hoog risico"}, TONE_PLAIN},
    {"notified_ap", {"AP notified", "gemeld aan de AP"}, TONE_PLAIN},
    {"notified_customers", {"customers notified", "klanten ingelicht"}, TONE_PLAIN},
    {"notified_nis2", {"NIS2 authority notified", "gemeld aan de NIS2-autoriteit"}, TONE_PLAIN},
    {"notified_dora", {"DORA authority notified", "gemeld aan de DORA-autoriteit"}, TONE_PLAIN},
    {"notified_other",
     {"other authority notified", "gemeld aan een andere toezichthouder"},
     TONE_PLAIN},
    {"withdrawn_ap",
     {"notification to the AP withdrawn", "melding aan de AP ingetrokken"},
     TONE_PLAIN},
    {"withdrawn_customers",
     {"notice to customers withdrawn", "bericht aan klanten ingetrokken"},
     TONE_PLAIN},
    {"withdrawn_nis2", {"NIS2 notification withdrawn", "NIS2-melding ingetrokken"}, TONE_PLAIN},
    {"withdrawn_dora", {"DORA notification withdrawn", "DORA-melding ingetrokken"}, TONE_PLAIN},
    {"withdrawn_other",
     {"notification to other authority withdrawn", "melding aan andere toezichthouder ingetrokken"},
     TONE_PLAIN},
    {"measure_taken", {"measure taken", "maatregel getroffen"}, TONE_PLAIN},
    {"measure_proposed", {"measure proposed", "maatregel voorgenomen"}, TONE_PLAIN},
    {"limit_ap",
     {"limit for notifying the AP", "uiterste moment om aan de AP te melden"},
     TONE_PLAIN},
    {"limit_customers",
     {"own target for telling customers", "eigen streeftermijn om klanten te informeren"},
     TONE_PLAIN},
    {"limit_other", {"other limit", "andere termijn"}, TONE_PLAIN},
    {"letters_first",
     {"first letter handed over for delivery", "eerste brief ter bezorging aangeboden"},
     TONE_PLAIN},
    {"letters_last",
     {"last letter handed over; how many in all",
      "laatste brief ter bezorging aangeboden; aantal in totaal"},
     TONE_PLAIN},
    {"attached", {"attachment added", "bijlage toegevoegd"}, TONE_PLAIN},
    {"authority_order", {"order of the AP", "opdracht van de AP"}, TONE_PLAIN},
    {"closed", {"closed", "gesloten"}, TONE_PLAIN},
    {"reopened", {"opened again", "heropend"}, TONE_ATTENTION},
    {"entered", {"entered in the timeline", "in de tijdlijn vermeld"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_field timeline[] = {
    {.key = "at", .title = {"when", "wanneer"}, .type = DOCUMENT_INSTANT},
    {.key = "event", .title = {"event", "gebeurtenis"}, .type = DOCUMENT_CODE, .codes = events},
    {.key = "what", .title = {"what", "wat"}, .type = DOCUMENT_TEXT},
    {.key = "by", .title = {"by (account)", "door (account)"}, .type = DOCUMENT_TEXT},
    {.key = NULL}};

/* ---- customers ---- */

static const struct document_code states[] = {
    {"to_tell", {"still to be told", "nog te informeren"}, TONE_ATTENTION},
    {"told", {"told", "geïnformeerd"}, TONE_GOOD},
    {"returned", {"mail came back", "bericht kwam terug"}, TONE_ATTENTION},
    {"exempt", {"need not be told", "hoeft niet geïnformeerd te worden"}, TONE_PLAIN},
    {"disposed",
     {"data erased before they were told", "gegevens gewist voor ze geïnformeerd waren"},
     TONE_PLAIN},
    {.code = NULL}};

static const struct document_field affected[] = {
    {.key = "state", .title = {"state", "stand"}, .type = DOCUMENT_CODE, .codes = states},
    {.key = "channel", .title = {"channel", "kanaal"}, .type = DOCUMENT_TEXT},
    {.key = "because", .title = {"because", "omdat"}, .type = DOCUMENT_TEXT},
    {.key = "customers", .title = {"customers", "klanten"}, .type = DOCUMENT_COUNT},
    {.key = "first_told_at",
     .title = {"first told", "eerste geïnformeerd"},
     .type = DOCUMENT_INSTANT},
    {.key = "last_told_at",
     .title = {"last told", "laatste geïnformeerd"},
     .type = DOCUMENT_INSTANT},
    {.key = NULL}};

static const struct document_code channels[] = {
    {"mail", {"e-mail", "e-mail"}, TONE_PLAIN},
    {"file", {"paper", "papier"}, TONE_PLAIN},
    {"none", {"not begun", "niet begonnen"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_field letters[] = {
    {.key = "channel", .title = {"channel", "kanaal"}, .type = DOCUMENT_CODE, .codes = channels},
    {.key = "letters", .title = {"letters", "brieven"}, .type = DOCUMENT_COUNT},
    {.key = "sent", .title = {"handed over", "ter bezorging aangeboden"}, .type = DOCUMENT_COUNT},
    {.key = "returned", .title = {"came back", "retour"}, .type = DOCUMENT_COUNT},
    {.key = "dropped", .title = {"not needed any more", "niet meer nodig"}, .type = DOCUMENT_COUNT},
    {.key = "waiting", .title = {"waiting", "in afwachting"}, .type = DOCUMENT_COUNT},
    {.key = "first_sent_at", .title = {"first", "eerste"}, .type = DOCUMENT_INSTANT},
    {.key = "last_sent_at", .title = {"last", "laatste"}, .type = DOCUMENT_INSTANT},
    {.key = NULL}};

/* ---- the rest ---- */

static const struct document_field reminders[] = {
    {.key = "sent_at", .title = {"sent", "verzonden"}, .type = DOCUMENT_INSTANT},
    {.key = "clock",
     .title = {"clock", "termijn"},
     .type = DOCUMENT_CODE,
     .codes = breach_clock_names},
    {.key = "step",
     .title = {"hours (h) before, days (+d) after the limit",
               "uren (h) voor, dagen (+d) na de termijn"},
     .type = DOCUMENT_TEXT},
    {.key = "due_at", .title = {"limit", "uiterlijk"}, .type = DOCUMENT_INSTANT},
    {.key = NULL}};

static const struct document_field attachments[] = {
    {.key = "path", .title = {"file", "bestand"}, .type = DOCUMENT_TEXT},
    {.key = "bytes", .title = {"size", "grootte"}, .type = DOCUMENT_BYTES},
    {.key = "sha256", .title = {"SHA-256", "SHA-256"}, .type = DOCUMENT_DIGEST},
    {.key = "added_at", .title = {"added", "toegevoegd"}, .type = DOCUMENT_INSTANT},
    {.key = "added_by", .title = {"by (account)", "door (account)"}, .type = DOCUMENT_TEXT},
    {.key = NULL}};

static const struct document_code writes[] = {
    {"insert_breach", {"breach registered", "datalek geregistreerd"}, TONE_PLAIN},
    {"update_breach", {"breach changed", "datalek gewijzigd"}, TONE_PLAIN},
    {"insert_assessment", {"assessment added", "beoordeling toegevoegd"}, TONE_PLAIN},
    {"insert_notification_breach", {"notification recorded", "melding vastgelegd"}, TONE_PLAIN},
    {"insert_measure", {"measure added", "maatregel toegevoegd"}, TONE_PLAIN},
    {"insert_timeline", {"timeline entry added", "tijdlijn aangevuld"}, TONE_PLAIN},
    {"insert_attachment", {"attachment added", "bijlage toegevoegd"}, TONE_PLAIN},
    {"insert_affected", {"affected customers added", "getroffen klanten toegevoegd"}, TONE_PLAIN},
    {"update_affected", {"affected customers changed", "getroffen klanten gewijzigd"}, TONE_PLAIN},
    {"insert_letter", {"letters prepared", "brieven voorbereid"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_field changes[] = {
    {.key = "seq", .title = {"no. in the audit log", "nr. in het auditlog"}, .type = DOCUMENT_TEXT},
    {.key = "at", .title = {"when (program)", "wanneer (programma)"}, .type = DOCUMENT_INSTANT},
    {.key = "recorded_at",
     .title = {"when (server)", "wanneer (server)"},
     .type = DOCUMENT_INSTANT},
    {.key = "by", .title = {"by (account)", "door (account)"}, .type = DOCUMENT_TEXT},
    {.key = "event", .title = {"change", "wijziging"}, .type = DOCUMENT_CODE, .codes = writes},
    {.key = "field", .title = {"field", "veld"}, .type = DOCUMENT_CODE, .labels = "field"},
    {.key = "old", .title = {"old", "oud"}, .type = DOCUMENT_TEXT},
    {.key = "new", .title = {"new", "nieuw"}, .type = DOCUMENT_TEXT},
    {.key = "reason", .title = {"reason", "reden"}, .type = DOCUMENT_TEXT},
    {.key = NULL}};

static const struct report_section sections[] =
    {{.shape = {.key = "figures",
                .title = {"In short", "In het kort"},
                .about = {"How it stands on the as-of date. Fields that were changed are shown as "
                          "they stand now, and so is how many customers still have to be told.",
                          "Hoe het er op de peildatum voor staat. Gewijzigde velden staan er zoals "
                          "ze nu luiden, net als hoeveel klanten nog geïnformeerd moeten worden."},
                .kind = DOCUMENT_FIGURES,
                .fields = figures},
      .sql = sql_report_breach_figures},
     {.shape =
          {.key = "timeline",
           .title = {"Timeline", "Tijdlijn"},
           .about =
               {"What happened, in order: what people entered, and what the register itself knows.",
                "Wat er gebeurde, op volgorde: wat mensen hebben ingevoerd en wat het register "
                "zelf weet."},
           .kind = DOCUMENT_TABLE,
           .fields = timeline},
      .sql = sql_report_breach_timeline},
     {.shape = {.key = "facts",
                .title = {"Facts, effects and protection", "Feiten, gevolgen en beveiliging"},
                .about = BREACH_FACTS_ABOUT,
                .kind = DOCUMENT_RECORDS,
                .fields = breach_fact_fields},
      .sql = sql_report_breaches_facts},
     {.shape = {.key = "decisions",
                .title = {"Decisions", "Besluiten"},
                .about = BREACH_DECISIONS_ABOUT,
                .empty = {"The risk was not assessed.", "Het risico is niet beoordeeld."},
                .kind = DOCUMENT_RECORDS,
                .fields = breach_decision_fields + 1},
      .sql = sql_report_breaches_decisions},
     {.shape = {.key = "clocks",
                .title = {"Limits met and missed", "Termijnen gehaald en gemist"},
                .about = BREACH_CLOCKS_ABOUT,
                .kind = DOCUMENT_TABLE,
                .fields = breach_clock_fields + 1},
      .sql = sql_report_breaches_clocks},
     {.shape = {.key = "notifications",
                .title = {"Notifications", "Meldingen"},
                .about = BREACH_NOTIFICATIONS_ABOUT,
                .empty = {"No notification is registered.", "Er is geen melding vastgelegd."},
                .kind = DOCUMENT_TABLE,
                .fields = breach_notification_fields + 1},
      .sql = sql_report_breaches_notifications},
     {.shape = {.key = "measures",
                .title = {"Measures", "Maatregelen"},
                .about = BREACH_MEASURES_ABOUT,
                .empty = {"No measure is registered.", "Er is geen maatregel geregistreerd."},
                .kind = DOCUMENT_TABLE,
                .fields = breach_measure_fields + 1},
      .sql = sql_report_breaches_measures},
     {.shape = {.key = "affected",
                .title = {"Affected customers", "Getroffen klanten"},
                .about = {"How many customers were affected and what became of them, as it stands "
                          "when the report is made; nobody is named.",
                          "Hoeveel klanten zijn getroffen en wat er met hen is gebeurd, zoals het "
                          "bij het maken van het rapport is; niemand wordt genoemd."},
                .empty = {"No customer is registered as affected.",
                          "Er is geen klant als getroffen geregistreerd."},
                .kind = DOCUMENT_TABLE,
                .fields = affected},
      .sql = sql_report_breach_affected},
     {.shape = {.key = "letters",
                .title = {"Letters", "Brieven"},
                .about = {"The letters to these customers, counted.",
                          "De brieven aan deze klanten, geteld."},
                .empty = {"No letter was prepared.", "Er is geen brief voorbereid."},
                .kind = DOCUMENT_TABLE,
                .fields = letters},
      .sql = sql_report_breach_letters},
     {.shape =
          {.key = "reminders",
           .title = {"Reminders", "Herinneringen"},
           .about = {"The reminders that the program sent to the organisation about these limits.",
                     "De herinneringen die het programma de organisatie over deze termijnen heeft "
                     "gestuurd."},
           .empty = {"No reminder was sent.", "Er is geen herinnering verzonden."},
           .kind = DOCUMENT_TABLE,
           .fields = reminders},
      .sql = sql_report_breach_reminders},
     {.shape =
          {.key = "attachments",
           .title = {"Attachments", "Bijlagen"},
           .about = {"Files that belong to the breach; the register has their SHA-256, the "
                     "files lie elsewhere.",
                     "Bestanden die bij het datalek horen; het register heeft hun controlegetal "
                     "(SHA-256), de bestanden liggen elders."},
           .empty = {"Nothing was attached.", "Er is niets bijgevoegd."},
           .kind = DOCUMENT_TABLE,
           .fields = attachments},
      .sql = sql_report_breach_attachments},
     {.shape = {.key = "changes",
                .title = {"Every change", "Elke wijziging"},
                .about = {"From the audit log, a chain in which a change shows when it is compared "
                          "with the anchors in the journal (waarborg evidence verify): every write "
                          "to this breach, who, when and why; a row for each field that changed. "
                          "Codes and moments stand as the log has them.",
                          "Uit het auditlog, een keten waarin een wijziging zichtbaar wordt bij "
                          "vergelijking met de ijkpunten in het journaal (waarborg evidence "
                          "verify): alles wat aan dit datalek is geschreven, door wie, wanneer en "
                          "waarom; een regel per gewijzigd veld. Codes en tijdstippen staan er "
                          "zoals in het log."},
                .kind = DOCUMENT_TABLE,
                .fields = changes},
      .sql = sql_report_breach_changes},
     {.sql = NULL}};

static bool begin(struct report_request *r, const char *operand, char **ret_operand,
                  struct error *err)
{
    CLEANUP(db_result_free) struct db_result *result = NULL;
    char reference[REGISTER_REFERENCE_SIZE], at[21];
    if (!register_parse_reference(operand, reference, err))
        return false;
    clock_format_utc(r->at, at);
    const char *params[] = {reference, at};
    if (!db_query(r->db, DB_ROWS, sql_report_breach_find, COUNT_OF(params), params, &result, err))
        return false;
    if (db_rows(result) == 0)
        return error_set(err, ERR_USAGE,
                         "there is no breach %s; waarborg breach list --all shows them", reference);
    if (!db_bool(result, 0, 0))
        return error_set(err, ERR_USAGE,
                         "breach %s was registered on %s, after the day that is judged by: change "
                         "--as-of",
                         reference, db_text(result, 0, 1));
    if (!breach_add_labels(r, err))
        return false;
    *ret_operand = memory_copy_text(reference);
    return true;
}

const struct report report_breach = {
    .name = "breach",
    .operand = "REF",
    .title = {"Dossier of data breach", "Dossier van datalek"},
    .about = {"Everything that the register has about one data breach, from its first moment to "
              "the as-of date, with every change.",
              "Alles wat het register over één datalek heeft, van het eerste moment tot de "
              "peildatum, met elke wijziging."},
    .sections = sections,
    .timeless = true, /* a dossier is whole */
    .begin = begin};
