-- How far is the slowest standby behind, in seconds?
--
-- Returns one row: seconds (bigint), 0 without standbys or without the right to see them.
SELECT coalesce(max(extract(epoch FROM r.replay_lag)), 0)::bigint AS lag_s
  FROM pg_stat_replication AS r;
