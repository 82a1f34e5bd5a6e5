/* run: for the auditor: the disposal record of one night: what was approved, what was done, whom it
 * left, and the digests by which its archive is checked. */
#include "jobs/report/list.h"

#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "common/memory.h"
#include "jobs/report/retention_words.h"
#include "sql.h"

static const struct document_field run_fields[] = {
    {.key = "run", .title = {"run", "run"}, .type = DOCUMENT_TEXT},
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "as_of",
     .title = {"who was due up to and including", "te verwijderen tot en met"},
     .type = DOCUMENT_DATE},
    {.key = "started_at", .title = {"began", "begonnen"}, .type = DOCUMENT_INSTANT},
    {.key = "finished_at", .title = {"ended", "geëindigd"}, .type = DOCUMENT_INSTANT},
    {.key = "outcome",
     .title = {"outcome", "uitkomst"},
     .type = DOCUMENT_CODE,
     .codes = words_outcomes},
    {.key = "fingerprint",
     .title = {"fingerprint of policy and tables", "vingerafdruk van beleid en tabellen"},
     .type = DOCUMENT_DIGEST},
    {.key = "approved_at", .title = {"approved", "goedgekeurd"}, .type = DOCUMENT_INSTANT},
    {.key = "approved_by", .title = {"approved by", "goedgekeurd door"}, .type = DOCUMENT_TEXT},
    {.key = "approved_os_user",
     .title = {"system user who approved", "systeemgebruiker die goedkeurde"},
     .type = DOCUMENT_TEXT},
    {.key = "program_version", .title = {"program", "programma"}, .type = DOCUMENT_TEXT},
    {.key = "subjects",
     .title = {"subjects looked at", "beoordeelde betrokkenen"},
     .type = DOCUMENT_COUNT},
    {.key = "due", .title = {"due", "te verwijderen"}, .type = DOCUMENT_COUNT},
    {.key = "disposed", .title = {"disposed of", "verwijderd"}, .type = DOCUMENT_COUNT},
    {.key = "restored",
     .title = {"of these put back since", "daarvan sindsdien teruggezet"},
     .type = DOCUMENT_COUNT},
    {.key = "blocked", .title = {"blocked", "geblokkeerd"}, .type = DOCUMENT_COUNT},
    {.key = "held", .title = {"held", "vastgehouden"}, .type = DOCUMENT_COUNT},
    {.key = "uncovered", .title = {"uncovered", "ongedekt"}, .type = DOCUMENT_COUNT},
    {.key = "rows", .title = {"rows disposed of", "verwijderde rijen"}, .type = DOCUMENT_COUNT},
    {.key = "segments",
     .title = {"archive files written", "geschreven archiefbestanden"},
     .type = DOCUMENT_COUNT},
    {.key = "bytes", .title = {"their size", "hun omvang"}, .type = DOCUMENT_BYTES},
    {.key = "scan_seconds",
     .title = {"duration of the scan", "duur van de scan"},
     .type = DOCUMENT_SECONDS},
    {.key = "work_seconds",
     .title = {"duration of the disposal", "duur van het verwijderen"},
     .type = DOCUMENT_SECONDS},
    {.key = NULL}};

