-- The labels of all codes in one language, those that ended, too.
--
-- $1 boolean  Dutch, and not English
-- Returns: one row, json: {list: {code: label}}.
SELECT coalesce(json_object_agg(l.list, l.labels), '{}')
  FROM (SELECT c.list, json_object_agg(c.code, CASE WHEN $1::boolean THEN c.label_nl ELSE c.label_en END
                                       ORDER BY c.position) AS labels
          FROM waarborg.code AS c GROUP BY c.list ORDER BY c.list) AS l;
