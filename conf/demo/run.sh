#!/bin/sh
# The quick start: installs what is missing, builds, starts a private throw-away PostgreSQL with a
# demo administration of 20,000 customers and goes through the nights of waarborg, and through what
# comes after them: questions, holds, the end of the archive, a restored backup, three data breaches.
#   conf/demo/run.sh [--keep-server]
# Leaves the configuration, the archive and the journal in build/demo; the next call starts anew.
set -eu
cd "$(dirname "$0")/../.."
root=$(pwd)
demo=build/demo
as_of=2026-11-22
. conf/demo/server.sh

keep_server=''
case ${1:-} in
'') ;;
--keep-server) keep_server=yes ;;
*)
    echo "usage: sh conf/demo/run.sh [--keep-server]" >&2
    exit 2
    ;;
esac

trap server_stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say() {
    printf '\n\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[01]m//g'; fi
}

# step EXIT-CODE WORD...: prints and runs the command; stops unless it exits with that code.
step() {
    expected=$1
    shift
    printf '$'
    for word; do
        case $word in
        *' '*) printf ' "%s"' "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    echo
    code=0
    "$@" || code=$?
    [ "$code" -eq 0 ] || echo "(exit code $code)"
    [ "$code" -eq "$expected" ] || {
        echo "The demo expected exit code $expected here, and stops." >&2
        exit 1
    }
}

# rows: one line a table, "name rows", largest first.
rows() {
    psql -XAtq -d klant -F ' ' -f - <<'SQL'
SELECT format('SELECT %L, count(*) FROM %s', oid::regclass, oid::regclass)
  FROM pg_class WHERE relnamespace = 'klant'::regnamespace AND relkind = 'r' ORDER BY relname
\gexec
SQL
}

say "Installing what is missing, and building"
sh conf/demo/prepare.sh
sh conf/demo/build.sh build waarborg

say "Starting a private PostgreSQL and loading 20,000 customers of a service company"
server_start
createdb klant
psql -Xq -v customers=20000 -v as_of=$as_of -d klant -f sql/demo/load.sql
rows >"$SERVER_HOME/before"

rm -rf "$demo"
mkdir -m 700 "$demo" "$demo/archive"
# The job only needs the certificate.  The private key belongs to the data protection officer, on
# another machine; here it lies beside it, because the demo plays both.
umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
    -subj '/O=Voorbeeld Diensten B.V./CN=Functionaris gegevensbescherming' \
    -keyout "$demo/fg.key" -out "$demo/fg.crt" 2>"$SERVER_HOME/openssl.log" || {
    cat "$SERVER_HOME/openssl.log" >&2
    exit 1
}
openssl rand -hex 32 >"$demo/reference.key"
database="host='$PGHOST' port=$PGPORT user=$PGUSER dbname=klant"
awk -v dir="$root/$demo" -v root="$root" -v database="$database" '
    function put(text, mark, value,   at) {
        while ((at = index(text, mark)) > 0)
            text = substr(text, 1, at - 1) value substr(text, at + length(mark))
        return text
    }
    { print put(put(put($0, "@DIR@", dir), "@ROOT@", root), "@DATABASE@", database) }' \
    conf/demo/waarborg.conf.in >"$demo/waarborg.conf"
PATH=$root/build:$PATH
conf="-c $demo/waarborg.conf --as-of $as_of"

