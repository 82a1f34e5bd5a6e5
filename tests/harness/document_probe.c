/* document_probe: a document of every kind of section, with ordinary and with hostile values, for
 * tests/cli/report_pages.sh and for whoever wants to look at the formats.
 *
 *   document_probe FORMAT LANGUAGE [WIDTH [ROWS]]
 *
 * FORMAT: text, csv, json, html, or csv:SECTION.  WIDTH: of the text, 0 (the default) is as wide as
 * it gets.  ROWS: of the sections `many` and `list`, 40 unless told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/render.h"

static const struct document_code states[] = {
    {"in_time", {"in time", "op tijd"}, TONE_GOOD},
    {"soon", {"due soon", "bijna"}, TONE_ATTENTION},
    {"late", {"late", "te laat"}, TONE_BAD},
    {NULL, {NULL, NULL}, TONE_PLAIN},
};

static const struct document_field summary_fields[] = {
    {"state", {"Overall", "Algemeen"}, DOCUMENT_CODE, states, NULL},
    {"overdue", {"Subjects overdue", "Betrokkenen over tijd"}, DOCUMENT_COUNT, NULL, NULL},
    {"oldest", {"Oldest overdue", "Langst over tijd"}, DOCUMENT_DAYS, NULL, NULL},
    {"disposed", {"Disposed of", "Verwijderd"}, DOCUMENT_COUNT, NULL, NULL},
    {"bytes", {"Archive", "Archief"}, DOCUMENT_BYTES, NULL, NULL},
    {"duration", {"Last run took", "Laatste run duurde"}, DOCUMENT_SECONDS, NULL, NULL},
    {"last_run", {"Last run", "Laatste run"}, DOCUMENT_INSTANT, NULL, NULL},
    {"approved", {"Policy approved", "Beleid goedgekeurd"}, DOCUMENT_YES_NO, NULL, NULL},
    {"reviewed", {"Hold reviewed", "Blokkering herzien"}, DOCUMENT_DATE, NULL, NULL},
    {"fingerprint", {"Fingerprint", "Vingerafdruk"}, DOCUMENT_DIGEST, NULL, NULL},
    {NULL, {NULL, NULL}, DOCUMENT_TEXT, NULL, NULL},
};

static const struct document_field month_fields[] = {
    {"month", {"Month", "Maand"}, DOCUMENT_MONTH, NULL, NULL},
    {"in_time", {"In time", "Op tijd"}, DOCUMENT_COUNT, NULL, NULL},
    {"late", {"Late", "Te laat"}, DOCUMENT_COUNT, NULL, NULL},
    {"bytes", {"Size", "Omvang"}, DOCUMENT_BYTES, NULL, NULL},
    {NULL, {NULL, NULL}, DOCUMENT_TEXT, NULL, NULL},
};

static const struct document_chart month_chart = {
    .title = {"Notified to the authority, per month", "Gemeld aan de AP, per maand"},
    .label = "month",
    .series = {"in_time", "late"},
    .tones = {TONE_PLAIN, TONE_BAD},
};

static const struct document_field rule_fields[] = {
    {"rule", {"Rule", "Regel"}, DOCUMENT_TEXT, NULL, NULL},
    {"subjects", {"Subjects", "Betrokkenen"}, DOCUMENT_COUNT, NULL, NULL},
    {NULL, {NULL, NULL}, DOCUMENT_TEXT, NULL, NULL},
};

static const struct document_chart rule_chart = {
    .title = {"Disposed of, per rule", "Verwijderd, per regel"},
    .label = "rule",
    .series = {"subjects"},
    .tones = {TONE_PLAIN},
};

static const struct document_field hostile_fields[] = {
    {"case", {"What it tries", "Wat het probeert"}, DOCUMENT_TEXT, NULL, NULL},
    {"value", {"Value", "Waarde"}, DOCUMENT_TEXT, NULL, NULL},
    {"state", {"State", "Stand"}, DOCUMENT_CODE, states, NULL},
    {"count", {"Count", "Aantal"}, DOCUMENT_COUNT, NULL, NULL},
    {"at", {"At", "Op"}, DOCUMENT_INSTANT, NULL, NULL},
    {"absent", {"Nobody fills this", "Niemand vult dit"}, DOCUMENT_TEXT, NULL, NULL},
    {NULL, {NULL, NULL}, DOCUMENT_TEXT, NULL, NULL},
};

/* The same hostile text in a column of every type. */
static const struct document_field kind_fields[] = {
    {"text", {"Text", "Tekst"}, DOCUMENT_TEXT, NULL, NULL},
    {"count", {"Count", "Aantal"}, DOCUMENT_COUNT, NULL, NULL},
    {"number", {"Number", "Getal"}, DOCUMENT_NUMBER, NULL, NULL},
    {"bytes", {"Size", "Omvang"}, DOCUMENT_BYTES, NULL, NULL},
    {"seconds", {"Duration", "Duur"}, DOCUMENT_SECONDS, NULL, NULL},
    {"days", {"Days", "Dagen"}, DOCUMENT_DAYS, NULL, NULL},
    {"date", {"Date", "Datum"}, DOCUMENT_DATE, NULL, NULL},
    {"month", {"Month", "Maand"}, DOCUMENT_MONTH, NULL, NULL},
    {"instant", {"Instant", "Tijdstip"}, DOCUMENT_INSTANT, NULL, NULL},
    {"yes_no", {"Yes or no", "Ja of nee"}, DOCUMENT_YES_NO, NULL, NULL},
    {"code", {"Code", "Code"}, DOCUMENT_CODE, states, NULL},
    {"digest", {"Digest", "Controlegetal"}, DOCUMENT_DIGEST, NULL, NULL},
    {NULL, {NULL, NULL}, DOCUMENT_TEXT, NULL, NULL},
};

