/* mail: a mail as text (RFC 5322, made by GMime), handed to the mail system with sendmail.
 *
 *   mail_format(&mail, &message, err) && mail_send(&sender, &message, err)
 *
 * Nothing here logs or keeps state; all functions may be called by several threads.  Messages of
 * errors say "the recipient's address", never the address or the name itself. */
#pragma once

#include <stdint.h>

#include "common/error.h"
#include "common/text.h"

/* One person or mailbox.  All strings here and below are borrowed and UTF-8. */
struct mail_box {
    const char *name; /* NULL or "": none */
    const char *address;
};

struct mail_header {
    const char *name;
    const char *value;
};

struct mail {
    struct mail_box from;
    struct mail_box reply_to;  /* address NULL: none */
    const struct mail_box *to; /* 1..MAIL_MAX_RECIPIENTS */
    size_t to_count;
    const char *subject; /* one line */
    const char *body;    /* plain text, lines of any length, ending in \n or not */
    /* Without < and >, for example "DL-2026-0007.ap.12h.9f3c@example.org".  The same mail sent once
     * more after a crash has the same one.  With a part in it that cannot be guessed a stranger
     * cannot make up a returned mail (common/mail_bounce.h). */
    const char *message_id;
    const char *in_reply_to;           /* NULL or the message_id of the first mail of the thread */
    int64_t date;                      /* instant; written in local time with its offset */
    const char *language;              /* NULL or a language tag, "nl" */
    bool auto_generated;               /* Auto-Submitted: holiday notices of people do not answer */
    const struct mail_header *headers; /* others than these; may be NULL when there are none */
    size_t header_count;
};

#define MAIL_MAX_RECIPIENTS 100

/* NULL when text is the address of one mailbox (local@domain), else what is wrong with it as the
 * end of a sentence that does not quote it: "has no @".  Only what every mail system passes on: no
 * name, no <>, no quotes, no comments, ASCII (a domain with other letters in its xn-- form), no
 * hyphen at the start; a domain may be one word (localhost). */
const char *mail_check_address(const char *text);

/* Appends the message to *ret: lines end in \n and have at most 998 bytes, all of it is ASCII.  The
 * body is quoted-printable and cannot be taken for a mailbox separator ("From ").  ERR_USAGE names
 * the field that is missing, too long, holds a line break or control character, or is no UTF-8. */
MUST_CHECK bool mail_format(const struct mail *mail, struct text *ret, struct error *err);

struct mail_sender {
    const char *path;          /* absolute, for example "/usr/sbin/sendmail" */
    const char *envelope_from; /* where returned mail goes (-f); NULL: as the mail system decides */
    int timeout_s;             /* 0: 60 */
};

/* Runs <path> -t -i [-f envelope_from] with the message as its stdin, and waits for its end.
 *
 * The message is a file in memory that is complete before sendmail starts: whatever happens to this
 * program, sendmail never sees half a mail.  It runs in a session and process group of its own, so
 * Ctrl-C and kill of our group do not reach it, and signals to us are left for after its end; a
 * service manager that signals the whole control group does reach it (systemd: KillMode=mixed).
 * It gets a short environment (PATH, LC_ALL=C), default signals, no other descriptor, / as its
 * directory; what it prints is dropped, for it may hold names.
 *
 * ERR_USAGE: the path cannot be run.  ERR_IO: anything else; err->reason is then the sysexits.h
 * name of the exit status ("EX_TEMPFAIL"), "status 3", "signal 9", or "timeout".  After "timeout"
 * and "signal" nobody knows whether the mail went: sent again with the same message_id it may
 * arrive twice. */
MUST_CHECK bool mail_send(const struct mail_sender *sender, const struct text *message,
                          struct error *err);

/* Whether this error of mail_send is about this one mail (EX_DATAERR, EX_NOUSER, EX_NOHOST):
 * sending the same mail again changes nothing, other mails may go.  Else the mail system is at
 * fault, and later is worth a try. */
bool mail_was_refused(const struct error *err);
