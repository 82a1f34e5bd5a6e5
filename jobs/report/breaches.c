/* breaches: for the AP: the register of breaches, complete (GDPR art. 33(5)).  A breach belongs to
 * the period in which it was registered: that instant is never changed, and the numbers of the
 * register, which follow it, have no gaps. */
#include "jobs/report/breach_parts.h"
#include "jobs/report/list.h"
#include "sql.h"

static const struct document_field figures[] = {
    {.key = "registered",
     .title = {"breaches registered", "datalekken geregistreerd"},
     .type = DOCUMENT_COUNT},
    {.key = "open", .title = {"of these: open", "waarvan open"}, .type = DOCUMENT_COUNT},
    {.key = "closed", .title = {"of these: closed", "waarvan gesloten"}, .type = DOCUMENT_COUNT},
    {.key = "risk_high", .title = {"high risk", "hoog risico"}, .type = DOCUMENT_COUNT},
    {.key = "risk_risk", .title = {"risk, not high", "risico, niet hoog"}, .type = DOCUMENT_COUNT},
    {.key = "risk_unlikely",
     .title = {"a risk is unlikely", "risico onwaarschijnlijk"},
     .type = DOCUMENT_COUNT},
    {.key = "unassessed",
     .title = {"risk not assessed yet", "risico nog niet beoordeeld"},
     .type = DOCUMENT_COUNT},
    {.key = "ap_in_time",
     .title = {"AP: notified within 72 hours", "AP: binnen 72 uur gemeld"},
     .type = DOCUMENT_COUNT},
    {.key = "ap_late",
     .title = {"AP: notified late", "AP: te laat gemeld"},
     .type = DOCUMENT_COUNT},
    {.key = "ap_missed",
     .title = {"AP: not notified, limit passed", "AP: niet gemeld, termijn verstreken"},
     .type = DOCUMENT_COUNT},
    {.key = "ap_running",
     .title = {"AP: not notified yet, limit running", "AP: nog niet gemeld, termijn loopt"},
     .type = DOCUMENT_COUNT},
    {.key = "ap_not_needed",
     .title = {"AP: need not be notified (reasons below)",
               "AP: melding niet nodig (redenen hieronder)"},
     .type = DOCUMENT_COUNT},
    {.key = "ap_no_limit",
     .title = {"AP: no legal limit applied", "AP: geen wettelijke termijn van toepassing"},
     .type = DOCUMENT_COUNT},
    {.key = "customers_in_time",
     .title = {"customers: told, not after the own target",
               "klanten: geïnformeerd, niet na de eigen streeftermijn"},
     .type = DOCUMENT_COUNT},
    {.key = "customers_late",
     .title = {"customers: told after the own target",
               "klanten: na de eigen streeftermijn geïnformeerd"},
     .type = DOCUMENT_COUNT},
    {.key = "customers_overdue",
     .title = {"customers: own target passed, not all told yet",
               "klanten: eigen streeftermijn voorbij, nog niet allen geïnformeerd"},
     .type = DOCUMENT_COUNT},
    {.key = "customers_running",
     .title = {"customers: still to be told", "klanten: nog te informeren"},
     .type = DOCUMENT_COUNT},
    {.key = "customers_not_needed",
     .title = {"customers: need not be told, as decided",
               "klanten: informeren niet nodig, volgens besluit"},
     .type = DOCUMENT_COUNT},
    {.key = "customers_undecided",
     .title = {"customers: no decision yet", "klanten: nog geen besluit"},
     .type = DOCUMENT_COUNT},
    {.key = "incomplete",
     .title = {"still incomplete (art. 33(5))", "nog onvolledig (art. 33 lid 5)"},
     .type = DOCUMENT_COUNT},
    {.key = "aware_moved_later",
     .title = {"moment of awareness moved to a later one afterwards",
               "moment van kennisname achteraf naar later verschoven"},
     .type = DOCUMENT_COUNT},
    {.key = "persons_min",
     .title = {"people affected, where estimated, at least",
               "getroffen personen, waar geschat, minimaal"},
     .type = DOCUMENT_COUNT},
    {.key = "persons_max",
     .title = {"people affected, where estimated, at most",
               "getroffen personen, waar geschat, maximaal"},
     .type = DOCUMENT_COUNT},
    {.key = "persons_unknown",
     .title = {"breaches without an estimate of people",
               "datalekken zonder schatting van personen"},
     .type = DOCUMENT_COUNT},
    {.key = "affected",
     .title = {"customers registered as affected", "klanten geregistreerd als getroffen"},
     .type = DOCUMENT_COUNT},
    {.key = "affected_told",
     .title = {"of these customers: told", "van deze klanten: geïnformeerd"},
     .type = DOCUMENT_COUNT},
    {.key = "affected_to_tell",
     .title = {"of these customers: still to be told", "van deze klanten: nog te informeren"},
     .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field timeliness[] = {
    {.key = "month", .title = {"registered in", "geregistreerd in"}, .type = DOCUMENT_MONTH},
    {.key = "registered", .title = {"breaches", "datalekken"}, .type = DOCUMENT_COUNT},
    {.key = "in_time", .title = {"notified in time", "op tijd gemeld"}, .type = DOCUMENT_COUNT},
    {.key = "late", .title = {"notified late", "te laat gemeld"}, .type = DOCUMENT_COUNT},
    {.key = "missed",
     .title = {"not notified, limit passed", "niet gemeld, termijn verstreken"},
     .type = DOCUMENT_COUNT},
    {.key = "running", .title = {"limit running", "termijn loopt"}, .type = DOCUMENT_COUNT},
    {.key = "not_needed", .title = {"not required", "niet vereist"}, .type = DOCUMENT_COUNT},
    {.key = "no_limit", .title = {"no limit", "geen termijn"}, .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_chart timeliness_chart = {
    .title = {"Was the AP notified within 72 hours?", "Is de AP binnen 72 uur ingelicht?"},
    .label = "month",
    .series = {"in_time", "late", "missed", "running"},
    .tones = {TONE_GOOD, TONE_ATTENTION, TONE_BAD, TONE_PLAIN}};

static const struct document_field overview[] = {
    {.key = "reference", .title = {"breach", "datalek"}, .type = DOCUMENT_TEXT},
    {.key = "title", .title = {"title", "titel"}, .type = DOCUMENT_TEXT},
    {.key = "aware_at", .title = {"became aware", "kennisgenomen"}, .type = DOCUMENT_INSTANT},
    {.key = "aware_moved", .title = {"moved", "gewijzigd"}, .type = DOCUMENT_YES_NO},
    {.key = "registered_at", .title = {"registered", "geregistreerd"}, .type = DOCUMENT_INSTANT},
    {.key = "status", .title = {"state", "stand"}, .type = DOCUMENT_CODE, .codes = breach_statuses},
    {.key = "risk", .title = {"risk", "risico"}, .type = DOCUMENT_CODE, .codes = breach_risks},
    {.key = "ap", .title = {"AP", "AP"}, .type = DOCUMENT_CODE, .codes = breach_clock_states},
    {.key = "customers",
     .title = {"customers", "klanten"},
     .type = DOCUMENT_CODE,
     .codes = breach_clock_states},
    {.key = "persons_max",
     .title = {"people, at most", "personen, maximaal"},
     .type = DOCUMENT_COUNT},
    {.key = "affected",
     .title = {"customers registered", "klanten geregistreerd"},
     .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field not_notified[] = {
    {.key = "reference", .title = {"breach", "datalek"}, .type = DOCUMENT_TEXT},
    {.key = "title", .title = {"title", "titel"}, .type = DOCUMENT_TEXT},
    {.key = "assessed_at", .title = {"decided", "besloten"}, .type = DOCUMENT_INSTANT},
    {.key = "assessed_by",
     .title = {"recorded by (account)", "vastgelegd door (account)"},
     .type = DOCUMENT_TEXT},
    {.key = "risk", .title = {"risk", "risico"}, .type = DOCUMENT_CODE, .codes = breach_risks},
    {.key = "because", .title = {"because", "omdat"}, .type = DOCUMENT_TEXT},
    {.key = "ap_because", .title = {"AP, because", "AP, omdat"}, .type = DOCUMENT_TEXT},
    {.key = NULL}};

static const struct report_section sections[] = {
    {.shape =
         {.key = "figures",
          .title = {"In figures", "In cijfers"},
          .about =
              {"The breaches that were registered in the period. The counts of each part (state, "
               "risk, AP, customers) add up to the number registered. How many customers were told "
               "is counted as it stands when the report is made, also for an earlier as-of date.",
               "De datalekken die in de periode zijn geregistreerd. De aantallen van elk onderdeel "
               "(stand, risico, AP, klanten) tellen op tot het aantal geregistreerde. Hoeveel "
               "klanten zijn geïnformeerd, is geteld zoals het bij het maken van het rapport is, "
               "ook bij een eerdere peildatum."},
          .kind = DOCUMENT_FIGURES,
          .fields = figures},
     .sql = sql_report_breaches_figures},
    {.shape =
         {.key = "timeliness",
          .title = {"Notified within 72 hours", "Binnen 72 uur gemeld"},
          .about =
              {"Whether the AP was notified within 72 hours (GDPR art. 33(1)), by the month of "
               "registration; by quarter for more than two years, by year for more than ten.",
               "Of de AP binnen 72 uur is ingelicht (AVG art. 33 lid 1), naar de maand van "
               "registratie; bij meer dan twee jaar per kwartaal, bij meer dan tien per jaar."},
          .empty = {"No breach was registered in the period.",
                    "In de periode is geen datalek geregistreerd."},
          .kind = DOCUMENT_TABLE,
          .fields = timeliness,
          .chart = &timeliness_chart},
     .sql = sql_report_breaches_timeliness},
    {.shape = {.key = "overview",
               .title = {"The register in short", "Het register in het kort"},
               .about = {"One line a breach, in the order of their numbers, which have no gaps. "
                         "'Moved' says that the moment of awareness was changed after the "
                         "registration; the facts below say why.",
                         "Eén regel per datalek, op volgorde van de nummers, die geen gaten "
                         "hebben. 'Gewijzigd' betekent dat het moment van kennisname na de "
                         "registratie is gewijzigd; bij de feiten hieronder staat waarom."},
               .empty = {"No breach was registered in the period.",
                         "In de periode is geen datalek geregistreerd."},
               .kind = DOCUMENT_TABLE,
               .fields = overview},
     .sql = sql_report_breaches_overview},
    {.shape = {.key = "not_notified",
               .title = {"The AP need not be notified: why",
                         "Melding aan de AP niet nodig: waarom"},
               .about = {"The AP need not be notified when a risk to people is unlikely (GDPR art. "
                         "33(1)); the decision and its reasons.",
                         "De AP hoeft niet te worden ingelicht als een risico voor mensen "
                         "onwaarschijnlijk is (AVG art. 33 lid 1); het besluit en de redenen."},
               .empty = {"There is no such breach.", "Zo'n datalek is er niet."},
               .kind = DOCUMENT_TABLE,
               .fields = not_notified},
     .sql = sql_report_breaches_not_notified},
    {.shape = {.key = "facts",
               .title = {"Facts, effects and protection", "Feiten, gevolgen en beveiliging"},
               .about = BREACH_FACTS_ABOUT,
               .kind = DOCUMENT_RECORDS,
               .fields = breach_fact_fields},
     .sql = sql_report_breaches_facts},
    {.shape = {.key = "decisions",
               .title = {"Decisions", "Besluiten"},
               .about = BREACH_DECISIONS_ABOUT,
               .empty = {"No risk was assessed.", "Er is geen risico beoordeeld."},
               .kind = DOCUMENT_RECORDS,
               .fields = breach_decision_fields},
     .sql = sql_report_breaches_decisions},
    {.shape = {.key = "clocks",
               .title = {"Limits met and missed", "Termijnen gehaald en gemist"},
               .about = BREACH_CLOCKS_ABOUT,
               .kind = DOCUMENT_TABLE,
               .fields = breach_clock_fields},
     .sql = sql_report_breaches_clocks},
    {.shape = {.key = "notifications",
               .title = {"Notifications", "Meldingen"},
               .about = BREACH_NOTIFICATIONS_ABOUT,
               .empty = {"No notification is registered.", "Er is geen melding vastgelegd."},
               .kind = DOCUMENT_TABLE,
               .fields = breach_notification_fields},
     .sql = sql_report_breaches_notifications},
    {.shape = {.key = "measures",
               .title = {"Measures", "Maatregelen"},
               .about = BREACH_MEASURES_ABOUT,
               .empty = {"No measure is registered.", "Er is geen maatregel geregistreerd."},
               .kind = DOCUMENT_TABLE,
               .fields = breach_measure_fields},
     .sql = sql_report_breaches_measures},
    {.sql = NULL}};

static bool begin(struct report_request *r, const char *operand, char **ret_operand,
                  struct error *err)
{
    (void)operand;
    (void)ret_operand;
    return breach_add_labels(r, err);
}

const struct report report_breaches = {
    .name = "breaches",
    .title = {"Register of data breaches", "Register van datalekken"},
    .about = {"Every data breach registered in the period, reported or not: the facts, the "
              "effects, what was decided and done, and whether it was in time (GDPR art. 33(5)); "
              "what is still to be registered is named.",
              "Elk datalek dat in de periode is geregistreerd, gemeld of niet: de feiten, de "
              "gevolgen, wat is besloten en gedaan, en of dat op tijd was (AVG art. 33 lid 5); "
              "wat nog te registreren is, staat erbij."},
    .whole_from = "2018-05-25",
    .sections = sections,
    .begin = begin};