# shellcheck disable=SC2086 # $conf is a list of words throughout
{
    say "1. Once: the schema of waarborg in the customer database"
    step 0 waarborg $conf migrate

    say "2. Is everything in order?"
    step 0 waarborg $conf check

    say "3. Who is due, and what would go?  Changes nothing."
    step 0 waarborg $conf retention plan

    say "4. Somebody who may say so approves this policy for this schema"
    step 0 waarborg $conf retention approve

    # What the backup of this evening holds; step 14 restores it.
    psql -Xq -c "CREATE DATABASE backup TEMPLATE klant"

    say "5. The first night: one in ten is due, and the brake holds at one in twenty"
    step 2 waarborg $conf retention run

    due=$(waarborg $conf --json retention plan | sed -n 's/.*"due": *\([0-9][0-9]*\).*/\1/p' | head -n 1)
    say "6. The number is what we expect for a first night, so it is accepted for once"
    step 0 waarborg $conf retention run --accept-volume "$due"

    say "7. Another night: nothing is due"
    step 0 waarborg $conf retention run

    say "8. What was written, checked down to the rows with the officer's private key"
    step 0 waarborg $conf archive list
    step 0 waarborg $conf archive verify --key "$demo/fg.key"

    say "9. Who is left on the worklist, and a hold for customer 7, who would go tomorrow"
    step 0 waarborg $conf retention status
    step 0 waarborg $conf hold add 7 --kind claim --reason "letter of claim" --review 2027-05-22
    step 0 waarborg -c "$demo/waarborg.conf" --as-of 2026-11-23 retention plan

    rows >"$SERVER_HOME/after"
    gone=15
    say "10. What happened to customer $gone, and to customer 7?  The archive and the journal confirm it"
    step 0 waarborg -q $conf evidence "$gone"
    step 0 waarborg -q -c "$demo/waarborg.conf" --as-of 2026-11-23 evidence 7

    say "11. Customer $gone writes a letter after all: the archive is held"
    step 0 waarborg $conf hold add "$gone" --kind request --reason "asks what we kept"
    step 0 waarborg $conf hold list

    say "12. The archive has an end, too: what would be destroyed in a hundred days?  Changes nothing."
    later=$(date -d "+100 days" +%F)
    step 0 waarborg -c "$demo/waarborg.conf" --as-of "$later" archive expire --dry-run

    say "13. An auditor with a copy of archive and journal, and no database"
    mkdir "$demo/auditor"
    cp -r "$demo/archive" "$demo/journal.jsonl" "$demo/auditor"
    step 0 waarborg evidence verify "$demo/auditor/archive"

    say "14. Disaster: the database is restored from last evening's backup, and the next night refuses"
    psql -Xq -c "DROP DATABASE klant" -c "ALTER DATABASE backup RENAME TO klant"
    step 4 waarborg $conf retention run

    say "15. The holds that the backup does not know are placed again; then those who came back go again"
    step 0 waarborg $conf hold add 7 --kind claim --reason "letter of claim" --review 2027-05-22
    step 0 waarborg $conf retention run --re-erase
    step 0 waarborg $conf retention run

    say "16. And the evidence tells it all"
    step 0 waarborg -q $conf evidence "$gone"
    step 0 waarborg $conf evidence verify
}

. conf/demo/breaches.sh

# As of today: what the demo did, it did now.
now="-c $demo/waarborg.conf"
# shellcheck disable=SC2086 # $now is a list of words
{
    say "27. Are we in time?  One page for management; exit code 1, because a limit was missed"
    step 1 waarborg $now report summary
    step 1 waarborg $now report summary --lang nl --out "$demo/summary.html"

    say "28. Everything for an auditor, to be checked with sha256sum and openssl alone"
    step 0 waarborg -q $now report pack "$demo/pack" --lang nl
}

say "What is left"
rows | cmp -s - "$SERVER_HOME/after" || {
    echo "The rows after the second time are not those after the first." >&2
    exit 1
}
paste -d' ' "$SERVER_HOME/before" "$SERVER_HOME/after" | awk '
    BEGIN { printf "%-18s %9s %9s %9s\n", "table", "before", "after", "archived" }
    { printf "%-18s %9d %9d %9d\n", $1, $2, $4, $2 - $4; before += $2; after += $4 }
    END { printf "%-18s %9d %9d %9d\n", "together", before, after, before - after }'

segment=$(find "$demo/archive" -name '*.sql.gz.cms' | sort | tail -n 1)
say "Where to look next"
cat <<END
An archive opens with stock tools, now or in twenty years:
  openssl cms -decrypt -binary -inform DER -in $segment -inkey $demo/fg.key | zcat | less
What each night did:     $demo/journal.jsonl
The configuration:       $demo/waarborg.conf   (every setting is explained in conf/waarborg.conf)
The cases in the data:   sql/demo/load.sql
A notification, drafted: $demo/ap.html, and the letters to customers beside it in letters/
Mails that were sent:    $demo/mail
The auditor's pack:      $demo/pack/README.txt
The summary page:        $root/$demo/summary.html
What it is and how:      README.md
END
if [ -n "$keep_server" ]; then
    cat <<END
The server goes on running.  Look around:
  psql -h $PGHOST -U $PGUSER klant
  build/waarborg -c $demo/waarborg.conf --as-of $as_of retention status
and stop it:
  kill -INT $SERVER_PID; rm -r $PGHOST
END
    SERVER_HOME=''
fi
