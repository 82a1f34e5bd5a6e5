-- Has this recipient given this number before?
--
-- $1 text    recipient
-- $2 text    number
-- $3 text[]  references of breaches whose notifications do not count: all that is sent about one breach
--            may have one number
-- Returns: at most one row: the reference of the breach with the latest such notification (text).
SELECT b.reference
  FROM waarborg.notification AS n
  JOIN waarborg.notification_breach AS nb ON nb.notification_id = n.id
  JOIN waarborg.breach AS b ON b.id = nb.breach_id
 WHERE n.recipient = $1::text AND n.number = $2::text AND b.reference <> ALL ($3::text[])
 ORDER BY n.id DESC
 LIMIT 1;
