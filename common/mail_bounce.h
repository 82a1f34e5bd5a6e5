/* mail_bounce: returned mail, as mail systems send it to the sender of a letter: a message of the
 * type multipart/report with a part message/delivery-status (RFC 3464) and the mail that could not
 * be delivered, or its header.
 *
 * The file comes from outside, and anybody can write into a mailbox.  So: of each mail only the
 * first MAIL_BOUNCE_BYTES are looked at (the returned mail comes last and only its header counts),
 * memory and depth are bounded whatever the file holds, and what a report says is taken as true
 * only by the message id, which the caller must know and which should not be easy to guess.
 * No recipient's address is given out.  Never logs. */
#pragma once

#include <stdint.h>

#include "common/error.h"

#define MAIL_BOUNCE_BYTES 262144
#define MAIL_BOUNCE_RECIPIENTS 200 /* of one report; the rest is not looked at */

enum mail_action { /* RFC 3464 2.3.3 */
                   MAIL_ACTION_UNKNOWN,
                   MAIL_FAILED,  /* it came back: the only one that means it was not delivered */
                   MAIL_DELAYED, /* the mail system goes on trying */
                   MAIL_DELIVERED,
                   MAIL_RELAYED,
                   MAIL_EXPANDED,
};

/* One recipient of one report. */
struct mail_return {
    const char *message_id; /* of the mail that was sent, without < and > */
    enum mail_action action;
    char status[12]; /* enhanced status code, "5.1.1"; "" when there is no valid one */
};

struct mail_bounce_counts {
    int64_t mails;    /* in the file */
    int64_t reports;  /* of them: reports on delivery */
    int64_t unnamed;  /* of them: reports that do not say which mail they are about */
    int64_t others;   /* mails that are no reports (an answer, a holiday notice, rubbish) */
    int64_t returned; /* recipients visited with MAIL_FAILED */
};

/* Called for each recipient of each report that names its mail, in the order of the file; false
 * (with err) ends the reading. */
typedef bool mail_return_visit(void *context, const struct mail_return *r, struct error *err);

/* Reads a file of any size: one mail or several (mbox, the lines "From " between them); "-" is
 * standard input.  The same file read twice gives the same visits: the caller must bear with what
 * it knows already.  ERR_IO: it cannot be read; ERR_USAGE: it is a directory;
 * or the error of visit.  *ret counts what was read up to an error, too. */
MUST_CHECK bool mail_bounce_read(const char *path, mail_return_visit *visit, void *context,
                                 struct mail_bounce_counts *ret, struct error *err);
