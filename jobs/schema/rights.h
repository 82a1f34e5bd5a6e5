/* rights: what to do about a right that is missing in the schema `waarborg`, or was refused there.
 */
#pragma once

#include "common/error.h"

/* For the error a command ended with; changes nothing about errors of another kind.
 *
 * SQLSTATE 42501 on something of the schema waarborg becomes ERR_USAGE, with the role that the
 * command ("retention run") is meant for as its mend; WB016, a decision that was refused to this
 * role (sql/schema/010_roles.sql), becomes ERR_USAGE with its sentence alone. */
void rights_explain(const char *command, struct error *err);
