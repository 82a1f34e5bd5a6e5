/* pack_evidence: the part of a pack that does not come from the database: the lines of the journal
 * and the manifests of the period, as they are, byte for byte.  Never logs. */
#pragma once

#include "jobs/archive/evidence.h"
#include "jobs/report/pack.h"

/* Instants of a period: from <= at < until, seconds UTC. */
struct pack_period {
    int64_t from, until;
};

struct pack_evidence {            /* what was put in */
    uint64_t first_line, lines;   /* of the journal; lines 0: none */
    uint64_t first_no, manifests; /* numbers in the chain */
    uint64_t subjects, people;    /* disposed of, by those manifests; and different ones */
    char previous_line[65];       /* SHA-256 that the first line follows */
    char last_line[65];           /* of the last line itself */
    char previous_manifest[65];   /* the first manifest follows */
};

/* Adds evidence/journal.jsonl and evidence/manifests/...  Lines are whole stretches of the file:
 * from the first to the last line of the period, and those between.  The manifests are those that
 * these lines name.  ERR_INTEGRITY when the journal's chain does not hold, or a manifest is missing
 * or is not what the journal says. */
MUST_CHECK bool pack_evidence_add(struct pack *p, const struct job_ctx *ctx,
                                  const struct pack_period *period, struct pack_evidence *ret,
                                  struct error *err);
