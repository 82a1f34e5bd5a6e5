-- The reminders that were claimed and not sent: by this run, or by one that did not come to its end.
--
-- $1 timestamptz  now
-- Returns: id (bigint), those first whose limit is still to come, the nearest first.
SELECT r.id
  FROM waarborg.reminder AS r
 WHERE r.sent_at IS NULL AND r.covered_by IS NULL AND r.dropped_because IS NULL
 ORDER BY r.due_at <= $1::timestamptz, r.due_at, r.id;
