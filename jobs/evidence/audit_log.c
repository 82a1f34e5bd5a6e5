#include "jobs/evidence/audit_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/digest.h"
#include "common/memory.h"
#include "common/text.h"
#include "sql.h"

#define LINES_AT_ONCE "10000"
#define PLACE "audit log"

enum { SEQ, PREVIOUS, SHA256, FIRST_FIELD, FIELDS_END = FIRST_FIELD + 10 };

struct walk {
    const struct history *history;
    struct audit_log *log;
    struct verify_result *result;
    struct text bytes; /* of one line, kept for the next */
    uint64_t last_seq;
    char last[DIGEST_HEX_SIZE];
};

static void walk_free(struct walk *w)
{
    text_free(&w->bytes);
}

static void add_field(struct text *bytes, const char *value)
{
    if (value == NULL) {
        text_add(bytes, "-,");
        return;
    }
    text_addf(bytes, "%zu:", strlen(value));
    text_add(bytes, value);
    text_add(bytes, ",");
}

static void complain(struct walk *w, uint64_t seq, const char *what)
{
    char sentence[256];
    snprintf(sentence, sizeof sentence, "line %" PRIu64 " %s", seq, what);
    verify_add(w->result, VERIFY_AUDIT, PLACE, sentence);
}

static bool check_line(struct walk *w, const struct db_result *r, size_t row, struct error *err)
{
    uint64_t seq = (uint64_t)db_int(r, row, SEQ);
    char digest[DIGEST_HEX_SIZE];
    text_clear(&w->bytes);
    add_field(&w->bytes, db_text(r, row, PREVIOUS));
    add_field(&w->bytes, db_text(r, row, SEQ));
    for (int i = FIRST_FIELD; i < FIELDS_END; i++)
        add_field(&w->bytes, db_text(r, row, i));
    if (!digest_bytes_hex(w->bytes.data, w->bytes.length, digest, err))
        return false;
    if (seq != w->last_seq + 1)
        complain(w, seq, "does not follow: lines before it are missing");
    else if (strcmp(db_text(r, row, PREVIOUS), w->last) != 0)
        complain(w, seq, "does not name the SHA-256 of the line before it");
    if (strcmp(db_text(r, row, SHA256), digest) != 0)
        complain(w, seq, "was changed: its SHA-256 is another");
    w->last_seq = seq;
    snprintf(w->last, sizeof w->last, "%s", db_text(r, row, SHA256));
    w->log->lines++;
    return true;
}

/* A restored database forgot the end of its log and went on from there: the journal tells so. */
static bool before_re_erase(const struct history *h, uint64_t line)
{
    return h->re_erase_count > 0 && line < h->re_erase_lines[h->re_erase_count - 1];
}

static bool check_witness(struct walk *w, struct db *db, const struct history_run *run,
                          struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char seq[24];
    snprintf(seq, sizeof seq, "%" PRIu64, run->audit_seq);
    const char *params[] = {seq};
    if (run->audit_seq == 0)
        return true;
    if (!db_query(db, DB_AT_MOST_ONE, sql_evidence_find_audit, 1, params, &r, err))
        return false;
    if (db_rows(r) == 1 && strcmp(db_text(r, 0, 0), run->audit_sha256) == 0)
        return true;
    if (before_re_erase(w->history, run->line)) {
        w->log->lost++;
        return true;
    }
    complain(w, run->audit_seq,
             db_rows(r) == 0 ? "is missing, which the journal has seen"
                             : "is another than the journal has seen");
    return true;
}

static bool check_end(struct walk *w, struct db *db, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ONE_ROW, sql_archive_show_audit_head, 0, NULL, &r, err))
        return false;
    uint64_t head = (uint64_t)db_int(r, 0, 0);
    if (head != w->last_seq || (head > 0 && strcmp(db_text(r, 0, 1), w->last) != 0))
        complain(w, head, "is noted as the end and is not the last one");
    return true;
}

static bool read_lines(struct walk *w, struct db *db, struct error *err)
{
    for (;;) {
        CLEANUP(db_result_free) struct db_result *r = NULL;
        char last[24];
        snprintf(last, sizeof last, "%" PRIu64, w->last_seq);
        const char *params[] = {last, LINES_AT_ONCE};
        if (!db_query(db, DB_ROWS, sql_evidence_list_audit, COUNT_OF(params), params, &r, err))
            return false;
        for (size_t i = 0; i < db_rows(r); i++)
            if (!check_line(w, r, i, err))
                return false;
        if (db_rows(r) == 0)
            return true;
    }
}

bool audit_log_check(struct db *db, const struct history *h, struct audit_log *ret,
                     struct verify_result *result, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(walk_free) struct walk w = {.history = h, .log = ret, .result = result};
    memset(w.last, '0', DIGEST_HEX_SIZE - 1);
    if (!db_tx_begin(db, DB_REPEATABLE_READ_ONLY, &tx, err) || !read_lines(&w, db, err) ||
        !check_end(&w, db, err))
        return error_context(err, "the audit log");
    for (size_t i = 0; i < h->run_count; i++)
        if (h->runs[i].audit_sha256 != NULL && !check_witness(&w, db, &h->runs[i], err))
            return error_context(err, "the audit log");
    ret->checked = true;
    return true;
}
