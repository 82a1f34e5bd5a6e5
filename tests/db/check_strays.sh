# Rows behind a link whose subject is gone: `check` counts them, since no run will ever reach them.
. "$(dirname "$0")/../harness/lib.sh"

new_demo_db strays 200
demo_policy | write_conf unsealed
waarborg migrate
waarborg check
expect_status 0
refute_out 'refer by'
sql "INSERT INTO klant.web_visit (customer_id, page, ip, visited_at)
     SELECT 900000 + n, '/', '192.0.2.1', timestamptz '2024-01-01 00:00+00' FROM generate_series(1, 3) AS n"
waarborg check
expect_status 0
expect_out '^warning: 3 rows of klant\.web_visit refer by customer_id to a row of klant\.customer that does not exist'
