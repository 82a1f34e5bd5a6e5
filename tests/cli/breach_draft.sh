# breach draft: every question of the form of the AP, in order, with the answer of the register, in
# both languages and all three formats; what is missing; what may not break out; a new form as data.
. "$(dirname "$0")/../harness/lib.sh"
. "$(dirname "$0")/../harness/night.sh"
. "$(dirname "$0")/../harness/json.sh"

small_db draft 3
small_conf

# open_breach JSON: registers it; the reference in $ref.
open_breach() {
    ref=$(psql -XAtq -v ON_ERROR_STOP=1 -v "fields=$1" -d "$db" <<'SQL'
SELECT waarborg.breach_open(:'fields'::jsonb, '{}', 72, 336);
SQL
    ) || fail "the breach cannot be opened: $1"
}

bare() { # HOURS AGO, MORE FIELDS
    open_breach "{\"title\": \"t\", \"what_happened\": \"w\", \"nature\": [\"CONFIDENTIALITY\"],
        \"aware_at\": \"$(sql "SELECT date_trunc('second', now()) - interval '$1 hours'")\"${2:+, $2}}"
}

draft() { # LANGUAGE FORMAT
    waarborg breach draft "$ref" ap --lang "$1" --format "$2"
    expect_status 0
    cp "$T/out" "$T/draft.$1.$2"
}

# ask QUERY: of the JSON draft in $T/out, as :d; q are its questions, by code.
ask() {
    psql -XAtq -v ON_ERROR_STOP=1 -v "d=$(cat "$T/out")" -d "$db" <<SQL
WITH q AS (SELECT s -> 'number' AS section, x.q, x.q ->> 'code' AS code, row_number() OVER () AS n
             FROM jsonb_array_elements(:'d'::jsonb -> 'sections') AS s,
                  jsonb_array_elements(s -> 'questions') AS x (q))
$1;
SQL
}

expect_ask() { # VALUE QUERY
    actual=$(ask "$2") || fail "the draft cannot be asked: $2"
    [ "$actual" = "$1" ] || fail "expected '$1', got '$actual' from: $2"
}

expect_missing() { # "CODE CODE ..."
    expect_ask "$1" "SELECT coalesce(string_agg(m ->> 'code', ' '), '') FROM jsonb_array_elements(:'d'::jsonb -> 'missing') AS m"
    expect_ask "$1" "SELECT coalesce(string_agg(code, ' ' ORDER BY n), '') FROM q WHERE q -> 'missing' = 'true' AND q -> 'mandatory' = 'true' AND q ->> 'text' = '' AND q -> 'answer' = 'null'"
}

# ---- Text and HTML say what JSON says, question by question, in this order ---------------------

