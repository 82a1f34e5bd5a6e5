/* settings: the configuration file (waarborg.conf, libconfig syntax) as one value.
 *
 * settings_load reads and checks the whole file and reports every fault, not the first only: each
 * as "file:line: setting: what is wrong; what is allowed".  Unknown settings are faults.  A file
 * that holds a password (a `password=` in database, or a URI with one) and is readable by others is
 * refused.  settings_free releases; the struct is read-only in between. */
#pragma once

#include <stdint.h>

#include "common/error.h"
#include "common/text.h"
#include "jobs/settings/policy.h"
#include "jobs/settings/settings_breach.h"

struct settings_archive {
    char *directory;
    struct name_list seal_to; /* paths of X.509 certificates (PEM) */
    bool unsealed;            /* must be true when seal_to is empty, and false otherwise */
    char *keep;               /* as written */
    struct retention_window keep_window;
    int compression; /* zlib level 1..9 */
};

struct settings_evidence {
    char *journal;
    char *reference_key; /* path of a file with 64 hexadecimal digits */
};

struct settings_run {
    int batch;                  /* subjects in a transaction and segment, 1..50000, default 5000 */
    int chunk;                  /* subjects in a statement, 1..5000, default 500 */
    int workers;                /* 1..16, default 1 */
    int lock_timeout_ms;        /* 1..900 (must stay below deadlock_timeout), default 500 */
    int max_minutes;            /* 1..1440, default 240 */
    int64_t max_subjects;       /* default 100000 */
    double max_share;           /* 0 < share <= 1, default 0.05 */
    int max_replica_lag_s;      /* 0 = do not look; default 30 */
    int64_t max_unindexed_rows; /* default 100000 */
};

struct settings_organisation {
    char *name, *registration;
    char *dpo_name, *dpo_email, *dpo_phone; /* NULL when not given */
};

struct settings {
    char *path;     /* of the file */
    char *database; /* libpq conninfo or URI; "" = libpq's defaults */
    char *timezone; /* IANA name, default "Europe/Amsterdam" */
    struct settings_organisation organisation;
    struct settings_archive archive;
    struct settings_evidence evidence;
    struct settings_run run;
    struct settings_breach breach;
    struct policy *policies;
    size_t policy_count;
};

/* Reads path.  On failure err says how many faults there are and *faults holds one line each. */
MUST_CHECK bool settings_load(const char *path, struct settings *ret_settings, struct text *faults,
                              struct error *err);
void settings_free(struct settings *s);

/* The policy of that name, or the only one when name is NULL; ERR_USAGE lists what there is. */
MUST_CHECK bool settings_policy(const struct settings *s, const char *name,
                                const struct policy **ret_policy, struct error *err);
