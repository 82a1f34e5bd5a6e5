# hold add on somebody who was disposed of: the key is found in whatever form it is given that means
# the same value of its column, and nobody else's archive is held by a key that only looks like it.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"

new_db keys
sql "SET client_min_messages = warning;
     CREATE EXTENSION citext SCHEMA public;
     CREATE SCHEMA klant;
     CREATE DOMAIN klant.code AS varchar(4);
     CREATE DOMAIN klant.subcode AS klant.code CHECK (value <> 'nee');
     CREATE TYPE klant.kind AS ENUM ('vast', 'los')"

# NAME | TYPE | VALUE OF THE SUBJECT.  Every policy's subject is its own table, with one subject.
types='bigint|bigint|7
numeric|numeric(6,2)|1.5
bare|numeric|1.50
char|char(3)|NL
varchar|varchar(4)|abcd
domain|klant.subcode|abcd
date|date|2020-02-29
instant|timestamptz(0)|2020-06-01 12:00:00+02
uuid|uuid|00000000-0000-0000-0000-00000000abcd
boolean|boolean|true
float|float8|0.1
citext|public.citext|Jan
enum|klant.kind|los
bytes|bytea|\x00ff
bits|bit(4)|1010'
printf '%s\n' "$types" | while IFS='|' read -r name type value; do
    sql "CREATE TABLE klant.k_$name (id $type PRIMARY KEY, left_on date);
         INSERT INTO klant.k_$name VALUES ('$value', '2015-01-01')"
done
sql "CREATE TABLE klant.k_pair (\"Land \"\"code\" char(3), no int, left_on date, PRIMARY KEY (\"Land \"\"code\", no));
     INSERT INTO klant.k_pair VALUES ('NL', 1, '2015-01-01'), ('NL', 2, '2015-01-01')"
{
    printf '%s\n' "$types" | while IFS='|' read -r name _; do
        echo "{ name = \"$name\"; version = \"1\"; legal_basis = \"test\";
            subject = { table = \"klant.k_$name\"; key = [ \"id\" ]; };
            rules = ( { name = \"r\"; window = \"7 years\"; clocks = ( { table = \"klant.k_$name\"; ends = \"left_on\"; } ); } ); },"
    done
    echo '{ name = "pair"; version = "1"; legal_basis = "test";
            subject = { table = "klant.k_pair"; key = [ "Land \"code", "no" ]; };
            rules = ( { name = "r"; window = "7 years"; clocks = ( { table = "klant.k_pair"; ends = "left_on"; } ); } ); }'
} | write_conf unsealed
waarborg migrate
expect_status 0
waarborg --as-of 2026-11-22 retention approve
expect_status 0
for name in $(printf '%s\n' "$types" | cut -d'|' -f1) pair; do
    waarborg --as-of 2026-11-22 retention run --policy "$name" --accept-volume 9
    expect_status 0
done

# POLICY | found or never | the words
while IFS='|' read -r policy fate words; do
    echo "case: $policy, $words"
    eval "waarborg --json hold add --kind claim --reason dossier --policy $policy -- $words"
    if [ "$fate" = found ]; then
        expect_status 0
        expect_json "$(sql "SELECT to_jsonb(array_agg(id)) FROM waarborg.segment WHERE policy = '$policy'")" '{segments}'
        expect_sql t "SELECT reference = (SELECT d.reference FROM waarborg.disposal AS d
            WHERE encode(d.reference, 'hex') = (SELECT encode(h.reference, 'hex')) AND d.policy = '$policy')
            AND subject_key IS NULL FROM waarborg.hold AS h ORDER BY id DESC LIMIT 1"
    else
        expect_status 1
        expect_err 'sqlstate=WB005 message="this subject is not in table klant\..* no segment of the archive has it'
    fi
done <<'CASES'
bigint|found|7
bigint|found|' 007 '
bigint|never|8
bigint|never|-7
numeric|found|1.5
numeric|found|1.500
numeric|never|1.504
numeric|never|99999
bare|found|1.50
bare|never|1.5
char|found|NL
char|found|'NL '
char|never|NLx
char|never|NLxy
char|never|nl
varchar|found|abcd
varchar|never|abcde
varchar|never|'abcd e'
domain|found|abcd
domain|never|abcde
date|found|2020-02-29
date|found|20200229
instant|found|'2020-06-01 12:00:00+02'
instant|found|2020-06-01T10:00:00Z
instant|found|'2020-06-01 12:00'
instant|never|'2020-06-01 12:00:00.4+02'
uuid|found|0000000000000000000000000000ABCD
boolean|found|yes
boolean|never|false
float|found|1e-1
float|never|0.10000001
citext|found|Jan
citext|never|jan
enum|found|los
enum|never|vast
bytes|found|'\x00FF'
bits|found|1010
bits|never|101
bits|never|10101
pair|found|NL 1
pair|found|'NL ' 02
pair|never|NL 3
pair|never|N 1
CASES
placed=$(sql "SELECT count(*) FROM waarborg.hold")
[ "$(grep -c '"event":"hold"' "$T/journal.jsonl")" -eq "$placed" ] || fail "not every hold has its line"
refute_log 'abcd|dossier|Jan"|1\.50'
refute_evidence 'dossier|ABCD'
# What is no value of its column is said as before.
waarborg hold add --kind claim --reason dossier --policy bigint Jansen
expect_status 2
expect_err 'a word of the key is no value of its column'
waarborg hold add --kind claim --reason dossier --policy domain nee
expect_status 3
refute_log 'Jansen|nee"'

# Nor is somebody held who is still there.
sql "INSERT INTO klant.k_domain VALUES ('abcd', NULL)"
waarborg hold add --kind claim --reason dossier --policy domain abcdE
expect_status 2
expect_err 'a word of the key is no value of its column'
waarborg hold add --kind claim --reason dossier --policy domain abcd
expect_status 0
expect_sql abcd "SELECT subject_key[1] FROM waarborg.hold WHERE subject_key IS NOT NULL"
