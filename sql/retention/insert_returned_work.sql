-- Puts subjects that were disposed of before, and are here again, on the worklist.
--
-- $1 text         policy
-- $2 text[]       subject keys, each the text of a text[]
-- $3 text[]       rule by which each went
-- $4 date[]       day on which each might go
-- $5 bigint       ordinal of the first
-- $6 timestamptz  now
-- $7 bigint       scan
-- Returns: nothing.
INSERT INTO waarborg.worklist (policy, subject_key, state, rule, due_on, ordinal, since, scan)
SELECT $1::text, f.subject_key::text[], 'due', f.rule, f.due_on, $5::bigint + f.n - 1,
       $6::timestamptz, $7::bigint
  FROM unnest($2::text[], $3::text[], $4::date[]) WITH ORDINALITY AS f (subject_key, rule, due_on, n);
