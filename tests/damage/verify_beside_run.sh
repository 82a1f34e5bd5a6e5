# archive verify while a run is at work: what the run is just committing is no fault.
. "$(dirname "$0")/../harness/lib.sh"

as_of=2026-11-22
new_demo_db beside 1000
demo_policy | write_conf sealed 'batch = 1; max_share = 1.0;'
waarborg migrate
waarborg --as-of $as_of retention approve
waarborg_start --as-of $as_of retention run
looked=0 partly=0
while kill -0 "$started" 2>/dev/null; do
    code=0
    "$WAARBORG" -c "$T/waarborg.conf" archive verify >"$T/verify.out" 2>"$T/verify.err" || code=$?
    case $code in
    0) looked=$((looked + 1)) ;;
    75) grep -q 'do not agree yet' "$T/verify.err" || fail "75 without a reason: $(cat "$T/verify.err")" ;;
    *) fail "verify gave $code beside a run: $(cat "$T/verify.out" "$T/verify.err")" ;;
    esac
    ! grep -qE '^[1-9][0-9]* segment' "$T/verify.out" || partly=$((partly + 1))
done
waarborg_wait
[ "$looked" -gt 0 ] || fail "verify never came through while the run was at work"
echo "verify came through $looked times, $partly times with segments to look at"
waarborg archive verify --key "$T/fg.key"
expect_status 0
expect_out ', every row\.$'
