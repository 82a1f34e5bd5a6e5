/* holds: for the FG and legal: who stays whatever the rules say, why, and when somebody looks again
 * (GDPR art. 5(2), 18). */
#include "jobs/report/list.h"
#include "sql.h"

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

static const struct document_field hold_fields[] = {
    {.key = "hold", .title = {"hold", "bewaarplicht"}, .type = DOCUMENT_TEXT},
    {.key = "state", .title = {"state", "stand"}, .type = DOCUMENT_CODE, .codes = states},
    {.key = "kind", .title = {"kind", "soort"}, .type = DOCUMENT_CODE, .codes = kinds},
    {.key = "reason", .title = {"reason", "reden"}, .type = DOCUMENT_TEXT},
    {.key = "placed_at", .title = {"since", "sinds"}, .type = DOCUMENT_INSTANT},
    {.key = "placed_by", .title = {"placed by", "geplaatst door"}, .type = DOCUMENT_TEXT},
    {.key = "review_on", .title = {"review on", "herbeoordelen op"}, .type = DOCUMENT_DATE},
    {.key = "released_at", .title = {"released", "opgeheven"}, .type = DOCUMENT_INSTANT},
    {.key = "released_by", .title = {"released by", "opgeheven door"}, .type = DOCUMENT_TEXT},
    {.key = "release_reason", .title = {"why", "waarom"}, .type = DOCUMENT_TEXT},
    {.key = "subject_table", .title = {"table", "tabel"}, .type = DOCUMENT_TEXT},
    {.key = "reference", .title = {"reference", "referentie"}, .type = DOCUMENT_DIGEST},
    {.key = NULL}};

static const struct report_section sections[] = {
    {.shape = {.key = "holds",
               .title = {"Holds", "Bewaarplichten"},
               .empty = {"Nobody was held.", "Niemand werd vastgehouden."},
               .kind = DOCUMENT_TABLE,
               .fields = hold_fields},
     .sql = sql_report_holds_holds},
    {.sql = NULL}};

const struct report report_holds = {
    .name = "holds",
    .title = {"Holds", "Bewaarplichten"},
    .about = {"Whose data is kept although its retention window may have passed, and why.",
              "Wiens gegevens bewaard blijven al kan de bewaartermijn voorbij zijn, en waarom."},
    .sections = sections};
