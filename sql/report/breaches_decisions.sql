-- Every assessment of each breach, the first first.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz),
-- $5 a breach, instead of those registered in the period, or NULL (text); $6 is not used.
-- Returns any number of rows.
WITH unused AS (SELECT $3::date, $6::interval)
SELECT b.reference,
       date_trunc('second', a.assessed_at) AS assessed_at,
       a.assessed_by,
       date_trunc('second', a.recorded_at) AS recorded_at,
       a.id = max(a.id) OVER (PARTITION BY a.breach_id) AS in_force,
       a.risk,
       a.because,
       a.notify_ap,
       a.ap_because,
       a.notify_customers,
       a.customers_because,
       a.exempt_ground,
       date_trunc('second', a.public_at) AS public_at,
       a.public_where,
       a.enisa_quarters / 4.0::double precision AS enisa_score,
       replace(a.enisa ->> 'band', ' ', '_') AS enisa_band
  FROM waarborg.breach AS b
  JOIN waarborg.assessment AS a ON a.breach_id = b.id
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
   AND a.assessed_at < $4::timestamptz + interval '1 second'
   AND (b.reference = $5::text
        OR $5::text IS NULL AND b.registered_at >= $1::date::timestamptz
       AND b.registered_at < ($2::date + 1)::timestamptz)
 ORDER BY b.id, a.id;
