-- The tables of the demo administration, without keys: see keys.sql.
CREATE SCHEMA klant;

CREATE TABLE klant.customer (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL,
    address     text NOT NULL,
    postcode    text NOT NULL,
    city        text NOT NULL,
    phone       text,
    email       text,
    iban        text,
    language    text NOT NULL,
    referred_by bigint,
    created_on  date NOT NULL
);
COMMENT ON COLUMN klant.customer.referred_by IS 'the customer who brought this one in';

CREATE TABLE klant.agreement (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    customer_id bigint NOT NULL,
    service     text NOT NULL,
    begun_on    date NOT NULL,
    ended_on    date CHECK (ended_on >= begun_on)
);
COMMENT ON COLUMN klant.agreement.ended_on IS 'the last day; NULL while it runs';

CREATE TABLE klant.payment (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    agreement_id bigint NOT NULL,
    amount       numeric(10, 2) NOT NULL,
    paid_on      date NOT NULL,
    iban         text
);

CREATE TABLE klant.complaint (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    customer_id bigint NOT NULL,
    subject     text NOT NULL,
    body        text NOT NULL,
    opened_on   date NOT NULL,
    closed_on   date CHECK (closed_on >= opened_on)
);
COMMENT ON COLUMN klant.complaint.closed_on IS 'NULL while it is open';

CREATE TABLE klant.contact (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    customer_id  bigint NOT NULL,
    channel      text NOT NULL,
    note         text NOT NULL,
    contacted_at timestamptz NOT NULL
);

CREATE TABLE klant.web_visit (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    customer_id bigint,
    page        text NOT NULL,
    search_text text,
    ip          inet NOT NULL,
    visited_at  timestamptz NOT NULL
);
COMMENT ON COLUMN klant.web_visit.customer_id IS 'NULL for a visitor who did not log in; the web
shop writes this table and does not know the customers, hence no foreign key';

CREATE TABLE klant.consent (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    customer_id  bigint NOT NULL,
    purpose      text NOT NULL,
    given_at     timestamptz NOT NULL,
    withdrawn_at timestamptz CHECK (withdrawn_at >= given_at)
);

CREATE TABLE klant.disclosure (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    customer_id  bigint NOT NULL,
    recipient    text NOT NULL,
    ground       text NOT NULL,
    disclosed_on date NOT NULL
);
COMMENT ON TABLE klant.disclosure IS 'what was given to third parties, and on which ground';
