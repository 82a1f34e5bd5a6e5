#include "jobs/archive/journal_lines.h"

/* Takes the fields. */
static bool append(struct journal *j, int64_t at, const char *event, json_t *fields,
                   struct error *err)
{
    if (fields == NULL) /* a line without them could never be read again */
        return error_set(err, ERR_INTEGRITY, "a journal line \"%s\" lacks what it is to tell",
                         event);
    bool written = journal_append(j, at, event, fields, err);
    json_decref(fields);
    return written;
}

bool journal_line_segment(struct journal *j, int64_t at, const struct segment_line *line,
                          struct error *err)
{
    return append(j, at, "segment",
                  json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "segment",
                            line->segment_id, "policy", line->policy, "file", line->file, "sha256",
                            line->sha256, "manifest_sha256", line->manifest_sha256, "run",
                            (json_int_t)line->run_id, "chain_no", (json_int_t)line->chain_no,
                            "subjects", (json_int_t)line->subjects, "rows", (json_int_t)line->rows),
                  err);
}

bool journal_line_expire(struct journal *j, int64_t at, const struct expire_line *line,
                         struct error *err)
{
    return append(j, at, "expire",
                  json_pack("{s:s, s:s, s:s, s:I, s:I}", "segment", line->segment_id, "policy",
                            line->policy, "sha256", line->sha256, "chain_no",
                            (json_int_t)line->chain_no, "subjects", (json_int_t)line->subjects),
                  err);
}

bool journal_line_restore(struct journal *j, int64_t at, const struct restore_line *line,
                          struct error *err)
{
    return append(j, at, "restore",
                  json_pack("{s:s, s:s?, s:I, s:I}", "segment", line->segment_id, "reference",
                            line->reference, "subjects", (json_int_t)line->subjects, "rows",
                            (json_int_t)line->rows),
                  err);
}

bool journal_line_hold(struct journal *j, int64_t at, const struct hold_line *line,
                       struct error *err)
{
    return append(j, at, "hold",
                  json_pack("{s:I, s:s, s:s, s:s, s:s?}", "hold", (json_int_t)line->hold_id,
                            "policy", line->policy, "reference", line->reference, "kind",
                            line->kind, "review_on", line->review_on),
                  err);
}

bool journal_line_release(struct journal *j, int64_t at, int64_t hold_id, const char *reference,
                          struct error *err)
{
    return append(j, at, "release",
                  json_pack("{s:I, s:s}", "hold", (json_int_t)hold_id, "reference", reference),
                  err);
}

bool journal_line_re_erase(struct journal *j, int64_t at, size_t segments, struct error *err)
{
    return append(j, at, "re-erase", json_pack("{s:I}", "segments", (json_int_t)segments), err);
}

bool journal_line_reference_key(struct journal *j, int64_t at, const char *fingerprint,
                                struct error *err)
{
    return append(j, at, "reference-key", json_pack("{s:s}", "fingerprint", fingerprint), err);
}
