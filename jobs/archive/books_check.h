/* books_check: what must hold before a job that writes changes anything: clock, reference key,
 * ledger, journal and directory.  Looks only.  Never logs. */
#pragma once

#include "jobs/archive/books.h"

/* ERR_INTEGRITY with the first thing that does not hold and its mend; ERR_USAGE when the clock of
 * this machine lies before the journal's last line.  What the journal has and the ledger has not
 * (books_unknown) is not looked at here. */
MUST_CHECK bool books_check(const struct job_ctx *ctx, struct db *db, const struct books *b,
                            const unsigned char reference_key[static DIGEST_SIZE],
                            struct error *err);

/* A file without ledger row and journal line: of a batch that did not commit. */
bool books_is_orphan(const struct books *b, const struct store_entry *e);

/* Is this manifest of the database we work in, as far as it and the server tell?  strict: name and
 * system identifier must both fit; else one of them is enough (a database that was restored may
 * have got another name, or another cluster). */
MUST_CHECK bool books_same_database(struct db *db, const struct manifest *m, bool strict,
                                    bool *ret_same, struct error *err);
