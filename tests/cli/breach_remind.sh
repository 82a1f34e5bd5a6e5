# `waarborg breach remind`: which step goes out when and to whom, each once; what becomes of a mail that
# the mail system does not take, of a clock that is met meanwhile, of two runs at once, and of faults in
# the configuration.  (kill -9 at each step: tests/fault/remind.sh)
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/reminders.sh"

# ---- Nothing is set up --------------------------------------------------------------------------------

echo "case: no group breach in the configuration"
register_db unset ''
waarborg -q breach remind
expect_status 0
breach '3 days'
waarborg breach remind
expect_status 0
breach '1 hour'
waarborg breach remind
expect_status 2
expect_err 'waarborg.conf: breach.mail_from: is missing'
register_conf 'breach = { mail_from = "a@b.example"; };'
waarborg breach remind --dry-run
expect_status 2
expect_err 'breach.security: is missing'
register_conf "$(breach_group | sed 's,templates = "[^"]*",templates = "'"$T"'/none",')"
waarborg breach remind
expect_status 2
expect_err "breach.templates: .*$T/none/reminder.en.txt"
mkdir "$T/words"
printf 'Subject: {{reference}}\n\n{{naam}} {{left}}\n{{clok}}\n' >"$T/words/reminder.en.txt"
printf 'No subject\n' >"$T/words/reminder.nl.txt"
register_conf "$(breach_group | sed 's,templates = "[^"]*",templates = "'"$T"'/words",')"
waarborg breach remind
expect_status 2
expect_err 'reminder.en.txt:3: \{\{naam\}\}.*reminder.en.txt:4: \{\{clok\}\} is unknown; .*clock'
waarborg breach remind --lang de
expect_status 2
expect_err "'de' is no language of ours; en or nl"
expect_sql 0 "SELECT count(*) FROM waarborg.reminder"
waarborg breach remind --lang nl
expect_status 2
expect_err 'reminder.nl.txt: its first line is no subject'
expect_mails 0
register_conf
waarborg breach remind
expect_status 0
expect_mails 1
expect_reminders "$ref" '48h:<1h 24h:<1h 12h:<1h 4h:<1h 1h:sent'
mails_forget

# ---- The steps: LEFT | STEP | HOW MANY IT COVERS | ESCALATED ----------------------------------------------

echo "case: which step has come"
register_db steps
cat >"$T/steps" <<'TABLE'
48 hours 1 minute|-|0|f
47 hours 59 minutes|48h|0|f
24 hours 1 minute|48h|0|f
23 hours 59 minutes|24h|1|f
12 hours 1 minute|24h|1|f
11 hours 59 minutes|12h|2|f
4 hours 1 minute|12h|2|f
3 hours 59 minutes|4h|3|f
1 hour 1 minute|4h|3|f
59 minutes|1h|4|f
1 minute|1h|4|f
-1 minute|0h|5|t
-23 hours -59 minutes|0h|5|t
-24 hours -1 minute|+1d|6|t
-47 hours -59 minutes|+1d|6|t
-48 hours -1 minute|+2d|7|t
-192 hours -1 minute|+8d|13|t
-216 hours -1 minute|+9d|13|t
-2400 hours -1 minute|+100d|13|t
TABLE
while IFS='|' read -r left step covers escalated; do
    breach "$left" "$left"
    printf '%s|%s|%s|%s\n' "$ref" "$step" "$covers" "$escalated" >>"$T/expected"
done <"$T/steps"
waarborg --json breach remind --dry-run
expect_status 0
expect_json 0 '{sent}'
expect_json would_send '{reminders,0,outcome}'
expect_sql 0 "SELECT count(*) FROM waarborg.reminder"
expect_mails 0
waarborg breach remind --dry-run
expect_out "^DL-[0-9-]+ +AP +\\+100d .* late +security, escalation +would be sent"
waarborg breach remind
expect_status 0
expect_out '^18 reminders sent\.$'
expect_mails 18
while IFS='|' read -r ref step covers escalated <&3; do
    if [ "$step" = - ]; then
        expect_reminders "$ref" ''
        continue
    fi
    expect_sql "$step|$covers" "SELECT max(r.step) FILTER (WHERE r.sent_at IS NOT NULL), count(r.covered_by)
        FROM waarborg.reminder AS r JOIN waarborg.breach AS b ON b.id = r.breach_id
        WHERE b.reference = '$ref' AND coalesce(r.covered_by, r.step) = '$step'"
    grep -lE "^Subject: $ref: " "$mta"/mail/* >"$T/its"
    [ "$(wc -l <"$T/its")" -eq 1 ] || fail "$ref has $(wc -l <"$T/its") mails"
    to=$(awk '/^[^ \t]/ { to = /^To:/ } to' "$(cat "$T/its")" | grep -o '[a-zA-Z]*@[a-z.]*' | tr '\n' ' ')
    case $escalated in
    f) expected='security@proefbedrijf.example fg@proefbedrijf.example ' ;;
    t) expected='security@proefbedrijf.example fg@proefbedrijf.example directie@proefbedrijf.example ' ;;
    esac
    [ "$to" = "$expected" ] || fail "$ref ($step) went to $to"
done 3<"$T/expected"
grep -q -- '-f register@proefbedrijf.example' "$mta/envelope" || fail "returned mail goes elsewhere"
mail_ids | grep -vE '^<waarborg\.reminder\.[0-9]+\.[0-9a-f]{16}@proefbedrijf\.example>$' &&
    fail "a Message-ID is not of the form"
[ "$(mail_ids | uniq -d)" = '' ] || fail "two mails have one Message-ID"
refute_log 'hours|minute' # the titles

echo "case: each step once"
waarborg breach remind
expect_status 0
expect_out '^No reminder is due\.$'
waarborg -q breach remind
[ ! -s "$T/out" ] && [ ! -s "$T/err" ] || fail "cron would mail something"
expect_mails 18
mails_forget

echo "case: a later step, and those that were missed before it"
breach '3 hours'
claimed "$ref" 12h sent
one=$ref
breach '3 hours'
claimed "$ref" 48h sent
two=$ref
breach '-26 hours'
claimed "$ref" 0h sent
three=$ref
breach '3 hours' # the mail system was away since
claimed "$ref" 48h sent
claimed "$ref" 24h
four=$ref
breach '3 hours' # a run that is being killed had it, while another claimed what came later
claimed "$ref" 24h
claimed "$ref" 4h sent
waarborg --json breach remind
expect_status 0
expect_json 4 '{sent}'
expect_json 1 '{dropped}'
expect_mails 4
expect_reminders "$one" '12h:sent 4h:sent'
expect_reminders "$two" '48h:sent 24h:<4h 12h:<4h 4h:sent'
expect_reminders "$three" '0h:sent +1d:sent'
expect_reminders "$four" '48h:sent 24h:<4h 12h:<4h 4h:sent'
expect_reminders "$ref" '24h:not overtaken 4h:sent'
mails_forget

# ---- What it says ---------------------------------------------------------------------------------------

if command -v python3 >/dev/null 2>&1 && command -v msmtp >/dev/null 2>&1; then
    echo "case: a real mail system, in two languages"
    . "$ROOT/tests/harness/receiver.sh"
    receiver_start
    register_db words
    sed -i "s,$mta/sendmail,$T/post/sendmail," "$T/waarborg.conf"
    breach '-90 minutes' 'Mailing naar één klant zonder bcc'
    waarborg breach remind
    expect_status 0
    expect_post 1
    post_decoded 1 >"$T/mail.en"
    sql "SELECT waarborg.breach_assess('$ref', jsonb_build_object('risk', 'high', 'notify_ap', true,
         'notify_customers', true, 'because', 'x', 'assessed_at', now() - interval '70 hours'))" >/dev/null
    waarborg breach remind --lang nl
    expect_status 0
    expect_post 2
    post_decoded 2 >"$T/mail.nl"
    sed -i 's/[A-Z][a-z][a-z] 20..-..-.. ..:..[0-9:]* +0[12]:00/INSTANT/;s/[a-z][a-z] 20..-..-.. ..:..[0-9:]* +0[12]:00/INSTANT/
            s/1 h 3[0-9] m late/LATE/; s/nog [12] u [0-5][0-9] m/LEFT/' "$T/mail.en" "$T/mail.nl"
    cat >"$T/mail.en.expected" <<MAIL
From: "Proefbedrijf B.V." <register@proefbedrijf.example>
To: security@proefbedrijf.example, fg@proefbedrijf.example, directie@proefbedrijf.example
Subject: $ref: notification to the AP, LATE

Breach register of Proefbedrijf B.V.: a reminder

    Breach    $ref
    Title     Mailing naar één klant zonder bcc
    Clock     notification to the AP
    Limit     INSTANT
    Now       LATE

What to do next:

    The limit has passed: do it now.
    Assess the risk.  Unless a risk to people is unlikely, the AP has to be
    notified before the limit; the notification need not be complete yet.
    The law asks for the reasons for the delay (GDPR art. 33(1)).

    waarborg breach assess $ref

All open clocks, the nearest first:

    waarborg breach due

Reminders of this clock (0h) stop when it is met, or when the register
says with reasons that it is not needed.
MAIL
    diff "$T/mail.en.expected" "$T/mail.en" >&2 || fail "the English mail is another"
    grep -qx "Subject: $ref: mededeling aan de klanten, LEFT" "$T/mail.nl" || fail "$(cat "$T/mail.nl")"
    grep -qx "    waarborg breach letters $ref --send" "$T/mail.nl" || fail "$(cat "$T/mail.nl")"
    grep -qx "    Termijn   INSTANT" "$T/mail.nl" || fail "$(cat "$T/mail.nl")"
    grep -qi '^Auto-Submitted: auto-generated' "$T/post/new/1" || fail "holiday notices would answer"
    [ "$(grep -hi '^In-Reply-To:' "$T/post/new/1" "$T/post/new/2" | sort -u | wc -l)" -eq 1 ] ||
        fail "the reminders of a breach are no thread"
else
    echo "not run: python3 or msmtp is not installed (the text of the mails)"
fi

# ---- The mail system takes none --------------------------------------------------------------------------

echo "case: one mail is not taken, the others go"
register_db failing
breach '2 hours' && bad=$ref
breach '2 hours'
echo "75 ^Subject: $bad" >"$mta/exit"
waarborg breach remind
expect_status 1
expect_out '^1 reminder sent; 1 could not be sent, the next run tries again\.$'
expect_err "event=breach.remind.mail_failed breach=$bad clock=ap step=4h .*EX_TEMPFAIL"
expect_reminders "$bad" '48h:<4h 24h:<4h 12h:<4h 4h:unsent'
waarborg --json breach remind
expect_status 1
expect_json EX_TEMPFAIL '{reminders,0,because}'
rm "$mta/exit"
waarborg breach remind
expect_status 0
expect_mails 2
expect_reminders "$bad" '48h:<4h 24h:<4h 12h:<4h 4h:sent'
[ "$(mail_ids | uniq | wc -l)" -eq 2 ] || fail "not two Message-IDs"
mails_forget

echo "case: no mail at all is taken: five tries, then the next run"
for i in 1 2 3 4 5 6 7; do breach "$i hours"; done
echo 75 >"$mta/exit"
waarborg breach remind
expect_status 1
expect_out '^0 reminders sent; 7 could not be sent'
expect_err 'event=breach.remind.put_off reminders=2 reason="the mail system takes no mail"'
[ "$(wc -l <"$mta/tries")" -eq 5 ] || fail "$(wc -l <"$mta/tries") tries"
waarborg breach remind
[ "$(wc -l <"$mta/tries")" -eq 10 ] || fail "$(wc -l <"$mta/tries") tries"
echo "case: a sendmail that is not there"
mv "$mta/sendmail" "$mta/away"
waarborg breach remind
expect_status 2
expect_err 'sendmail cannot be run.*install a mail system, or name the sendmail'
mv "$mta/away" "$mta/sendmail"
rm "$mta/exit"

echo "case: what was settled meanwhile is not sent"
refs=$(sql "SELECT reference FROM waarborg.breach ORDER BY id OFFSET 2")
# shellcheck disable=SC2086 # one a word
set -- $refs
sql "SELECT waarborg.breach_notify(ARRAY['$1'], jsonb_build_object('recipient', 'ap', 'kind', 'initial',
            'sent_at', now(), 'complete', true));
     SELECT waarborg.breach_assess('$2', jsonb_build_object('risk', 'unlikely', 'notify_ap', false, 'because', 'x'));
     SELECT waarborg.breach_amend('$3', 1, jsonb_build_object('aware_at', now() - interval '71 hours'), 'x')" >/dev/null
waarborg --json breach remind --dry-run
expect_json 3 '{dropped}'
waarborg breach remind
expect_status 0
expect_out '^5 reminders sent\.$'
expect_mails 5
expect_reminders "$1" '48h:<1h 24h:<1h 12h:<1h 4h:<1h 1h:not met'
expect_reminders "$2" '48h:<4h 24h:<4h 12h:<4h 4h:not not_needed'
expect_sql '2|1|1' "SELECT count(DISTINCT due_at), count(sent_at), count(*) FILTER (WHERE dropped_because = 'moved')
    FROM waarborg.reminder AS r JOIN waarborg.breach AS b ON b.id = r.breach_id
    WHERE b.reference = '$3' AND covered_by IS NULL"
waarborg breach remind
expect_out '^No reminder is due'
mails_forget

# ---- Two at once, and a signal --------------------------------------------------------------------------

echo "case: four at once send each once"
for i in 1 2 3 4 5 6; do breach '-1 hour'; done
echo 0.3 >"$mta/delay"
others=''
for i in 1 2 3; do
    "$WAARBORG" -q -c "$T/waarborg.conf" breach remind >"$T/other$i" 2>&1 &
    others="$others $!"
done
waarborg breach remind
expect_status 0
for other in $others; do
    wait "$other" || fail "one of them failed: $(cat "$T"/other?)"
done
expect_mails 6
[ "$(mail_ids | uniq | wc -l)" -eq 6 ] || fail "a mail went twice"
expect_sql 0 "SELECT count(*) FROM waarborg.reminder
              WHERE sent_at IS NULL AND covered_by IS NULL AND dropped_because IS NULL"
mails_forget

echo "case: SIGTERM lets it finish the mail it is at"
for i in 1 2 3; do breach '-1 hour'; done
waarborg_start breach remind
wait_for 20 test -s "$mta/tries"
kill "$started"
waarborg_wait
expect_status 1
expect_out '^1 reminder sent; 2 could not be sent'
rm "$mta/delay"
waarborg breach remind
expect_status 0
expect_mails 3
[ "$(mail_ids | uniq | wc -l)" -eq 3 ] || fail "not three Message-IDs"
mails_forget

echo "case: the configuration names no organisation"
cp "$T/waarborg.conf" "$T/named.conf"
sed -i '/^organisation = /d' "$T/waarborg.conf"
breach '10 hours'
waarborg breach remind --lang nl
expect_status 0
expect_mails 1
grep -q '^Datalekregister van deze organisatie' "$mta"/mail/* || fail "the mail does not say whose register it is"
cp "$T/named.conf" "$T/waarborg.conf"
mails_forget

echo "case: another database never has the same Message-ID, the same one always has"
breach '10 hours'
claimed "$ref" 12h
here=$db
new_db_from "$here" copy
sed "s/dbname='$here'/dbname='$db'/" "$T/waarborg.conf" >"$T/copy.conf"
chmod 600 "$T/copy.conf"
waarborg --json breach remind --dry-run
sed -n 's/.*"message_id": "\(.*\)".*/<\1>/p' "$T/out" >"$T/told"
waarborg breach remind
mail_ids >"$T/sent"
cmp "$T/told" "$T/sent" >&2 || fail "the dry run named another Message-ID"
last_command='waarborg breach remind (copy)'
"$WAARBORG" -q -c "$T/copy.conf" breach remind || fail "the copy failed"
[ "$(mail_ids | uniq | wc -l)" -eq 2 ] || fail "two databases share a Message-ID"

echo "case: the database is away"
sed -i "s/dbname='[^']*'/dbname='nowhere'/" "$T/waarborg.conf"
waarborg breach remind
expect_status 3