static const struct document_field list_fields[] = {
    {"reference", {"Reference", "Kenmerk"}, DOCUMENT_TEXT, NULL, NULL},
    {"day", {"Day", "Dag"}, DOCUMENT_DATE, NULL, NULL},
    {"subjects", {"Subjects", "Betrokkenen"}, DOCUMENT_COUNT, NULL, NULL},
    {NULL, {NULL, NULL}, DOCUMENT_TEXT, NULL, NULL},
};

static const struct document_field many_fields[] = {
    {"reference", {"Reference", "Kenmerk"}, DOCUMENT_TEXT, NULL, NULL},
    {"aware_at", {"Aware", "Ontdekt"}, DOCUMENT_INSTANT, NULL, NULL},
    {"deadline", {"Deadline", "Uiterlijk"}, DOCUMENT_INSTANT, NULL, NULL},
    {"state", {"Notification", "Melding"}, DOCUMENT_CODE, states, NULL},
    {"subjects", {"Subjects affected", "Aantal betrokkenen"}, DOCUMENT_COUNT, NULL, NULL},
    {"share", {"Share", "Aandeel"}, DOCUMENT_NUMBER, NULL, NULL},
    {"facts", {"Facts", "Feiten"}, DOCUMENT_TEXT, NULL, NULL},
    {"measures", {"Measures taken", "Genomen maatregelen"}, DOCUMENT_TEXT, NULL, NULL},
    {"digest", {"Digest", "Controlegetal"}, DOCUMENT_DIGEST, NULL, NULL},
    {"closed", {"Closed", "Gesloten"}, DOCUMENT_DATE, NULL, NULL},
    {NULL, {NULL, NULL}, DOCUMENT_TEXT, NULL, NULL},
};

static const struct document_section sections[] = {
    {"figures",
     {"In one look", "In één oogopslag"},
     {"Is everything disposed of in time, and is the evidence whole?",
      "Is alles op tijd verwijderd, en is het bewijs heel?"},
     {NULL, NULL},
     DOCUMENT_FIGURES,
     summary_fields,
     NULL},
    {"months",
     {"Breaches per month", "Datalekken per maand"},
     {"Every breach counts in the month in which the organisation became aware of it.",
      "Elk datalek telt in de maand waarin de organisatie ervan wist."},
     {NULL, NULL},
     DOCUMENT_TABLE,
     month_fields,
     &month_chart},
    {"rules",
     {"Per rule", "Per regel"},
     {NULL, NULL},
     {NULL, NULL},
     DOCUMENT_TABLE,
     rule_fields,
     &rule_chart},
    {"hostile",
     {"Values that try something <b>&amp;</b>", "Waarden die iets proberen <b>&amp;</b>"},
     {NULL, NULL},
     {NULL, NULL},
     DOCUMENT_TABLE,
     hostile_fields,
     NULL},
    {"none",
     {"Nothing here", "Hier niets"},
     {NULL, NULL},
     {"No breach was late.", "Geen datalek was te laat."},
     DOCUMENT_TABLE,
     month_fields,
     &month_chart},
    {"many",
     {"Register", "Register"},
     {"All that the register holds about each breach (GDPR art. 33(5)).",
      "Alles wat het register over elk datalek bevat (AVG art. 33 lid 5)."},
     {NULL, NULL},
     DOCUMENT_TABLE,
     many_fields,
     NULL},
    {"records",
     {"Dossiers", "Dossiers"},
     {NULL, NULL},
     {NULL, NULL},
     DOCUMENT_RECORDS,
     many_fields,
     NULL},
    {"list", {"List", "Lijst"}, {NULL, NULL}, {NULL, NULL}, DOCUMENT_TABLE, list_fields, NULL},
    {"kinds",
     {"Of every type", "Van elke soort"},
     {NULL, NULL},
     {NULL, NULL},
     DOCUMENT_RECORDS,
     kind_fields,
     NULL},
    {"kind_table",
     {"Of every type, beside each other", "Van elke soort, naast elkaar"},
     {NULL, NULL},
     {NULL, NULL},
     DOCUMENT_TABLE,
     kind_fields,
     NULL},
    {"kind_figures",
     {"Of every type, as figures", "Van elke soort, als cijfers"},
     {NULL, NULL},
     {NULL, NULL},
     DOCUMENT_FIGURES,
     kind_fields,
     NULL},
};

