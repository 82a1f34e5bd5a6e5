# What a program that was cut off left, and what the next run made of it.  Source it after night.sh.
#
#   keep_start            the database and the files as they are now are the start of every case
#   fresh                 puts them back
#   fault_night [NAME=VALUE ...] [-- ARGUMENTS]
#                         one night with these variables, as `night` otherwise
#   endless_work          for many nights in one database: `refill NUMBER` adds 300 customers, with
#                         numbers of their own, when fewer than 60 are left, and says how many rows
#   look_at_left ROWS     when the sessions of the run are gone: sets $found to what the README's table
#                         allows ("nothing", or temporary, segment, manifest, line joined by +), counts
#                         it, and fails on everything else
#   expect_mended         the events of the last run say exactly that
#   check_points FILE [-v]  the points of the sources that have to do with what comes later (expiry,
#                         re-erase; -v: all the others) are those with which lines of FILE begin
#   found_so_far          all that was found, with numbers

found='' found_temporary=0 found_segment=0 found_manifest=0 found_line=0
: >"$T/found"

keep_start() {
    start_db=$db
    db=${start_db}_now
    harness_databases="$harness_databases $db"
    rm -rf "$T/start"
    mkdir "$T/start"
    cp -a "$T/archive" "$T/start/"
    [ ! -f "$T/journal.jsonl" ] || cp -p "$T/journal.jsonl" "$T/start/"
    sed -i "s/dbname='$start_db'/dbname='$db'/" "$T/waarborg.conf"
    fresh
}

fresh() {
    psql -XAtq -v ON_ERROR_STOP=1 -d postgres -c "SET client_min_messages = warning" \
        -c "DROP DATABASE IF EXISTS \"$db\" WITH (FORCE)" \
        -c "CREATE DATABASE \"$db\" TEMPLATE \"$start_db\"" || fail "cannot start again from $start_db"
    rm -rf "$T/archive" "$T/journal.jsonl"
    cp -a "$T/start/." "$T/"
}

fault_night() {
    : >"$T/variables"
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        printf "export '%s'\n" "$1" >>"$T/variables"
        shift
    done
    [ $# -eq 0 ] || shift
    last_command="$(sed "s/^export '\(.*\)'$/\1/" "$T/variables" | tr '\n' ' ')night $*"
    status=0
    { # the shell's own word about a killed child is not wanted
        (
            . "$T/variables"
            exec "$WAARBORG" -c "$T/waarborg.conf" --as-of $AS_OF retention run \
                --accept-volume 1000000 "$@" >"$T/out" 2>"$T/err"
        ) || status=$?
    } 2>/dev/null
    cat "$T/err" >>"$T/log"
    ! grep -qE 'AddressSanitizer|LeakSanitizer|runtime error:' "$T/err" ||
        fail "a sanitizer found a fault"
}

endless_work() {
    sql "CREATE FUNCTION test.refill(number bigint) RETURNS bigint LANGUAGE plpgsql AS \$\$
        DECLARE
            base CONSTANT bigint := number * 1000 + 10000;
        BEGIN
            IF (SELECT count(*) FROM klant.customer) >= 60 THEN
                RETURN 0;
            END IF;
            INSERT INTO klant.customer
            SELECT i, 'Jansen' FROM generate_series(base, base + 299) AS i;
            INSERT INTO klant.agreement
            SELECT i, i, '2015-01-01' FROM generate_series(base, base + 299) AS i;
            INSERT INTO klant.contact
            SELECT i, i, 'x' FROM generate_series(base, base + 299) AS i;
            RETURN 900;
        END \$\$"
}

refill() {
    sql "SELECT test.refill($1)"
}

# A killed client's session ends when the server notices; until then its transaction is open.
settled_sql="DO \$\$ BEGIN
    FOR i IN 1..2000 LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                              AND application_name LIKE 'waarborg/%');
        PERFORM pg_sleep(0.01);
    END LOOP; END \$\$"

settle() {
    sql "$settled_sql" && sessions_gone || fail "a session of the run does not end"
}

# found_count FILE FILE: how many lines only the first has.
found_count() {
    comm -23 "$1" "$2" | wc -l
}

