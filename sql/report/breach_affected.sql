-- How many customers one breach affects, by what became of them; no key, no name, no reference.
--
-- $4 instant of judgement (timestamptz), $5 reference of the breach (text); $1 to $3 and $6 are not used.
-- Returns any number of rows.
WITH unused AS (SELECT $1::date, $2::date, $3::date, $6::interval)
SELECT f.state,
       f.channel,
       f.exempt_because AS because,
       count(*) AS customers,
       date_trunc('second', min(f.told_at)) AS first_told_at,
       date_trunc('second', max(f.told_at)) AS last_told_at
  FROM waarborg.affected AS f
 WHERE f.breach_id = (SELECT b.id FROM waarborg.breach AS b WHERE b.reference = $5::text)
   AND f.added_at < $4::timestamptz + interval '1 second'
 GROUP BY f.state, f.channel, f.exempt_because
 ORDER BY array_position(ARRAY['told', 'to_tell', 'returned', 'exempt', 'disposed'], f.state), f.channel,
          f.exempt_because;
