# The Debian package: what cpack makes, what lintian says, what is in it and with which modes, how the
# program in it was built, and that the same source gives the same bytes.  package/install.sh installs it.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/package.sh"

for tool in cpack dpkg-deb dpkg-shlibdeps lintian readelf; do
    command -v "$tool" >/dev/null 2>&1 || skip "no $tool; sh conf/demo/prepare.sh tests installs it"
done
package_build
deb=$T/$package

# ---- What it says of itself -----------------------------------------------------------------

while read -r field regex; do
    value=$(dpkg-deb -f "$deb" "$field")
    echo "$value" | grep -qE -e "$regex" || fail "$field is '$value', which does not match $regex"
done <<EXPECTED
Package        ^waarborg$
Version        ^$package_version$
Architecture   ^$(dpkg --print-architecture)$
Section        ^admin$
Priority       ^optional$
Maintainer     ^.+ <[^@ ]+@[^@ ]+>$
Depends        (^|, )adduser(,|$)
Depends        (^|, )tzdata(,|$)
Depends        (^|, )libc6 \(>= 2
Depends        (^|, )libpq5
Depends        (^|, )libssl3
Depends        (^|, )libgmime-3\.0-0
Recommends     ^default-mta \| mail-transport-agent$
Suggests       ^postgresql, prometheus-node-exporter$
Installed-Size ^[1-9][0-9]{3}$
EXPECTED
dpkg-deb -x "$deb" "$T/unpacked"
dpkg-deb -e "$deb" "$T/control"
(cd "$T/unpacked" && find etc -type f | sed 's|^|/|' | sort) >"$T/etc"
sort "$T/control/conffiles" | diff "$T/etc" - || fail "not every file in /etc is a conffile"

# ---- What is in it --------------------------------------------------------------------------

dpkg-deb -c "$deb" | sed -E 's/^(\S+) (\S+) +[0-9]+ \S+ \S+ (.*)$/\1 \2 \3/' >"$T/entries"
[ -s "$T/entries" ] || fail "the package is empty"
grep -v '^#' "$ROOT/tests/package/contents.txt" >"$T/table"
: >"$T/faults"
while IFS= read -r entry; do
    met=''
    while IFS= read -r line; do
        # shellcheck disable=SC2254 # the line is a pattern
        case $entry in $line) met=yes ;; esac
    done <"$T/table"
    [ -n "$met" ] || echo "not in tests/package/contents.txt: $entry" >>"$T/faults"
done <"$T/entries"
while IFS= read -r line; do
    met=''
    while IFS= read -r entry; do
        # shellcheck disable=SC2254
        case $entry in $line) met=yes ;; esac
    done <"$T/entries"
    [ -n "$met" ] || echo "not in the package: $line" >>"$T/faults"
done <"$T/table"
[ ! -s "$T/faults" ] || fail "$(cat "$T/faults")"

# The time stamp of gzip would tell when the package was made.
find "$T/unpacked" -name '*.gz' | while IFS= read -r file; do
    gzip -t "$file" || fail "$file is no gzip file"
    [ "$(od -An -tx1 -j4 -N4 "$file" | tr -d ' ')" = 00000000 ] || fail "$file holds a time stamp"
done
if command -v man >/dev/null 2>&1; then
    cd "$T/unpacked/usr/share/man" || exit 1 # a page that only names another one does so from here
    find man? -name '*.gz' | while IFS= read -r page; do
        MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l "$page" >"$T/page" 2>"$T/warnings" ||
            fail "man cannot show $page"
        [ "$(wc -l <"$T/page")" -gt 10 ] || fail "$page is nearly empty"
        [ ! -s "$T/warnings" ] || fail "$page: $(cat "$T/warnings")"
    done
    cd "$ROOT" || exit 1
fi

# ---- How the program was built --------------------------------------------------------------

