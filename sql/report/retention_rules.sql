-- By which rule subjects were disposed of, month by month.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows: only months and rules with somebody.
--
-- Counted a segment first: of a million disposal records only thousands of groups meet the months.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
gone AS (
    SELECT s.id, to_char(s.created_at, 'YYYY-MM') AS month
      FROM waarborg.segment AS s
     WHERE s.created_at >= $1::date::timestamptz
       AND s.created_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')),
counted AS (
    SELECT d.segment_id, d.policy, d.rule, count(*) AS subjects
      FROM waarborg.disposal AS d
     GROUP BY 1, 2, 3)
SELECT g.month, c.policy, c.rule, sum(c.subjects)::bigint AS subjects
  FROM counted AS c
  JOIN gone AS g ON g.id = c.segment_id
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3;
