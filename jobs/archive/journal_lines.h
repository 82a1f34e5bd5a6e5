/* journal_lines: what this program writes into the journal (common/journal.h), one function an
 * event; history.h reads it.  A line is written after the COMMIT it tells of, or from the ledger by
 * the next run when the one before was cut off in between; only journal_line_re_erase comes first.
 * `at`: seconds UTC.  Never logs. */
#pragma once

#include <stdint.h>

#include "common/journal.h"

/* Everything below is borrowed. */

struct segment_line { /* event "segment": subjects were disposed of */
    const char *segment_id, *policy;
    const char *file; /* path below the archive directory, without endings */
    const char *sha256, *manifest_sha256;
    int64_t run_id;
    uint64_t chain_no, subjects, rows;
};
MUST_CHECK bool journal_line_segment(struct journal *j, int64_t at, const struct segment_line *line,
                                     struct error *err);

struct expire_line { /* event "expire": the file of a segment is destroyed; its manifest stays */
    const char *segment_id, *policy;
    const char *sha256; /* of the file that was */
    uint64_t chain_no, subjects;
};
MUST_CHECK bool journal_line_expire(struct journal *j, int64_t at, const struct expire_line *line,
                                    struct error *err);

struct restore_line { /* event "restore": subjects are back in the database, and held there */
    const char *segment_id;
    const char *reference; /* NULL: the whole segment */
    uint64_t subjects, rows;
};
MUST_CHECK bool journal_line_restore(struct journal *j, int64_t at, const struct restore_line *line,
                                     struct error *err);

struct hold_line { /* event "hold": segments with this subject are not destroyed */
    int64_t hold_id;
    const char *policy, *reference, *kind;
    const char *review_on; /* NULL: no review */
};
MUST_CHECK bool journal_line_hold(struct journal *j, int64_t at, const struct hold_line *line,
                                  struct error *err);
/* event "release": the end of such a hold */
MUST_CHECK bool journal_line_release(struct journal *j, int64_t at, int64_t hold_id,
                                     const char *reference, struct error *err);

/* event "re-erase": the database was restored to an earlier point; what the ledger forgot is about
 * to be written into it again, and subjects of those segments may be disposed of a second time from
 * here on.  Written before that transaction, so that no second disposal stands without it. */
MUST_CHECK bool journal_line_re_erase(struct journal *j, int64_t at, size_t segments,
                                      struct error *err);

/* event "reference-key": the fingerprint of the key that references are made with. */
MUST_CHECK bool journal_line_reference_key(struct journal *j, int64_t at, const char *fingerprint,
                                           struct error *err);
