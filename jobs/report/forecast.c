/* forecast: for operator and FG: what the coming two years will bring, and when the backlog ends.
 * How each figure comes about: jobs/retention/forecast.h. */
#include "jobs/retention/forecast.h"

#include "jobs/report/list.h"

static const struct document_field backlog_fields[] = {
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "subjects", .title = {"subjects", "betrokkenen"}, .type = DOCUMENT_COUNT},
    {.key = "backlog", .title = {"due already", "al te verwijderen"}, .type = DOCUMENT_COUNT},
    {.key = "blocked",
     .title = {"of which blocked", "waarvan geblokkeerd"},
     .type = DOCUMENT_COUNT},
    {.key = "backlog_rows",
     .title = {"rows of those due", "rijen daarvan"},
     .type = DOCUMENT_COUNT},
    {.key = "backlog_bytes",
     .title = {"archive of those due", "archief daarvan"},
     .type = DOCUMENT_BYTES},
    {.key = "backlog_seconds",
     .title = {"run time of those due", "looptijd daarvan"},
     .type = DOCUMENT_SECONDS},
    {.key = "backlog_ends",
     .title = {"backlog ends in the night of", "achterstand weg in de nacht van"},
     .type = DOCUMENT_DATE},
    {.key = "brake",
     .title = {"the next run needs its volume accepted",
               "de volgende run vergt akkoord op de omvang"},
     .type = DOCUMENT_YES_NO},
    {.key = "horizon_ends",
     .title = {"forecast ends on", "vooruitblik loopt tot en met"},
     .type = DOCUMENT_DATE},
    {.key = "held",
     .title = {"due by then, but held", "dan te verwijderen, maar vastgehouden"},
     .type = DOCUMENT_COUNT},
    {.key = "beyond", .title = {"due later", "later te verwijderen"}, .type = DOCUMENT_COUNT},
    {.key = "open_ended",
     .title = {"not ended: never due as it stands", "loopt nog: nu geen einde in zicht"},
     .type = DOCUMENT_COUNT},
    {.key = "uncovered",
     .title = {"uncovered: no rule says when", "ongedekt: geen regel zegt wanneer"},
     .type = DOCUMENT_COUNT},
    {.key = "runs_measured",
     .title = {"runs the speed was measured over", "runs waarover de snelheid is gemeten"},
     .type = DOCUMENT_COUNT},
    {.key = "rows_per_second",
     .title = {"rows per second", "rijen per seconde"},
     .type = DOCUMENT_NUMBER},
    {.key = "run_seconds",
     .title = {"fixed time of a night with work", "vaste tijd van een nacht met werk"},
     .type = DOCUMENT_SECONDS},
    {.key = "scan_seconds",
     .title = {"time of a nightly scan", "tijd van een nachtelijke scan"},
     .type = DOCUMENT_SECONDS},
    {.key = "bytes_per_row", .title = {"bytes per row", "bytes per rij"}, .type = DOCUMENT_NUMBER},
    {.key = "segment_bytes",
     .title = {"fixed size of an archive file", "vaste omvang van een archiefbestand"},
     .type = DOCUMENT_BYTES},
    {.key = "bytes_measured",
     .title = {"bytes measured in the archive", "bytes gemeten in het archief"},
     .type = DOCUMENT_YES_NO},
    {.key = NULL}};

static const struct document_field month_fields[] = {
    {.key = "policy", .title = {"policy", "beleid"}, .type = DOCUMENT_TEXT},
    {.key = "month", .title = {"month", "maand"}, .type = DOCUMENT_MONTH},
    {.key = "backlog", .title = {"due already", "al te verwijderen"}, .type = DOCUMENT_COUNT},
    {.key = "subjects", .title = {"become due", "komen erbij"}, .type = DOCUMENT_COUNT},
    {.key = "rows", .title = {"rows", "rijen"}, .type = DOCUMENT_COUNT},
    {.key = "bytes", .title = {"archive", "archief"}, .type = DOCUMENT_BYTES},
    {.key = "seconds", .title = {"run time", "looptijd"}, .type = DOCUMENT_SECONDS},
    {.key = NULL}};

static const struct document_chart month_chart = {
    .title = {"Subjects to be disposed of, per month", "Te verwijderen betrokkenen, per maand"},
    .label = "month",
    .series = {"backlog", "subjects"},
    .tones = {TONE_ATTENTION, TONE_PLAIN}};

/* The months of each policy ride on its row until fill_months takes them off: both come from one
 * look at the database. */
static bool fill_backlog(struct report_request *r, json_t **ret_rows, struct error *err)
{
    const struct settings *s = r->ctx->settings;
    json_t *rows = json_array();
    for (size_t i = 0; i < s->policy_count; i++) {
        json_t *months = NULL;
        json_t *figures = NULL;
        if (!forecast_policy(r->ctx, r->db, &s->policies[i], FORECAST_MONTHS, &months, &figures,
                             err)) {
            json_decref(rows);
            return false;
        }
        json_object_set_new(figures, "months", months);
        json_array_append_new(rows, figures);
    }
    *ret_rows = rows;
    return true;
}

static bool fill_months(struct report_request *r, json_t **ret_rows, struct error *err)
{
    json_t *backlog = document_rows(r->document, "backlog");
    json_t *rows = json_array();
    (void)err;
    for (size_t i = 0; i < json_array_size(backlog); i++) {
        json_t *figures = json_array_get(backlog, i);
        json_array_extend(rows, json_object_get(figures, "months"));
        json_object_del(figures, "months");
    }
    *ret_rows = rows;
    return true;
}

static const struct report_section sections[] = {
    {.shape = {.key = "backlog",
               .title = {"Where everybody stands", "Hoe iedereen ervoor staat"},
               .about = {"Due already, due in the months below, held, due later, not ended and "
                         "uncovered add up to the subjects.  The end of the backlog supposes that "
                         "every night may use its whole window, and a volume that needs accepting "
                         "is accepted.",
                         "Al te verwijderen, te verwijderen in de maanden hieronder, vastgehouden, "
                         "later, lopend en ongedekt zijn samen alle betrokkenen.  Het einde van de "
                         "achterstand gaat ervan uit dat elke nacht het hele tijdvenster mag "
                         "gebruiken, en dat een aantal dat akkoord vergt akkoord krijgt."},
               .kind = DOCUMENT_RECORDS,
               .fields = backlog_fields},
     .fill = fill_backlog},
    {.shape = {.key = "months",
               .title = {"The coming months", "De komende maanden"},
               .about = {"What the nights will dispose of, as the administration is now: those due "
                         "already in the first month, the others in the month in which their "
                         "window ends.",
                         "Wat de nachten gaan verwijderen, zoals de administratie nu is: wie al te "
                         "verwijderen is in de eerste maand, de anderen in de maand waarin hun "
                         "termijn afloopt."},
               .kind = DOCUMENT_TABLE,
               .fields = month_fields,
               .chart = &month_chart},
     .fill = fill_months},
    {.sql = NULL}};

const struct report report_forecast = {
    .name = "forecast",
    .title = {"Forecast", "Vooruitblik"},
    .about = {"How many will be disposed of in the coming two years, what that takes, and when the "
              "backlog is gone.",
              "Hoeveel er de komende twee jaar wordt verwijderd, wat dat vergt, en wanneer de "
              "achterstand weg is."},
    .timeless = true, /* it looks ahead from the as-of date */
    .sections = sections};
