/* remind_words: what a reminder says of each clock: its name, what to do next, and the command. */
#pragma once

#include <stdbool.h>

#include "common/text.h"

/* "notification to the AP", in Dutch "melding aan de AP"; the word itself for an unknown clock. */
const char *remind_clock_name(const char *clock, const char *language);

/* Appends one or more lines, without a newline at the end. */
void remind_add_next(struct text *t, const char *clock, bool decided, bool late,
                     const char *language);
/* The same with the commands, of which reference is that of the breach. */
void remind_add_command(struct text *t, const char *clock, bool decided, const char *reference);
