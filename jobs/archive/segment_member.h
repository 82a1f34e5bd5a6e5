/* segment_member: the text that frames the rows of a segment (format: FORMAT.md).  Writer and
 * reader build it from the same functions, so a reader can demand it byte for byte.  Never logs. */
#pragma once

#include "common/text.h"
#include "jobs/archive/segment.h"

/* The first gzip member of every segment of this format. */
extern const char segment_prologue[];

/* The last one.  Unlinked values go back here and not where they stand: the row they belong to may
 * be archived further on (a cycle of keys that was broken before its rows were deleted). */
void segment_epilogue(const struct segment_member_result *members, size_t count, struct text *t);

/* What stands before and after the rows of one member.  number: its place in the file, from 1. */
void segment_member_header(const struct segment_member *member, size_t number, struct text *t);
extern const char segment_member_trailer[];

/* SEGMENT_UNLINKED: puts the old values back from a temporary table where the column is NULL now; a
 * value the application has given since then is newer than ours.  condition: about u, may be "". */
void segment_member_update(const struct segment_member *member, const char *temp_table,
                           const char *condition, struct text *t);

/* `a"b`.`c` as "a""b"."c", and ("column", ...), for statements. */
void segment_member_table(const struct segment_member *member, struct text *t);
void segment_member_columns(const struct segment_member *member, struct text *t);

/* "schema.table" for people: control characters escaped. */
void segment_member_title(const struct segment_member *member, struct text *t);

/* A copy that owns all it points to, and its release. */
void segment_member_copy(const struct segment_member *src, struct segment_member *ret_copy);
void segment_member_free(struct segment_member *member);
