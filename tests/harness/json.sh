# JSON in tests, read by the server: nothing else here can.  Source it after lib.sh, with a $db.
#
# expect_json VALUE PATH: $T/out is JSON and holds VALUE at PATH ({holds,0,kind}); 'absent' when
# there is no such path.
expect_json() {
    actual=$(psql -XAtq -v ON_ERROR_STOP=1 -v "document=$(cat "$T/out")" -v "path=$2" -d "$db" \
        2>"$T/json.err" <<'SQL'
SELECT coalesce(:'document'::jsonb #>> :'path'::text[],
                CASE WHEN :'document'::jsonb #> :'path'::text[] IS NULL THEN 'absent'
                     ELSE 'null' END);
SQL
    ) || fail "the output is no JSON: $(head -n 1 "$T/json.err")"
    [ "$actual" = "$1" ] || fail "expected '$1' at $2 of the output, got '$actual'"
}

# expect_json_keys "a b c" PATH: the object at PATH has exactly these members, sorted.
expect_json_keys() {
    actual=$(psql -XAtq -v ON_ERROR_STOP=1 -v "document=$(cat "$T/out")" -v "path=$2" -d "$db" \
        2>"$T/json.err" <<'SQL'
SELECT string_agg(k, ' ' ORDER BY k COLLATE "C")
  FROM jsonb_object_keys(:'document'::jsonb #> :'path'::text[]) AS k;
SQL
    ) || fail "the output is no JSON object at $2: $(head -n 1 "$T/json.err")"
    [ "$actual" = "$1" ] || fail "expected the members '$1' at $2 of the output, got '$actual'"
}
