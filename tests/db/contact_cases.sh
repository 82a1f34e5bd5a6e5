# How to reach a subject, wherever its contact data stands; and whom rows of any table lead to, by a
# condition that somebody wrote.
. "$(dirname "$0")/../harness/lib.sh"

PROBE=$(dirname "$WAARBORG")/tests/contact_probe
[ -x "$PROBE" ] || skip "contact_probe was not built; build all targets, not waarborg alone"

new_db contact
sql_file - <<'SQL'
CREATE SCHEMA k;
CREATE TABLE k.home (id int PRIMARY KEY, street text, "n" text);
CREATE TABLE k.customer (id bigint PRIMARY KEY, name text, email varchar(60), language char(5),
                         home_id int REFERENCES k.home, referred_by bigint REFERENCES k.customer);
CREATE TABLE k.agreement (id int PRIMARY KEY, customer_id bigint NOT NULL REFERENCES k.customer,
                          second_id bigint REFERENCES k.customer, ended_on date);
CREATE TABLE k.payment (id int PRIMARY KEY, agreement_id int NOT NULL REFERENCES k.agreement, amount numeric);
CREATE TABLE k.address (id int PRIMARY KEY, customer_id bigint REFERENCES k.customer,
                        "line 1" text, k1 text, who text, "t" text);
CREATE TABLE k.nokey (customer_id bigint REFERENCES k.customer, street text);
CREATE TABLE k.note (id int PRIMARY KEY, customer_id bigint REFERENCES k.customer,
                     answers int REFERENCES k.note, body text);
CREATE TABLE k.visit (n bigint, page text, at timestamptz, PRIMARY KEY (page, at)) PARTITION BY RANGE (at);
CREATE TABLE k.visit_1 PARTITION OF k.visit FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
CREATE TABLE k.visit_2 PARTITION OF k.visit FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
CREATE TABLE k.staff (id int PRIMARY KEY, account_of bigint REFERENCES k.customer);
CREATE TABLE k.alone (id int PRIMARY KEY);
CREATE SEQUENCE k.counter;
INSERT INTO k.home VALUES (1, 'Dam 1', ' '), (2, 'Dam 2', '2012 AB'), (3, 'Dam 3', NULL);
INSERT INTO k.customer VALUES
    (1, 'Jansen', 'j@a.example', 'nl', 1, NULL), (2, E' Zo\u00eb\t\nX\n', ' ', 'en', 2, 1),
    (3, '', NULL, NULL, NULL, NULL), (4, 'O''Neil', 'o@a.example', 'nl', 1, 2);
INSERT INTO k.agreement VALUES (10, 1, NULL, '2015-01-01'), (20, 2, 1, '2015-01-01'), (40, 4, NULL, '2015-01-01');
INSERT INTO k.payment VALUES (100, 10, 1), (200, 20, 2), (201, 20, 3), (400, 40, 4);
INSERT INTO k.address VALUES (1, 1, 'old', 'a', 'b', 'c'), (7, 1, 'new', E'two\t\r\n \nrows\n', '', 'd'), (3, 2, 'two', NULL, NULL, NULL);
INSERT INTO k.nokey VALUES (1, 'B'), (1, 'A'), (1, NULL), (4, NULL);
INSERT INTO k.note VALUES (1, 1, NULL, 'a'), (2, NULL, 1, 'b'), (3, NULL, 2, 'c'), (4, 2, 1, 'd');
INSERT INTO k.visit SELECT n, 'p' || n, '2026-03-01 00:00+01'::timestamptz + n * interval '60 days'
  FROM generate_series(1, 4) AS n;
INSERT INTO k.visit VALUES (NULL, '/', '2026-03-01 00:00+01'), (99, '/gone', '2026-03-02 00:00+01'),
    (1, '/again', '2026-03-03 00:00+01');
INSERT INTO k.staff VALUES (1, 4), (2, NULL);
SQL

# conf CONTACT: a policy with this contact.
conf() {
    write_conf unsealed <<CONF
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "k.customer"; key = [ "id" ];
              contact = { $1 }; };
  rules = ( { name = "former"; window = "7 years";
              clocks = ( { table = "k.agreement"; ends = "ended_on"; } ); } );
  links = ( { table = "k.visit"; columns = [ "n" ]; references = "k.customer"; to = [ "id" ]; } );
  owns = [ "k.home" ];
  detach = [ "k.customer.referred_by", "k.staff.account_of" ]; }
CONF
}

probe() {
    last_command="contact_probe $*"
    status=0
    "$PROBE" "$T/waarborg.conf" "$@" >"$T/out" 2>"$T/err" || status=$?
    cat "$T/err" >>"$T/log"
}

