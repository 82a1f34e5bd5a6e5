/* show: the screen of `breach show`, and the same as JSON.  Used by breach_show.c; never logs.
 *
 * The JSON document; instants are ISO 8601 with offset, what is not there is null or an empty
 * array: breach         the fields of the register under their names, with reference, version,
 *                  registered_at, registered_by, first_aware_at, closed_at, closed_because
 *   clocks         as clock_view.h says        duties   as duty.h says
 *   assessments    {id, assessed_at, recorded_at, assessed_by, risk, ap_duty, notify_ap,
 *                  notify_customers, because, ap_because, customers_because, exempt_ground,
 *                  public_at, public_where, enisa (as enisa_to_json), enisa_quarters}, the one in
 *                  force last
 *   affected       {state, n, last_told}: to_tell, told, returned, exempt, disposed
 *   disposed       references of those who were disposed of, SHOW_DISPOSED_JSON at most
 *   measures       {id, type, status, description, at, added_at, added_by}
 *   timeline       {id, at, what, added_at, added_by}
 *   attachments    {id, path, sha256, bytes, added_at, added_by}
 *   notifications  {id, recipient, authority, kind, complete, sent_at, number, sha256,
 * delay_reason, reason, recorded_at, recorded_by, breaches} letters        {pending, started}
 *   reminders      {clock, sent, waiting, last_step, last_sent_at}
 *   history        {seq, at, db_role, os_user, action, object, reason, old, new, sha256} */
#pragma once

#include <jansson.h>

#include "common/db.h"
#include "jobs/breach/standing.h"

#define SHOW_DISPOSED_TEXT 5
#define SHOW_DISPOSED_JSON 10000
#define SHOW_HISTORY 10 /* lines, without --history */

struct show {
    json_t *register_; /* show_breach.sql */
    json_t *codes;     /* list_codes.sql */
    json_t *history;   /* show_history_load */
    bool older;        /* there is more of it */
    struct standing standing;
    int64_t now;
};

void show_free(struct show *s);

/* all: every line of the audit log of this breach, otherwise the last SHOW_HISTORY. */
MUST_CHECK bool show_history_load(struct db *db, const char *reference, bool all, struct show *s,
                                  struct error *err);

/* Each prints its part with its heading, or nothing when it is empty. */
void show_fields(FILE *out, const struct show *s);
void show_assessments(FILE *out, const struct show *s);
void show_affected(FILE *out, const struct show *s);
void show_measures(FILE *out, const struct show *s);
void show_notifications(FILE *out, const struct show *s);
void show_reminders(FILE *out, const struct show *s);
void show_timeline(FILE *out, const struct show *s);
void show_attachments(FILE *out, const struct show *s);
void show_history(FILE *out, const struct show *s);
