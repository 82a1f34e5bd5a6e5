-- The rules of the register that a CHECK cannot tell, and what follows from its rows: clocks, duties,
-- holds.  Faults are raised all at once, one line each, "field: sentence" (SQLSTATE WB012).

CREATE FUNCTION waarborg.at() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN coalesce(waarborg.told('at')::timestamptz, statement_timestamp());
COMMENT ON FUNCTION waarborg.at() IS 'The clock of the program, or the server''s when another client writes';

CREATE FUNCTION waarborg.refuse_faults(p_faults text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_faults := array_remove(p_faults, NULL);
    IF cardinality(p_faults) > 0 THEN
        RAISE EXCEPTION '%', array_to_string(p_faults, E'\n') USING ERRCODE = 'WB012';
    END IF;
END
$$;

-- A sentence for each code that its list does not have on that day.
CREATE FUNCTION waarborg.code_faults(p_field text, p_list text, p_codes text[], p_at timestamptz)
RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT array_agg(format('%s: %s is no code of the list', p_field, g.code))
      FROM unnest(p_codes) AS g (code)
     WHERE g.code IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM waarborg.code AS c
                        WHERE c.list = p_list AND c.code = g.code AND c.valid_from <= p_at::date
                          AND coalesce(c.valid_until > p_at::date, true));
END;

-- When a clock runs out.  Hours are absolute: an interval of hours on a timestamptz is not moved by a
-- change to or from summer time, an interval of days would be.  Without a search_path of its own, so that
-- it is inlined where the register is read; its names were looked up when it was made.
CREATE FUNCTION waarborg.clock_due(p_start timestamptz, p_aware timestamptz, p_hours integer,
                                   p_months integer, p_cap_hours integer)
RETURNS timestamptz
LANGUAGE sql STABLE
RETURN CASE
    WHEN p_hours IS NULL AND p_months IS NULL THEN NULL
    WHEN p_start <= p_aware + make_interval(hours => p_cap_hours)
        THEN least(p_start + make_interval(hours => p_hours), p_aware + make_interval(hours => p_cap_hours))
    ELSE p_start + make_interval(hours => coalesce(p_hours, 0), months => coalesce(p_months, 0))
END;

-- When an authority was first told of a breach: of these kinds, complete or not, or NULL.
CREATE FUNCTION waarborg.first_sent(p_breach bigint, p_recipient text, p_kinds text[])
RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT min(n.sent_at)
      FROM waarborg.notification_breach AS nb
      JOIN waarborg.notification AS n ON n.id = nb.notification_id
     WHERE nb.breach_id = p_breach AND n.recipient = p_recipient AND n.kind = ANY (p_kinds);
END;

