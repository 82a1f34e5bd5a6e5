#include "common/db.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

struct db {
    PGconn *conn;
    PGcancel *cancel;
};

struct db_result {
    PGresult *pg;
};

struct db_tx {
    struct db *db;
};

/* In these classes the server's own messages name tables and constraints, never values; and so do
 * those of the functions of schema waarborg.  Of all others SQLSTATE must do. */
static bool message_is_clean(const char *sqlstate)
{
    static const char *const clean[] = {"08", "0A",    "23",    "25",    "26",    "28",  "3D",
                                        "3F", "40",    "42",    "53",    "54",    "55",  "57",
                                        "58", "WB001", "WB002", "WB003", "WB004", "WB01"};
    for (size_t i = 0; i < COUNT_OF(clean); i++)
        if (strncmp(sqlstate, clean[i], strlen(clean[i])) == 0)
            return true;
    return false;
}

/* What a function raised is its author's: words and names may quote what they like.  Errors of the
 * server itself, met inside a function, quote at most its text, and that in class 42. */
static bool raised_by_function(const PGresult *pg, const char *sqlstate)
{
    static const char *const languages[] = {"pl_exec.", "plperl.", "plpy_", "pltcl."};
    const char *file = PQresultErrorField(pg, PG_DIAG_SOURCE_FILE);
    if (strncmp(sqlstate, "WB0", 3) == 0) /* our own functions */
        return false;
    for (size_t i = 0; file != NULL && i < COUNT_OF(languages); i++)
        if (strncmp(file, languages[i], strlen(languages[i])) == 0)
            return true;
    return PQresultErrorField(pg, PG_DIAG_CONTEXT) != NULL && strncmp(sqlstate, "42", 2) == 0 &&
           strcmp(sqlstate, "42501") != 0;
}

static bool fail_result(const struct db *db, const PGresult *pg, struct error *err)
{
    const char *state = pg == NULL ? NULL : PQresultErrorField(pg, PG_DIAG_SQLSTATE);
    if (state == NULL) {
        /* libpq's own words: connection trouble, no row values in them */
        const char *words = pg == NULL ? PQerrorMessage(db->conn) : PQresultErrorMessage(pg);
        return error_set(err, ERR_DB, "database: %.*s", (int)strcspn(words, "\n"), words);
    }
    const char *primary = PQresultErrorField(pg, PG_DIAG_MESSAGE_PRIMARY);
    const char *constraint = PQresultErrorField(pg, PG_DIAG_CONSTRAINT_NAME);
    const char *table = PQresultErrorField(pg, PG_DIAG_TABLE_NAME);
    const char *severity = PQresultErrorField(pg, PG_DIAG_SEVERITY_NONLOCALIZED);
    bool raised = raised_by_function(pg, state);
    bool hide = primary == NULL || raised || !message_is_clean(state);
    if (raised)
        constraint = table = NULL;
    error_set(err, ERR_DB, "database: %s %s: %s%s%s%s%s", severity == NULL ? "ERROR" : severity,
              state, hide ? "message withheld, it may quote a row" : primary,
              table == NULL ? "" : ", table ", table == NULL ? "" : table,
              constraint == NULL ? "" : ", constraint ", constraint == NULL ? "" : constraint);
    snprintf(err->sqlstate, sizeof err->sqlstate, "%s", state);
    snprintf(err->reason, sizeof err->reason, "%s%s%s", state, constraint == NULL ? "" : " ",
             constraint == NULL ? "" : constraint);
    return false;
}

