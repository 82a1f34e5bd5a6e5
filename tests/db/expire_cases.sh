# archive expire: which segments go on which day, what is said, what stays, what is refused.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/json.sh"
. "$ROOT/tests/harness/expiry.sh"

small_db cases 9
small_conf 'batch = 3;'
waarborg archive expire
expect_status 0
expect_out '^No segment is past archive\.keep \(90 days\) as of 20[0-9-]+\.$'
night
expect_status 0

# The day.  CREATED | --as-of | keep | state.  Instants in UTC, days in Europe/Amsterdam: 00:30 there
# is the day before in UTC, also where the clock is about to change or has just changed.
cp "$T/waarborg.conf" "$T/waarborg.conf.kept"
while IFS='|' read -r created as_of keep state; do
    echo "case: $created, as of $as_of, keep $keep: $state"
    sed "s/keep = \"90 days\"/keep = \"$keep\"/" "$T/waarborg.conf.kept" >"$T/waarborg.conf"
    sql "BEGIN; UPDATE waarborg.segment SET created_at = '$created'; COMMIT"
    waarborg --as-of "$as_of" --json archive expire --dry-run
    expect_status 0
    expect_json "$state" '{segments,2,state}'
    expect_json "$([ "$state" = due ] && echo 3 || echo 0)" '{due}'
    expect_json 0 '{destroyed}'
done <<'CASES'
2026-01-10T12:00:00Z|2026-04-10|90 days|not yet
2026-01-10T12:00:00Z|2026-04-11|90 days|due
2026-01-10T22:59:59Z|2026-04-11|90 days|due
2026-01-10T23:00:00Z|2026-04-11|90 days|not yet
2026-01-10T23:00:00Z|2026-04-12|90 days|due
2026-06-10T21:59:59Z|2026-09-09|90 days|due
2026-06-10T22:00:00Z|2026-09-09|90 days|not yet
2026-03-28T23:30:00Z|2026-06-27|90 days|not yet
2026-03-28T23:30:00Z|2026-06-28|90 days|due
2026-03-29T22:30:00Z|2026-06-28|90 days|not yet
2026-03-29T22:30:00Z|2026-06-29|90 days|due
2026-10-24T22:30:00Z|2027-01-23|90 days|not yet
2026-10-24T22:30:00Z|2027-01-24|90 days|due
2026-10-25T22:30:00Z|2027-01-23|90 days|not yet
2026-10-25T22:30:00Z|2027-01-24|90 days|due
2026-10-25T23:30:00Z|2027-01-24|90 days|not yet
2028-02-29T12:00:00Z|2029-02-28|1 year|not yet
2028-02-29T12:00:00Z|2029-03-01|1 year|due
2027-11-30T12:00:00Z|2028-02-29|3 months|not yet
2027-11-30T12:00:00Z|2028-03-01|3 months|due
2027-12-01T12:00:00Z|2028-02-29|90 days|not yet
2027-12-01T12:00:00Z|2028-03-01|90 days|due
2026-11-22T12:00:00Z|2026-11-22|1 day|not yet
2026-11-22T12:00:00Z|2026-11-23|1 day|not yet
2026-11-22T12:00:00Z|2026-11-24|1 day|due
2026-11-22T12:00:00Z|2026-11-21|1 day|not yet
CASES
cp "$T/waarborg.conf.kept" "$T/waarborg.conf"
sql "UPDATE waarborg.segment SET created_at = (SELECT finished_at FROM waarborg.run ORDER BY id DESC LIMIT 1)"
remember_segments 3

# Today nothing goes, and cron mails nothing.
for words in '' '-q'; do
    snapshot before
    # shellcheck disable=SC2086 # no word or one
    waarborg $words archive expire
    expect_status 0
    snapshot after
    expect_same_snapshots before after
done
[ ! -s "$T/out" ] && [ ! -s "$T/err" ] || fail "with -q nothing was to be said"
waarborg archive expire
expect_out "^3 kept for now; the next is due on $(after 91)\.$"
expect_err 'event=archive\.expire\.done as_of=20[0-9-]+ due=0 destroyed=0 missing=0 kept=0 busy=0 reviews_due=0 outcome=done$'

# A day that has not come: refused, whatever would be due.
waarborg --as-of "$(after 91)" archive expire
expect_status 2
expect_err "event=archive\.expire\.failed .*--as-of $(after 91) lies after today, [0-9-]+: .*--rehearsal"
expect_expired ''
waarborg archive expire "$segment_1"
expect_status 2
expect_err 'takes options only'

# A dry run names them, and changes nothing: not even what another run left is mended.
: >"$T/archive/$(sql "SELECT split_part(file, '/', 1) FROM waarborg.segment LIMIT 1")/.x.sql.gz.tmp"
cp "$T/journal.jsonl" "$T/journal.before"
snapshot before
waarborg --as-of "$(after 91)" archive expire --dry-run
expect_status 0
expect_out "^$segment_1  customers +3  $(after 0)  $(after 90)  due$"
expect_out "^3 of 3 segments past archive\.keep \(90 days\) as of $(after 91) would be destroyed\.$"
[ ! -s "$T/err" ] || fail "a dry run has nothing to log"
snapshot after
expect_same_snapshots before after
cmp "$T/journal.before" "$T/journal.jsonl" || fail "the journal changed"

