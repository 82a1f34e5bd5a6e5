/* holds: for the FG and legal: who stays whatever the rules say, why, and when somebody looks again
 * (GDPR art. 5(2), 18). */
#include "jobs/report/list.h"
#include "sql.h"

static const struct document_field standing_fields[] = {
    {.key = "active",
     .title = {"active holds", "geldende vernietigingsstops"},
     .type = DOCUMENT_COUNT},
    {.key = "on_subjects",
     .title = {"of these on data in the database", "daarvan op gegevens in de database"},
     .type = DOCUMENT_COUNT},
    {.key = "on_archives",
     .title = {"of these on an archive", "daarvan op een archief"},
     .type = DOCUMENT_COUNT},
    {.key = "review_due",
     .title = {"to be reviewed now", "nu te herbeoordelen"},
     .type = DOCUMENT_COUNT},
    {.key = "without_review",
     .title = {"without a day of review", "zonder dag van herbeoordeling"},
     .type = DOCUMENT_COUNT},
    {.key = "oldest_at",
     .title = {"the oldest is of", "de oudste is van"},
     .type = DOCUMENT_INSTANT},
    {.key = "oldest_days", .title = {"its age", "ouderdom daarvan"}, .type = DOCUMENT_DAYS},
    {.key = "placed",
     .title = {"placed in the period", "geplaatst in de periode"},
     .type = DOCUMENT_COUNT},
    {.key = "released",
     .title = {"released in the period", "opgeheven in de periode"},
     .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_code states[] = {
    {"active", {"active", "van kracht"}, TONE_PLAIN},
    {"review_due", {"review is due", "herbeoordeling nodig"}, TONE_ATTENTION},
    {"released", {"released", "opgeheven"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_code kinds[] = {
    {"complaint", {"complaint", "klacht"}, TONE_PLAIN},
    {"claim", {"claim", "claim"}, TONE_PLAIN},
    {"restriction", {"restriction (GDPR art. 18)", "beperking (AVG art. 18)"}, TONE_PLAIN},
    {"request", {"request of the person", "verzoek van betrokkene"}, TONE_PLAIN},
    {"breach", {"data breach", "datalek"}, TONE_PLAIN},
    {"other", {"other", "anders"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_code kept[] = {
    {"subject", {"data in the database", "gegevens in de database"}, TONE_PLAIN},
    {"archive", {"an archive", "een archief"}, TONE_PLAIN},
    {.code = NULL}};

static const struct document_field hold_fields[] = {
    {.key = "hold", .title = {"hold", "vernietigingsstop"}, .type = DOCUMENT_TEXT},
    {.key = "state", .title = {"state", "stand"}, .type = DOCUMENT_CODE, .codes = states},
    {.key = "kind", .title = {"kind", "soort"}, .type = DOCUMENT_CODE, .codes = kinds},
    {.key = "reason", .title = {"reason", "reden"}, .type = DOCUMENT_TEXT},
    {.key = "placed_at", .title = {"since", "sinds"}, .type = DOCUMENT_INSTANT},
    {.key = "placed_by", .title = {"placed by", "geplaatst door"}, .type = DOCUMENT_TEXT},
    {.key = "days", .title = {"stands, stood for", "duur"}, .type = DOCUMENT_DAYS},
    {.key = "review_on", .title = {"review on", "herbeoordelen op"}, .type = DOCUMENT_DATE},
    {.key = "keeps", .title = {"keeps", "bewaart"}, .type = DOCUMENT_CODE, .codes = kept},
    {.key = "subject_table", .title = {"subject of", "betrokkene uit"}, .type = DOCUMENT_TEXT},
    {.key = "segments", .title = {"archive files", "archiefbestanden"}, .type = DOCUMENT_COUNT},
    {.key = "reference", .title = {"reference", "referentie"}, .type = DOCUMENT_DIGEST},
    {.key = "released_at", .title = {"released", "opgeheven"}, .type = DOCUMENT_INSTANT},
    {.key = "released_by", .title = {"released by", "opgeheven door"}, .type = DOCUMENT_TEXT},
    {.key = "release_reason", .title = {"why released", "waarom opgeheven"}, .type = DOCUMENT_TEXT},
    {.key = NULL}};

static const struct document_field breach_fields[] = {
    {.key = "breach", .title = {"breach", "datalek"}, .type = DOCUMENT_TEXT},
    {.key = "title", .title = {"title", "titel"}, .type = DOCUMENT_TEXT},
    {.key = "subject_table", .title = {"subjects of", "betrokkenen uit"}, .type = DOCUMENT_TEXT},
    {.key = "subjects", .title = {"kept", "vastgehouden"}, .type = DOCUMENT_COUNT},
    {.key = "aware_at", .title = {"known since", "bekend sinds"}, .type = DOCUMENT_INSTANT},
    {.key = "days", .title = {"age", "ouderdom"}, .type = DOCUMENT_DAYS},
    {.key = NULL}};

static const struct report_section sections[] = {
    {.shape = {.key = "standing",
               .title = {"In figures", "In cijfers"},
               .about = {"How many holds stand on the day that is judged by, and what was placed "
                         "and released in "
                         "the period.",
                         "Hoeveel vernietigingsstops gelden op de peildatum, en wat er in de "
                         "periode is geplaatst "
                         "en opgeheven."},
               .kind = DOCUMENT_FIGURES,
               .fields = standing_fields},
     .sql = sql_report_holds_standing},
    {.shape = {.key = "holds",
               .title = {"Holds", "Vernietigingsstops"},
               .about = {"Each hold that stood on a day of the period; those whose day of review "
                         "has come stand "
                         "first.  On data in the database no customer is named; waarborg hold list "
                         "has the key.",
                         "Elke vernietigingsstop die op een dag van de periode gold; wie aan "
                         "herbeoordeling toe is, "
                         "staat voorop.  Bij gegevens in de database wordt geen klant genoemd; "
                         "waarborg hold list "
                         "kent de sleutel."},
               .empty = {"No hold stood in the period.",
                         "In de periode gold geen vernietigingsstop."},
               .kind = DOCUMENT_TABLE,
               .fields = hold_fields},
     .sql = sql_report_holds_holds},
    {.shape = {.key = "breaches",
               .title = {"Kept because of a data breach", "Vastgehouden om een datalek"},
               .about = {"Customers who still have to be told of a breach are kept until they are, "
                         "without a hold "
                         "of their own.  As it stands when this report is made; earlier days are "
                         "not remembered.",
                         "Klanten die nog over een datalek moeten worden ingelicht, blijven tot "
                         "dat is gebeurd, "
                         "zonder eigen vernietigingsstop.  Zoals het is bij het maken van dit "
                         "rapport; eerdere "
                         "dagen worden niet onthouden."},
               .empty = {"No breach keeps anybody.", "Geen datalek houdt iemand vast."},
               .kind = DOCUMENT_TABLE,
               .fields = breach_fields},
     .sql = sql_report_holds_breaches},
    {.sql = NULL}};

const struct report report_holds = {
    .name = "holds",
    .title = {"Holds", "Vernietigingsstops (legal holds)"},
    .about = {"Whose data are kept although their retention window may have passed, and why.",
              "Wiens gegevens bewaard blijven al kan de bewaartermijn voorbij zijn, en waarom."},
    .sections = sections};
