-- What was sent about each breach, and to whom; one that covers several stands with each of them.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz),
-- $5 a breach, instead of those registered in the period, or NULL (text); $6 is not used.
-- Returns any number of rows.
WITH unused AS (SELECT $3::date, $6::interval)
SELECT b.reference,
       date_trunc('second', n.sent_at) AS sent_at,
       n.recipient,
       n.authority,
       n.kind,
       n.complete,
       n.number,
       n.delay_reason,
       n.reason,
       n.sha256,
       date_trunc('second', n.recorded_at) AS recorded_at,
       n.recorded_by
  FROM waarborg.breach AS b
  JOIN waarborg.notification_breach AS nb ON nb.breach_id = b.id
  JOIN waarborg.notification AS n ON n.id = nb.notification_id
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
   AND n.sent_at < $4::timestamptz + interval '1 second'
   AND (b.reference = $5::text
        OR $5::text IS NULL AND b.registered_at >= $1::date::timestamptz
       AND b.registered_at < ($2::date + 1)::timestamptz)
 ORDER BY b.id, n.sent_at, n.id;