# On the last day they are kept; the day after those go that nobody holds.
waarborg --as-of "$(after 90)" archive expire --rehearsal
expect_status 0
expect_expired ''
waarborg hold add "$(customer_in 2)" --kind claim --reason dossier --review "$(after 91)"
expect_status 0
waarborg hold add "$(customer_in 2)" --kind request --reason dossier
expect_status 0
for words in '--dry-run' '--rehearsal'; do
    waarborg --as-of "$(after 91)" archive expire "$words"
    expect_status 1
    expect_out "^$segment_2  .* kept by hold 1, 2$"
    expect_out '^1 kept by holds \(waarborg hold list\)\.$'
    expect_out '^1 of these holds is to be reviewed\.$'
done
expect_out "^$segment_1  .* destroyed$"
expect_out "^2 of 3 segments past archive\.keep"
expect_err "event=archive\.expire\.segment segment=$segment_1 policy=customers subjects=3 created=$(after 0)$"
expect_err 'event=archive\.expire\.done .*due=3 destroyed=2 missing=0 kept=1 busy=0 reviews_due=1 outcome=done$'
expect_expired "$segment_1 $segment_3"
[ -f "$(manifest_of "$segment_1")" ] || fail "the manifest is gone"
grep -q "\"event\":\"expire\".*\"segment\":\"$segment_1\".*\"sha256\":\"$(sql "SELECT sha256
    FROM waarborg.segment WHERE id = '$segment_1'")\"" "$T/journal.jsonl" || fail "no such line"
waarborg archive list
expect_status 0
expect_out "^$segment_1 .*  destroyed  20[0-9-]+T[0-9:]+Z$"
waarborg archive verify
expect_status 0
expect_out '^3 segments, .*: all hold; 2 of them were destroyed, as it is recorded\.$'
waarborg archive verify "$segment_1"
expect_status 0
expect_out '^1 segment: destroyed, as it is recorded; the manifest holds\.$'
waarborg archive show "$segment_1"
expect_status 0
expect_out '^The file was destroyed at 20[0-9-]+T[0-9:]+Z by waarborg archive expire\.$'
waarborg archive restore "$segment_1" --reason dossier
expect_status 2
expect_err "segment $segment_1 was destroyed at 20[0-9-]+T[0-9:]+Z by waarborg archive expire: nothing is left"
# The segment of a subject that is held is kept with all who are in it.
waarborg --as-of "$(after 100)" evidence $(($(customer_in 2) + 1))
expect_status 0
expect_out "^  Its archive, segment $segment_2, is there and was to be kept until $(after 90); another subject in it is held\.$"

# Twice: nothing is destroyed twice; the review that is due is all there is to say.
lines=$(wc -l <"$T/journal.jsonl")
waarborg --json --as-of "$(after 92)" archive expire --rehearsal
expect_status 1
expect_json_keys 'as_of busy destroyed dry_run due keep kept later missing next_on reviews_due segments stopped' '{}'
expect_json_keys 'created_on holds kept_until policy segment state subjects' '{segments,0}'
expect_json '[1, 2]' '{segments,0,holds}'
expect_json kept '{segments,0,state}'
expect_json absent '{segments,1}'
[ "$(wc -l <"$T/journal.jsonl")" -eq "$lines" ] || fail "the journal grew"
# Before the review: exit code 0, and nothing under -q; still kept.
waarborg -q --as-of "$(after 91)" archive expire --rehearsal
expect_status 1
expect_out 'to be reviewed'
waarborg hold release 1 --reason settled
waarborg -q --as-of "$(after 91)" archive expire --rehearsal
expect_status 0
[ ! -s "$T/out" ] || fail "with -q nothing was to be said"
waarborg hold release 2 --reason answered
waarborg --as-of "$(after 91)" archive expire --rehearsal
expect_status 0
expect_expired "$segment_1 $segment_2 $segment_3"
waarborg --as-of "$(after 91)" archive expire --rehearsal
expect_status 0
expect_out '^No segment is past'
# And the nights go on.
night
expect_status 0
waarborg archive verify
expect_status 0
refute_log 'dossier|Jansen'
refute_evidence 'dossier|Jansen'

# Sealed, and with subjects that were restored: it goes all the same; who is back stays.
new_archive sealed 4 sealed
waarborg archive restore "$segment_1" --subject 2 --key "$T/fg.key" --reason test
expect_status 0
waarborg --as-of "$(after 91)" archive expire --rehearsal
expect_status 0
expect_expired "$segment_1 $segment_2"
[ "$(left)" = 2 ] || fail "customers $(left) are left"
waarborg archive verify
expect_status 0
