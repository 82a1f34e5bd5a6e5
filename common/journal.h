/* journal: the history outside the database, one JSON object a line (evidence.journal, JSON Lines).
 *
 * Every line has "seq" (1, 2, ...), "at" (ISO 8601, UTC), "event", and "prev": the SHA-256 of the
 * line before it without its newline (64 zeros for the first).  Lines are only ever appended, under
 * an exclusive lock (flock) on the file, with fsync before the lock is released.  No personal data.
 * A last line without newline is torn by a power cut: it was never acknowledged, and
 * the next append removes it.  Never logs. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/error.h"

struct journal; /* owned by the caller from open to close; used by one thread at a time */

/* Opens path (0600, O_NOFOLLOW), and fsyncs file and directory, also when it was there.  create:
 * make an empty one when it is not there; otherwise a missing file is ERR_INTEGRITY. */
MUST_CHECK bool journal_open(const char *path, bool create, struct journal **ret,
                             struct error *err);

/* Appends event with the members of `fields` (borrowed; must not hold seq, at, event, prev). at:
 * seconds UTC.  On failure the line is not there, unless the message says that it may be.
 * ERR_INTEGRITY when the file was replaced or its last line does not hold; ERR_IO with EFBIG above
 * 4 MiB a line. */
MUST_CHECK bool journal_append(struct journal *j, int64_t at, const char *event,
                               const json_t *fields, struct error *err);
void journal_close(struct journal **j);

/* Called for each line in order; `line` is borrowed.  Returns false with err set to stop. */
typedef bool journal_visit(void *context, uint64_t line_number, const json_t *line,
                           struct error *err);

/* Reads the whole file, checks every link, and calls visit (may be NULL).  ERR_INTEGRITY names the
 * first line that does not hold.  *ret_torn: bytes of a torn last line, 0 when there is none. */
MUST_CHECK bool journal_read(const char *path, journal_visit *visit, void *context,
                             uint64_t *ret_lines, uint64_t *ret_torn, struct error *err);

/* The same, going on behind a line that does not hold: complain gets a sentence for each, also for
 * an ERR_INTEGRITY of visit.  A line that does not follow the one before it is visited all the
 * same, one that is no object with the members above is not. */
typedef void journal_complain(void *context, const char *sentence);
MUST_CHECK bool journal_examine(const char *path, journal_visit *visit, journal_complain *complain,
                                void *context, uint64_t *ret_lines, uint64_t *ret_torn,
                                struct error *err);
