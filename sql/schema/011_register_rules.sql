-- More rules of the register (006) that hold whoever writes: numbers without gaps, and rows that are filled
-- in once.  Rails against slips of a hand at the tables; the functions of 007 and 008 keep to them.

-- A number is given once, after the one before it, and to a breach.
CREATE FUNCTION waarborg.breach_number_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (TG_OP = 'UPDATE' AND (NEW.year, NEW.last) IS DISTINCT FROM (OLD.year, OLD.last + 1))
        OR NOT EXISTS (SELECT 1 FROM waarborg.breach AS b
                        WHERE b.reference = format('DL-%s-%s', NEW.year,
                                                   lpad(NEW.last::text, greatest(4, length(NEW.last::text)), '0'))) THEN
        RAISE EXCEPTION 'numbers of breaches are given one after the other, each to a breach'
            USING ERRCODE = 'WB015';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER rules AFTER INSERT OR UPDATE ON waarborg.breach_number
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION waarborg.breach_number_rules();
ALTER TABLE waarborg.breach_number ENABLE ALWAYS TRIGGER rules;

CREATE FUNCTION waarborg.measure_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM waarborg.refuse_faults(waarborg.code_faults('type', 'measure_type', ARRAY[NEW.type], NEW.added_at));
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE INSERT ON waarborg.measure
    FOR EACH ROW EXECUTE FUNCTION waarborg.measure_rules();
ALTER TABLE waarborg.measure ENABLE ALWAYS TRIGGER rules;

-- What was claimed or begun stays so, and ends once.  TG_ARGV: the columns that may still be filled in.
CREATE FUNCTION waarborg.filled_in_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_jsonb(NEW) - TG_ARGV IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV
        OR EXISTS (SELECT 1 FROM jsonb_each(jsonb_strip_nulls(to_jsonb(OLD))) AS o
                    WHERE o.key = ANY (TG_ARGV) AND o.value IS DISTINCT FROM to_jsonb(NEW) -> o.key) THEN
        RAISE EXCEPTION 'a row of waarborg.% is filled in once and not changed', TG_TABLE_NAME
            USING ERRCODE = 'WB015';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE UPDATE ON waarborg.reminder FOR EACH ROW
    EXECUTE FUNCTION waarborg.filled_in_once('covered_by', 'sent_at', 'dropped_because');
ALTER TABLE waarborg.reminder ENABLE ALWAYS TRIGGER rules;

-- A letter under way may turn out not to have begun (started_at); one that is done only comes back.
CREATE FUNCTION waarborg.letter_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (NEW.id, NEW.affected_id, NEW.breach_id, NEW.token, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.affected_id, OLD.breach_id, OLD.token, OLD.created_at)
        OR (OLD.done_at IS NOT NULL AND (NEW.started_at, NEW.done_at, NEW.channel)
                                        IS DISTINCT FROM (OLD.started_at, OLD.done_at, OLD.channel))
        OR (OLD.returned_at IS NOT NULL AND (NEW.returned_at, NEW.status)
                                            IS DISTINCT FROM (OLD.returned_at, OLD.status)) THEN
        RAISE EXCEPTION 'a letter stays the same one, and stays sent' USING ERRCODE = 'WB015';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE UPDATE ON waarborg.letter
    FOR EACH ROW EXECUTE FUNCTION waarborg.letter_rules();
ALTER TABLE waarborg.letter ENABLE ALWAYS TRIGGER rules;

-- A code means what it meant when it was used: it can only end, or learn what a form calls it.
CREATE FUNCTION waarborg.code_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (NEW.list, NEW.code, NEW.label_en, NEW.label_nl, NEW.valid_from)
        IS DISTINCT FROM (OLD.list, OLD.code, OLD.label_en, OLD.label_nl, OLD.valid_from) THEN
        RAISE EXCEPTION 'a code keeps its meaning: end it with valid_until, and add another'
            USING ERRCODE = 'WB015';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE UPDATE ON waarborg.code
    FOR EACH ROW EXECUTE FUNCTION waarborg.code_rules();
ALTER TABLE waarborg.code ENABLE ALWAYS TRIGGER rules;
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON waarborg.code
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change();
ALTER TABLE waarborg.code ENABLE ALWAYS TRIGGER never_deleted;
CREATE TRIGGER audit AFTER UPDATE OR DELETE ON waarborg.code
    FOR EACH ROW EXECUTE FUNCTION waarborg.audit_row('code');
ALTER TABLE waarborg.code ENABLE ALWAYS TRIGGER audit;

-- Only from the triggers on waarborg.affected: a rail, as that of the audit log.
CREATE FUNCTION waarborg.affected_count_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the affected customers are counted by the triggers of waarborg.affected'
            USING ERRCODE = 'WB015';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER rules BEFORE INSERT OR UPDATE ON waarborg.affected_count
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.affected_count_rules();
ALTER TABLE waarborg.affected_count ENABLE ALWAYS TRIGGER rules;

-- One instant that no calendar shows (infinity) would keep the whole register from being read, and some of
-- it is never changed again.
DO $$
DECLARE
    of_table record;
BEGIN
    FOR of_table IN
        SELECT t.relname AS name, string_agg(format('%I BETWEEN ''0001-01-01 00:00+00'' AND ''9999-12-31 00:00+00''',
                                                    a.attname), ' AND ' ORDER BY a.attnum) AS condition
          FROM pg_catalog.pg_class AS t
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE t.relnamespace = 'waarborg'::regnamespace AND a.atttypid = 'timestamptz'::regtype
           AND t.relname IN ('audit', 'breach', 'assessment', 'notification', 'affected', 'letter', 'measure',
                             'timeline', 'attachment', 'reminder', 'wft_undertaking')
         GROUP BY t.relname ORDER BY t.relname LOOP
        EXECUTE format('ALTER TABLE waarborg.%I ADD CONSTRAINT instants_of_a_calendar CHECK (%s)',
                       of_table.name, of_table.condition);
    END LOOP;
END
$$;

-- Functions with the owner's rights look into the caller's temporary schema last: unnamed it comes first,
-- and a domain "text" there would run the caller's code.  Those of 001 and 002 are not written anew.
DO $$
DECLARE
    of_function regprocedure;
BEGIN
    FOR of_function IN
        SELECT p.oid FROM pg_catalog.pg_proc AS p
         WHERE p.pronamespace = 'waarborg'::regnamespace AND 'search_path=pg_catalog' = ANY (p.proconfig) LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp', of_function);
    END LOOP;
END
$$;