program=$T/unpacked/usr/sbin/waarborg
readelf -hldW "$program" >"$T/elf"
readelf -SW "$program" >"$T/sections"
readelf --dyn-syms -W "$program" >"$T/symbols"
expect_in() { # FILE REGEX WHAT
    grep -qE -e "$2" "$T/$1" || fail "the program lacks: $3"
}
expect_in elf 'Type: +DYN' 'position-independent code'
expect_in elf 'FLAGS_1.* NOW PIE' 'PIE, immediate binding'
expect_in elf GNU_RELRO 'relocations that are read-only'
expect_in elf 'GNU_STACK .* RW +0x' 'a stack that is not executable'
expect_in symbols __stack_chk_fail 'the stack protector'
expect_in symbols '__v?snprintf_chk' '_FORTIFY_SOURCE'
! grep -qE '\.(symtab|debug_)' "$T/sections" || fail "the program is not stripped"
! grep -qE 'WAARBORG_FAULT_|fault_point' "$program" || fail "the program holds fault points"
! grep -qF -e "$ROOT" -e "$package_build" "$program" || fail "the program tells where it was built"

# ---- Made again, and not made ---------------------------------------------------------------

unset SOURCE_DATE_EPOCH
package_again
cmp "$deb" "$T/again.deb" || fail "the same build gives another package"
package_again SOURCE_DATE_EPOCH=1700000000
dpkg-deb --ctrl-tarfile "$T/again.deb" | tar -tv --utc --full-time >"$T/dates"
dpkg-deb --fsys-tarfile "$T/again.deb" | tar -tv --utc --full-time >>"$T/dates"
! grep -vF ' 2023-11-14 22:13:20 ' "$T/dates" >&2 || fail "SOURCE_DATE_EPOCH is not honoured"

# Who builds it answers for it; without a name cpack says so.
grep -q 'names no maintainer who can be reached' "$T/cpack.log" || fail "cpack does not warn of the maintainer"
maintainer() { # MAINTAINER: configures the same build with it
    last_command="cmake -DWAARBORG_MAINTAINER=$1" status=0
    cmake -S "$ROOT" -B "$package_build" -DWAARBORG_MAINTAINER="$1" >"$T/out" 2>"$T/err" || status=$?
}
(
    flock 9
    usual=$(dpkg-deb -f "$deb" Maintainer)
    maintainer 'Jan; de Vries'
    expect_status 1
    expect_err 'WAARBORG_MAINTAINER is Name <address>'
    maintainer "J. d'Arc, beheer <beheer@waarborg.nl>"
    expect_status 0
    package_make
    maintainer_made=$package_build/$package
    [ "$(dpkg-deb -f "$maintainer_made" Maintainer)" = "J. d'Arc, beheer <beheer@waarborg.nl>" ] ||
        fail "the maintainer is not in the package"
    dpkg-deb --fsys-tarfile "$maintainer_made" | tar -xO ./usr/share/doc/waarborg/changelog.gz | gzip -d |
        grep -qF " -- J. d'Arc, beheer <beheer@waarborg.nl>  " || fail "the maintainer is not in the changelog"
    ! grep -q 'names no maintainer' "$T/cpack.log" || fail "cpack warns of a maintainer who can be reached"
    maintainer "$usual"
    expect_status 0
) 9>"$package_build.lock"

refused() { # WHAT OPTION...
    what=$1
    shift
    cmake -S "$ROOT" -B "$T/refused" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_INSTALL_PREFIX=/usr \
        -DFAULT_POINTS=OFF "$@" >"$T/out" 2>&1 || fail "cmake refuses $*: $(cat "$T/out")"
    last_command="cpack after cmake $*" status=0
    (cd "$T/refused" && cpack -G DEB) >"$T/out" 2>"$T/err" || status=$?
    [ "$status" -ne 0 ] || fail "a package is made of a build with $what"
    expect_err "no package is made of a build with $what"
    [ -z "$(find "$T/refused" -name '*.deb')" ] || fail "a package is left of a build with $what"
}
refused -DFAULT_POINTS=ON -DFAULT_POINTS=ON
refused -DCMAKE_INSTALL_PREFIX=/usr/local -DCMAKE_INSTALL_PREFIX=/usr/local
refused -DCMAKE_BUILD_TYPE=Debug -DCMAKE_BUILD_TYPE=Debug

# ---- What Debian says -----------------------------------------------------------------------

last_command=lintian status=0
lintian --allow-root --fail-on error "$deb" >"$T/out" 2>"$T/err" || status=$?
expect_status 0
cat "$T/out"
