-- The codes with which a breach may be described on a day.
--
-- $1 bigint  the day: an instant in it, seconds since 1970 UTC (the day is that of the session's zone)
-- Returns: one row, jsonb: {"nature": [{"code", "en", "nl"}, ...], ...}, in the order of the form.
SELECT coalesce(jsonb_object_agg(l.list, l.codes), '{}')
  FROM (SELECT c.list,
               jsonb_agg(jsonb_build_object('code', c.code, 'en', c.label_en, 'nl', c.label_nl)
                         ORDER BY c.position) AS codes
          FROM waarborg.code AS c
         WHERE c.valid_from <= to_timestamp($1::bigint)::date
           AND coalesce(c.valid_until > to_timestamp($1::bigint)::date, true)
         GROUP BY c.list) AS l;
