-- Forgets subjects that the last scan did not find any more.
--
-- $1 text    policy
-- $2 bigint  the last scan
DELETE FROM waarborg.worklist AS w
 WHERE w.policy = $1::text
   AND w.scan <> $2::bigint;