-- One row for each clock of each breach.
--   start_at  NULL: not started      due_at  NULL: no limit was set
--   met_at    NULL: not met          needed  false: decided, with reasons, that it need not be
CREATE VIEW waarborg.breach_clock_state AS
SELECT t.breach_id, t.reference, t.title, t.clock, t.regime, t.own_target, t.source, t.registered_at,
       t.start_at, waarborg.clock_due(t.start_at, t.aware_at, t.hours, t.months, t.cap_hours) AS due_at,
       t.met_at, t.needed, t.decided, t.closed_at
  FROM (SELECT c.breach_id, b.reference, b.title, c.clock, c.regime, c.own_target, c.source,
               b.registered_at, b.aware_at, b.closed_at, c.months, c.cap_hours,
               CASE c.clock WHEN 'processor' THEN b.processor_contract_hours ELSE c.hours END AS hours,
               a.id IS NOT NULL AS decided,
               CASE c.clock WHEN 'ap' THEN coalesce(a.notify_ap, true)
                            WHEN 'customers' THEN coalesce(a.notify_customers, false)
                            ELSE true END AS needed,
               CASE c.starts
                   WHEN 'aware' THEN b.aware_at
                   WHEN 'high_risk' THEN h.assessed_at
                   WHEN 'incomplete' THEN s.ap_incomplete
                   WHEN 'processor_aware' THEN b.processor_aware_at
                   WHEN 'nis2_aware' THEN b.nis2_aware_at
                   WHEN 'nis2_notified' THEN s.nis2_initial
                   WHEN 'dora_classified' THEN b.dora_classified_at
                   WHEN 'dora_initial' THEN s.dora_initial
                   WHEN 'dora_intermediate' THEN s.dora_follow_up
               END AS start_at,
               CASE c.clock
                   WHEN 'ap' THEN s.ap
                   WHEN 'customers' THEN CASE WHEN f.some_left THEN NULL
                                              ELSE coalesce(f.last_told, s.customers) END
                   WHEN 'follow_up' THEN s.ap_complete
                   WHEN 'processor' THEN b.processor_informed_at
                   WHEN 'nis2_warning' THEN s.nis2_warning
                   WHEN 'nis2_notification' THEN s.nis2_initial
                   WHEN 'nis2_final' THEN s.nis2_final
                   WHEN 'dora_initial' THEN s.dora_initial
                   WHEN 'dora_intermediate' THEN s.dora_follow_up
                   WHEN 'dora_final' THEN s.dora_final
               END AS met_at
          FROM waarborg.breach_clock AS c
          JOIN waarborg.breach AS b ON b.id = c.breach_id
          LEFT JOIN waarborg.assessment AS a ON a.id = b.assessment_id
          -- Grouped, not looked up one by one: a register is read whole as often as in part.
          LEFT JOIN (SELECT x.breach_id, min(x.assessed_at) AS assessed_at
                       FROM waarborg.assessment AS x WHERE x.notify_customers
                      GROUP BY x.breach_id) AS h ON h.breach_id = c.breach_id
          LEFT JOIN (SELECT n.breach_id, bool_or(n.state IN ('to_tell', 'returned')) AS some_left,
                            max(n.last_told) FILTER (WHERE n.state = 'told') AS last_told
                       FROM waarborg.affected_count AS n WHERE n.n > 0
                      GROUP BY n.breach_id) AS f ON f.breach_id = c.breach_id
          LEFT JOIN (SELECT nb.breach_id,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'ap'
                                AND n.kind IN ('initial', 'follow_up', 'final')) AS ap,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'ap' AND n.kind <> 'withdrawal'
                                                     AND NOT n.complete) AS ap_incomplete,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'ap'
                                AND (n.complete OR n.kind = 'withdrawal')) AS ap_complete,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'customers'
                                AND n.kind IN ('initial', 'follow_up', 'final')) AS customers,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'nis2'
                                AND n.kind IN ('warning', 'initial')) AS nis2_warning,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'nis2'
                                AND n.kind = 'initial') AS nis2_initial,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'nis2'
                                AND n.kind = 'final') AS nis2_final,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'dora'
                                AND n.kind = 'initial') AS dora_initial,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'dora'
                                AND n.kind = 'follow_up') AS dora_follow_up,
                            min(n.sent_at) FILTER (WHERE n.recipient = 'dora'
                                AND n.kind = 'final') AS dora_final
                       FROM waarborg.notification_breach AS nb
                       JOIN waarborg.notification AS n ON n.id = nb.notification_id
                      GROUP BY nb.breach_id) AS s ON s.breach_id = c.breach_id) AS t;

-- What still has to be done, or reasoned away, before a breach may be closed.
CREATE VIEW waarborg.breach_duty AS
SELECT b.id AS breach_id, d.duty, d.sentence
  FROM waarborg.breach AS b
  LEFT JOIN waarborg.assessment AS a ON a.id = b.assessment_id
  CROSS JOIN LATERAL (
      SELECT 'assess' AS duty, 'the risk is not assessed' AS sentence WHERE a.id IS NULL
      UNION ALL
      SELECT c.clock, CASE c.clock
                 WHEN 'ap' THEN 'the AP was not notified'
                 WHEN 'customers' THEN 'not every affected customer was told'
                 WHEN 'follow_up' THEN 'the AP waits for the rest of the notification'
                 ELSE format('clock %s is not met', c.clock) END
        FROM waarborg.breach_clock_state AS c
       WHERE c.breach_id = b.id AND c.needed AND c.start_at IS NOT NULL AND c.met_at IS NULL
         AND c.clock <> 'processor' AND (c.clock <> 'ap' OR a.id IS NOT NULL)
      UNION ALL
      SELECT 'effects', 'its consequences are not described (GDPR art. 33(5))'
       WHERE b.consequences = '{}' AND b.consequences_description IS NULL
      UNION ALL
      SELECT 'measures', 'no measure is registered (GDPR art. 33(5))'
       WHERE NOT EXISTS (SELECT 1 FROM waarborg.measure AS m WHERE m.breach_id = b.id)) AS d
 WHERE b.closed_at IS NULL;

