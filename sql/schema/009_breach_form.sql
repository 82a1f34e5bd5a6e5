-- The questions of the form of an authority: data with a date from which they are valid.  A new form
-- is a new version with a later date; the newest one that is valid is the one that is answered.
--
-- Base: what is known of the form of the AP from 2018 on.  Right in meaning, not letter by letter.

-- A condition: nothing but names of answers.  "late": is yes, or holds something; "!late": the
-- opposite; "protection=PARTLY,YES": is one of these codes, or a list that holds one.
CREATE DOMAIN waarborg.form_condition AS text
    CHECK (VALUE ~ '^(always|never|!?[a-z][a-z0-9_]*|[a-z][a-z0-9_]*=[A-Z0-9_]+(,[A-Z0-9_]+)*)$');

CREATE TABLE waarborg.form_question (
    form        text NOT NULL CHECK (form ~ '^[a-z0-9_]+$'),
    version     text NOT NULL CHECK (btrim(version) <> ''),
    valid_from  timestamptz NOT NULL,
    position    integer NOT NULL,
    section     integer NOT NULL CHECK (section >= 0),
    section_en  text NOT NULL,
    section_nl  text NOT NULL,
    code        text NOT NULL CHECK (code ~ '^[A-Z0-9_]+$'),
    label_en    text NOT NULL,
    label_nl    text NOT NULL,
    note_en     text,
    note_nl     text,
    kind        text NOT NULL CHECK (kind IN ('text', 'number', 'yes_no', 'instant', 'code', 'codes',
                                              'words', 'measures', 'attachments', 'by_hand')),
    source      text CHECK (source ~ '^[a-z][a-z0-9_]*$'),
    code_list   text,
    code_prefix text,
    mandatory   waarborg.form_condition NOT NULL,
    mend        text,
    PRIMARY KEY (form, version, code),
    UNIQUE (form, version, position),
    CHECK ((kind = 'by_hand') = (source IS NULL)),
    CHECK ((kind IN ('code', 'codes', 'measures')) = (code_list IS NOT NULL)),
    CHECK (code_prefix IS NULL OR kind = 'codes'),
    CHECK ((note_en IS NULL) = (note_nl IS NULL))
);
COMMENT ON COLUMN waarborg.form_question.valid_from IS 'The same in all rows of a version';
COMMENT ON COLUMN waarborg.form_question.position IS 'The order of the form';
COMMENT ON COLUMN waarborg.form_question.source IS
    'A column of waarborg.breach, or an answer that the program derives (sql/breach/show_draft.sql)';
COMMENT ON COLUMN waarborg.form_question.code_prefix IS 'Only the codes that begin so: one block of a list';
COMMENT ON COLUMN waarborg.form_question.mandatory IS 'always, never, or when this holds';
COMMENT ON COLUMN waarborg.form_question.mend IS
    'What gives the answer, {breach} being the reference; NULL: breach amend with its field';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waarborg.form_question
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change();
ALTER TABLE waarborg.form_question ENABLE ALWAYS TRIGGER append_only;

-- Answers that follow from the register instead of being filled in.
INSERT INTO waarborg.code (list, position, code, label_en, label_nl) VALUES
    ('notice_kind', 1, 'NEW', 'new notification', 'nieuwe melding'),
    ('notice_kind', 2, 'ADDITION', 'addition to or change of an earlier notification', 'aanvulling op of wijziging van een eerdere melding'),
    ('notice_kind', 3, 'WITHDRAWAL', 'withdrawal of an earlier notification', 'intrekking van een eerdere melding'),
    ('completeness', 1, 'COMPLETE', 'complete', 'volledig'),
    ('completeness', 2, 'PRELIMINARY', 'preliminary: an addition follows', 'voorlopig: een aanvulling volgt'),
    ('people_informed', 1, 'YES', 'yes', 'ja'),
    ('people_informed', 2, 'PLANNED', 'not yet, but they will be', 'nog niet, maar dat gaat gebeuren'),
    ('people_informed', 3, 'NO', 'no', 'nee'),
    ('people_informed', 4, 'UNKNOWN', 'not known yet', 'nog niet bekend'),
    ('not_informed', 1, 'UNINTELLIGIBLE', 'the data are unintelligible or not accessible (encryption)', 'de gegevens zijn onbegrijpelijk of ontoegankelijk (versleuteling)'),
    ('not_informed', 2, 'MEASURES_TAKEN', 'measures taken afterwards took the high risk away', 'maatregelen achteraf hebben het hoge risico weggenomen'),
    ('not_informed', 3, 'DISPROPORTIONATE', 'it would take disproportionate effort', 'het zou onevenredige inspanning vergen'),
    ('not_informed', 4, 'NO_HIGH_RISK', 'there is no high risk', 'er is geen hoog risico'),
    ('not_informed', 5, 'OTHER', 'other: financial undertaking (art. 42 UAVG)', 'anders: financiële onderneming (art. 42 UAVG)');

