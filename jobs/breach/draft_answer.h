/* draft_answer: one answer of the register as the draft shows it: typed for programs, as text for
 * people.  For draft.c and its renderers. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/text.h"

/* The answers of the register, by the name of their source, and the lists of codes, as
 * sql/breach/show_draft.sql gives them. */
struct draft_register {
    json_t *answers;
    const json_t *codes;
    bool dutch;
};

/* Has the register an answer for this question?  Blank text and empty lists are none. */
bool draft_is_answered(const struct draft_register *r, const json_t *question);

/* Does the condition (domain waarborg.form_condition) hold?  An answer that is not there is no. */
bool draft_holds(const struct draft_register *r, const char *condition);

/* The answer as draft.h describes it, the caller's; null when there is none. */
json_t *draft_answer(const struct draft_register *r, const json_t *question);

/* Appends the same for people; nothing when there is none. */
void draft_answer_text(struct text *t, const struct draft_register *r, const json_t *question);

/* "Fri 2026-10-23 15:00 +02:00", in Dutch "vr 2026-10-23 15:00 +02:00". */
void draft_add_instant(struct text *t, int64_t instant, bool dutch);

/* Appends what people wrote so that it stays in its place: control characters and marks that turn
 * the direction of writing are shown as \x1b, \u202e; LF stays, CR and tabs become blanks. */
void draft_add_safe(struct text *t, const char *value);
