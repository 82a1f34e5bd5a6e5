-- What each role may do in the schema waarborg: exactly this.  Several statements, for one transaction.
--
-- No parameters, returns nothing.  What was granted before is taken away first, so that running it again
-- after an upgrade leaves what stands here.

REVOKE ALL ON SCHEMA waarborg FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA waarborg FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA waarborg FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA waarborg FROM PUBLIC;
REVOKE ALL ON SCHEMA waarborg FROM waarborg_job, waarborg_security, waarborg_dpo, waarborg_auditor;
REVOKE ALL ON ALL TABLES IN SCHEMA waarborg
    FROM waarborg_job, waarborg_security, waarborg_dpo, waarborg_auditor;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA waarborg
    FROM waarborg_job, waarborg_security, waarborg_dpo, waarborg_auditor;
REVOKE ALL ON ALL ROUTINES IN SCHEMA waarborg
    FROM waarborg_job, waarborg_security, waarborg_dpo, waarborg_auditor;

GRANT USAGE ON SCHEMA waarborg TO waarborg_job, waarborg_security, waarborg_dpo, waarborg_auditor;
GRANT SELECT ON waarborg.migration, waarborg.roles_in_force, waarborg.policy
    TO waarborg_job, waarborg_security, waarborg_dpo, waarborg_auditor;
-- Functions that only read, and that views and statements of readers call.
GRANT EXECUTE ON FUNCTION
    waarborg.told,
    waarborg.at,
    waarborg.is_member,
    waarborg.is_owner,
    waarborg.may_not_decide,
    waarborg.audit_field,
    waarborg.audit_instant,
    waarborg.audit_bytes,
    waarborg.clock_due,
    waarborg.first_sent,
    waarborg.breach_fields,
    waarborg.code_faults,
    waarborg.wft_told
    TO waarborg_job, waarborg_security, waarborg_dpo, waarborg_auditor;
GRANT EXECUTE ON FUNCTION waarborg.breach_clock_at, waarborg.breach_standing_at
    TO waarborg_security, waarborg_dpo, waarborg_auditor;
GRANT EXECUTE ON FUNCTION
    waarborg.subject_key_text,
    waarborg.policy_register
    TO waarborg_job, waarborg_security, waarborg_dpo;

-- ---- waarborg_job: the nightly job, the archive and its evidence --------------------------------
-- Rights on the customer tables come from the graph of each policy (jobs/retention/grants.h).
-- It approves nothing and releases no hold (sql/schema/010_roles.sql).
GRANT SELECT ON waarborg.approval, waarborg.run, waarborg.hold, waarborg.worklist, waarborg.segment,
    waarborg.segment_table, waarborg.chain, waarborg.disposal, waarborg.restore, waarborg.returned,
    waarborg.standing_hold, waarborg.audit, waarborg.audit_head, waarborg.run_left,
    waarborg.verification TO waarborg_job;
-- What the evidence about a customer tells of breaches; not what the register says of them.
GRANT SELECT ON waarborg.affected TO waarborg_job;
GRANT SELECT (id, reference, closed_at) ON waarborg.breach TO waarborg_job;
GRANT INSERT ON waarborg.run, waarborg.hold, waarborg.worklist, waarborg.segment,
    waarborg.segment_table, waarborg.disposal, waarborg.restore, waarborg.returned, waarborg.run_left,
    waarborg.verification TO waarborg_job;
GRANT UPDATE (finished_at, outcome, disposed, blocked, rows, bytes, work_ms) ON waarborg.run TO waarborg_job;
GRANT UPDATE (released_at, released_by, release_reason) ON waarborg.hold TO waarborg_job;
GRANT UPDATE (destroyed_at) ON waarborg.segment TO waarborg_job;
GRANT UPDATE (head_no, manifest_sha256) ON waarborg.chain TO waarborg_job;
GRANT UPDATE (restored_at) ON waarborg.disposal TO waarborg_job;
GRANT UPDATE, DELETE ON waarborg.worklist TO waarborg_job;
GRANT UPDATE ON waarborg.returned TO waarborg_job;
GRANT USAGE ON SEQUENCE waarborg.scan TO waarborg_job;
-- A database that was restored to an earlier point is told again the numbers it gave before.
GRANT USAGE, UPDATE ON SEQUENCE waarborg.run_id_seq, waarborg.hold_id_seq TO waarborg_job;
GRANT EXECUTE ON FUNCTION
    waarborg.affected_forget,
    waarborg.hold_add,
    waarborg.archive_hold_add
    TO waarborg_job;

