-- What a notification may say: codes, questions and limits.  Data with a date from which it is valid,
-- because the law and the form of the authority change; a change is a new row, never an edit.

CREATE TABLE waarborg.code (
    list        text NOT NULL,
    code        text NOT NULL CHECK (code ~ '^[A-Z0-9_]+$'),
    position    integer NOT NULL,
    label_en    text NOT NULL,
    label_nl    text NOT NULL,
    ap_code     text,
    edpb_code   text,
    valid_from  date NOT NULL DEFAULT '2018-05-25',
    valid_until date,
    PRIMARY KEY (list, code),
    CHECK (valid_until > valid_from)
);
COMMENT ON COLUMN waarborg.code.ap_code IS 'As the form of the AP has it; NULL: the code itself';
COMMENT ON COLUMN waarborg.code.edpb_code IS
    'As the common European form will have it (draft of June 2026); NULL until it is in force';

INSERT INTO waarborg.code (list, position, code, label_en, label_nl) VALUES
    ('legal_basis', 1, 'AVG', 'GDPR', 'AVG'),
    ('legal_basis', 2, 'WPG', 'Police Data Act (Wpg)', 'Wet politiegegevens (Wpg)'),
    ('legal_basis', 3, 'WJSG', 'Judicial Data Act (Wjsg)', 'Wet justitiële en strafvorderlijke gegevens (Wjsg)'),
    ('legal_basis', 4, 'TW', 'Telecommunications Act', 'Telecommunicatiewet'),
    ('nature', 1, 'CONFIDENTIALITY', 'confidentiality: seen by who should not', 'vertrouwelijkheid: ingezien door wie dat niet mocht'),
    ('nature', 2, 'INTEGRITY', 'integrity: changed', 'integriteit: gewijzigd'),
    ('nature', 3, 'AVAILABILITY', 'availability: lost or out of reach', 'beschikbaarheid: verloren of onbereikbaar'),
    ('incident_type', 1, 'DEVICE_OR_PAPER_LOST_STOLEN', 'device, data carrier or paper lost or stolen', 'apparaat, gegevensdrager of papier kwijtgeraakt of gestolen'),
    ('incident_type', 2, 'POST_LOST_OR_RETURNED_OPEN', 'letter or parcel lost, or returned open', 'brief of pakket kwijtgeraakt of geopend retour ontvangen'),
    ('incident_type', 3, 'HACK_MALWARE_PHISHING_RANSOMWARE', 'hacking, malware, phishing: ransomware', 'hacking, malware, phishing: gijzelsoftware'),
    ('incident_type', 4, 'HACK_MALWARE_PHISHING_PHISHING', 'hacking, malware, phishing: phishing', 'hacking, malware, phishing: phishing'),
    ('incident_type', 5, 'HACK_MALWARE_PHISHING', 'hacking, malware, phishing: other', 'hacking, malware, phishing: anders'),
    ('incident_type', 6, 'PAPER_NOT_DESTROYED', 'paper in the dustbin instead of the shredder', 'papier bij het oud papier in plaats van vernietigd'),
    ('incident_type', 7, 'DATA_ON_DISCARDED_DEVICE', 'personal data still on a discarded device', 'persoonsgegevens nog aanwezig op afgedankt apparaat'),
    ('incident_type', 8, 'ACCIDENTALLY_PUBLISHED', 'published by accident', 'per ongeluk gepubliceerd'),
    ('incident_type', 9, 'WRONG_CUSTOMER_IN_PORTAL', 'data of the wrong customer shown in the portal', 'gegevens van de verkeerde klant getoond in het portaal'),
    ('incident_type', 10, 'SENT_TO_WRONG_RECIPIENT', 'sent or handed to the wrong recipient', 'verstuurd of afgegeven aan de verkeerde ontvanger'),
    ('incident_type', 11, 'TO_CC_INSTEAD_OF_BCC', 'addresses in To or Cc instead of Bcc', 'adressen in Aan of CC in plaats van BCC'),
    ('incident_type', 12, 'ADDED_TO_WRONG_FILE', 'data added to the wrong file', 'gegevens in het verkeerde dossier'),
    ('incident_type', 13, 'UNAUTHORISED_INTERNAL_ACCESS', 'looked at by staff without need', 'onbevoegd ingezien door een medewerker'),
    ('incident_type', 14, 'OTHER', 'other', 'anders'),
    ('cause', 1, 'INTERNAL_UNINTENTIONAL', 'internal, unintentional', 'intern, onopzettelijk'),
    ('cause', 2, 'INTERNAL_INTENTIONAL', 'internal, intentional', 'intern, opzettelijk'),
    ('cause', 3, 'EXTERNAL_UNINTENTIONAL', 'external, unintentional', 'extern, onopzettelijk'),
    ('cause', 4, 'EXTERNAL_INTENTIONAL', 'external, intentional', 'extern, opzettelijk'),
    ('cause', 5, 'UNKNOWN', 'not known (yet)', '(nog) niet bekend'),
    ('data_ordinary', 1, 'NAME', 'name', 'naam'),
    ('data_ordinary', 2, 'SEX', 'sex', 'geslacht'),
    ('data_ordinary', 3, 'BIRTH', 'date of birth or age', 'geboortedatum of leeftijd'),
    ('data_ordinary', 4, 'BSN', 'citizen service number (BSN)', 'burgerservicenummer (BSN)'),
    ('data_ordinary', 5, 'CONTACT', 'address, place, e-mail, telephone', 'adres, woonplaats, e-mail, telefoon'),
    ('data_ordinary', 6, 'ACCESS', 'user name, password, customer number', 'gebruikersnaam, wachtwoord, klantnummer'),
    ('data_ordinary', 7, 'FINANCIAL', 'account or card number, income', 'rekening- of kaartnummer, inkomen'),
    ('data_ordinary', 8, 'ID_COPY', 'copy of passport or identity card', 'kopie paspoort of identiteitsbewijs'),
    ('data_ordinary', 9, 'LOCATION', 'location', 'locatie'),
    ('data_ordinary', 10, 'CRIMINAL', 'criminal data', 'strafrechtelijke gegevens'),
    ('data_ordinary', 11, 'OTHER', 'other', 'anders'),
    ('data_ordinary', 12, 'UNKNOWN', 'not known (yet)', '(nog) niet bekend'),
    ('data_special', 1, 'ETHNIC', 'race or ethnic origin', 'ras of etnische afkomst'),
    ('data_special', 2, 'POLITICAL', 'political opinions', 'politieke opvattingen'),
    ('data_special', 3, 'RELIGION', 'religion or belief', 'godsdienst of levensovertuiging'),
    ('data_special', 4, 'UNION', 'trade-union membership', 'lidmaatschap van een vakbond'),
    ('data_special', 5, 'GENETIC', 'genetic data', 'genetische gegevens'),
    ('data_special', 6, 'BIOMETRIC', 'biometric data for identification', 'biometrische gegevens voor identificatie'),
    ('data_special', 7, 'HEALTH', 'health', 'gezondheid'),
    ('data_special', 8, 'SEXUAL', 'sex life or orientation', 'seksueel gedrag of gerichtheid'),
    ('people_groups', 1, 'EMPLOYEES', 'employees', 'werknemers'),
    ('people_groups', 2, 'USERS', 'users', 'gebruikers'),
    ('people_groups', 3, 'CUSTOMERS', 'customers, current or prospective', 'klanten, huidige of potentiële'),
    ('people_groups', 4, 'SUBSCRIBERS', 'subscribers', 'abonnees'),
    ('people_groups', 5, 'STUDENTS', 'pupils or students', 'leerlingen of studenten'),
    ('people_groups', 6, 'PATIENTS', 'patients', 'patiënten'),
    ('people_groups', 7, 'MINORS', 'minors', 'minderjarigen'),
    ('people_groups', 8, 'VULNERABLE', 'vulnerable people', 'kwetsbare personen'),
    ('people_groups', 9, 'OTHER', 'other', 'anders'),
    ('people_groups', 10, 'UNKNOWN', 'not known (yet)', '(nog) niet bekend'),
    ('protection', 1, 'NO', 'no', 'nee'),
    ('protection', 2, 'PARTLY', 'partly', 'deels'),
    ('protection', 3, 'YES', 'yes', 'ja'),
    ('consequences', 1, 'CONF_WIDER', 'data spread wider than needed', 'gegevens verder verspreid dan nodig'),
    ('consequences', 2, 'CONF_LINKED', 'data may be linked to other data', 'gegevens kunnen worden gekoppeld aan andere gegevens'),
    ('consequences', 3, 'CONF_MISUSED', 'data may be used for another purpose', 'gegevens kunnen voor een ander doel worden gebruikt'),
    ('consequences', 4, 'INT_USED', 'data changed and used', 'gegevens gewijzigd en gebruikt'),
    ('consequences', 5, 'INT_DECISION', 'decisions on wrong data', 'beslissingen op onjuiste gegevens'),
    ('consequences', 6, 'AVAIL_LOST', 'service cannot be delivered', 'dienst kan niet worden geleverd'),
    ('consequences', 7, 'AVAIL_DELAY', 'service is delayed', 'dienst loopt vertraging op'),
    ('harm', 1, 'CONTROL_LOST', 'loss of control over one''s data', 'verlies van controle over de eigen gegevens'),
    ('harm', 2, 'RIGHTS_LIMITED', 'rights limited', 'beperking van rechten'),
    ('harm', 3, 'DISCRIMINATION', 'discrimination', 'discriminatie'),
    ('harm', 4, 'IDENTITY_FRAUD', 'identity theft or fraud', 'identiteitsdiefstal of -fraude'),
    ('harm', 5, 'FINANCIAL_LOSS', 'financial loss', 'financieel verlies'),
    ('harm', 6, 'PSEUDONYM_UNDONE', 'pseudonymisation undone', 'pseudonimisering ongedaan gemaakt'),
    ('harm', 7, 'REPUTATION', 'damage to reputation', 'reputatieschade'),
    ('harm', 8, 'SECRECY_LOST', 'loss of professional secrecy', 'verlies van beroepsgeheim'),
    ('harm', 9, 'OTHER', 'other economic or social disadvantage', 'ander economisch of maatschappelijk nadeel'),
    ('severity', 1, 'NEGLIGIBLE', 'negligible', 'verwaarloosbaar'),
    ('severity', 2, 'LIMITED', 'limited', 'beperkt'),
    ('severity', 3, 'SIGNIFICANT', 'significant', 'aanzienlijk'),
    ('severity', 4, 'MAXIMUM', 'maximum', 'maximaal'),
    ('ongoing', 1, 'YES', 'yes', 'ja'),
    ('ongoing', 2, 'NO', 'no', 'nee'),
    ('ongoing', 3, 'UNKNOWN', 'not known (yet)', '(nog) niet bekend'),
    ('exempt_ground', 1, 'A', 'the data are unintelligible, art. 34(3)(a)', 'de gegevens zijn onbegrijpelijk, art. 34 lid 3 onder a'),
    ('exempt_ground', 2, 'B', 'later measures took the high risk away, art. 34(3)(b)', 'maatregelen achteraf namen het hoge risico weg, art. 34 lid 3 onder b'),
    ('exempt_ground', 3, 'C', 'disproportionate effort, made public instead, art. 34(3)(c)', 'onevenredige inspanning, in plaats daarvan openbaar gemaakt, art. 34 lid 3 onder c'),
    ('exempt_ground', 4, 'WFT', 'financial undertaking under the Wft, art. 42 UAVG', 'financiële onderneming als bedoeld in de Wft, art. 42 UAVG'),
    ('measure_type', 1, 'REPAIR', 'to end the breach', 'om de inbreuk te beëindigen'),
    ('measure_type', 2, 'MITIGATE', 'to limit its effects', 'om de gevolgen te beperken'),
    ('measure_type', 3, 'PREVENT', 'to prevent a repeat', 'om herhaling te voorkomen');

