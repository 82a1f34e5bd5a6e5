# One section of a report is what it is in the whole, in every format; and what stands in other sections is
# not read for it, where it stands alone.  On a terminal every line fits.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/breach.sh"

small_db sections 12
small_conf 'max_share = 1.0; batch = 5; chunk = 5;'
waarborg --as-of $AS_OF hold add 3 --kind claim --reason 'letter of claim'
expect_status 0
night
expect_status 0
waarborg --as-of $AS_OF archive verify
new_breach
new_breach '{"title": "een tweede"}'

# compare: each section of $T/whole.{json,csv,txt} is what $T/alone/KEY.{json,csv,txt} has.
cat >"$T/compare.py" <<'PYTHON'
import csv, json, sys
def text(name):
    with open("%s/%s" % (sys.argv[1], name), encoding="utf-8", newline="") as file:
        return file.read()
def table(name):
    return list(csv.reader(text(name).splitlines(keepends=True)))
whole, faults = json.loads(text("whole.json")), []
rows = {key: {} for key in whole["sections"]}
for section, row, column, value in table("whole.csv")[1:]:
    rows[section].setdefault(row, {})[column] = value
for key, value in whole["sections"].items():
    one = json.loads(text("alone/%s.json" % key))
    if one != {**whole, "judged_at": one["judged_at"], "sections": {key: value}}: # a moment later
        faults.append("%s in JSON" % key)
    header, *alone = table("alone/%s.csv" % key)
    if [dict(zip(header, row)) for row in alone] != list(rows[key].values()):
        faults.append("%s in CSV" % key)
    if text("alone/%s.txt" % key) not in text("whole.txt"):
        faults.append("%s in text" % key)
sys.exit("\n".join(faults) or 0)
PYTHON

keys_of() { # FILE: those of its sections
    sed -n '/^  "sections": {/,$s/^    "\([a-z0-9_]*\)": .*/\1/p' "$1"
}

sections=0
for words in summary retention forecast schedule 'run last' breaches "breach $ref" holds; do
    rm -rf "$T/alone"
    mkdir "$T/alone"
    # shellcheck disable=SC2086 # a list of words, here and below
    for format in json csv text; do
        waarborg report $words --lang nl --format $format
        mv "$T/out" "$T/whole.$format"
    done
    mv "$T/whole.text" "$T/whole.txt"
    whole=$status
    for key in $(keys_of "$T/whole.json"); do
        echo "case: $words, section $key"
        sections=$((sections + 1))
        for ending in json csv txt; do
            # shellcheck disable=SC2086
            waarborg report $words --lang nl --section "$key" --out "$T/alone/$key.$ending"
            expect_status "$whole"
        done
    done
    python3 "$T/compare.py" "$T" || fail "a section of report $words is not what it is in the whole"
done
[ "$sections" -gt 40 ] || fail "only $sections sections were found"

echo "case: nothing else is read"
sql 'ALTER TABLE waarborg.verification RENAME TO gone'
waarborg report retention
expect_status 3
expect_err 'report retention: section verifications: '
waarborg report retention --section runs
expect_status 0
sql 'ALTER TABLE waarborg.gone RENAME TO verification'

# on_terminal COLUMNS ARGUMENTS: what the program prints there, in $T/out.
on_terminal() {
    last_command="waarborg $* (on a terminal)"
    status=0
    python3 - "$WAARBORG" -c "$T/waarborg.conf" "$@" >"$T/out" 2>"$T/err" <<'PYTHON' || status=$?
import fcntl, os, pty, struct, sys, termios
words = sys.argv[1:]
columns = int(words.pop(3))
child, terminal = pty.fork()
if child == 0:
    # Before the first word is said: the width is asked for once.
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execv(words[0], words)
said = b""
try:
    while block := os.read(terminal, 65536):
        said += block
except OSError:  # the other side is closed
    pass
sys.stdout.buffer.write(said.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
PYTHON
}

for columns in 40 80 200; do
    echo "case: a terminal of $columns columns"
    on_terminal $columns report breaches --lang nl
    expect_status 0
    widest=$(LC_ALL=C awk '{ gsub(/[\200-\277]/, ""); if (length($0) > most) most = length($0) } END { print most }' "$T/out")
    [ "$widest" -le $columns ] || fail "a line has $widest columns"
    [ "$columns" -lt 200 ] || [ "$widest" -gt 80 ] || fail "no line is wider than $widest columns"
done
