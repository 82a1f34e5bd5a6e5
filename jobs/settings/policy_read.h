/* policy_read: one group of `policies` in the configuration, as a struct policy.  What is wrong
 * becomes a fault of the configuration (common/config.h); the policy then holds what could be read
 * and is only good for policy_free. */
#pragma once

#include "common/config.h"
#include "jobs/settings/policy.h"

void policy_read(struct conf *c, const struct config_setting_t *group, struct policy *ret_policy);
