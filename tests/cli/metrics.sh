# --metrics of retention run, archive verify, archive expire and breach remind: a file in the text format
# whose figures are those of the tables, counted a second way; what it says after a call that was refused
# or failed, when it stays as it was, and what happens when it cannot be written.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/expiry.sh"
. "$ROOT/tests/harness/reminders.sh"
. "$ROOT/tests/harness/metrics.sh"

run=$T/run.prom verify=$T/verify.prom expire=$T/expire.prom remind=$T/remind.prom

expect_each() { # FILE, then lines of SAMPLE|SQL TEXT that gives its value
    while IFS='|' read -r sample text; do
        expect_sample "$1" "$(sql "$text")" "$sample"
    done
}

expect_kept() { # FILE: nobody wrote it since it was remembered with cp -p
    cmp "$1" "$1.before" >&2 || fail "$1 was written"
    [ "$(stat -c %i.%Y "$1")" = "$(cat "$1.inode")" ] || fail "$1 was written again"
}
remember() {
    cp "$1" "$1.before"
    stat -c %i.%Y "$1" >"$1.inode"
}

# ---- The reader refuses what is not in the format ------------------------------------------------

echo "case: what the reader refuses"
broken() { # WORDS TEXT (printf)
    printf "$2" >"$T/broken.prom"
    ! python3 "$ROOT/tests/harness/prometheus.py" "$T/broken.prom" 2>"$T/err" || fail "was taken: $2"
    expect_err "$1"
}
head='# HELP waarborg_a A.\n# TYPE waarborg_a gauge\n'
printf "$head"'waarborg_a{b="x\\"y\\\\z\\n",c=""} -1.5e+10\nwaarborg_a{b="",c=""} NaN\n' >"$T/fine.prom"
chmod 644 "$T/fine.prom"
expect_prometheus "$T/fine.prom"
while IFS='|' read -r words text; do
    broken "$words" "$text"
