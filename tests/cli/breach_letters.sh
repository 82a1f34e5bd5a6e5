# breach letters and breach returned: what is refused before a letter goes, who gets which letter and
# what it says, a mail system that fails, signals, customers who are gone, and what comes back.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/letters.sh"
. "$ROOT/tests/harness/json.sh"

letters_db letters 6
cp "$T/waarborg.conf" "$T/good.conf"
cp -r "$ROOT/conf/templates" "$T/templates"

said() { # REGEX, in output or messages
    cat "$T/out" "$T/err" >"$T/said"
    grep -qE -e "$1" "$T/said" || fail "nothing says: $1"
}
letters() {
    waarborg breach letters "$breach" "$@"
}
states() { # of the affected, in their order
    expect_sql "$1" "SELECT string_agg(f.state, ' ' ORDER BY f.id) FROM waarborg.affected AS f
        JOIN waarborg.breach AS b ON b.id = breach_id WHERE b.reference = '$breach'"
}
mails() {
    [ "$(mailed | wc -l)" -eq "$1" ] || fail "$(mailed | wc -l) mails went, expected $1"
    [ -z "$(mailed | uniq -d)" ] || fail "a letter went twice"
}
no_mails() {
    rm -rf "$T/mta/mail" "$T/mta/exit" "$T/mta/delay"
}

# ---- What is refused: nothing goes, nothing is begun ------------------------------------------

# SQL before | change of the configuration (sed) | options | exit code | messages, each must be there
letters_breach 2
start=$breach
while IFS='|' read -r before change options code expected; do
    echo "case: $expected"
    breach=$start
    sed -e "$change" "$T/good.conf" >"$T/waarborg.conf"
    case $before in
    new) letters_breach 2 ;;
    new*)
        letters_breach 2
        set_fields "${before#new }"
        ;;
    unassessed)
        letters_breach 0
        sql "SELECT waarborg.affected_add('$breach', 'customers', '{\"{1}\"}')" >/dev/null
        ;;
    no)
        letters_breach 2
        sql "SELECT waarborg.breach_assess('$breach', '{\"risk\": \"risk\", \"notify_ap\": true,
            \"notify_customers\": false, \"because\": \"b\"}')" >/dev/null
        ;;
    esac
    [ "$before" != unassessed ] || breach=$(sql "SELECT waarborg.breach_open('{\"title\": \"t\", \"what_happened\": \"w\",
        \"aware_at\": \"2026-10-23 15:00+02\", \"nature\": [\"INTEGRITY\"]}')")
    # shellcheck disable=SC2086
    letters $options
    expect_status "$code"
    echo "$expected" | tr '~' '\n' >"$T/expected"
    while read -r regex; do
        said "$regex"
    done <"$T/expected"
    expect_sql 0 "SELECT count(*) FROM waarborg.letter"
    mails 0
done <<'CASES'
unassessed||--send|2|not decided yet whether they are told; waarborg breach assess DL
no||--send|2|it is decided that they are not told
no||--out brieven|2|it is decided that they are not told
new {"summary_nl": null, "advice_nl": null, "measures_nl": null, "consequences": null, "harm": null}|s/dpo = {[^}]*};//|--send|2|summary_nl: is empty; letters in Dutch~advice_nl: is empty~measures_nl: is empty~consequences: is empty~contact_name: letters say whom to ask~5 faults
new {"summary_en": null}||--lang en|2|--lang goes with --preview
||--send --out x|2|exclude one another
||--preview --lang de|2|--lang .de. is no language
||--again|2|--again goes with
||--send --fallback de|2|--fallback 'de' is no language
|s/mail_from = "[^"]*";//|--send|2|breach.mail_from: is missing in .*waarborg.conf
|s/email = "email";//|--send|2|contact.email: policy customers has none in line [0-9]+
|s/address = ( [^)]*);//|--out x|2|contact.address: policy customers has none
|s/contact = {[^}]*};//|--send|2|nothing says how to reach a subject; add .* contact = \{ name =
|s/name = "name"; email/name = "nom"; email/|--send|2|policy customers: contact \(line [0-9]+\): klant.customer has no column nom
|s/name = "customers"/name = "clients"/|--send|2|customers of policy customers are affected
|s#templates = "[^"]*"#templates = "/nonexistent"#|--send|2|letter.nl.txt
CASES

