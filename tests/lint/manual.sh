#!/bin/sh
# The manual says what the program does: every page is clean; commands, options, reports, settings with
# their ranges, and exit codes are those of the program, none more and none less.
#   manual.sh SOURCE BUILD      (BUILD/waarborg is asked)
set -eu
man=$1/conf/man
waarborg=$2/waarborg
command -v mandoc >/dev/null 2>&1 || {
    echo "SKIPPED: there is no mandoc here; sh conf/demo/prepare.sh tests installs it"
    exit 77
}
[ -x "$waarborg" ]
T=$(mktemp -d "${TMPDIR:-/tmp}/waarborg-manual.XXXXXXXX")
trap 'rm -rf "$T"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
export LC_ALL=C
: >"$T/faults"

complain() {
    echo "$*"
    echo "$*" >>"$T/faults"
}

# same WHAT PROGRAM-FILE MANUAL-FILE: the same lines, whatever their order.
same() {
    sort -o "$2" "$2"
    sort -o "$3" "$3"
    comm -23 "$2" "$3" >"$T/missing"
    comm -13 "$2" "$3" >"$T/surplus"
    while read -r line; do
        complain "$1: the program has $line, the manual does not"
    done <"$T/missing"
    while read -r line; do
        complain "$1: the manual has $line, the program does not"
    done <"$T/surplus"
}

# ---- the pages themselves ----

# What depends on the machine is no fault of a page: which other manuals are installed, and its clock.
for page in "$man"/*.[15]; do
    if grep -q '^\.so ' "$page"; then
        [ -e "$man/$(sed -n 's:^\.so man[15]/::p' "$page")" ] ||
            complain "$page leads to a page that is not there"
        continue
    fi
    mandoc -Tlint -Wwarning "$page" 2>&1 | grep -v 'date in the future' >"$T/lint" || :
    while read -r line; do
        complain "$line"
    done <"$T/lint"
    # mdoc takes quotes away around a word of a macro's line: \(dq shows one.
    grep -nE '^\.(D1|Dl|Li|Ql|Sq) .*"' "$page" | while read -r line; do
        complain "${page##*/}: the quotes of this line are not shown: $line"
    done
    grep -oE '^\.Xr waarborg[a-z.-]* [15]' "$page" | while read -r _ name section; do
        [ -e "$man/$name.$section" ] || complain "$page refers to $name($section), which is not there"
    done
done

# The list of a page: section SECTION [FILE], the lines between that heading and the next.
section() {
    awk -v heading="$1" '/^\.S[hs] / { inside = substr($0, 5) == heading; next } inside' "$2"
}

# .It Fl p , Fl -policy Ns = Ns Ar NAME  ->  -p, --policy=NAME
options_of_page() {
    sed -n 's/^\.It \(Fl .*\)/\1/p' | sed 's/Fl /-/g; s/ Ns = Ns Ar /=/; s/ , /, /'
}

options_of_help() {
    sed -n '/^Options/,/^$/s/^ *\(\(-., \)\{0,1\}--[a-z-]*\(=[^ ]*\)\{0,1\}\)\( .*\)\{0,1\}$/\1/p'
}

# The words of a block of the help that a heading begins.
words_of_help() {
    sed -n "/^$1/,/^\$/s/^  \\([a-z][A-Za-z]*\\( [A-Za-z][A-Za-z]*\\)\\{0,1\\}\\)  .*/\\1/p"
}

# ---- commands and options ----

"$waarborg" --help >"$T/help"
words_of_help Commands <"$T/help" >"$T/commands"
[ "$(wc -l <"$T/commands")" -ge 29 ] || complain "the commands are not found in the help"
section DESCRIPTION "$man/waarborg.1" | sed -n 's/^\.It Cm //p' >"$T/manual"
same "waarborg(1)" "$T/commands" "$T/manual"
options_of_help <"$T/help" >"$T/options"
section Options "$man/waarborg.1" | options_of_page >"$T/manual"
same "waarborg(1)" "$T/options" "$T/manual"

