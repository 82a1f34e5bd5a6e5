# evidence verify and evidence KEY while a run is at work: what the run is just committing is no
# fault, and the run does not wait for them.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db beside "${WAARBORG_BESIDE_CUSTOMERS:-150}"
small_conf 'batch = 1;'
night_start
looked=0 waited=0
while kill -0 "$started" 2>/dev/null; do
    for words in verify 7; do
        code=0
        "$WAARBORG" -c "$T/waarborg.conf" evidence $words >"$T/look.out" 2>"$T/look.err" || code=$?
        case $code in
        0) looked=$((looked + 1)) ;;
        75) waited=$((waited + 1)) ;;
        *) fail "evidence $words gave $code beside a run: $(cat "$T/look.out" "$T/look.err")" ;;
        esac
    done
done
waarborg_wait
expect_status 0
[ "$looked" -gt 0 ] || fail "evidence never came through while the run was at work"
echo "evidence came through $looked times, and asked to wait $waited times"
waarborg evidence verify
expect_status 0
waarborg evidence 7
expect_status 0
expect_out '^  Confirmed outside the database'
