# The tests against a real server, in sh.  A test begins with
#
#   . "$(dirname "$0")/../harness/lib.sh"
#
# and ends when its last line is reached.  It gets
#   $T         a directory of its own, removed at exit
#   $WAARBORG  the program under test; $WAARBORG_PLAIN the one without sanitizers
#   $ROOT      the checkout
# and the functions below.  Every failure prints a sentence with what the last command said, and
# stops.  Through tests/run.sh all tests share one server; run by hand (WAARBORG=build/waarborg sh
# tests/db/x.sh) a test starts its own.
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
WAARBORG=$(realpath "${WAARBORG:-$ROOT/build/waarborg}")
WAARBORG_PLAIN=$(realpath "${WAARBORG_PLAIN:-$WAARBORG}")
T=$(mktemp -d "${TMPDIR:-/tmp}/waarborg-test.XXXXXXXX")
harness_databases='' harness_children='' own_server=''
status=0 last_command=''
umask 077
: >"$T/out"
: >"$T/err"
: >"$T/log"

harness_exit() {
    trap '' INT TERM HUP
    for child in $harness_children; do
        kill "$child" 2>/dev/null || :
    done
    if [ -n "$own_server" ]; then
        server_stop
    else
        for database in $harness_databases; do
            sql_in postgres "DROP DATABASE IF EXISTS \"$database\" WITH (FORCE)" 2>/dev/null || :
        done
    fi
    rm -rf "$T"
}
trap harness_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -z "${WAARBORG_TEST_CACHE:-}" ]; then
    . "$ROOT/conf/demo/server.sh"
    own_server=yes
    WAARBORG_TEST_CACHE=$T/cache
    mkdir "$WAARBORG_TEST_CACHE"
    server_start
fi

# ---- What the test says ---------------------------------------------------------------------

# The end of a failed test: the sentence, then what the last command printed.
fail() {
    echo "FAILED: $*" >&2
    [ -z "$last_command" ] || {
        echo "--- last command: $last_command (exit $status)"
        echo "--- its output"
        head -c 20000 "$T/out"
        echo "--- its messages"
        head -c 20000 "$T/err"
    } >&2
    exit 1
}

# Why this test cannot be run here; ctest lists it as skipped.
skip() {
    echo "SKIPPED: $*"
    exit 77
}

# ---- Databases ------------------------------------------------------------------------------

# new_db NAME: a database of this process that holds nothing, in $db.  Dropped at exit.
new_db() {
    new_db_from template0 "$1"
}

# new_db_from TEMPLATE NAME: the same as a copy of TEMPLATE, which nobody may be connected to.
new_db_from() {
    db=wt_$$_$2
    harness_databases="$harness_databases $db"
    sql_in postgres "CREATE DATABASE \"$db\" TEMPLATE \"$1\"" || fail "cannot create $db from $1"
}

# new_demo_db NAME [CUSTOMERS]: a copy of the demo administration (300 customers), which the first
# test that asks for it loads.
new_demo_db() {
    demo_template=wt_demo_${2:-300}
    (
        flock 9
        [ ! -e "$WAARBORG_TEST_CACHE/$demo_template" ] || exit 0
        sql_in postgres "DROP DATABASE IF EXISTS $demo_template"
        sql_in postgres "CREATE DATABASE $demo_template TEMPLATE template0"
        psql -XAtq -v ON_ERROR_STOP=1 -v customers="${2:-300}" -d "$demo_template" \
            -f "$ROOT/sql/demo/load.sql" >/dev/null
        : >"$WAARBORG_TEST_CACHE/$demo_template"
    ) 9>"$WAARBORG_TEST_CACHE/lock" || fail "cannot load the demo administration"
    new_db_from "$demo_template" "$1"
}

# sql TEXT: runs it in $db; values on stdout, columns separated by |.
sql() {
    sql_in "$db" "$1"
}

