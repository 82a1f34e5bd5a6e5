-- What was disposed of in the period, in figures.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns one row.  subjects: disposals; somebody who was put back and disposed of again is two of them and
-- one of people.  again: disposed of again because the database was restored.  late: later than the day they
-- were due, the again not counted.  unlinked: rows that stay and no longer refer to who went.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
gone AS (
    SELECT s.*, r.as_of
      FROM waarborg.segment AS s
      JOIN waarborg.run AS r ON r.id = s.run_id
     WHERE s.created_at >= $1::date::timestamptz
       AND s.created_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')),
subject AS MATERIALIZED (
    SELECT d.reference, g.as_of - d.due_on AS days, g.created_at,
           d.restored_at < $4::timestamptz + interval '1 second' AS restored
      FROM waarborg.disposal AS d
      JOIN gone AS g ON g.id = d.segment_id),
again AS (
    SELECT r.reference, r.noted_at, r.settled_at
      FROM waarborg.returned AS r
     WHERE r.outcome = 'disposed' AND r.settled_at < $4::timestamptz + interval '1 second'),
person AS (SELECT DISTINCT s.reference FROM subject AS s),
late AS (
    SELECT s.days
      FROM subject AS s
     WHERE s.days > 0
       AND NOT EXISTS (SELECT FROM again AS a WHERE a.reference = s.reference AND a.noted_at <= s.created_at)),
out AS (
    SELECT coalesce(sum(t.rows) FILTER (WHERE t.kind = 'rows'), 0)::bigint AS rows,
           coalesce(sum(t.rows) FILTER (WHERE t.kind = 'unlinked'), 0)::bigint AS unlinked
      FROM waarborg.segment_table AS t
     WHERE t.segment_id IN (SELECT g.id FROM gone AS g))
SELECT (SELECT count(*) FROM person) AS people,
       coalesce(sum(g.subjects), 0)::bigint AS subjects,
       (SELECT count(*)
          FROM again AS a
         WHERE a.settled_at >= $1::date::timestamptz
           AND a.settled_at < ($2::date + 1)::timestamptz) AS again,
       (SELECT count(*) FROM subject AS s WHERE s.restored) AS restored,
       (SELECT count(*) FROM late) AS late,
       (SELECT max(l.days) FROM late AS l) AS latest_days,
       (SELECT o.rows FROM out AS o) AS rows,
       (SELECT o.unlinked FROM out AS o) AS unlinked,
       coalesce(sum(g.bytes), 0)::bigint AS bytes,
       count(g.id) AS segments,
       (SELECT count(*)
          FROM waarborg.run AS r
         WHERE r.started_at >= $1::date::timestamptz
           AND r.started_at < least(($2::date + 1)::timestamptz,
                                    $4::timestamptz + interval '1 second')) AS runs
  FROM gone AS g;
