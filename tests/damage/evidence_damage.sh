# evidence verify: a table of damages to archive and journal.  Each is done to a whole archive, and
# must be found, named and answered with exit code 4, offline.  Where the journal is changed it is
# chained again afterwards, so that only what the lines say can give it away.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/json.sh"
. "$ROOT/tests/harness/chain.sh"

# Run 1: segments 1 to 4 (customers 1 to 8); 1 is put back, released and goes again in run 2 with 9 and
# 10 (segments 5 and 6); segment 2 is put back whole; segment 3 is destroyed; the archive of 7 is held.
small_db damage 10
small_conf 'batch = 2;'
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 8"
night
expect_status 0
segment() { # CHAIN NUMBER
    sql "SELECT id FROM waarborg.segment WHERE chain_no = $1"
}
waarborg --as-of $AS_OF archive restore "$(segment 1)" --subject 1 --reason test
expect_status 0
waarborg hold release 1 --reason test
sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id > 8"
night
expect_status 0
waarborg --as-of $AS_OF archive restore "$(segment 2)" --reason test
expect_status 0
waarborg --as-of $AS_OF hold add 7 -k claim -r test
waarborg --as-of $AS_OF hold add 8 -k claim -r test
waarborg hold release "$(sql "SELECT max(id) FROM waarborg.hold")" --reason test
expect_status 0
sql "UPDATE waarborg.segment SET created_at = created_at - interval '1 year' WHERE chain_no = 3"
waarborg archive expire
expect_status 0
expect_sql 3 "SELECT chain_no FROM waarborg.segment WHERE destroyed_at IS NOT NULL"

mkdir "$T/good"
cp -a "$T/archive" "$T/journal.jsonl" "$T/good/"
J=$T/journal.jsonl
for n in 1 2 3 4 5 6; do
    eval "id$n=$(segment $n)"
    eval "file$n=\$T/archive/$(sql "SELECT file FROM waarborg.segment WHERE chain_no = $n")"
done
month=$(dirname "$file1")
reference=$(sql "SELECT encode(reference, 'hex') FROM waarborg.hold WHERE reference IS NOT NULL LIMIT 1")

# The machine has no database any more.
mv "$T/waarborg.conf" "$T/waarborg.kept"
verify() {
    last_command="evidence verify $*"
    status=0
    env -u PGHOST -u PGPORT "$WAARBORG" evidence verify "$@" >"$T/out" 2>"$T/err" || status=$?
    ! grep -qE 'AddressSanitizer|LeakSanitizer|runtime error:' "$T/err" || fail "a sanitizer found a fault"
}

edit() { # FILE SED-SCRIPT: insists that something changes
    sed "$2" "$1" >"$T/edited"
    ! cmp -s "$1" "$T/edited" || fail "the edit changes nothing: $2"
    cat "$T/edited" >"$1"
}
journal() { # SED-SCRIPT: and chains it again
    edit "$J" "$1"
    chain_mend "$J"
}
# manifest N SED-SCRIPT: changes a manifest, the ones that follow it, and every line about them.
manifest() {
    edit "$(eval echo "\$file$1").manifest.json" "$2"
    n=$1
    while [ "$n" -le 6 ]; do
        path=$(eval echo "\$file$n").manifest.json
        [ "$n" -eq "$1" ] || sed -i "s/\"previous_sha256\":\"[0-9a-f]*\"/\"previous_sha256\":\"$sha\"/" "$path"
        sha=$(sha256sum "$path" | cut -c1-64)
        sed -i "/\"event\":\"segment\".*\"$(eval echo "\$id$n")\"/s/\"manifest_sha256\":\"[0-9a-f]*\"/\"manifest_sha256\":\"$sha\"/" "$J"
        n=$((n + 1))
    done
    chain_mend "$J"
}

verify "$T/archive"
expect_status 0
expect_out '^6 segments, 11 disposals, .*: the evidence holds\.$'
expect_out 'size and SHA-256 of 5 segment files, and that 1 is gone'
expect_out 'the sums of 2 runs; 2 restores; 2 holds'
expect_out '^  the rows inside the segments'
verify --json "$T/archive"
expect_status 0
expect_json_keys 'audit_lines audit_log_checked bytes destroyed directory disposals faults holds journal journal_checked journal_lines restores runs segments torn_bytes' '{}'
expect_json '[]' '{faults}'

