# What people decided: which risk follows, what contradicts itself, and advice that decides nothing.
. "$(dirname "$0")/../harness/lib.sh"
. "$(dirname "$0")/../harness/breach.sh"
. "$(dirname "$0")/../harness/json.sh"

register_db assess

stored() {
    sql "SELECT concat_ws(' ', risk, 'ap=' || notify_ap, 'customers=' || coalesce(notify_customers::text, '-'),
                exempt_ground, enisa_quarters)
           FROM waarborg.assessment AS a JOIN waarborg.breach AS b ON b.assessment_id = a.id
          WHERE b.reference = '$ref'"
}

# options # what is stored # a line of the output
while IFS='#' read -r options expected line; do
    echo "recorded: $options"
    new_breach
    eval "waarborg breach assess $ref $options --because 'why'"
    expect_status 0
    expect_out "$line"
    [ "$(stored)" = "$expected" ] || fail "stored is '$(stored)', expected '$expected'"
done <<'CASES'
--ap yes --customers no#risk ap=true customers=false#risk follows +the AP is told and the customers are not
--ap no#unlikely ap=false customers=-#is assessed: a risk is unlikely
--ap no --customers no#unlikely ap=false customers=false#AP +not needed
--ap yes --customers yes#high ap=true customers=true#customers due .*own target
--ap YES --customers No --ground b#high ap=true customers=false B#risk follows +only a high risk needs a ground
--ap yes --risk high --customers no --ground a#high ap=true customers=false A#is assessed: high risk
--ap yes --risk risk --customers yes#risk ap=true customers=true#customers due
--ap yes --risk risk#risk ap=true customers=-#customers +no, nothing was decided
--ap yes --risk unlikely --customers no#unlikely ap=true customers=false#a risk is unlikely
--ap no --risk unlikely --customers yes#unlikely ap=false customers=true#^Warning: customers are told and the AP is not
--risk high --ap yes --customers no --ground c --public-at '2026-10-24 10:00' --public-where 'website'#high ap=true customers=false C#ground +C
--ap yes --customers no --enisa 'dpc=simple:2,ei=0.75,c=unknown,malicious=yes'#risk ap=true customers=false 10#= 2 x 0.75 \+ 1 = 2.5, medium
--ap no --enisa 'dpc=financial:4,ei=1,c=unknown'#unlikely ap=false customers=- 18#^Warning: the ENISA score is very high \(4.5\)
--ap yes --customers yes --enisa 'dpc=simple,ei=0.25'#high ap=true customers=true 1#^Warning: the ENISA score is low \(0.25\)
--ap no --enisa 'dpc=simple,ei=0.25,individuals=101'#unlikely ap=false customers=- 1#^Warning: 101 people and a risk
CASES

# Of one hundred people, or near to each other, there is nothing to say.
new_breach '{"persons_max": 100}'
waarborg breach assess "$ref" --ap no --because 'why' --enisa 'dpc=simple,ei=1,c=unknown'
expect_status 0
refute_out '^Warning'

# options # the faults, one for each line; nothing is stored
while IFS='#' read -r options count faults; do
    echo "refused: $options"
    new_breach
    eval "waarborg breach assess $ref $options"
    expect_status 2
    [ ! -s "$T/out" ] || fail "no output was expected"
    [ "$count" -eq 1 ] || expect_err "$count faults; nothing was recorded"
    old_ifs=$IFS
    IFS='~'
    for fault in $faults; do
        expect_err "$fault"
    done
    IFS=$old_ifs
    [ -z "$(stored)" ] || fail "something was stored"
done <<'CASES'
#1#say what was decided: .* --help explains
--ap yes --because x#1#risk: is needed
--ap yes --customers no#1#because: the reasons are needed
--ap yes --customers no --because '  '#1#because: the reasons are needed
--customers yes --because x#1#ap: is needed: yes or no
--ap no --customers yes --because x#1#risk: is needed
--risk risk --ap no --because x#1#ap: must be yes unless a risk is unlikely
--risk high --ap yes --because x#1#customers: is needed
--risk high --ap yes --customers no --because x#1#ground: is needed
--ap yes --customers yes --ground a --because x#1#message="ground: is for customers who are not told
--ap yes --customers no --ground wft --because x#1#ground: wft is for financial undertakings only .*is off
--ap yes --customers no --ground c --because x#2#public-at: ground c needs~public-where: ground c needs
--risk hihg --ap yes --because x#1#did you mean high
--ap yes --customers no --because x --at 2099-01-01T12:00Z#1#at: lies in the future
--ap yes --customers no --because x --at '2026-10-25 02:30'#1#at: .*02:30
--ap perhaps --customers 1 --risk no --ground q --at x --public-at y --enisa dpc=z#9#^ap: ~^customers: ~^risk: ~^ground: ~^because: ~^at: ~^public-at: ~^enisa: dpc~^enisa: ei
CASES

waarborg breach assess DL-2026-9999 --because x
expect_status 2
expect_err '^breach: there is no breach DL-2026-9999'
expect_err '^risk: is needed'
waarborg breach assess 4711 --ap no --because x
expect_err 'names no breach; a reference looks like DL-2026-0007'

# The setting opens the ground; the register itself refuses it otherwise.
sed -i 's/^breach = {/& wft_undertaking = true;/' "$T/waarborg.conf"
new_breach
waarborg breach assess "$ref" --ap yes --customers no --ground wft --because x
expect_status 0
[ "$(stored)" = 'high ap=true customers=false WFT' ] || fail "stored is '$(stored)'"

# A second one takes its place; the first one stays.  As JSON.
waarborg breach assess "$ref" --ap yes --customers no --because 'second' --enisa 'dpc=simple,ei=1' --json
expect_status 0
expect_json risk '{risk}'
expect_json true '{risk_follows}'
expect_json 4 '{enisa,se_quarters}'
expect_json not_needed '{clocks,1,state}'
expect_json ap '{duties,0,duty}'
expect_json '[]' '{warnings}'
expect_sql '2 second' "SELECT count(*) || ' ' || max(a.because) FILTER (WHERE a.id = b.assessment_id)
    FROM waarborg.breach AS b JOIN waarborg.assessment AS a ON a.breach_id = b.id
   WHERE b.reference = '$ref' GROUP BY b.id"
refute_log 'second|Laptop'
