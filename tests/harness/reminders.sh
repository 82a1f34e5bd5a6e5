# A register of breaches with limits to be reminded of.  Source it after lib.sh and night.sh.
#
#   register_db NAME [GROUP]   $db with the schema, and the configuration with the group `breach`, whose
#                              sendmail is $mta (tests/harness/sendmail.sh); GROUP instead of it
#   breach LEFT [TITLE]        opens one whose AP limit is LEFT (an interval, '-1 minute' = past) from now;
#                              its reference is $ref
#   mails                      how many the mail system took; mail_ids: their Message-IDs, sorted, one
#                              a line
#   reminders REF              its reminders as step:outcome, the steps in their order

mta=$T/mta
mkdir "$mta"
cp "$ROOT/tests/harness/sendmail.sh" "$mta/sendmail"
chmod 755 "$mta/sendmail"

breach_group() {
    cat <<CONF
breach = { templates = "$ROOT/conf/templates"; sendmail = "$mta/sendmail";
           mail_from = "register@proefbedrijf.example";
           security = [ "security@proefbedrijf.example", "fg@proefbedrijf.example" ];
           escalation = [ "directie@proefbedrijf.example", "FG@proefbedrijf.example" ]; };
CONF
}

register_conf() {
    small_policy | write_conf unsealed
    printf '%s\n' "${1-$(breach_group)}" >>"$T/waarborg.conf"
}

register_db() {
    new_db "$1"
    shift
    register_conf "$@"
    waarborg migrate
    expect_status 0
}

breach() {
    ref=$(sql "SELECT waarborg.breach_open(jsonb_build_object('title', '${2:-Brief verkeerd bezorgd}',
        'what_happened', 'x', 'nature', jsonb_build_array('CONFIDENTIALITY'),
        'aware_at', date_trunc('second', now()) - interval '72 hours' + interval '$1'), '{}', 72, 336)") ||
        fail "a breach cannot be opened"
}

mails() {
    find "$mta/mail" -type f ! -name '.*' 2>/dev/null | wc -l
}

expect_mails() {
    [ "$(mails)" -eq "$1" ] || fail "$(mails) mails were sent, expected $1"
}

mail_ids() {
    cat "$mta"/mail/* 2>/dev/null | sed -n 's/^Message-I[Dd]: *//p' | sort
}

mails_forget() {
    rm -rf "$mta/mail" "$mta/tries" "$mta/envelope"
}

reminders() {
    sql "SELECT string_agg(r.step || ':' || coalesce('<' || r.covered_by, 'not ' || r.dropped_because,
                                                     CASE WHEN r.sent_at IS NULL THEN 'unsent' ELSE 'sent' END),
                           ' ' ORDER BY CASE WHEN r.step LIKE '+%' THEN substr(r.step, 2, length(r.step) - 2)::integer
                                             ELSE -rtrim(r.step, 'h')::integer END)
           FROM waarborg.reminder AS r JOIN waarborg.breach AS b ON b.id = r.breach_id
          WHERE b.reference = '$1'"
}

expect_reminders() { # REF WORDS
    actual=$(reminders "$1")
    [ "$actual" = "$2" ] || fail "the reminders of $1 are '$actual', expected '$2'"
}

# claimed REF STEP [sent]: a row as a run has left it, made by hand.
claimed() {
    sql "INSERT INTO waarborg.reminder (breach_id, clock, due_at, step, claimed_at, sent_at)
         SELECT c.breach_id, c.clock, c.due_at, '$2', now(), CASE WHEN '${3:-}' = 'sent' THEN now() END
           FROM waarborg.breach_clock_state AS c WHERE c.reference = '$1' AND c.clock = 'ap'"
}
