-- Is there such a breach, and was it registered by then?
--
-- $1 text         reference
-- $2 timestamptz  instant
-- Returns: no row for an unknown one, otherwise boolean, and the local day of its registration (text).
SELECT b.registered_at < $2::timestamptz + interval '1 second', b.registered_at::date::text
  FROM waarborg.breach AS b WHERE b.reference = $1::text;