static bool pin_session(struct db *db, const struct db_options *options, struct error *err)
{
    char lock_timeout[16];
    snprintf(lock_timeout, sizeof lock_timeout, "%d", options->lock_timeout_ms);
    const char *values[] = {options->timezone, lock_timeout};
    static const char set[] =
        "SELECT pg_catalog.set_config(name, value, false) FROM (VALUES"
        " ('search_path', 'pg_catalog'), ('row_security', 'off'), ('DateStyle', 'ISO, YMD'),"
        " ('IntervalStyle', 'postgres'), ('bytea_output', 'hex'), ('extra_float_digits', '1'),"
        " ('TimeZone', $1::text), ('lock_timeout', $2::text), ('statement_timeout', '0'),"
        " ('idle_in_transaction_session_timeout', '10min'), ('xmloption', 'content'),"
        " ('standard_conforming_strings', 'on'), ('lc_monetary', 'C'),"
        " ('session_replication_role', 'origin'),"
        /* many short statements: starting workers or a compiler for each costs more than it gains,
         * and the cores belong to the application */
        " ('max_parallel_workers_per_gather', '0'), ('jit', 'off'),"
        /* a COMMIT that a power cut may take back is no disposal */
        " ('synchronous_commit', CASE pg_catalog.current_setting('synchronous_commit') WHEN 'off'"
        " THEN 'on' ELSE pg_catalog.current_setting('synchronous_commit') END)) AS setting (name, "
        "value)"
        " WHERE pg_catalog.current_setting(name) IS DISTINCT FROM value";
    if (!db_exec(db, set, 2, values, err))
        return false;
    /* The run's first connection waits while its workers work, and holds the lock. */
    if (!db_exec(db, "SET idle_session_timeout = 0", 0, NULL, err))
        return false;
    struct error ignored; /* a server on a platform without support refuses; then we do without */
    (void)!db_exec(db, "SET client_connection_check_interval = '2s'", 0, NULL, &ignored);
    return true;
}

static bool connect(struct db *db, const struct db_options *options, struct error *err)
{
    char name[64];
    snprintf(name, sizeof name, "waarborg/%s", options->job);
    /* The last dbname wins over nothing: it expands conninfo; what comes after it overrides. */
    const char *const keys[] = {"dbname",          "application_name", "client_encoding",
                                "keepalives_idle", "connect_timeout",  NULL};
    const char *const values[] = {options->conninfo, name, "UTF8", "30", "15", NULL};
    db->conn = PQconnectdbParams(keys, values, 1);
    if (db->conn == NULL)
        return error_set(err, ERR_DB, "database: no memory for a connection");
    if (PQstatus(db->conn) != CONNECTION_OK) {
        const char *words = PQerrorMessage(db->conn);
        return error_set(err, ERR_DB,
                         "database: cannot connect: %.*s; check the setting "
                         "'database' and that the server runs",
                         (int)strcspn(words, "\n"), words);
    }
    int version = PQserverVersion(db->conn);
    if (version < DB_OLDEST_SERVER)
        return error_set(err, ERR_USAGE,
                         "database: the server is PostgreSQL %d; waarborg needs 13 "
                         "or newer",
                         version / 10000);
    db->cancel = PQgetCancel(db->conn);
    return true;
}

/* Notices may quote rows (triggers raise them); they are nobody's log line. */
static void drop_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

bool db_open(const struct db_options *options, struct db **ret, struct error *err)
{
    CLEANUP(db_close) struct db *db = memory_alloc(sizeof *db);
    if (!connect(db, options, err))
        return false;
    PQsetNoticeReceiver(db->conn, drop_notice, NULL);
    if (!pin_session(db, options, err))
        return error_context(err, "prepare the session");
    *ret = db;
    db = NULL;
    return true;
}

void db_close(struct db **db)
{
    if (*db == NULL)
        return;
    PQfreeCancel((*db)->cancel);
    PQfinish((*db)->conn);
    free(*db);
    *db = NULL;
}

bool db_is_lost(const struct db *db)
{
    return PQstatus(db->conn) != CONNECTION_OK;
}

int db_server_version(const struct db *db)
{
    return PQserverVersion(db->conn);
}

