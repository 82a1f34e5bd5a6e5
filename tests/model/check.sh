#!/bin/sh
# The protocol as a model (protocol.pml), checked by spin: every state of the correct one, then that
# each deliberate mistake is found by the property it breaks.
#   check.sh                 everything; MODEL_DEEP=1: more faults at once, some minutes, 6 GiB
#   check.sh story MISTAKE   how it goes wrong, step by step
set -eu

model=$(cd "$(dirname "$0")" && pwd)/protocol.pml
for tool in spin cc; do
    command -v "$tool" >/dev/null 2>&1 || {
        echo "skipped: $tool is not installed (sh conf/demo/prepare.sh tests)"
        exit 77
    }
done
T=$(mktemp -d "${TMPDIR:-/tmp}/waarborg-model.XXXXXXXX")
trap 'rm -rf "$T"' EXIT
trap 'exit 130' INT TERM HUP
cd "$T"
memory_mib=1900
[ -z "${MODEL_DEEP:-}" ] || memory_mib=6000

fail() {
    echo "FAILED: $*" >&2
    [ ! -f out ] || tail -n 40 out >&2
    [ ! -f protocol.pml.trail ] || story
    exit 1
}

# generate "OPTIONS OF cc" -DSWITCH...
generate() {
    options=$1
    shift
    switches=$*
    rm -f pan pan.* out ./*.trail
    cp "$model" .
    spin "$@" -a protocol.pml >out 2>&1 || fail "spin does not accept the model with $switches"
    # shellcheck disable=SC2086
    cc $options -w -DCOLLAPSE -DNOFAIR -DMEMLIM=$memory_mib -o pan pan.c >out 2>&1 ||
        fail "the checker cannot be compiled with $switches"
}

# The trail of the last error, as the steps of the model by name.
story() {
    # shellcheck disable=SC2086
    spin $switches -t -p protocol.pml 2>/dev/null | awk '
        BEGIN {
            while ((getline line < "protocol.pml") > 0) {
                n++
                if (line ~ /^inline /) {
                    step = line
                    sub(/^inline /, "", step)
                    sub(/\(.*/, "", step)
                }
                steps[n] = step
                if (line ~ /^}/)
                    step = ""
            }
            quiet = "^(check_|find_|count_|copy_|end_transaction|pick_|choose_|release_|forget_|cut_)"
        }
        match($0, /\([A-Z][a-z]+:/) {
            who = substr($0, RSTART + 1, RLENGTH - 2)
            match($0, /pml:[0-9]+/)
            step = steps[substr($0, RSTART + 4, RLENGTH - 4) + 0]
            if (step != "" && step !~ quiet && who " " step != last) {
                last = who " " step
                printf "    %-14s %s\n", who, step
            }
        }'
}

# broken: the property that the last search saw broken, nothing when none was
broken() {
    sed -n 's/^pan:[0-9]*: assertion violated \([a-z_]*\).*/\1/p; s/^pan:[0-9]*: non-progress cycle.*/progress/p' out
}

# search OPTIONS-OF-pan...
search() {
    ./pan -w22 -m100000 "$@" >out 2>&1 || :
}

# correct "WHAT" safety|progress -DSWITCH...
correct() {
    what=$1 kind=$2
    shift 2
    if [ "$kind" = safety ]; then
        generate '-O2 -DSAFETY' "$@"
        search
    else
        generate '-O2 -DNP' "$@"
        search -l
    fi
    grep -q 'errors: 0$' out || fail "the protocol breaks $(broken): $what ($*)"
    ! grep -Eqi 'not completed|too small|truncated|out of memory|memory limit|interrupted' out ||
        fail "not every state was looked at: $what ($*)"
    awk -v what="$what, $kind" '
        /states, stored/ { states = $1 }
        /total actual memory usage/ { mib = $1 }
        /elapsed time/ { seconds = $4 }
        END { printf "holds   %-58s %9d states %5.0f MiB %6.1f s\n", what, states, mib, seconds }' out
}

# mistake NAME PROPERTY -DSWITCH...: each with the smallest budget that shows it
mistake() {
    name=$1 property=$2
    shift 2
    case ${only:-$name} in
    "$name") ;;
    *) return 0 ;;
    esac
    grep -qw "$name" "$model" || fail "the model has no mistake $name"
    if [ "$property" = progress ]; then
        generate '-O0 -DNP' "-D$name" "$@"
        search -l
    else
        generate '-O0 -DSAFETY' "-D$name" "$@"
        search
    fi
    found=$(broken)
    [ "$found" = "$property" ] || fail "mistake $name: expected to break $property, found '$found'"
    printf 'found   %-34s breaks %s\n' "$name" "$property"
    [ -z "${only:-}" ] || story
}

