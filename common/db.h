/* db: connections to PostgreSQL, statements with an expected shape, transactions as resources.
 *
 * A session is pinned when it opens: search_path = pg_catalog, row_security = off (an error instead
 * of silently hidden rows), ISO dates, and the time zone of the configuration, so that a value has
 * one text form whoever runs the program.  Servers older than 14 are refused.
 *
 * Errors carry SQLSTATE, the server's message, constraint and table; DETAIL, HINT and CONTEXT are
 * dropped because PostgreSQL puts row values there, and so is the message itself where it may quote
 * a value (class 22, and errors raised by somebody's own trigger).  Never logs.
 * A connection belongs to one thread at a time; only db_cancel may come from another. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct db;

struct db_options {
    const char *conninfo; /* libpq conninfo or URI, "" = libpq's defaults */
    const char *timezone; /* IANA name */
    const char *job;      /* application_name becomes waarborg/<job> */
    int lock_timeout_ms;  /* 0 = wait */
};

#define DB_OLDEST_SERVER 140000

MUST_CHECK bool db_open(const struct db_options *options, struct db **ret, struct error *err);
void db_close(struct db **db);        /* *db may be NULL */
bool db_is_lost(const struct db *db); /* the connection broke; what was running is unknown */
int db_server_version(const struct db *db);

/* Cancels what the server runs for this connection; from any thread, best effort. */
void db_cancel(struct db *db);

/* What a statement must give back, anything else is ERR_DB. */
enum db_shape { DB_NOTHING, DB_ONE_ROW, DB_AT_MOST_ONE, DB_ROWS };

/* Result of one statement, all text, valid until db_result_free.  NULL values are NULL. */
struct db_result;

MUST_CHECK bool db_query(struct db *db, enum db_shape shape, const char *sql, size_t param_count,
                         const char *const *params, struct db_result **ret, struct error *err);
/* The same where no result is wanted. */
MUST_CHECK bool db_exec(struct db *db, const char *sql, size_t param_count,
                        const char *const *params, struct error *err);
/* Several statements in one string, no parameters (migrations). */
MUST_CHECK bool db_script(struct db *db, const char *sql, struct error *err);

size_t db_rows(const struct db_result *r);
const char *db_text(const struct db_result *r, size_t row, int column); /* NULL for SQL NULL */
int64_t db_int(const struct db_result *r, size_t row, int column);      /* 0 for NULL */
bool db_bool(const struct db_result *r, size_t row, int column);        /* false for NULL */
int64_t db_affected(const struct db_result *r);                         /* rows touched */
void db_result_free(struct db_result **r);

/* Asks the server to parse and plan sql without running it. */
MUST_CHECK bool db_prepare_check(struct db *db, const char *sql, struct error *err);

/* `COPY (...) TO STDOUT` and `COPY ... FROM STDIN`.  sink gets whole rows with their newline. */
typedef bool db_copy_sink(void *context, const char *row, size_t length, struct error *err);
MUST_CHECK bool db_copy_out(struct db *db, const char *sql, db_copy_sink *sink, void *context,
                            int64_t *ret_rows, struct error *err);
MUST_CHECK bool db_copy_in_start(struct db *db, const char *sql, struct error *err);
MUST_CHECK bool db_copy_in_add(struct db *db, const void *bytes, size_t length, struct error *err);
MUST_CHECK bool db_copy_in_end(struct db *db, int64_t *ret_rows, struct error *err);
/* After a failure in between: tells the server to give the COPY up. */
void db_copy_in_abort(struct db *db);

/* A transaction is a resource: CLEANUP(db_tx_rollback) rolls back unless it was committed. */
struct db_tx;
enum db_tx_kind { DB_READ_COMMITTED, DB_REPEATABLE_READ_ONLY };
MUST_CHECK bool db_tx_begin(struct db *db, enum db_tx_kind kind, struct db_tx **ret,
                            struct error *err);
/* Frees *tx whatever the outcome.  After a false with db_is_lost the outcome is unknown. */
MUST_CHECK bool db_tx_commit(struct db_tx **tx, struct error *err);
void db_tx_rollback(struct db_tx **tx);

/* Quoted text to append to a statement; the caller frees it.  Names are always double-quoted. */
char *db_quote_name(const char *name);
char *db_quote_literal(const char *value);
/* An array's text form, "{a,b,NULL}" with every element quoted, for `$1::text[]`. */
char *db_array_text(const char *const *items, size_t count);
/* The same element by element, into a text that starts empty; close gives the array, borrowed from
 * the text, "{}" when nothing was added. */
struct text;
void db_array_add(struct text *array, const char *item);
const char *db_array_close(struct text *array);
/* Reads a text[] in its output form; *ret_items and every item are the caller's (db_items_free). */
MUST_CHECK bool db_array_parse(const char *array, char ***ret_items, size_t *ret_count,
                               struct error *err);
void db_items_free(char **items, size_t count);