void db_cancel(struct db *db)
{
    char ignored[256];
    if (db->cancel != NULL)
        (void)PQcancel(db->cancel, ignored, sizeof ignored);
}

static bool check_shape(const PGresult *pg, enum db_shape shape, struct error *err)
{
    int rows = PQntuples(pg);
    bool fits = shape == DB_ROWS || (shape == DB_ONE_ROW && rows == 1) ||
                (shape == DB_AT_MOST_ONE && rows <= 1) || (shape == DB_NOTHING && rows == 0);
    if (fits)
        return true;
    return error_set(err, ERR_DB, "database: a statement gave %d rows where %s expected", rows,
                     shape == DB_ONE_ROW   ? "one was"
                     : shape == DB_NOTHING ? "none was"
                                           : "at most one was");
}

static bool is_success(const PGresult *pg)
{
    ExecStatusType status = PQresultStatus(pg);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

bool db_query(struct db *db, enum db_shape shape, const char *sql, size_t param_count,
              const char *const *params, struct db_result **ret, struct error *err)
{
    PGresult *pg = PQexecParams(db->conn, sql, (int)param_count, NULL, params, NULL, NULL, 0);
    CLEANUP(db_result_free) struct db_result *result = memory_alloc(sizeof *result);
    result->pg = pg;
    if (!is_success(pg))
        return fail_result(db, pg, err);
    if (!check_shape(pg, shape, err))
        return false;
    *ret = result;
    result = NULL;
    return true;
}

bool db_exec(struct db *db, const char *sql, size_t param_count, const char *const *params,
             struct error *err)
{
    CLEANUP(db_result_free) struct db_result *result = NULL;
    return db_query(db, DB_ROWS, sql, param_count, params, &result, err);
}

bool db_script(struct db *db, const char *sql, struct error *err)
{
    PGresult *pg = PQexec(db->conn, sql);
    bool done = is_success(pg);
    if (!done)
        fail_result(db, pg, err);
    PQclear(pg);
    return done;
}

size_t db_rows(const struct db_result *r)
{
    return (size_t)PQntuples(r->pg);
}

const char *db_text(const struct db_result *r, size_t row, int column)
{
    return PQgetisnull(r->pg, (int)row, column) ? NULL : PQgetvalue(r->pg, (int)row, column);
}

int64_t db_int(const struct db_result *r, size_t row, int column)
{
    return strtoll(PQgetvalue(r->pg, (int)row, column), NULL, 10);
}

bool db_bool(const struct db_result *r, size_t row, int column)
{
    return PQgetvalue(r->pg, (int)row, column)[0] == 't';
}

int64_t db_affected(const struct db_result *r)
{
    return strtoll(PQcmdTuples(r->pg), NULL, 10);
}

void db_result_free(struct db_result **r)
{
    if (*r == NULL)
        return;
    PQclear((*r)->pg);
    free(*r);
    *r = NULL;
}

bool db_prepare_check(struct db *db, const char *sql, struct error *err)
{
    PGresult *pg = PQprepare(db->conn, "", sql, 0, NULL);
    bool done = is_success(pg);
    if (!done)
        fail_result(db, pg, err);
    PQclear(pg);
    return done;
}

/* The results that follow a COPY; the connection is idle again afterwards. */
static bool finish_copy(struct db *db, int64_t *ret_rows, struct error *err)
{
    bool done = true;
    for (PGresult *pg = PQgetResult(db->conn); pg != NULL; pg = PQgetResult(db->conn)) {
        if (!is_success(pg)) {
            if (done)
                fail_result(db, pg, err);
            done = false;
        } else if (done) {
            *ret_rows = strtoll(PQcmdTuples(pg), NULL, 10);
        }
        PQclear(pg);
        if (PQstatus(db->conn) != CONNECTION_OK)
            break;
    }
    if (done && db_is_lost(db))
        return error_set(err, ERR_DB, "database: the connection was lost during COPY");
    return done;
}

static bool start_copy(struct db *db, const char *sql, ExecStatusType want, struct error *err)
{
    PGresult *pg = PQexec(db->conn, sql);
    bool started = PQresultStatus(pg) == want;
    if (!started && is_success(pg))
        error_set(err, ERR_DB, "database: a COPY did not start");
    else if (!started)
        fail_result(db, pg, err);
    PQclear(pg);
    return started;
}

/* The rest of a COPY nobody wants: cancelled on the server, read to its end. */
static void drain_copy_out(struct db *db)
{
    char *row = NULL;
    db_cancel(db);
    while (PQgetCopyData(db->conn, &row, 0) > 0)
        PQfreemem(row);
    struct error ignored;
    int64_t rows;
    (void)!finish_copy(db, &rows, &ignored);
}

bool db_copy_out(struct db *db, const char *sql, db_copy_sink *sink, void *context,
                 int64_t *ret_rows, struct error *err)
{
    if (!start_copy(db, sql, PGRES_COPY_OUT, err))
        return false;
    char *row = NULL;
    int length;
    while ((length = PQgetCopyData(db->conn, &row, 0)) > 0) {
        bool taken = sink(context, row, (size_t)length, err);
        PQfreemem(row);
        if (!taken) {
            drain_copy_out(db);
            return false;
        }
    }
    int64_t rows = 0;
    if (!finish_copy(db, &rows, err))
        return false;
    *ret_rows = rows;
    return true;
}

bool db_copy_in_start(struct db *db, const char *sql, struct error *err)
{
    return start_copy(db, sql, PGRES_COPY_IN, err);
}

bool db_copy_in_add(struct db *db, const void *bytes, size_t length, struct error *err)
{
    const char *next = bytes;
    while (length > 0) { /* PQputCopyData takes an int */
        size_t piece = length > (1U << 20) ? (1U << 20) : length;
        if (PQputCopyData(db->conn, next, (int)piece) != 1)
            return fail_result(db, NULL, err);
        next += piece;
        length -= piece;
    }
    return true;
}

bool db_copy_in_end(struct db *db, int64_t *ret_rows, struct error *err)
{
    if (PQputCopyEnd(db->conn, NULL) != 1)
        return fail_result(db, NULL, err);
    int64_t rows = 0;
    if (!finish_copy(db, &rows, err))
        return false;
    *ret_rows = rows;
    return true;
}

void db_copy_in_abort(struct db *db)
{
    struct error ignored;
    int64_t rows;
    if (PQputCopyEnd(db->conn, "given up") == 1)
        (void)!finish_copy(db, &rows, &ignored);
}

bool db_tx_begin(struct db *db, enum db_tx_kind kind, struct db_tx **ret, struct error *err)
{
    const char *begin = kind == DB_READ_COMMITTED
                            ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                            : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    if (!db_exec(db, begin, 0, NULL, err))
        return false;
    struct db_tx *tx = memory_alloc(sizeof *tx);
    tx->db = db;
    *ret = tx;
    return true;
}

bool db_tx_commit(struct db_tx **tx, struct error *err)
{
    struct db *db = (*tx)->db;
    PGresult *pg = PQexec(db->conn, "COMMIT");
    /* COMMIT of a failed transaction succeeds as ROLLBACK: the tag tells. */
    bool done = is_success(pg) && strcmp(PQcmdStatus(pg), "COMMIT") == 0;
    if (!done && is_success(pg))
        error_set(err, ERR_DB, "database: COMMIT was answered by %s", PQcmdStatus(pg));
    else if (!done)
        fail_result(db, pg, err);
    PQclear(pg);
    free(*tx);
    *tx = NULL;
    return done;
}

void db_tx_rollback(struct db_tx **tx)
{
    if (*tx == NULL)
        return;
    PQclear(PQexec((*tx)->db->conn, "ROLLBACK"));
    free(*tx);
    *tx = NULL;
}
