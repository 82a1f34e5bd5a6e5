-- What gathers around a customer: payments, contacts, visits, consents, disclosures.
-- Numbers 15 and 19 are fixed cases that have little or nothing of it.

-- Four to nine payments an agreement, evenly over its time.
INSERT INTO klant.payment (agreement_id, amount, paid_on, iban)
SELECT a.id, 5 + pg_temp.pick(a.id, 40, 20000) / 100.0,
       a.begun_on + (COALESCE(a.ended_on, date :'as_of') - a.begun_on) * turn / (turns + 1),
       c.iban
  FROM klant.agreement AS a
  JOIN klant.customer AS c ON c.id = a.customer_id
 CROSS JOIN LATERAL (SELECT 4 + pg_temp.pick(a.id, 41, 6) AS turns) AS n
 CROSS JOIN generate_series(1, turns) AS turn
 WHERE c.id NOT IN (15, 19)
 ORDER BY a.id, turn;

INSERT INTO klant.contact (customer_id, channel, note, contacted_at)
SELECT c.id, pg_temp.word(w.channels, c.id * 16 + turn, 42),
       pg_temp.word(w.notes, c.id * 16 + turn, 43) || ' (' || c.name || ')',
       (c.created_on + pg_temp.pick(c.id * 16 + turn, 44, date :'as_of' - c.created_on))::timestamptz
           + interval '8 hours' + pg_temp.pick(c.id * 16 + turn, 45, 36000) * interval '1 second'
  FROM klant.customer AS c, words AS w, generate_series(1, 1 + pg_temp.pick(c.id, 46, 4)) AS turn
 WHERE c.id NOT IN (15, 19)
 ORDER BY c.id, turn;

INSERT INTO klant.web_visit (customer_id, page, search_text, ip, visited_at)
SELECT v.customer_id, page, CASE WHEN page = '/zoeken' THEN pg_temp.word(w.searches, number, 48) END,
       CASE WHEN pg_temp.pick(number, 49, 5) = 0
            THEN inet '2001:db8::' + pg_temp.pick(number, 50, 1000000)
            ELSE inet '198.18.0.0' + pg_temp.pick(number, 50, 131072) END,
       (since + pg_temp.pick(number, 51, date :'as_of' - since))::timestamptz
           + pg_temp.pick(number, 52, 86399) * interval '1 second'
  FROM (SELECT c.id AS customer_id, c.id * 16 + turn AS number, c.created_on AS since
          FROM klant.customer AS c, generate_series(1, 2 + pg_temp.pick(c.id, 53, 6)) AS turn
         WHERE c.id NOT IN (15, 19)
         UNION ALL
        SELECT NULL, -number, date :'as_of' - 700 FROM generate_series(1, :customers / 2) AS number
       ) AS v
 CROSS JOIN words AS w
 CROSS JOIN LATERAL (SELECT pg_temp.word(w.pages, abs(number), 47) AS page) AS p
 ORDER BY v.customer_id, number;

INSERT INTO klant.consent (customer_id, purpose, given_at, withdrawn_at)
SELECT c.id, w.purposes[turn], given,
       CASE WHEN pg_temp.pick(c.id * 4 + turn, 54, 3) = 0
            THEN given + pg_temp.pick(c.id, 55, 300) * interval '1 day' END
  FROM klant.customer AS c, words AS w, generate_series(1, 1 + pg_temp.pick(c.id, 56, 3)) AS turn,
       LATERAL (SELECT c.created_on::timestamptz + turn * interval '10 hours' AS given) AS g
 WHERE c.id <> 15
 ORDER BY c.id, turn;

INSERT INTO klant.disclosure (customer_id, recipient, ground, disclosed_on)
SELECT c.id, pg_temp.word(w.recipients, c.id, 57), pg_temp.word(w.grounds, c.id, 58),
       c.created_on + pg_temp.pick(c.id, 59, date :'as_of' - c.created_on)
  FROM klant.customer AS c, words AS w
 WHERE c.id = 19 OR (c.id <> 15 AND pg_temp.pick(c.id, 60, 5) < 2)
 ORDER BY c.id;