page_of() { # WORDS: the page that explains the command
    case $1 in
    check) echo "$man/waarborg-migrate.1" ;;
    *) echo "$man/waarborg-${1%% *}.1" ;;
    esac
}

while read -r words; do
    page=$(page_of "$words")
    # shellcheck disable=SC2086 # one or two words
    "$waarborg" $words --help </dev/null >"$T/help.$words"
    grep -qx "\.Ss $words" "$page" || complain "${page##*/} does not explain $words"
    grep -qx "\.Cm $words" "$page" || complain "${page##*/} has no synopsis of $words"
    options_of_help <"$T/help.$words" | grep -vx -e '-h, --help' >"$T/options" || :
    section "$words" "$page" | options_of_page >"$T/manual"
    same "$words" "$T/options" "$T/manual"
    # "Exit code 1 when": told in the page as well.
    tr '\n' ' ' <"$T/help.$words" | grep -oiE 'exit code[s:]* [0-9]+' | grep -oE '[0-9]+' |
        while read -r code; do
            section "EXIT STATUS" "$page" | grep -qx "\.It $code" ||
                complain "${page##*/} does not explain exit code $code, the help of $words does"
        done
done <"$T/commands"

# Every command that a page explains is one.
for page in "$man"/waarborg-*.1; do
    grep -q '^\.so ' "$page" || sed -n 's/^\.Ss \([a-z]* *[a-z]*\)$/\1/p' "$page"
done >"$T/manual"
same "sections of the pages" "$T/commands" "$T/manual"

# ---- examples ----

# Each line that begins with waarborg, of a page as mandoc shows it, of the README, of the units and of
# cron: its command, options and report are those of the program.
#   examples FILE NAME: the lines are in FILE, \ at the end joins two
options_of_help <"$T/help" | tr -d ',' | tr ' ' '\n' | sed 's/=.*//' >"$T/global"
words_of_help Reports <"$T/help.report" | sed 's/ .*//' >"$T/reports"
[ -s "$T/reports" ] || complain "the reports are not found in the help"
examples() {
    sed -e ':a' -e '/\\$/N; s/\\\n//; ta' "$1" | sed 's/^[ $]*//; s/"[^"]*"//g; s/[|>;].*//' |
        grep -E '^waarborg [a-z-]' | while read -r line; do
            words=$(awk -v line="$line" '
                BEGIN { while ((getline one <ARGV[1]) > 0) if (index(line " ", " " one " ") > 0 &&
                        length(one) > length(best)) best = one; print best }' "$T/commands")
            if [ -z "$words" ]; then
                case $line in
                *--help | *--version) ;;
                *) complain "$2: an example without a command: $line" ;;
                esac
                continue
            fi
            options_of_help <"$T/help.$words" | tr -d ',' | tr ' ' '\n' | sed 's/=.*//' >"$T/own"
            printf '%s\n' "$line" | tr ' ' '\n' | sed -n 's/^\(-[^=]*[a-z]\)\(=.*\)\{0,1\}$/\1/p' |
                while read -r option; do
                    grep -qxF -e "$option" "$T/own" "$T/global" ||
                        complain "$2: $words has no option $option: $line"
                done
            if [ "$words" = report ]; then
                name=${line#*report }
                grep -qxF -e "${name%% *}" "$T/reports" || complain "$2: there is no report ${name%% *}: $line"
            fi
        done
}
for page in "$man"/*.[15]; do
    ! grep -q '^\.so ' "$page" || continue
    mandoc -Tascii -Owidth=200 "$page" | sed 's/.\x08//g' |
        awk '/^[A-Z]/ { inside = /^EXAMPLES/; next } inside' >"$T/examples"
    examples "$T/examples" "${page##*/}"
    echo "${page##*/} $(grep -cE '^ *waarborg ' "$T/examples")" >>"$T/counts"