done <<CASES
no end|${head}waarborg_a 1
no sample|${head}waarborg_a 1\\n\\n
no sample|${head}waarborg_a 1\\r\\n
no sample|${head}waarborg_a 1,5\\n
no sample|${head}waarborg_a 01\\n
no sample|${head}waarborg_a 1 1700000000000\\n
no sample|${head}waarborg_a nan\\n
no label|${head}waarborg_a{b="x\\\\y"} 1\\n
no label|${head}waarborg_a{b="x\\ry"} 1\\n
no label|${head}waarborg_a{b="x"y"} 1\\n
no sample|${head}waarborg_a{b="x\\ny"} 1\\n
no label|${head}waarborg_a{b="x",} 1\\n
label b twice|${head}waarborg_a{b="x",b="y"} 1\\n
series is there twice|${head}waarborg_a{b="x"} 1\\nwaarborg_a{b="x"} 1\\n
other labels|${head}waarborg_a{b="x"} 1\\nwaarborg_a 1\\n
not under|${head}waarborg_b 1\\n
not under|waarborg_a 1\\n
twice|${head}${head}
HELP without TYPE|# HELP waarborg_a A.\\n
TYPE without HELP|# TYPE waarborg_a gauge\\n
neither HELP nor TYPE|# HELP waarborg_a A.\\n# TYPE waarborg_a histogram\\n
neither HELP nor TYPE|# HELP waarborg_a \\\\x\\n
neither HELP nor TYPE|# HELP waarborg_a A.\\r\\n
no base unit|# HELP waarborg_a_days A.\\n# TYPE waarborg_a_days gauge\\n
no name of a gauge|# HELP waarborg_a_total A.\\n# TYPE waarborg_a_total gauge\\n
CASES

# ---- retention run -------------------------------------------------------------------------------

# Of 20 customers: 1 to 12 are due since 2022, 13 since the very day, 14 tomorrow, 15 never; 16 is held, 17
# cannot go, 18 and 19 have no agreement, 20 is in use.  And a policy of which nobody is due.
small_db metrics 20
rows=$(row_count)
sql "UPDATE klant.agreement SET ended_on = date '$AS_OF' - interval '7 years' - interval '1 day' WHERE id = 13;
     UPDATE klant.agreement SET ended_on = date '$AS_OF' - interval '7 years' WHERE id = 14;
     UPDATE klant.agreement SET ended_on = NULL WHERE id = 15;
     UPDATE klant.agreement SET ended_on = '2013-05-06' WHERE id = 17;
     UPDATE klant.complaint SET closed_on = '2012-05-06' WHERE id = 17;
     DELETE FROM klant.payment WHERE agreement_id IN (18, 19);
     DELETE FROM klant.agreement WHERE id IN (18, 19);
     CREATE TABLE klant.lead (id int PRIMARY KEY, ended_on date);
     INSERT INTO klant.lead VALUES (1, NULL);
     CREATE FUNCTION test.never() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END \$\$;
     CREATE TRIGGER never BEFORE DELETE ON klant.contact FOR EACH ROW WHEN (OLD.customer_id = 17)
     EXECUTE FUNCTION test.never()"
{
    small_policy
    cat <<'CONF'
, { name = "leads-2"; version = "1"; legal_basis = "test";
  subject = { table = "klant.lead"; key = [ "id" ]; };
  rules = ( { name = "lead"; window = "1 year"; start = "exact";
              clocks = ( { table = "klant.lead"; ends = "ended_on"; } ); } ); }
CONF
} | write_conf unsealed 'batch = 4;'
breach_group >>"$T/waarborg.conf"

# The day from which each is due, from the tables of the administration.
sql "CREATE VIEW test.due AS
     SELECT c.id, (greatest(a.ended_on, p.closed_on) + interval '7 years')::date + 1 AS due_on
       FROM klant.customer AS c JOIN klant.agreement AS a ON a.customer_id = c.id
       LEFT JOIN klant.complaint AS p ON p.customer_id = c.id WHERE a.ended_on IS NOT NULL"

run_with() { # ARGUMENTS
    waarborg --as-of $AS_OF retention run --metrics "$run" "$@"
}

echo "case: a run before anything is there"
run_with
expect_status 2
expect_err 'waarborg migrate'
[ ! -e "$run" ] || fail "there is nothing to tell"
start_policy
waarborg hold add 16 --policy customers --kind claim --reason x
expect_status 0

echo "case: refused by the brake: the worklist is told, and that there was no run"
run_with --policy customers
expect_status 2
expect_err 'max_share'
expect_prometheus "$run"
expect_each "$run" <<'SAMPLES'
waarborg_retention_run_exit_code|SELECT 2
waarborg_retention_last_success_timestamp_seconds{policy="customers"}|SELECT 0
waarborg_retention_last_run_subjects{policy="customers"}|SELECT 0
waarborg_retention_last_run_outcome{policy="customers",outcome="done"}|SELECT 0
waarborg_retention_last_run_outcome{policy="customers",outcome="unfinished"}|SELECT 0
waarborg_retention_subjects{policy="customers",state="due"}|SELECT count(*) FROM test.due WHERE due_on <= '2026-11-22' AND id <> 16
waarborg_retention_subjects{policy="customers",state="blocked"}|SELECT 0
waarborg_retention_subjects{policy="customers",state="held"}|SELECT 1
waarborg_retention_subjects{policy="customers",state="uncovered"}|SELECT 2
waarborg_retention_overdue_subjects{policy="customers"}|SELECT count(*) FROM test.due WHERE due_on < '2026-11-22' AND id <> 16
waarborg_retention_oldest_overdue_seconds{policy="customers"}|SELECT (date '2026-11-22' - min(due_on)) * 86400 FROM test.due WHERE id <> 16
waarborg_retention_overdue_subjects{policy="leads-2"}|SELECT 0
SAMPLES
expect_now "$run" waarborg_retention_run_timestamp_seconds

echo "case: a whole run, one subject blocked and one in use"
app_begin
app 'BEGIN; UPDATE klant.customer SET name = name WHERE id = 20'
run_with --policy customers --accept-volume 100
app 'COMMIT'
app_end
expect_status 1
expect_prometheus "$run"
expect_each "$run" <<'SAMPLES'
waarborg_retention_run_exit_code|SELECT 1
waarborg_retention_subjects{policy="customers",state="due"}|SELECT count(*) FROM klant.customer WHERE id = 20
waarborg_retention_subjects{policy="customers",state="blocked"}|SELECT count(*) FROM klant.customer WHERE id = 17
waarborg_retention_subjects{policy="customers",state="held"}|SELECT count(*) FROM waarborg.hold
waarborg_retention_overdue_subjects{policy="customers"}|SELECT count(*) FROM test.due WHERE due_on < '2026-11-22' AND id <> 16
waarborg_retention_oldest_overdue_seconds{policy="customers"}|SELECT (date '2026-11-22' - due_on) * 86400 FROM test.due WHERE id = 17
waarborg_retention_last_run_subjects{policy="customers"}|SELECT 20 - count(*) FROM klant.customer
waarborg_retention_last_run_segments{policy="customers"}|SELECT count(*) FROM waarborg.segment
waarborg_retention_last_run_outcome{policy="customers",outcome="attention"}|SELECT 1
waarborg_retention_last_run_outcome{policy="customers",outcome="done"}|SELECT 0
waarborg_retention_last_run_timestamp_seconds{policy="customers"}|SELECT extract(epoch FROM finished_at)::bigint FROM waarborg.run
waarborg_retention_last_success_timestamp_seconds{policy="customers"}|SELECT extract(epoch FROM finished_at)::bigint FROM waarborg.run
waarborg_retention_last_success_timestamp_seconds{policy="leads-2"}|SELECT 0
SAMPLES
expect_sample "$run" "$((rows + 1 - $(row_count) - 6))" 'waarborg_retention_last_run_rows{policy="customers"}'
expect_sample "$run" "$(segments | xargs cat | wc -c)" 'waarborg_retention_last_run_bytes{policy="customers"}'
expect_now "$run" 'waarborg_retention_last_success_timestamp_seconds{policy="customers"}'
awk -v ms="$(sql 'SELECT scan_ms + work_ms FROM waarborg.run')" -v told="$(sample "$run" \
    'waarborg_retention_last_run_duration_seconds{policy="customers"}')" \
    'BEGIN { exit !(ms >= 0 && told * 1000 - ms < 0.001 && ms - told * 1000 < 0.001) }' ||
    fail "the duration is another"

echo "case: a run that fails keeps what it knows of the last success"
success=$(sample "$run" 'waarborg_retention_last_success_timestamp_seconds{policy="customers"}')
mv "$T/journal.jsonl" "$T/journal.good"
run_with
expect_status 4
expect_prometheus "$run"
expect_sample "$run" 4 waarborg_retention_run_exit_code
expect_sample "$run" "$success" 'waarborg_retention_last_success_timestamp_seconds{policy="customers"}'
expect_sample "$run" 1 'waarborg_retention_subjects{policy="customers",state="blocked"}'
mv "$T/journal.good" "$T/journal.jsonl"

echo "case: the server ends its session while it works: the figures come over another one"
gate_close 4
waarborg_start --as-of $AS_OF retention run --metrics "$run" --accept-volume 100 --policy customers
wait_at_gate
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
     AND application_name = 'waarborg/retention.run'" >/dev/null
gate_open
waarborg_wait
expect_status 3
expect_prometheus "$run"
expect_sample "$run" 3 waarborg_retention_run_exit_code
expect_sample "$run" "$success" 'waarborg_retention_last_success_timestamp_seconds{policy="customers"}'
expect_sample "$run" 0 'waarborg_retention_last_run_outcome{policy="customers",outcome="attention"}'
expect_sample "$run" 1 'waarborg_retention_last_run_outcome{policy="customers",outcome="unfinished"}'

echo "case: another run is at work, or the database away: the file stays"
wait_for 20 sessions_gone
remember "$run"
gate_close 4
night_start --policy customers
wait_at_gate
cp "$T/waarborg.conf" "$T/good.conf"
run_with
expect_status 75
expect_kept "$run"
gate_open
wait "$started" || :
sed -i "s/dbname='[^']*'/dbname='nowhere'/" "$T/waarborg.conf"
run_with
expect_status 3
expect_kept "$run"
mv "$T/good.conf" "$T/waarborg.conf"

# ---- archive verify ------------------------------------------------------------------------------

echo "case: archive verify"
night
waarborg archive verify --metrics "$verify"
expect_status 0
expect_prometheus "$verify"
expect_each "$verify" <<'SAMPLES'
waarborg_archive_verify_segments|SELECT count(*) FROM waarborg.segment
waarborg_archive_verify_opened_segments|SELECT count(*) FROM waarborg.segment
waarborg_archive_verify_destroyed_segments|SELECT 0
waarborg_archive_verify_faults|SELECT 0
waarborg_archive_verify_exit_code|SELECT 0
waarborg_archive_verify_timestamp_seconds|SELECT extract(epoch FROM max(verified_at))::bigint FROM waarborg.verification
waarborg_archive_verify_last_success_timestamp_seconds|SELECT extract(epoch FROM max(verified_at))::bigint FROM waarborg.verification
SAMPLES
expect_sample "$verify" "$(segments | xargs cat | wc -c)" waarborg_archive_verify_bytes
expect_now "$verify" waarborg_archive_verify_timestamp_seconds

echo "case: what does not hold is told, too, and when it last did"
success=$(sample "$verify" waarborg_archive_verify_last_success_timestamp_seconds)
damaged=$(segments | head -n 1)
cp "$damaged" "$T/good.segment"
printf x >>"$damaged"
touch "$T/archive/stranger"
while [ "$(date +%s)" = "$success" ]; do sleep 0.1; done
waarborg archive verify --metrics "$verify"
expect_status 4
expect_prometheus "$verify"
expect_sample "$verify" 2 waarborg_archive_verify_faults
expect_sample "$verify" 4 waarborg_archive_verify_exit_code
expect_sample "$verify" "$success" waarborg_archive_verify_last_success_timestamp_seconds
[ "$(sample "$verify" waarborg_archive_verify_timestamp_seconds)" -gt "$success" ] || fail "it looks as if it had not run"
cat "$T/good.segment" >"$damaged"
rm "$T/archive/stranger"
cp -a "$T/archive" "$T/copy"
waarborg archive verify --dir "$T/copy" --metrics "$T/copy.prom"
expect_status 0
expect_prometheus "$T/copy.prom"
waarborg archive verify "$(sql 'SELECT min(id) FROM waarborg.segment')" --metrics "$verify"
expect_status 2
expect_err '--metrics tells of a whole archive'

# ---- archive expire ------------------------------------------------------------------------------

echo "case: archive expire: one segment held, the others past their term, then none"
waarborg hold add 2 --policy customers --kind request --reason x
expect_status 0
waarborg archive expire --metrics "$expire"
expect_status 0
expect_prometheus "$expire"
expect_each "$expire" <<'SAMPLES'
waarborg_archive_segments{state="kept"}|SELECT count(*) FROM waarborg.segment
waarborg_archive_segments{state="held"}|SELECT 0
waarborg_archive_bytes{state="kept"}|SELECT sum(bytes) FROM waarborg.segment
waarborg_archive_expire_destroyed_segments|SELECT 0
SAMPLES
waarborg --as-of "$(after 91)" archive expire --rehearsal --metrics "$expire"
expect_status 0
expect_prometheus "$expire"
expect_each "$expire" <<'SAMPLES'
waarborg_archive_segments{state="kept"}|SELECT 0
waarborg_archive_segments{state="expired"}|SELECT 0
waarborg_archive_segments{state="held"}|SELECT count(*) FROM waarborg.segment WHERE destroyed_at IS NULL
waarborg_archive_bytes{state="held"}|SELECT bytes FROM waarborg.segment WHERE destroyed_at IS NULL
waarborg_archive_bytes{state="expired"}|SELECT 0
waarborg_archive_expire_destroyed_segments|SELECT count(destroyed_at) FROM waarborg.segment
waarborg_archive_expire_destroyed_bytes|SELECT sum(bytes) FROM waarborg.segment WHERE destroyed_at IS NOT NULL
waarborg_archive_expire_missing_segments|SELECT 0
waarborg_archive_expire_exit_code|SELECT 0
SAMPLES
expect_sample "$expire" "$(segments | xargs cat | wc -c)" 'waarborg_archive_bytes{state="held"}'
expect_now "$expire" waarborg_archive_expire_last_success_timestamp_seconds
waarborg archive verify --metrics "$verify"
expect_status 0
expect_each "$verify" <<'SAMPLES'
waarborg_archive_verify_destroyed_segments|SELECT count(destroyed_at) FROM waarborg.segment
waarborg_archive_verify_segments|SELECT count(*) FROM waarborg.segment
SAMPLES

echo "case: an expiry that fails keeps its last success"
success=$(sample "$expire" waarborg_archive_expire_last_success_timestamp_seconds)
mv "$T/journal.jsonl" "$T/journal.good"
while [ "$(date +%s)" = "$success" ]; do sleep 0.1; done
waarborg --as-of "$(after 91)" archive expire --rehearsal --metrics "$expire"
expect_status 4
expect_prometheus "$expire"
expect_sample "$expire" 4 waarborg_archive_expire_exit_code
expect_sample "$expire" 1 'waarborg_archive_segments{state="held"}'
expect_sample "$expire" 0 waarborg_archive_expire_destroyed_segments
expect_sample "$expire" "$success" waarborg_archive_expire_last_success_timestamp_seconds
mv "$T/journal.good" "$T/journal.jsonl"

# ---- breach remind -------------------------------------------------------------------------------

echo "case: breach remind: nothing open, then two clocks, then a mail system that takes nothing"
waarborg breach remind --metrics "$remind"
expect_status 0
expect_prometheus "$remind"
expect_sample "$remind" '' waarborg_breach_remind_next_limit_seconds
expect_sample "$remind" 0 waarborg_breach_remind_open_clocks
breach '3 hours'
breach '-2 hours'
late=$ref
breach '60 hours'
waarborg breach remind --metrics "$remind"
expect_status 0
expect_prometheus "$remind"
expect_mails 2
expect_each "$remind" <<SAMPLES
waarborg_breach_remind_open_clocks|SELECT count(*) FROM waarborg.breach_clock_state WHERE clock = 'ap' AND met_at IS NULL
waarborg_breach_remind_overdue_clocks|SELECT 1
waarborg_breach_remind_near_clocks|SELECT 1
waarborg_breach_remind_sent_mails|SELECT count(sent_at) FROM waarborg.reminder WHERE covered_by IS NULL
waarborg_breach_remind_failed_mails|SELECT 0
waarborg_breach_remind_next_limit_seconds|SELECT extract(epoch FROM due_at)::bigint - $(sample "$remind" waarborg_breach_remind_timestamp_seconds) FROM waarborg.breach_clock_state WHERE reference = '$late' AND clock = 'ap'
waarborg_breach_remind_last_success_timestamp_seconds|SELECT $(sample "$remind" waarborg_breach_remind_timestamp_seconds)
SAMPLES
success=$(sample "$remind" waarborg_breach_remind_last_success_timestamp_seconds)
while [ "$(date +%s)" = "$success" ]; do sleep 0.1; done
breach '20 minutes'
echo 75 >"$mta/exit"
waarborg breach remind --metrics "$remind"
expect_status 1
expect_prometheus "$remind"
expect_each "$remind" <<SAMPLES
waarborg_breach_remind_sent_mails|SELECT 0
waarborg_breach_remind_failed_mails|SELECT 1
waarborg_breach_remind_exit_code|SELECT 1
waarborg_breach_remind_last_success_timestamp_seconds|SELECT $success
SAMPLES
rm "$mta/exit"
mv "$mta/sendmail" "$mta/away"
waarborg breach remind --metrics "$remind"
failed=$status
[ "$failed" -ne 0 ] || fail "there is no mail system"
expect_prometheus "$remind"
expect_sample "$remind" "$failed" waarborg_breach_remind_exit_code
expect_sample "$remind" "$success" waarborg_breach_remind_last_success_timestamp_seconds
mv "$mta/away" "$mta/sendmail"

echo "case: all of them, and the list of breaches, in one directory"
waarborg breach due --metrics "$T/due.prom"
expect_prometheus "$run" "$verify" "$expire" "$remind" "$T/due.prom"

# ---- What cannot be written ----------------------------------------------------------------------

echo "case: found before anything is done"
mkfifo "$T/pipe"
sql "INSERT INTO klant.customer VALUES (30, 'Jansen', 'x'); INSERT INTO klant.agreement VALUES (30, 30, '2015-01-01')"
mails_before=$(mails)
breach '10 hours'
for file in "$T/none/a.prom" "$T/" "$T/archive" "$T/pipe" "$T/waarborg.conf/a.prom"; do
    for command in 'retention run --accept-volume 9 --policy customers' 'archive verify' 'archive expire' 'breach remind'; do
        # shellcheck disable=SC2086 # words
        waarborg $command --metrics "$file"
        expect_status 2
        expect_err 'message="--metrics: '
        [ ! -s "$T/out" ] || fail "something was done first"
    done
done
for command in 'retention run' 'archive expire' 'breach remind'; do
    # shellcheck disable=SC2086 # words
    waarborg $command --dry-run --metrics "$run"
    expect_status 2
    expect_err 'not with --dry-run'
done
expect_sql 1 "SELECT count(*) FROM klant.customer WHERE id = 30"
expect_mails "$mails_before"

# The job has done its work: it says so in a line, with exit code 1.  In /proc nobody creates a file, and
# root may try.
if [ "$(id -u)" -eq 0 ]; then
    echo "case: a directory that takes no file"
    waarborg --as-of $AS_OF retention run --accept-volume 9 --policy customers --metrics /proc/a.prom
    expect_status 1
    expect_err 'event=retention\.run\.metrics_failed message="--metrics: /proc/a\.prom is left as it was: '
    expect_sql 0 "SELECT count(*) FROM klant.customer WHERE id = 30"
fi

shim=${WAARBORG_SHIM:-$(dirname "$WAARBORG_PLAIN")/tests/libfault_shim.so}
if [ ! -f "$shim" ] || ldd "$WAARBORG_PLAIN" | grep -q libasan; then
    echo "not run: a write that is interrupted (tests/fault/shim.c was not built, or is not for this program)"
    exit 0
fi
mkdir "$T/collector"
chmod 755 "$T/collector"
cp "$run" "$verify" "$expire" "$remind" "$T/collector/"
faulty() { # FAULT FILE COMMAND...: with it in the directory of the collector
    faulty_call=$1 faulty_file=$T/collector/$2
    shift 2
    status=0
    last_command="waarborg $* with $faulty_call"
    : >"$T/calls"
    (
        export LD_PRELOAD="$shim" WAARBORG_FAULT_UNDER="$T/collector/" WAARBORG_FAULT="$faulty_call" \
            WAARBORG_FAULT_LOG="$T/calls"
        exec "$WAARBORG_PLAIN" -c "$T/waarborg.conf" "$@" --metrics "$faulty_file"
    ) >"$T/out" 2>"$T/err" || status=$?
    grep -q ' failed$' "$T/calls" || fail "no call failed: $(cat "$T/calls")"
}
while IFS='|' read -r fault file event command; do
    echo "case: $fault, $command"
    remember "$T/collector/$file"
    # shellcheck disable=SC2086 # words
    faulty "$fault" "$file" $command
    expect_status 1
    expect_err "event=$event\\.metrics_failed message=\"--metrics: .*/$file is left as it was: "
    [ "$(grep -c 'level=error' "$T/err")" -eq 1 ] || fail "it is said more than once"
    expect_kept "$T/collector/$file"
    [ "$(find "$T/collector" -name '.*.prom*')" = '' ] || fail "a temporary file is left"
done <<'CASES'
write:1:ENOSPC|verify.prom|archive.verify|archive verify
write:1:ENOSPC|expire.prom|archive.expire|archive expire
fsync:1:EIO|verify.prom|archive.verify|archive verify
rename:1:EIO|verify.prom|archive.verify|archive verify
rename:1:EIO|remind.prom|breach.remind|breach remind
open:3:EACCES|verify.prom|archive.verify|archive verify
CASES