# LINE of the output ~ how many faults, - = any ~ damage.  %N: id of segment N.
while IFS='~' read -r line count damage; do
    [ -n "$line" ] || continue
    printf 'case: %s\n' "$damage"
    rm -rf "$T/archive"
    cp -a "$T/good/archive" "$T/good/journal.jsonl" "$T/"
    damage=$(printf '%s\n' "$damage" | sed "s/%1/$id1/g; s/%2/$id2/g; s/%3/$id3/g; s/%4/$id4/g; s/%5/$id5/g; s/%6/$id6/g")
    line=$(printf '%s\n' "$line" | sed "s/%1/$id1/g; s/%2/$id2/g; s/%3/$id3/g; s/%4/$id4/g; s/%5/$id5/g; s/%6/$id6/g")
    eval "$damage"
    verify "$T/archive"
    expect_status 4
    expect_out "$line"
    [ "$count" = - ] || expect_out "^[0-9]+ segments? looked at, $count faults?:"
done <<'CASES'
^journal .*line 3: it does not follow the line before it~1~edit "$J" '2s/,"event"/, "event"/'
^journal .*line 3: its seq is another number~-~edit "$J" '3d'
^journal .*line 3: it is not a JSON object~-~edit "$J" '3s/^{//'
^journal .*line 1: the first line must have 64 zeros~2~edit "$J" '1s/"prev":"0/"prev":"1/'
^journal, line 3: its "at" is no instant~-~journal '3s/"at":"20[0-9-]*/"at":"2026-02-30/'
^journal, line [0-9]+: event segment, "rows" is missing or wrong~-~journal '/"segment":"%4"/s/"rows":/"rowz":/'
^journal, line [0-9]+: this run is said to be older than lines before it~1~journal '/"event":"run".*"run":2,/s/"at":"20/"at":"19/'
^journal, line [0-9]+: it is said to be older than a run before it~1~journal '/"event":"hold"/s/"at":"20/"at":"19/;t e;b;:e;n;b e'
^%2: the journal has it, but neither its file nor its manifest is there~2~rm "$file2".*
^chain from number 2: 1 manifest~2~rm "$file2".*
^%2: .*manifest\.json is not there~1~rm "$file2.manifest.json"
^%2: the journal has no line about it~3~journal '/"event":"segment".*"segment":"%2"/d'
^journal, line [0-9]+: it restores segment %2, which no line before it names~3~journal '/"event":"segment".*"segment":"%2"/d'
^journal, line [0-9]+: run 1 says 4 segments, 8 subjects, 56 rows; the lines of its segments give 3, 6, 42~3~journal '/"event":"segment".*"segment":"%2"/d'
^%2: its manifest does not have the SHA-256 that stands in the journal~1~edit "$file2.manifest.json" 's/"due_on":"20/"due_on":"19/'
^%2: its manifest does not have the SHA-256 that stands in the journal~2~edit "$file2.manifest.json" 's/"due_on":"20/"due_on":"19/'; rm "$file4.sql.gz"
^%4: .*sql\.gz is not there~2~edit "$file2.manifest.json" 's/"due_on":"20/"due_on":"19/'; rm "$file4.sql.gz"
^%6: its manifest does not have the SHA-256 that stands in the journal~1~edit "$file6.manifest.json" 's/"due_on":"20/"due_on":"19/'
^%2: its manifest does not have the SHA-256 that the manifest of the next segment, %3~1~edit "$file2.manifest.json" 's/"due_on":"20/"due_on":"19/'; journal "/\"segment\":\"%2\"/s/\"manifest_sha256\":\"[0-9a-f]*\"/\"manifest_sha256\":\"$(sha256sum "$file2.manifest.json" | cut -c1-64)\"/"
: it has number 2 of the chain, as segment ~-~manifest 3 's/"chain_no":3/"chain_no":2/'
^chain from number 3: 1 manifest~-~manifest 3 's/"chain_no":3/"chain_no":7/'
^%3: the journal \(line [0-9]+\) gives it another place in the chain than its manifest~-~manifest 3 's/"chain_no":3/"chain_no":7/'
^%2: the journal \(line [0-9]+\) gives it another run~2~journal '/"event":"segment".*"segment":"%2"/s/"run":1/"run":7/'
^%2: the journal \(line [0-9]+\) gives it another number of rows~2~journal '/"event":"segment".*"segment":"%2"/s/"rows":14/"rows":15/'
^%2: the journal \(line [0-9]+\) gives it another number of subjects~3~journal '/"event":"segment".*"segment":"%2"/s/"subjects":2/"subjects":3/'
^%2: the journal \(line [0-9]+\) gives it another policy~2~journal '/"event":"segment".*"segment":"%2"/s/"policy":"customers"/"policy":"others"/'
^%2: the journal \(line [0-9]+\) gives it another file name~1~journal '/"event":"segment".*"segment":"%2"/s/"file":"2/"file":"3/'
^%2: the journal \(line [0-9]+\) gives it another SHA-256 of the file~1~journal '/"event":"segment".*"segment":"%2"/s/"sha256":"[0-9a-f]*/&/;/"event":"segment".*"segment":"%2"/s/,"sha256":"....../,"sha256":"abcabc/'
^%2: .*sql\.gz has [0-9]+ bytes, its manifest says~1~echo >>"$file2.sql.gz"
^%2: .*does not have the SHA-256 that stands in its manifest~1~cp "$file2.sql.gz" "$T/x"; tr '\0' '\1' <"$T/x" >"$file2.sql.gz"
^%2: .*(SHA-256|bytes).* its manifest~2~mv "$file2.sql.gz" "$T/x"; mv "$file4.sql.gz" "$file2.sql.gz"; mv "$T/x" "$file4.sql.gz"
^%2: .*sql\.gz is not there~1~rm "$file2.sql.gz"
^%3: the journal says it was destroyed, but the file is there~1~cp "$file2.sql.gz" "$file3.sql.gz"
^%3: .*sql\.gz is not there~1~journal '/"event":"expire"/d'
^journal, line [0-9]+: it ends a segment that no line before names~2~journal '/"event":"expire"/s/%3/0123456789abcdef/'
^journal, line [0-9]+: it ends a segment with another SHA-256~2~journal '/"event":"expire"/s/"sha256":"....../"sha256":"abcabc/'
^journal, line [0-9]+: it restores segment 0123456789abcdef, which no line before it names~2~journal '/"event":"restore"/s/%1/0123456789abcdef/'
^journal, line [0-9]+: it restores a subject that is not in segment %2~2~journal '/"event":"restore"/s/%1/%2/'
^journal, line [0-9]+: it restores segment %2, which no line before it names~-~chain_add "$J" x '"y":1'; sed -n '/"event":"restore".*%2/p' "$J" | sed 's/"at":"20/"at":"19/' >"$T/x"; cat "$J" >>"$T/x"; cat "$T/x" >"$J"; chain_mend "$J"
^journal, line [0-9]+: it restores 5 subjects of segment %2~1~journal '/"event":"restore".*%2/s/"subjects":2/"subjects":5/'
^%5: 1 of its subjects had been disposed of before, in segment %1, and no restore stands between~1~journal '/"event":"restore".*%1/d'
^%5: 1 of its subjects had been disposed of before, in segment %1~1~journal '/"event":"restore".*%1/{h;d};${p;x}'
^%5: 1 of its subjects had been disposed of before, in segment %1~2~{ grep '"restore".*%1' "$J" | sed 's/"at":"20/"at":"19/'; grep -v '"restore".*%1' "$J"; } >"$T/x"; cat "$T/x" >"$J"; chain_mend "$J"
^journal, line [0-9]+: hold [0-9]+ is on a subject that is in no segment~1~journal "/\"event\":\"hold\"/s/$reference/$(printf '%064d' 7)/"
^journal, line [0-9]+: it releases a hold that no line before names~1~journal '/"event":"release"/s/"hold":[0-9]*/"hold":99/'
^journal, line [0-9]+: run 1 says 5 segments, 8 subjects, 56 rows~1~journal '/"event":"run".*"run":1,/s/"segments":4/"segments":5/'
^journal, line [0-9]+: run 1 says 4 segments, 9 subjects, 56 rows~1~journal '/"event":"run".*"run":1,/s/"subjects":8/"subjects":9/'
^journal, line [0-9]+: run 1 says 4 segments, 8 subjects, 57 rows~1~journal '/"event":"run".*"run":1,/s/"rows":56/"rows":57/'
^journal, line [0-9]+: run 1 is of policy others, one of its segments is not~1~journal '/"event":"run".*"run":1,/s/"policy":"customers"/"policy":"others"/'
^%4: its manifest is of another database, other \(system 1\)~1~manifest 4 's/"name":"wt_[^"]*","server_version":"\([^"]*\)","system_identifier":"[0-9]*"/"name":"other","server_version":"\1","system_identifier":"1"/'
^%2: two segments have this id: ~-~mkdir -m 700 "$T/archive/2020-01"; cp "$file2".* "$T/archive/2020-01/"
^%2: the journal has two lines about it~-~journal '/"event":"segment".*"segment":"%2"/{p;p}'
/notes\.txt: it is no part of an archive~1~echo x >"$month/notes.txt"
^stray: it is no part of an archive~1~mkdir "$T/archive/stray"
^0123456789abcdef: .*manifest\.json is not there~1~cp "$file2.sql.gz" "$month/20200101T000000Z-0123456789abcdef.sql.gz"
CASES