done
[ "$(awk '{ n += $2 } END { print n }' "$T/counts")" -ge 40 ] || complain "the examples are not found in the pages"
sed -n '/^    \|^`/p' "$1/README.md" >"$T/examples"
examples "$T/examples" README.md
sed -n 's/^ExecStart=\(!setpriv .*-groups \)\{0,1\}waarborg/waarborg/p' "$1"/conf/systemd/*[!@].service \
    >"$T/examples"
sed -n 's/^#\{0,1\}[0-9*].* waarborg waarborg/waarborg/p' "$1/conf/cron.d/waarborg" >>"$T/examples"
[ "$(wc -l <"$T/examples")" -ge 15 ] || complain "the jobs are not found in conf/systemd and conf/cron.d"
examples "$T/examples" "conf/systemd or conf/cron.d"

# ---- reports ----

section DESCRIPTION "$man/waarborg-report.1" |
    sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' | grep -vx pack >"$T/manual"
same "waarborg-report(1)" "$T/reports" "$T/manual"

# ---- exit codes ----

sed -n '/^Exit codes/,$p' "$T/help" | tr '\n' ' ' | grep -oE '(: |; )[0-9]+' | grep -oE '[0-9]+' >"$T/codes"
section "EXIT STATUS" "$man/waarborg.1" | sed -n 's/^\.It //p' >"$T/manual"
same "exit codes of waarborg(1)" "$T/codes" "$T/manual"
# What the source can end with: the codes of a job, and those of an error.
{
    sed -n 's/^enum { JOB_DONE/JOB_DONE/p' "$1/jobs/job.h" | grep -oE '= [0-9]+' | tr -d '= '
    sed -n '/^int error_exit_code/,/^}/s/.*return \([0-9]*\);/\1/p' "$1/common/error.c"
} | sort -u >"$T/ends"
same "exit codes in the source" "$T/ends" "$T/manual"
for page in "$man"/waarborg-*.1; do
    grep -q '^\.so ' "$page" && continue
    section "EXIT STATUS" "$page" | sed -n 's/^\.It //p' | while read -r code; do
        grep -qx "$code" "$T/codes" || complain "${page##*/} has an exit code $code"
    done
done

# ---- environment and files ----

# Each variable that the source asks for, but for those of libpq and of the tests.
grep -rhoE '"(WAARBORG_[A-Z_]+|[A-Z]+_[A-Z_]+|VISUAL|EDITOR|HOME)"' "$1/common/private_key.c" "$1/common/editor.c" \
    "$1/common/log.c" "$1/jobs/job.c" | tr -d '"' | sort -u >"$T/variables"
grep -rhoE 'getenv\("[A-Z_]+"\)' "$1/common" "$1/jobs" --include='*.c' | sed 's/.*"\(.*\)".*/\1/' |
    grep -v '^WAARBORG_FAULT' | sort -u - "$T/variables" -o "$T/variables"
section ENVIRONMENT "$man/waarborg.1" | sed -n 's/^\.It Ev //p' | tr -d ',' | tr ' ' '\n' | grep -E '^[A-OQ-Z]' >"$T/manual"
same "environment of waarborg(1)" "$T/variables" "$T/manual"

# A file of the package is in it; a directory of the host is one that the package makes.
for page in "$man"/*.[15]; do
    sed -n 's/^\.It Pa \(\/.*\)/\1/p' "$page" | while read -r path; do
        case $path in
        /usr/*) grep -qE -e " \.$path(\.gz)?\$" "$1/tests/package/contents.txt" ;;
        /etc/waarborg/templates/) ;;
        /etc/waarborg/*) grep -qF -e "$path" "$1/conf/waarborg.conf" ;;
        *) grep -qwF -e "$(echo "$path" | cut -d/ -f1-4)" "$1/conf/debian/postinst" ;;
        esac || complain "${page##*/}: $path is no file of the package"
    done
done

# ---- settings ----

