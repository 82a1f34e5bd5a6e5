/* fingerprint: what an approval is given for: the policy and the schema it meets, one fact a line
 * in a fixed order, and the SHA-256 of that text.  Row counts and indexes are no part of it. */
#pragma once

#include "common/digest.h"
#include "common/text.h"
#include "jobs/retention/graph.h"

MUST_CHECK bool fingerprint_make(const struct graph *g, const char *timezone, char **ret_definition,
                                 char ret_sha256[static DIGEST_HEX_SIZE], struct error *err);

/* Lines of one definition that the other lacks: "- was" and "+ is", a line each. */
void fingerprint_difference(const char *approved, const char *present, struct text *ret_lines);