# Several faults: all of them, the most fundamental first.
rm -rf "$T/archive"
cp -a "$T/good/archive" "$T/good/journal.jsonl" "$T/"
echo x >"$month/notes.txt"
echo >>"$file2.sql.gz"
rm "$file5.manifest.json"
edit "$J" '2s/,"event"/, "event"/'
edit "$J" '4s/,"event"/, "event"/'
verify --json "$T/archive"
expect_status 4
n=0
for kind in journal journal manifest file stranger; do
    expect_json "$kind" "{faults,$n,kind}"
    n=$((n + 1))
done
expect_json absent "{faults,$n}"

# The hold of the journal under another number, with an instant from before the first run; as
# --re-erase writes it when a younger hold has taken the number.
old_hold() {
    chain_add "$J" hold "$(sed -n 's/.*"event":"hold","hold":[0-9]*,\(.*\),"prev".*/"hold":99,\1/p' "$J" |
        head -n 1)" 2001-01-01T00:00:00Z
}

# No fault: STATUS ~ line of output or messages ~ what is done ~ arguments
while IFS='~' read -r code line change arguments; do
    [ -n "$code" ] || continue
    printf 'case: %s :: %s\n' "$change" "$arguments"
    rm -rf "$T/archive" "$T/copy"
    cp -a "$T/good/archive" "$T/good/journal.jsonl" "$T/"
    eval "$change"
    eval "verify $arguments"
    expect_status "$code"
    cat "$T/out" "$T/err" | grep -qE -e "$line" || fail "nothing says: $line"
