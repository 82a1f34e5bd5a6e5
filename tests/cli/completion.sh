# Completion in bash: the function of conf/completion/waarborg is called as readline would, without a
# terminal, and COMPREPLY is looked at.  Needs no server.
set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
WAARBORG=$(realpath "${WAARBORG:-$ROOT/build/waarborg}")
WAARBORG_PLAIN=$(realpath "${WAARBORG_PLAIN:-$WAARBORG}")
command -v bash >/dev/null 2>&1 || {
    echo "SKIPPED: there is no bash here"
    exit 77
}
[ -x "$WAARBORG" ]
T=$(mktemp -d "${TMPDIR:-/tmp}/waarborg-test.XXXXXXXX")
trap 'rm -rf "$T"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$T/bin" "$T/plain" "$T/here" "$T/here/sub dir" "$T/here/copies" "$T/hostile"
ln -s "$WAARBORG" "$T/bin/waarborg"
ln -s "$WAARBORG_PLAIN" "$T/plain/waarborg"
cd "$T/here"
touch 'my file.conf' 'a:b.conf' "it's.conf" 'cost$(touch evil).conf' key.pem

# A program whose help is not to be believed.
cat >"$T/hostile/waarborg" <<'HOSTILE'
#!/bin/sh
echo 'Commands:'
echo '  $(touch evil)  `touch evil`'
echo '  x[$(touch evil)]  y'
echo '  good            one'
echo
echo 'Options:'
echo '      --$(touch evil)=$(touch evil)  a or b'
echo '      --fine=$(touch${IFS}evil)|b  a[$(touch evil)]'
echo '      --x[$(touch evil)]  y'
HOSTILE
chmod 755 "$T/hostile/waarborg"