# Both as one line each in SQL: a wrapped text is the same text with other blanks.
expect_formats_agree() { # LANGUAGE
    cp "$T/draft.$1.json" "$T/out"
    actual=$(psql -XAtq -v ON_ERROR_STOP=1 -v "d=$(cat "$T/out")" -v "t=$(cat "$T/draft.$1.text")" \
        -v "h=$(cat "$T/draft.$1.html")" -v "lang=$1" -d "$db" <<'SQL'
CREATE FUNCTION pg_temp.flat(v text) RETURNS text LANGUAGE sql AS
    $$ SELECT btrim(regexp_replace(v, '\s+', ' ', 'g')) $$;
CREATE FUNCTION pg_temp.html(v text) RETURNS text LANGUAGE sql AS
    $$ SELECT replace(replace(replace(replace(replace(v, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
                              '"', '&quot;'), '''', '&#39;') $$;
WITH word AS (
    SELECT CASE :'lang' WHEN 'nl' THEN 'ONTBREEKT' ELSE 'MISSING' END AS missing,
           CASE :'lang' WHEN 'nl' THEN '(zelf invullen op het formulier)'
                        ELSE '(fill in by hand on the form)' END AS by_hand
), q AS (
    SELECT x.q ->> 'code' AS code, x.q ->> 'label' AS label, x.q ->> 'text' AS answer,
           x.q -> 'mandatory' = 'true' AS mandatory, x.q -> 'missing' = 'true' AS missing,
           x.q -> 'by_hand' = 'true' AS by_hand, row_number() OVER () AS n
      FROM jsonb_array_elements(:'d'::jsonb -> 'sections') AS s,
           jsonb_array_elements(s -> 'questions') AS x (q)
), at AS (
    SELECT q.code, q.n,
           strpos(pg_temp.flat(:'t'), pg_temp.flat(q.label || CASE WHEN q.mandatory THEN ' *' ELSE '' END || ' '
               || CASE WHEN q.missing THEN '>>> ' || w.missing WHEN q.by_hand THEN w.by_hand
                       ELSE coalesce(nullif(q.answer, ''), '-') END)) AS in_text,
           strpos(:'h', '<th scope="row">' || pg_temp.html(q.label)
               || CASE WHEN q.mandatory THEN '&nbsp;<span class="star">*</span>' ELSE '' END || '</th><td>'
               || CASE WHEN q.missing THEN format('<span class="missing">%s</span>', w.missing)
                       WHEN q.by_hand THEN format('<span class="none">%s</span>', w.by_hand)
                       WHEN q.answer = '' THEN '<span class="none">-</span>'
                       ELSE pg_temp.html(q.answer) END) AS in_html
      FROM q CROSS JOIN word AS w
), place AS (
    SELECT *, in_text > 0 AND in_text > lag(in_text, 1, 0) OVER (ORDER BY n) AS text_right,
           in_html > 0 AND in_html > lag(in_html, 1, 0) OVER (ORDER BY n) AS html_right FROM at
)
SELECT coalesce(string_agg(format('%s %s %s', code, in_text, in_html), ', ' ORDER BY n), count(*) || ' questions')
  FROM place WHERE NOT text_right OR NOT html_right;
SQL
    ) || fail "the drafts cannot be compared"
    [ "$actual" = '0 questions' ] || fail "in $1 these do not stand where JSON has them: $actual"
}

all_formats() {
    for language in nl en; do
        for format in text html json; do
            draft $language $format
        done
        expect_formats_agree $language
    done
}

# ---- Nothing but the four fields without which there is no breach ------------------------------

always='REPORTER_NAME REPORTER_FUNCTION REPORTER_PHONE REPORTER_EMAIL CONTACT_NAME CONTACT_FUNCTION CONTACT_PHONE CONTACT_EMAIL OCCURRED_FROM DISCOVERED_AT DISCOVERED_HOW INCIDENT_TYPE CAUSE DATA_ORDINARY RECORDS_MIN RECORDS_MAX PEOPLE_GROUPS PERSONS_MIN PERSONS_MAX PROTECTION CONSEQUENCES_CONFIDENTIALITY HARM SEVERITY MEASURES_TAKEN CROSS_BORDER'
bare 1
bare_ref=$ref
all_formats
expect_missing "$always"
expect_json_keys 'aware_at breach by_hand closed_at due_at first_aware_at form heading language late made_at missing needed sections sent_at summary title version' '{}'
expect_json_keys 'answer by_hand code label mandatory missing note text' '{sections,0,questions,0}'
expect_ask '0 1 2 3 4 5 6 7 8 9' "SELECT string_agg(s ->> 'number', ' ' ORDER BY n) FROM jsonb_array_elements(:'d'::jsonb -> 'sections') WITH ORDINALITY AS x (s, n)"
expect_ask 'ORGANISATION_ADDRESS ORGANISATION_POSTCODE ORGANISATION_PLACE ORGANISATION_SECTOR DPO_NUMBER' \
    "SELECT string_agg(m ->> 'code', ' ') FROM jsonb_array_elements(:'d'::jsonb -> 'by_hand') AS m WHERE m -> 'mend' = 'null'"
expect_ask "waarborg breach amend $ref --set cause=... --because ..." \
    "SELECT m ->> 'mend' FROM jsonb_array_elements(:'d'::jsonb -> 'missing') AS m WHERE m ->> 'code' = 'CAUSE'"
for language in nl en; do
    for format in text html; do
        [ "$(grep -c 'waarborg breach amend .*--set' "$T/draft.$language.$format")" -eq 24 ] ||
            fail "$language.$format does not list the 24 fields that are missing"
        grep -q "waarborg breach amend $ref --measure" "$T/draft.$language.$format" ||
            fail "$language.$format does not say how to register a measure"
    done
done
# Nothing is said before it was looked at: dutch where dutch is asked for, and the other way round.
grep -q '^25 verplichte antwoorden ontbreken nog' "$T/draft.nl.text" || fail "no Dutch summary"
grep -q '^25 mandatory answers are still missing' "$T/draft.en.text" || fail "no English summary"
! grep -iE 'mandatory|missing|breach of|organisation' "$T/draft.nl.text" | grep -v '^   waarborg' >&2 ||
    fail "English in the Dutch draft"
! grep -iE 'verplicht|ontbreekt|inbreuk|betrokkene' "$T/draft.en.text" >&2 || fail "Dutch in the English draft"

# A mend that is not written out sets a field of the register.
expect_sql '' "SELECT string_agg(code, ' ') FROM waarborg.form_question WHERE mend IS NULL AND source <> ALL (waarborg.breach_fields())
    AND mandatory <> 'never' AND source NOT IN ('notice_kind', 'completeness', 'others_involved', 'people_informed')"
# Every condition asks for an answer that there is.
expect_sql '' "SELECT string_agg(q.code, ' ') FROM waarborg.form_question AS q WHERE q.mandatory NOT IN ('always', 'never', 'late', 'earlier_notice')
    AND NOT EXISTS (SELECT 1 FROM waarborg.form_question AS s WHERE s.source = substring(q.mandatory FROM '[a-z_]+'))"

# ---- Every field at its question ----------------------------------------------------------------

open_breach '{"title": "Jaaropgaven", "what_happened": "Jaaropgaven verwisseld.", "nature": ["AVAILABILITY", "CONFIDENTIALITY", "INTEGRITY"],
  "aware_at": "2026-10-23T15:00+02:00", "delay_reason": "Het rapport kwam laat.", "legal_basis": "WPG",
  "occurred_from": "2026-10-20T09:00+02:00", "occurred_to": "2026-10-25T02:30:05+01:00", "ongoing": "NO",
  "discovered_at": "2026-10-23T14:00+02:00", "discovered_how": "Een klant belde.", "incident_type": "SENT_TO_WRONG_RECIPIENT",
  "cause": "INTERNAL_UNINTENTIONAL", "data_ordinary": ["NAME", "BSN"], "data_special": ["HEALTH"], "data_description": "Inkomens.",
  "records_min": 12345, "records_max": 23456, "people_groups": ["CUSTOMERS", "MINORS"], "people_description": "Klanten in Utrecht.",
  "persons_min": 400, "persons_max": 412, "protection": "PARTLY", "protection_how": "AES-256 op de schijf.",
  "consequences": ["CONF_WIDER", "INT_USED", "CONF_LINKED", "AVAIL_LOST"], "harm": ["CONTROL_LOST", "IDENTITY_FRAUD"],
  "consequences_description": "Kans op misbruik.", "severity": "SIGNIFICANT", "cross_border": true, "countries": ["BE", "DE"],
  "other_authorities": "GBA, op 24 oktober", "other_controllers": "Zusterbedrijf N.V., gezamenlijk", "processor_name": "Drukkerij De Post",
  "organisation_part": "Klantenservice", "remarks": "Geen opmerkingen.",
  "reporter_name": "J. Bakker", "reporter_function": "CISO", "reporter_phone": "030 1234567", "reporter_email": "j@proef.example",
  "contact_name": "K. Smit", "contact_function": "jurist", "contact_phone": "030 7654321", "contact_email": "k@proef.example",
  "summary_nl": "Uw jaaropgave ging naar een ander.", "summary_en": "Your statement went to somebody else.",
  "advice_nl": "Let op vreemde post.", "advice_en": "Watch out for strange mail."}'
full_ref=$ref
sql "SELECT waarborg.breach_measure_add('$ref', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"Verzending gestopt.\", \"at\": \"2026-10-23 16:00+02\"}');
     SELECT waarborg.breach_measure_add('$ref', '{\"type\": \"PREVENT\", \"status\": \"proposed\", \"description\": \"Vier ogen.\"}');
     SELECT waarborg.breach_attachment_add('$ref', '/srv/bijlagen/rapport.pdf', repeat('ab', 32), 12345)" >/dev/null
all_formats
while IFS='|' read -r code nl en; do
    for language in nl en; do
        cp "$T/draft.$language.json" "$T/out"
        [ $language = nl ] && value=$nl || value=$en
        expect_ask "$value" "SELECT replace(q ->> 'text', E'\\n', ' / ') FROM q WHERE code = '$code'"
    done
done <<'TABLE'
LEGAL_BASIS|Wet politiegegevens (Wpg) [WPG]|Police Data Act (Wpg) [WPG]
NOTICE_KIND|nieuwe melding [NEW]|new notification [NEW]
EARLIER_NUMBER||
COMPLETENESS|volledig [COMPLETE]|complete [COMPLETE]
ORGANISATION_NAME|Proefbedrijf B.V.|Proefbedrijf B.V.
ORGANISATION_REGISTRATION|KvK 12345678|KvK 12345678
ORGANISATION_PART|Klantenservice|Klantenservice
REPORTER_NAME|J. Bakker|J. Bakker
REPORTER_FUNCTION|CISO|CISO
REPORTER_PHONE|030 1234567|030 1234567
REPORTER_EMAIL|j@proef.example|j@proef.example
CONTACT_NAME|K. Smit|K. Smit
CONTACT_FUNCTION|jurist|jurist
CONTACT_PHONE|030 7654321|030 7654321
CONTACT_EMAIL|k@proef.example|k@proef.example
OTHERS_INVOLVED|ja|yes
PROCESSOR_NAME|Drukkerij De Post|Drukkerij De Post
OTHER_CONTROLLERS|Zusterbedrijf N.V., gezamenlijk|Zusterbedrijf N.V., gezamenlijk
OCCURRED_FROM|di 2026-10-20 09:00 +02:00|Tue 2026-10-20 09:00 +02:00
OCCURRED_TO|zo 2026-10-25 02:30:05 +01:00|Sun 2026-10-25 02:30:05 +01:00
OCCURRED_UNKNOWN|nee|no
ONGOING|nee [NO]|no [NO]
DISCOVERED_AT|vr 2026-10-23 14:00 +02:00|Fri 2026-10-23 14:00 +02:00
DISCOVERED_HOW|Een klant belde.|Een klant belde.
DELAY_REASON|Het rapport kwam laat.|Het rapport kwam laat.
WHAT_HAPPENED|Jaaropgaven verwisseld.|Jaaropgaven verwisseld.
NATURE|beschikbaarheid: verloren of onbereikbaar [AVAILABILITY] / vertrouwelijkheid: ingezien door wie dat niet mocht [CONFIDENTIALITY] / integriteit: gewijzigd [INTEGRITY]|availability: lost or out of reach [AVAILABILITY] / confidentiality: seen by who should not [CONFIDENTIALITY] / integrity: changed [INTEGRITY]
INCIDENT_TYPE|verstuurd of afgegeven aan de verkeerde ontvanger [SENT_TO_WRONG_RECIPIENT]|sent or handed to the wrong recipient [SENT_TO_WRONG_RECIPIENT]
CAUSE|intern, onopzettelijk [INTERNAL_UNINTENTIONAL]|internal, unintentional [INTERNAL_UNINTENTIONAL]
DATA_ORDINARY|naam [NAME] / burgerservicenummer (BSN) [BSN]|name [NAME] / citizen service number (BSN) [BSN]
DATA_SPECIAL|gezondheid [HEALTH]|health [HEALTH]
DATA_DESCRIPTION|Inkomens.|Inkomens.
RECORDS_MIN|12345|12345
RECORDS_MAX|23456|23456
PEOPLE_GROUPS|klanten, huidige of potentiële [CUSTOMERS] / minderjarigen [MINORS]|customers, current or prospective [CUSTOMERS] / minors [MINORS]
PEOPLE_DESCRIPTION|Klanten in Utrecht.|Klanten in Utrecht.
PERSONS_MIN|400|400
PERSONS_MAX|412|412
PROTECTION|deels [PARTLY]|partly [PARTLY]
PROTECTION_HOW|AES-256 op de schijf.|AES-256 op de schijf.
CONSEQUENCES_CONFIDENTIALITY|gegevens verder verspreid dan nodig [CONF_WIDER] / gegevens kunnen worden gekoppeld aan andere gegevens [CONF_LINKED]|data spread wider than needed [CONF_WIDER] / data may be linked to other data [CONF_LINKED]
CONSEQUENCES_INTEGRITY|gegevens gewijzigd en gebruikt [INT_USED]|data changed and used [INT_USED]
CONSEQUENCES_AVAILABILITY|dienst kan niet worden geleverd [AVAIL_LOST]|service cannot be delivered [AVAIL_LOST]
HARM|verlies van controle over de eigen gegevens [CONTROL_LOST] / identiteitsdiefstal of -fraude [IDENTITY_FRAUD]|loss of control over one's data [CONTROL_LOST] / identity theft or fraud [IDENTITY_FRAUD]
CONSEQUENCES_DESCRIPTION|Kans op misbruik.|Kans op misbruik.
SEVERITY|aanzienlijk [SIGNIFICANT]|significant [SIGNIFICANT]
PEOPLE_INFORMED|nog niet bekend [UNKNOWN]|not known yet [UNKNOWN]
INFORMED_TEXT|Uw jaaropgave ging naar een ander.|Your statement went to somebody else.
INFORMED_ADVICE|Let op vreemde post.|Watch out for strange mail.
MEASURES_TAKEN|om de inbreuk te beëindigen (vr 2026-10-23 16:00 +02:00): Verzending gestopt.|to end the breach (Fri 2026-10-23 16:00 +02:00): Verzending gestopt.
MEASURES_PROPOSED|om herhaling te voorkomen: Vier ogen.|to prevent a repeat: Vier ogen.
CROSS_BORDER|ja|yes
COUNTRIES|BE, DE|BE, DE
OTHER_AUTHORITIES|GBA, op 24 oktober|GBA, op 24 oktober
REMARKS|Geen opmerkingen.|Geen opmerkingen.
ATTACHMENTS|rapport.pdf, 12345 bytes / SHA-256 abababababababababababababababababababababababababababababababab|rapport.pdf, 12345 bytes / SHA-256 abababababababababababababababababababababababababababababababab
TABLE
expect_missing ''
grep -q 'personal data of the people concerned' "$T/draft.en.text" || fail "no warning about attachments"
# Typed, for programs.
expect_ask '["BE", "DE"]' "SELECT q -> 'answer' FROM q WHERE code = 'COUNTRIES'"
expect_ask '412' "SELECT q -> 'answer' FROM q WHERE code = 'PERSONS_MAX'"
expect_ask 'true' "SELECT q -> 'answer' FROM q WHERE code = 'CROSS_BORDER'"
expect_ask '2026-10-25T02:30:05+01:00' "SELECT q ->> 'answer' FROM q WHERE code = 'OCCURRED_TO'"
expect_ask 'PARTLY|partly|' "SELECT q #>> '{answer,code}', q #>> '{answer,label}', q #>> '{answer,ap_code}' FROM q WHERE code = 'PROTECTION'"
expect_ask 'REPAIR|2026-10-23T16:00:00+02:00' "SELECT q #>> '{answer,0,type,code}', q #>> '{answer,0,at}' FROM q WHERE code = 'MEASURES_TAKEN'"
expect_ask 'rapport.pdf|12345' "SELECT q #>> '{answer,0,name}', q #>> '{answer,0,bytes}' FROM q WHERE code = 'ATTACHMENTS'"
expect_json '2026-10-26T14:00:00+01:00' '{due_at}'
expect_json true '{late}'
expect_json "$full_ref" '{breach}'
expect_json 2018 '{version}'

# ---- What makes an answer mandatory -------------------------------------------------------------

while IFS='|' read -r name hours fields plus minus; do
    bare "$hours" "$fields"
    draft en json
    for code in $plus; do
        expect_ask t "SELECT count(*) = 1 FROM jsonb_array_elements((:'d'::jsonb -> 'missing') || (:'d'::jsonb -> 'by_hand')) AS m WHERE m ->> 'code' = '$code' -- $name"
    done
    for code in $minus; do
        expect_ask 0 "SELECT count(*) FROM jsonb_array_elements((:'d'::jsonb -> 'missing') || (:'d'::jsonb -> 'by_hand')) AS m WHERE m ->> 'code' = '$code' -- $name"
    done
done <<'TABLE'
in time|71||SEVERITY|DELAY_REASON LEAD_AUTHORITY
late|73||DELAY_REASON|
late with a reason|73|"delay_reason": "x"||DELAY_REASON
a blank is no answer|1|"discovered_how": "  \n "|DISCOVERED_HOW|
not known when|1|"occurred_unknown": true||OCCURRED_FROM
protected, but how|1|"protection": "YES"|PROTECTION_HOW|PROTECTION
not protected|1|"protection": "NO"||PROTECTION_HOW
special data only|1|"data_special": ["UNION"]||DATA_ORDINARY
other data|1|"data_ordinary": ["NAME", "OTHER"]|DATA_DESCRIPTION|DATA_ORDINARY
other people|1|"people_groups": ["OTHER"]|PEOPLE_DESCRIPTION|
other harm|1|"harm": ["OTHER"]|CONSEQUENCES_DESCRIPTION|HARM
across borders|1|"cross_border": true|COUNTRIES LEAD_AUTHORITY|CROSS_BORDER
not across borders|1|"cross_border": false||COUNTRIES LEAD_AUTHORITY CROSS_BORDER
consequences of another kind|1|"consequences": ["INT_USED"]|CONSEQUENCES_CONFIDENTIALITY|CONSEQUENCES_INTEGRITY
the reporter is the contact|1|"reporter_name": "a", "reporter_function": "b", "reporter_phone": "c", "reporter_email": "d"||CONTACT_NAME CONTACT_FUNCTION CONTACT_PHONE CONTACT_EMAIL
another contact, of whom only the name|1|"contact_name": "x", "reporter_email": "d"|CONTACT_EMAIL CONTACT_PHONE CONTACT_FUNCTION|CONTACT_NAME
zero is a number|1|"persons_min": 0|PERSONS_MAX|PERSONS_MIN
TABLE
bare 1 '"nature": ["AVAILABILITY"]'
draft en json
expect_ask 'CONSEQUENCES_AVAILABILITY' "SELECT string_agg(code, ' ') FROM q WHERE code LIKE 'CONSEQUENCES_%' AND q -> 'mandatory' = 'true'"

# The officer of the configuration is the contact, as long as nobody else is.
cp "$T/waarborg.conf" "$T/plain.conf"
sed -i 's/KvK 12345678";/KvK 12345678"; dpo = { name = "A. de Vries"; email = "fg@proef.example"; phone = "+31 20"; };/' "$T/waarborg.conf"
bare 1
draft nl json
expect_ask 'A. de Vries, functionaris gegevensbescherming, +31 20, fg@proef.example' "SELECT string_agg(q ->> 'answer', ', ' ORDER BY n) FROM q WHERE code LIKE 'CONTACT_%'"
bare 1 '"contact_name": "K. Smit", "contact_email": "k@x"'
draft nl json
expect_ask 'K. Smit, k@x' "SELECT string_agg(q ->> 'answer', ', ' ORDER BY n) FROM q WHERE code LIKE 'CONTACT_%'"
cp "$T/plain.conf" "$T/waarborg.conf"

# ---- People: who was told, who will be, and why not ----------------------------------------------

while IFS='|' read -r assessment informed why rest; do
    bare 1
    sql "SELECT waarborg.breach_assess('$ref', '$assessment')" >/dev/null
    draft en json
    expect_ask "$informed|$why" "SELECT (SELECT q #>> '{answer,code}' FROM q WHERE code = 'PEOPLE_INFORMED'), (SELECT q #>> '{answer,code}' FROM q WHERE code = 'NOT_INFORMED_WHY')"
    expect_ask "$rest" "SELECT coalesce(string_agg(code || '=' || (q ->> 'text'), ' ' ORDER BY n), '') FROM q WHERE code IN ('NOT_INFORMED_EXPLANATION', 'PUBLIC_COMMUNICATION') AND q -> 'answer' <> 'null'"
done <<'TABLE'
{"risk": "risk", "notify_ap": true, "because": "b"}|UNKNOWN||
{"risk": "high", "notify_ap": true, "notify_customers": true, "because": "b"}|PLANNED||
{"risk": "risk", "notify_ap": true, "notify_customers": false, "because": "b"}|NO|NO_HIGH_RISK|NOT_INFORMED_EXPLANATION=b
{"risk": "high", "notify_ap": true, "notify_customers": false, "exempt_ground": "A", "because": "b", "customers_because": "c"}|NO|UNINTELLIGIBLE|NOT_INFORMED_EXPLANATION=c
{"risk": "high", "notify_ap": true, "notify_customers": false, "exempt_ground": "B", "because": "b"}|NO|MEASURES_TAKEN|NOT_INFORMED_EXPLANATION=b
{"risk": "high", "notify_ap": true, "notify_customers": false, "exempt_ground": "C", "because": "b", "public_at": "2026-11-20 12:00+01", "public_where": "krant"}|NO|DISPROPORTIONATE|NOT_INFORMED_EXPLANATION=b PUBLIC_COMMUNICATION=krant
TABLE
bare 200
sql "SELECT waarborg.breach_assess('$ref', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"because\": \"b\"}')" >/dev/null
draft nl text
expect_out 'melding aan de AP niet nodig'
draft nl json
expect_json false '{needed}'
expect_json false '{late}'

bare 1
sql "SELECT waarborg.breach_assess('$ref', '{\"risk\": \"high\", \"notify_ap\": true, \"notify_customers\": true, \"because\": \"b\"}');
     SELECT waarborg.affected_add('$ref', 'customers', '{\"{1}\",\"{2}\",\"{3}\"}')" >/dev/null
draft en json
expect_ask 'PLANNED|3' "SELECT (SELECT q #>> '{answer,code}' FROM q WHERE code = 'PEOPLE_INFORMED'), (SELECT q ->> 'text' FROM q WHERE code = 'INFORMED_LEFT')"
sql "SELECT waarborg.affected_told('$ref', 'customers', '{\"{1}\"}', now() - interval '1 minute', 'telefoon');
     SELECT waarborg.affected_told('$ref', 'customers', '{\"{2}\"}', '2026-11-22 10:00+01', 'file')" >/dev/null
draft nl json
expect_ask 'YES|2|1|zo 2026-11-22 10:00 +01:00|brief, telefoon' "SELECT (SELECT q #>> '{answer,code}' FROM q WHERE code = 'PEOPLE_INFORMED'), string_agg(q ->> 'text', '|' ORDER BY n) FROM q WHERE code IN ('INFORMED_NUMBER', 'INFORMED_LEFT', 'INFORMED_FIRST', 'INFORMED_CHANNEL')"

# ---- New, an addition, a withdrawal --------------------------------------------------------------

notice() { # SECONDS AGO, FIELDS, EXPECTED
    sql "SELECT waarborg.breach_notify('{$ref}', '{\"recipient\": \"ap\", \"sent_at\": \"$(sql "SELECT now() - interval '$1 seconds'")\", $2}')" >/dev/null
    draft en json
    expect_ask "$3" "SELECT string_agg(coalesce(q #>> '{answer,code}', q ->> 'answer', '-'), ' ' ORDER BY n) FROM q WHERE code IN ('NOTICE_KIND', 'EARLIER_NUMBER', 'COMPLETENESS', 'WITHDRAWAL_REASON')"
}
bare 1
notice 40 '"kind": "initial", "complete": false' 'ADDITION - - PRELIMINARY'
expect_ask 1 "SELECT count(*) FROM jsonb_array_elements(:'d'::jsonb -> 'missing') AS m WHERE m ->> 'code' = 'EARLIER_NUMBER'"
notice 30 '"kind": "follow_up", "number": "AP-77", "complete": false' 'ADDITION AP-77 - PRELIMINARY'
notice 20 '"kind": "final"' 'ADDITION AP-77 - COMPLETE'
notice 10 '"kind": "withdrawal", "reason": "geen inbreuk"' 'WITHDRAWAL AP-77 geen inbreuk COMPLETE'
# Sent in time: drawn up later, it is not late.
bare 100
notice $((99 * 3600)) '"kind": "initial", "complete": false, "number": "AP-78"' 'ADDITION AP-78 - PRELIMINARY'
expect_json false '{late}'

# ---- Hostile values stay in their place -----------------------------------------------------------

open_breach '{"title": "</title><script>alert(1)</script>", "nature": ["CONFIDENTIALITY"], "aware_at": "2026-11-20T10:00+01:00",
  "what_happened": "<img src=x onerror=alert(1)> & \"'"'"' %s%n {{x}}\n\n8. Vervolgacties\n----------------\nZijn de betrokkenen?\u001b[31m \u202egnp\u2066 \u009b5m \u0007\r\nna\teen tab",
  "discovered_how": "'"$(printf 'x%.0s' $(seq 3000))"'", "reporter_name": "\"><a href=http://evil.example/>", "countries": ["<b>BE"], "cross_border": true}'
sql "SELECT waarborg.breach_attachment_add('$ref', '/srv/<svg onload=x>.pdf', repeat('ab', 32), 1)" >/dev/null
all_formats
for language in nl en; do
    ! grep -iE '<(script|img|a|svg|b)[ >]|<[^>]* (src|href|on[a-z]+)=' "$T/draft.$language.html" >&2 || fail "a value became markup"
    grep -qF '&lt;img src=x onerror=alert(1)&gt; &amp; &quot;&#39; %s%n {{x}}' "$T/draft.$language.html" ||
        fail "the value is not shown as it is"
    for format in text html; do
        ! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xc2[\x80-\x9f]' "$T/draft.$language.$format" >&2 ||
            fail "a control character got into $language.$format"
        grep -qF '\x1b[31m \u202egnp\u2066 \x9b5m \x07' "$T/draft.$language.$format" || fail "no escapes in $language.$format"
    done
    # Only a word that is longer than a line, and what is there to be pasted, may be longer.
    ! LC_ALL=C.UTF-8 grep -nE '^.{80,}$' "$T/draft.$language.text" | grep -vE '^[0-9]+: +(waarborg |x{3000}$)' >&2 ||
        fail "a line is longer than 79 columns"
done
[ "$(grep -c '^8\. Vervolgacties' "$T/draft.nl.text")" -eq 1 ] || fail "a value looks like a section"
grep -q '^    8\. Vervolgacties' "$T/draft.nl.text" || fail "the value lost its indent"
expect_ask t "SELECT q ->> 'answer' LIKE '%' || chr(27) || '[31m %' FROM q WHERE code = 'WHAT_HAPPENED'"
grep -q "default-src 'none'" "$T/draft.nl.html" || fail "the page may load something"
grep -q '<html lang="nl">' "$T/draft.nl.html" && grep -q '<html lang="en">' "$T/draft.en.html" || fail "no language"

# ---- Where it goes -------------------------------------------------------------------------------

ref=$full_ref
draft nl html
grep -v Opgemaakt "$T/out" >"$T/shown"
mkdir "$T/out.d"
echo old >"$T/elsewhere"
ln -s "$T/elsewhere" "$T/out.d/link"
echo old >"$T/out.d/old"
chmod 644 "$T/out.d/old"
for file in new old link; do
    waarborg breach draft "$ref" ap --format html --out "$T/out.d/$file"
    expect_status 0
    expect_out "$ref for the AP, 0 mandatory answers are missing"
    [ "$(stat -c '%a %F' "$T/out.d/$file")" = '600 regular file' ] || fail "$file is not a file of ours alone"
    grep -v Opgemaakt "$T/out.d/$file" | cmp -s - "$T/shown" || fail "$file is not what goes to standard output"
done
[ "$(cat "$T/elsewhere")" = old ] || fail "the link was followed"
[ "$(find "$T/out.d" | wc -l)" -eq 4 ] || fail "something was left over: $(ls -A "$T/out.d")"
(cd "$T/out.d" && "$WAARBORG" -c "$T/waarborg.conf" breach draft "$ref" AP --out here >/dev/null) || fail "no file in the present directory"
[ -s "$T/out.d/here" ] || fail "the file is not in the present directory"

while IFS='|' read -r arguments sentence; do
    # shellcheck disable=SC2086 # a list of words
    waarborg breach draft $arguments
    expect_status 2
    expect_err "$sentence"
    [ ! -s "$T/out" ] || fail "$arguments printed something"
done <<TABLE
$ref ap --out $T/none/x.html|directory cannot be opened: No such file
$ref ap --out $T/elsewhere/x|directory cannot be opened: Not a directory
$ref ap --out $T/out.d/|names a directory
$ref ap --out .|names a directory
$ref|say of which breach, and for whom: waarborg breach draft DL-2026-0007 ap
$ref customers|no draft for 'customers'; there is one for ap
$ref ap twice|say of which breach
DL-2026-9999 ap|there is no breach DL-2026-9999
seven ap|names no breach; a reference looks like DL-2026-0007
$ref ap --lang de|--lang 'de' is not known; nl or en
$ref ap --format pdf|--format 'pdf' is not known; text, html or json
$ref ap --json --format text|--json and --format text exclude
TABLE
waarborg breach draft "$ref" ap --out "$T/out.d"
expect_status 3
waarborg --json breach draft "$ref" ap
expect_status 0
expect_json nl '{language}'
waarborg breach draft --help
expect_status 0
expect_out 'waarborg breach draft DL-2026-0007 ap --format html'

# A closed breach may be drafted; nothing changes by it.
ref=$bare_ref
sql "SELECT waarborg.breach_assess('$ref', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"because\": \"b\"}');
     SELECT waarborg.breach_measure_add('$ref', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"d\"}');
     SELECT waarborg.breach_amend('$ref', 1, '{\"consequences\": [\"CONF_WIDER\"], \"aware_at\": \"2026-11-01 10:00+01\"}', 'b');
     SELECT waarborg.breach_close('$ref', 'b')" >/dev/null
before=$(sql "SELECT seq, sha256 FROM waarborg.audit_head")
draft en text
expect_out '^Closed  '
expect_out '^First registered as  ' # aware was moved
expect_sql "$before" "SELECT seq, sha256 FROM waarborg.audit_head"

# ---- A new form is rows --------------------------------------------------------------------------

new_form() { # VERSION, VALID FROM, SOURCE, KIND
    sql "INSERT INTO waarborg.form_question SELECT form, '$1', now() + '$2', position, section, section_en, section_nl,
             code, label_en, label_nl, note_en, note_nl, kind, source, code_list, code_prefix, mandatory, mend
           FROM waarborg.form_question WHERE form = 'ap' AND version = '2018';
         INSERT INTO waarborg.form_question VALUES ('ap', '$1', now() + '$2', 99999, 10, 'New', 'Nieuw', 'EU_NEW',
             'New question', 'Nieuwe vraag', NULL, NULL, '$4', '$3', NULL, NULL, 'always', NULL)"
}
new_form 2027 '-1 day' nis2_aware_at instant
new_form 2028 '1 day' nis2_aware_at instant
ref=$full_ref
all_formats
expect_json 2027 '{version}'
expect_missing EU_NEW
expect_ask "waarborg breach amend $ref --set nis2_aware_at=... --because ..." \
    "SELECT m ->> 'mend' FROM jsonb_array_elements(:'d'::jsonb -> 'missing') AS m"
grep -q '^10\. Nieuw$' "$T/draft.nl.text" || fail "the new section is not there"
sql "SELECT waarborg.breach_amend('$ref', 1, '{\"nis2_aware_at\": \"2026-10-23 15:30+02\"}', 'b')" >/dev/null
all_formats
expect_missing ''
expect_ask 'Fri 2026-10-23 15:30 +02:00|2026-10-23T15:30:00+02:00' "SELECT q ->> 'text', q ->> 'answer' FROM q WHERE code = 'EU_NEW'"
for change in "UPDATE waarborg.form_question SET mandatory = 'never'" 'DELETE FROM waarborg.form_question'; do
    ! sql "$change" 2>/dev/null || fail "a form was changed: $change"
done
new_form 2029 '-1 hour' shoe_size number
waarborg breach draft "$ref" ap
expect_status 3
expect_err "question EU_NEW of form ap, version 2029, asks for 'shoe_size', which this program does not know"
