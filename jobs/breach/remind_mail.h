/* remind_mail: the mail that reminds of a clock: its text, whom it goes to, and the way there.
 *
 *   remind_mailer_open(settings, language, &mailer, err)
 *   remind_mailer_send(&mailer, &reminder, now, err)...
 *   remind_mailer_close(&mailer)
 *
 * Nothing here logs or touches the database. */
#pragma once

#include <stdint.h>

#include "common/error.h"
#include "common/template.h"
#include "jobs/settings/settings.h"

struct reminder { /* strings are borrowed */
    const char *id;
    const char *reference;
    const char *title;
    const char *clock;
    const char *source;
    const char *step;
    int64_t due_at;
    bool decided;            /* the risk was assessed */
    const char *fingerprint; /* of this reminder, and of this database */
    const char *thread;      /* of all reminders of the breach */
};

struct remind_mailer {
    const struct settings *settings; /* borrowed */
    const char *language;            /* "nl" or "en" */
    struct template *template;
};

/* Reads <breach.templates>/reminder.<language>.txt, whose first line is the subject ("Subject: " in
 * any language).  Its fields: reference title clock source step due left next command organisation.
 * ERR_USAGE names the setting that is missing, or every fault of the template. */
MUST_CHECK bool remind_mailer_open(const struct settings *settings, const char *language,
                                   struct remind_mailer *ret, struct error *err);
void remind_mailer_close(struct remind_mailer *m); /* for CLEANUP */

/* How a reminder goes: to breach.security, and past the limit to breach.escalation as well. */
bool remind_escalates(const struct reminder *r, int64_t now);

/* Hands the mail to the mail system.  The Message-ID is made of id and fingerprint alone.
 * ERR_USAGE when no mail at all can go that way (the sendmail cannot be run); every other failure
 * is ERR_IO and about this mail or this moment. */
MUST_CHECK bool remind_mailer_send(const struct remind_mailer *m, const struct reminder *r,
                                   int64_t now, struct error *err);

/* Room for "waarborg.reminder.<id>.<fingerprint>@<host>" */
#define REMIND_MESSAGE_ID_SIZE 384
const char *remind_message_id(const struct remind_mailer *m, const struct reminder *r,
                              char dst[static REMIND_MESSAGE_ID_SIZE]);
