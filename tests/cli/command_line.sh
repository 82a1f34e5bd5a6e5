# The command line: help of everything, what is unknown, where options may stand, exit codes.
. "$(dirname "$0")/../harness/lib.sh"

new_db cli
write_conf unsealed <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact";
              clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); }
CONF

# Help needs no configuration, fits a terminal, and names every command.
mv "$T/waarborg.conf" "$T/aside"
waarborg --help
expect_status 0
expect_out '^Usage: waarborg'
awk '/^Commands/ { inside = 1; next } /^$/ { inside = 0 } inside { print substr($0, 3, 19) }' \
    "$T/out" | sed 's/ *$//' >"$T/commands"
for words in migrate check 'retention plan' 'retention approve' 'retention run' 'retention status' \
    'archive list' 'archive show' 'archive verify' 'archive restore' 'archive expire' 'hold add' \
    'hold release' 'hold list' 'breach open' 'breach amend' 'breach show' 'breach list' 'breach assess' \
    'breach notify' 'breach close' 'breach affected' 'breach draft' 'breach letters' 'breach returned' \
    'breach due' 'breach remind'; do
    grep -qxF "$words" "$T/commands" || fail "the help does not list: $words"
done
while read -r words; do
    for option in --help -h '--json -h' '--nonsense --help'; do
        # shellcheck disable=SC2086 # lists of words
        waarborg $words $option
        expect_status 0
        expect_out "^Usage: waarborg $words"
        expect_out '  -h, --help'
        [ ! -s "$T/err" ] || fail "help should have no messages"
        awk 'length > 80 { exit 1 }' "$T/out" || fail "the help has a line of more than 80 columns"
    done
done <"$T/commands"
waarborg hold --help
expect_status 0
expect_out '^  hold release '
refute_out 'retention'
waarborg --version
expect_status 0
expect_out '^waarborg [0-9]+\.[0-9]+\.[0-9]+$'
mv "$T/aside" "$T/waarborg.conf"

# Refused before anything is started: REGEX of the message | arguments
while IFS='|' read -r sentence arguments; do
    echo "case: $arguments"
    # shellcheck disable=SC2086 # a list of words
    waarborg $arguments
    expect_status 2
    expect_err "level=error event=[a-z.]+\.failed .*message=\".*$sentence"
    [ "$(wc -l <"$T/err")" -eq 1 ] || fail "one line was expected"
    [ ! -s "$T/out" ] || fail "no output was expected"
done <<'CASES'
no command given; waarborg --help|
no command given|--json
no command given|--
unknown command 'migrat'; did you mean migrate\?|migrat
unknown command 'frobnicate'; waarborg --help lists|frobnicate
unknown command 'retenton'; did you mean retention plan|retenton plan
unknown command 'retention pln'; did you mean retention plan|retention pln
unknown command 'holds'; did you mean hold list\?|holds list
unknown command 'plan'; did you mean retention plan\?|plan
unknown command 'verify'; did you mean archive verify or evidence verify\?|verify
unknown command 'list'; did you mean archive list or hold list or breach list\?|list
'hold' is to be followed by one of: add, release, list|hold
'archive' is to be followed by one of: list, show, verify, restore|--json archive
'retention' is to be followed by one of: plan, approve, run, status|retention --json
unknown option --jsn; did you mean --json\?|--jsn migrate
unknown option --jsn|migrate --jsn
unknown option -x|-x migrate
unknown option -x|migrate -x
option --as-of needs a value: --as-of=DATE|migrate --as-of
option --config needs a value: --config=FILE|-c
option --config needs a value: --config=FILE|migrate -c
--as-of: .*2026-02-29|migrate --as-of 2026-02-29
--as-of: .*22-11-2026|--as-of=22-11-2026 migrate
--quiet and --verbose exclude one another|-q migrate -v
--quiet and --verbose exclude one another|migrate -qv
takes options only|migrate now
takes options only|hold list -- --json
CASES
waarborg hold 4711
expect_status 2
refute_log 4711

# The same thing, wherever the options stand.
waarborg migrate -q --json
expect_status 0
for arguments in '--json --as-of=2019-03-31 hold list' 'hold list --as-of 2019-03-31 --json' \
    '--as-of 2019-03-31 hold --json list' "hold -vc $T/waarborg.conf list --json --as-of=2019-03-31" \
    "hold list -c$T/waarborg.conf --json --as-of=2019-03-31 -q --" '--js hold list --as-of=2019-03-31'; do
    # shellcheck disable=SC2086 # a list of words
    waarborg $arguments
    expect_status 0
    expect_out '"as_of": "2019-03-31"'
done
waarborg --as-of=2999-12-31 hold list
expect_status 0

# Today is a day of the configured time zone: these two have never the same one at this distance.
for zone in Pacific/Kiritimati Pacific/Niue; do
    sed -i "s|^timezone.*|timezone = \"$zone\";|" "$T/waarborg.conf"
    [ -f "/usr/share/zoneinfo/$zone" ] || continue
    day=$(TZ=$zone date +%F)
    TZ=UTC waarborg hold list --json
    expect_status 0
    [ "$day" != "$(TZ=$zone date +%F)" ] || expect_out "\"as_of\": \"$day\""
done
