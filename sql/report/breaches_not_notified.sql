-- The breaches that were registered in the period and of which the AP need not be notified: why.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows, in the order of their numbers.
WITH unused AS (SELECT $3::date, $5::text, $6::interval)
SELECT b.reference,
       b.title,
       date_trunc('second', a.assessed_at) AS assessed_at,
       a.assessed_by,
       a.risk,
       a.because,
       a.ap_because
  FROM waarborg.breach AS b
  JOIN waarborg.breach_clock_at($4::timestamptz) AS c
    ON c.breach_id = b.id AND c.clock = 'ap' AND c.state = 'not_needed'
  JOIN (SELECT DISTINCT ON (x.breach_id) x.*
          FROM waarborg.assessment AS x
         WHERE x.assessed_at < $4::timestamptz + interval '1 second'
         ORDER BY x.breach_id, x.id DESC) AS a ON a.breach_id = b.id
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
   AND b.registered_at >= $1::date::timestamptz AND b.registered_at < ($2::date + 1)::timestamptz
 ORDER BY b.id;
