-- A letter came back.
--
-- $1 bigint  its number
-- $2 text    its token
-- $3 text    why: the status code of the report, or ''
-- Returns: one row: reference of its breach (NULL: no such letter went by mail), whether that was known
-- already, whether the breach is closed (boolean, NULL as well).
SELECT r.its_breach, r.already,
       (SELECT b.closed_at IS NOT NULL FROM waarborg.breach AS b WHERE b.reference = r.its_breach)
  FROM waarborg.letter_returned($1::bigint, $2::text, $3::text) AS r;
