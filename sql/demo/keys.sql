-- Keys and indexes of the demo administration, and where the identity columns go on.
ALTER TABLE klant.customer ADD PRIMARY KEY (id);
ALTER TABLE klant.agreement ADD PRIMARY KEY (id);
ALTER TABLE klant.payment ADD PRIMARY KEY (id);
ALTER TABLE klant.complaint ADD PRIMARY KEY (id);
ALTER TABLE klant.contact ADD PRIMARY KEY (id);
ALTER TABLE klant.web_visit ADD PRIMARY KEY (id);
ALTER TABLE klant.consent ADD PRIMARY KEY (id);
ALTER TABLE klant.disclosure ADD PRIMARY KEY (id);

CREATE INDEX ON klant.customer (referred_by);
CREATE INDEX ON klant.agreement (customer_id);
CREATE INDEX ON klant.payment (agreement_id);
CREATE INDEX ON klant.complaint (customer_id);
CREATE INDEX ON klant.contact (customer_id);
CREATE INDEX ON klant.web_visit (customer_id);
CREATE INDEX ON klant.consent (customer_id);
CREATE INDEX ON klant.disclosure (customer_id);

ALTER TABLE klant.customer ADD FOREIGN KEY (referred_by) REFERENCES klant.customer;
ALTER TABLE klant.agreement ADD FOREIGN KEY (customer_id) REFERENCES klant.customer;
ALTER TABLE klant.payment ADD FOREIGN KEY (agreement_id) REFERENCES klant.agreement;
ALTER TABLE klant.complaint ADD FOREIGN KEY (customer_id) REFERENCES klant.customer;
ALTER TABLE klant.contact ADD FOREIGN KEY (customer_id) REFERENCES klant.customer;
ALTER TABLE klant.consent ADD FOREIGN KEY (customer_id) REFERENCES klant.customer;
ALTER TABLE klant.disclosure ADD FOREIGN KEY (customer_id) REFERENCES klant.customer;

DO $$
DECLARE
    demo regclass;
BEGIN
    FOREACH demo IN ARRAY ARRAY['klant.customer', 'klant.agreement', 'klant.payment',
        'klant.complaint', 'klant.contact', 'klant.web_visit', 'klant.consent', 'klant.disclosure']
    LOOP
        EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), max(id)) FROM %s',
                       demo, demo);
    END LOOP;
END $$;