-- Why a subject must stay: holds, and breaches of which it still has to be told.
CREATE VIEW waarborg.standing_hold AS
SELECT h.subject_table, h.key_columns, h.subject_key, h.id AS hold_id, NULL::text AS breach,
       'hold ' || h.id AS reason
  FROM waarborg.hold AS h
 WHERE h.released_at IS NULL AND h.subject_key IS NOT NULL
UNION ALL
SELECT f.subject_table, f.key_columns, f.subject_key, NULL, b.reference, 'breach ' || b.reference
  FROM waarborg.affected AS f
  JOIN waarborg.breach AS b ON b.id = f.breach_id
  LEFT JOIN waarborg.assessment AS a ON a.id = b.assessment_id
 WHERE f.state IN ('to_tell', 'returned') AND f.subject_key IS NOT NULL AND b.closed_at IS NULL
   AND coalesce(a.notify_customers, true);

-- ---- What holds for a breach ------------------------------------------------------------------

-- Late, and no reason given: GDPR art. 33(1).
CREATE FUNCTION waarborg.delay_fault(p_breach bigint, p_delay_reason text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT format('delay_reason: the AP was notified after the limit, %s: the law asks for the '
                  'reasons for the delay (GDPR art. 33(1))',
                  to_char(c.due_at, 'YYYY-MM-DD HH24:MI:SS TZH:TZM'))
      FROM waarborg.breach_clock_state AS c
     WHERE c.breach_id = p_breach AND c.clock = 'ap' AND c.met_at > c.due_at
       AND p_delay_reason IS NULL
       AND NOT EXISTS (SELECT 1 FROM waarborg.notification_breach AS nb
                         JOIN waarborg.notification AS n ON n.id = nb.notification_id
                        WHERE nb.breach_id = p_breach AND n.recipient = 'ap'
                          AND n.delay_reason IS NOT NULL);
END;

CREATE FUNCTION waarborg.breach_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    faults text[] := '{}';
    fixed text[] := ARRAY['id', 'reference', 'registered_at', 'registered_by', 'first_aware_at'];
    aside text[] := ARRAY['version', 'assessment_id', 'closed_at', 'closed_because'];
    changed boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS NOT NULL THEN
            RAISE EXCEPTION 'breach % is closed; waarborg breach amend --reopen opens it again', OLD.reference
                USING ERRCODE = 'WB011';
        END IF;
        IF coalesce(btrim(waarborg.told('reason')), '') = '' THEN
            RAISE EXCEPTION 'a change of breach % names its reason', OLD.reference USING ERRCODE = 'WB012';
        END IF;
        IF EXISTS (SELECT 1 FROM unnest(fixed) AS f
                    WHERE to_jsonb(OLD) -> f IS DISTINCT FROM to_jsonb(NEW) -> f) THEN
            RAISE EXCEPTION 'reference, registration and the first aware_at of a breach are never changed'
                USING ERRCODE = 'WB015';
        END IF;
        changed := to_jsonb(OLD) - aside IS DISTINCT FROM to_jsonb(NEW) - aside;
        NEW.version := OLD.version + CASE WHEN changed THEN 1 ELSE 0 END;
    ELSE
        IF NEW.closed_at IS NOT NULL OR NEW.assessment_id IS NOT NULL OR NEW.first_aware_at <> NEW.aware_at THEN
            RAISE EXCEPTION 'a breach is registered open, not assessed, and as aware_at was first known'
                USING ERRCODE = 'WB012';
        END IF;
        IF NOT EXISTS (SELECT 1 FROM waarborg.breach_number AS n
                        WHERE format('DL-%s-%s', n.year, lpad(n.last::text, greatest(4, length(n.last::text)), '0'))
                              = NEW.reference) THEN
            RAISE EXCEPTION 'a breach gets the last number of waarborg.breach_number, so that there are no gaps'
                USING ERRCODE = 'WB015';
        END IF;
    END IF;
    IF NEW.aware_at > waarborg.at() THEN
        faults := faults || 'aware_at: lies in the future'::text;
    END IF;
    faults := faults || (SELECT array_agg(f.field || ': lies in the future')
                           FROM (VALUES ('discovered_at', NEW.discovered_at),
                                        ('occurred_from', NEW.occurred_from), ('occurred_to', NEW.occurred_to),
                                        ('processor_aware_at', NEW.processor_aware_at),
                                        ('processor_informed_at', NEW.processor_informed_at),
                                        ('authority_order_at', NEW.authority_order_at),
                                        ('nis2_aware_at', NEW.nis2_aware_at),
                                        ('dora_classified_at', NEW.dora_classified_at)) AS f (field, at)
                          WHERE f.at > waarborg.at())
        || waarborg.code_faults('nature', 'nature', NEW.nature, NEW.registered_at)
        || waarborg.code_faults('incident_type', 'incident_type', ARRAY[NEW.incident_type], NEW.registered_at)
        || waarborg.code_faults('cause', 'cause', ARRAY[NEW.cause], NEW.registered_at)
        || waarborg.code_faults('data_ordinary', 'data_ordinary', NEW.data_ordinary, NEW.registered_at)
        || waarborg.code_faults('data_special', 'data_special', NEW.data_special, NEW.registered_at)
        || waarborg.code_faults('people_groups', 'people_groups', NEW.people_groups, NEW.registered_at)
        || waarborg.code_faults('protection', 'protection', ARRAY[NEW.protection], NEW.registered_at)
        || waarborg.code_faults('consequences', 'consequences', NEW.consequences, NEW.registered_at)
        || waarborg.code_faults('harm', 'harm', NEW.harm, NEW.registered_at)
        || waarborg.code_faults('severity', 'severity', ARRAY[NEW.severity], NEW.registered_at)
        || waarborg.code_faults('ongoing', 'ongoing', ARRAY[NEW.ongoing], NEW.registered_at)
        || waarborg.code_faults('legal_basis', 'legal_basis', ARRAY[NEW.legal_basis], NEW.registered_at);
    PERFORM waarborg.refuse_faults(faults);
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE INSERT OR UPDATE ON waarborg.breach
    FOR EACH ROW EXECUTE FUNCTION waarborg.breach_rules();
ALTER TABLE waarborg.breach ENABLE ALWAYS TRIGGER rules;

-- After the row is there, because these look at the views.
CREATE FUNCTION waarborg.breach_whole() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    duties text;
BEGIN
    PERFORM waarborg.refuse_faults(ARRAY[waarborg.delay_fault(NEW.id, NEW.delay_reason)]);
    IF NEW.assessment_id IS DISTINCT FROM (SELECT max(a.id) FROM waarborg.assessment AS a
                                            WHERE a.breach_id = NEW.id) THEN
        RAISE EXCEPTION 'assessment_id: the last assessment of a breach is the one in force'
            USING ERRCODE = 'WB012';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER whole AFTER INSERT OR UPDATE ON waarborg.breach
    DEFERRABLE FOR EACH ROW EXECUTE FUNCTION waarborg.breach_whole();
ALTER TABLE waarborg.breach ENABLE ALWAYS TRIGGER whole;

-- Before the row is closed: the duties are those of an open breach.
CREATE FUNCTION waarborg.breach_may_close() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    open_duties text;
BEGIN
    SELECT string_agg(d.sentence, E'\n') INTO open_duties
      FROM waarborg.breach_duty AS d WHERE d.breach_id = OLD.id;
    IF open_duties IS NOT NULL THEN
        RAISE EXCEPTION '%', open_duties USING ERRCODE = 'WB014';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER may_close BEFORE UPDATE ON waarborg.breach FOR EACH ROW
    WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL)
    EXECUTE FUNCTION waarborg.breach_may_close();
