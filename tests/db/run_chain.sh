# The chain of manifests goes on where this run left it, or not at all: a database that is put back
# while a run is at work must not begin another branch.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db chain 12
rows=$(row_count)
small_conf 'batch = 4; workers = 1;'
gate_close 1
night_start
wait_at_gate
sql "UPDATE waarborg.chain SET manifest_sha256 = repeat('1', 64)"
gate_open
waarborg_wait
expect_status 4
expect_err 'event=retention\.run\.failed .*the chain of the ledger does not end where this run left it'
[ "$(left)" = 1,2,3,4,5,6,7,8,9,10,11,12 ] || fail "customers $(left) are left"
[ -z "$(segments)" ] || fail "a segment was left"
sql "UPDATE waarborg.chain SET manifest_sha256 = repeat('0', 64)"
night
expect_status 0
expect_whole "$rows"