# The program names the settings of a group when it meets one that is none; so every group is asked,
# from the root down.  Every setting gets -1, which is never right, and the fault says what is.
#   ask PATH BEFORE AFTER: the group PATH (with a dot at its end) stands between these two texts.
ask() {
    printf '%s zzzzzzzz = 1; %s\n' "$2" "$3" >"$T/ask.conf"
    "$waarborg" -c "$T/ask.conf" check 2>&1 </dev/null | sed 's/^[^ ]*: //; s/\[0\]//g' >"$T/faults.empty" || :
    names=$(sed -n "s/^$1zzzzzzzz: is no setting; allowed here: //p" "$T/faults.empty" | tr -d ',')
    [ -n "$names" ] || complain "the program does not list the settings of ${1:-the file}"
    {
        printf '%s' "$2"
        for name in $names; do
            printf ' %s = -1;' "$name"
        done
        printf '%s\n' "$3"
    } >"$T/ask.conf"
    "$waarborg" -c "$T/ask.conf" check 2>&1 </dev/null | sed 's/^[^ ]*: //; s/\[0\]//g' >"$T/faults.wrong" || :
    deeper=''
    for name in $names; do
        required=optional
        ! grep -q "^$1$name: is missing" "$T/faults.empty" || required=required
        range=$(sed -n "s/^$1$name: .* whole number from \(.* to .*\)/\1/p" "$T/faults.wrong")
        echo "$1$name|$required|$range" >>"$T/settings"
        case $(sed -n "s/^$1$name: .*; allowed is //p" "$T/faults.wrong") in
        'a group'*) deeper="$deeper $name:{:};" ;;
        'a list of groups'*) deeper="$deeper $name:({:});" ;;
        esac
    done
    for group in $deeper; do
        name=${group%%:*}
        close=${group##*:}
        open=${group#*:}
        open=${open%%:*}
        (ask "$1$name." "$2 $name = $open" "$close $3")
    done
}
: >"$T/settings"
ask '' '' ''
page=$man/waarborg.conf.5
sed 's/|.*//' "$T/settings" >"$T/known"
[ "$(wc -l <"$T/known")" -ge 60 ] || complain "the settings are not found"
sed -n 's/^\.It Va //p' "$page" >"$T/manual"
same "waarborg.conf(5)" "$T/known" "$T/manual"
while IFS='|' read -r setting required range; do
    awk -v item=".It Va $setting" '/^\.(It|El)/ { inside = $0 == item; next } inside' "$page" >"$T/item"
    if [ "$required" = required ]; then
        grep -q 'required' "$T/item" || complain "waarborg.conf(5): $setting is required"
    elif grep -q 'required' "$T/item"; then
        complain "waarborg.conf(5): $setting is not required"
    fi
    [ -z "$range" ] || grep -qF "$range" "$T/item" || complain "waarborg.conf(5): $setting is from $range"
    # The default, where the source has a number or a text: .batch = 5000, .templates = ...("/etc/...").
    default=$(sed -n "s/.*\.${setting##*.} = \(memory_copy_text(\)\{0,1\}\"\{0,1\}\([0-9A-Za-z./]\{1,\}\)[\"),}].*/\2/p" \
        "$1"/jobs/settings/settings.c "$1"/jobs/settings/settings_breach.c)
    case $default in
    '') ;;
    *) grep -qiF "default $default" "$T/item" || complain "waarborg.conf(5): the default of $setting is $default" ;;
    esac
done <"$T/settings"

# The configuration among the examples is one that the program reads to its end.
section EXAMPLES "$page" | sed -n '/^\.Bd/,/^\.Ed/{/^\./!p;}' | sed 's/\\-/-/g' >"$T/example.conf"
chmod 600 "$T/example.conf"
"$waarborg" -c "$T/example.conf" retention status --nonsense >"$T/out" 2>&1 </dev/null || :
grep -q 'unknown option --nonsense' "$T/out" || complain "waarborg.conf(5): the example has faults: $(cat "$T/out")"

[ ! -s "$T/faults" ]