ALTER TABLE waarborg.breach ENABLE ALWAYS TRIGGER may_close;

-- Whatever is added to a breach locks it first, so that it cannot be closed meanwhile.
CREATE FUNCTION waarborg.breach_lock(p_reference text) RETURNS waarborg.breach
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_breach waarborg.breach;
BEGIN
    SELECT * INTO found_breach FROM waarborg.breach AS b WHERE b.reference = p_reference FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no breach %', p_reference USING ERRCODE = 'WB010';
    END IF;
    IF found_breach.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'breach % is closed; waarborg breach amend --reopen opens it again', p_reference
            USING ERRCODE = 'WB011';
    END IF;
    RETURN found_breach;
END
$$;

CREATE FUNCTION waarborg.breach_is_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM waarborg.breach_lock((SELECT b.reference FROM waarborg.breach AS b WHERE b.id = NEW.breach_id));
    RETURN NEW;
END
$$;

CREATE FUNCTION waarborg.assessment_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    faults text[];
BEGIN
    faults := waarborg.code_faults('exempt_ground', 'exempt_ground', ARRAY[NEW.exempt_ground], NEW.recorded_at);
    IF NEW.assessed_at > waarborg.at() THEN
        faults := faults || 'assessed_at: lies in the future'::text;
    END IF;
    IF NEW.exempt_ground = 'WFT' AND NOT coalesce((SELECT w.switched_on FROM waarborg.wft_undertaking AS w
                                                    ORDER BY w.id DESC LIMIT 1), false) THEN
        faults := faults || ('exempt_ground: WFT is for financial undertakings only (UAVG art. 42); '
                             'breach.wft_undertaking of the configuration is off')::text;
    END IF;
    PERFORM waarborg.refuse_faults(faults);
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE INSERT ON waarborg.assessment
    FOR EACH ROW EXECUTE FUNCTION waarborg.assessment_rules();
