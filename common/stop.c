#include "common/stop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int came;
static _Atomic(struct db *) running;

static void on_signal(int signal_number)
{
    (void)signal_number;
    int saved = errno;
    atomic_fetch_add(&came, 1);
    struct db *db = atomic_load(&running);
    if (db != NULL)
        db_cancel(db);
    errno = saved;
}

void stop_install(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int stop_count(void)
{
    return atomic_load(&came);
}

void stop_cancels(struct db *db)
{
    atomic_store(&running, db);
}

void stop_block(bool block)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(block ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}
