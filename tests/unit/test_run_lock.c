/* Needs a server (PGHOST and so on, as tests/run.sh sets them); skipped without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/memory.h"
#include "common/run_lock.h"

static char *database; /* of this process: locks are per database */

static struct db *open_db(const char *name, int lock_timeout_ms)
{
    struct error err = {0};
    struct db *db = NULL;
    CLEANUP(memory_release) char *conninfo = memory_format("dbname='%s'", name);
    const struct db_options options = {
        .conninfo = conninfo, .timezone = "UTC", .job = "test", .lock_timeout_ms = lock_timeout_ms};
    if (!db_open(&options, &db, &err))
        print_message("%s\n", err.message);
    assert_non_null(db);
    return db;
}

static int64_t locks_held(struct db *db)
{
    struct error err = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    assert_true(db_query(db, DB_ONE_ROW,
                         "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                         " AND pid = pg_backend_pid()",
                         0, NULL, &r, &err));
    return db_int(r, 0, 0);
}

static int set_up(void **state)
{
    (void)state;
    struct error err = {0};
    if (getenv("PGHOST") == NULL)
        return 0;
    CLEANUP(db_close) struct db *db = open_db("postgres", 0);
    database = memory_format("wt_run_lock_%ld", (long)getpid());
    CLEANUP(memory_release)
    char *sql = memory_format("CREATE DATABASE %s TEMPLATE template0", database);
    assert_true(db_exec(db, sql, 0, NULL, &err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    struct error err = {0};
    if (database == NULL)
        return 0;
    CLEANUP(db_close) struct db *db = open_db("postgres", 0);
    CLEANUP(memory_release) char *sql = memory_format("DROP DATABASE %s WITH (FORCE)", database);
    assert_true(db_exec(db, sql, 0, NULL, &err));
    memory_release(&database);
    return 0;
}

static void test_one_run(void **state)
{
    (void)state;
    struct error err = {0};
    if (database == NULL)
        skip();
    CLEANUP(db_close) struct db *first = open_db(database, 0);
    CLEANUP(db_close) struct db *second = open_db(database, 0);
    assert_true(run_lock_take(first, &err));
    assert_int_equal(locks_held(first), 1);
    assert_false(run_lock_take(second, &err));
    assert_int_equal(err.kind, ERR_BUSY);
    assert_int_equal(locks_held(second), 0);
    db_close(&first);
    /* The server notices the end of a session a moment later. */
    bool taken = false;
    for (int64_t end = clock_monotonic_ms() + 5000; !taken && clock_monotonic_ms() < end;)
        taken = run_lock_take(second, &err);
    assert_true(taken);
    assert_int_equal(locks_held(second), 1);
}

static void test_orphaned_worker(void **state)
{
    (void)state;
    static const int workers[] = {1, 7, RUN_LOCK_WORKERS};
    struct error err = {0};
    if (database == NULL)
        skip();
    CLEANUP(db_close) struct db *run = open_db(database, 0);
    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        CLEANUP(db_close) struct db *orphan = open_db(database, 0);
        print_message("case: worker %d\n", workers[i]);
        assert_true(run_lock_take_worker(orphan, workers[i], &err));
        assert_false(run_lock_take(run, &err));
        assert_int_equal(err.kind, ERR_BUSY);
        assert_int_equal(locks_held(run), 0);
        assert_true(db_exec(orphan, "SELECT pg_advisory_unlock_all()", 0, NULL, &err));
    }
    assert_true(run_lock_take(run, &err));
}

static void test_worker_waits(void **state)
{
    (void)state;
    struct error err = {0};
    if (database == NULL)
        skip();
    CLEANUP(db_close) struct db *run = open_db(database, 0);
    CLEANUP(db_close) struct db *old = open_db(database, 0);
    CLEANUP(db_close) struct db *again = open_db(database, 200);
    assert_true(run_lock_take(run, &err));
    assert_true(run_lock_take_worker(old, 3, &err));
    int64_t started = clock_monotonic_ms();
    assert_false(run_lock_take_worker(again, 3, &err));
    assert_int_equal(err.kind, ERR_BUSY);
    assert_true(clock_monotonic_ms() - started >= 150);
    assert_true(run_lock_take_worker(again, 4, &err));
    assert_true(db_exec(old, "SELECT pg_advisory_unlock_all()", 0, NULL, &err));
    assert_true(run_lock_take_worker(again, 3, &err));
}

static void test_migration_beside_run(void **state)
{
    (void)state;
    struct error err = {0};
    if (database == NULL)
        skip();
    CLEANUP(db_close) struct db *run = open_db(database, 0);
    CLEANUP(db_close) struct db *migrate = open_db(database, 100);
    CLEANUP(db_close) struct db *other = open_db(database, 100);
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    assert_true(run_lock_take(run, &err));
    assert_true(db_tx_begin(migrate, DB_READ_COMMITTED, &tx, &err));
    assert_true(run_lock_migration(migrate, &err));
    assert_false(run_lock_migration(other, &err));
    assert_int_equal(err.kind, ERR_BUSY);
    db_tx_rollback(&tx);
    assert_int_equal(locks_held(migrate), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_run),
        cmocka_unit_test(test_orphaned_worker),
        cmocka_unit_test(test_worker_waits),
        cmocka_unit_test(test_migration_beside_run),
    };
    return cmocka_run_group_tests_name("run_lock", tests, set_up, tear_down);
}
