# A breach with customers to write to, for breach_letters.sh and fault/letters.sh.  Source it after
# night.sh.
#
#   letters_db NAME CUSTOMERS   $db (see small_db) with how to reach the customers; every third reads
#                               English; the mail system ($T/mta/sendmail, tests/harness/sendmail.sh) and
#                               the configuration, letters as fast as they can
#   letters_breach [AFFECTED]   a breach, assessed, with all texts, that affects them (all), in $breach
#   set_fields JSON             amends it
#   mailed                      the Message-IDs that the mail system took, sorted

letters_db() {
    small_db "$1" "$2"
    sql "UPDATE klant.agreement SET ended_on = NULL;
         ALTER TABLE klant.customer ADD email text, ADD street text, ADD postcode text, ADD city text,
             ADD language text, ADD greeting text;
         UPDATE klant.customer SET email = 'klant' || id || '@klanten.example', street = 'Dorpsstraat ' || id,
             postcode = '1234 AB', city = 'Ons Dorp', language = CASE WHEN id % 3 = 0 THEN 'en-GB' ELSE 'nl' END"
    mkdir -p "$T/mta"
    cp "$ROOT/tests/harness/sendmail.sh" "$T/mta/sendmail"
    chmod 755 "$T/mta/sendmail"
    small_policy | sed 's/key = \[ "id" \];/& contact = { name = "name"; email = "email"; language = "language"; salutation = "greeting"; address = ( "street", [ "postcode", "city" ] ); };/' |
        write_conf unsealed
    cat >>"$T/waarborg.conf" <<CONF
breach = { templates = "$ROOT/conf/templates"; sendmail = "$T/mta/sendmail";
           mail_from = "privacy@proef.example"; letters_per_minute = 6000; };
CONF
    sed -i 's/registration = "KvK 12345678";/& dpo = { name = "A. de Vries"; phone = "020 123 45 67"; email = "fg@proef.example"; };/' \
        "$T/waarborg.conf"
    start_policy
}

letters_breach() {
    breach=$(sql "SELECT waarborg.breach_open('{
            \"title\": \"t\", \"what_happened\": \"w\", \"aware_at\": \"2026-10-23 15:00+02\",
            \"occurred_from\": \"2026-10-22 21:30+02\", \"nature\": [\"CONFIDENTIALITY\"],
            \"consequences\": [\"CONF_WIDER\"], \"harm\": [\"IDENTITY_FRAUD\"],
            \"summary_nl\": \"Een laptop met uw gegevens is gestolen.\",
            \"summary_en\": \"A laptop with your data was stolen.\",
            \"advice_nl\": \"Wijzig uw wachtwoord.\", \"advice_en\": \"Change your password.\",
            \"measures_nl\": \"De laptop is op afstand gewist.\",
            \"measures_en\": \"We erased the laptop from here.\"}')" | tail -n 1)
    sql "SELECT waarborg.breach_assess('$breach', '{\"risk\": \"high\", \"notify_ap\": true,
            \"notify_customers\": true, \"because\": \"b\"}');
         SELECT added FROM waarborg.affected_add('$breach', 'customers',
             (SELECT array_agg(ARRAY[id]::text ORDER BY id) FROM klant.customer
               WHERE id <= ${1:-1000000000}))" >/dev/null
}

set_fields() {
    sql "SELECT waarborg.breach_amend('$breach', (SELECT version FROM waarborg.breach WHERE reference = '$breach'),
             '$1', 'test')" >/dev/null
}

mailed() {
    [ ! -d "$T/mta/mail" ] ||
        find "$T/mta/mail" -type f ! -name '.*' -exec sed -n 's/^Message-I[dD]: *<\(.*\)>.*/\1/p' {} + | sort
}
