# archive expire against holds in both orders, signals, a lost connection, a disk that refuses, a file
# that is not there.  Whatever was begun is finished or changes nothing; the next run says which.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/json.sh"
. "$ROOT/tests/harness/expiry.sh"

hold_waits() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name = 'waarborg/hold' AND wait_event_type = 'Lock'")" = 1 ]
}

expire_all() {
    waarborg --as-of "$(after 91)" archive expire --rehearsal
}

new_archive races 12
expire_gate

# The expiry has the lock and has seen no hold: whoever comes now waits, and is told that it is too
# late; a hold on another segment is placed at once.
gate_close 5
expire_start
wait_for 10 expire_at_gate
waarborg hold add "$(customer_in 2)" --kind complaint --reason dossier
expect_status 0
"$WAARBORG" -c "$T/waarborg.conf" hold add "$(customer_in 1)" --kind claim --reason dossier \
    >"$T/hold" 2>&1 &
hold=$!
harness_children="$harness_children $hold"
wait_for 10 hold_waits
gate_open
waarborg_wait
expect_status 0
status=0
wait "$hold" || status=$?
[ "$status" -eq 1 ] || fail "the hold gave exit code $status"
cp "$T/hold" "$T/err"
expect_err 'event=hold\.add\.failed sqlstate=WB006 message="this subject is not in table klant\.customer \(any more\), and its archive was destroyed at 20[0-9-]+T[0-9:]+[+]0[12]:00; no hold was placed"'
expect_expired "$segment_1 $segment_3 $segment_4 $segment_5 $segment_6"
expect_sql 1 "SELECT count(*) FROM waarborg.hold"
waarborg archive verify
expect_status 0

# The hold is being placed when the expiry comes by: it waits for it, and obeys.
# HOW IT ENDS | what becomes of the segment
while read -r ending fate; do
    echo "case: a hold that ends with $ending"
    new_archive "order_$ending" 4
    reference=$(sql "SELECT encode(reference, 'hex') FROM waarborg.disposal
                     WHERE segment_id = '$segment_1' LIMIT 1")
    app_begin
    app "BEGIN; SELECT waarborg.archive_hold_add('customers', decode('$reference', 'hex'), 'claim',
                                                 'dossier', NULL, now(), 'x')"
    expire_start 4>&-
    wait_for 10 expire_waits_for_lock
    expect_expired ''
    app "$ending"
    app_end
    waarborg_wait
    expect_status 0
    expect_out "^$segment_1 .* $fate"
    case $fate in
    destroyed) expect_expired "$segment_1 $segment_2" ;;
    *) expect_expired "$segment_2" ;;
    esac
done <<'CASES'
COMMIT kept by hold 1
ROLLBACK destroyed
CASES

# One that is never finished: the segment is left for the next run.
new_archive never 4
app_begin
app "BEGIN; SELECT id FROM waarborg.segment WHERE id = '$segment_1' FOR SHARE"
expire_all 4>&-
expect_status 1
expect_out "^$segment_1 .* busy$"
expect_out '^1 locked by somebody else; the next run tries again\.$'
expect_expired "$segment_2"
app "ROLLBACK"
app_end
expire_all
expect_status 0
expect_expired "$segment_1 $segment_2"

# A signal: the present segment is finished, no other is begun.
new_archive signals 6
expire_gate
for signal in TERM INT; do
    gate_close 5
    expire_start
    wait_for 10 expire_at_gate
    kill -s "$signal" "$started"
    sleep 0.3
    wait_for 2 expire_at_gate # still: the segment is not left alone
    gate_open
    waarborg_wait
    expect_status 75
    expect_out '^Stopped early: a signal asked to stop; the next run goes on\.$'
    expect_out '^1 of [23] segments past'
    expect_err 'event=archive\.expire\.done .*destroyed=1 .*outcome=stopped$'
done
expect_expired "$segment_1 $segment_2"
expire_all
expect_status 0
expect_expired "$segment_1 $segment_2 $segment_3"

# Another run at work, and one that is killed: nobody waits.
new_archive alone 4
expire_gate
gate_close 5
expire_start
wait_for 10 expire_at_gate
for command in 'archive expire' 'retention run'; do
    # shellcheck disable=SC2086 # two words
    waarborg $command
    expect_status 75
done
waarborg --as-of "$(after 91)" archive expire --dry-run
expect_status 0
expect_out '^2 of 2 segments .* would be destroyed'

# The session is ended by the server before COMMIT: nothing has changed.
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
     AND application_name = 'waarborg/archive.expire'" >/dev/null
waarborg_wait
expect_status 3
expect_err "event=archive\.expire\.failed .*segment $segment_1: "
gate_open
expect_expired ''

# The file goes while nobody looks (a person, another program): the evidence says so.
gate_close 5
expire_start
wait_for 10 expire_at_gate
rm "$(file_of "$segment_1")"
gate_open
waarborg_wait
expect_status 1
expect_out "^$segment_1 .* destroyed, there was no file$"
expect_out '^1 had no file any more: somebody else removed it\.$'
expect_err "level=warning event=archive\.expire\.segment segment=$segment_1 .*what=\"there was no file\"$"
expect_expired "$segment_1 $segment_2"
# Before the run looked: that is no expiry.
new_archive gone 4
rm "$(file_of "$segment_1")"
expire_all
expect_status 4
expect_err "segment $segment_1 is in the ledger, but its file is missing"
[ -z "$(expired_lines)" ] || fail "something was destroyed"

# The disk refuses: the ledger has not been told anything.  Root may write where it likes, so that the
# program runs as the server's user.
new_archive refusing 4
month=$(dirname "$(segments | head -n 1)")
plain=$WAARBORG
if [ "$(id -u)" -eq 0 ]; then
    cp "$plain" "$T/waarborg"
    chown -R "$(stat -c %U "$PGHOST")" "$T"
    chmod 755 "$T/waarborg"
    printf '#!/bin/sh\nexec setpriv --reuid=%s --clear-groups %s "$@"\n' "$(stat -c %U "$PGHOST")" \
        "$T/waarborg" >"$T/as-other"
    chmod 755 "$T/as-other"
    WAARBORG=$T/as-other
fi
chmod 500 "$month"
snapshot before
expire_all
expect_status 3
expect_err "segment $segment_1: nothing may be removed from directory 20[0-9]{2}-[0-9]{2} of the archive; nothing was changed: Permission denied"
snapshot after
expect_same_snapshots before after
chmod 700 "$month"
expire_all
expect_status 0
expect_expired "$segment_1 $segment_2"
refute_log 'dossier|Jansen'
refute_evidence 'dossier|Jansen'
