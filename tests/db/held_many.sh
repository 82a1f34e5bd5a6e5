# Many holds and a breach of many customers: what compares them with the customers must not be planned as
# a loop in a loop.  It was, where a hash table seemed not to fit into memory: with a million customers,
# a breach of 50,000 cost four minutes, and one of 500,000 hours.  Little memory stands for the million.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

many=30000
small_db many $many
small_conf
sql "SET session_replication_role = replica;
     SELECT waarborg.breach_open('{\"title\": \"t\", \"what_happened\": \"w\", \"nature\": [\"CONFIDENTIALITY\"],
         \"aware_at\": \"2026-11-20 10:00+01\", \"consequences_description\": \"c\"}');
     INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at)
     SELECT b.id, p.name, 'klant.customer', p.key_columns, ARRAY[i::text], now()
       FROM waarborg.breach AS b, waarborg.policy AS p, generate_series(1, $many) AS i;
     INSERT INTO waarborg.hold (subject_table, key_columns, subject_key, kind, reason, placed_at, placed_by)
     SELECT 'klant.customer', p.key_columns, ARRAY[i::text], 'claim', 'r', now(), 'test'
       FROM waarborg.policy AS p, generate_series(1, $many, 6) AS i" >/dev/null
sql "ANALYZE; ALTER DATABASE \"$db\" SET work_mem = '64kB'"
for command in check 'retention plan'; do
    begun=$(date +%s)
    # shellcheck disable=SC2086 # one or two words
    waarborg --as-of 2026-11-22 $command
    expect_status 0
    took=$(($(date +%s) - begun))
    [ "$took" -le "${WAARBORG_TEST_PATIENCE:-20}" ] || fail "$command took $took seconds"
done

# Who fits no row is still told from who does.
sql "SET session_replication_role = replica;
     INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at)
     SELECT b.id, p.name, 'klant.customer', p.key_columns, ARRAY[i::text], now()
       FROM waarborg.breach AS b, waarborg.policy AS p, generate_series($((many + 1)), $((many + 7))) AS i"
waarborg --as-of 2026-11-22 check
expect_status 0
expect_out '^warning: 7 affected customers who still have to be told of breach DL-[0-9-]+ fit no row of klant\.customer'
sql "SET session_replication_role = replica;
     INSERT INTO waarborg.hold (id, subject_table, key_columns, subject_key, kind, reason, placed_at, placed_by)
     OVERRIDING SYSTEM VALUE
     VALUES (100001, 'klant.customer', '{id}', '{$((many + 1))}', 'claim', 'r', now(), 'test'),
            (100002, 'klant.customer', '{id}', '{2}', 'claim', 'r', now(), 'test'),
            (100003, 'klant.customer', '{other}', '{3}', 'claim', 'r', now(), 'test')"
waarborg --as-of 2026-11-22 check
expect_status 2
for lost in 100001 100003; do
    expect_out "^refused: hold $lost fits no row of klant\.customer"
done
expect_err '2 faults to mend'