mistakes() {
    mistake JOURNAL_BEFORE_COMMIT no_false_alarm -DFAULTS=1
    mistake RENAME_AFTER_COMMIT no_false_alarm -DFAULTS=1
    mistake NO_READ_BACK no_row_lost -DFAULTS=0
    mistake NO_DIRECTORY_SYNC no_row_lost -DFAULTS=1
    mistake UNLINK_BEFORE_ASKING no_row_lost -DFAULTS=1
    mistake ASK_WITHOUT_WAITING no_row_lost -DFAULTS=1
    mistake RECOVERY_WITHOUT_LOCK no_row_lost -DFAULTS=1
    mistake REMOVES_BEFORE_IT_REFUSES no_false_alarm -DFAULTS=0 -DRESTORES=1
    mistake TORN_LINE_KEPT journal_readable -DFAULTS=1
    mistake JOURNAL_NOT_SYNCED_AT_START no_false_alarm -DFAULTS=2
    mistake DIRECTORY_NOT_SYNCED_AT_START no_false_alarm -DFAULTS=2
    mistake NO_CLAIM no_row_lost -DFAULTS=2 -DPROGRAMS=2
    mistake CLAIM_AFTER_LOCK no_row_lost -DFAULTS=2 -DPROGRAMS=2
    mistake WORKER_JOINS_ANY_DATABASE nobody_twice -DFAULTS=0 -DRESTORES=1
    mistake NO_RE_ERASURE progress -DFAULTS=0 -DRESTORES=1
    mistake RE_ERASURE_WITHOUT_LINE nobody_twice -DFAULTS=1 -DRESTORES=1
    mistake RE_ERASURE_FORGOTTEN nobody_is_back -DFAULTS=1 -DRESTORES=1
    mistake EXPIRY_UNLINKS_BEFORE_COMMIT no_row_lost -DFAULTS=1 -DEXPIRIES=1
    mistake EXPIRY_UNLINKS_BEFORE_LINE no_false_alarm -DFAULTS=1 -DEXPIRIES=1 -DRESTORES=1
    mistake EXPIRY_WITHOUT_ROW_LOCK held_stays -DFAULTS=0 -DEXPIRIES=1 -DHOLDS=1
    with_all='-DSUBJECTS=1 -DSEGMENTS=3 -DRESTORES=1 -DEXPIRIES=1 -DHOLDS=1'
    # shellcheck disable=SC2086
    {
        mistake HOLD_NOT_IN_JOURNAL held_stays -DFAULTS=0 $with_all
        mistake HOLD_TRUSTS_RESTORED_LEDGER held_stays -DFAULTS=0 $with_all
        mistake HOLD_RENUMBERED_BEFORE_COMMIT held_stays -DFAULTS=1 $with_all
    }
}

protocol() {
    few=2 one=1
    [ -z "${MODEL_DEEP:-}" ] || few=3 one=2
    correct "one program, three faults" safety -DFAULTS=3
    correct "two programs, $few faults" safety -DFAULTS=$few -DPROGRAMS=2
    correct "restored database, two faults" safety -DFAULTS=2 -DRESTORES=1
    correct "restored twice, one subject, one fault" safety -DFAULTS=1 -DRESTORES=2 -DSUBJECTS=1
    correct "expiry and a hold, two faults" safety -DFAULTS=2 -DEXPIRIES=1 -DHOLDS=1
    correct "expiry and a restored database, one fault" safety -DFAULTS=1 -DRESTORES=1 -DEXPIRIES=1
    correct "all of it, one subject, $one fault(s)" safety -DFAULTS=$one -DSUBJECTS=1 -DSEGMENTS=3 \
        -DRESTORES=1 -DEXPIRIES=1 -DHOLDS=1
    correct "one program, two faults" progress -DFAULTS=2
    correct "restored database, one fault" progress -DFAULTS=1 -DRESTORES=1
    [ -z "${MODEL_DEEP:-}" ] ||
        correct "all of it, two subjects, one fault" safety -DFAULTS=1 \
            -DRESTORES=1 -DEXPIRIES=1 -DHOLDS=1
}

case ${1:-} in
'')
    protocol
    mistakes
    ;;
story)
    only=${2:?which mistake?}
    mistakes
    ;;
*)
    echo "check.sh [story MISTAKE]" >&2
    exit 2
    ;;
esac