-- ---- waarborg_security: the breach register, through its functions only -------------------------
GRANT SELECT ON waarborg.breach, waarborg.assessment, waarborg.breach_clock, waarborg.notification,
    waarborg.notification_breach, waarborg.affected, waarborg.affected_count, waarborg.letter,
    waarborg.measure, waarborg.timeline, waarborg.attachment, waarborg.reminder,
    waarborg.wft_undertaking, waarborg.code, waarborg.clock_limit, waarborg.form_question,
    waarborg.breach_clock_state, waarborg.breach_duty, waarborg.audit, waarborg.disposal,
    waarborg.segment TO waarborg_security;
GRANT EXECUTE ON FUNCTION
    waarborg.breach_open,
    waarborg.breach_amend,
    waarborg.breach_assess,
    waarborg.breach_notify,
    waarborg.breach_measure_add,
    waarborg.breach_timeline_add,
    waarborg.breach_attachment_add,
    waarborg.breach_close,
    waarborg.breach_reopen,
    waarborg.wft_switch,
    waarborg.affected_add,
    waarborg.affected_add_disposed,
    waarborg.affected_feed,
    waarborg.affected_told,
    waarborg.affected_exempt,
    waarborg.letters_prepare,
    waarborg.letters_start,
    waarborg.letters_not_started,
    waarborg.letters_done,
    waarborg.letter_returned,
    waarborg.reminder_claim,
    waarborg.reminder_take,
    waarborg.reminder_sent,
    waarborg.reminder_drop
    TO waarborg_security;

-- ---- waarborg_dpo: reads all, approves policies, places and releases holds ----------------------
GRANT SELECT ON ALL TABLES IN SCHEMA waarborg TO waarborg_dpo;
GRANT INSERT ON waarborg.approval, waarborg.verification TO waarborg_dpo;
GRANT INSERT, UPDATE ON waarborg.policy TO waarborg_dpo;
GRANT UPDATE (released_at, released_by, release_reason) ON waarborg.hold TO waarborg_dpo;
GRANT EXECUTE ON FUNCTION
    waarborg.hold_add,
    waarborg.archive_hold_add
    TO waarborg_dpo;

-- ---- waarborg_auditor: reports and evidence; no key of a customer, nothing written ---------------
GRANT SELECT ON waarborg.approval, waarborg.run, waarborg.segment, waarborg.segment_table,
    waarborg.chain, waarborg.disposal, waarborg.restore, waarborg.returned, waarborg.audit,
    waarborg.audit_head, waarborg.breach, waarborg.assessment, waarborg.breach_clock,
    waarborg.notification, waarborg.notification_breach, waarborg.affected_count, waarborg.letter,
    waarborg.measure, waarborg.timeline, waarborg.attachment, waarborg.reminder,
    waarborg.wft_undertaking, waarborg.code, waarborg.clock_limit, waarborg.form_question,
    waarborg.breach_number, waarborg.breach_clock_state, waarborg.breach_duty, waarborg.run_left,
    waarborg.verification TO waarborg_auditor;
GRANT SELECT (policy, state, rule, due_on, reason, since, last_tried, scan) ON waarborg.worklist
    TO waarborg_auditor;
GRANT SELECT (subject_table, hold_id, breach, reason) ON waarborg.standing_hold TO waarborg_auditor;
GRANT SELECT (id, subject_table, key_columns, reference, kind, reason, review_on, placed_at, placed_by,
              released_at, released_by, release_reason) ON waarborg.hold TO waarborg_auditor;
GRANT SELECT (id, breach_id, policy, subject_table, reference, state, added_at, told_at, channel,
              returned_at, exempt_because) ON waarborg.affected TO waarborg_auditor;