sql_in() { # DATABASE TEXT
    psql -XAtq -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

# sql_file FILE [psql arguments]: "-" reads stdin.
sql_file() {
    sql_path=$1
    shift
    psql -XAtq -v ON_ERROR_STOP=1 -d "$db" "$@" -f "$sql_path"
}

# expect_sql VALUE TEXT: the query gives exactly VALUE.
expect_sql() {
    actual=$(sql "$2") || fail "the query does not run: $2"
    [ "$actual" = "$1" ] || fail "expected '$1', got '$actual' from: $2"
}

# dump_all: every row of every table outside the schema waarborg, ordered: equal text, equal rows.
# Partitions are listed one by one; the columns of a table stand with its name.
dump_all() {
    for_each_table "'SELECT %2\$L', 'SELECT \"row of dump\"::text FROM ONLY %1\$s AS \"row of dump\"
        ORDER BY \"row of dump\"::text COLLATE \"C\"'" || fail "the tables cannot be dumped"
}

# row_count: the rows of all those tables together.
row_count() {
    for_each_table "'SELECT count(*) FROM ONLY %1\$s'" | awk '{ rows += $1 } END { print rows + 0 }'
}

# Runs statements for each table: formats, separated by commas, with the table as %1$s and its
# name with its columns as %2$L.
for_each_table() {
    psql -XAtq -v ON_ERROR_STOP=1 -d "$db" <<SQL
SET search_path = pg_catalog;
SELECT format(statement, t.oid::regclass,
              format('# %s (%s)', t.oid::regclass, string_agg(a.attname, ', ' ORDER BY a.attnum)))
  FROM pg_class AS t
  JOIN pg_namespace AS n ON n.oid = t.relnamespace
  LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
 CROSS JOIN unnest(ARRAY[$1]) WITH ORDINALITY AS s (statement, place)
 WHERE t.relkind = 'r'
   AND n.nspname NOT IN ('waarborg', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
 GROUP BY t.oid, statement, place
 ORDER BY t.oid::regclass::text COLLATE "C", place
\\gexec
SQL
}

# ---- The program ----------------------------------------------------------------------------

# write_conf [sealed|unsealed] [RUN SETTINGS]: writes $T/waarborg.conf for $db, with the policies
# (what stands between `policies = (` and `)`) from stdin, and makes the archive directory, the
# reference key and, when sealed (the default), $T/fg.crt with its private key $T/fg.key.
write_conf() {
    [ -d "$T/archive" ] || mkdir -m 700 "$T/archive"
    [ -f "$T/reference.key" ] ||
        echo 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f >"$T/reference.key"
    sealing='seal_to = []; unsealed = true;'
    if [ "${1:-sealed}" = sealed ]; then
        harness_key_pair
        sealing="seal_to = [ \"$T/fg.crt\" ];"
    fi
    {
        cat <<CONF
database = "host='$PGHOST' port=$PGPORT user='$PGUSER' dbname='$db'";
timezone = "Europe/Amsterdam";
organisation = { name = "Proefbedrijf B.V."; registration = "KvK 12345678"; };
archive = { directory = "$T/archive"; $sealing keep = "90 days"; compression = 3; };
evidence = { journal = "$T/journal.jsonl"; reference_key = "$T/reference.key"; };
run = { ${2:-} };
policies = (
CONF
        cat
        echo ');'
    } >"$T/waarborg.conf"
}

# One EC key pair for all tests, made by the first that needs it.
harness_key_pair() {
    [ ! -f "$T/fg.crt" ] || return 0
    (
        flock 9
        [ ! -f "$WAARBORG_TEST_CACHE/fg.crt" ] || exit 0
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
            -subj '/CN=Functionaris gegevensbescherming' -keyout "$WAARBORG_TEST_CACHE/fg.key" \
            -out "$WAARBORG_TEST_CACHE/fg.crt.new" 2>"$WAARBORG_TEST_CACHE/openssl.log"
        mv "$WAARBORG_TEST_CACHE/fg.crt.new" "$WAARBORG_TEST_CACHE/fg.crt"
    ) 9>"$WAARBORG_TEST_CACHE/lock" || fail "openssl cannot make a key pair"
    cp "$WAARBORG_TEST_CACHE/fg.crt" "$WAARBORG_TEST_CACHE/fg.key" "$T/"
}

# demo_policy: the policy of the demo administration, for write_conf.
demo_policy() {
    sed '1,/^policies = (/d; /^);/,$d' "$ROOT/conf/demo/waarborg.conf.in"
}

# waarborg ARGUMENTS: runs the program with $T/waarborg.conf.  Output in $T/out, messages in $T/err
# (and, of all calls, in $T/log), exit code in $status.  stdin passes through.
waarborg() {
    last_command="waarborg $*"
    status=0
    "$WAARBORG" -c "$T/waarborg.conf" "$@" >"$T/out" 2>"$T/err" || status=$?
    cat "$T/err" >>"$T/log"
    ! grep -qE 'AddressSanitizer|LeakSanitizer|runtime error:' "$T/err" ||
        fail "a sanitizer found a fault"
}

# waarborg_start ARGUMENTS: the same beside the test; its process id is $started.
waarborg_start() {
    last_command="waarborg $*"
    "$WAARBORG" -c "$T/waarborg.conf" "$@" >"$T/out" 2>"$T/err" &
    started=$!
    harness_children="$harness_children $started"
}

# waarborg_wait: waits for the one started last; exit code in $status.
waarborg_wait() {
    status=0
    wait "$started" || status=$?
    cat "$T/err" >>"$T/log"
    ! grep -qE 'AddressSanitizer|LeakSanitizer|runtime error:' "$T/err" ||
        fail "a sanitizer found a fault"
}

expect_status() {
    [ "$status" -eq "$1" ] || fail "$last_command gave exit code $status, expected $1"
}

# expect_out, expect_err: a line of the last command's output, messages matches REGEX (grep -E).
expect_out() {
    grep -qE -e "$1" "$T/out" || fail "no line of the output matches: $1"
}

expect_err() {
    grep -qE -e "$1" "$T/err" || fail "no line of the messages matches: $1"
}

refute_out() {
    ! grep -E -e "$1" "$T/out" >&2 || fail "the output should not hold: $1"
}

# refute_log REGEX: no message of any call so far matches.
refute_log() {
    ! grep -E -e "$1" "$T/log" >&2 || fail "the messages should not hold: $1"
}

# refute_evidence REGEX: neither the journal nor a manifest nor a file name of the archive matches.
refute_evidence() {
    ! find "$T/archive" | grep -E -e "$1" >&2 || fail "a name in the archive should not hold: $1"
    ! find "$T/archive" "$T/journal.jsonl" -type f \( -name '*.json' -o -name '*.jsonl' \) \
        -exec grep -E -e "$1" {} + >&2 || fail "the evidence should not hold: $1"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    patience=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        patience=$((patience - 1))
        [ "$patience" -gt 0 ] || fail "waited in vain for: $*"
        sleep 0.05
    done
}

# ---- The archive, opened with stock tools ---------------------------------------------------

# segments: the paths of all segment files, oldest first.
segments() {
    find "$T/archive" -type f -name '*.sql.gz*' | sort
}

# segment_text FILE: what it holds, with nothing of ours involved.
segment_text() {
    case $1 in
    *.cms) openssl cms -decrypt -binary -inform DER -in "$1" -inkey "$T/fg.key" | zcat ;;
    *) zcat "$1" ;;
    esac
}

# archived_rows: the rows in all segments together; old values of rows that stay are not rows.
archived_rows() {
    for segment in $(segments); do
        segment_text "$segment"
    done | awk '$0 == "\\." { inside = 0; next }
        inside { rows += counts; next }
        /^COPY .* FROM stdin;$/ { inside = 1; counts = !/^COPY pg_temp\./ }
        END { print rows + 0 }'
}

# expect_conserved ROWS: rows before = rows left + rows archived.
expect_conserved() {
    left=$(row_count)
    archived=$(archived_rows)
    [ "$1" -eq $((left + archived)) ] ||
        fail "$1 rows before, but $left left + $archived archived = $((left + archived))"
}