look_at_left() {
    psql -XAtq -v ON_ERROR_STOP=1 -d "$db" -c "$settled_sql" -c "
        SELECT 'sessions ' || count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'waarborg/%'
         UNION ALL SELECT 'id ' || id FROM waarborg.segment
         UNION ALL SELECT 'archived ' || coalesce(sum(rows), 0) FROM waarborg.segment_table
                    WHERE kind = 'rows'" >"$T/state" || fail "the ledger cannot be read"
    grep -qx 'sessions 0' "$T/state" || fail "a session of the run does not end"
    sed -n 's/^id //p' "$T/state" | sort >"$T/ledger.ids"
    : >"$T/journal.ids"
    [ ! -f "$T/journal.jsonl" ] || journal_segments >"$T/journal.ids"
    find "$T/archive" -type f ! -name '.*' | sed 's/.*-\([0-9a-f]*\)\.\([a-z]*\)\..*/\2 \1/' | sort >"$T/files"
    sed -n 's/^sql //p' "$T/files" >"$T/segment.ids"
    sed -n 's/^manifest //p' "$T/files" >"$T/manifest.ids"
    found_temporary=$(find "$T/archive" -type f -name '.*.tmp' | wc -l)
    found_segment=$(found_count "$T/segment.ids" "$T/ledger.ids")
    found_manifest=$(found_count "$T/manifest.ids" "$T/ledger.ids")
    found_line=$(found_count "$T/ledger.ids" "$T/journal.ids")
    refuse_impossible
    archived=$(sed -n 's/^archived //p' "$T/state")
    rows_left=$(row_count)
    [ $((rows_left + archived)) -eq "$1" ] ||
        fail "$1 rows before, but $rows_left left + $archived in the ledger"
    name_found
}

refuse_impossible() {
    [ "$(found_count "$T/journal.ids" "$T/ledger.ids")" -eq 0 ] ||
        fail "the journal names a segment that did not commit"
    [ "$(found_count "$T/ledger.ids" "$T/segment.ids")" -eq 0 ] &&
        [ "$(found_count "$T/ledger.ids" "$T/manifest.ids")" -eq 0 ] ||
        fail "a segment of the ledger has no file"
    [ "$(found_count "$T/manifest.ids" "$T/segment.ids")" -eq 0 ] || fail "a manifest has no segment"
    [ "$found_segment" -le 1 ] && [ "$found_line" -le 1 ] ||
        fail "$found_segment segments without ledger row, $found_line ledger rows without line"
    [ "$found_temporary" -le 2 ] || fail "$found_temporary temporary files"
}

name_found() {
    found=''
    [ "$found_segment" -eq 0 ] || found=$found+segment
    [ "$found_manifest" -eq 0 ] || found=$found+manifest
    [ "$found_line" -eq 0 ] || found=$found+line
    [ "$found_temporary" -eq 0 ] || found=$found+temporary
    found=${found#+}
    found=${found:-nothing}
    echo "$found" >>"$T/found"
}

found_so_far() {
    sort "$T/found" | uniq -c | sort -rn | awk '{ printf "%s%s %d", (NR > 1 ? ", " : ""), $2, $1 }'
}

expect_mended() {
    expect_events "$found_temporary" 'what="temporary file removed"'
    expect_events "$found_segment" 'what="file of a batch that did not commit removed"'
    expect_events "$found_line" 'what="journal line written"'
}

expect_events() { # NUMBER WORDS
    events=$(grep -c "event=retention\\.mended .*$2" "$T/err" || :)
    [ "$events" -eq "$1" ] || fail "$found was left, but $events times $2 was said"
}

# Of the breach register: tests/fault/remind.sh, letters.sh.
points_register='^(letters|remind)\.'
points_later='^(adopt|again|expire)\.|^reconcile\.(expire|hold|restore)'

check_points() {
    grep -rhoE 'FAULT_POINT\("[^"]+"\)' "$ROOT/common" "$ROOT/jobs" --include='*.c' |
        sed 's/.*"\(.*\)".*/\1/' | sort >"$T/all.names"
    [ -s "$T/all.names" ] || fail "no FAULT_POINT was found in the sources"
    [ -z "$(uniq -d "$T/all.names")" ] ||
        fail "a point has two places: $(uniq -d "$T/all.names" | tr '\n' ' ')"
    # shellcheck disable=SC2086 # perhaps no option
    grep -vE "$points_register" "$T/all.names" | grep -E ${2:-} "$points_later" >"$T/names"
    sed 's/[:|].*//' "$1" | sort -u >"$T/table.names"
    cmp -s "$T/names" "$T/table.names" ||
        fail "points without a line in the table, or lines without a point:
$(comm -3 "$T/names" "$T/table.names")"
}
