/* restore_stage: the rows of a segment in temporary tables of a transaction, and which of them go
 * back.  Statements are generated here from quoted names of the manifest.  Never logs. */
#pragma once

#include "common/db.h"
#include "jobs/archive/manifest_read.h"

struct stage; /* owned by the caller from stage_load to stage_free; ends with the transaction */

/* Loads every member.  ERR_USAGE when a table or column is gone.  keep: all rows, or none yet. */
MUST_CHECK bool stage_load(struct db *db, const struct manifest *m, const struct text *gzip,
                           bool keep, struct stage **ret, struct error *err);
void stage_free(struct stage **s);

/* Keeps the subject with this key, one value a key column.  ERR_USAGE when it is not there. */
MUST_CHECK bool stage_keep_subject(struct stage *s, const char *const *key, struct error *err);
/* Keeps what belongs to kept rows, by the edges of the manifest. */
MUST_CHECK bool stage_follow(struct stage *s, struct error *err);

/* The keys of the subjects that are kept, a text[] a row. */
MUST_CHECK bool stage_subject_keys(struct stage *s, struct db_result **ret, struct error *err);

/* Columns that may be empty (detach) and refer to a row that is neither kept nor in the database
 * are emptied, as if the row had stayed while the other went. */
MUST_CHECK bool stage_empty_dangling(struct stage *s, uint64_t *ret_values, struct error *err);

/* Puts the kept rows of one member back; ERR_DB with the constraint on a conflict.
 * SEGMENT_UNLINKED: the values, where the column is NULL now and the row still there.  skip_equal:
 * a row of an owned table that is already there, the same in every column, is no conflict. */
MUST_CHECK bool stage_put_back(struct stage *s, size_t member, bool skip_equal, uint64_t *ret_rows,
                               struct error *err);
