/* entry: how what an officer writes gets into the register, and how it never gets lost.
 *
 * Two ways: -f FILE and --set are read once; without them an editor opens on a draft, as git commit
 * does, and opens again with the faults as comments until the input is good or the officer gives
 * up.  A draft goes only when its text is registered, or when nothing was written; on every other
 * way out its path, and the command that takes it up again, are printed.
 * Prints faults and paths on stderr; never logs. */
#pragma once

#include "common/form.h"
#include "common/options.h"

struct entry; /* one run; lives in entry_run */

/* Checks the form and registers it.  true: registered.  false with lines in *faults: the input has
 * faults, and err is not looked at.  false without: err says why. */
typedef bool entry_attempt(void *context, struct entry *e, const struct form *form,
                           struct text *faults, struct error *err);

struct entry_spec {
    const char *prefix;            /* of drafts: "breach-open" */
    const char *command;           /* takes a draft up again: "waarborg breach open" */
    const char *file;              /* -f, or NULL */
    const struct option_list *set; /* --set */
    bool no_editor;                /* what else was given is enough, also without these */
    const char *opening;           /* the text that opens in the editor */
    entry_attempt *attempt;
    void *context;
};

/* ERR_USAGE: faults, or nothing was written; or what the editor or attempt said. */
MUST_CHECK bool entry_run(const struct entry_spec *spec, struct error *err);

/* What was typed, as a form: the file or draft as it is, with --set behind it. */
const char *entry_text(const struct entry *e);

/* For attempt: from here on this is the text to keep; it is on disk when this returns.  -f FILE
 * itself is never written: it gets a draft. */
MUST_CHECK bool entry_keep(struct entry *e, const char *text, struct error *err);
/* The text has a draft already: an editor was used, or entry_keep. */
bool entry_has_draft(const struct entry *e);

/* Turns what a function of the register raised (SQLSTATE WB012: "field: sentence" lines) into
 * faults; false when err is something else. */
bool entry_add_rule_faults(const struct form *form, const struct error *err, struct text *faults);
