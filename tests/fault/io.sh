# A disk that fails: every call by which the program touches the archive directory or the journal
# fails, each in a run of its own (shim.c), and disks that are really full.  Each time the program
# stops with exit code 3 and a sentence that names the file and nobody, and the next run finishes the
# work with nothing lost.
#   WAARBORG_IO_ROUNDS=all sh tests/fault/io.sh     all calls with all errors; otherwise all calls that
#                                                   matter with EIO, in three of the five scenes, and
#                                                   a sixteenth of the rest
#   WAARBORG_IO_PART=3 sh tests/fault/io.sh         the fourth sixteenth, of 0 to 15; a new one every day
#   WAARBORG_IO_FAULT=rename:2:EIO WAARBORG_IO_SCENES='first mending' sh ...    only this, in these
# The program mostly waits, so the rounds are shared out among lanes: this script again, beside itself.
lanes=4 lane=${WAARBORG_IO_LANE:-}
# A server of this test's own: it need not survive a power cut, as hundreds of databases are copied.
[ -n "$lane" ] || unset WAARBORG_TEST_CACHE
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/expiry.sh"

shim=${WAARBORG_SHIM:-$(dirname "$WAARBORG_PLAIN")/tests/libfault_shim.so}
[ -f "$shim" ] || skip "$shim was not built"
! ldd "$WAARBORG_PLAIN" | grep -q libasan || skip "WAARBORG_PLAIN was built with sanitizers"
WAARBORG=$WAARBORG_PLAIN
part=${WAARBORG_IO_PART:-$(($(date +%-j) % 16))}
personal='Jansen|NL00PROEF|192\.0\.2|gebeld'

# ---- Scenes: what is there before, the command, what holds after the run that follows ------------

# prepare_NAME leaves database, archive and journal as the command shall find them, its words in
# $command, and the number of rows there were at first in $rows; finish_NAME is the next run, on a disk
# that works, and what holds then.
scenes=${WAARBORG_IO_SCENES:-first mending expire re_erase hold}
nightly='retention run --accept-volume 1000'

# The first night there is, sealed, with nothing in archive or journal.
prepare_first() {
    command=$nightly
    small_db first 4
    rows=$(row_count)
    small_policy | write_conf sealed 'batch = 2; workers = 1;'
    start_policy
}

finish_first() {
    night
    expect_status 0
    [ "$(left)" = '' ] || fail "customers $(left) are left"
    expect_whole "$rows"
}

# A later night, unsealed.  The last run left files without ledger row, a temporary file, a ledger row
# without its journal line, and half of that line.
prepare_mending() {
    command=$nightly
    small_db mending 6
    rows=$(row_count)
    small_conf 'batch = 2; workers = 1;'
    sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 4"
    night
    expect_status 0
    sql "UPDATE klant.agreement SET ended_on = '2015-01-01'"
    gate_close 3
    night_start
    wait_at_gate
    kill -KILL "$started"
    wait "$started" 2>/dev/null || :
    gate_open
    wait_for 20 sessions_gone
    : >"$(dirname "$(segments | head -n 1)")/.20260101T000000Z-00000000000000aa.sql.gz.tmp"
    last=$(grep -n '"event":"segment"' "$T/journal.jsonl" | tail -n 1 | cut -d: -f1)
    head -n "$((last - 1))" "$T/journal.jsonl" >"$T/shorter"
    sed -n "${last}p" "$T/journal.jsonl" | head -c 100 >>"$T/shorter"
    cat "$T/shorter" >"$T/journal.jsonl"
}

finish_mending() {
    finish_first
}

# The archives of four customers come to their end.
prepare_expire() {
    new_archive expire 4
    command="archive expire --rehearsal --as-of $(after 91)"
}

finish_expire() {
    # shellcheck disable=SC2086
    waarborg $command
    expect_status 0
    expect_expired "$segment_1 $segment_2"
    [ "$(expired_lines | wc -l)" -eq 2 ] || fail "two lines were expected in the journal"
    waarborg archive verify
    expect_status 0
}

# Two customers had gone when the backup was made, and two more before it was put back: those are back.
prepare_re_erase() {
    command='retention run --re-erase'
    small_db re_erase 4
    rows=$(row_count)
    small_conf 'batch = 2; workers = 1;'
    sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 2"
    night
    expect_status 0
    now=$db
    new_db_from "$now" backup
    sql "UPDATE klant.agreement SET ended_on = '2015-01-01'"
    db=$now
    sql "UPDATE klant.agreement SET ended_on = '2015-01-01'"
    night
    expect_status 0
    sql_in postgres "DROP DATABASE \"$now\" WITH (FORCE)"
    sql_in postgres "ALTER DATABASE \"wt_$$_backup\" RENAME TO \"$now\""
}

