# Letters that are cut off: kill -9 at each of their steps and at random moments, a database that goes
# away, a disk that fails, two at once.  The next run finishes the work: nobody is missed, and nobody
# gets two different letters; a mail that had arrived already comes again with the same Message-ID.
#   WAARBORG_LETTER_KILLS=500 sh tests/fault/letters.sh     more of the random ones (15)
. "$(dirname "$0")/../harness/lib.sh"
WAARBORG=$WAARBORG_PLAIN
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/letters.sh"
. "$ROOT/tests/harness/faults.sh"

grep -q WAARBORG_FAULT_POINT "$WAARBORG" ||
    skip "this build has no fault points; configure it with cmake -DFAULT_POINTS=ON"
kills=${WAARBORG_LETTER_KILLS:-15}
shim=${WAARBORG_SHIM:-$(dirname "$WAARBORG_PLAIN")/tests/libfault_shim.so}
[ -f "$shim" ] || skip "$shim was not built"

customers=25
letters_db letters $customers
letters_breach
keep_start
again=0 # mails that came again

begin() {
    fresh
    rm -rf "$T/mta/mail" "$T/mta/exit" "$T/mta/delay" "$T/brieven" "$T/mta/tries"
}

# cut HOW [NAME=VALUE ...]: one run, by mail or on paper.
cut() {
    cut_how=$1
    shift
    last_command="$* breach letters $breach $cut_how"
    status=0
    { # the shell's own word about a killed child is not wanted
        env "$@" "$WAARBORG" -c "$T/waarborg.conf" breach letters "$breach" "$cut_how" \
            >"$T/out" 2>"$T/err" || status=$?
    } 2>/dev/null
    cat "$T/err" >>"$T/log"
}

# A mail that was being handed over goes on without the program.
mta_idle() {
    [ ! -d "$T/mta/mail" ] || [ -z "$(find "$T/mta/mail" -name '.*' -type f)" ]
}

written() { # the files that are there
    [ ! -d "$T/brieven" ] || find "$T/brieven" -type f ! -name '.*'
}

# recorded: letters that are done, and that are begun and not done.
recorded() {
    sql "SELECT count(done_at) || ' ' || count(started_at) - count(done_at) FROM waarborg.letter"
}

# What there is, of each customer: a mail, or a file, one of them, and whole.
expect_everybody() {
    mta_idle || wait_for 10 mta_idle
    mailed | uniq >"$T/ids"
    find "$T/mta" -path '*/mail/*' -type f ! -name '.*' -exec grep -h '^To: ' {} + |
        sed 's/.*<klant\([0-9]*\)@.*/\1/' >"$T/who.mail"
    again=$((again + $(wc -l <"$T/who.mail") - $(wc -l <"$T/ids")))
    expect_whole_letters
    written | xargs -r sed -n 's/^Dorpsstraat //p' >"$T/who.file"
    { sort -u "$T/who.mail" && cat "$T/who.file"; } | sort -n >"$T/who"
    seq $customers | cmp -s - "$T/who" || fail "letters are for: $(tr '\n' ' ' <"$T/who")"
    [ $(($(wc -l <"$T/ids") + $(written | wc -l))) -eq $customers ] ||
        fail "$(wc -l <"$T/ids") different mails and $(written | wc -l) files for $customers customers"
    expect_sql $customers "SELECT count(*) FROM waarborg.affected WHERE state = 'told'"
    [ "$(recorded)" = "$customers 0" ] || fail "recorded: $(recorded)"
}

expect_whole_letters() {
    for letter in $(written); do
        [ "$(tail -n 1 "$letter")" = 'Proefbedrijf B.V.' ] || fail "$letter is cut off"
    done
}

finish() { # HOW
    cut "$1"
    expect_status 0
    expect_everybody
}

# ---- At each step -----------------------------------------------------------------------------

# POINT[:PASSING] | how | what the mail system does | recorded as done, begun | mails | files
cat >"$T/table" <<TABLE
letters.locked|--send||0 0|0|0
letters.prepared|--send||0 0|0|0
letters.begun|--send||0 1|0|0
letters.begun:7|--send||6 1|6|0
letters.handed_over|--send||0 1|1|0
letters.handed_over:25|--send||24 1|25|0
letters.done|--send||1 0|1|0
letters.done:25|--send||25 0|25|0
letters.not_taken:2|--send|75|0 1|0|0
letters.not_begun:2|--send|75|0 0|0|0
letters.not_taken|--send|67 klant5@|4 1|4|0
letters.prepared|--out||0 0|0|0
letters.begun|--out||0 25|0|0
file.created:3|--out||0 25|0|2
file.wrote:3|--out||0 25|0|2
file.closed:3|--out||0 25|0|2
file.renamed:3|--out||0 25|0|3
file.published:3|--out||0 25|0|3
letters.written:3|--out||0 25|0|3
letters.batch_written|--out||0 25|0|25
letters.done|--out||25 0|0|25
TABLE
grep -rhoE 'FAULT_POINT\("letters[^"]+"\)' "$ROOT/jobs" --include='*.c' | sed 's/.*"\(.*\)".*/\1/' | sort >"$T/names"
sed -n 's/^\(letters[^:|]*\).*/\1/p' "$T/table" | sort -u | cmp -s - "$T/names" ||
    fail "points without a line in the table, or lines without a point"

