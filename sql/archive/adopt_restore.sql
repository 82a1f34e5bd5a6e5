-- Tells the ledger again of a restore that it forgot.
--
-- $1 text         segment
-- $2 text         reference, 64 hexadecimal digits, or NULL for the whole segment
-- $3 bigint       subjects
-- $4 bigint       rows
-- $5 timestamptz  when it was
-- Returns: one row: subjects (bigint) that may be in the database all the same, because it was
-- restored to a point before their disposal, and are to be held if they are.
--
-- Not by waarborg.returned.segment_id, the last that has the subject: it may have been put back from
-- an older one.  The others were put back into a database that is gone: they are not here.
WITH recorded AS (
    INSERT INTO waarborg.restore (segment_id, reference, subjects, rows, reason, restored_at,
                                  restored_by, os_user)
    VALUES ($1::text, decode($2::text, 'hex'), $3::bigint, $4::bigint,
            'told by the journal: the database was restored to an earlier point',
            $5::timestamptz, session_user, '-')
), here AS (
    UPDATE waarborg.returned AS r
       SET wanted = 'held'
     WHERE r.settled_at IS NULL
       AND ($2::text IS NULL OR r.reference = decode($2::text, 'hex'))
       AND EXISTS (SELECT 1
                     FROM waarborg.disposal AS d
                    WHERE d.reference = r.reference
                      AND d.segment_id = $1::text)
    RETURNING r.reference
), marked AS (
    UPDATE waarborg.disposal AS d
       SET restored_at = $5::timestamptz
      FROM here
     WHERE d.segment_id = $1::text
       AND d.reference = here.reference
)
SELECT count(*) FROM here;
