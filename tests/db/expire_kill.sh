# archive expire killed (SIGKILL) at each step of its protocol: the next run finishes what was begun,
# once.  Needs a build with fault points (cmake -DFAULT_POINTS=ON).
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/expiry.sh"

grep -q 'expire\.unlinked' "$WAARBORG" || skip "the program was built without fault points"

# POINT | destroyed in the ledger | files left | journal lines, right after the kill of the first of two |
# which job comes next
while read -r point ledger files lines seconds; do
    for second in $seconds; do
        echo "case: $point, then $second"
        new_archive "kill_$(echo "$point$second" | tr -d .)" 4
        WAARBORG_FAULT_POINT=$point expire_start
        waarborg_wait
        [ "$status" -eq 137 ] || fail "it was not killed at $point"
        wait_for 10 sessions_gone
        expect_sql "$ledger" "SELECT count(*) FROM waarborg.segment WHERE destroyed_at IS NOT NULL"
        [ "$(segments | wc -l)" -eq "$files" ] || fail "$(segments | wc -l) files are left"
        [ "$(expired_lines | wc -l)" -eq "$lines" ] || fail "$(expired_lines | wc -l) lines"
        # What it mends does not depend on the command.
        if [ "$second" = retention ]; then
            night
            expect_status 0
            if [ "$ledger" -eq 1 ]; then expect_expired "$segment_1"; else expect_expired ''; fi
            waarborg archive verify
            expect_status 0
        fi
        waarborg --as-of "$(after 91)" archive expire --rehearsal
        expect_status 0
        expect_expired "$segment_1 $segment_2"
        [ "$(expired_lines | sort -u | wc -l)" -eq 2 ] && [ "$(expired_lines | wc -l)" -eq 2 ] ||
            fail "the journal has $(expired_lines | wc -l) lines"
        waarborg archive verify
        expect_status 0
    done
done <<'CASES'
expire.locked 0 2 0 archive
expire.marked 0 2 0 retention
expire.committed 1 2 0 archive retention
expire.written 1 2 1 archive retention
expire.unlinked 1 1 1 archive
CASES

# Nobody is held on an archive that is already marked: the file may be gone any moment.
new_archive marked 4
WAARBORG_FAULT_POINT=expire.committed expire_start
waarborg_wait
[ "$status" -eq 137 ] || fail "it was not killed"
waarborg hold add "$(customer_in 1)" --kind claim --reason dossier
expect_status 1
expect_err 'sqlstate=WB006'
