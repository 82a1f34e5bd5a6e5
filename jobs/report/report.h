/* report: one compliance report: its sections, and where the rows of each come from.  A report is a
 * constant table in a file of its own (holds.c, retention.c, ...); list.h has them all.
 *
 * Everything of one report is read in one snapshot, the caller's.  Never logs. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/db.h"
#include "common/document.h"
#include "jobs/job.h"

struct report_request {
    const struct job_ctx *ctx;
    struct db *db;             /* in a read-only transaction */
    struct document *document; /* with period, as-of and the sections so far */
    const char *operand;       /* run number, reference of a breach, or NULL */
    int64_t at;     /* the instant it is judged at: now, or the end of an earlier as-of day */
    bool attention; /* set by finish(): something needs attention (exit code 1) */
};

/* The rows of a section that no statement gives; *ret_rows is the caller's. */
typedef bool report_fill(struct report_request *r, json_t **ret_rows, struct error *err);

struct report_section { /* a list ends with shape.key == NULL */
    struct document_section shape;
    /* A file of sql/report: $1 first and $2 last day of the period, $3 as-of (dates), $4 the
     * instant of judgement (timestamptz), $5 the operand (text), $6 archive.keep (interval).
     * Its columns are the members of the rows.  NULL: fill gives them. */
    const char *sql;
    report_fill *fill;
};

struct report {
    const char *name;
    const char *operand; /* what it wants behind its name, for the help; NULL: nothing */
    struct words title, about;
    bool one_page;          /* struct document has it */
    const char *whole_from; /* first day when --from is not given; NULL: 1 January */
    bool timeless;          /* it is of no period: its document has none, --from is refused */
    const struct report_section *sections;
    /* Both may be NULL; begin not with an operand.  Checks the operand (NULL for a report without
     * one), gives its usual form (allocated) and may set labels; looks at the whole when every
     * section is there, and may change rows and r->attention. */
    bool (*begin)(struct report_request *r, const char *operand, char **ret_operand,
                  struct error *err);
    bool (*finish)(struct report_request *r, struct error *err);
};

struct report_period { /* as given; NULL = by default */
    const char *from, *to;
};

/* Looks, before the database is asked, at what the command line says.  ERR_USAGE: a date that is
 * none, a period that ends before it begins or after as-of, a period of a timeless report, an
 * operand that is too much or missing, a section (NULL: all) that the report has not. */
MUST_CHECK bool report_check(const struct job_ctx *ctx, const struct report *report,
                             const char *operand, const struct report_period *period,
                             const char *section, struct error *err);

/* db: in a transaction DB_REPEATABLE_READ_ONLY.  Fills *ret (document_free), whose strings are
 * borrowed from ctx and report.  ERR_USAGE as report_check, but a timeless report passes over a
 * period; and for an operand that names nothing.  section: only this one need be read; NULL: all.
 * *ret_operand: what document.operand points to; the caller frees it after the document. */
MUST_CHECK bool report_load(const struct job_ctx *ctx, struct db *db, const struct report *report,
                            const char *operand, const struct report_period *period,
                            const char *section, enum document_language language,
                            struct document *ret, char **ret_operand, bool *ret_attention,
                            struct error *err);

/* "nl", or "en", which NULL is, too. */
MUST_CHECK bool report_choose_language(const char *name, enum document_language *ret,
                                       struct error *err);

/* The first instant of the local day that is `days` after that one; ERR_USAGE when time_t has none.
 */
MUST_CHECK bool report_day_begins(struct local_date day, int days, int64_t *ret, struct error *err);

/* The rows of a statement as JSON, each value in its own type.  For fill(). */
MUST_CHECK bool report_query(const struct report_request *r, const char *sql, json_t **ret_rows,
                             struct error *err);
