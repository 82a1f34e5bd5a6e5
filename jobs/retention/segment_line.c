#include "jobs/retention/segment_line.h"

bool segment_line_append(struct journal *journal, int64_t at, const struct segment_line *line,
                         struct error *err)
{
    json_t *fields =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "segment", line->segment_id,
                  "policy", line->policy, "file", line->file, "sha256", line->sha256,
                  "manifest_sha256", line->manifest_sha256, "run", (json_int_t)line->run_id,
                  "chain_no", (json_int_t)line->chain_no, "subjects", (json_int_t)line->subjects,
                  "rows", (json_int_t)line->rows);
    bool written = journal_append(journal, at, "segment", fields, err);
    json_decref(fields);
    return written;
}
