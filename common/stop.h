/* stop: SIGINT and SIGTERM as a wish that is looked at where stopping is safe.
 *
 * stop_install once, before threads; threads that are not to be interrupted block both signals.
 * Process-wide state, because signals are. */
#pragma once

#include "common/db.h"

void stop_install(void);

/* How many of them came so far. */
int stop_count(void);

/* While set, a signal also cancels what this connection runs (PQcancel may be called from a signal
 * handler); NULL: none.  Clear it before the connection is closed. */
void stop_cancels(struct db *db);

/* Blocks both for this thread and those it starts from now on, or lets them through again. */
void stop_block(bool block);
