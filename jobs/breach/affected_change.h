/* affected_change: customers become affected by a breach, or are told, or need not be; one
 * transaction whatever their number, in chunks of AFFECTED_CHUNK.
 *
 * A key that no customer has is looked up by its reference (jobs/archive/reference.h) among those
 * who were disposed of: these are registered by reference, and counted.  When a key is known
 * nowhere, or a line is faulty, every such line is printed on stderr and nothing is registered.
 * Never logs. */
#pragma once

#include <jansson.h>

#include "common/digest.h"
#include "jobs/breach/affected_keys.h"
#include "jobs/breach/register.h"

enum affected_kind { AFFECTED_ADD, AFFECTED_TOLD, AFFECTED_EXEMPT };

struct affected_change {
    const struct job_ctx *ctx;
    struct db *db;
    const struct policy *policy;
    const char *reference; /* of the breach */
    enum affected_kind kind;
    const char *words[2]; /* told: when (text for timestamptz, NULL = now), how; exempt: why */
    bool everybody;       /* told, exempt: who still has to be told; there are no keys then */
    bool dry_run;         /* rolled back; the only place that asks is affected_change_run */
    struct affected_keys keys;
    unsigned char reference_key[DIGEST_SIZE]; /* loaded when it is needed */
    bool has_reference_key;

    /* What came of it. */
    int64_t changed;  /* customers added, told, exempted */
    int64_t already;  /* lines that changed nothing: it was so before, or they are there twice */
    int64_t disposed; /* added by reference */
    int64_t gone_already; /* lines of disposed customers that changed nothing */
    json_t *state;        /* afterwards: affected_show.sql */
};

/* ERR_USAGE: lines to mend, a rule of the register that does not hold; ERR_BUSY: customers are
 * locked by somebody else. */
MUST_CHECK bool affected_change_run(struct affected_change *c, struct error *err);

/* Frees the keys and the state, and wipes the reference key. */
void affected_change_free(struct affected_change *c);