while IFS='|' read -r point how mta state mails files; do
    echo "case: killed at $point ($how)"
    begin
    [ -z "$mta" ] || echo "$mta" >"$T/mta/exit"
    [ "$how" = --send ] || how="--out=$T/brieven"
    cut "$how" "WAARBORG_FAULT_POINT=$point"
    [ "$status" -eq 137 ] || fail "a run ($how) does not pass $point so often"
    settle
    [ "$(recorded)" = "$state" ] || fail "killed at $point: $(recorded) instead of $state"
    [ "$(mailed | wc -l)" -eq "$mails" ] || fail "killed at $point: $(mailed | wc -l) mails"
    [ "$(written | wc -l)" -eq "$files" ] || fail "killed at $point: $(written | wc -l) files"
    expect_whole_letters
    rm -f "$T/mta/exit"
    # The other way first: it leaves alone who may have got one.
    if [ "$how" = --send ]; then
        cut "--out=$T/brieven"
    else
        cut --send
    fi
    [ "$status" -le 1 ] || expect_status 0
    finish "$how" </dev/null
done <"$T/table"
fault_row 'kill -9 of letters at each named point' "$(wc -l <"$T/table")" \
    "letters begun, $again mails that had arrived" 'finished the work, same Message-IDs'

# ---- At random moments ------------------------------------------------------------------------

again=0
for round in $(seq "$kills"); do
    how=--send
    [ $((round % 3)) -ne 0 ] || how="--out=$T/brieven"
    begin
    for attempt in 1 2 3; do
        waarborg_start breach letters "$breach" "$how"
        sleep "$(awk -v seed="$round$attempt" 'BEGIN { srand(seed); printf "%.3f", 0.03 + rand() * 0.25 }')"
        kill -KILL "$started" 2>/dev/null || :
        wait "$started" 2>/dev/null || :
        settle
    done
    finish "$how"
done
fault_row 'kill -9 of letters at a random moment' $((kills * 3)) "$again mails that had arrived" \
    'finished the work, same Message-IDs'

# ---- The database goes away -------------------------------------------------------------------

begin
echo 0.2 >"$T/mta/delay"
for attempt in 1 2 3; do
    waarborg_start breach letters "$breach" --send
    sleep 0.6
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
         AND application_name LIKE 'waarborg/%'" >/dev/null
    waarborg_wait
    expect_status 3
done
rm "$T/mta/delay"
finish --send

# ---- Two at once ------------------------------------------------------------------------------

begin
for n in 1 2 3; do
    "$WAARBORG" -c "$T/waarborg.conf" breach letters "$breach" --send >"$T/out.$n" 2>"$T/err.$n" &
    harness_children="$harness_children $!"
    eval "one_$n=$!"
done
codes=''
for n in 1 2 3; do
    eval "pid=\$one_$n"
    code=0
    wait "$pid" || code=$?
    codes="$codes$code "
done
case $codes in
*[1-689]*) [ -z "$(echo "$codes" | tr -d '075 ')" ] || fail "three at once ended with $codes" ;;
esac
finish --send
[ "$again" -le $((kills * 3 + 3)) ] || fail "$again mails came again"

# ---- A disk that fails ------------------------------------------------------------------------

faults=0
while read -r fault; do
    echo "case: $fault"
    begin
    cut "--out=$T/brieven" "LD_PRELOAD=$shim" "WAARBORG_FAULT_UNDER=$T/brieven/" "WAARBORG_FAULT=$fault"
    expect_status 3
    expect_whole_letters
    read -r finished begun <<STATE
$(recorded)
STATE
    files=$(written | wc -l)
    [ "$finished" -le "$files" ] && [ "$files" -le $((finished + begun)) ] && [ "$begun" -le 1 ] ||
        fail "$files files, $finished recorded, $begun begun"
    cut --send
    finish "--out=$T/brieven"
    faults=$((faults + 1))
done <<'FAULTS'
write:7:ENOSPC
write:7+:ENOSPC
write:1+:EDQUOT
open:9:EIO
fsync:11:EIO
fsync:12:EIO
close:5:EIO
rename:6:ENOSPC
rename:6:late-EIO
FAULTS
fault_row 'a disk that fails under letters' "$faults" 'whole letters only' 'wrote the rest'
refute_log 'Jansen|klanten\.example|Dorpsstraat'
