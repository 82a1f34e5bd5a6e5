# Letters that really arrive: by msmtp and SMTP at a mail server on this machine (receiver.sh).  One
# recipient is refused for now and one for good; the others get theirs, and the run after gets the rest
# there.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/letters.sh"
. "$ROOT/tests/harness/receiver.sh"

receiver_start
letters_db post 5
sql "UPDATE klant.customer SET name = 'Zoë \"de\" Vries, weduwe', greeting = 'Geachte mevrouw De Vries' WHERE id = 1"
sed -i "s#sendmail = \"[^\"]*\"#sendmail = \"$T/post/sendmail\"#" "$T/waarborg.conf"
letters_breach
set_fields '{"summary_nl": "Een café-laptop is gestolen.\n\nFrom nu af is hij weg.\n.\nHet spijt ons."}'

echo '451 ^klant4@' >"$T/post/answer"
waarborg breach letters "$breach" --send
expect_status 1
expect_out '4 letters handed'
expect_post 4
rm "$T/post/answer"
waarborg breach letters "$breach" --send
expect_status 0
expect_out '1 letter handed'
expect_post 5

sort "$T/post/envelope" >"$T/envelope"
for n in 1 2 3 4 5; do
    [ "$(grep -c "klant$n@klanten.example" "$T/envelope")" = 1 ] || fail "customer $n is not in the envelopes once"
done
grep -q 'privacy@proef.example' "$T/envelope" || fail "returned mail would not come back to mail_from"
number=$(grep 'klant1@' "$T/post/envelope" | cut -d' ' -f1)
post_decoded "$number" >"$T/letter"
for line in 'From: "Proefbedrijf B.V." <privacy@proef.example>' 'Subject: datalek bij Proefbedrijf B.V.: dit moet u weten (DL-2026-0001)' \
    'Geachte mevrouw De Vries,' 'Een café-laptop is gestolen.' 'From nu af is hij weg.' '.' 'Met vriendelijke groet,'; do
    grep -qxF -e "$line" "$T/letter" || fail "the mail has no line: $line"
done
grep -q 'Zoë' "$T/letter" || fail "the mail does not name its customer"
! grep -E 'Dorpsstraat|1234 AB' "$T/letter" || fail "the mail holds an address"
refute_log 'Zoë|klanten\.example|weduwe'