ALTER TABLE waarborg.assessment ENABLE ALWAYS TRIGGER rules;

CREATE FUNCTION waarborg.assessment_in_force() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('waarborg.reason', NEW.because, true);
    UPDATE waarborg.breach SET assessment_id = NEW.id WHERE id = NEW.breach_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER in_force AFTER INSERT ON waarborg.assessment
    FOR EACH ROW EXECUTE FUNCTION waarborg.assessment_in_force();
ALTER TABLE waarborg.assessment ENABLE ALWAYS TRIGGER in_force;

CREATE FUNCTION waarborg.notification_digest() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.sha256 := encode(sha256(convert_to(NEW.snapshot, 'UTF8')), 'hex');
    RETURN NEW;
END
$$;
CREATE TRIGGER digest BEFORE INSERT ON waarborg.notification
    FOR EACH ROW EXECUTE FUNCTION waarborg.notification_digest();
ALTER TABLE waarborg.notification ENABLE ALWAYS TRIGGER digest;

CREATE FUNCTION waarborg.notification_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sent timestamptz := (SELECT n.sent_at FROM waarborg.notification AS n WHERE n.id = NEW.notification_id);
BEGIN
    PERFORM waarborg.refuse_faults(ARRAY[
        CASE WHEN sent > waarborg.at() THEN 'sent_at: lies in the future' END,
        (SELECT waarborg.delay_fault(b.id, b.delay_reason) FROM waarborg.breach AS b WHERE b.id = NEW.breach_id)]);
    RETURN NULL;
END
$$;
CREATE TRIGGER rules AFTER INSERT ON waarborg.notification_breach
    FOR EACH ROW EXECUTE FUNCTION waarborg.notification_rules();
