-- Tells the ledger again of a hold on an archived subject.
--
-- $1 bigint       its number
-- $2 text         policy that disposed of the subject
-- $3 text         reference, 64 hexadecimal digits
-- $4 text         kind
-- $5 date         day of the review, or NULL
-- $6 timestamptz  when it was placed
-- $7 timestamptz  when it was released, or NULL
-- Returns: one row: its number, another one when a younger hold has taken the old number.
WITH known AS (
    UPDATE waarborg.hold AS h
       SET released_at = $7::timestamptz, released_by = 'journal',
           release_reason = 'told by the journal: the database was restored to an earlier point'
     WHERE h.id = $1::bigint
       AND h.reference = decode($3::text, 'hex')
    RETURNING h.id
), added AS (
    INSERT INTO waarborg.hold (id, subject_table, key_columns, reference, kind, reason, review_on,
                               placed_at, placed_by, released_at, released_by, release_reason)
    OVERRIDING SYSTEM VALUE
    SELECT CASE WHEN EXISTS (SELECT 1 FROM waarborg.hold AS o WHERE o.id = $1::bigint)
                THEN nextval(pg_get_serial_sequence('waarborg.hold', 'id')) ELSE $1::bigint END,
           format('%I.%I', p.subject_schema, p.subject_table), p.key_columns,
           decode($3::text, 'hex'), $4::text,
           'told by the journal, which keeps no reason: the database was restored to an earlier point',
           $5::date, $6::timestamptz, 'journal', $7::timestamptz,
           CASE WHEN $7::text IS NOT NULL THEN 'journal' END,
           CASE WHEN $7::text IS NOT NULL THEN 'told by the journal' END
      FROM waarborg.policy AS p
     WHERE p.name = $2::text
       AND NOT EXISTS (SELECT 1 FROM known)
    RETURNING id
)
SELECT k.id FROM known AS k UNION ALL SELECT a.id FROM added AS a;