INSERT INTO waarborg.form_question (form, version, valid_from, position, section, section_en, section_nl,
    code, label_en, label_nl, kind, source, code_list, code_prefix, mandatory, mend, note_en, note_nl)
SELECT 'ap', '2018', '2018-05-25 00:00+02', q.position * 10, q.section, s.label_en, s.label_nl,
       q.code, q.label_en, q.label_nl, q.kind, q.source, q.code_list, q.code_prefix, q.mandatory, q.mend,
       q.note_en, q.note_nl
  FROM (SELECT (row_number() OVER ())::integer AS position, v.* FROM (VALUES
    (0, 'LEGAL_BASIS', 'Legal basis of the notification', 'Wettelijke grondslag van de melding', 'code', 'legal_basis', 'legal_basis', NULL, 'always', NULL, NULL, NULL),
    (0, 'NOTICE_KIND', 'Kind of notification', 'Soort melding', 'code', 'notice_kind', 'notice_kind', NULL, 'always', NULL, NULL, NULL),
    (0, 'EARLIER_NUMBER', 'Number of the earlier notification', 'Nummer van de eerdere melding', 'text', 'earlier_number', NULL, NULL, 'earlier_notice',
        'waarborg breach notify {breach} ap --kind follow-up --number ... --sent ...', 'The AP gives it at once after sending; it goes into all later mail.', 'De AP geeft dit direct na verzending; vermeld het in alle latere post.'),
    (0, 'WITHDRAWAL_REASON', 'Reason for the withdrawal', 'Reden van de intrekking', 'text', 'withdrawal_reason', NULL, NULL, 'notice_kind=WITHDRAWAL', 'waarborg breach notify {breach} ap --kind withdrawal', NULL, NULL),
    (0, 'COMPLETENESS', 'Complete or preliminary', 'Volledig of voorlopig', 'code', 'completeness', 'completeness', NULL, 'always', NULL,
        'A preliminary notification in time meets the limit; send the rest without undue further delay (GDPR art. 33(4)).', 'Een voorlopige melding op tijd haalt de termijn; stuur de rest zonder onredelijke verdere vertraging (art. 33 lid 4 AVG).'),

    (1, 'ORGANISATION_NAME', 'Name of the organisation', 'Naam van de organisatie', 'text', 'organisation_name', NULL, NULL, 'always', 'organisation.name in the configuration', NULL, NULL),
    (1, 'ORGANISATION_ADDRESS', 'Address', 'Adres', 'by_hand', NULL, NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'ORGANISATION_POSTCODE', 'Postcode', 'Postcode', 'by_hand', NULL, NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'ORGANISATION_PLACE', 'Place', 'Plaats', 'by_hand', NULL, NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'ORGANISATION_REGISTRATION', 'Number in the trade register (KvK)', 'KvK-nummer', 'text', 'organisation_registration', NULL, NULL, 'always', 'organisation.registration in the configuration', NULL, NULL),
    (1, 'ORGANISATION_SECTOR', 'Sector', 'Sector', 'by_hand', NULL, NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'DPO_NUMBER', 'Number under which the data protection officer is registered', 'FG-nummer (aanmelding van de functionaris gegevensbescherming)', 'by_hand', NULL, NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'ORGANISATION_PART', 'Entity or part of the organisation concerned', 'Betrokken entiteit of onderdeel van de organisatie', 'text', 'organisation_part', NULL, NULL, 'never', NULL, NULL, NULL),
    (1, 'REPORTER_NAME', 'Who reports: name', 'Melder: naam', 'text', 'reporter_name', NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'REPORTER_FUNCTION', 'Who reports: function', 'Melder: functie', 'text', 'reporter_function', NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'REPORTER_PHONE', 'Who reports: telephone', 'Melder: telefoonnummer', 'text', 'reporter_phone', NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'REPORTER_EMAIL', 'Who reports: e-mail', 'Melder: e-mailadres', 'text', 'reporter_email', NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'CONTACT_NAME', 'Contact person: name', 'Contactpersoon: naam', 'text', 'contact_name', NULL, NULL, 'always', NULL,
        'Unless another one is registered: the data protection officer of the configuration, or else who reports.', 'Tenzij een ander is opgegeven: de functionaris gegevensbescherming uit de configuratie, of anders de melder.'),
    (1, 'CONTACT_FUNCTION', 'Contact person: function', 'Contactpersoon: functie', 'text', 'contact_function', NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'CONTACT_PHONE', 'Contact person: telephone', 'Contactpersoon: telefoonnummer', 'text', 'contact_phone', NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'CONTACT_EMAIL', 'Contact person: e-mail', 'Contactpersoon: e-mailadres', 'text', 'contact_email', NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'OTHERS_INVOLVED', 'Is another organisation involved?', 'Is een andere organisatie betrokken?', 'yes_no', 'others_involved', NULL, NULL, 'always', NULL, NULL, NULL),
    (1, 'PROCESSOR_NAME', 'Processor: name', 'Verwerker: naam', 'text', 'processor_name', NULL, NULL, 'never', NULL, NULL, NULL),
    (1, 'OTHER_CONTROLLERS', 'Other controllers: name and role', 'Andere verwerkingsverantwoordelijken: naam en rol', 'text', 'other_controllers', NULL, NULL, 'never', NULL, NULL, NULL),

    (2, 'OCCURRED_FROM', 'When the breach took place, or began', 'Wanneer de inbreuk plaatsvond of begon', 'instant', 'occurred_from', NULL, NULL, '!occurred_unknown', NULL, NULL, NULL),
    (2, 'OCCURRED_TO', 'When it ended', 'Wanneer de inbreuk eindigde', 'instant', 'occurred_to', NULL, NULL, 'never', NULL, NULL, NULL),
    (2, 'OCCURRED_UNKNOWN', 'The time of the breach is not known', 'Het moment van de inbreuk is niet bekend', 'yes_no', 'occurred_unknown', NULL, NULL, 'always', NULL, NULL, NULL),
    (2, 'ONGOING', 'Is the breach still going on?', 'Duurt de inbreuk nog voort?', 'code', 'ongoing', 'ongoing', NULL, 'always', NULL, NULL, NULL),
    (2, 'DISCOVERED_AT', 'When the breach was discovered', 'Wanneer de inbreuk is ontdekt', 'instant', 'discovered_at', NULL, NULL, 'always', NULL, NULL, NULL),
    (2, 'DISCOVERED_HOW', 'How the breach was discovered', 'Hoe de inbreuk is ontdekt', 'text', 'discovered_how', NULL, NULL, 'always', NULL, NULL, NULL),
    (2, 'DELAY_REASON', 'Reason for notifying after the limit', 'Reden van melding na de termijn', 'text', 'delay_reason', NULL, NULL, 'late', NULL,
        'Only when sent after the limit (GDPR art. 33(1)).  A weekend, a holiday or illness is not accepted.', 'Alleen bij melding na de termijn (art. 33 lid 1 AVG).  Weekend, vakantie of ziekte wordt niet aanvaard.'),

    (3, 'WHAT_HAPPENED', 'Summary of what happened', 'Samenvatting van wat er is gebeurd', 'text', 'what_happened', NULL, NULL, 'always', NULL, NULL, NULL),
    (3, 'NATURE', 'Nature of the breach', 'Aard van de inbreuk', 'codes', 'nature', 'nature', NULL, 'always', NULL, NULL, NULL),
    (3, 'INCIDENT_TYPE', 'Type of incident', 'Type incident', 'code', 'incident_type', 'incident_type', NULL, 'always', NULL, NULL, NULL),
    (3, 'CAUSE', 'Cause', 'Oorzaak', 'code', 'cause', 'cause', NULL, 'always', NULL, NULL, NULL),

    (4, 'DATA_ORDINARY', 'Ordinary personal data', 'Gewone persoonsgegevens', 'codes', 'data_ordinary', 'data_ordinary', NULL, '!data_special', NULL, NULL, NULL),
    (4, 'DATA_SPECIAL', 'Special categories of personal data', 'Bijzondere persoonsgegevens', 'codes', 'data_special', 'data_special', NULL, 'never', NULL, NULL, NULL),
    (4, 'DATA_DESCRIPTION', 'Description of the data', 'Omschrijving van de gegevens', 'text', 'data_description', NULL, NULL, 'data_ordinary=OTHER', NULL, NULL, NULL),
    (4, 'RECORDS_MIN', 'Number of data records, at least', 'Aantal gegevensrecords, minimaal', 'number', 'records_min', NULL, NULL, 'always', NULL, NULL, NULL),
    (4, 'RECORDS_MAX', 'Number of data records, at most', 'Aantal gegevensrecords, maximaal', 'number', 'records_max', NULL, NULL, 'always', NULL, NULL, NULL),

    (5, 'PEOPLE_GROUPS', 'Groups of people', 'Groepen betrokkenen', 'codes', 'people_groups', 'people_groups', NULL, 'always', NULL, NULL, NULL),
    (5, 'PEOPLE_DESCRIPTION', 'Description of the people', 'Omschrijving van de betrokkenen', 'text', 'people_description', NULL, NULL, 'people_groups=OTHER', NULL, NULL, NULL),
    (5, 'PERSONS_MIN', 'Number of persons, at least', 'Aantal personen, minimaal', 'number', 'persons_min', NULL, NULL, 'always', NULL, NULL, NULL),
    (5, 'PERSONS_MAX', 'Number of persons, at most', 'Aantal personen, maximaal', 'number', 'persons_max', NULL, NULL, 'always', NULL, NULL, NULL),

    (6, 'PROTECTION', 'Were the data encrypted, hashed or otherwise unintelligible?', 'Waren de gegevens versleuteld, gehasht of anderszins onbegrijpelijk?', 'code', 'protection', 'protection', NULL, 'always', NULL, NULL, NULL),
    (6, 'PROTECTION_HOW', 'How they were protected', 'Hoe ze waren beschermd', 'text', 'protection_how', NULL, NULL, 'protection=PARTLY,YES', NULL, NULL, NULL),

    (7, 'CONSEQUENCES_CONFIDENTIALITY', 'Consequences for confidentiality', 'Gevolgen voor de vertrouwelijkheid', 'codes', 'consequences', 'consequences', 'CONF_', 'nature=CONFIDENTIALITY', NULL, NULL, NULL),
    (7, 'CONSEQUENCES_INTEGRITY', 'Consequences for integrity', 'Gevolgen voor de integriteit', 'codes', 'consequences', 'consequences', 'INT_', 'nature=INTEGRITY', NULL, NULL, NULL),
    (7, 'CONSEQUENCES_AVAILABILITY', 'Consequences for availability', 'Gevolgen voor de beschikbaarheid', 'codes', 'consequences', 'consequences', 'AVAIL_', 'nature=AVAILABILITY', NULL, NULL, NULL),
    (7, 'HARM', 'Physical, material or non-material harm to the people', 'Lichamelijke, materiële of immateriële schade voor de betrokkenen', 'codes', 'harm', 'harm', NULL, 'always', NULL, NULL, NULL),
    (7, 'CONSEQUENCES_DESCRIPTION', 'Description of the consequences', 'Omschrijving van de gevolgen', 'text', 'consequences_description', NULL, NULL, 'harm=OTHER', NULL, NULL, NULL),
    (7, 'SEVERITY', 'Estimate of the severity', 'Inschatting van de ernst', 'code', 'severity', 'severity', NULL, 'always', NULL, NULL, NULL),

    (8, 'PEOPLE_INFORMED', 'Have the people been informed?', 'Zijn de betrokkenen geïnformeerd?', 'code', 'people_informed', 'people_informed', NULL, 'always', NULL, NULL, NULL),
    (8, 'INFORMED_NUMBER', 'How many have been informed', 'Hoeveel betrokkenen zijn geïnformeerd', 'number', 'informed_number', NULL, NULL, 'people_informed=YES', 'waarborg breach affected {breach} --told --all --channel ... --at ...', NULL, NULL),
    (8, 'INFORMED_LEFT', 'How many are still to be informed', 'Hoeveel betrokkenen nog geïnformeerd worden', 'number', 'informed_left', NULL, NULL, 'never', NULL, NULL, NULL),
    (8, 'INFORMED_FIRST', 'When the first were informed', 'Wanneer de eersten zijn geïnformeerd', 'instant', 'informed_first', NULL, NULL, 'people_informed=YES', 'waarborg breach affected {breach} --told --all --channel ... --at ...', NULL, NULL),
    (8, 'INFORMED_CHANNEL', 'By which channel', 'Via welk kanaal', 'words', 'informed_channel', NULL, NULL, 'people_informed=YES', 'waarborg breach affected {breach} --told --all --channel ... --at ...', NULL, NULL),
    (8, 'INFORMED_TEXT', 'What they were, or will be, told', 'Wat hun is of wordt meegedeeld', 'text', 'summary', NULL, NULL, 'people_informed=YES', 'waarborg breach amend {breach} --set summary_nl=... --because ...', NULL, NULL),
    (8, 'INFORMED_ADVICE', 'What they were, or will be, advised to do', 'Welk advies zij krijgen of kregen', 'text', 'advice', NULL, NULL, 'never', NULL, NULL, NULL),
    (8, 'INFORMED_PLANNED', 'When they will be informed, at the latest', 'Wanneer zij uiterlijk worden geïnformeerd', 'instant', 'informed_planned', NULL, NULL, 'never', NULL, NULL, NULL),
    (8, 'NOT_INFORMED_WHY', 'Why they are not informed', 'Waarom zij niet worden geïnformeerd', 'code', 'not_informed', 'not_informed', NULL, 'people_informed=NO', 'waarborg breach assess {breach} --customers no --customers-because ...', NULL, NULL),
    (8, 'NOT_INFORMED_EXPLANATION', 'Explanation', 'Toelichting', 'text', 'not_informed_explanation', NULL, NULL, 'people_informed=NO', 'waarborg breach assess {breach} --customers no --customers-because ...', NULL, NULL),
    (8, 'PUBLIC_COMMUNICATION', 'Public communication: where', 'Openbare mededeling: waar', 'text', 'public_where', NULL, NULL, 'not_informed=DISPROPORTIONATE', 'waarborg breach assess {breach} --ground c --public-where ... --public-at ...', NULL, NULL),
    (8, 'PUBLIC_AT', 'Public communication: when', 'Openbare mededeling: wanneer', 'instant', 'public_at', NULL, NULL, 'not_informed=DISPROPORTIONATE', 'waarborg breach assess {breach} --ground c --public-where ... --public-at ...', NULL, NULL),
    (8, 'MEASURES_TAKEN', 'Measures taken to end the breach, limit its effects and prevent a repeat', 'Getroffen maatregelen om de inbreuk te beëindigen, de gevolgen te beperken en herhaling te voorkomen', 'measures', 'measures_taken', 'measure_type', NULL, '!measures_proposed', 'waarborg breach amend {breach} --measure "repair taken: ..." --because ...', NULL, NULL),
    (8, 'MEASURES_PROPOSED', 'Measures proposed', 'Voorgenomen maatregelen', 'measures', 'measures_proposed', 'measure_type', NULL, 'never', NULL, NULL, NULL),
    (8, 'CROSS_BORDER', 'Is it cross-border processing, or are people in other EU states concerned?', 'Is er grensoverschrijdende verwerking, of zijn er betrokkenen in andere EU-landen?', 'yes_no', 'cross_border', NULL, NULL, 'always', NULL, NULL, NULL),
    (8, 'COUNTRIES', 'In which countries', 'In welke landen', 'words', 'countries', NULL, NULL, 'cross_border', NULL, NULL, NULL),
    (8, 'OTHER_AUTHORITIES', 'Other authorities that were notified', 'Andere toezichthouders waaraan is gemeld', 'text', 'other_authorities', NULL, NULL, 'never', NULL, NULL, NULL),
    (8, 'LEAD_AUTHORITY', 'Lead authority', 'Leidende toezichthouder', 'by_hand', NULL, NULL, NULL, 'cross_border', NULL, NULL, NULL),

    (9, 'REMARKS', 'Remarks', 'Opmerkingen', 'text', 'remarks', NULL, NULL, 'never', NULL, NULL, NULL),
    (9, 'ATTACHMENTS', 'Attachments', 'Bijlagen', 'attachments', 'attachments', NULL, NULL, 'never', NULL,
        'Attachments hold no personal data of the people concerned: black it out before you send them.', 'Bijlagen bevatten geen persoonsgegevens van betrokkenen: lak die weg voordat u ze meestuurt.')
    ) AS v (section, code, label_en, label_nl, kind, source, code_list, code_prefix, mandatory, mend, note_en, note_nl)) AS q
  JOIN (VALUES (0, 'About this notification', 'Over deze melding'),
               (1, 'Organisation and contact', 'Organisatie en contactgegevens'),
               (2, 'Timeline', 'Tijdlijn'),
               (3, 'The breach', 'De inbreuk'),
               (4, 'The data', 'De gegevens'),
               (5, 'The people', 'De betrokkenen'),
               (6, 'Measures before the breach', 'Maatregelen vóór de inbreuk'),
               (7, 'Consequences', 'Gevolgen'),
               (8, 'Follow-up', 'Vervolgacties'),
               (9, 'Other', 'Overig')) AS s (section, label_en, label_nl) USING (section);

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON waarborg.form_question
    FOR EACH ROW EXECUTE FUNCTION waarborg.audit_row('code');
ALTER TABLE waarborg.form_question ENABLE ALWAYS TRIGGER audit;
