# Customers whose ends are written out one by one, for every rule, clock and edge of the calendar.  Source
# it after lib.sh.
#
#   rules_db NAME     $db with the tables that the policies below speak of, and nobody in them
#   rules_policies    for write_conf: exact, year, several and billing
#   $subject          what more policies of that subject begin with, behind their name

rules_db() {
    new_db "$1"
    sql "CREATE SCHEMA klant;
         CREATE TABLE klant.customer (id int PRIMARY KEY, left_at timestamp);
         CREATE TABLE klant.agreement (id serial PRIMARY KEY, customer_id int NOT NULL REFERENCES klant.customer, ended_on date);
         CREATE TABLE klant.complaint (id serial PRIMARY KEY, customer_id int REFERENCES klant.customer, closed_on date);
         CREATE TABLE klant.payment (id serial PRIMARY KEY, agreement_id int REFERENCES klant.agreement, paid_at timestamptz(3));
         CREATE INDEX ON klant.agreement (customer_id);
         CREATE INDEX ON klant.complaint (customer_id);
         CREATE INDEX ON klant.payment (agreement_id)"
}

subject='version = "1"; legal_basis = "test"; subject = { table = "klant.customer"; key = [ "id" ]; };'
both='clocks = ( { table = "klant.agreement"; ends = "ended_on"; }, { table = "klant.complaint"; ends = "closed_on"; } );
      requires = [ "klant.agreement" ];'
rules_policies() {
    cat <<CONF
{ name = "exact"; $subject rules = ( { name = "former"; window = "7 years"; start = "exact"; $both } ); },
{ name = "year"; $subject rules = ( { name = "former"; window = "7 years"; start = "calendar_year_end"; $both } ); },
{ name = "several"; $subject rules = (
    { name = "contract"; window = "7 years"; clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); },
    { name = "claim"; window = "10 years"; start = "calendar_year_end"; clocks = ( { table = "klant.complaint"; ends = "closed_on"; } ); },
    { name = "account"; window = "18 months"; clocks = ( { table = "klant.customer"; ends = "left_at"; } ); requires = [ "klant.complaint" ]; } ); },
{ name = "billing"; $subject rules = ( { name = "paid"; window = "1 year"; requires = [ "klant.complaint" ];
    clocks = ( { table = "klant.payment"; ends = "paid_at"; } ); } ); }
CONF
}
