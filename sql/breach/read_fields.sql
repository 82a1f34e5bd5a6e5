-- What an officer reads before they amend a breach.
--
-- $1 text  reference
-- Returns: one row, jsonb: {"version", "closed", "registered_at", "first_aware_at", "fields": {column:
-- value}}, instants as seconds since 1970 UTC; NULL when there is no such breach.  "fields" holds all
-- columns; the caller takes those it knows.
SELECT (SELECT jsonb_build_object(
                   'version', b.version,
                   'closed', b.closed_at IS NOT NULL,
                   'registered_at', extract(epoch FROM b.registered_at)::bigint,
                   'first_aware_at', extract(epoch FROM b.first_aware_at)::bigint,
                   'fields', to_jsonb(b) || jsonb_build_object(
                       'occurred_from', extract(epoch FROM b.occurred_from)::bigint,
                       'occurred_to', extract(epoch FROM b.occurred_to)::bigint,
                       'discovered_at', extract(epoch FROM b.discovered_at)::bigint,
                       'aware_at', extract(epoch FROM b.aware_at)::bigint,
                       'processor_aware_at', extract(epoch FROM b.processor_aware_at)::bigint,
                       'processor_informed_at', extract(epoch FROM b.processor_informed_at)::bigint,
                       'authority_order_at', extract(epoch FROM b.authority_order_at)::bigint,
                       'nis2_aware_at', extract(epoch FROM b.nis2_aware_at)::bigint,
                       'dora_classified_at', extract(epoch FROM b.dora_classified_at)::bigint))
          FROM waarborg.breach AS b
         WHERE b.reference = $1::text);