done <<CASES
0~the evidence holds~chain_add "\$J" re-erase '"segments":2'; chain_add "\$J" news '"x":1'~"\$T/archive"
4~said to be older than a run before it~old_hold~"\$T/archive"
0~the evidence holds~chain_add "\$J" re-erase '"segments":0'; old_hold~"\$T/archive"
0~the evidence holds~journal '/"event":"restore".*$id1/{s/"event":"restore".*,"prev"/"event":"re-erase","segments":1,"prev"/}'~"\$T/archive"
0~the evidence holds~journal '/"event":"run".*"run":2,/d'~"\$T/archive"
0~bytes that are no whole line~printf '{"seq":99' >>"\$J"~"\$T/archive"
0~journal .*/elsewhere:$~mv "\$J" "\$T/elsewhere"~"\$T/archive" --journal "\$T/elsewhere"
0~journal .*/copy/journal\.jsonl:$~mv "\$T/archive" "\$T/copy"; mv "\$J" "\$T/copy/"~"\$T/copy"
4~^$id3: .* is not there~rm "\$J"~"\$T/archive"
0~^  the journal, which was not found~rm "\$J" "\$T/archive"/*/*$id3* "\$T/archive"/*/*$id4* "\$T/archive"/*/*$id5* "\$T/archive"/*/*$id6*~"\$T/archive"
2~--journal .*nowhere: No such file~:~"\$T/archive" --journal "\$T/nowhere"
4~^$id1: the journal has it, but neither~mkdir "\$T/copy"~"\$T/copy"
2~holds no segment: DIR is to be~rm "\$J"; mkdir "\$T/copy"~"\$T/copy"
2~cannot read directory~:~"\$T/nowhere"
2~give one directory~:~"\$T/archive" "\$T/good"
2~there is no configuration|cannot be read~:~
4~archive directory .* is missing although there is a journal~rm -r "\$T/archive"~-c "\$T/waarborg.kept"
0~the evidence holds~:~-c "\$T/waarborg.kept"
75~a job is at work in~rm "\$file2.sql.gz"; exec 8<"\$T/archive"; flock -x 8~-c "\$T/waarborg.kept"
4~^$id2: .* is not there~exec 8<&-; rm "\$file2.sql.gz"~-c "\$T/waarborg.kept"
0~the evidence holds~exec 8<"\$T/archive"; flock -x 8~-c "\$T/waarborg.kept"
CASES
exec 8<&-
