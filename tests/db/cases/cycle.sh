# The cycle every case of tests/db/cases goes through: load, dump, check, approve, run; then exactly
# the expected rows are left, nothing is lost between database and archive, psql alone can put the
# archive back, after `archive restore` of all segments the tables are byte-equal to the dump, and a
# database of before the run is brought to where it was after it by `retention run --re-erase`.
# Source it after lib.sh, then: run_cases FOLDER
#
# A case is a file with three parts.
#   [schema]  SQL on top of prelude.sql; when the first line is "-- bare", instead of it
#   [policy]  the policy; what is left out of name, version, legal_basis, subject and rules is that
#             of the prelude
#   [expect]  lines:
#     left VALUES | EXPRESSION FROM ...   after the run this select gives these values, sorted
#     run STATUS                          exit code of the run (0)
#     disposed N                          so many disposal records
#     settings TEXT                       of the group `run` (batch = 3; chunk = 2;)
#     out REGEX                           a line of what `check` prints
#     refused REGEX                       the same, and check, approve and run all refuse (exit 2)
# The day is 2026-11-22.

cases=$ROOT/tests/db/cases

part() { # NAME
    awk -v want="[$1]" '/^\[[a-z]+\]$/ { inside = ($0 == want); next } inside' "$case_file"
}

expected() { # WORD: the rest of the lines that begin with it
    part expect | sed -n "s/^$1 //p"
}

case_policy() {
    part policy >"$T/policy"
    echo '{'
    grep -q '^name = ' "$T/policy" || echo 'name = "customers"; version = "1"; legal_basis = "test";'
    grep -q '^subject = ' "$T/policy" ||
        echo 'subject = { table = "klant.customer"; key = [ "id" ]; };'
    grep -q '^rules = ' "$T/policy" || cat <<'RULES'
rules = ( { name = "former"; window = "7 years"; start = "exact";
            clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } );
RULES
    cat "$T/policy"
    echo '}'
}

load_case() {
    new_db_from "$cycle_template" "$1"
    case_db=$db
    part schema >"$T/schema.sql"
    if head -n 1 "$T/schema.sql" | grep -q '^-- bare'; then
        sql_file "$T/schema.sql" >/dev/null
    else
        cat "$cases/prelude.sql" "$T/schema.sql" | sql_file - >/dev/null
    fi || fail "the schema of the case does not load"
    rm -rf "$T/archive" "$T/journal.jsonl"
    settings=$(expected settings)
    case_policy | write_conf sealed "max_share = 1.0; ${CYCLE_SETTINGS:-${settings:-batch = 3; chunk = 2;}}"
}