finish_re_erase() {
    waarborg --as-of $AS_OF retention run --re-erase
    expect_status 0
    [ "$(left)" = '' ] || fail "customers $(left) are left"
    # The two stand in the archive twice: as they went, and as they went again.
    expect_conserved $((rows + 14))
    expect_sql 3 "SELECT count(*) FROM waarborg.segment"
    expect_sql '6|4' "SELECT count(*), count(DISTINCT reference) FROM waarborg.disposal"
    [ "$(find "$T/archive" -type f | wc -l)" -eq 6 ] || fail "six files were expected"
    [ "$(journal_segments | wc -l)" -eq 3 ] || fail "three lines were expected in the journal"
    waarborg archive verify
    expect_status 0
}

# A hold on the archive of somebody who has gone.
prepare_hold() {
    new_archive hold 2
    rows=14
    command='hold add 1 --kind claim --reason dossier --review 2027-01-01'
}

# It is placed, in ledger and journal, or in neither; and then it can be.
finish_hold() {
    night
    expect_status 0
    [ "$(sql 'SELECT count(*) FROM waarborg.hold')" = 1 ] || {
        # shellcheck disable=SC2086
        waarborg $command
        expect_status 0
    }
    expect_sql 1 'SELECT count(*) FROM waarborg.hold'
    [ "$(grep -c '"event":"hold"' "$T/journal.jsonl")" -eq 1 ] || fail "one line was expected"
    expect_whole "$rows"
}

# ---- One round ------------------------------------------------------------------------------------

save_scene() {
    saved=${db}_saved
    harness_databases="$harness_databases $saved"
    sql_in postgres "CREATE DATABASE \"$saved\" TEMPLATE \"$db\""
    rm -rf "$T/saved"
    mkdir "$T/saved"
    cp -a "$T/archive" "$T/saved/"
    [ ! -e "$T/journal.jsonl" ] || cp -p "$T/journal.jsonl" "$T/saved/"
}

set_scene() {
    psql -XAtq -v ON_ERROR_STOP=1 -d postgres -c "DROP DATABASE IF EXISTS \"$db\" WITH (FORCE)" \
        -c "CREATE DATABASE \"$db\" TEMPLATE \"$saved\""
    rm -rf "$T/archive" "$T/journal.jsonl"
    cp -a "$T/saved/." "$T/"
}

# The scene's command under the shim: faulty [FAULT].  What it called is in $T/calls.
faulty() {
    last_command="waarborg $command, under ${1:-no fault}"
    status=0
    rm -f "$T/calls"
    # $command is several words.
    # shellcheck disable=SC2086
    env LD_PRELOAD="$shim" WAARBORG_FAULT_UNDER="$T/archive/:$T/journal.jsonl:$T" \
        WAARBORG_FAULT_LOG="$T/calls" ${1:+"WAARBORG_FAULT=$1"} \
        "$WAARBORG" -c "$T/waarborg.conf" --as-of $AS_OF $command >"$T/out" 2>"$T/err" || status=$?
    cat "$T/err" >>"$T/log"
}

# What may fail without consequence: closing what was only read; closing the journal, whose every line
# was fsynced; giving a lock back, which close does as well; a lock for reading (a copy of the journal
# may lie where there are none); looking for what has this name with the other ending; making a
# directory that is there and removing a file that is not, or no longer.
harmless() { # KIND PATH HOW
    case $1:$2:$3 in
    close-read:* | unlock:* | flock-read:*) ;;
    close:*/journal.jsonl:*) ;;
    stat:*.sql.gz*) [ ! -e "$2" ] ;;
    mkdir:*:late-* | unlink:*:late-*) ;;
    *:EINTR | *:short) ;;
    *) return 1 ;;
    esac
}

# The sentence speaks of a file that failed, of what lies in the directory, or of its segment.
names() { # lines of $T/calls
    while read -r kind_of path_of rest; do
        name=${path_of##*/}
        name=${name#.}
        name=${name%%.*}
        case $path_of in
        "$T/archive") name='archive|20[0-9-]+' ;;
        "$T") name=journal ;;
        esac
        ! grep 'level=error' "$T/err" | grep -qE -e "$name" || return 0
    done
    return 1
}

# What libc says about an error.
reason() { # HOW
    case $1 in
    *EIO) echo 'Input/output error' ;;
    *ENOSPC) echo 'No space left on device' ;;
    esac
}