ALTER TABLE waarborg.notification_breach ENABLE ALWAYS TRIGGER rules;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['assessment', 'notification_breach', 'measure', 'timeline', 'attachment'] LOOP
        EXECUTE format('CREATE TRIGGER breach_open BEFORE INSERT ON waarborg.%I
                        FOR EACH ROW EXECUTE FUNCTION waarborg.breach_is_open()', name);
        EXECUTE format('ALTER TABLE waarborg.%I ENABLE ALWAYS TRIGGER breach_open', name);
    END LOOP;
END
$$;

-- ---- What holds for the affected --------------------------------------------------------------

-- Who was affected stays so, and who is forgotten stays forgotten.
CREATE FUNCTION waarborg.affected_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (NEW.id, NEW.breach_id, NEW.policy, NEW.subject_table, NEW.key_columns, NEW.added_at)
        IS DISTINCT FROM (OLD.id, OLD.breach_id, OLD.policy, OLD.subject_table, OLD.key_columns, OLD.added_at)
        OR (NEW.subject_key IS DISTINCT FROM OLD.subject_key AND NEW.subject_key IS NOT NULL)
        OR (OLD.reference IS NOT NULL AND NEW.reference IS DISTINCT FROM OLD.reference)
        OR (NEW.state <> OLD.state AND NOT (
                (OLD.state IN ('to_tell', 'returned') AND NEW.state IN ('told', 'exempt', 'disposed'))
                OR (OLD.state IN ('to_tell', 'told') AND NEW.state = 'returned')))
        OR (OLD.told_at IS NOT NULL AND NEW.told_at IS DISTINCT FROM OLD.told_at
            AND NOT (OLD.state = 'returned' AND NEW.state = 'told' AND NEW.told_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'an affected customer stays the same one, and stays told' USING ERRCODE = 'WB015';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE UPDATE ON waarborg.affected
    FOR EACH ROW EXECUTE FUNCTION waarborg.affected_rules();
ALTER TABLE waarborg.affected ENABLE ALWAYS TRIGGER rules;

CREATE FUNCTION waarborg.affected_recount(p_breach bigint, p_state text, p_change bigint, p_told timestamptz)
RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    INSERT INTO waarborg.affected_count (breach_id, state, n) VALUES (p_breach, p_state, 0)
        ON CONFLICT (breach_id, state) DO NOTHING;
    UPDATE waarborg.affected_count AS c
       SET n = c.n + p_change, last_told = greatest(c.last_told, p_told)
     WHERE c.breach_id = p_breach AND c.state = p_state;
END;

-- One line of the audit log for a statement, however many customers: how many, and which rows.
-- All counts first: the end of the audit log is locked last, by everybody, or two would wait for each other.
CREATE FUNCTION waarborg.affected_added() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT n.breach_id, b.reference, b.closed_at, n.state, count(*) AS n, max(n.told_at) AS told
                  FROM new_rows AS n JOIN waarborg.breach AS b ON b.id = n.breach_id
                 GROUP BY 1, 2, 3, 4 ORDER BY 1, 4 LOOP
        IF part.closed_at IS NOT NULL THEN
            RAISE EXCEPTION 'breach % is closed; waarborg breach amend --reopen opens it again', part.reference
                USING ERRCODE = 'WB011';
        END IF;
        PERFORM waarborg.affected_recount(part.breach_id, part.state, part.n, part.told);
    END LOOP;
    FOR part IN SELECT n.breach_id, b.reference, n.state, count(*) AS n, min(n.id) AS low, max(n.id) AS high
                  FROM new_rows AS n JOIN waarborg.breach AS b ON b.id = n.breach_id
                 GROUP BY 1, 2, 3 ORDER BY 1, 3 LOOP
        PERFORM waarborg.audit_add('insert', 'affected', part.reference, NULL,
            jsonb_build_object('state', part.state, 'customers', part.n, 'first', part.low,
                               'last', part.high)::text);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER added AFTER INSERT ON waarborg.affected REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.affected_added();
ALTER TABLE waarborg.affected ENABLE ALWAYS TRIGGER added;

CREATE FUNCTION waarborg.affected_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT c.breach_id, c.state, sum(c.n)::bigint AS n, max(c.told_at) AS told
                  FROM (SELECT o.breach_id, unnest(ARRAY[o.state, n.state]) AS state, unnest(ARRAY[-1, 1]) AS n,
                               unnest(ARRAY[NULL, n.told_at]) AS told_at
                          FROM old_rows AS o JOIN new_rows AS n ON n.id = o.id
                         WHERE n.state <> o.state) AS c
                 GROUP BY 1, 2 ORDER BY 1, 2 LOOP
        PERFORM waarborg.affected_recount(part.breach_id, part.state, part.n, part.told);
    END LOOP;
    FOR part IN SELECT n.breach_id, b.reference, o.state AS was, n.state, count(*) AS n,
                       count(*) FILTER (WHERE o.subject_key IS NOT NULL AND n.subject_key IS NULL) AS forgotten,
                       min(n.id) AS low, max(n.id) AS high,
                       encode(sha256(convert_to(string_agg(n.id::text, ',' ORDER BY n.id), 'UTF8')), 'hex') AS ids
                  FROM new_rows AS n JOIN old_rows AS o ON o.id = n.id
                  JOIN waarborg.breach AS b ON b.id = n.breach_id
                 GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 4 LOOP
        PERFORM waarborg.audit_add('update', 'affected', part.reference,
            jsonb_build_object('state', part.was)::text,
            jsonb_build_object('state', part.state, 'customers', part.n, 'forgotten', part.forgotten,
                               'first', part.low, 'last', part.high, 'sha256_of_ids', part.ids)::text);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER changed AFTER UPDATE ON waarborg.affected
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.affected_changed();
ALTER TABLE waarborg.affected ENABLE ALWAYS TRIGGER changed;
