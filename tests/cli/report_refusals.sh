# What a report is asked that it cannot give: each gets one sentence that names the thing and the mend, the
# right exit code, nothing on the standard output, and no file; a file that was there stays as it was, also
# when the disk is full, fails, or the program is killed while it writes.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/breach.sh"

small_db refusals 6
small_conf 'max_share = 1.0;'
night
expect_status 0
new_breach
echo plain >"$T/plain"
mkdir "$T/place"
echo 'the old report' >"$T/place/holds.html"
cp "$T/place/holds.html" "$T/old"

one_sentence() { # EXIT CODE, SENTENCE (grep -E): of the last command
    expect_status "$1"
    expect_err "level=error event=report\.failed message=\"(report [a-z]+: )?$2"
    [ "$(wc -l <"$T/err")" -eq 1 ] || fail "one line was expected"
    [ ! -s "$T/out" ] || fail "no output was expected"
}

refused() { # EXIT CODE, SENTENCE, ARGUMENTS
    code=$1 sentence=$2
    shift 2
    waarborg report "$@"
    one_sentence "$code" "$sentence"
}

expect_old() {
    cmp -s "$T/old" "$T/place/holds.html" || fail "the old report is not as it was"
    [ "$(find "$T/place" | wc -l)" -eq 2 ] || fail "something is left beside it: $(ls -A "$T/place")"
}

# ---- What is asked ---------------------------------------------------------------------------------

case_of() { # SENTENCE|ARGUMENTS: refused with exit code 2, on a terminal and into a file
    sentence=$1
    eval "set -- $2"
    echo "case: report $*"
    refused 2 "$sentence" "$@"
    # A second --out would be another fault.
    case $* in *--out*) ;; *) refused 2 "$sentence" "$@" --out "$T/place/holds.html" ;; esac
    expect_old
}

while IFS='|' read -r sentence words; do
    case_of "$sentence" "$words"