# The run under fault: its outcome in $outcome.
judge() { # FAULT
    hit=$(grep -m 1 ' failed$' "$T/calls") || fail "the call did not come"
    kind=${hit%% *}
    path=${hit#* }
    path=${path% failed}
    case $status in
    0)
        harmless "$kind" "$path" "${1##*:}" || fail "$kind of $path failed, and nobody noticed"
        outcome='harmless'
        ;;
    3)
        outcome="exit $status"
        grep ' failed$' "$T/calls" | names || fail "the sentence does not name ${path##*/}"
        expect_err "level=error .*$(reason "${1##*:}")"
        ;;
    *) fail "exit code $status after a fault of $kind on $path" ;;
    esac
    ! grep -E "$personal" "$T/err" "$T/out" >&2 || fail "the messages name somebody"
}

finish() {
    "finish_$scene"
    echo "$1|$outcome; finished by the next run" >>"$T/outcomes"
}

round() { # FAULT
    set_scene
    faulty "$1"
    judge "$1"
    case $1 in
    *+:*) finish "$scene|everything after|${1##*:}" ;;
    *) finish "$scene|${1%%:*}|${1##*:}" ;;
    esac
}

# ---- Which rounds ---------------------------------------------------------------------------------

# The nights that follow a re-erasure and a hold are nights as the first.
number=0
rounds() { # all|some HOW KIND[+]...: each call of the kind; some: unless all are asked for, a part of them
    which=$1 how=$2
    shift 2
    case $scene:${WAARBORG_IO_ROUNDS:-} in
    *:all) which=all ;;
    re_erase:* | hold:*) which=some ;;
    esac
    for wanted; do
        case $wanted in
        any*) count=$(wc -l <"$T/counted") ;;
        *) count=$(grep -c "^$wanted " "$T/counted" || :) ;;
        esac
        for nth in $(seq "$count"); do
            number=$((number + 1))
            [ $((number / 16 % lanes)) -eq "$lane" ] || continue
            [ $which = all ] || [ $((number % 16)) -eq "$part" ] || continue
            case $wanted in
            *+) round "${wanted%+}:$nth+:$how" ;;
            *) round "$wanted:$nth:$how" ;;
            esac
        done
    done
}

all_rounds() {
    rounds all EIO open read pread write pwrite fsync close rename unlink mkdir ftruncate flock
    rounds some EIO stat access readdir close-read unlock flock-read
    rounds some ENOSPC open write pwrite fsync close rename mkdir
    # Carried out, and reported as failed: a file server whose answer was lost.
    rounds some late-EIO write pwrite fsync close rename unlink mkdir ftruncate
    rounds some EINTR read pread write pwrite fsync close flock
    rounds some short read pread write pwrite
    # The disk is gone for good, from each call on.
    rounds some EIO any+
}

shimmed_scene() {
    rm -rf "$T/archive" "$T/journal.jsonl"
    "prepare_$scene"
    save_scene
    faulty
    expect_status 0
    cp "$T/calls" "$T/counted"
    "finish_$scene"
    case ${WAARBORG_IO_FAULT:-}:$lane in
    :*) all_rounds ;;
    *:0) round "$WAARBORG_IO_FAULT" ;;
    esac
}

# ---- Disks that are really full -------------------------------------------------------------------

# 24 customers, a batch each: their lines fill more than two pages of the journal; the rows of each
# fill two pages of the archive.
prepare_full() {
    small_db full 24
    sql "UPDATE klant.contact SET note = (SELECT string_agg(md5((id * 1000 + i)::text), '')
                                            FROM generate_series(1, 300) AS i)"
    rows=$(row_count)
    small_policy | write_conf sealed 'batch = 1; workers = 1;'
    start_policy
    : >"$T/journal.jsonl"
}

finish_full() {
    finish_first
}

# The command on disks of so many KiB, 0 for the one there is; what is left on them is kept.
on_disks() { # OF THE ARCHIVE, OF THE JOURNAL
    last_command="waarborg $command, on disks of $1 and $2 KiB"
    status=0
    mkdir -p "$T/disk" "$T/kept"
    cat >"$T/on_disks" <<DISKS
set -eu
if [ $1 -gt 0 ]; then
    mount -t tmpfs -o size=$1k,mode=700 none "$T/archive"
fi
if [ $2 -gt 0 ]; then
    mount -t tmpfs -o size=$2k,mode=700 none "$T/disk"
    cp -p "$T/journal.jsonl" "$T/disk/"
    mount --bind "$T/disk/journal.jsonl" "$T/journal.jsonl"
fi
status=0
"$WAARBORG" -c "$T/waarborg.conf" --as-of $AS_OF $command || status=\$?
cp -a "$T/archive" "$T/journal.jsonl" "$T/kept/"
exit \$status
DISKS
    unshare -m sh "$T/on_disks" >"$T/out" 2>"$T/err" || status=$?
    cat "$T/err" >>"$T/log"
    rm -rf "$T/archive" "$T/journal.jsonl"
    mv "$T/kept/archive" "$T/kept/journal.jsonl" "$T/"
}

