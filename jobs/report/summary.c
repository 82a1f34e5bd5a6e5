/* summary: for management, one page: is the promise kept, and what needs attention? */
#include <string.h>

#include "jobs/report/list.h"
#include "jobs/report/retention_policies.h"
#include "jobs/report/retention_words.h"
#include "sql.h"

/* Nights run daily and verifications weekly (conf/systemd); each may be a day late. */
enum { NIGHT_DAYS = 2, VERIFIED_DAYS = 8 };

static const struct document_code answers[] = {
    {"yes", {"yes", "ja"}, TONE_GOOD},
    {"no", {"no", "nee"}, TONE_BAD},
    {"look", {"attention", "let op"}, TONE_ATTENTION},
    {"none", {"nothing to judge yet", "nog niets te beoordelen"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_code checks[] = {
    {"overdue",
     {"Today nobody is kept longer than promised",
      "Vandaag wordt niemand langer bewaard dan beloofd"},
     TONE_PLAIN},
    {"late",
     {"In the period everybody was deleted on the day they were due",
      "In de periode is iedereen verwijderd op de dag waarop het moest"},
     TONE_PLAIN},
    {"night",
     {"The job runs every night", "De nachtelijke verwerking loopt elke nacht"},
     TONE_PLAIN},
    {"blocked",
     {"Everybody who is due can be deleted", "Wie verwijderd moet worden, kan verwijderd worden"},
     TONE_PLAIN},
    {"uncovered",
     {"A retention rule applies to everybody", "Voor iedereen geldt een bewaarregel"},
     TONE_PLAIN},
    {"approved",
     {"The rules are approved, for the database as it is now",
      "De regels zijn goedgekeurd, voor de database zoals die nu is"},
     TONE_PLAIN},
    {"returned",
     {"Nobody who was deleted is back", "Niemand die verwijderd was, is terug"},
     TONE_PLAIN},
    {"archives",
     {"Archives are destroyed when their term is over",
      "Archieven worden vernietigd als hun termijn voorbij is"},
     TONE_PLAIN},
    {"verified",
     {"The evidence was verified this week, and is in order",
      "Het bewijs is deze week gecontroleerd, en is in orde"},
     TONE_PLAIN},
    {"holds",
     {"Every hold is reviewed, and in time",
      "Elke vernietigingsstop wordt herbeoordeeld, en op tijd"},
     TONE_PLAIN},
    {"clocks",
     {"No limit of an open breach has passed", "Geen termijn van een open datalek is verstreken"},
     TONE_PLAIN},
    {"ap",
     {"The supervisory authority was notified within 72 hours",
      "De toezichthouder is binnen 72 uur geïnformeerd"},
     TONE_PLAIN},
    {"customers",
     {"Affected people were told within the organisation's own target",
      "Betrokkenen zijn binnen de eigen streeftermijn geïnformeerd"},
     TONE_PLAIN},
    {"complete",
     {"The register is complete (GDPR art. 33(5))", "Het register is volledig (AVG art. 33 lid 5)"},
     TONE_PLAIN},
    {.code = NULL}};

static const struct document_field check_fields[] = {
    {.key = "check", .title = {"Promise", "Belofte"}, .type = DOCUMENT_CODE, .codes = checks},
    {.key = "answer", .title = {"Kept?", "Nagekomen?"}, .type = DOCUMENT_CODE, .codes = answers},
    {.key = "count", .title = {"Exceptions", "Uitzonderingen"}, .type = DOCUMENT_COUNT},
    {.key = "since", .title = {"Since", "Sinds"}, .type = DOCUMENT_DATE},
    {.key = NULL}};

static const struct document_field now_fields[] = {
    {.key = "due", .title = {"due for deletion", "te verwijderen"}, .type = DOCUMENT_COUNT},
    {.key = "overdue", .title = {"of whom overdue", "waarvan te laat"}, .type = DOCUMENT_COUNT},
    {.key = "oldest_overdue_on",
     .title = {"longest overdue since", "langst te laat sinds"},
     .type = DOCUMENT_DATE},
    {.key = "blocked",
     .title = {"that cannot be deleted", "niet te verwijderen"},
     .type = DOCUMENT_COUNT},
    {.key = "held", .title = {"kept by hold or breach", "vastgehouden"}, .type = DOCUMENT_COUNT},
    {.key = "uncovered", .title = {"without a rule", "zonder regel"}, .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field total_fields[] = {
    {.key = "people", .title = {"people", "personen"}, .type = DOCUMENT_COUNT},
    {.key = "subjects", .title = {"deletions", "verwijderingen"}, .type = DOCUMENT_COUNT},
    {.key = "again",
     .title = {"again, database restored", "opnieuw, na herstel"},
     .type = DOCUMENT_COUNT},
    {.key = "restored",
     .title = {"put back from an archive", "teruggezet uit archief"},
     .type = DOCUMENT_COUNT},
    {.key = "late", .title = {"later than due", "later dan moest"}, .type = DOCUMENT_COUNT},
    {.key = "latest_days", .title = {"longest delay", "langste vertraging"}, .type = DOCUMENT_DAYS},
    {.key = NULL}};

static const struct document_field night_fields[] = {
    {.key = "last_started_at", .title = {"last night", "laatste nacht"}, .type = DOCUMENT_INSTANT},
    {.key = "last_outcome",
     .title = {"how it ended", "afloop"},
     .type = DOCUMENT_CODE,
     .codes = words_outcomes},
    {.key = "runs", .title = {"runs in the period", "runs in de periode"}, .type = DOCUMENT_COUNT},
    {.key = "missed",
     .title = {"nights without a run", "nachten zonder run"},
     .type = DOCUMENT_COUNT},
    {.key = "failed",
     .title = {"of which failed or stopped", "waarvan mislukt of gestopt"},
     .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field evidence_fields[] = {
    {.key = "verified_at",
     .title = {"last verified", "laatst gecontroleerd"},
     .type = DOCUMENT_INSTANT},
    {.key = "verified_faults",
     .title = {"faults found", "fouten gevonden"},
     .type = DOCUMENT_COUNT},
    {.key = "returned",
     .title = {"people who are back", "personen die terug zijn"},
     .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field archive_fields[] = {
    {.key = "present", .title = {"archive files", "archiefbestanden"}, .type = DOCUMENT_COUNT},
    {.key = "bytes", .title = {"size", "omvang"}, .type = DOCUMENT_BYTES},
    {.key = "past_term",
     .title = {"files past their term", "voorbij hun termijn"},
     .type = DOCUMENT_COUNT},
    {.key = "held", .title = {"files kept by a hold", "vastgehouden"}, .type = DOCUMENT_COUNT},
    {.key = "destroyed",
     .title = {"destroyed in the period", "vernietigd in de periode"},
     .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field hold_fields[] = {
    {.key = "active", .title = {"active holds", "van kracht"}, .type = DOCUMENT_COUNT},
    {.key = "review_due", .title = {"to be reviewed", "te herbeoordelen"}, .type = DOCUMENT_COUNT},
    {.key = "without_review",
     .title = {"without a review day", "zonder dag daarvoor"},
     .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field clock_fields[] = {
    {.key = "open", .title = {"breaches open now", "datalekken nu open"}, .type = DOCUMENT_COUNT},
    {.key = "unassessed",
     .title = {"of which not assessed", "waarvan niet beoordeeld"},
     .type = DOCUMENT_COUNT},
    {.key = "overdue", .title = {"limits passed", "termijnen verstreken"}, .type = DOCUMENT_COUNT},
    {.key = "next_due_at",
     .title = {"next limit ends", "eerstvolgende termijn"},
     .type = DOCUMENT_INSTANT},
    {.key = "next_breach", .title = {"of breach", "van datalek"}, .type = DOCUMENT_TEXT},
    {.key = NULL}};

static const struct document_field breach_fields[] = {
    {.key = "registered",
     .title = {"breaches registered", "datalekken geregistreerd"},
     .type = DOCUMENT_COUNT},
    {.key = "ap_in_time",
     .title = {"AP: within 72 hours", "AP: binnen 72 uur"},
     .type = DOCUMENT_COUNT},
    {.key = "ap_late", .title = {"AP: late", "AP: te laat"}, .type = DOCUMENT_COUNT},
    {.key = "ap_missed",
     .title = {"AP: not, limit passed", "AP: niet, termijn om"},
     .type = DOCUMENT_COUNT},
    {.key = "ap_running",
     .title = {"AP: limit running", "AP: termijn loopt"},
     .type = DOCUMENT_COUNT},
    {.key = "customers_in_time",
     .title = {"people: within target", "mensen: binnen streven"},
     .type = DOCUMENT_COUNT},
    {.key = "customers_late", .title = {"people: later", "mensen: later"}, .type = DOCUMENT_COUNT},
    {.key = "customers_overdue",
     .title = {"people: not, target passed", "mensen: niet, streven om"},
     .type = DOCUMENT_COUNT},
    {.key = "aware_moved_later",
     .title = {"awareness moved later", "kennisname later gesteld"},
     .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field month_fields[] = {
    {.key = "month", .title = {"Month", "Maand"}, .type = DOCUMENT_MONTH},
    {.key = "subjects", .title = {"Deletions", "Verwijderd"}, .type = DOCUMENT_COUNT},
    {.key = "rows", .title = {"Rows", "Rijen"}, .type = DOCUMENT_COUNT},
    {.key = "runs", .title = {"Runs", "Runs"}, .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_chart month_chart = {
    .title = {"Deletions, per month", "Verwijderingen, per maand"},
    .label = "month",
    .series = {"subjects"}};

static const struct document_field policy_fields[] = {
    {.key = "policy", .title = {"Policy", "Beleid"}, .type = DOCUMENT_TEXT},
    {.key = "version", .title = {"Version", "Versie"}, .type = DOCUMENT_TEXT},
    {.key = "state", .title = {"State", "Stand"}, .type = DOCUMENT_CODE, .codes = words_approvals},
    {.key = "approved_at", .title = {"Approved", "Goedgekeurd"}, .type = DOCUMENT_INSTANT},
    {.key = "approved_by", .title = {"By", "Door"}, .type = DOCUMENT_TEXT},
    {.key = NULL}};

static bool no_checks_yet(struct report_request *r, json_t **ret_rows, struct error *err)
{
    (void)r;
    (void)err;
    *ret_rows = json_array();
    return true;
}

static const struct report_section sections[] = {
    {.shape = {.key = "checks",
               .title = {"Is the promise kept?", "Wordt de belofte nagekomen?"},
               .kind = DOCUMENT_TABLE,
               .fields = check_fields},
     .fill = no_checks_yet},
    {.shape = {.key = "disposed",
               .title = {"Deleted", "Verwijderd"},
               .about = {"Deleted from the database; what was deleted is kept in sealed archives "
                         "for a short term and then destroyed.",
                         "Uit de database verwijderd; wat verwijderd is, blijft nog korte tijd in "
                         "verzegelde archieven en wordt dan vernietigd."},
               .kind = DOCUMENT_TABLE,
               .fields = month_fields,
               .chart = &month_chart},
     .sql = sql_report_retention_disposed},
    {.shape = {.key = "totals",
               .title = {"In the period", "In de periode"},
               .kind = DOCUMENT_FIGURES,
               .fields = total_fields},
     .sql = sql_report_retention_totals},
    {.shape = {.key = "standing",
               .title = {"Who is left", "Wie er nog is"},
               .about = {"After the last night.", "Na de laatste nacht."},
               .kind = DOCUMENT_FIGURES,
               .fields = now_fields},
     .sql = sql_report_retention_standing},
    {.shape = {.key = "nights",
               .title = {"Nights", "Nachten"},
               .kind = DOCUMENT_FIGURES,
               .fields = night_fields},
     .sql = sql_report_summary_nights},
    {.shape = {.key = "policies",
               .title = {"Rules", "Regels"},
               .kind = DOCUMENT_TABLE,
               .fields = policy_fields},
     .fill = retention_policies_fill},
    {.shape = {.key = "archives",
               .title = {"Archives", "Archieven"},
               .kind = DOCUMENT_FIGURES,
               .fields = archive_fields},
     .sql = sql_report_retention_archives},
    {.shape = {.key = "evidence",
               .title = {"Evidence", "Bewijs"},
               .kind = DOCUMENT_FIGURES,
               .fields = evidence_fields},
     .sql = sql_report_summary_evidence},
    {.shape = {.key = "holds",
               .title = {"Holds", "Vernietigingsstops"},
               .kind = DOCUMENT_FIGURES,
               .fields = hold_fields},
     .sql = sql_report_holds_standing},
    {.shape = {.key = "breaches",
               .title = {"Breaches", "Datalekken"},
               .kind = DOCUMENT_FIGURES,
               .fields = breach_fields},
     .sql = sql_report_breaches_figures},
    {.shape = {.key = "clocks",
               .title = {"Breaches that are open", "Open datalekken"},
               .kind = DOCUMENT_FIGURES,
               .fields = clock_fields},
     .sql = sql_report_summary_clocks},
    {.sql = NULL}};

/* ---- the answers ---- */

static json_int_t figure(const struct document *d, const char *section, const char *key)
{
    return json_integer_value(json_object_get(document_figures(d, section), key));
}

static bool is_there(const struct document *d, const char *section, const char *key)
{
    const json_t *value = json_object_get(document_figures(d, section), key);
    return value != NULL && !json_is_null(value);
}

/* since_section NULL: no date. */
static void add_check(const struct document *d, const char *check, const char *answer,
                      json_int_t count, const char *since_section, const char *since)
{
    json_t *date =
        since_section == NULL ? NULL : json_object_get(document_figures(d, since_section), since);
    json_t *row = json_pack("{s:s, s:s, s:I, s:O?}", "check", check, "answer", answer, "count",
                            count, "since", date);
    if (count == 0 || strcmp(answer, "none") == 0)
        json_object_set_new(row, "count", json_null());
    json_array_append_new(document_rows(d, "checks"), row);
}

static const char *none_wrong(json_int_t count, const char *otherwise)
{
    return count == 0 ? "yes" : otherwise;
}

static void answer_retention(const struct document *d)
{
    bool ever = is_there(d, "nights", "last_outcome");
    json_int_t overdue = figure(d, "standing", "overdue");
    json_int_t late = figure(d, "totals", "late");
    add_check(d, "overdue",
              overdue > 0 ? "no"
              : ever      ? "yes"
                          : "none",
              overdue, "standing", "oldest_overdue_on");
    add_check(d, "late", figure(d, "totals", "subjects") > 0 ? none_wrong(late, "look") : "none",
              late, NULL, NULL);
}

static void answer_nights(const struct document *d)
{
    json_int_t blocked = figure(d, "standing", "blocked");
    json_int_t uncovered = figure(d, "standing", "uncovered");
    json_int_t missed = figure(d, "nights", "missed");
    const char *outcome =
        json_string_value(json_object_get(document_figures(d, "nights"), "last_outcome"));
    bool ever = outcome != NULL;
    bool ended = ever && (strcmp(outcome, "done") == 0 || strcmp(outcome, "attention") == 0);
    bool recent = figure(d, "nights", "last_days") < NIGHT_DAYS;
    add_check(d, "night",
              !ever               ? "none"
              : !ended || !recent ? "no"
                                  : none_wrong(missed, "look"),
              missed, ended && recent ? NULL : "nights", "last_as_of");
    add_check(d, "blocked", ever ? none_wrong(blocked, "look") : "none", blocked, NULL, NULL);
    add_check(d, "uncovered", ever ? none_wrong(uncovered, "no") : "none", uncovered, NULL, NULL);
}

static void answer_approvals(const struct document *d)
{
    size_t i;
    json_t *policy;
    json_int_t count = 0;
    json_array_foreach(document_rows(d, "policies"), i, policy)
    {
        const char *state = json_string_value(json_object_get(policy, "state"));
        count += state == NULL || strcmp(state, "approved") != 0;
    }
    add_check(d, "approved", none_wrong(count, "no"), count, NULL, NULL);
}

static void answer_evidence(const struct document *d)
{
    json_int_t returned = figure(d, "evidence", "returned");
    json_int_t past_term = figure(d, "archives", "past_term");
    json_int_t review_due = figure(d, "holds", "review_due");
    json_int_t faults = figure(d, "evidence", "verified_faults");
    bool anything = figure(d, "evidence", "segments") > 0;
    bool recent = is_there(d, "evidence", "verified_at") &&
                  figure(d, "evidence", "verified_days") <= VERIFIED_DAYS;
    add_check(d, "returned", none_wrong(returned, "no"), returned, NULL, NULL);
    add_check(d, "archives", anything ? none_wrong(past_term, "no") : "none", past_term, NULL,
              NULL);
    add_check(d, "verified",
              !anything    ? "none"
              : faults > 0 ? "no"
              : recent     ? "yes"
                           : "look",
              faults, NULL, NULL);
    json_int_t endless = figure(d, "holds", "without_review");
    add_check(d, "holds", none_wrong(review_due + endless, "look"), review_due + endless, NULL,
              NULL);
}

static void answer_breaches(const struct document *d)
{
    json_int_t overdue = figure(d, "clocks", "overdue");
    json_int_t ap = figure(d, "breaches", "ap_late") + figure(d, "breaches", "ap_missed");
    json_int_t customers =
        figure(d, "breaches", "customers_late") + figure(d, "breaches", "customers_overdue");
    bool any = figure(d, "breaches", "registered") > 0;
    add_check(d, "clocks", none_wrong(overdue, "no"), overdue, "clocks", "overdue_since");
    add_check(d, "ap", any ? none_wrong(ap, "no") : "none", ap, NULL, NULL);
    add_check(d, "customers", any ? none_wrong(customers, "no") : "none", customers, NULL, NULL);
    json_int_t incomplete = figure(d, "breaches", "incomplete");
    add_check(d, "complete", any ? none_wrong(incomplete, "look") : "none", incomplete, NULL, NULL);
}

static bool answer(struct report_request *r, struct error *err)
{
    const struct document *d = r->document;
    size_t i;
    json_t *row;
    (void)err;
    answer_retention(d);
    answer_nights(d);
    answer_approvals(d);
    answer_evidence(d);
    answer_breaches(d);
    json_array_foreach(document_rows(d, "checks"), i, row)
    {
        const char *text = json_string_value(json_object_get(row, "answer"));
        r->attention |= strcmp(text, "no") == 0 || strcmp(text, "look") == 0;
    }
    return true;
}

const struct report report_summary = {
    .name = "summary",
    .title = {"Are we in time?", "Zijn wij op tijd?"},
    .about = {"What the organisation promised about personal data, whether it is kept, and what "
              "needs attention.",
              "Wat de organisatie over persoonsgegevens heeft beloofd, of dat wordt nagekomen, en "
              "wat aandacht vraagt."},
    .one_page = true,
    .sections = sections,
    .finish = answer};
