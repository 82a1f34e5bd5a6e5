/* draft: the answers to the questions of the form of an authority, from the register, and what is
 * still missing.
 *
 * The questions are data (waarborg.form_question): the version of the form that is valid at `now`
 * is the one that is answered, so that a new form is rows, not code.  Reads only; never logs.
 *
 * The draft as JSON; keys stay, others may be added:
 *   form, version      "ap", and the version of its questions
 *   language           "nl" or "en": of labels and texts
 *   breach, title      reference and title
 *   made_at            ISO 8601 with offset, like every instant here
 *   aware_at, first_aware_at, due_at, closed_at   null: none; first_aware_at differs from
 *                      aware_at when that was moved; due_at: the limit of the notification
 *   sent_at            the first notification, or null
 *   needed             false: decided that the AP need not be notified
 *   late               made after the limit, or sent after it
 *   heading, summary   what stands above the questions: [{label, text}], and a sentence
 *   sections           [{number, label, questions}]
 *   missing, by_hand   [{section, code, label, mend}]: mandatory and without an answer (mend is the
 *                      command that gives it), and what nobody but a person can fill in on the form
 *                      (mend is null); both in the order of the form
 * A question: {code, label, note, answer, text, mandatory, missing, by_hand}
 *   note       what to know while filling it in, or null
 *   answer     null: none.  Otherwise a string; an integer; a boolean; an instant; a code {code,
 *              label, ap_code or null}; an array of codes or strings; measures [{type (a code),
 *              description, at or null}]; attachments [{name, sha256, bytes}]
 *   text       the answer for people, "" without one; lines end with LF between them only
 *   mandatory  now: a condition ("when late") has been looked at */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/db.h"
#include "common/text.h"
#include "jobs/settings/settings.h"

/* The draft for the AP.  reference: as register_parse_reference gives it.  language: "nl" or "en".
 * now: when it is, or will have been, sent.  late_because: the reasons for a delay that are given
 * with it; NULL: those of the register.  ERR_USAGE: there is no such breach.  *ret is the caller's
 * (json_decref). */
MUST_CHECK bool draft_make(struct db *db, const struct settings *settings, const char *reference,
                           const char *language, const char *late_because, int64_t now,
                           json_t **ret, struct error *err);

/* Append a draft that draft_make gave.  Values are escaped: none of them can draw outside its
 * place. */
void draft_render_text(struct text *t,
                       const json_t *draft); /* at most 79 columns, if words allow */
void draft_render_html(struct text *t, const json_t *draft); /* one file, nothing from outside */
void draft_render_json(struct text *t, const json_t *draft); /* sorted keys, final newline */