full_disk() { # archive|journal KIB
    set_scene
    case $1 in
    archive) on_disks "$2" 0 ;;
    journal) on_disks 0 "$2" ;;
    esac
    case $status in
    0) outcome='room enough' ;;
    *)
        expect_status 3
        expect_err 'level=error .*No space left on device'
        ! grep -E "$personal" "$T/err" "$T/out" >&2 || fail "the messages name somebody"
        outcome="exit 3"
        ;;
    esac
    finish "full disk of the $1|$2 KiB|ENOSPC"
}

# From no room for the first segment to room for everything, in an uneven stride: a segment and its
# manifest take a multiple of it.
full_disks() {
    unshare -m true 2>/dev/null || {
        echo "no full disks: mounts are not allowed here"
        return 0
    }
    scene=full command=$nightly
    rm -rf "$T/archive" "$T/journal.jsonl"
    prepare_full
    save_scene
    for pages in 1 2 3 4 5 6 7 11 13 18; do
        full_disk archive $((pages * 4))
        [ "$outcome" = 'exit 3' ] || fail "$pages pages should not be enough"
    done
    full_disk archive 4096
    [ "$outcome" = 'room enough' ] || fail "4 MiB should be enough"
    for pages in 1 2; do
        full_disk journal $((pages * 4))
        [ "$outcome" = 'exit 3' ] || fail "$pages pages should not be enough"
    done
    full_disk journal 256
    [ "$outcome" = 'room enough' ] || fail "256 KiB should be enough"
}

# ---- Lanes ----------------------------------------------------------------------------------------

run_lane() {
    for scene in $scenes; do
        shimmed_scene
    done
    [ "$lane" -ne 0 ] || [ -n "${WAARBORG_IO_FAULT:-}" ] || full_disks
    cp "$T/outcomes" "$WAARBORG_IO_OUTCOMES.$lane"
}

run_lanes() {
    [ "${WAARBORG_IO_ROUNDS:-}" = all ] || echo "part $part; WAARBORG_IO_PART=$part repeats it"
    sql_in postgres 'ALTER SYSTEM SET fsync = off' >/dev/null
    sql_in postgres 'SELECT pg_reload_conf()' >/dev/null
    WAARBORG_IO_OUTCOMES=$T/outcomes
    export WAARBORG_TEST_CACHE WAARBORG_IO_OUTCOMES WAARBORG WAARBORG_PLAIN
    mine=''
    for lane in $(seq 0 $((lanes - 1))); do
        WAARBORG_IO_LANE=$lane WAARBORG_IO_PART=$part sh "$0" >"$T/lane.$lane" 2>&1 &
        mine="$mine $!"
    done
    harness_children="$harness_children $mine"
    for child in $mine; do
        wait "$child" || faults=yes
    done
    cat "$T"/lane.*
    [ -z "${faults:-}" ] || fail "see above"
    while IFS=: read -r fault row; do
        cat "$T"/outcomes.* | grep -E "$fault" >"$T/row" || continue
        fault_row "$row" "$(wc -l <"$T/row")" \
            "exit 3 and the file named; $(grep -cE 'harmless|room' "$T/row" || :) times without consequence" \
            'mended what was left and finished the work'
    done <<'ROWS'
\|[a-z-]*\|E:a call on archive or journal fails once (EIO, ENOSPC, EINTR)
\|late-:a call on archive or journal is carried out and reported as failed
\|short\|:half of the bytes are read or written
\|everything after\|:the disk is gone from some call on
^full disk:a disk that is really full, of archive or journal
ROWS
    echo 'scene | call | error | tried | outcome'
    sort "$T"/outcomes.* | uniq -c |
        sed -E 's/^ *([0-9]+) (.*)\|([^|]*)$/\2|\1|\3/; s/\|/ | /g'
}

: >"$T/outcomes"
if [ -n "$lane" ]; then
    run_lane
else
    run_lanes
fi
