# A register of breaches without the rest of an administration.  Source it after lib.sh.
#
#   register_db NAME [SETTINGS]   $db with the schema, $T/waarborg.conf with `breach = { SETTINGS };`
#   new_breach [JSON]             registers one through the database, as another client would; its
#                                 reference in $ref.  JSON adds to, or replaces, the fields below.

register_db() {
    new_db "$1"
    write_conf unsealed <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact";
              clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); }
CONF
    echo "breach = { ${2:-} };" >>"$T/waarborg.conf"
    waarborg migrate
    expect_status 0
}

# Fri 2026-10-23 15:00 +02:00: the limit is Mon 2026-10-26 14:00 +01:00.
new_breach() {
    ref=$(sql "SELECT waarborg.breach_open('{\"title\": \"Laptop stolen\",
        \"what_happened\": \"A laptop was taken from a car.\", \"nature\": [\"CONFIDENTIALITY\"],
        \"aware_at\": \"2026-10-23 15:00+02\"}'::jsonb || '${1:-{\}}', '{}', 72, 336)") ||
        fail "the breach cannot be registered"
}
