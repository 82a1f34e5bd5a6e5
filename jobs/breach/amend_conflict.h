/* amend_conflict: what to do for an officer whose breach somebody else has changed meanwhile: tell
 * what changed, and lay their text on top of it.  Never logs. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "common/db.h"
#include "common/form.h"
#include "common/text.h"

/* Who changed what since version: as sql/breach/list_changes.sql gives it.  The caller's. */
MUST_CHECK bool amend_conflict_load(struct db *db, const char *reference, int64_t version,
                                    json_t **ret, struct error *err);

/* The values as they were before these changes; the caller's. */
json_t *amend_conflict_base(const json_t *present, const json_t *changes);

/* For people: one line a change, one a field below it. */
void amend_conflict_print(FILE *out, const json_t *changes);

/* One value on one line, at most 60 characters, "(empty)" for none. */
struct field;
void amend_conflict_add_short(struct text *t, const struct field *f, const json_t *value);

/* For field_template: the present values with what the officer changed (mine: {field: value}, typed
 * in form) on top, and a note above each field that both changed. */
void amend_conflict_merge(const struct form *form, const json_t *base, const json_t *present,
                          const json_t *mine, json_t **ret_inputs, json_t **ret_notes);