expect_left() {
    expected left | while IFS='|' read -r values query; do
        actual=$(sql "SELECT coalesce(string_agg(v::text, ' ' ORDER BY v), '')
                        FROM (SELECT $query) AS x (v)") || fail "the query does not run: $query"
            # shellcheck disable=SC2086
        [ "$(echo $values)" = "$actual" ] || fail "expected '$values' to be left, got '$actual' from$query"
    done
}

# Rows in the archive; old values of unlinked columns are not rows.
count_archived() {
    sql "SELECT coalesce(sum(rows), 0) FROM waarborg.segment_table WHERE kind = 'rows'"
}

expect_nothing_lost() { # ROWS BEFORE
    left=$(row_count)
    archived=$(count_archived)
    [ "$1" -eq $((left + archived)) ] || fail "$1 rows before, $left left, $archived archived"
    [ -z "$(part expect | grep '^disposed ')" ] || expect_sql "$(expected disposed)" \
        "SELECT count(*) FROM waarborg.disposal"
}

newest_first() {
    sql "SELECT $1 FROM waarborg.segment ORDER BY chain_no DESC"
}

# With stock tools only: on top of what is left everything is there again.
expect_psql_restores() {
    new_db_from "$case_db" "${case_name}_copy"
    copy_db=$db db=$case_db
    for path in $(newest_first file); do
        segment_text "$T/archive/$path.sql.gz.cms" >"$T/segment.sql"
        psql -Xq -d "$copy_db" -f "$T/segment.sql" >"$T/out" 2>"$T/err" ||
            fail "psql cannot load segment $path"
    done
    db=$copy_db
    dump_all >"$T/copied"
    db=$case_db
    sql_in postgres "DROP DATABASE \"$copy_db\""
    cmp -s "$T/before" "$T/copied" || {
        diff "$T/before" "$T/copied" | head -n 20 >&2
        fail "what psql put back is not what was there"
    }
}

expect_restores() {
    for id in $(newest_first id); do
        waarborg --as-of=2026-11-22 archive restore "$id" --key "$T/fg.key" --reason test
        expect_status 0
    done
    dump_all >"$T/after"
    cmp -s "$T/before" "$T/after" || {
        diff "$T/before" "$T/after" | head -n 20 >&2
        fail "what was restored is not what was there"
    }
}

rename_db() { # FROM TO
    sql_in postgres "ALTER DATABASE \"$1\" RENAME TO \"$2\""
}

# The database of before the run is put back: the same subjects go again, and nobody else.
expect_erased_again() {
    dump_all >"$T/after_run"
    rm -rf "$T/archive.run"
    cp -a "$T/archive" "$T/archive.run"
    cp "$T/journal.jsonl" "$T/journal.run"
    rename_db "$case_db" "${case_db}_today"
    rename_db "${case_db}_backup" "$case_db"
    waarborg --as-of=2026-11-22 retention run --rehearsal
    expect_status 4
    waarborg --as-of=2026-11-22 retention run --rehearsal --re-erase
    expect_status 0
    dump_all >"$T/after"
    cmp -s "$T/after_run" "$T/after" || {
        diff "$T/after_run" "$T/after" | head -n 20 >&2
        fail "a restored database was not erased as before"
    }
    waarborg archive verify --key "$T/fg.key"
    expect_status 0
    sql_in postgres "DROP DATABASE \"$case_db\""
    rename_db "${case_db}_today" "$case_db"
    rm -rf "$T/archive"
    mv "$T/archive.run" "$T/archive"
    cp "$T/journal.run" "$T/journal.jsonl"
}

expect_untouched() {
    dump_all >"$T/after"
    cmp -s "$T/before" "$T/after" || fail "$last_command changed rows"
}

refused_case() {
    for job in check 'retention approve' 'retention run --rehearsal'; do
        # shellcheck disable=SC2086
        waarborg --as-of=2026-11-22 $job
        expect_status 2
        cat "$T/out" >>"$T/err"
        expected refused >"$T/refused"
        while read -r regex; do
            expect_err "$regex"
        done <"$T/refused"
    done
    expect_untouched
}

accepted_case() {
    rows=$(row_count)
    waarborg --as-of=2026-11-22 check
    expect_status 0
    expected out >"$T/expected"
    while read -r regex; do
        expect_out "$regex"
    done <"$T/expected"
    waarborg --as-of=2026-11-22 retention approve
    expect_status 0
    waarborg --as-of=2026-11-22 retention plan
    expect_status 0
    expect_untouched
    new_db_from "$case_db" "${case_name}_backup"
    db=$case_db
    waarborg --as-of=2026-11-22 retention run --rehearsal
    run_status=$(expected run)
    expect_status "${run_status:-0}"
    expect_left
    expect_nothing_lost "$rows"
    [ "$(count_archived)" -gt 0 ] || return 0
    expect_erased_again
    waarborg archive verify --key "$T/fg.key"
    expect_status 0
    expect_psql_restores
    expect_restores
}

run_case() { # FILE
    case_file=$1
    case_name=$(basename "$1" .case)
    echo "case: $case_name: $(head -n 1 "$1")"
    load_case "$case_name"
    dump_all >"$T/before"
    if part expect | grep -q '^refused '; then
        refused_case
    else
        accepted_case
    fi
    sql_in postgres "DROP DATABASE \"$case_db\""
}

run_cases() { # FOLDER [CASE]
    new_db template
    cycle_template=$db
    case_file=/dev/null
    case_policy | write_conf sealed
    waarborg migrate
    expect_status 0
    for file in "$cases/$1"/${2:-*}.case; do
        run_case "$file"
    done
}
