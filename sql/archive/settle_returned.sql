-- These subjects need no further looking after: gone again, held again, or not in the database.
--
-- $1 text[]       references, hexadecimal
-- $2 text         outcome: disposed, absent or held
-- $3 timestamptz  now
-- Returns: nothing.
UPDATE waarborg.returned AS r
   SET settled_at = $3::timestamptz, outcome = $2::text, looked_at = $3::timestamptz
 WHERE r.reference = ANY (SELECT decode(given.reference, 'hex')
                            FROM unnest($1::text[]) AS given (reference))
   AND r.settled_at IS NULL;
