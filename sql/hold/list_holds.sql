-- The holds, oldest first.
--
-- $1 boolean  released ones too
-- $2 text     schema of the subject table they are on, NULL for all
-- $3 text     subject table, NULL for all
-- $4 date     as of
-- Returns: id, subject_table, subject_key (text[]), kind, reason, placed_at, placed_by, review_on,
-- review_due (boolean), released_at, released_by, release_reason, reference (64 hexadecimal digits),
-- segments (text[]).  Instants as ISO 8601 text with their offset.  A review is due from its day on,
-- as long as the hold is active.  On an archived subject: subject_key is NULL, reference is not, and
-- segments are those with this subject that are not destroyed.
SELECT h.id, h.subject_table, h.subject_key, h.kind, h.reason,
       to_char(h.placed_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'),
       h.placed_by, h.review_on,
       h.released_at IS NULL AND coalesce(h.review_on <= $4::date, false),
       to_char(h.released_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'),
       h.released_by, h.release_reason, encode(h.reference, 'hex'),
       ARRAY(SELECT s.id
               FROM waarborg.disposal AS d
               JOIN waarborg.segment AS s ON s.id = d.segment_id
              WHERE d.reference = h.reference AND s.destroyed_at IS NULL
              ORDER BY s.chain_no)
  FROM waarborg.hold AS h
 WHERE ($1::boolean OR h.released_at IS NULL)
   AND ($3::text IS NULL OR h.subject_table = format('%I.%I', $2::text, $3::text))
 ORDER BY h.id;