# gives LINES COMMAND...: the probe gives exactly these lines, separated by blanks here.
gives() {
    lines=$1
    shift
    probe "$@"
    expect_status 0
    actual=$(tr '\n' '%' <"$T/out")
    [ "$actual" = "$lines" ] || fail "expected '$lines', got '$actual'"
}

# refuses STATUS REGEX COMMAND...
refuses() {
    code=$1 regex=$2
    shift 2
    probe "$@"
    expect_status "$code"
    expect_err "$regex"
}

# ---- Contact ----------------------------------------------------------------------------------

# In the subject's own table: blanks are NULL, blanks around are gone, who is not there is not given.
conf 'name = "name"; email = "email"; language = "language";'
gives '1|{4}|O'\''Neil|~|~|o@a.example|nl%2|{1}|Jansen|~|~|j@a.example|nl%4|{2}|Zoë X|~|~|~|en%5|{3}|~|~|~|~|~%6|{1}|Jansen|~|~|j@a.example|nl%' \
    contact 4 1 99 2 3 1

# In a table of the subject: the newest row; who has none is given all the same.
conf 'table = "k.address"; name = "who"; salutation = "k1"; address = [ "line 1", "k1", "who", "t" ];'
gives '1|{1}|~|two rows|new/two/rows/d|~|~%2|{2}|~|~|two|~|~%3|{3}|~|~|~|~|~%' contact 1 2 3

conf 'table = "k.address"; name = "who"; address = ( [ "line 1", "k1" ], "who", [ "t" ] );'
gives '1|{1}|~|~|new two/rows/d|~|~%2|{2}|~|~|two|~|~%3|{3}|~|~|~|~|~%' contact 1 2 3

# In one without a primary key: always the same row.
conf 'table = "k.nokey"; name = "street"; email = "street";'
gives '1|{1}|B|~|~|B|~%2|{4}|~|~|~|~|~%3|{2}|~|~|~|~|~%' contact 1 4 2

# In a table whose rows belong by rows of the same table, and in one behind another.
conf 'table = "k.note"; name = "body"; email = "body";'
gives '1|{1}|d|~|~|d|~%2|{2}|d|~|~|d|~%3|{4}|~|~|~|~|~%' contact 1 2 4
conf 'table = "k.payment"; name = "amount"; email = "id";'
gives '1|{1}|3|~|~|201|~%2|{4}|4|~|~|400|~%' contact 1 4

# In a parent that goes too: one row for two subjects.
conf 'table = "k.home"; name = "street"; address = [ "street", "n" ];'
gives '1|{1}|Dam 1|~|Dam 1|~|~%2|{2}|Dam 2|~|Dam 2/2012 AB|~|~%3|{3}|~|~|~|~|~%4|{4}|Dam 1|~|Dam 1|~|~%' \
    contact 1 2 3 4

# In a partitioned table.
conf 'table = "k.visit"; name = "page"; email = "at";'
gives '1|{1}|p1|~|~|2026-04-30 01:00:00+02|~%2|{3}|p3|~|~|2026-08-28 01:00:00+02|~%' contact 1 3

# What is not there is refused by `check`, with the line, and stops no run.
conf 'table = "k.alone"; name = "id"; email = "id";'
waarborg migrate
waarborg check
expect_status 2
expect_out '^refused: contact \(line 10\): k\.alone does not exist, or is no table of the policy.s graph'
waarborg retention approve
expect_status 0
waarborg retention plan
expect_status 0
conf 'table = "k.staff"; name = "id"; email = "id";'
waarborg check
expect_status 2
expect_out 'contact \(line 10\): k\.staff only has a column that is detached'
conf 'name = "naam"; address = [ "street" ]; email = "email";'
waarborg check
expect_status 2
expect_out '^refused: contact \(line 10\): k\.customer has no column naam'
expect_out '^refused: contact \(line 10\): k\.customer has no column street'
conf 'name = "name"; email = "email";'
waarborg check
refute_out contact

# ---- Whom rows lead to -------------------------------------------------------------------------

while IFS='#' read -r table condition lines; do
    gives "$lines" rows "$table" "$condition"
done <<'CASES'
k.customer#true#rows 4 astray 0 subjects 4%1%2%3%4%
k.customer#id > 2 AND customer.name LIKE 'O''%'#rows 1 astray 0 subjects 1%4%
k.customer#false#rows 0 astray 0 subjects 0%
k.agreement#id = 20#rows 1 astray 0 subjects 2%1%2%
k.payment#amount > 1#rows 3 astray 0 subjects 3%1%2%4%
k.payment#payment.id IN (SELECT id FROM k.payment WHERE amount = 1)#rows 1 astray 0 subjects 1%1%
k.visit#true#rows 7 astray 2 subjects 4%1%2%3%4%
k.visit#visit.at < '2026-03-05'#rows 3 astray 2 subjects 1%1%
k.visit#page ~ '^/(gone|$)'#rows 2 astray 2 subjects 0%
k.note#id = 3#rows 1 astray 0 subjects 1%1%
k.note#id = 4#rows 1 astray 0 subjects 2%1%2%
k.home#street = 'Dam 1'#rows 1 astray 0 subjects 2%1%4%
k.home#n IS NULL OR "n" = '2012 AB'#rows 2 astray 1 subjects 1%2%
k.staff#true#rows 2 astray 1 subjects 1%4%
CASES
gives 'rows 1 astray 0 subjects 1%1%' rows k.address "\"line 1\" = 'new'
AND k1 LIKE 'two%
rows%'"

