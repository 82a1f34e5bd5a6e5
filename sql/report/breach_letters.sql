-- The letters to the customers whom one breach affects, counted.
--
-- $4 instant of judgement (timestamptz), $5 reference of the breach (text); $1 to $3 and $6 are not used.
-- Returns any number of rows.
WITH unused AS (SELECT $1::date, $2::date, $3::date, $6::interval)
SELECT coalesce(l.channel, 'none') AS channel,
       count(*) AS letters,
       count(*) FILTER (WHERE l.done_at < $4::timestamptz + interval '1 second') AS sent,
       count(*) FILTER (WHERE l.returned_at < $4::timestamptz + interval '1 second') AS returned,
       count(*) FILTER (WHERE l.dropped_at < $4::timestamptz + interval '1 second') AS dropped,
       count(*) FILTER (WHERE coalesce(least(l.done_at, l.dropped_at) >= $4::timestamptz + interval '1 second',
                                       true)) AS waiting,
       date_trunc('second', min(l.done_at) FILTER (WHERE l.done_at < $4::timestamptz + interval '1 second'))
           AS first_sent_at,
       date_trunc('second', max(l.done_at) FILTER (WHERE l.done_at < $4::timestamptz + interval '1 second'))
           AS last_sent_at
  FROM waarborg.letter AS l
 WHERE l.breach_id = (SELECT b.id FROM waarborg.breach AS b WHERE b.reference = $5::text)
   AND l.created_at < $4::timestamptz + interval '1 second'
 GROUP BY l.channel
 ORDER BY l.channel;
