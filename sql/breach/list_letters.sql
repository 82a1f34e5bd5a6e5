-- The next customers of a breach who still have to be told, with the letters that wait for them.
--
-- $1 bigint  breach
-- $2 text    policy
-- $3 text[]  its key columns
-- $4 bigint  after this affected customer; 0 = from the beginning
-- $5 bigint  at most so many
-- Returns: rows in the order of the affected: its number, key (text[]), its mail came back (boolean),
-- number and token of the letter (NULL: none was prepared), the channel by which handing it over was
-- begun (NULL: not begun).
SELECT f.id, f.subject_key, f.state = 'returned', l.id, l.token, l.channel
  FROM waarborg.affected AS f
  LEFT JOIN waarborg.letter AS l ON l.affected_id = f.id AND l.done_at IS NULL AND l.dropped_at IS NULL
 WHERE f.breach_id = $1::bigint AND f.policy = $2::text AND f.key_columns = $3::text[]
   AND f.state IN ('to_tell', 'returned') AND f.subject_key IS NOT NULL AND f.id > $4::bigint
 ORDER BY f.id
 LIMIT $5::bigint;
