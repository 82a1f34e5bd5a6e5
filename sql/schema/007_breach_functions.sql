-- What the security team may do with the register: these functions, and nothing else.  They run with
-- the rights of the schema's owner; the rules of 005 and 006 hold inside them as outside.
-- Fields come as JSON with the names of the columns; a null takes a value away.

CREATE FUNCTION waarborg.because(p_reason text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(btrim(p_reason), '') = '' THEN
        RAISE EXCEPTION 'because: a reason is needed' USING ERRCODE = 'WB012';
    END IF;
    PERFORM set_config('waarborg.reason', p_reason, true);
END
$$;

CREATE FUNCTION waarborg.refuse_unknown_fields(p_fields jsonb, p_known text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF jsonb_typeof(p_fields) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'fields: are needed, as a JSON object' USING ERRCODE = 'WB012';
    END IF;
    PERFORM waarborg.refuse_faults((SELECT array_agg(format('%s: is no field', f) ORDER BY f)
                                      FROM jsonb_object_keys(p_fields) AS f WHERE f <> ALL (p_known)));
END
$$;

-- The columns of waarborg.breach that people fill in.
CREATE FUNCTION waarborg.breach_fields() RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT array_agg(a.attname::text ORDER BY a.attnum)
      FROM pg_attribute AS a
     WHERE a.attrelid = 'waarborg.breach'::regclass AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attname <> ALL (ARRAY['id', 'reference', 'version', 'registered_at', 'registered_by',
                                   'first_aware_at', 'assessment_id', 'closed_at', 'closed_because']);
END;

-- Nothing where the constraints would complain one at a time.
CREATE FUNCTION waarborg.breach_field_faults(p waarborg.breach) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN ARRAY[
    CASE WHEN coalesce(btrim(p.title), '') = '' THEN 'title: is needed' END,
    CASE WHEN coalesce(btrim(p.what_happened), '') = '' THEN 'what_happened: is needed' END,
    CASE WHEN p.aware_at IS NULL THEN 'aware_at: is needed' END,
    CASE WHEN p.aware_at < '1970-01-01 00:00+00' THEN 'aware_at: lies before 1970' END,
    CASE WHEN coalesce(cardinality(p.nature), 0) = 0
         THEN 'nature: is needed: at least one of confidentiality, integrity, availability' END,
    CASE WHEN p.persons_min > p.persons_max THEN 'persons_max: is less than persons_min' END,
    CASE WHEN p.records_min > p.records_max THEN 'records_max: is less than records_min' END,
    CASE WHEN p.persons_min < 0 THEN 'persons_min: is less than 0' END,
    CASE WHEN p.records_min < 0 THEN 'records_min: is less than 0' END,
    CASE WHEN p.persons_max < 0 THEN 'persons_max: is less than 0' END,
    CASE WHEN p.records_max < 0 THEN 'records_max: is less than 0' END,
    CASE WHEN array_position(p.nature || p.data_ordinary || p.data_special || p.people_groups
                             || p.consequences || p.harm || p.countries, NULL) IS NOT NULL
         THEN 'nature: no list may hold an empty value' END,
    CASE WHEN p.occurred_to < p.occurred_from THEN 'occurred_to: lies before occurred_from' END,
    CASE WHEN p.occurred_unknown AND (p.occurred_from IS NOT NULL OR p.occurred_to IS NOT NULL)
         THEN 'occurred_unknown: is yes while a time is given' END,
    CASE WHEN p.processor_contract_hours <= 0 THEN 'processor_contract_hours: is less than 1' END,
    CASE WHEN btrim(p.delay_reason) = '' THEN 'delay_reason: is empty' END];

-- The clocks that hold now.  p_regimes: those beside the GDPR that are switched on; the two targets:
-- the organisation's own, in hours, NULL = none.
CREATE FUNCTION waarborg.breach_start_clocks(p_breach waarborg.breach, p_regimes text[],
                                             p_customers_hours integer, p_follow_up_hours integer)
RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    INSERT INTO waarborg.breach_clock (breach_id, clock, regime, starts, hours, months, cap_hours,
                                       own_target, source)
    SELECT p_breach.id, l.clock, l.regime, l.starts, l.hours, l.months, l.cap_hours, false, l.source
      FROM (SELECT DISTINCT ON (c.clock) c.* FROM waarborg.clock_limit AS c
             WHERE c.valid_from <= p_breach.aware_at
             ORDER BY c.clock, c.valid_from DESC) AS l
     WHERE l.regime = 'gdpr' OR l.regime = ANY (p_regimes)
    UNION ALL
    VALUES (p_breach.id, 'customers', 'own', 'high_risk', p_customers_hours, NULL::integer, NULL::integer,
            true, 'GDPR art. 34(1): without undue delay'),
           (p_breach.id, 'follow_up', 'own', 'incomplete', p_follow_up_hours, NULL, NULL,
            true, 'GDPR art. 33(4): without undue further delay'),
           (p_breach.id, 'processor', 'own', 'processor_aware', NULL, NULL, NULL,
            true, 'GDPR art. 33(2): without undue delay; hours of the contract');
END;

-- Registers a breach and gives its reference.
CREATE FUNCTION waarborg.breach_open(p_fields jsonb, p_regimes text[] DEFAULT '{}',
                                     p_customers_hours integer DEFAULT NULL,
                                     p_follow_up_hours integer DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fresh waarborg.breach;
    its_year integer := extract(year FROM waarborg.at())::integer;
BEGIN
    PERFORM waarborg.refuse_unknown_fields(p_fields, waarborg.breach_fields());
    fresh.occurred_unknown := false;
    fresh.ongoing := 'UNKNOWN';
    fresh.legal_basis := 'AVG';
    fresh.data_ordinary := '{}';
    fresh.data_special := '{}';
    fresh.people_groups := '{}';
    fresh.consequences := '{}';
    fresh.harm := '{}';
    fresh.countries := '{}';
    fresh := jsonb_populate_record(fresh, jsonb_strip_nulls(p_fields));
    PERFORM waarborg.refuse_faults(waarborg.breach_field_faults(fresh));
    fresh.id := nextval(pg_get_serial_sequence('waarborg.breach', 'id'));
    fresh.version := 1;
    fresh.registered_at := waarborg.at();
    fresh.registered_by := session_user;
    fresh.first_aware_at := fresh.aware_at;
    INSERT INTO waarborg.breach_number AS n (year, last) VALUES (its_year, 1)
        ON CONFLICT (year) DO UPDATE SET last = n.last + 1
        RETURNING format('DL-%s-%s', its_year, lpad(n.last::text, greatest(4, length(n.last::text)), '0'))
             INTO fresh.reference;
    INSERT INTO waarborg.breach OVERRIDING SYSTEM VALUE SELECT fresh.*;
    PERFORM waarborg.breach_start_clocks(fresh, p_regimes, p_customers_hours, p_follow_up_hours);
    RETURN fresh.reference;
END
$$;

-- Changes fields.  p_version: the one the officer read; when it is not the present one, somebody else
-- was first (WB013).  Gives the new version.
CREATE FUNCTION waarborg.breach_amend(p_reference text, p_version integer, p_changes jsonb, p_because text)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    was waarborg.breach := waarborg.breach_lock(p_reference);
    is_now waarborg.breach;
    assignments text;
BEGIN
    PERFORM waarborg.because(p_because);
    PERFORM waarborg.refuse_unknown_fields(p_changes, waarborg.breach_fields());
    IF p_version IS DISTINCT FROM was.version THEN
        RAISE EXCEPTION 'breach % was changed meanwhile: you read version %, it is version % now',
            p_reference, p_version, was.version USING ERRCODE = 'WB013';
    END IF;
    -- What is taken away of a column that always has a value gets the value of an empty one.
    is_now := jsonb_populate_record(was, p_changes);
    is_now.occurred_unknown := coalesce(is_now.occurred_unknown, false);
    is_now.ongoing := coalesce(is_now.ongoing, 'UNKNOWN');
    is_now.legal_basis := coalesce(is_now.legal_basis, 'AVG');
    is_now.data_ordinary := coalesce(is_now.data_ordinary, '{}');
    is_now.data_special := coalesce(is_now.data_special, '{}');
    is_now.people_groups := coalesce(is_now.people_groups, '{}');
    is_now.consequences := coalesce(is_now.consequences, '{}');
    is_now.harm := coalesce(is_now.harm, '{}');
    is_now.countries := coalesce(is_now.countries, '{}');
    PERFORM waarborg.refuse_faults(waarborg.breach_field_faults(is_now));
    SELECT string_agg(format('%I = ($1).%I', f, f), ', ') INTO assignments
      FROM unnest(waarborg.breach_fields()) AS f;
    EXECUTE format('UPDATE waarborg.breach SET %s WHERE id = ($1).id RETURNING version', assignments)
       INTO is_now.version USING is_now;
    RETURN is_now.version;
END
$$;

-- {"risk", "notify_ap", "notify_customers", "because", "ap_because", "customers_because",
--  "exempt_ground", "public_at", "public_where", "assessed_at", "enisa", "enisa_quarters"}
CREATE FUNCTION waarborg.breach_assess(p_reference text, p_assessment jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
    fresh waarborg.assessment;
BEGIN
    PERFORM waarborg.refuse_unknown_fields(p_assessment, ARRAY['risk', 'notify_ap', 'notify_customers',
        'because', 'ap_because', 'customers_because', 'exempt_ground', 'public_at', 'public_where',
        'assessed_at', 'enisa', 'enisa_quarters']);
    fresh := jsonb_populate_record(NULL::waarborg.assessment, p_assessment);
    PERFORM waarborg.refuse_faults(ARRAY[
        CASE WHEN fresh.risk IS NULL OR fresh.risk <> ALL (ARRAY['unlikely', 'risk', 'high'])
             THEN 'risk: is needed: unlikely, risk or high' END,
        CASE WHEN fresh.notify_ap IS NULL THEN 'ap: is needed: yes or no' END,
        CASE WHEN fresh.risk <> 'unlikely' AND NOT fresh.notify_ap
             THEN 'ap: must be yes unless a risk is unlikely (GDPR art. 33(1))' END,
        CASE WHEN fresh.risk = 'high' AND fresh.notify_customers IS NULL
             THEN 'customers: is needed: with a high risk they are told, or there is a ground not to (GDPR art. 34)' END,
        CASE WHEN fresh.risk = 'high' AND NOT fresh.notify_customers AND fresh.exempt_ground IS NULL
             THEN 'exempt_ground: is needed when customers are not told although the risk is high: a, b or c of GDPR art. 34(3), or wft' END,
        CASE WHEN fresh.exempt_ground IS NOT NULL AND fresh.notify_customers IS DISTINCT FROM false
             THEN 'exempt_ground: is for customers who are not told' END,
        CASE WHEN btrim(fresh.ap_because) = '' THEN 'ap_because: is empty' END,
        CASE WHEN btrim(fresh.customers_because) = '' THEN 'customers_because: is empty' END,
        CASE WHEN fresh.exempt_ground = 'C' AND (fresh.public_at IS NULL OR coalesce(btrim(fresh.public_where), '') = '')
             THEN 'public_where: ground c needs when and where it was made public (public_at, public_where)' END,
        CASE WHEN coalesce(btrim(fresh.because), '') = '' THEN 'because: the reasons are needed' END]);
    INSERT INTO waarborg.assessment (breach_id, assessed_at, recorded_at, assessed_by, risk, notify_ap,
        notify_customers, because, ap_because, customers_because, exempt_ground, public_at, public_where,
        enisa, enisa_quarters)
    VALUES (of_breach.id, coalesce(fresh.assessed_at, waarborg.at()), waarborg.at(), session_user, fresh.risk,
        fresh.notify_ap, fresh.notify_customers, fresh.because, fresh.ap_because, fresh.customers_because,
        fresh.exempt_ground, fresh.public_at, fresh.public_where, fresh.enisa, fresh.enisa_quarters)
    RETURNING id INTO fresh.id;
    RETURN fresh.id;
END
$$;

-- {"recipient", "authority", "kind", "complete", "sent_at", "number", "snapshot", "delay_reason", "reason"}
CREATE FUNCTION waarborg.breach_notify(p_references text[], p_notification jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fresh waarborg.notification;
    of_breach text;
    numbers bigint[] := '{}';
BEGIN
    PERFORM waarborg.refuse_unknown_fields(p_notification, ARRAY['recipient', 'authority', 'kind', 'complete',
        'sent_at', 'number', 'snapshot', 'delay_reason', 'reason']);
    fresh := jsonb_populate_record(NULL::waarborg.notification, p_notification);
    PERFORM waarborg.refuse_faults(ARRAY[
        CASE WHEN coalesce(cardinality(p_references), 0) = 0 THEN 'breach: is needed' END,
        CASE WHEN fresh.recipient IS NULL OR fresh.recipient <> ALL (ARRAY['ap', 'customers', 'nis2', 'dora', 'other'])
             THEN 'recipient: is needed: ap, customers, nis2, dora or other' END,
        CASE WHEN fresh.kind IS NULL OR fresh.kind <> ALL (ARRAY['warning', 'initial', 'follow_up', 'final', 'withdrawal'])
             THEN 'kind: is needed: warning, initial, follow_up, final or withdrawal' END,
        CASE WHEN fresh.sent_at IS NULL THEN 'sent_at: is needed' END,
        CASE WHEN fresh.recipient = 'other' AND fresh.authority IS NULL THEN 'authority: is needed' END,
        CASE WHEN btrim(fresh.authority) = '' THEN 'authority: is empty' END,
        CASE WHEN btrim(fresh.number) = '' THEN 'number: is empty' END,
        CASE WHEN btrim(fresh.delay_reason) = '' THEN 'delay_reason: is empty' END,
        CASE WHEN fresh.kind = 'withdrawal' AND coalesce(btrim(fresh.reason), '') = ''
             THEN 'reason: a withdrawal needs one' END]);
    -- In one order, so that two who notify of the same breaches do not wait for each other; before
    -- anything is written, because that locks the end of the audit log, which others take last.
    FOR of_breach IN SELECT DISTINCT r FROM unnest(p_references) AS r ORDER BY r LOOP
        numbers := numbers || (waarborg.breach_lock(of_breach)).id;
    END LOOP;
    INSERT INTO waarborg.notification (recipient, authority, kind, complete, sent_at, number, snapshot,
                                       delay_reason, reason, recorded_at, recorded_by)
    VALUES (fresh.recipient, fresh.authority, fresh.kind, coalesce(fresh.complete, fresh.kind = 'final'),
            fresh.sent_at, fresh.number, fresh.snapshot, fresh.delay_reason, fresh.reason, waarborg.at(),
            session_user)
    RETURNING id INTO fresh.id;
    INSERT INTO waarborg.notification_breach (notification_id, breach_id)
    SELECT fresh.id, n FROM unnest(numbers) AS n;
    RETURN fresh.id;
END
$$;

-- {"type", "status", "description", "at"}
CREATE FUNCTION waarborg.breach_measure_add(p_reference text, p_measure jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
    fresh waarborg.measure := jsonb_populate_record(NULL::waarborg.measure, p_measure);
BEGIN
    PERFORM waarborg.refuse_faults(waarborg.code_faults('type', 'measure_type',
            ARRAY[coalesce(fresh.type, '')], waarborg.at())
        || CASE WHEN coalesce(btrim(fresh.description), '') = '' THEN 'description: is needed' END
        || CASE WHEN fresh.status IS NULL OR fresh.status <> ALL (ARRAY['taken', 'proposed'])
                THEN 'status: is needed: taken or proposed' END);
    INSERT INTO waarborg.measure (breach_id, type, status, description, at, added_at, added_by)
    VALUES (of_breach.id, fresh.type, fresh.status, fresh.description, fresh.at, waarborg.at(), session_user)
    RETURNING id INTO fresh.id;
    RETURN fresh.id;
END
$$;

CREATE FUNCTION waarborg.breach_timeline_add(p_reference text, p_at timestamptz, p_what text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
    fresh bigint;
BEGIN
    PERFORM waarborg.refuse_faults(ARRAY[CASE WHEN coalesce(btrim(p_what), '') = '' THEN 'what: is needed' END]);
    INSERT INTO waarborg.timeline (breach_id, at, what, added_at, added_by)
    VALUES (of_breach.id, coalesce(p_at, waarborg.at()), p_what, waarborg.at(), session_user)
    RETURNING id INTO fresh;
    RETURN fresh;
END
$$;

CREATE FUNCTION waarborg.breach_attachment_add(p_reference text, p_path text, p_sha256 text, p_bytes bigint)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
    fresh bigint;
BEGIN
    INSERT INTO waarborg.attachment (breach_id, path, sha256, bytes, added_at, added_by)
    VALUES (of_breach.id, p_path, p_sha256, p_bytes, waarborg.at(), session_user)
    RETURNING id INTO fresh;
    RETURN fresh;
END
$$;

CREATE FUNCTION waarborg.breach_close(p_reference text, p_because text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
BEGIN
    PERFORM waarborg.because(p_because);
    UPDATE waarborg.breach SET closed_at = waarborg.at(), closed_because = p_because WHERE id = of_breach.id;
END
$$;

CREATE FUNCTION waarborg.breach_reopen(p_reference text, p_because text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM waarborg.because(p_because);
    UPDATE waarborg.breach SET closed_at = NULL, closed_because = NULL
     WHERE reference = p_reference AND closed_at IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no closed breach %', p_reference USING ERRCODE = 'WB010';
    END IF;
END
$$;

-- What the configuration says; written only when it changes.
CREATE FUNCTION waarborg.wft_switch(p_on boolean) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    INSERT INTO waarborg.wft_undertaking (switched_on, at, by)
    SELECT p_on, waarborg.at(), session_user
     WHERE p_on IS DISTINCT FROM coalesce((SELECT w.switched_on FROM waarborg.wft_undertaking AS w
                                            ORDER BY w.id DESC LIMIT 1), false);
END;

-- ---- Reminders --------------------------------------------------------------------------------

-- Claims a step, and the earlier ones it covers: those that were never claimed (p_covered) and those
-- that were and are still unsent.  NULL: somebody else has claimed it, or one behind it.
CREATE FUNCTION waarborg.reminder_claim(p_breach bigint, p_clock text, p_due_at timestamptz, p_step text,
                                        p_covered text[])
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fresh bigint;
BEGIN
    INSERT INTO waarborg.reminder (breach_id, clock, due_at, step, claimed_at)
    VALUES (p_breach, p_clock, p_due_at, p_step, waarborg.at())
        ON CONFLICT DO NOTHING
    RETURNING id INTO fresh;
    IF fresh IS NULL THEN
        RETURN NULL;
    END IF;
    -- One that is locked is being sent this moment.
    UPDATE waarborg.reminder SET covered_by = p_step
     WHERE id IN (SELECT r.id FROM waarborg.reminder AS r
                   WHERE r.breach_id = p_breach AND r.clock = p_clock AND r.due_at = p_due_at AND r.id <> fresh
                     AND r.sent_at IS NULL AND r.covered_by IS NULL AND r.dropped_because IS NULL
                     FOR UPDATE SKIP LOCKED);
    INSERT INTO waarborg.reminder (breach_id, clock, due_at, step, covered_by, claimed_at)
    SELECT p_breach, p_clock, p_due_at, s, p_step, waarborg.at() FROM unnest(p_covered) AS s
        ON CONFLICT DO NOTHING;
    RETURN fresh;
END
$$;

-- The claimed reminder, locked until the end of the transaction; false when it was sent, or somebody
-- else is at it.
CREATE FUNCTION waarborg.reminder_take(p_reminder bigint) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT EXISTS (SELECT 1 FROM (SELECT r.id FROM waarborg.reminder AS r
                                   WHERE r.id = p_reminder AND r.sent_at IS NULL AND r.covered_by IS NULL
                                     AND r.dropped_because IS NULL FOR UPDATE SKIP LOCKED) AS locked);
END;

CREATE FUNCTION waarborg.reminder_sent(p_reminder bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    UPDATE waarborg.reminder SET sent_at = waarborg.at() WHERE id = p_reminder AND sent_at IS NULL;
END;

-- Need not be sent any more.
CREATE FUNCTION waarborg.reminder_drop(p_reminder bigint, p_because text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    UPDATE waarborg.reminder SET dropped_because = p_because WHERE id = p_reminder AND sent_at IS NULL;
END;