static const char digest[] = "82754caf385f60ec88d90809a84e56798632f8abfdf6618b6e74f23074c854e5";

static json_t *figures(void)
{
    return json_pack("[{s:s, s:i, s:i, s:i, s:I, s:f, s:s, s:b, s:n, s:s}]", "state", "soon",
                     "overdue", 1234, "oldest", 41, "disposed", 1234567, "bytes",
                     (json_int_t)716398000, "duration", 4210.5, "last_run",
                     "2026-10-25T02:30:00+01:00", "approved", 1, "reviewed", "fingerprint", digest);
}

static json_t *months(void)
{
    json_t *rows = json_array();
    for (int i = 0; i < 23; i++) {
        char month[24];
        snprintf(month, sizeof month, "%04d-%02d", 2025 + i / 12, i % 12 + 1);
        json_array_append_new(rows, json_pack("{s:s, s:i, s:i, s:I}", "month", month, "in_time",
                                              i * 37 % 41 + 2, "late", i % 5 == 0 ? i % 7 : 0,
                                              "bytes", (json_int_t)i * 1234567));
    }
    return rows;
}

static json_t *rules(void)
{
    static const char *const names[] = {"former-customer",
                                        "prospect",
                                        "a rule with a long name",
                                        "<b>bold</b>\"'&amp;]]>--",
                                        "\u05e9\u05dc\u05d5\u05dd\u202egnp",
                                        "bell \a escape \x1b[31m",
                                        "Rindfleischetikettierungsueberwachungsaufgabe",
                                        ""};
    json_t *rows = json_array();
    for (size_t i = 0; i < COUNT_OF(names); i++)
        json_array_append_new(
            rows, json_pack("{s:s, s:i}", "rule", names[i], "subjects", (int)(12500 / (i + 1))));
    return rows;
}

static json_t *hostile(void)
{
    static const struct {
        const char *what, *value, *state;
    } cases[] = {
        {"script", "<script>document.title = 'broken'</script>", "late"},
        {"picture", "<img src=x onerror=alert(1)>", "soon"},
        {"quotes and ampersand", "\"'&amp;</td></table>", "in_time"},
        {"end of a style", "</style><h1>x</h1>", "</data><script>"},
        {"long without blanks",
         "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz"
         "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz",
         "in_time"},
        {"right to left", "שלום עולם (123) مرحبا", "in_time"},
        {"direction marks", "invoice\u202egnp.exe \u2067x\u2069 \u200fy", "in_time"},
        {"ends of other things", "]]> --> <!-- -- ?> <![CDATA[ /* */", "--"},
        {"a page in a page", "</body></html><svg onload=alert(1)><style>*{display:none}", "late"},
        {"entities", "&amp; &lt; &#60; &#x3c; &nbsp &notanentity;", "&lt;"},
        {"addresses", "javascript:alert(1) http://203.0.113.1/ data:text/html,x", "in_time"},
        {"templates", "${7*7} {{7*7}} %s %n %00 \\u003cscript\\u003e", "in_time"},
        {"long and right to left",
         "\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9"
         "\u05e9\u05e9"
         "\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9\u05e9"
         "\u05e9\u05e9",
         "in_time"},
        {"wide without blanks",
         "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57"
         "\u6f22\u5b57"
         "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57"
         "\u6f22\u5b57",
         "in_time"},
        {"control characters", "bell \a escape \x1b[31m tab\tend", "in_time"},
        {"line breaks", "first line\r\nsecond line\n\nfourth line", "in_time"},
        {"emoji and combining", "👩‍💻 naïve e\u0301 漢字", "in_time"},
        {"formula", "=HYPERLINK(\"http://example.invalid\")", "in_time"},
        {"empty", "", NULL},
        {"null", NULL, NULL},
    };
    json_t *rows = json_array();
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        json_array_append_new(rows, json_pack("{s:s, s:s?, s:s?, s:i, s:s, s:n}", "case",
                                              cases[i].what, "value", cases[i].value, "state",
                                              cases[i].state, "count", -(int)i * 1500, "at",
                                              "2026-03-29T03:00:01+02:00", "absent"));
    return rows;
}

