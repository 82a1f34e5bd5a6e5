/* run_lock: who may work in this database at the same time, by PostgreSQL's advisory locks.
 *
 * Every lock of the program has its number here, so that no two mean the same by accident.  Numbers
 * are per database.  Session-level locks end with their session: a killed program leaves none
 * behind, but its statement may go on in the server for a while, and holds them until it ends.  A
 * pooler that hands one session to several clients (transaction pooling) breaks them: connect to
 * the server itself.
 *
 *   0       the run, held by its first connection for as long as it lasts
 *   1..16   the place of a worker, held by its connection
 *   100     migrate, held by a transaction
 *   2^32 and more: the letters about one breach, 2^32 + its number, held by the connection
 *
 * A standby is refused (a worker: ERR_DB, because the run began elsewhere): its locks are its own,
 * and it may lag behind.  Never logs. */
#pragma once

#include <stdint.h>

#include "common/db.h"

#define RUN_LOCK_WORKERS 16

/* Makes this connection the one run of its database.  Besides number 0 it takes 1..16 for a moment:
 * when it returns true, no session of an earlier run is still at work, a worker's orphaned one
 * included, so that files without a ledger row belong to nobody.  Never waits; ERR_BUSY when any
 * number is taken, and then holds none.  The lock is held until the connection is closed; taking it
 * twice on one connection is a mistake. */
MUST_CHECK bool run_lock_take(struct db *db, struct error *err);

/* Takes the place of worker 1..RUN_LOCK_WORKERS for a connection other than the run's.  After a
 * lost connection its old session must be gone before its place is free again: waits at most the
 * lock_timeout this connection was opened with (0: for ever), then ERR_BUSY. */
MUST_CHECK bool run_lock_take_worker(struct db *db, int worker, struct error *err);

/* Inside a transaction: holds off any other migrate until it ends.  Waits like the one above. */
MUST_CHECK bool run_lock_migration(struct db *db, struct error *err);

/* Makes this connection the one that writes letters about a breach (its number in the database).
 * Never waits: ERR_BUSY when another one does. */
MUST_CHECK bool run_lock_take_letters(struct db *db, int64_t breach, struct error *err);
