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

/* With which code main is going to exit: exit_code when the command is done, otherwise that of its
 * error, which is explained here first, as main does. */
int rights_exit_code(const char *command, bool done, int exit_code, struct error *err);