-- A limit holds for the breaches of which the organisation became aware from valid_from on.
CREATE TABLE waarborg.clock_limit (
    clock      text NOT NULL,
    regime     text NOT NULL CHECK (regime IN ('gdpr', 'nis2', 'dora')),
    starts     text NOT NULL CHECK (starts IN ('aware', 'nis2_aware', 'nis2_notified', 'dora_classified',
                                               'dora_initial', 'dora_intermediate')),
    hours      integer CHECK (hours > 0),
    months     integer CHECK (months > 0),
    cap_hours  integer CHECK (cap_hours > 0),
    source     text NOT NULL,
    valid_from timestamptz NOT NULL,
    PRIMARY KEY (clock, valid_from),
    CHECK ((hours IS NULL) <> (months IS NULL))
);
COMMENT ON COLUMN waarborg.clock_limit.hours IS 'Absolute hours: nights, weekends and holidays count';
COMMENT ON COLUMN waarborg.clock_limit.months IS 'Calendar months, the last day of a shorter month';
COMMENT ON COLUMN waarborg.clock_limit.cap_hours IS
    'And no later than so many hours after aware, unless the clock itself starts later than that';
INSERT INTO waarborg.clock_limit (clock, regime, starts, hours, months, cap_hours, source, valid_from) VALUES
    ('ap', 'gdpr', 'aware', 72, NULL, NULL, 'GDPR art. 33(1)', '2018-05-25 00:00+02'),
    ('nis2_warning', 'nis2', 'nis2_aware', 24, NULL, NULL, 'NIS2 art. 23(4)(a); Cbw', '2026-08-15 00:00+02'),
    ('nis2_notification', 'nis2', 'nis2_aware', 72, NULL, NULL, 'NIS2 art. 23(4)(b); Cbw', '2026-08-15 00:00+02'),
    ('nis2_final', 'nis2', 'nis2_notified', NULL, 1, NULL, 'NIS2 art. 23(4)(d); Cbw', '2026-08-15 00:00+02'),
    ('dora_initial', 'dora', 'dora_classified', 4, NULL, 24, 'DORA art. 19; RTS (EU) 2025/301 art. 5(1)(a)', '2025-01-17 00:00+01'),
    ('dora_intermediate', 'dora', 'dora_initial', 72, NULL, NULL, 'DORA art. 19; RTS (EU) 2025/301 art. 5(1)(b)', '2025-01-17 00:00+01'),
    ('dora_final', 'dora', 'dora_intermediate', NULL, 1, NULL, 'DORA art. 19; RTS (EU) 2025/301 art. 5(1)(c)', '2025-01-17 00:00+01');

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waarborg.clock_limit
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change();
ALTER TABLE waarborg.clock_limit ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON waarborg.clock_limit
    FOR EACH ROW EXECUTE FUNCTION waarborg.audit_row('clock');
ALTER TABLE waarborg.clock_limit ENABLE ALWAYS TRIGGER audit;