# Templates.  What is done to letter.nl.txt | message
sed "s#templates = \"[^\"]*\"#templates = \"$T/templates\"#" "$T/good.conf" >"$T/waarborg.conf"
breach=$start
while IFS='|' read -r change expected; do
    sed -e "$change" "$ROOT/conf/templates/letter.nl.txt" >"$T/templates/letter.nl.txt"
    letters --send
    expect_status 2
    said "$expected"
    expect_sql 0 "SELECT count(*) FROM waarborg.letter"
done <<'CASES'
s/{{advice}}/{{advise}}/|letter.nl.txt:[0-9]+: \{\{advise\}\} is unknown; did you mean advice
s/{{advice}}/{{advice/|letter.nl.txt:[0-9]+
s/^Onderwerp:/Over:/|no line begins with Subject: or Onderwerp:
CASES
cp "$T/good.conf" "$T/waarborg.conf"

# Only one at a time.
psql -XAtq -d "$db" -c "SELECT pg_advisory_lock(x'7761617262670000'::bigint + (1::bigint << 32) + id)
    FROM waarborg.breach WHERE reference = '$breach'" -c 'SELECT pg_sleep(60)' >"$T/locked" &
locker=$!
harness_children="$harness_children $locker"
is_locked() {
    [ "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")" -gt 0 ]
}
wait_for 10 is_locked
letters --send
expect_status 75
expect_err 'another waarborg is at work on the letters'
kill "$locker"
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()" >/dev/null

# ---- What is shown before ---------------------------------------------------------------------

letters_breach
set_fields '{"summary_en": null}'
letters
expect_status 1
expect_out '6 customers still have to be told'
expect_out 'By mail \(--send\): 6 letters, 4 in Dutch and 2 in English'
expect_out '^summary_en: is empty; letters in English need'
expect_out 'with --fallback nl customers who read English get the Dutch letter'
letters --send
expect_status 2
letters --preview --lang en
expect_status 1
expect_out '\[summary_en is still empty\]'
expect_err '^summary_en: is empty'
letters --json
expect_json 2 '{send,languages,en}'
letters --fallback nl
expect_status 0
expect_out '6 letters, 6 in Dutch and 0 in English'
set_fields '{"summary_en": "Stolen."}'
expect_sql 0 "SELECT count(*) FROM waarborg.letter"

# ---- Who gets which letter --------------------------------------------------------------------

# Language | salutation | name | what the letter on paper says, and what it does not
while IFS='|' read -r language greeting name present absent; do
    sql "UPDATE klant.customer SET language = nullif('$language', '~'), greeting = nullif('$greeting', '~'),
             name = '$name' WHERE id = 1"
    letters_breach 1
    rm -rf "$T/brieven"
    letters --out "$T/brieven"
    expect_status 0
    cat "$T"/brieven/*.txt >"$T/letter"
    grep -qE -e "$present" "$T/letter" || fail "the letter ($language) does not say: $present"
    ! grep -E -e "$absent" "$T/letter" >&2 || fail "the letter ($language) says: $absent"
done <<'CASES'
~|~|Jansen|^Beste Jansen,$|Dear
de|~|Jansen|^Beste Jansen,$|Dear
English|~|Jansen|^Dear Jansen,$|Beste
EN_us|Dear Ms O''Brien, |O''Brien|^Dear Ms O.Brien,$|Dear O
nl|~| |^Beste klant,$|Jansen
nl|~|Zoë {{advice}}|^Beste Zoë \{\{advice\}\},$|advies
nl|~|Onderwerp: gratis|^ Onderwerp: gratis$|^Onderwerp: gratis
CASES
sql "UPDATE klant.customer SET language = 'nl', greeting = NULL, name = 'Jansen nummer 1' WHERE id = 1"
[ "$(stat -c %a "$T/brieven")" = 700 ] && [ "$(stat -c %a "$T"/brieven/*.txt)" = 600 ] ||
    fail "others may read the letters"

# The content of Art. 34(2), and the address: postcode and place on one line.
letters_breach 3
rm -rf "$T/brieven"
letters --out "$T/brieven"
for words in 'Dorpsstraat 1' '1234 AB Ons Dorp' 'laptop met uw gegevens' 'donderdag 22 oktober 2026 om 21:30 uur' \
    '- gegevens verder verspreid' '- identiteitsdiefstal' 'op afstand gewist' 'Wijzig uw wachtwoord' \
    'A. de Vries' '020 123 45 67' 'fg@proef.example' "$breach"; do
    grep -qF -e "$words" "$(find "$T/brieven" -type f | sort | head -n 1)" || fail "the letter does not say: $words"
done
grep -q '^We erased the laptop' "$(find "$T/brieven" -type f | sort | tail -n 1)" || fail "the third letter is not English"

# When: what the register has | what the Dutch letter says
while IFS='|' read -r fields expected; do
    set_fields "$fields"
    letters --preview
    expect_out "$expected"
done <<'CASES'
{"occurred_to": "2026-10-25 02:30+01"}|Tussen donderdag 22 oktober 2026 om 21:30 uur en zondag 25 oktober 2026 om 02:30 uur\.
{"occurred_from": null}|Uiterlijk op zondag 25 oktober
{"occurred_to": null}|Dat weten wij nog niet precies
{"occurred_from": "2026-10-22 21:30+02", "ongoing": "YES"}|Sinds donderdag .* Het is nog niet voorbij
CASES

# Without measures_nl: the measures as they are registered.
set_fields '{"measures_nl": null}'
sql "SELECT waarborg.breach_measure_add('$breach', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"Gewist\"}'),
            waarborg.breach_measure_add('$breach', '{\"type\": \"PREVENT\", \"status\": \"proposed\", \"description\": \"Versleutelen\"}')" >/dev/null
letters --preview
expect_out '^- Gewist$'
expect_out '^- Versleutelen \(dit gaan wij nog doen\)$'

# ---- By mail, and who is not reached so -------------------------------------------------------

sql "UPDATE klant.customer SET email = NULL WHERE id = 2; UPDATE klant.customer SET email = 'geen adres' WHERE id = 3;
     UPDATE klant.customer SET street = NULL, postcode = ' ', city = NULL WHERE id = 3"
letters_breach
sql "DELETE FROM klant.web_visit WHERE customer_id = 6; DELETE FROM klant.contact WHERE customer_id = 6;
     DELETE FROM klant.complaint WHERE customer_id = 6; DELETE FROM klant.payment WHERE agreement_id = 6;
     DELETE FROM klant.agreement WHERE customer_id = 6; DELETE FROM klant.customer WHERE id = 6"
letters --send --json
expect_status 1
expect_json 3 '{letters}'
expect_json 3 '{to_tell}'
expect_json 2 '{not,no_email}'
expect_json 1 '{not,gone}'
mails 3
states 'told to_tell to_tell told told to_tell'
! grep -rl 'Dorpsstraat' "$T/mta/mail" || fail "a mail holds an address"
grep -q '^Subject: datalek bij Proefbedrijf' "$T"/mta/mail/* || fail "no mail has the subject"
letters --send
expect_status 1
mails 3
letters --out "$T/papier"
expect_status 1
expect_out '1 letter written'
expect_out '1 has no postal address'
expect_out '1 is not in the database any more'
states 'told told to_tell told told to_tell'
waarborg breach affected "$breach" --exempt --all --because 'no way to reach them' -p customers
expect_status 0
letters --send
expect_status 0
expect_out 'nobody still has to be told'
expect_sql 0 "SELECT count(*) FROM waarborg.letter WHERE done_at IS NULL AND dropped_at IS NULL"

# ---- A mail system that fails -----------------------------------------------------------------

sql "UPDATE klant.customer SET email = 'klant' || id || '@klanten.example', street = 'Dorpsstraat ' || id"
letters_breach
no_mails
echo 75 >"$T/mta/exit"
letters --send
expect_status 1
expect_out 'took none of the last 3 letters'
mails 0
expect_sql 0 "SELECT count(*) FROM waarborg.letter WHERE started_at IS NOT NULL AND done_at IS NULL"
echo '67 ^To: .*klant2@' >"$T/mta/exit"
letters --send
expect_status 1
expect_out '4 letters handed'
expect_out '1 was refused by the mail system'
mails 4
rm "$T/mta/exit"
letters --send
expect_status 0
expect_out 'Every affected customer has been told; their clock was met on'
mails 5
sed -i 's#sendmail = "[^"]*"#sendmail = "/nonexistent/sendmail"#' "$T/waarborg.conf"
letters_breach
letters --send
expect_status 2
expect_sql 0 "SELECT count(*) FROM waarborg.letter WHERE started_at IS NOT NULL AND done_at IS NULL"
cp "$T/good.conf" "$T/waarborg.conf"

# A signal: the present letter is finished, the rest waits.  Also while it waits for the pace.
for pace in 6000 30; do
    sed "s/letters_per_minute = 6000/letters_per_minute = $pace/" "$T/good.conf" >"$T/waarborg.conf"
    letters_breach
    no_mails
    mkdir "$T/mta/mail"
    [ "$pace" = 30 ] || echo 0.6 >"$T/mta/delay"
    waarborg_start breach letters "$breach" --send
    wait_for 10 sh -c "[ -n \"\$(ls -A '$T/mta/mail')\" ]"
    sleep 0.3
    kill -TERM "$started"
    waarborg_wait
    expect_status 75
    expect_out '1 letter handed'
    expect_out 'the same command goes on where it was'
    mails 1
    rm -f "$T/mta/delay"
done
cp "$T/good.conf" "$T/waarborg.conf"
letters --send
expect_status 0
mails 5

# ---- Cut off, then the other way --------------------------------------------------------------

# A run was cut off: customers 1 and 2 were begun by mail, 3 on paper.
letters_breach
no_mails
sql "SELECT waarborg.letters_prepare('$breach');
     SELECT waarborg.letters_start((SELECT array_agg(l.id) FROM waarborg.letter AS l JOIN waarborg.affected AS f ON f.id = affected_id
         WHERE done_at IS NULL AND dropped_at IS NULL AND l.breach_id = (SELECT max(id) FROM waarborg.breach)
           AND subject_key IN ('{1}', '{2}')), 'mail');
     SELECT waarborg.letters_start((SELECT array_agg(l.id) FROM waarborg.letter AS l JOIN waarborg.affected AS f ON f.id = affected_id
         WHERE done_at IS NULL AND dropped_at IS NULL AND l.breach_id = (SELECT max(id) FROM waarborg.breach)
           AND subject_key = '{3}'), 'file')" >/dev/null
rm -rf "$T/brieven"
letters --out "$T/brieven"
expect_status 1
expect_out '3 letters written'
expect_out '1 of them had been begun by a run that was cut off, and were not in'
expect_out '2 may have got a mail from a run that was cut off'
letters --out "$T/brieven" --again
expect_status 0
expect_out '2 letters written'

# Everybody who is settled meanwhile has no letter waiting, whoever writes.
letters_breach
sql "SELECT waarborg.letters_prepare('$breach')" >/dev/null
sql "SELECT waarborg.affected_forget('klant.customer', '{\"{1}\"}', ARRAY[sha256('x')])" >/dev/null
sql "SELECT settled FROM waarborg.affected_told('$breach', 'customers', '{\"{2}\"}', NULL, 'telephone')" >/dev/null
sql "SELECT settled FROM waarborg.affected_exempt('$breach', 'customers', '{\"{3}\"}', 'test')" >/dev/null
expect_sql 2 "SELECT count(*) FROM waarborg.letter WHERE done_at IS NULL AND dropped_at IS NULL
              AND breach_id = (SELECT max(id) FROM waarborg.breach)"
no_mails
letters --send
expect_status 0
mails 2
states 'disposed told exempt told told'

# ---- Directories ------------------------------------------------------------------------------

letters_breach
mkdir -m 755 "$T/open"
: >"$T/file"
for out in "$T/open" "$T/file" "$T/none/none"; do
    letters --out "$out"
    [ "$status" -eq 2 ] || [ "$status" -eq 3 ] || fail "--out $out gave $status"
    expect_sql 0 "SELECT count(*) FROM waarborg.letter WHERE breach_id = (SELECT max(id) FROM waarborg.breach)"
done

# ---- What comes back --------------------------------------------------------------------------

no_mails
letters --send
expect_status 0
bounce() { # MESSAGE-ID [ACTION [STATUS]]
    cat <<MAIL
From MAILER-DAEMON Mon Oct 26 13:00:00 2026
From: MAILER-DAEMON@mx.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

Sorry.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; klant@klanten.example
Action: ${2:-failed}
Status: ${3:-5.1.1}

--b1
Content-Type: message/rfc822

Message-ID: <$1>
Subject: A letter

x
--b1--

MAIL
}
first=$(mailed | sed -n 1p)
second=$(mailed | sed -n 2p)
third=$(mailed | sed -n 3p)
{
    bounce "$first"
    bounce "$first"
    bounce "$second" delayed 4.4.7
    bounce "$third" failed unknown
    bounce "$(echo "$second" | sed 's/\.[0-9a-f]*@/.0123456789abcdef@/')"
    bounce 'somebody@else.example'
    bounce 'waarborg.letter.99999999999999999999.0123456789abcdef@x'
    bounce "waarborg.letter.1'.0123456789abcdef@x"
    printf 'From x Mon Oct 26 13:00:00 2026\nSubject: on holiday\n\nback on Monday\n\n'
    head -c 3000 /dev/urandom
} >"$T/mbox"
waarborg breach returned --from "$T/mbox" --json
expect_status 1
expect_json 2 '{returned}'
expect_json 1 '{already}'
expect_json 4 '{unknown}'
expect_json 1 '{not_failed}'
expect_json "$breach" '{breaches,0,breach}'
expect_sql '2' "SELECT count(*) FROM waarborg.affected WHERE state = 'returned'"
expect_sql '5.1.1' "SELECT string_agg(status, ' ') FROM waarborg.letter WHERE returned_at IS NOT NULL"
waarborg breach returned --from - <"$T/mbox"
expect_status 0
expect_out '3 had come back before'
waarborg breach returned --from "$T/nothing"
expect_status 3
waarborg breach returned
expect_status 2
letters --send
expect_status 1
expect_out '2 got mail that came back'
mails 5
letters --out "$T/retour"
expect_status 0
expect_out '2 letters written'
states 'told told told told told'
waarborg breach returned --from "$T/mbox"
expect_status 0
states 'told told told told told'

# ---- Who may not read the customers is told what is missing -----------------------------------

letters_breach 1
officer=wt_$$_officer
sql "CREATE ROLE $officer LOGIN;
    GRANT USAGE ON SCHEMA waarborg TO $officer;
    GRANT ALL ON ALL TABLES IN SCHEMA waarborg TO $officer;
    GRANT ALL ON ALL FUNCTIONS IN SCHEMA waarborg TO $officer"
cp "$T/waarborg.conf" "$T/owner.conf"
sed -i "s/user='[^']*'/user='$officer'/" "$T/waarborg.conf"
letters --send
expect_status 2
expect_err 'letters read how to reach the customers, which this user may not: .*42501: permission denied'
expect_err 'GRANT USAGE ON SCHEMA .* TO this user and GRANT SELECT ON klant\.customer TO this user'
cp "$T/owner.conf" "$T/waarborg.conf"
sql "DROP OWNED BY $officer; DROP ROLE $officer"

# ---- Nothing of a customer is in the messages -------------------------------------------------

refute_log 'Jansen|klanten\.example|Dorpsstraat|geen adres|Brien'
expect_sql 0 "SELECT count(*) FROM waarborg.audit WHERE concat(old, new) ~ 'Jansen|klanten|Dorpsstraat'"
