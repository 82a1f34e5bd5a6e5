# What the program takes it gives back: no memory leaks in any command, also in those that fail; no file
# stays open; over a hundred batches neither open files nor memory grow.
#   WAARBORG_LIMITS_BATCHES=1000 sh tests/fault/limits.sh     a longer night (110)
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

batches=${WAARBORG_LIMITS_BATCHES:-110}
growth_kib=256 # of the resident set from batch 10 on; smaller leaks are for the two tools to find
sanitized=$WAARBORG

is_sanitized() {
    ldd "$1" | grep -q libasan
}

small_night() { # NAME: 6 customers, 3 of them still there afterwards
    rm -rf "$T/archive" "$T/journal.jsonl"
    small_db "$1" 6
    small_policy | write_conf sealed 'batch = 1; workers = 2;'
    start_policy
    sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 3"
}

# ---- LeakSanitizer --------------------------------------------------------------------------------

# It looks when the program ends, whatever the exit code; `waarborg` fails when it says anything.
# shellcheck disable=SC2120 # set gives them
every_command() {
    small_night leaks
    # Whose segment the first one is differs; of 2 and 3 at least one is not the one who is restored.
    while IFS='|' read -r code words; do
        first=$(segments | head -n 1)
        first=${first##*-}
        first=${first%%.*}
        # The words hold no blanks of their own.
        eval "set -- $words"
        echo "leaks: $*"
        waarborg --as-of $AS_OF "$@" </dev/null
        expect_status "$code"
    done <<'COMMANDS'
0|migrate
0|check
0|retention plan
0|retention plan --sql --json
0|retention approve
2|retention run --accept-volume 1
0|retention run --dry-run --accept-volume 9
0|retention run --accept-volume 9
0|retention status --json
0|archive list
0|archive list --json
0|archive show $first
0|archive verify
0|archive verify --key "$T/fg.key" --json
0|archive restore $first --key "$T/fg.key" --reason test
2|archive restore $first --key "$T/fg.key" --reason again
2|archive restore 0000 --key "$T/fg.key" --reason test
0|evidence 2
0|evidence 5 --json
0|evidence verify
0|hold add 5 --kind claim --reason letter --review 2027-01-01
0|hold add 3 --kind claim --reason letter --review 2027-01-01
0|hold add 2 --kind claim --reason letter --review 2027-01-01
0|hold list
1|archive expire --rehearsal --as-of 2027-06-01 --dry-run
1|archive expire --rehearsal --as-of 2027-06-01
0|hold release 2 --reason settled
2|hold add
2|retention plan --as-of nonsense
COMMANDS
    printf 'x' >>"$(segments | head -n 1)"
    waarborg archive verify --key "$T/fg.key"
    expect_status 4
    rm "$(segments | head -n 1)"
    night
    expect_status 4
    sed -i 's/batch = 1/batsch = 1/' "$T/waarborg.conf"
    night
    expect_status 2
}

# ---- valgrind -------------------------------------------------------------------------------------

# One whole night from the first call to exit, so that what libraries keep for the process shows, too.
under_valgrind() { # EXIT CODE ARGUMENTS
    code=$1
    shift
    last_command="valgrind waarborg $*"
    status=0
    valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect,possible \
        --errors-for-leak-kinds=definite,indirect,possible --track-fds=yes --error-exitcode=99 \
        --log-file="$T/valgrind" "$WAARBORG_PLAIN" -c "$T/waarborg.conf" --as-of $AS_OF "$@" \
        >"$T/out" 2>"$T/err" || status=$?
    cat "$T/valgrind" >>"$T/err"
    expect_status "$code"
    # It reports what was inherited, too; what we opened has a place where it was opened.
    ! grep -A 3 'Open file descriptor\|Open AF_' "$T/valgrind" | grep -q ' at 0x' ||
        fail "a file is open at the end"
}

night_under_valgrind() {
    small_night valgrind
    rows=$(row_count)
    under_valgrind 0 retention run --accept-volume 9
    expect_whole "$rows"
    under_valgrind 0 archive verify --key "$T/fg.key"
}

# ---- Over many batches ----------------------------------------------------------------------------

at_batch() {
    [ "$(sql "SELECT (SELECT count(*) FROM waarborg.segment), count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event = 'PgSleep'")" = "$1|1" ]
}

# The run stops in each batch when its ledger row is due: the same place of the program every time.
many_batches() {
    rm -rf "$T/archive" "$T/journal.jsonl"
    small_db batches $((batches * 2))
    rows=$(row_count)
    small_policy | write_conf sealed 'batch = 2; workers = 1;'
    start_policy
    sql "CREATE SEQUENCE test.step MINVALUE 0 START 0;
         CREATE FUNCTION test.step() RETURNS trigger LANGUAGE plpgsql AS \$\$
         BEGIN
             WHILE (SELECT count(*) FROM waarborg.segment) >= (SELECT last_value FROM test.step) LOOP
                 PERFORM pg_catalog.pg_sleep(0.002);
             END LOOP;
             RETURN NULL;
         END \$\$;
         CREATE TRIGGER step BEFORE INSERT ON waarborg.segment EXECUTE FUNCTION test.step()"
    WAARBORG=$WAARBORG_PLAIN
    night_start
    for batch in $(seq 0 $((batches - 1))); do
        patience=2000
        until at_batch "$batch"; do
            patience=$((patience - 1))
            [ "$patience" -gt 0 ] || fail "batch $batch does not come"
            sleep 0.005
        done
        echo "$batch $(find "/proc/$started/fd" -mindepth 1 | wc -l)" \
            "$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$started/status")" >>"$T/samples"
        sql "SELECT setval('test.step', $batch + 1)" >/dev/null
    done
    waarborg_wait
    expect_status 0
    expect_whole "$rows"
    WAARBORG=$sanitized
}

judge_samples() {
    read -r files grown <<FIGURES
$(awk '$1 == 1 { files = $2 } $1 > 1 && $2 != files { other = $2 } $1 == 10 { first = $3 }
       { last = $3 } END { print (other == "" ? files : files "," other), last - first }' "$T/samples")
FIGURES
    echo "$batches batches: $files files open in each, $grown KiB more memory at the last than at batch 10"
    case $files in
    *,*) fail "the number of open files changes: $files" ;;
    esac
    [ "$grown" -le "$growth_kib" ] || fail "$grown KiB are more than $growth_kib"
}

if is_sanitized "$WAARBORG"; then
    export ASAN_OPTIONS="detect_leaks=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
    every_command
else
    echo "no test of leaks in every command: $WAARBORG was built without sanitizers"
fi
! is_sanitized "$WAARBORG_PLAIN" || skip "WAARBORG_PLAIN was built with sanitizers"
if command -v valgrind >/dev/null; then
    night_under_valgrind
else
    echo "no night under valgrind: it is not installed"
fi
many_batches
judge_samples
