-- What was, or is to be, done about each breach.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz),
-- $5 a breach, instead of those registered in the period, or NULL (text); $6 is not used.
-- Returns any number of rows.
WITH unused AS (SELECT $3::date, $6::interval)
SELECT b.reference,
       m.type,
       m.status,
       m.description,
       date_trunc('second', m.at) AS at,
       date_trunc('second', m.added_at) AS added_at,
       m.added_by
  FROM waarborg.breach AS b
  JOIN waarborg.measure AS m ON m.breach_id = b.id
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
   AND m.added_at < $4::timestamptz + interval '1 second'
   AND (b.reference = $5::text
        OR $5::text IS NULL AND b.registered_at >= $1::date::timestamptz
       AND b.registered_at < ($2::date + 1)::timestamptz)
 ORDER BY b.id, m.id;
