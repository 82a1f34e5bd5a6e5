/* retention: for the FG: what was disposed of in the period and by which rule, who is still there
 * and why, and what became of the archives (GDPR art. 5(1)(e), 5(2)). */
#include "jobs/report/list.h"
#include "jobs/report/retention_policies.h"
#include "jobs/report/retention_words.h"
#include "sql.h"

/* ---- what was disposed of ---- */

static const struct document_field total_fields[] = {
    {.key = "people",
     .title = {"different people disposed of", "verschillende personen verwijderd"},
     .type = DOCUMENT_COUNT},
    {.key = "subjects",
     .title = {"disposals in all", "verwijderingen in totaal"},
     .type = DOCUMENT_COUNT},
    {.key = "again",
     .title = {"of these again, after the database was restored",
               "waarvan opnieuw, na herstel van de database"},
     .type = DOCUMENT_COUNT},
    {.key = "restored",
     .title = {"of these put back from an archive since",
               "waarvan sindsdien uit een archief teruggezet"},
     .type = DOCUMENT_COUNT},
    {.key = "late",
     .title = {"of these after the day they were due", "waarvan na de dag waarop het moest"},
     .type = DOCUMENT_COUNT},
    {.key = "latest_days",
     .title = {"the longest delay", "de langste vertraging"},
     .type = DOCUMENT_DAYS},
    {.key = "rows", .title = {"rows deleted", "verwijderde rijen"}, .type = DOCUMENT_COUNT},
    {.key = "unlinked",
     .title = {"rows that stay, their reference removed", "rijen die blijven, verwijzing gewist"},
     .type = DOCUMENT_COUNT},
    {.key = "segments",
     .title = {"archive files written", "geschreven archiefbestanden"},
     .type = DOCUMENT_COUNT},
    {.key = "bytes", .title = {"their size", "hun omvang"}, .type = DOCUMENT_BYTES},
    {.key = "runs", .title = {"runs", "runs"}, .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field disposed_fields[] = {
    {.key = "month", .title = {"month", "maand"}, .type = DOCUMENT_MONTH},
    {.key = "subjects", .title = {"disposals", "verwijderingen"}, .type = DOCUMENT_COUNT},
    {.key = "rows", .title = {"rows", "rijen"}, .type = DOCUMENT_COUNT},
    {.key = "segments", .title = {"archive files", "archiefbestanden"}, .type = DOCUMENT_COUNT},
    {.key = "bytes", .title = {"size", "omvang"}, .type = DOCUMENT_BYTES},
    {.key = "runs", .title = {"runs", "runs"}, .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_chart disposed_chart = {
    .title = {"Disposals, per month", "Verwijderingen, per maand"},
    .label = "month",
    .series = {"subjects"},
    .tones = {TONE_PLAIN}};

static const struct document_field rule_fields[] = {
    {.key = "month", .title = {"month", "maand"}, .type = DOCUMENT_MONTH},
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "rule", .title = {"rule", "regel"}, .type = DOCUMENT_TEXT},
    {.key = "subjects", .title = {"subjects", "betrokkenen"}, .type = DOCUMENT_COUNT},
    {.key = NULL}};

/* ---- who is still there ---- */

static const struct document_field standing_fields[] = {
    {.key = "due", .title = {"due", "te verwijderen"}, .type = DOCUMENT_COUNT},
    {.key = "overdue", .title = {"of these overdue", "waarvan te laat"}, .type = DOCUMENT_COUNT},
    {.key = "oldest_overdue_on",
     .title = {"the oldest of these was due from", "de oudste daarvan moest weg vanaf"},
     .type = DOCUMENT_DATE},
    {.key = "oldest_overdue_days",
     .title = {"that is late by", "dat is te laat met"},
     .type = DOCUMENT_DAYS},
    {.key = "blocked",
     .title = {"of those due, blocked", "van te verwijderen geblokkeerd"},
     .type = DOCUMENT_COUNT},
    {.key = "held", .title = {"held", "vastgehouden"}, .type = DOCUMENT_COUNT},
    {.key = "uncovered", .title = {"uncovered", "ongedekt"}, .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_field worklist_fields[] = {
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "state", .title = {"state", "stand"}, .type = DOCUMENT_CODE, .codes = words_left},
    {.key = "rule", .title = {"rule", "regel"}, .type = DOCUMENT_TEXT},
    {.key = "reason",
     .title = {"reason", "reden"},
     .type = DOCUMENT_CODE,
     .codes = words_left_reasons},
    {.key = "subjects", .title = {"subjects", "betrokkenen"}, .type = DOCUMENT_COUNT},
    {.key = "overdue", .title = {"overdue", "te laat"}, .type = DOCUMENT_COUNT},
    {.key = "oldest_due_on", .title = {"oldest due", "oudste termijn"}, .type = DOCUMENT_DATE},
    {.key = "oldest_days", .title = {"age", "ouderdom"}, .type = DOCUMENT_DAYS},
    {.key = "since", .title = {"in this state since", "zo sinds"}, .type = DOCUMENT_INSTANT},
    {.key = NULL}};

/* ---- the runs ---- */

static const struct document_field run_fields[] = {
    {.key = "run", .title = {"run", "run"}, .type = DOCUMENT_TEXT},
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "as_of",
     .title = {"due up to and including", "te verwijderen t/m"},
     .type = DOCUMENT_DATE},
    {.key = "started_at", .title = {"began", "begonnen"}, .type = DOCUMENT_INSTANT},
    {.key = "outcome",
     .title = {"outcome", "uitkomst"},
     .type = DOCUMENT_CODE,
     .codes = words_outcomes},
    {.key = "due", .title = {"due", "te verwijderen"}, .type = DOCUMENT_COUNT},
    {.key = "disposed", .title = {"disposed of", "verwijderd"}, .type = DOCUMENT_COUNT},
    {.key = "blocked", .title = {"blocked", "geblokkeerd"}, .type = DOCUMENT_COUNT},
    {.key = "held", .title = {"held", "vastgehouden"}, .type = DOCUMENT_COUNT},
    {.key = "uncovered", .title = {"uncovered", "ongedekt"}, .type = DOCUMENT_COUNT},
    {.key = "rows", .title = {"rows", "rijen"}, .type = DOCUMENT_COUNT},
    {.key = "seconds", .title = {"duration", "duur"}, .type = DOCUMENT_SECONDS},
    {.key = NULL}};

/* ---- the archives ---- */

static const struct document_field archive_fields[] = {
    {.key = "present",
     .title = {"archive files kept", "bewaarde archiefbestanden"},
     .type = DOCUMENT_COUNT},
    {.key = "bytes", .title = {"their size", "hun omvang"}, .type = DOCUMENT_BYTES},
    {.key = "oldest_on", .title = {"the oldest is of", "het oudste is van"}, .type = DOCUMENT_DATE},
    {.key = "oldest_days", .title = {"its age", "ouderdom daarvan"}, .type = DOCUMENT_DAYS},
    {.key = "held",
     .title = {"kept by a hold", "bewaard door een vernietigingsstop"},
     .type = DOCUMENT_COUNT},
    {.key = "held_past_term",
     .title = {"of these past their term", "daarvan over de termijn"},
     .type = DOCUMENT_COUNT},
    {.key = "past_term",
     .title = {"past their term, not held", "over de termijn, zonder vernietigingsstop"},
     .type = DOCUMENT_COUNT},
    {.key = "destroyed",
     .title = {"destroyed in the period", "vernietigd in de periode"},
     .type = DOCUMENT_COUNT},
    {.key = "destroyed_bytes", .title = {"their size", "hun omvang"}, .type = DOCUMENT_BYTES},
    {.key = NULL}};

static const struct document_field return_fields[] = {
    {.key = "noted_at", .title = {"found", "vastgesteld"}, .type = DOCUMENT_INSTANT},
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "subjects", .title = {"might be back", "mogelijk terug"}, .type = DOCUMENT_COUNT},
    {.key = "again", .title = {"disposed of again", "opnieuw verwijderd"}, .type = DOCUMENT_COUNT},
    {.key = "held", .title = {"held again", "opnieuw vastgehouden"}, .type = DOCUMENT_COUNT},
    {.key = "absent", .title = {"not back", "niet terug"}, .type = DOCUMENT_COUNT},
    {.key = "waiting", .title = {"not settled yet", "nog te doen"}, .type = DOCUMENT_COUNT},
    {.key = "settled_at", .title = {"settled", "afgehandeld"}, .type = DOCUMENT_INSTANT},
    {.key = NULL}};

static const struct document_field restore_fields[] = {
    {.key = "restored_at", .title = {"put back", "teruggezet"}, .type = DOCUMENT_INSTANT},
    {.key = "subjects", .title = {"subjects", "betrokkenen"}, .type = DOCUMENT_COUNT},
    {.key = "rows", .title = {"rows", "rijen"}, .type = DOCUMENT_COUNT},
    {.key = "reason", .title = {"reason", "reden"}, .type = DOCUMENT_TEXT},
    {.key = "restored_by", .title = {"by", "door"}, .type = DOCUMENT_TEXT},
    {.key = "os_user", .title = {"system user", "systeemgebruiker"}, .type = DOCUMENT_TEXT},
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "segment", .title = {"archive file", "archiefbestand"}, .type = DOCUMENT_TEXT},
    {.key = "reference",
     .title = {"reference of the subject", "referentie van de betrokkene"},
     .type = DOCUMENT_DIGEST},
    {.key = NULL}};

static const struct document_code results[] = {
    {"holds", {"in order", "in orde"}, TONE_GOOD},
    {"faults", {"not in order", "niet in orde"}, TONE_BAD},
    {.code = NULL}};

static const struct document_code verification_kinds[] = {
    {"archive", {"archive and ledger", "archief en administratie"}, TONE_PLAIN},
    {"evidence", {"evidence", "bewijs"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_field verification_fields[] = {
    {.key = "verified_at", .title = {"verified", "gecontroleerd"}, .type = DOCUMENT_INSTANT},
    {.key = "kind", .title = {"what", "wat"}, .type = DOCUMENT_CODE, .codes = verification_kinds},
    {.key = "result", .title = {"result", "uitkomst"}, .type = DOCUMENT_CODE, .codes = results},
    {.key = "faults", .title = {"faults", "fouten"}, .type = DOCUMENT_COUNT},
    {.key = "segments", .title = {"archive files", "archiefbestanden"}, .type = DOCUMENT_COUNT},
    {.key = "destroyed",
     .title = {"of which destroyed", "waarvan vernietigd"},
     .type = DOCUMENT_COUNT},
    {.key = "opened",
     .title = {"opened with a key", "met sleutel geopend"},
     .type = DOCUMENT_COUNT},
    {.key = "bytes", .title = {"size", "omvang"}, .type = DOCUMENT_BYTES},
    {.key = "verified_by", .title = {"by", "door"}, .type = DOCUMENT_TEXT},
    {.key = "os_user", .title = {"system user", "systeemgebruiker"}, .type = DOCUMENT_TEXT},
    {.key = NULL}};

static const struct report_section sections[] = {
    RETENTION_POLICIES_SECTION,
    {.shape =
         {.key = "disposed_totals",
          .title = {"Disposed of in the period", "Verwijderd in de periode"},
          .about =
              {"Disposed of means: written to a sealed archive and deleted from the database; what "
               "became of the archives stands below.  Somebody who came back and was disposed of "
               "again is one person and more disposals.  After the day they were due: because no "
               "run came to it, something stood in the way, or a hold kept them.",
               "Verwijderd betekent: in een verzegeld archief gezet en uit de database gewist; "
               "wat er met de archieven gebeurde, staat hieronder.  Wie terugkwam en opnieuw is "
               "verwijderd, is één persoon en meer verwijderingen.  Na de dag waarop het moest: "
               "omdat geen run eraan toekwam, er iets in de weg stond, of een vernietigingsstop "
               "hen vasthield."},
          .kind = DOCUMENT_FIGURES,
          .fields = total_fields},
     .sql = sql_report_retention_totals},
    {.shape =
         {.key = "disposed",
          .title = {"Disposed of per month", "Verwijderd per maand"},
          .about =
              {"Every month of the period, also one in which nothing was disposed of.  The first "
               "and the last month count only as far as they lie in the period.",
               "Elke maand van de periode, ook als er niets is verwijderd.  De eerste en de "
               "laatste "
               "maand tellen alleen mee voor zover zij in de periode vallen."},
          .kind = DOCUMENT_TABLE,
          .fields = disposed_fields,
          .chart = &disposed_chart},
     .sql = sql_report_retention_disposed},
    {.shape =
         {.key = "disposed_rules",
          .title = {"By which rule", "Volgens welke regel"},
          .about = {"The rule whose retention window ended last, of each subject disposed of.",
                    "De regel waarvan de bewaartermijn het laatst afliep, van elke verwijderde "
                    "betrokkene."},
          .empty = {"Nobody was disposed of in the period.",
                    "In de periode is niemand verwijderd."},
          .kind = DOCUMENT_TABLE,
          .fields = rule_fields},
     .sql = sql_report_retention_rules},
    {.shape =
         {.key = "standing",
          .title = {"Who is still there", "Wie er nog is"},
          .about =
              {"From the worklist, as the last scan before this report was made left it; it does "
               "not "
               "remember earlier days.  Due: the retention window has passed.  Overdue: it had "
               "passed "
               "on an earlier day already.  Held: the window has passed, but a hold or a data "
               "breach "
               "keeps them.  Uncovered: no rule says when their data are to be deleted, so they "
               "never are.",
               "Uit de werklijst, zoals de laatste scan vóór het maken van dit rapport haar "
               "achterliet; "
               "zij onthoudt geen eerdere dagen.  Te verwijderen: de bewaartermijn is voorbij.  "
               "Te laat: "
               "dat was op een eerdere dag al zo.  Vastgehouden: de termijn is voorbij, maar een "
               "vernietigingsstop of datalek houdt hen vast.  Ongedekt: geen regel zegt wanneer "
               "hun gegevens moeten worden verwijderd, dus gebeurt dat nooit."},
          .kind = DOCUMENT_FIGURES,
          .fields = standing_fields},
     .sql = sql_report_retention_standing},
    {.shape =
         {.key = "worklist",
          .title = {"The worklist, by reason", "De werklijst, naar reden"},
          .about =
              {"The same subjects by rule and reason.  Blocked: a run tried and could not, for "
               "this "
               "reason; the next one tries again.  Age, where somebody is due: days since the "
               "oldest of them was.",
               "Dezelfde betrokkenen naar regel en reden.  Geblokkeerd: een run probeerde het en "
               "kon "
               "niet, om deze reden; de volgende probeert het weer.  Ouderdom, waar iemand te "
               "verwijderen is: dagen sinds de oudste van hen dat was."},
          .empty = {"Nobody is due, held or uncovered.",
                    "Niemand is te verwijderen, vastgehouden of ongedekt."},
          .kind = DOCUMENT_TABLE,
          .fields = worklist_fields},
     .sql = sql_report_retention_worklist},
    {.shape =
         {.key = "left",
          .title = {"What the last run of the period left",
                    "Wat de laatste run van de periode achterliet"},
          .about = {"Recorded when that run ended, and the same whenever this report is made.",
                    "Vastgelegd toen die run eindigde, en gelijk wanneer dit rapport ook wordt "
                    "gemaakt."},
          .empty = {"There was no run in the period.", "In de periode was er geen run."},
          .kind = DOCUMENT_TABLE,
          .fields = words_left_fields},
     .sql = sql_report_retention_left},
    {.shape =
         {.key = "runs",
          .title = {"Runs", "Runs"},
          .about =
              {"Each time the job looked who was due, and what it did; a dash where a run did "
               "not look, or where only the journal tells of it.  waarborg report "
               "run NUMBER "
               "gives the whole record of one.",
               "Elke keer dat de taak keek wie te verwijderen was, en wat zij deed; een "
               "streepje waar een run niet keek, of waar alleen het journaal ervan weet.  waarborg "
               "report run "
               "NUMMER geeft de hele verantwoording van één run."},
          .empty = {"There was no run in the period.", "In de periode was er geen run."},
          .kind = DOCUMENT_TABLE,
          .fields = run_fields},
     .sql = sql_report_retention_runs},
    {.shape = {.key = "archives",
               .title = {"Archives", "Archieven"},
               .about = {"What was disposed of is kept in sealed archive files for a short term, "
                         "so that a mistake "
                         "can be undone, and then destroyed.  A hold keeps a file longer.",
                         "Wat is verwijderd, blijft korte tijd in verzegelde archiefbestanden "
                         "bewaard, zodat een "
                         "vergissing hersteld kan worden, en wordt dan vernietigd.  Een "
                         "vernietigingsstop houdt "
                         "een bestand langer vast."},
               .kind = DOCUMENT_FIGURES,
               .fields = archive_fields},
     .sql = sql_report_retention_archives},
    {.shape = {.key = "returns",
               .title = {"Back after the database was restored",
                         "Terug na herstel van de database"},
               .about = {"When a database is restored to an earlier point, people who were "
                         "disposed of since are back; the journal, which lies outside it, tells "
                         "who, and they are disposed of again.",
                         "Als een database naar een eerder punt wordt hersteld, zijn personen die "
                         "sindsdien zijn verwijderd terug; het journaal, dat erbuiten ligt, weet "
                         "wie, en zij worden opnieuw verwijderd."},
               .empty = {"In the period no database was found to be restored.",
                         "In de periode is geen herstelde database aangetroffen."},
               .kind = DOCUMENT_TABLE,
               .fields = return_fields},
     .sql = sql_report_retention_returns},
    {.shape = {.key = "restores",
               .title = {"Put back from an archive", "Teruggezet uit een archief"},
               .about = {"Without a reference the whole archive file was put back.",
                         "Zonder referentie is het hele archiefbestand teruggezet."},
               .empty = {"Nothing was put back in the period.",
                         "In de periode is niets teruggezet."},
               .kind = DOCUMENT_TABLE,
               .fields = restore_fields},
     .sql = sql_report_retention_restores},
    {.shape =
         {.key = "verifications",
          .title = {"Verifications", "Controles"},
          .about =
              {"Each time somebody checked that archive, ledger and journal agree, also when they "
               "did "
               "not.  Only with a key are the rows inside the archive files looked at.",
               "Elke keer dat iemand heeft gecontroleerd of archief, administratie en journaal "
               "overeenstemmen, ook als dat niet zo was.  Alleen met een sleutel worden de rijen "
               "in "
               "de archiefbestanden bekeken."},
          .empty = {"Nothing was verified in the period.", "In de periode is niets gecontroleerd."},
          .kind = DOCUMENT_TABLE,
          .fields = verification_fields},
     .sql = sql_report_retention_verifications},
    {.sql = NULL}};

const struct report report_retention = {
    .name = "retention",
    .title = {"Retention", "Bewaring en verwijdering"},
    .about =
        {"Whose data were disposed of because their retention window had passed, who is still "
         "there and why, and what became of the archives.",
         "Van wie de gegevens zijn verwijderd omdat de bewaartermijn voorbij was, wie er nog is "
         "en waarom, en wat er met de archieven is gebeurd."},
    .sections = sections};