static const struct document_code kinds[] = {
    {"rows", {"archived and deleted", "gearchiveerd en gewist"}, TONE_PLAIN},
    {"unlinked", {"reference removed, row stays", "verwijzing verwijderd, rij blijft"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_field table_fields[] = {
    {.key = "table_name", .title = {"table", "tabel"}, .type = DOCUMENT_TEXT},
    {.key = "kind",
     .title = {"what happened", "wat er gebeurde"},
     .type = DOCUMENT_CODE,
     .codes = kinds},
    {.key = "rows", .title = {"rows", "rijen"}, .type = DOCUMENT_COUNT},
    {.key = "bytes",
     .title = {"size before compression", "omvang zonder compressie"},
     .type = DOCUMENT_BYTES},
    {.key = NULL}};

static const struct document_field rule_fields[] = {
    {.key = "rule", .title = {"rule", "regel"}, .type = DOCUMENT_TEXT},
    {.key = "subjects", .title = {"subjects", "betrokkenen"}, .type = DOCUMENT_COUNT},
    {.key = "restored",
     .title = {"put back since", "sindsdien teruggezet"},
     .type = DOCUMENT_COUNT},
    {.key = "oldest_due_on", .title = {"due from", "te verwijderen vanaf"}, .type = DOCUMENT_DATE},
    {.key = "latest_due_on", .title = {"to", "tot en met"}, .type = DOCUMENT_DATE},
    {.key = NULL}};

static const struct document_field segment_fields[] = {
    {.key = "segment", .title = {"archive file", "archiefbestand"}, .type = DOCUMENT_TEXT},
    {.key = "chain_no",
     .title = {"number in the chain", "nummer in de keten"},
     .type = DOCUMENT_TEXT},
    {.key = "file", .title = {"file", "bestand"}, .type = DOCUMENT_TEXT},
    {.key = "created_at", .title = {"written", "geschreven"}, .type = DOCUMENT_INSTANT},
    {.key = "subjects", .title = {"subjects", "betrokkenen"}, .type = DOCUMENT_COUNT},
    {.key = "rows", .title = {"rows", "rijen"}, .type = DOCUMENT_COUNT},
    {.key = "bytes", .title = {"size", "omvang"}, .type = DOCUMENT_BYTES},
    {.key = "restored",
     .title = {"subjects put back since", "betrokkenen sindsdien teruggezet"},
     .type = DOCUMENT_COUNT},
    {.key = "destroyed_at", .title = {"destroyed", "vernietigd"}, .type = DOCUMENT_INSTANT},
    {.key = "sha256",
     .title = {"SHA-256 of the file", "SHA-256 van het bestand"},
     .type = DOCUMENT_DIGEST},
    {.key = "manifest_sha256",
     .title = {"SHA-256 of its manifest", "SHA-256 van het manifest"},
     .type = DOCUMENT_DIGEST},
    {.key = NULL}};

static const struct report_section sections[] =
    {{.shape =
          {.key = "run",
           .title = {"The run in figures", "De run in cijfers"},
           .about =
               {"A run begins only when the fingerprint of policy and tables is the one that "
                "somebody "
                "approved; without an approval here the run is known from the journal alone.  Due "
                "counts those the run found; what was not disposed of was left, for a reason given "
                "below.",
                "Een run begint alleen als de vingerafdruk van beleid en tabellen die is die "
                "iemand heeft "
                "goedgekeurd; staat hier geen goedkeuring, dan is de run alleen uit het journaal "
                "bekend.  "
                "Te verwijderen telt wie de run vond; wie niet is verwijderd, bleef achter om een "
                "reden "
                "die hieronder staat."},
           .kind = DOCUMENT_FIGURES,
           .fields = run_fields},
      .sql = sql_report_run_run},
     {.shape =
          {.key = "rules",
           .title = {"By which rule", "Volgens welke regel"},
           .about =
               {"The rule whose retention window ended last, of each subject disposed of, and the "
                "days from which they were due.",
                "De regel waarvan de bewaartermijn het laatst afliep, van elke verwijderde "
                "betrokkene, "
                "en de dagen vanaf welke de gegevens te verwijderen waren."},
           .empty = {"Nobody was disposed of.", "Niemand is verwijderd."},
           .kind = DOCUMENT_TABLE,
           .fields = rule_fields},
      .sql = sql_report_run_rules},
     {.shape = {.key = "tables",
                .title = {"By table", "Per tabel"},
                .about = {"The rows of each table that stand in the archive files of this run.",
                          "De rijen van elke tabel die in de archiefbestanden van deze run staan."},
                .empty = {"Nothing was taken out of any table.",
                          "Uit geen tabel is iets verwijderd."},
                .kind = DOCUMENT_TABLE,
                .fields = table_fields},
      .sql = sql_report_run_tables},
     {.shape =
          {.key = "left",
           .title = {"Whom it left, and why", "Wie achterbleef, en waarom"},
           .about =
               {"Recorded when the run ended.  A run that was cut off, one that is older than this "
                "record, and one that is known from the journal alone have none.",
                "Vastgelegd toen de run eindigde.  Een run die is afgebroken, die ouder is dan "
                "deze "
                "vastlegging of die alleen uit het journaal bekend is, heeft haar niet."},
           .empty = {"It left nobody who was due or held.  Whom no rule speaks of is not looked "
                     "for by a "
                     "run that disposes again of who was back.",
                     "Er bleef niemand achter die te verwijderen of vastgehouden was.  Wie onder "
                     "geen regel valt, wordt niet gezocht door een run die opnieuw verwijdert wie "
                     "terug was."},
           .kind = DOCUMENT_TABLE,
           .fields = words_left_fields + 3},
      .sql = sql_report_run_left},
     {.shape = {.key = "segments",
                .title = {"Archive files", "Archiefbestanden"},
                .about = {"sha256sum FILE gives the same digits as long as a file is unchanged.  "
                          "The manifest beside "
                          "a file names its subjects by reference, and the manifest before it by "
                          "its digest: a "
                          "chain from which nothing can be taken unseen.  A destroyed file is "
                          "gone, its manifest "
                          "stays.",
                          "sha256sum BESTAND geeft dezelfde cijfers zolang een bestand ongewijzigd "
                          "is.  Het manifest "
                          "naast een bestand noemt de betrokkenen met hun referentie, en het "
                          "vorige manifest met "
                          "zijn SHA-256: een keten waaruit niets ongezien weg kan.  Een vernietigd "
                          "bestand is er "
                          "niet meer, zijn manifest blijft."},
                .empty = {"It wrote no archive file.", "Er is geen archiefbestand geschreven."},
                .kind = DOCUMENT_RECORDS,
                .fields = segment_fields},
      .sql = sql_report_run_segments},
     {.sql = NULL}};

static bool is_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 18 && text[digits] == '\0';
}

static bool refuse(const struct db_result *found, const char *operand, struct error *err)
{
    if (db_int(found, 0, 3) == 0)
        return error_set(err, ERR_USAGE,
                         "there was no run yet by that day, so there is none to report on");
    if (db_int(found, 0, 3) == 1)
        return error_set(err, ERR_USAGE, "there is no run %s: the only one is run %s", operand,
                         db_text(found, 0, 1));
    return error_set(err, ERR_USAGE,
                     "there is no run %s: there are %" PRId64
                     ", from run %s to run %s (waarborg report retention --section runs)",
                     operand, db_int(found, 0, 3), db_text(found, 0, 1), db_text(found, 0, 2));
}

static bool begin(struct report_request *r, const char *operand, char **ret_operand,
                  struct error *err)
{
    CLEANUP(db_result_free) struct db_result *found = NULL;
    char at[21];
    if (strcmp(operand, "last") != 0 && !is_number(operand))
        return error_set(err, ERR_USAGE, "'%s' is no number of a run, such as 12, and not last",
                         operand);
    while (operand[0] == '0' && operand[1] != '\0')
        operand++;
    clock_format_utc(r->at, at);
    const char *params[] = {operand, at};
    if (!db_query(r->db, DB_ONE_ROW, sql_report_run_find, COUNT_OF(params), params, &found, err))
        return false;
    if (db_text(found, 0, 0) == NULL)
        return refuse(found, operand, err);
    *ret_operand = memory_copy_text(db_text(found, 0, 0));
    return true;
}

const struct report report_run = {
    .name = "run",
    .operand = "ID",
    .timeless = true,
    .title = {"Disposal record of run", "Verantwoording van run"},
    .about = {"What one run of the retention job did: on whose approval, to whom and what, and how "
              "that can be checked.",
              "Wat één run van de bewaartaak deed: met wiens goedkeuring, bij wie en waarmee, en "
              "hoe dat "
              "te controleren is."},
    .sections = sections,
    .begin = begin};
