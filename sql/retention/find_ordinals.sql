-- Which of these subjects may go too, and what are their places in the worklist?
--
-- $1 text    policy
-- $2 text[]  keys, each the output form of a text[]
-- Returns any number of rows: ordinal.
SELECT w.ordinal
  FROM waarborg.worklist AS w
 WHERE w.policy = $1::text
   AND w.state IN ('due', 'blocked')
   AND w.subject_key = ANY (SELECT k.k::text[] FROM unnest($2::text[]) AS k (k))
 ORDER BY w.ordinal;
