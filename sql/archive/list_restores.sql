-- What was put back, in the order in which it was.
--
-- Returns any number of rows: segment_id, reference (64 hexadecimal digits, NULL: the whole segment),
-- subjects, rows, restored_at (seconds UTC, bigint).
SELECT r.segment_id, encode(r.reference, 'hex'), r.subjects, r.rows,
       extract(epoch FROM r.restored_at)::bigint
  FROM waarborg.restore AS r
 ORDER BY r.id;
