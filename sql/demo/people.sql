-- Customers, agreements and complaints: what decides who is due.

-- The agreements of the fixed cases; load.sql has the list.
CREATE TEMPORARY TABLE plan_agreement AS
SELECT id, begun_on, ended_on
  FROM (SELECT date :'as_of' AS today) AS t,
       LATERAL (VALUES
           (1, today - 900, NULL::date),
           (2, today - 5000, (today - interval '10 years')::date),
           (3, today - 6000, (today - interval '9 years')::date),
           (3, today - 3000, NULL),
           (4, date '2017-05-01', date '2020-02-29'),
           (5, date '2012-09-15', date '2016-02-29'),
           (6, today - 4000, (today - 1 - interval '7 years')::date),
           (7, today - 4000, (today - interval '7 years')::date),
           (8, today - 4500, (today - interval '8 years')::date),
           (9, today - 3600, NULL),
           (10, today - 4100, (today - interval '8 years')::date),
           (13, today - 5200, (today - interval '9 years')::date),
           (14, today - 4600, (today - interval '8 years')::date),
           (15, today - 4000, (today - interval '8 years')::date),
           (16, today - 4000, (today - interval '8 years')::date),
           (17, today - 4000, (today - interval '8 years')::date),
           (18, today - 4000, (today - interval '8 years')::date),
           (19, today - 4000, (today - interval '8 years')::date),
           (20, date '2014-01-01', date '2018-12-31'),
           (21, date '2014-01-01', date '2019-01-01'),
           (22, today - 4000, (today - interval '8 years')::date),
           (23, today - 4000, (today - interval '8 years')::date),
           (24, today - 5500, (today - interval '9 years')::date),
           (24, today - 4000, (today - interval '8 years')::date)) AS c (id, begun_on, ended_on);

-- Everybody else, by share:  0-2 prospect, 3-12 ended long ago, 13-56 running, 57-96 ended within
-- the seven years, 97 ended long ago with an open complaint, 98 with one closed lately, 99 ended
-- long ago and running again.
CREATE TEMPORARY TABLE kind AS
SELECT id, pg_temp.pick(id, 1, 100) AS share
  FROM generate_series(25, :customers::bigint) AS id;

INSERT INTO plan_agreement
SELECT id, began - 200 - pg_temp.pick(id * 8 + earlier, 2, 900), NULLIF(ended, today + 1)
  FROM (SELECT date :'as_of' AS today) AS t,
       kind,
       -- Two in five had an agreement before the last one.
       generate_series(0, CASE WHEN share = 99 OR pg_temp.pick(id, 3, 5) < 2 THEN 1 ELSE 0 END)
           AS earlier,
       LATERAL (SELECT (today - interval '7 years')::date - 2 - pg_temp.pick(id, 4, 1800) AS long_ago,
                       today - 30 - pg_temp.pick(id, 5, 2400) AS lately) AS d,
       LATERAL (SELECT CASE WHEN share BETWEEN 3 AND 12 OR share IN (97, 98)
                                THEN long_ago - earlier * 1200
                            WHEN share = 99 AND earlier = 1 THEN long_ago
                            WHEN share BETWEEN 57 AND 96 THEN lately - earlier * 1200
                            WHEN earlier = 1 THEN today - 1300 - pg_temp.pick(id, 6, 2000)
                            ELSE today + 1 END AS ended) AS e,
       LATERAL (SELECT LEAST(ended, today) AS began) AS b
 WHERE share > 2;

INSERT INTO klant.agreement (id, customer_id, service, begun_on, ended_on) OVERRIDING SYSTEM VALUE
SELECT number, id, pg_temp.word(w.services, number, 7), begun_on, ended_on
  FROM (SELECT row_number() OVER (ORDER BY id, begun_on) AS number, * FROM plan_agreement) AS p,
       words AS w
 ORDER BY number;

CREATE TEMPORARY TABLE plan_complaint (id bigint, opened_on date, closed_on date);
INSERT INTO plan_complaint
SELECT c.*
  FROM (SELECT date :'as_of' AS today) AS t,
       LATERAL (VALUES
           (2, (today - interval '10 years')::date - 40, NULL::date),
           (12, today - 75, NULL),
           (13, today - 2400, (today - interval '6 years')::date),
           (14, today - 2700, (today - 1 - interval '7 years')::date),
           (17, today - 3100, today - 3050)) AS c (id, opened_on, closed_on)
