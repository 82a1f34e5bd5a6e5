# The connection is lost while a breach is registered or amended (tests/fault/proxy.c): it is registered
# once, whoever repeats what.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/proxy.sh"

small_db breach_lost 1
small_policy | write_conf unsealed ''
waarborg migrate
expect_status 0
export XDG_STATE_HOME="$T/state" HOME="$T"
unset VISUAL EDITOR || :
drafts=$T/state/waarborg
mkdir -p "$drafts"

cat >"$T/good.conf" <<'FORM'
title = Laptop
aware_at = 2026-03-04T10:15+01:00
what_happened = From a car.
nature = confidentiality
FORM

registered() {
    sql "SELECT count(*) FROM waarborg.breach"
}

kept_draft() {
    find "$drafts" -type f
}

# cut HOW ARGUMENTS...
cut() {
    how=$1
    shift
    proxy_start commit 1 "$how"
    waarborg "$@"
    proxy_met || fail "there was no COMMIT"
    proxy_stop
}

# ---- open: HOW | EXIT CODE | REGISTERED | IS THERE A DRAFT | WHAT IS SAID -----------------------------
# Nobody knows what became of a COMMIT that was sent when nobody can be asked ("-dead").
export PROXY_JOB=breach.open
while IFS='|' read -r how code more draft said; do
    before=$(registered)
    echo "case: open -f, COMMIT $how"
    cut "$how" breach open -f "$T/good.conf"
    expect_status "$code"
    [ "$said" = - ] || expect_err "$said"
    wait_for 5 [ "$(registered)" -eq $((before + more)) ]
    [ "$(kept_draft | wc -l)" -eq "$draft" ] || fail "$(kept_draft | wc -l) drafts are kept"
    if [ "$draft" -eq 1 ]; then
        waarborg breach open -f "$(kept_draft)"
        expect_status 0
        [ "$more" -eq 0 ] || expect_out "^DL-[0-9]+-[0-9]+ was registered before, by an earlier attempt; nothing was added"
        [ "$(registered)" -eq $((before + 1)) ] || fail "the draft was registered twice, or not at all"
        rm "$(kept_draft)"
    elif [ "$code" -eq 0 ]; then
        expect_out '^DL-[0-9]+-[0-9]+ registered'
        expect_out '^  AP '
    fi
done <<'TABLE'
before|3|0|0|nothing was registered
middle|3|0|0|nothing was registered
answered|0|1|0|-
before-dead|3|0|1|may be in the register or not: look with waarborg breach list
answered-dead|3|1|1|going on with the draft never registers it twice
TABLE
expect_sql t "SELECT max(last) = (SELECT count(*) FROM waarborg.breach) FROM waarborg.breach_number"

echo "case: the draft of an editor knows of the attempt"
cat >"$T/editor" <<'ED'
sed -i 's|^title =.*|title = Laptop|; s|^aware_at =.*|aware_at = 2026-03-04 10:15|; s|^nature =.*|nature = integrity|
        s|^what_happened =.*|what_happened = Stolen|' "$1"
ED
export EDITOR="sh $T/editor"
before=$(registered)
cut answered-dead breach open
expect_status 3
wait_for 5 [ "$(registered)" -eq $((before + 1)) ]
grep -q '^attempt = [0-9]' "$(kept_draft)" || fail "the draft does not know of the attempt"
# Also when it is edited once more, and tried twice.
sed -i 's/^remarks =.*/remarks = more/' "$(kept_draft)"
for _ in 1 2; do
    waarborg breach open -f "$(kept_draft)"
    expect_status 0
    expect_out 'was registered before'
done
[ "$(registered)" -eq $((before + 1)) ] || fail "it was registered twice"
rm "$(kept_draft)"
echo "case: killed while COMMIT is answered"
before=$(registered)
proxy_start commit 1 stall
waarborg_start breach open
wait_for 10 proxy_met
kill -9 "$started"
wait "$started" 2>/dev/null || :
proxy_stop
waarborg breach open -f "$(kept_draft)"
expect_status 0
expect_out 'was registered before'
[ "$(registered)" -eq $((before + 1)) ] || fail "it was registered twice"
rm "$(kept_draft)"
waarborg breach open -f "$T/good.conf" --set "attempt=99999 2026-03-04T09:15:00Z"
expect_status 0
expect_out ' registered\.'

# ---- amend: HOW | EXIT CODE | CHANGED | WHAT IS SAID ------------------------------------------------
export PROXY_JOB=breach.amend
n=0
while IFS='|' read -r how code changed said; do
    n=$((n + 1))
    echo "case: amend, COMMIT $how"
    cut "$how" breach amend DL-"$(sql "SELECT max(year) FROM waarborg.breach_number")"-1 --set "remarks=number $n" \
        --because x --timeline "2026-03-04 11:00 number $n"
    expect_status "$code"
    [ "$said" = - ] || expect_err "$said"
    expect_sql "$changed" "SELECT count(*) FROM waarborg.breach WHERE remarks = 'number $n'"
    expect_sql "$changed" "SELECT count(*) FROM waarborg.timeline WHERE what = 'number $n'"
    [ "$code" -ne 0 ] || expect_out '^  remarks: '
    kept_draft | while read -r draft; do
        grep -q "^remarks = number $n" "$draft" || fail "the draft has lost the change"
    done
    rm -f "$drafts"/*
done <<'TABLE'
before|3|0|nothing was registered
answered|0|1|-
answered-dead|3|1|may be in the register or not: look with waarborg breach show DL-
TABLE
