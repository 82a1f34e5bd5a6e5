/* retention_policies: the policies, and whether what was approved is what there is now.  A section
 * of retention and of schedule.  Asks the catalogue only: neither a right on a customer table nor
 * one of the job is needed. */
#pragma once

#include "jobs/report/report.h"
#include "jobs/retention/graph.h"

extern const struct document_field retention_policy_fields[];

MUST_CHECK bool retention_policies_fill(struct report_request *r, json_t **ret_rows,
                                        struct error *err);

/* Of a list of sections: strings by value, so that both lists stay constant. */
#define RETENTION_POLICIES_SECTION                                                   \
    {                                                                                \
        .shape = {.key = "policies",                                                 \
                  .title = {"Policies and their approval", "Beleid en goedkeuring"}, \
                  .about = {RETENTION_POLICIES_EN, RETENTION_POLICIES_NL},           \
                  .empty = {"There is no policy.", "Er is geen beleid."},            \
                  .kind = DOCUMENT_TABLE,                                            \
                  .fields = retention_policy_fields},                                \
        .fill = retention_policies_fill                                              \
    }
#define RETENTION_POLICIES_EN                                                                      \
    "A policy says how long data of which subjects are kept.  Somebody approves it together with " \
    "the tables it meets; the fingerprint is of both.  The state compares the last approval with " \
    "configuration and database of the day this report was made; after any change nothing is "     \
    "disposed of until somebody approves again."
#define RETENTION_POLICIES_NL                                                                    \
    "Een beleid zegt hoe lang gegevens van welke betrokkenen worden bewaard.  Iemand keurt het " \
    "goed samen met de tabellen waarop het slaat; de vingerafdruk is van beide.  De stand "      \
    "vergelijkt de laatste goedkeuring met configuratie en database van de dag waarop dit "      \
    "rapport is gemaakt; na elke wijziging wordt niets verwijderd tot iemand opnieuw goedkeurt."
