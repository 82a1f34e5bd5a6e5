-- Is anybody who was disposed of still to be looked for, or back and not able to go?
--
-- $1 text  policy, NULL for all
-- Returns one row: not looked for yet (bigint), here and not seen to (bigint), the policies of those
-- who were not looked for (text, NULL when there are none).
SELECT count(*) FILTER (WHERE r.looked_at IS NULL),
       count(*) FILTER (WHERE r.looked_at IS NOT NULL),
       string_agg(DISTINCT r.policy, ', ' ORDER BY r.policy) FILTER (WHERE r.looked_at IS NULL)
  FROM waarborg.returned AS r
 WHERE r.settled_at IS NULL
   AND ($1::text IS NULL OR r.policy = $1::text);
