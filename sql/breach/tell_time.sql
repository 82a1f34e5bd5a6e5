-- What time it is, for what the register writes from here on: letters go for hours.
--
-- $1 text  seconds UTC as ISO 8601
-- Returns: one row, the same.
SELECT set_config('waarborg.at', $1::text, false);