done <<'CASES'
which report\?  waarborg report --help lists them|
there is no report 'sumary'; did you mean report summary\?|sumary
there is no report 'breachs'; did you mean report breaches or report breach\?|breachs
there is no report 'nonsense' \(waarborg report --help lists them\)|nonsense
there is no report 'Summary'|Summary
report summary is about no single thing: nothing stands behind its name|summary retention
one report at a time; 'holds' is one word too many|summary retention holds
the period ends on 2026-01-31, before it begins on 2026-02-01: change --from or --to|summary --from 2026-02-01 --to 2026-01-31
the period ends on [0-9-]+, before it begins on 2999-01-01: change --from or --to|retention --from 2999-01-01
the period ends on 2018-05-24, before it begins on 2018-05-25: change --from or --to|breaches --to 2018-05-24
the period ends on 2999-12-31, after the day that is judged by, [0-9-]+: change --to or --as-of|retention --to 2999-12-31
the period ends on 2026-06-01, after the day that is judged by, 2026-05-31|retention --to 2026-06-01 --as-of 2026-05-31
--from: '2026-02-30' is no date of the calendar; write it as 2026-11-22|summary --from 2026-02-30
--to: '2023-02-29' is no date|holds --to 2023-02-29
--to: '2026-13-01' is no date|breaches --to 2026-13-01
--from: 'yesterday' is no date|summary --from yesterday
--from: '' is no date|summary --from ''
--as-of: '2026-02-30' is no date|retention --as-of 2026-02-30
report retention has no section 'disposd'; did you mean disposed\? \(it has [a-z_, ]*worklist|retention --section disposd
report breaches has no section 'xyzzy' \(it has figures, |breaches --section xyzzy
report retention has no section 'overview' \(it has|retention --section overview
report holds has no section '' \(it has|holds --section ''
--format is text, csv, json or html, not 'pdf'|retention --format pdf
--format is text, csv, json or html, not 'HTML'|retention --format HTML
--lang is nl or en, not 'de'|retention --lang de
--lang is nl or en, not 'NL'|retention --lang NL
--json and --format csv exclude one another|retention --json --format csv
unknown option --nonsense; --help lists them|retention --nonsense
report run is of no period: leave out --from; --as-of says by which day it is judged|run last --from 2026-01-01
report run is of no period: leave out --to|run last --to 2026-01-01
report breach is of no period: leave out --from|breach $ref --from 2026-01-01 --to 2026-02-01
report forecast is of no period: leave out --to|forecast --to 2026-02-01
report schedule is of no period: leave out --from|schedule --from 2026-02-01
which one\?  waarborg report run ID; waarborg report --help says what ID is|run
there is no run 99: the only one is run 1|run 99
there is no run 0: the only one|run 0
'one' is no number of a run, such as 12, and not last|run one
'9{23}' is no number of a run|run 99999999999999999999999
there was no run yet by that day|run last --as-of 2020-01-01
which one\?  waarborg report breach REF; |breach
there is no breach DL-2026-9999; waarborg breach list --all shows them|breach DL-2026-9999
'nonsense' names no breach; a reference looks like DL-2026-0007|breach nonsense
breach DL-[0-9-]+ was registered on [0-9-]+, after the day that is judged by: change --as-of|breach $ref --as-of 2020-01-01
--out: the directory of /[^ ]*/none/holds\.html: No such file or directory|holds --out "$T/none/holds.html"
--out: the directory of /[^ ]*/plain/holds\.html: Not a directory|holds --out "$T/plain/holds.html"
--out: /[^ ]*/place is a directory; name a file in it|holds --out "$T/place"
--out: '/[^ ]*/place/' names a directory; name a file in it|holds --out "$T/place/"
--out: '' names a directory|holds --out ''
--out: full is no file and is not replaced by one|holds --out /dev/full
--out: stdout is no file and is not replaced by one|holds --out /dev/stdout
CASES

# What is given is taken.
waarborg report retention --section disposed --from 2026-01-01 --to 2026-01-01
expect_status 0
waarborg report run last --as-of "$(date +%F)"
expect_status 0

# ---- Where it goes ---------------------------------------------------------------------------------

into_place() { # [NAME=VALUE ...]: the report, with these variables
    last_command="$* waarborg report holds --as-of 2026-01-01 --out $T/place/holds.html"
    status=0
    { # the shell's own word about a killed child is not wanted
        (
            for variable; do
                export "${variable?}"
            done
            exec "$WAARBORG" -c "$T/waarborg.conf" report holds --as-of 2026-01-01 --out "$T/place/holds.html" \
                >"$T/out" 2>"$T/err"
        ) || status=$?
    } 2>/dev/null
}

echo "case: the standard output is full"
last_command='waarborg report holds >/dev/full'
status=0
: >"$T/out"
"$WAARBORG" -c "$T/waarborg.conf" report holds >/dev/full 2>"$T/err" || status=$?
one_sentence 3 'cannot write the results to the standard output: No space left on device'

echo "case: a directory that may not be written in"
# root may write everywhere, unless it has given that up.
printf '#!/bin/sh\nexec %s "%s" "$@"\n' \
    "$([ "$(id -u)" -ne 0 ] || echo setpriv --inh-caps=-all --bounding-set=-all)" "$WAARBORG" >"$T/powerless"
chmod 700 "$T/powerless"
powerful=$WAARBORG
WAARBORG=$T/powerless
chmod 500 "$T/place"
into_place
one_sentence 2 '--out: the directory of /[^ ]*/place/holds\.html: Permission denied'
chmod 700 "$T/place"
expect_old
WAARBORG=$powerful

echo "case: a full disk"
# No block is left on it: the temporary file can be made, but not be written.
cat >"$T/on_full_disk" <<SCRIPT
mount -t tmpfs -o size=32k,mode=700 none '$T/place' && cp '$T/old' '$T/place/holds.html' || exit 99
dd if=/dev/zero of='$T/place/filler' bs=1k status=none 2>/dev/null
code=0
'$WAARBORG' -c '$T/waarborg.conf' report holds --out '$T/place/holds.html' || code=\$?
rm '$T/place/filler'
cmp '$T/old' '$T/place/holds.html' >&2 && [ "\$(ls -A '$T/place')" = holds.html ] || exit 98
exit \$code
SCRIPT
if unshare -m true 2>/dev/null; then
    last_command='waarborg report holds on a full disk'
    status=0
    unshare -m sh "$T/on_full_disk" >"$T/out" 2>"$T/err" || status=$?
    [ "$status" -ne 99 ] || skip "no tmpfs can be mounted here"
    one_sentence 3 '--out: write \.?holds\.html[a-z.]*: No space left on device'
else
    echo "no test of a full disk: mounts are not allowed here"
fi

# ---- A write that is cut off -----------------------------------------------------------------------

waarborg report holds --as-of 2026-01-01 --format html
expect_status 0
cp "$T/out" "$T/new"
! cmp -s "$T/old" "$T/new" || fail "the new report is the old one"

put_old() {
    rm -rf "$T/place"
    mkdir "$T/place"
    cp "$T/old" "$T/place/holds.html"
}

# Whole, old or new; the next report is there and nothing beside it.
expect_one_whole() {
    cmp -s "$T/old" "$T/place/holds.html" || cmp -s "$T/new" "$T/place/holds.html" ||
        fail "the report is neither the old nor the new one"
    into_place
    expect_status 0
    cmp -s "$T/new" "$T/place/holds.html" || fail "the next report is not whole"
    [ "$(find "$T/place" | wc -l)" -eq 2 ] || fail "something is left beside it: $(ls -A "$T/place")"
}

sanitized=$WAARBORG
WAARBORG=$WAARBORG_PLAIN
shim=${WAARBORG_SHIM:-$(dirname "$WAARBORG_PLAIN")/tests/libfault_shim.so}
if [ -f "$shim" ] && ! ldd "$WAARBORG" | grep -q libasan; then
    put_old
    # Each call by which the program touches the directory fails once.
    into_place "LD_PRELOAD=$shim" "WAARBORG_FAULT_UNDER=$T/place/" "WAARBORG_FAULT_LOG=$T/calls"
    expect_status 0
    calls=$(wc -l <"$T/calls")
    for kind in write fsync rename; do
        grep -q "^$kind " "$T/calls" || fail "the shim sees no $kind"
    done
    for call in $(seq "$calls"); do
        kind=$(sed -n "${call}s/ .*//p" "$T/calls")
        echo "case: call $call of $calls, $kind, fails"
        put_old
        into_place "LD_PRELOAD=$shim" "WAARBORG_FAULT_UNDER=$T/place/" "WAARBORG_FAULT=any:$call:EIO"
        case $kind in
        close* | stat) ;; # of what is looked at for a better sentence, or is done already
        *) one_sentence 3 '--out: .*Input/output error' ;;
        esac
        [ "$kind" = fsync ] || [ "$status" -eq 0 ] || expect_old
        expect_one_whole
    done
else
    echo "no test of a disk that fails: there is no shim, or only a program with sanitizers"
fi

if grep -q WAARBORG_FAULT_POINT "$WAARBORG"; then
    put_old
    into_place "WAARBORG_FAULT_LIST=$T/points"
    expect_status 0
    there=old
    for point in $(cat "$T/points"); do
        echo "case: killed at $point"
        put_old
        into_place "WAARBORG_FAULT_POINT=$point"
        expect_status 137
        [ "$point" != file.renamed ] || there=new
        cmp -s "$T/$there" "$T/place/holds.html" || fail "the report is not the $there one"
        expect_one_whole
    done
    [ "$there" = new ] || fail "the report is not renamed to its place: $(cat "$T/points")"
else
    echo "no test of a killed program: this build has no fault points (cmake -DFAULT_POINTS=ON)"
fi
WAARBORG=$sanitized

# ---- Which database --------------------------------------------------------------------------------

put_old
database_case() { # SENTENCE
    for arguments in summary 'retention --section runs' 'run 1' "breach $ref" \
        "holds --out $T/place/holds.html"; do
        echo "case: report $arguments: $1"
        # shellcheck disable=SC2086 # a list of words
        refused 2 "$1" $arguments
    done
    expect_old
}
last=$(sql "SELECT max(number) FROM waarborg.migration")
sql "CREATE TABLE test.kept AS SELECT * FROM waarborg.migration WHERE number = $last;
     DELETE FROM waarborg.migration WHERE number = $last"
database_case 'the schema waarborg .*older than this program.*: run waarborg migrate'
sql "INSERT INTO waarborg.migration SELECT * FROM test.kept;
     INSERT INTO waarborg.migration VALUES (999, '999_future', 'x', '2030-01-01', '9.9')"
database_case 'the schema waarborg .*newer than this program'
sql "DELETE FROM waarborg.migration WHERE number = 999"
waarborg report summary --section nights
[ "$status" -le 1 ] || expect_status 0

role=wt_report_$$
sql "CREATE ROLE $role LOGIN"
sed -i.owner "s/user='[^']*'/user='$role'/" "$T/waarborg.conf"
database_case ".*GRANT USAGE ON SCHEMA waarborg TO $role; GRANT SELECT"
mv "$T/waarborg.conf.owner" "$T/waarborg.conf"
sql "DROP ROLE $role"

new_db empty
sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
database_case 'database [a-z0-9_]+ has no schema waarborg yet: run waarborg migrate'
sed -i "s/dbname='[^']*'/dbname='wt_not_there'/" "$T/waarborg.conf"
refused 3 'database: cannot connect: .*does not exist' holds --out "$T/place/holds.html"
expect_old
refute_log 'Jansen'
