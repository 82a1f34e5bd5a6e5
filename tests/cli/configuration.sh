# Configuration that cannot be used: every fault with its file and line, exit code 2, nothing begun.
. "$(dirname "$0")/../harness/lib.sh"

new_db conf
policy() {
    cat <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact";
              clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); }
CONF
}

# faults COUNT: the last call was refused with so many lines of faults, and one event.
faults() {
    expect_status 2
    [ ! -s "$T/out" ] || fail "no output was expected"
    lines=$(grep -cF "$T/waarborg.conf:" "$T/err" || :)
    [ "$lines" -ge "$1" ] || fail "$lines lines of faults, $1 expected"
    expect_err "event=migrate\.failed .*message=\"configuration $T/waarborg.conf has $1 fault"
    expect_sql 0 "SELECT count(*) FROM pg_namespace WHERE nspname = 'waarborg'"
}
line_of() {
    grep -nE -e "$1" "$T/waarborg.conf" | head -n 1 | cut -d: -f1
}

policy | write_conf unsealed 'chunk = 500; batsh = 100; workers = 99;'
sed -i 's/"7 years"/"7 jaar"/' "$T/waarborg.conf"
waarborg migrate
faults 3
expect_err "^$T/waarborg.conf:$(line_of batsh): .*batsh.*batch"
expect_err "^$T/waarborg.conf:$(line_of workers): .*workers.*16"
expect_err "^$T/waarborg.conf:$(line_of jaar): .*window.*7 jaar"

policy | write_conf unsealed
echo 'organisation = {' >>"$T/waarborg.conf"
waarborg migrate
expect_status 2
expect_err "^$T/waarborg.conf:[0-9]+: "

# Not there, a directory, not readable.
policy | write_conf unsealed
mv "$T/waarborg.conf" "$T/good"
waarborg migrate
faults 1
expect_err "^$T/waarborg.conf: cannot be read: No such file"
mkdir "$T/waarborg.conf"
waarborg migrate
expect_status 2
rmdir "$T/waarborg.conf"
if [ "$(id -u)" -ne 0 ]; then
    install -m 000 "$T/good" "$T/waarborg.conf"
    waarborg migrate
    faults 1
    expect_err "cannot be read: Permission denied"
    rm -f "$T/waarborg.conf"
fi

# A password in a file that others may read.
sed "s/user=/password='tr0ub4dor' user=/" "$T/good" >"$T/waarborg.conf"
for mode in 644 640 604; do
    chmod "$mode" "$T/waarborg.conf"
    waarborg migrate
    faults 1
    expect_err "^$T/waarborg.conf:$(line_of tr0ub4dor): .*database"
    refute_log tr0ub4dor
done
chmod 600 "$T/waarborg.conf"
waarborg migrate
expect_status 0
