# kill -9 at every step of what comes after the nights: archive expire, a hold on an archive, a restore
# from it, and re-erase after the database was restored.  The next run finishes what was begun, once;
# also when that run is killed at each of its own steps.
. "$(dirname "$0")/../harness/lib.sh"
WAARBORG=$WAARBORG_PLAIN
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/faults.sh"
. "$ROOT/tests/harness/expiry.sh"

grep -q WAARBORG_FAULT_POINT "$WAARBORG" ||
    skip "this build has no fault points; configure it with cmake -DFAULT_POINTS=ON"

# POINT[:PASSING] | WHAT IS KILLED THERE: a command, or the night after a command that was killed at ...
cat >"$T/table" <<'TABLE'
expire.locked|expire
expire.marked|expire
expire.committed|expire
expire.unlinked|expire
expire.written|expire
expire.committed:2|expire
reconcile.expired_file|expire expire.committed
reconcile.expire_line|expire expire.committed
reconcile.expired_file|expire expire.written
reconcile.hold_line|hold journal.locked
reconcile.restore_line|restore journal.locked
adopt.line_written|re_erase
adopt.committed|re_erase
again.looked|re_erase
TABLE
# Points of a night, met by another job.
cat >"$T/more" <<'TABLE'
file.unlinked|expire
journal.locked|expire
journal.wrote|expire
file.unlinked|expire expire.committed
journal.wrote|expire expire.committed
journal.wrote|hold journal.locked
journal.wrote|restore journal.locked
reconcile.done|re_erase
run.reconciled|re_erase
run.started|re_erase
rows.moved|re_erase
record.ledger_written|re_erase
record.committed|re_erase
record.done|re_erase
run.worked|re_erase
adopt.committed|re_erase adopt.line_written
again.looked|re_erase adopt.committed
TABLE
check_points "$T/table"

kill_at() { # POINT ARGUMENTS
    WAARBORG_FAULT_POINT=$1
    export WAARBORG_FAULT_POINT
    shift
    waarborg "$@" 2>/dev/null
    unset WAARBORG_FAULT_POINT
    [ "$status" -eq 137 ] || fail "it was not killed"
    settle
}

# ---- Customers 1 to 8, two in each segment --------------------------------------------------------------

archive_start() {
    new_archive later 8
    later=$(after 91)
    disposed=$(row_count)
    keep_start
}

expire() {
    kill_at "$1" --as-of "$later" archive expire --rehearsal
}
expire_finished() {
    waarborg --as-of "$later" archive expire --rehearsal
    expect_status 0
    # shellcheck disable=SC2154 # remember_segments sets them
    expect_expired "$segment_1 $segment_2 $segment_3 $segment_4"
    [ "$(expired_lines | wc -l)" -eq 4 ] || fail "the journal has $(expired_lines | wc -l) lines"
}

hold() {
    kill_at "$1" hold add 3 --kind claim --reason dossier --review 2030-01-01
}
# The hold is there once, and keeps its segment.
hold_finished() {
    expect_sql 1 "SELECT count(*) FROM waarborg.hold WHERE reference IS NOT NULL"
    [ "$(grep -c '"event":"hold"' "$T/journal.jsonl")" -eq 1 ] || fail "one line of the hold was expected"
    waarborg --as-of "$later" archive expire --rehearsal
    expect_expired "$segment_1 $segment_3 $segment_4"
}

restore() {
    kill_at "$1" archive restore "$segment_2" --reason dossier
}
restore_finished() {
    [ "$(left)" = 3,4 ] || fail "customers $(left) are there"
    [ "$(grep -c '"event":"restore"' "$T/journal.jsonl")" -eq 1 ] ||
        fail "one line of the restore was expected"
    waarborg archive verify
    expect_status 0
}

archive_case() { # POINT COMMAND [POINT OF THE COMMAND]
    fresh
    if [ $# -eq 3 ]; then
        "$2" "$3"
        kill_at "$1" --as-of $AS_OF retention run
    else
        "$2" "$1"
    fi
    count_case
    night
    expect_status 0
    waarborg archive verify
    expect_status 0
    "$2_finished"
}

# ---- The database restored: 1 to 10 went before the backup, 11 to 20 after it, 21 stays --------------------

restored_start() {
    rm -rf "$T/archive" "$T/journal.jsonl"
    small_db today 21
    small_conf 'batch = 5; workers = 2;'
    sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 10"
    night
    expect_status 0
    today=$db
    sql_in postgres "CREATE DATABASE ${today}_backup TEMPLATE $today"
    harness_databases="$harness_databases ${today}_backup"
    night_of_20="UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id BETWEEN 11 AND 20"
    sql "$night_of_20"
    sql_in "${today}_backup" "$night_of_20"
    night
    expect_status 0
    db=${today}_backup
    sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
    keep_start
}

re_erase() {
    kill_at "$1" --as-of $AS_OF retention run --re-erase
}
re_erase_finished() {
    waarborg --as-of $AS_OF retention run --re-erase
    expect_status 0
    [ "$(left)" = 21 ] || fail "customers $(left) are left"
    expect_sql 10 "SELECT count(*) FROM waarborg.returned WHERE outcome = 'disposed'"
    expect_sql '30|20' "SELECT count(*), count(DISTINCT reference) FROM waarborg.disposal"
    waarborg archive verify
    expect_status 0
    night
    expect_status 0
}

restored_case() { # POINT COMMAND [POINT OF THE COMMAND]
    fresh
    [ $# -eq 2 ] || re_erase "$3"
    re_erase "$1"
    count_case
    # Until everybody was looked for, an ordinary night does not run.
    case $1 in
    adopt.* | again.* | reconcile.done | run.reconciled)
        waarborg --as-of $AS_OF retention run --accept-volume 99
        expect_status 4
        ;;
    esac
    re_erase_finished
}

# ---- All of them ---------------------------------------------------------------------------------------------

count_case() {
    cases=$((cases + 1))
}

run_cases() { # COMMANDS, an extended regular expression
    cases=0
    cat "$T/table" "$T/more" | grep -E "\\|($1)( |\$)" >"$T/cases"
    while IFS='|' read -r point command; do
        echo "case: $command, killed at $point"
        # shellcheck disable=SC2086 # a command and perhaps its point
        "$2" "$point" $command </dev/null
    done <"$T/cases"
}

archive_start
run_cases expire archive_case
fault_row 'archive expire, and the run that mends, killed at each point' "$cases" \
    'nothing, or a file or journal line that is due' 'removed the file, wrote the line, once'
run_cases 'hold|restore' archive_case
fault_row 'hold or restore of an archive, and the run that mends, killed' "$cases" \
    'a ledger row without line' 'wrote the line, once'
restored_start
run_cases re_erase restored_case
fault_row 'retention run --re-erase killed at each point' "$cases" \
    'subjects who came back; a file or a ledger row without line' \
    'an ordinary run refused until all were looked for; --re-erase finished, nobody twice'
refute_log 'Jansen|NL00PROEF'
