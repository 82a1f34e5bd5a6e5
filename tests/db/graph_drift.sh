# What was approved and what is there: every change of the schema or the policy that matters stops
# the run and is shown; what does not matter does not.
. "$(dirname "$0")/../harness/lib.sh"

new_db drift
sql_file "$ROOT/tests/db/cases/prelude.sql" >/dev/null
sql "CREATE TYPE klant.mood AS ENUM ('a');
     CREATE TABLE klant.address (id int PRIMARY KEY);
     ALTER TABLE klant.customer ADD address_id int REFERENCES klant.address, ADD referred_by bigint REFERENCES klant.customer;
     CREATE TABLE klant.payment (id int PRIMARY KEY, agreement_id bigint REFERENCES klant.agreement, amount numeric, mood klant.mood);
     CREATE TABLE klant.visit (id int, who bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
     CREATE TABLE klant.visit_1 PARTITION OF klant.visit FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
     CREATE INDEX ON klant.customer (address_id);
     CREATE INDEX ON klant.customer (referred_by);
     CREATE INDEX ON klant.payment (agreement_id);
     CREATE INDEX ON klant.visit (who);
     UPDATE klant.agreement SET ended_on = NULL"
policy() {
    cat <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact"; requires = [ "klant.agreement" ];
              clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } );
  links = ( { table = "klant.visit"; columns = [ "who" ]; references = "klant.customer"; to = [ "id" ]; } );
  owns = [ "klant.address" ]; detach = [ "klant.customer.referred_by" ]; outside = [ ]; }
CONF
}
policy | write_conf unsealed
waarborg migrate
expect_status 0
waarborg --as-of=2026-11-22 retention run --rehearsal
expect_status 2
expect_err 'policy customers is not approved on this schema'
waarborg retention approve
expect_status 0

expect_drift() { # REGEX...
    dump_all >"$T/before"
    waarborg --as-of=2026-11-22 retention run --rehearsal
    expect_status 2
    expect_err '^changed since the approval of '
    expect_err 'differs from what was approved'
    for regex; do
        expect_err "$regex"
    done
    dump_all >"$T/after"
    cmp -s "$T/before" "$T/after" || fail "the run changed rows"
}
expect_none() {
    waarborg --as-of=2026-11-22 retention run --rehearsal
    expect_status 0
}

# change of the schema | what takes it back | lines of the difference
while IFS='|' read -r change back regex more; do
    echo "case: $change"
    sql "$change"
    expect_drift "$regex" "${more:-.}"
    sql "$back"
    expect_none
