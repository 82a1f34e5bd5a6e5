/* breach_parts: what the reports about breaches share (breaches.c: the register; breach.c: one
 * dossier): the fields of the sections that both have, codes, and the labels of the register's
 * codes.  Never logs. */
#pragma once

#include "jobs/report/report.h"

/* Code lists.  The states of a clock are those of `breach due` (clock_state.h), in words for
 * readers who do not know the program. */
extern const struct document_code breach_clock_states[];
extern const struct document_code breach_clock_names[];
extern const struct document_code breach_risks[];
extern const struct document_code breach_statuses[];

/* Fields of the statements of the same name, sql/report/breaches_*.sql.  The first of each is the
 * reference of the breach: a dossier, which is about one, begins at the second. */
extern const struct document_field breach_fact_fields[];
extern const struct document_field breach_decision_fields[];
extern const struct document_field breach_clock_fields[];
extern const struct document_field breach_notification_fields[];
extern const struct document_field breach_measure_fields[];

/* What a section shows, the same in both reports: macros, because a constant table is made of them.
 */
#define BREACH_FACTS_ABOUT                                                                       \
    {                                                                                            \
        "What happened, its effects and how the data were protected: every field of the "        \
        "register, as it stands now; those without a value are named, too. The old value "       \
        "and the reason of every change stand in the dossier of the breach.",                    \
            "Wat er gebeurde, de gevolgen en hoe de gegevens beveiligd waren: elk veld van het " \
            "register, zoals het nu luidt; die zonder waarde zijn ook genoemd. De "              \
            "oude waarde en de reden van elke wijziging staan in het dossier van het datalek."   \
    }
#define BREACH_DECISIONS_ABOUT                                                                   \
    {                                                                                            \
        "Every assessment, the earlier ones, too: how great the risk is, whether the AP and the" \
        " people are told, and why. The ENISA score is advice; people decide.",                  \
            "Elke beoordeling, ook de eerdere: hoe groot het risico is, of de AP en de "         \
            "betrokkenen "                                                                       \
            "worden geïnformeerd, en waarom. De ENISA-score is een advies; mensen beslissen."   \
    }
#define BREACH_CLOCKS_ABOUT                                                                        \
    {                                                                                              \
        "Each limit: when it began, when it ended, and when it was met. Where it was not met in "  \
        "time, by how much and the reasons stand beside it, if there are any. The limit for the "  \
        "AP is 72 hours from the moment of awareness, nights, weekends and public holidays "       \
        "included (GDPR art. 33(1)); of telling the customers the law says 'without undue "        \
        "delay' (art. 34(1)), and the limit is the organisation's own target, from the decision "  \
        "to tell them. A limit that has not begun has no moments.",                                \
            "Elke termijn: wanneer hij begon, wanneer hij afliep en wanneer eraan is voldaan. "    \
            "Waar dat niet op tijd was, staat ernaast hoeveel te laat en waarom, voor zover "      \
            "vastgelegd. De termijn voor de AP is 72 uur vanaf het moment van kennisname, "        \
            "nachten, weekenden en feestdagen inbegrepen (AVG art. 33 lid 1); van het informeren " \
            "van klanten zegt de wet 'onverwijld' (art. 34 lid 1), en is de termijn de eigen "     \
            "streeftermijn van de organisatie, vanaf het besluit om hen te informeren. Een "       \
            "termijn die niet is begonnen heeft geen tijdstippen."                                 \
    }
#define BREACH_NOTIFICATIONS_ABOUT                                                               \
    {                                                                                            \
        "What was sent to whom and when, letters to customers apart. A notification may be "     \
        "incomplete at first and be completed later (GDPR art. 33(4)). The register keeps what " \
        "was sent; the SHA-256 is its checksum.",                                                \
            "Wat aan wie is verzonden en wanneer, brieven aan klanten daargelaten. Een melding " \
            "mag eerst onvolledig zijn en later worden aangevuld (AVG art. 33 lid 4). Het "      \
            "register bewaart wat is verzonden; de SHA-256 is het controlegetal ervan."          \
    }
#define BREACH_MEASURES_ABOUT                                                                   \
    {                                                                                           \
        "What was done, or is to be done, to end the breach, to limit its effects and to "      \
        "prevent a repeat.",                                                                    \
            "Wat is gedaan, of nog gedaan wordt, om de inbreuk te beëindigen, de gevolgen te " \
            "beperken en herhaling te voorkomen."                                               \
    }

/* Sets the labels of the document: the lists of waarborg.code, and "field": the titles of
 * breach_fact_fields by their keys. */
MUST_CHECK bool breach_add_labels(struct report_request *r, struct error *err);