# complete.bash LINE...: what the tab key would offer behind each line, one answer a line, the words in
# the order of the alphabet with / between them.  WORDBREAKS: characters at which readline cuts.
cat >"$T/complete.bash" <<'COMPLETE'
set -u
. "$1"
shift
cut=${WORDBREAKS-=:}
for line; do
    COMP_LINE=$line COMP_POINT=${#line} COMP_WORDS=() rest=$line
    pattern="^[[:space:]]*([${cut:-[:cntrl:]}]+|(\"[^\"]*(\"|\$)|\\\\.|[^[:space:]${cut}\"])+)"
    while [[ $rest =~ $pattern ]]; do
        COMP_WORDS+=("${BASH_REMATCH[1]}")
        rest=${rest#"${BASH_REMATCH[0]}"}
    done
    [[ $line != *' ' ]] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _waarborg || echo 'the function failed'
    printf '%s\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"} | LC_ALL=C sort | paste -sd/
done
COMPLETE

offered() { # LINE...
    PATH=$bin:/usr/bin:/bin HOME=$T bash --norc --noprofile "$T/complete.bash" \
        "$ROOT/conf/completion/waarborg" "$@"
}

faults=0
expect() { # EXPECTED LINE
    actual=$(offered "$2" 2>&1)
    [ "$actual" = "$1" ] || {
        printf 'FAILED: %s\n  expected %s\n  got      %s\n' "$2" "$1" "$actual"
        faults=1
    }
}

# What is offered (- for nothing) | the line up to the cursor, which a dot ends
cases() {
    while IFS='|' read -r expected line; do
        [ "$expected" != - ] || expected=''
        expect "$expected" "${line%.}"
    done
}

bin=$T/bin
cases <<'CASES'
retention|waarborg ret.
hold|waarborg --json ho.
approve/plan/run/status|waarborg retention .
plan|waarborg retention p.
plan|waarborg -q --as-of 2026-01-01 retention -c x pl.
add/list/release|waarborg hold .
verify|waarborg evidence .
-|waarborg evidence -- .
-|waarborg evidence --policy customers v.
--offline|waarborg evidence verify --of.
--as-of=/--config=/--help/--json/--quiet/--verbose/--version|waarborg --.
--as-of=/--config=/--help/--json/--print-roles/--quiet/--roles/--verbose|waarborg migrate .
--re-erase/--rehearsal|waarborg retention run --accept-volume 5 --re.
--re-erase/--rehearsal|waarborg retention run --acc 5 --re.
--policy=|waarborg retention plan --p.
-|waarborg retention plan --policy=.
-|waarborg retention plan --policy .
-|waarborg retention plan -- --.
-|waarborg frobnicate .
-|waarborg frobnicate x --pol.
-|waarborg hold frobnicate .
-|waarborg frob.
claim/complaint|waarborg hold add 7 --kind=c.
claim/complaint|waarborg hold add 7 --kind c.
breach/claim/complaint/other/request/restriction|waarborg hold add 7 -r "a reason" -k .
high/risk/unlikely|waarborg breach assess X --risk .
no/yes|waarborg breach assess X --ap .
a/b/c/wft|waarborg breach assess X --ground=.
en/nl|waarborg breach draft X ap --lang=.
nl|waarborg breach draft X ap --lang n.
en/nl|waarborg breach remind -l .
html/json/text|waarborg breach draft X ap --format .
ap|waarborg breach draft DL-2026-1 .
-|waarborg breach notify .
ap/customers/dora/nis2/other|waarborg breach notify X .
customers|waarborg breach notify X Y c.
final/follow-up|waarborg breach notify X ap --kind f.
en/nl|waarborg report summary --lang .
csv/html/json/text|waarborg report summary --format .
holds|waarborg report ho.
my file.conf|waarborg -c my.
my file.conf|waarborg -c my\ f.
my file.conf|waarborg -c "my f.
my file.conf|waarborg --config=my.
my file.conf|waarborg -qc my.
b.conf|waarborg -c a:.
b.conf|waarborg --config=a:.
it's.conf|waarborg -c it.
cost$(touch evil).conf|waarborg -c cost.
key.pem|waarborg archive verify --key k.
copies/sub dir|waarborg archive verify --dir .
sub dir|waarborg evidence verify s.
CASES

# Readline that does not cut at =: the whole word is to be given back.
WORDBREAKS='' offered 'waarborg breach draft X ap --lang=' | grep -qx -- '--lang=en/--lang=nl' || {
    echo "FAILED: --lang= where readline does not cut at ="
    faults=1
}

# A command for each line of the help, and what each of its options is called.
"$WAARBORG" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\( [a-z]*\)\{0,1\}\)  .*/\1/p' >"$T/commands"
[ "$(wc -l <"$T/commands")" -ge 29 ] || {
    echo "FAILED: the commands are not found in the help"
    faults=1
}
while read -r words; do
    # shellcheck disable=SC2086 # one or two words
    expected=$({
        "$WAARBORG" $words --help </dev/null | sed -n '/^Options/,/^$/s/^  .....\{0,1\} *\(--[a-z-]*\).*/\1/p'
        printf '%s\n' --config --as-of --json --verbose --quiet
    } | LC_ALL=C sort | paste -sd/)
    actual=$(offered "waarborg $words --" | tr / '\n' | tr -d = | LC_ALL=C sort | paste -sd/)
    [ "$actual" = "$expected" ] || {
        printf 'FAILED: options of %s\n  expected %s\n  got      %s\n' "$words" "$expected" "$actual"
        faults=1
    }
done <"$T/commands"

# Typed with its path; not in PATH, and then it is only found where it is installed.
expect hold "$T/bin/waarborg ho"
bin=$T/nothing
for place in /usr/sbin/waarborg /usr/local/sbin/waarborg; do
    [ ! -x "$place" ] || bin=''
done
[ -z "$bin" ] || expect '' 'waarborg ho'
expect '' "$T/nothing/waarborg ho"

bin=$T/hostile
cases <<'CASES'
good|waarborg .
--fine=|waarborg --.
-|waarborg --x.
$(touch${IFS}evil)/b|waarborg --fine=.
-|waarborg $(touch evil).
-|waarborg $(touch evil) .
CASES
[ ! -e evil ] || {
    echo "FAILED: the help of a program was executed"
    faults=1
}

# A key that is slow is a key that is not used: the best of ten within 50 ms.
bin=$T/plain
cat >"$T/time.bash" <<'TIME'
. "$1"
COMP_LINE='waarborg retention run --' COMP_POINT=25 COMP_WORDS=(waarborg retention run --) COMP_CWORD=3
best=1000000
for _ in {1..10}; do
    begin=${EPOCHREALTIME/[.,]/}
    _waarborg
    took=$((${EPOCHREALTIME/[.,]/} - begin))
    ((took >= best)) || best=$took
done
echo "$((best / 1000))"
TIME
best=$(PATH=$bin:/usr/bin:/bin bash --norc --noprofile "$T/time.bash" "$ROOT/conf/completion/waarborg")
[ "$best" -lt 50 ] || {
    echo "FAILED: a completion took $best ms"
    faults=1
}
echo "a completion takes $best ms"
exit "$faults"