done <<'CASES'
ALTER TABLE klant.payment ADD note text|ALTER TABLE klant.payment DROP note|^\+ column "klant"\."payment"\."note" text$
ALTER TABLE klant.payment DROP amount|ALTER TABLE klant.payment ADD amount numeric|^- column "klant"\."payment"\."amount" numeric$
ALTER TABLE klant.payment RENAME amount TO sum|ALTER TABLE klant.payment RENAME sum TO amount|^- column .*"amount"|^\+ column .*"sum"
ALTER TABLE klant.payment ALTER amount TYPE numeric(9,2)|ALTER TABLE klant.payment ALTER amount TYPE numeric|^\+ column .*"amount" numeric\(9,2\)
ALTER TABLE klant.payment ALTER amount SET NOT NULL|ALTER TABLE klant.payment ALTER amount DROP NOT NULL|^\+ column .*"amount" numeric not null
ALTER TABLE klant.payment ALTER agreement_id SET NOT NULL|ALTER TABLE klant.payment ALTER agreement_id DROP NOT NULL|^\+ column .*"agreement_id" bigint not null
ALTER TABLE klant.payment DROP amount, ADD amount numeric GENERATED ALWAYS AS (id * 2) STORED|ALTER TABLE klant.payment DROP amount, ADD amount numeric|^\+ column .*"amount" numeric generated
ALTER TABLE klant.payment RENAME TO paid|ALTER TABLE klant.paid RENAME TO payment|^- table "klant"\."payment"|^\+ table "klant"\."paid"
ALTER TABLE klant.payment DROP CONSTRAINT payment_pkey|ALTER TABLE klant.payment ADD PRIMARY KEY (id)|^\+ table "klant"\."payment" member key \(\)
CREATE TABLE klant.claim (id int, agreement_id bigint REFERENCES klant.agreement)|DROP TABLE klant.claim|^\+ table "klant"\."claim" member|^\+ key "klant"\."claim"
ALTER TABLE klant.payment ADD helped_by bigint REFERENCES klant.customer|ALTER TABLE klant.payment DROP helped_by|^\+ key "klant"\."payment" \("helped_by"\) to "klant"\."customer"
ALTER TABLE klant.payment DROP CONSTRAINT payment_agreement_id_fkey, ADD CONSTRAINT payment_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES klant.agreement ON DELETE CASCADE|ALTER TABLE klant.payment DROP CONSTRAINT payment_agreement_id_fkey, ADD CONSTRAINT payment_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES klant.agreement|^- key .*on-delete=a |^\+ key .*on-delete=c
ALTER TABLE klant.payment ALTER CONSTRAINT payment_agreement_id_fkey DEFERRABLE|ALTER TABLE klant.payment ALTER CONSTRAINT payment_agreement_id_fkey NOT DEFERRABLE|^\+ key .* deferrable
ALTER TABLE klant.payment DISABLE TRIGGER ALL|ALTER TABLE klant.payment ENABLE TRIGGER ALL|^\+ key .*payment.* not-enforced
ALTER TABLE klant.customer DROP CONSTRAINT customer_referred_by_fkey, ADD CONSTRAINT customer_referred_by_fkey FOREIGN KEY (referred_by) REFERENCES klant.customer ON DELETE SET NULL|ALTER TABLE klant.customer DROP CONSTRAINT customer_referred_by_fkey, ADD CONSTRAINT customer_referred_by_fkey FOREIGN KEY (referred_by) REFERENCES klant.customer|^\+ key .*on-delete=n .*use=detach
ALTER TABLE klant.address ADD street text|ALTER TABLE klant.address DROP street|^\+ column "klant"\."address"\."street" text
CREATE TABLE klant.house (id int PRIMARY KEY, home int REFERENCES klant.address)|DROP TABLE klant.house|^\+ key "klant"\."house" \("home"\) .*use=guard
ALTER TABLE klant.visit ADD page text|ALTER TABLE klant.visit DROP page|^\+ column "klant"\."visit"\."page"
CREATE TABLE klant.agreement_2 () INHERITS (klant.agreement)|DROP TABLE klant.agreement_2|^\+ table "klant"\."agreement_2" member
ALTER TABLE klant.customer ALTER name TYPE varchar(90)|ALTER TABLE klant.customer ALTER name TYPE text|^\+ column .*"name" character varying\(90\)
CASES

# What does not matter.
while read -r change; do
    echo "case: $change"
    sql "$change"
    expect_none
done <<'CASES'
CREATE INDEX extra ON klant.payment (amount)
INSERT INTO klant.customer VALUES (99, 'new'); ANALYZE
CREATE TABLE klant.visit_2 PARTITION OF klant.visit FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')
DROP TABLE klant.visit_2
ALTER TABLE klant.payment ALTER amount SET DEFAULT 0
ALTER TABLE klant.payment ADD CHECK (amount >= 0)
COMMENT ON TABLE klant.payment IS 'paid'
CREATE TABLE klant.weather (day date, degrees int)
CREATE VIEW klant.seen AS SELECT customer_id FROM klant.agreement
ALTER TYPE klant.mood ADD VALUE 'b'
VACUUM FULL klant.payment
CASES

# Policy: sed script | line of the difference
while IFS='|' read -r script regex; do
    echo "case: $script"
    policy | sed "$script" | write_conf unsealed
    expect_drift "^\\+ policy .*$regex"
done <<'CASES'
s/"7 years"/"6 years"/|72
s/"7 years"/"85 months"/|85
s/"exact"/"calendar_year_end"/|calendar_year_end
s/requires = \[ "klant.agreement" \];//|customers
s/"former"/"gone"/|gone
s/ended_on/ended_on"; }, { table = "klant.agreement"; ends = "ended_on/|ended_on
s/outside = \[ \]/outside = [ "klant.weather" ]/|weather
s/detach = \[ "klant.customer.referred_by" \]/detach = [ ]/|customers
s/owns = \[ "klant.address" \]/owns = [ ]/|customers
CASES

# Another version, basis, comment or order of settings is the same promise only when it says the same.
policy | sed 's/version = "1"/version = "2"/' | write_conf unsealed
waarborg --as-of=2026-11-22 retention run --rehearsal
version_status=$status
policy | sed 's/owns = \(.*\]\); detach/ detach/; s/outside = \[ \];/owns = [ "klant.address" ];/' | write_conf unsealed
expect_none

# Approving the difference makes it the new promise; going back is a difference again.
sql "ALTER TABLE klant.payment ADD note text"
policy | write_conf unsealed
expect_drift 'column .*"note"'
waarborg retention approve
expect_status 0
expect_none
sql "ALTER TABLE klant.payment DROP note"
expect_drift '^- column .*"note"'
[ "$version_status" -eq 2 ] || fail "another version of the policy ran without approval"