UNION ALL
-- A quarter complained once, and those who left did so before they left.
SELECT id, closed - 3 - pg_temp.pick(id, 9, 60),
       CASE WHEN share = 97 OR (share BETWEEN 13 AND 56 AND pg_temp.pick(id, 10, 5) = 0) THEN NULL
            ELSE closed END
  FROM (SELECT date :'as_of' AS today) AS t,
       kind
  LEFT JOIN (SELECT id, max(COALESCE(ended_on, date :'as_of')) AS ended
               FROM plan_agreement GROUP BY id) AS l USING (id),
       LATERAL (SELECT CASE WHEN share = 98 THEN today - 60 - pg_temp.pick(id, 11, 2000)
                            ELSE COALESCE(ended, today) - pg_temp.pick(id, 12, 90) END
                           AS closed) AS d
 WHERE share IN (97, 98) OR pg_temp.pick(id, 8, 4) = 0;

INSERT INTO klant.complaint (id, customer_id, subject, body, opened_on, closed_on)
    OVERRIDING SYSTEM VALUE
SELECT number, id, pg_temp.word(w.complaints, number, 13),
       CASE WHEN id = 17 THEN repeat(pg_temp.word(w.sentences, id, 14) || E'\n', 2400)
            ELSE pg_temp.word(w.sentences, number, 14) || ' ' || pg_temp.word(w.sentences, number, 15)
       END,
       opened_on, closed_on
  FROM (SELECT row_number() OVER (ORDER BY id) AS number, * FROM plan_complaint) AS p, words AS w
 ORDER BY number;

INSERT INTO klant.customer (id, name, address, postcode, city, phone, email, iban, language,
                            referred_by, created_on) OVERRIDING SYSTEM VALUE
SELECT c.id,
       CASE WHEN c.id = 16 THEN E'Odd\tTabbema "de \\Backslasher\\" \\N' ELSE first || ' ' || last END,
       CASE WHEN c.id = 16 THEN E'Regelbreuk 1\r\nachterom, \\.' ELSE
           pg_temp.word(w.streets, c.id, 18) || ' ' || 1 + pg_temp.pick(c.id, 19, 240) END,
       format('%s %s%s', 1000 + pg_temp.pick(c.id, 20, 8999), chr(65 + pg_temp.pick(c.id, 21, 26)),
              chr(65 + pg_temp.pick(c.id, 22, 26))),
       pg_temp.word(w.cities, c.id, 23),
       CASE WHEN pg_temp.pick(c.id, 24, 12) > 0
            THEN '06-' || lpad(pg_temp.pick(c.id, 25, 100000000)::text, 8, '0') END,
       CASE WHEN pg_temp.pick(c.id, 26, 9) > 0
            THEN format('%s.%s.%s@voorbeeld.example', lower(first),
                        replace(replace(lower(last), ' ', ''), '''', ''), c.id) END,
       format('NL%s%s%s', 10 + pg_temp.pick(c.id, 27, 89), pg_temp.word(w.banks, c.id, 28),
              lpad((c.id * 7919 % 10000000000)::text, 10, '0')),
       pg_temp.word(w.languages, c.id, 29),
       CASE WHEN c.id IN (9, 10) THEN 8
            WHEN c.id = 18 THEN 18
            WHEN c.id = 22 THEN 23
            WHEN c.id = 23 THEN 22
            WHEN c.id > 50 AND pg_temp.pick(c.id, 30, 10) = 0
                THEN 25 + pg_temp.pick(c.id, 31, c.id::integer - 25) END,
       COALESCE(begun, date :'as_of' - 20 - pg_temp.pick(c.id, 32, 700)) - pg_temp.pick(c.id, 33, 9)
  FROM generate_series(1, :customers::bigint) AS c (id)
  LEFT JOIN (SELECT id, min(begun_on) AS begun FROM plan_agreement GROUP BY id) AS a USING (id)
 CROSS JOIN words AS w
 CROSS JOIN LATERAL (SELECT pg_temp.word(w.first_names, c.id, 16) AS first,
                            pg_temp.word(w.surnames, c.id, 17) AS last) AS n
 ORDER BY c.id;