/* Rows in which each column holds the same: what a careless statement could give. */
static json_t *kinds(bool all)
{
    static const char *const values[] = {
        "<script>document.title = 'kinds'</script>\"'><img src=x onerror=alert(1)>&amp;]]>--",
        "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetzrindfleischetikettierung",
        "\u05e9\u05dc\u05d5\u05dd (123)\u202egnp \U0001f600 \x1b[31m \a",
        NULL,
    };
    json_t *rows = json_array();
    for (size_t i = 0; i < (all ? COUNT_OF(values) : 1); i++) {
        json_t *row = json_object();
        for (const struct document_field *f = kind_fields; f->key != NULL; f++)
            json_object_set_new(row, f->key,
                                values[i] == NULL ? json_null() : json_string(values[i]));
        json_array_append_new(rows, row);
    }
    for (int sign = 0; all && sign < 2; sign++) {
        json_t *row = json_object();
        for (const struct document_field *f = kind_fields; f->key != NULL; f++)
            json_object_set_new(row, f->key, json_integer(sign == 0 ? INT64_MAX : INT64_MIN));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *list(int count)
{
    json_t *rows = json_array();
    for (int i = 0; i < count; i++) {
        char reference[24];
        snprintf(reference, sizeof reference, "LIST-%05d", i + 1);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:i}", "reference", reference, "day",
                                              "2026-11-20", "subjects", i));
    }
    return rows;
}

static json_t *many(int count)
{
    static const char *const code[] = {"in_time", "soon", "late"};
    json_t *rows = json_array();
    for (int i = 0; i < count; i++) {
        char reference[24];
        snprintf(reference, sizeof reference, "DL-2026-%04d", i + 1);
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:s, s:i, s:f, s:s, s:s?, s:s, s:s?}", "reference",
                            reference, "aware_at", "2026-11-20T09:15:00+01:00", "deadline",
                            "2026-11-23T09:15:00+01:00", "state", code[i % 3], "subjects",
                            i % 997 * i % 997 * 17, "share", i / 7.0, "facts",
                            "A list of customers was mailed to the wrong address; the receiver "
                            "confirmed in writing that it was destroyed.",
                            "measures", i % 4 == 0 ? NULL : "Addresses are now chosen from a list.",
                            "digest", digest, "closed", i % 2 == 0 ? "2026-12-01" : NULL));
    }
    return rows;
}

static void fill(struct document *d, int rows)
{
    document_add(d, &sections[0], figures());
    document_add(d, &sections[1], months());
    document_add(d, &sections[2], rules());
    document_add(d, &sections[3], hostile());
    document_add(d, &sections[4], json_array());
    document_add(d, &sections[5], many(rows));
    document_add(d, &sections[6], many(2));
    document_add(d, &sections[7], list(rows));
    document_add(d, &sections[8], kinds(true));
    document_add(d, &sections[9], kinds(true));
    document_add(d, &sections[10], kinds(false));
}

static int find_format(const char *name)
{
    static const char *const names[] = {[RENDER_TEXT] = "text",
                                        [RENDER_CSV] = "csv",
                                        [RENDER_JSON] = "json",
                                        [RENDER_HTML] = "html"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return (int)i;
    return -1;
}

int main(int argc, char **argv)
{
    int format = argc < 3 ? -1 : find_format(argv[1]);
    if (format < 0) {
        fputs("document_probe FORMAT LANGUAGE [WIDTH [ROWS]]\n", stderr);
        return 2;
    }
    CLEANUP(text_free) struct text out = {0};
    CLEANUP(document_free)
    struct document d = {
        .name = "summary",
        .operand = "DL-2026-0007",
        .title = {"Compliance in one page", "Naleving op één pagina"},
        .about = {"Are personal data disposed of in time, and were breaches notified in time?",
                  "Zijn persoonsgegevens op tijd verwijderd, en datalekken op tijd gemeld?"},
        .language = strcmp(argv[2], "nl") == 0 ? DOCUMENT_NL : DOCUMENT_EN,
        .organisation = "Bakkerij \"De Gouden\" </style> Korenaar & Zn. B.V.",
        .registration = "KvK 12345678",
        .program = "waarborg 0.1.0",
        .timezone = "Europe/Amsterdam",
        .from = "2026-01-01",
        .to = "2026-11-22",
        .as_of = "2026-11-22",
    };
    fill(&d, argc > 4 ? atoi(argv[4]) : 40);
    const char *section = strchr(argv[1], ':');
    const struct render_options options = {
        .document = &d,
        .section = section == NULL ? NULL : section + 1,
        .width = argc > 3 ? (size_t)atoi(argv[3]) : 0,
    };
    render_document(&out, (enum render_format)format, &options);
    return fwrite(text_get(&out), 1, out.length, stdout) == out.length ? 0 : 3;
}