# What stands around the condition keeps its meaning, and nothing is changed by it.
while IFS='#' read -r code regex condition; do
    refuses "$code" "$regex" rows k.visit "$condition"
    expect_sql 7 'SELECT count(*) FROM k.visit'
done <<'CASES'
2#closing bracket that nothing opened#true) OR (true
2#a comment#true --
2#a comment#n = 1 /*
2#a semicolon#true; DELETE FROM k.visit
2#is refused: .*syntax error#n =
2#is refused: .*syntax error#n = 1 GROUP BY n
2#is refused: .*must be type boolean#n
2#is refused: .*does not exist#customer_id = 1
2#is refused: .*missing FROM-clause#led.n = 1
2#is refused#n = 1, true
2#a value that its column cannot hold#at > 'yesterday-ish'
2#would change data#nextval('k.counter') > 0
2#would change data#setval('k.counter', 9) > 0
2#would change data#set_config('transaction_read_only', 'off', false) = ''
CASES
refuses 2 'did you mean k\.visit\?' rows k.vist true
refuses 2 'is no table of the graph of policy customers' rows k.alone true
refute_log 'yesterday-ish'

# Who may not read the tables is told what is missing.
looker=wt_$$_looker
sql "CREATE ROLE $looker LOGIN"
sql "GRANT USAGE ON SCHEMA k TO $looker"
sed -i "s/user='[^']*'/user='$looker'/" "$T/waarborg.conf"
refuses 2 'needs SELECT on the tables .*permission denied for table visit; .* GRANT SELECT ON k\.visit,' rows k.visit true
sql "DROP OWNED BY $looker"
sql "DROP ROLE $looker"

# ---- A key of two columns, and names that are made to be mixed up ------------------------------

new_db composite
sql_file - <<'SQL'
CREATE SCHEMA "K ""k";
CREATE TABLE "K ""k"."who" (k2 text, k1 int, n text, t text, PRIMARY KEY (k1, k2));
CREATE TABLE "K ""k"."chosen" (n int, n_ text, given text, o text, PRIMARY KEY (n, n_, o),
    FOREIGN KEY (n_, n) REFERENCES "K ""k"."who" (k2, k1));
INSERT INTO "K ""k"."who" VALUES ('a', 1, 'Een', 'x'), ('b', 1, 'Twee', 'y'), ('a', 2, 'Drie', 'z');
INSERT INTO "K ""k"."chosen" VALUES (1, 'a', 'g', '1'), (1, 'a', 'h', '2'), (2, 'a', 'i', '1');
SQL
write_conf unsealed <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "\"K \"\"k\".who"; key = [ "k1", "k2" ];
              contact = { table = "\"K \"\"k\".chosen"; name = "given"; email = "n_"; address = [ "o", "n" ]; }; };
  rules = ( { name = "former"; window = "7 years";
              clocks = ( { table = "\"K \"\"k\".chosen"; ends = "o"; } ); } ); }
CONF
gives '1|{2,a}|i|~|1/2|a|~%2|{1,a}|h|~|2/1|a|~%3|{1,b}|~|~|~|~|~%' contact '2|a' '1|a' '1|b'
gives 'rows 3 astray 0 subjects 2%1|a%2|a%' rows '"K ""k".chosen' "chosen.n > 0"
gives 'rows 2 astray 0 subjects 2%1|a%1|b%' rows '"K ""k".who' 'who.k1 = 1'

# What the type calls equal and the key does not is not taken for one: 'A' and 'a' are two customers.
new_db citext
sql_file - <<'SQL'
CREATE EXTENSION citext;
CREATE SCHEMA k;
CREATE TABLE k.customer (id text PRIMARY KEY, ended_on date);
CREATE TABLE k.visit (customer public.citext);
INSERT INTO k.customer VALUES ('A'), ('a');
INSERT INTO k.visit VALUES ('A'), ('a'), ('b'), ('a');
SQL
write_conf unsealed <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "k.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years";
              clocks = ( { table = "k.customer"; ends = "ended_on"; } ); } );
  links = ( { table = "k.visit"; columns = [ "customer" ]; references = "k.customer"; to = [ "id" ]; } ); }
CONF
gives 'rows 4 astray 1 subjects 2%A%a%' rows k.visit true
