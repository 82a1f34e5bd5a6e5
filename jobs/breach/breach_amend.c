#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/local_time.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/render.h"
#include "jobs/breach/amend_additions.h"
#include "jobs/breach/amend_conflict.h"
#include "jobs/breach/amend_result.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/entry.h"
#include "jobs/breach/faults.h"
#include "jobs/breach/field_read.h"
#include "jobs/breach/field_template.h"
#include "jobs/breach/fields.h"
#include "jobs/breach/register.h"
#include "jobs/breach/settle.h"
#include "sql.h"

/* Fields of the form beside those of the breach. */
#define VERSION "version"
#define BECAUSE "because"

enum { MOST_RACES = 100 }; /* each one lost is one that somebody else won */

static const char help[] =
    "Changes or adds to a registered breach. Nothing is lost: the old value stays in the audit "
    "log, "
    "with the reason. All of one call is registered, or nothing.\n"
    "\n"
    "Without any option an editor opens with the present values; change what has to change, give "
    "the reason behind `because`, save and close. When somebody else was first, you are told what "
    "they changed, and your text is kept on top of theirs.\n"
    "\n"
    "--because is needed when a field changes and with --reopen; what is added needs none.\n"
    "\n"
    "Examples:\n"
    "  waarborg breach amend DL-2026-0007\n"
    "  waarborg breach amend DL-2026-0007 --set persons_max=40 --because \"counted\"\n"
    "  waarborg breach amend DL-2026-0007 --set delay_reason=   (takes a value away)\n"
    "  waarborg breach amend DL-2026-0007 --measure \"repair taken: wiped it\" \\\n"
    "      --measure \"prevent proposed 2026-12-01 09:00: encrypt all disks\" \\\n"
    "      --timeline \"2026-10-23 16:00 police report filed\" --attach report.pdf\n"
    "  waarborg breach amend DL-2026-0007 --reopen --because \"a second laptop\"\n"
    "\n"
    "A measure is of type repair, mitigate or prevent, and taken or proposed. Of an attachment the "
    "path, size and SHA-256 are registered; the file stays where it is. `--set version=3` refuses "
    "when the breach has changed since version 3 (waarborg breach show tells it).";

struct amending {
    const struct job_ctx *ctx;
    char reference[REGISTER_REFERENCE_SIZE];
    const char *because;
    bool reopen;
    bool editor;
    struct amend_words words;
    /* one attempt */
    struct job_ctx now; /* ctx, with its own now */
    struct db *db;
    json_t *present; /* sql/breach/read_fields.sql */
    json_t *codes;
    json_t *changed; /* {field: value} */
    json_t *unread;  /* {field: null}: those whose value has a fault */
    struct amend_additions additions;
};

static void clear_attempt(struct amending *a)
{
    db_close(&a->db);
    json_decref(a->present);
    json_decref(a->codes);
    json_decref(a->changed);
    json_decref(a->unread);
    a->present = a->codes = a->changed = a->unread = NULL;
    amend_additions_free(&a->additions);
}

static void amending_release(struct amending *a)
{
    clear_attempt(a);
    amend_words_free(&a->words);
}

static const json_t *present_fields(const struct amending *a)
{
    return json_object_get(a->present, "fields");
}

static int64_t present_version(const struct amending *a)
{
    return (int64_t)json_integer_value(json_object_get(a->present, "version"));
}

/* ---- reading what is there ---- */

static bool read_present(struct amending *a, struct error *err)
{
    const char *params[] = {a->reference};
    json_decref(a->present);
    a->present = NULL;
    if (!register_query_json(a->db, sql_breach_read_fields, 1, params, &a->present, err))
        return false;
    if (!json_is_object(a->present))
        return error_set(err, ERR_USAGE,
                         "there is no breach %s; waarborg breach list shows what there is",
                         a->reference);
    return true;
}

static bool load(struct amending *a, struct error *err)
{
    clear_attempt(a);
    if (!register_open_db(&a->now, "breach.amend", &a->db, err) || !read_present(a, err))
        return false;
    CLEANUP(memory_release)
    char *day = memory_format("%" PRId64, register_instant(a->present, "registered_at"));
    const char *params[] = {day};
    return register_query_json(a->db, sql_breach_list_codes, 1, params, &a->codes, err);
}

static bool check_open(const struct amending *a, struct error *err)
{
    bool closed = json_is_true(json_object_get(a->present, "closed"));
    if (closed && !a->reopen)
        return error_set(err, ERR_USAGE,
                         "%s is closed; waarborg breach amend %s --reopen --because \"...\" opens "
                         "it again",
                         a->reference, a->reference);
    if (!closed && a->reopen)
        return error_set(err, ERR_USAGE, "%s is open: leave out --reopen", a->reference);
    return true;
}

/* ---- the form ---- */

/* *ret_given: the officer names the version they read. */
static int64_t read_version(const struct amending *a, const struct form *form, struct text *faults,
                            bool *ret_given)
{
    const char *typed = form_get(form, VERSION);
    *ret_given = typed != NULL && typed[0] != '\0';
    if (!*ret_given)
        return present_version(a);
    size_t digits = strspn(typed, "0123456789");
    int64_t version =
        digits > 0 && digits < 10 && typed[digits] == '\0' ? strtoll(typed, NULL, 10) : 0;
    if (version < 1 || version > present_version(a))
        form_fault(form, VERSION, faults, "is no version of %s; 1 to %" PRId64 " are", a->reference,
                   present_version(a));
    return version;
}

static const char *reason_of(const struct amending *a, const struct form *form)
{
    const char *typed = form_get(form, BECAUSE);
    return typed != NULL && typed[0] != '\0' ? typed : a->because != NULL ? a->because : "";
}

/* Only what is another value than that of base. */
static json_t *differences(const json_t *values, const json_t *base)
{
    json_t *changed = json_object();
    for (const struct field *f = fields; f->name != NULL; f++) {
        json_t *value = json_object_get(values, f->name);
        const json_t *was = json_object_get(base, f->name);
        bool same = (field_is_empty(value) && field_is_empty(was)) || json_equal(value, was);
        if (value != NULL && !same)
            json_object_set(changed, f->name, value);
    }
    return changed;
}

/* Typed, and not what stood there, and still without a value: it has a fault. */
static json_t *unread_fields(const struct form *form, const json_t *inputs, const json_t *values)
{
    json_t *unread = json_object();
    for (const struct field *f = fields; f->name != NULL; f++) {
        const char *typed = form_get(form, f->name);
        const char *before = json_string_value(json_object_get(inputs, f->name));
        bool same = typed == NULL || (before != NULL && strcmp(typed, before) == 0);
        if (!same && json_object_get(values, f->name) == NULL)
            json_object_set_new(unread, f->name, json_null());
    }
    return unread;
}

/* As the breach would be. */
static void check_whole(const struct amending *a, const struct form *form, struct text *faults)
{
    CLEANUP(json_decrefp) json_t *whole = json_copy((json_t *)present_fields(a)); // NOLINT
    json_object_update(whole, a->changed);
    json_object_update(whole, a->unread);
    if (json_object_size(a->changed) > 0)
        field_check(form, whole, a->now.now, faults);
}

/* ---- somebody else was first ---- */

static char *make_text(const struct amending *a, const char *because, const json_t *inputs,
                       const json_t *notes)
{
    CLEANUP(text_free) struct text t = {0};
    CLEANUP(text_free) struct text opening = {0};
    CLEANUP(text_free) struct text entries = {0};
    char now[LOCAL_TIME_SIZE];
    text_addf(&opening,
              "Breach %s, version %" PRId64 ". Now it is %s.\n\n"
              "Change what has to change; an emptied field loses its value. Save and close the "
              "editor, and the changes are registered, with the old values and the reason. Close "
              "it without a change, and nothing is registered.",
              a->reference, present_version(a), local_time_format(a->now.now, now));
    form_write_comment(&entries, "Why is it changed? (needed)");
    form_write_entry(&entries, BECAUSE, because);
    text_add(&entries, "\n");
    form_write_comment(&entries, "The version you are reading; let it stand.");
    text_addf(&entries, "%s = %" PRId64 "\n", VERSION, present_version(a));
    const struct field_template spec = {.opening = text_get(&opening),
                                        .entries = text_get(&entries),
                                        .codes = a->codes,
                                        .inputs = inputs,
                                        .notes = notes};
    field_template_write(&t, &spec);
    return text_take(&t);
}

static bool refuse_conflict(struct amending *a, struct entry *e, const struct form *form,
                            const json_t *base, const json_t *changes, int64_t version,
                            struct error *err)
{
    CLEANUP(json_decrefp) json_t *inputs = NULL;
    CLEANUP(json_decrefp) json_t *notes = NULL;
    struct error keeping = {0};
    fprintf(stderr,
            "%s was changed since you read version %" PRId64 "; it is version %" PRId64 " now:\n",
            a->reference, version, present_version(a));
    amend_conflict_print(stderr, changes);
    amend_conflict_merge(form, base, present_fields(a), a->changed, &inputs, &notes);
    CLEANUP(memory_release) char *text = make_text(a, reason_of(a, form), inputs, notes);
    if (!entry_keep(e, text, &keeping))
        fprintf(stderr, "What you wrote could not be kept: %s\n", keeping.message);
    else
        fprintf(stderr,
                "Your changes are kept on top of version %" PRId64
                "; fields that others changed, too: %zu.\n",
                present_version(a), json_object_size(notes));
    return error_set(err, ERR_USAGE,
                     "nothing was registered: %s was changed meanwhile, from version %" PRId64
                     " to %" PRId64,
                     a->reference, version, present_version(a));
}

/* ---- registering ---- */

static bool write_all(struct amending *a, const char *because, int64_t version, char **ret_xid,
                      struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(memory_release) char *sent = field_to_sql(a->changed, true);
    CLEANUP(memory_release) char *number = memory_format("%" PRId64, version);
    const char *reason[] = {because};
    const char *reopening[] = {a->reference, because};
    const char *amending[] = {a->reference, number, sent, because};
    if (!db_query(a->db, DB_ONE_ROW, sql_breach_tell_reason, 1, reason, &r, err))
        return false;
    *ret_xid = memory_copy_text(db_text(r, 0, 1));
    return (!a->reopen || db_exec(a->db, sql_breach_reopen_breach, 2, reopening, err)) &&
           (json_object_size(a->changed) == 0 ||
            db_exec(a->db, sql_breach_amend_breach, 4, amending, err)) &&
           amend_additions_write(a->db, a->reference, &a->additions, err);
}

static bool register_all(struct amending *a, const char *because, int64_t version,
                         struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(memory_release) char *xid = NULL;
    if (!db_tx_begin(a->db, DB_READ_COMMITTED, &tx, err) ||
        !write_all(a, because, version, &xid, err))
        return false;
    switch (settle_commit(&a->now, &a->db, &tx, xid, err)) {
    case SETTLED_COMMITTED:
        return true;
    case SETTLED_NOT:
        return error_context(err, "nothing was registered");
    case SETTLED_UNKNOWN:
        break;
    }
    return error_context(err,
                         "the database went away while it registered this, which may be in the "
                         "register or not: look with waarborg breach show %s when it is back",
                         a->reference);
}

/* ---- one attempt ---- */

/* What the officer wants, as far as the input goes. */
static void read_input(struct amending *a, const struct form *form, const json_t *base,
                       struct text *faults)
{
    static const char *const extra[] = {VERSION, BECAUSE, NULL};
    CLEANUP(json_decrefp) json_t *inputs = field_template_inputs(base);
    CLEANUP(json_decrefp)
    json_t *values = field_read(form, a->codes, FIELD_CHANGES, inputs, extra, faults);
    amend_additions_free(&a->additions);
    amend_additions_read(&a->words, a->now.now, &a->additions, faults);
    json_decref(a->changed);
    json_decref(a->unread);
    a->changed = differences(values, base);
    a->unread = unread_fields(form, inputs, values);
    bool reasoned = json_object_size(a->changed) > 0 || a->reopen;
    if (reasoned && fault_blank(reason_of(a, form)))
        form_fault(form, BECAUSE, faults, "is needed: why is it changed?");
}

/* One look at the register.  *ret_again: somebody was faster than an officer who names no version,
 * and so read none: look again. */
static bool try_once(struct amending *a, struct entry *e, const struct form *form,
                     struct text *faults, bool *ret_again, struct error *err)
{
    CLEANUP(json_decrefp) json_t *changes = NULL;
    bool given = false;
    if (!load(a, err) || !check_open(a, err))
        return false;
    int64_t version = read_version(a, form, faults, &given);
    if (!amend_conflict_load(a->db, a->reference, version, &changes, err))
        return false;
    CLEANUP(json_decrefp) json_t *base = amend_conflict_base(present_fields(a), changes);
    read_input(a, form, base, faults);
    if (version == present_version(a))
        check_whole(a, form, faults);
    if (faults->length == 0 && version < present_version(a))
        return refuse_conflict(a, e, form, base, changes, version, err);
    if (faults->length > 0)
        return false;
    bool nothing = json_object_size(a->changed) == 0 && amend_additions_count(&a->additions) == 0;
    if (nothing && !a->reopen)
        return error_set(err, ERR_USAGE,
                         "nothing was registered: every field of %s has this value already",
                         a->reference);
    if (register_all(a, reason_of(a, form), version, err))
        return true;
    *ret_again = register_failed_with(err, "WB013");
    if (!*ret_again)
        (void)entry_add_rule_faults(form, err, faults);
    return register_fail(err);
}

static bool attempt(void *context, struct entry *e, const struct form *form, struct text *faults,
                    struct error *err)
{
    struct amending *a = context;
    bool again = true;
    a->now = *a->ctx;
    if (a->editor) /* an hour may have passed in it */
        a->now.now = clock_now();
    for (int i = 0; again && i < MOST_RACES; i++) {
        again = false;
        if (try_once(a, e, form, faults, &again, err)) {
            const struct amend_result result = {.reference = a->reference,
                                                .before = a->present,
                                                .changed = a->changed,
                                                .additions = &a->additions,
                                                .reopened = a->reopen};
            amend_result_print(&a->now, a->db, &result);
            return true;
        }
    }
    return false;
}

/* ---- the command ---- */

static bool make_opening(struct amending *a, char **ret, struct error *err)
{
    a->now = *a->ctx;
    if (!load(a, err) || !check_open(a, err))
        return false;
    CLEANUP(json_decrefp) json_t *inputs = field_template_inputs(present_fields(a));
    *ret = make_text(a, a->because, inputs, NULL);
    clear_attempt(a); /* nobody knows how long the editor is open */
    return true;
}

static bool run(struct amending *a, const char *file, const struct option_list *set,
                struct error *err)
{
    bool others = a->reopen || a->words.measures.count > 0 || a->words.timeline.count > 0 ||
                  a->words.attachments.count > 0;
    CLEANUP(memory_release) char *opening = NULL;
    CLEANUP(memory_release) char *prefix = memory_format("breach-amend-%s", a->reference);
    CLEANUP(memory_release) char *command = memory_format("waarborg breach amend %s", a->reference);
    a->editor = file == NULL && set->count == 0 && !others;
    if (a->editor && !make_opening(a, &opening, err))
        return false;
    const struct entry_spec spec = {.prefix = prefix,
                                    .command = command,
                                    .file = file,
                                    .set = set,
                                    .no_editor = others,
                                    .opening = opening,
                                    .attempt = attempt,
                                    .context = a};
    return entry_run(&spec, err);
}

bool breach_amend(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                  struct error *err)
{
    CLEANUP(amending_release) struct amending a = {.ctx = ctx};
    CLEANUP(option_list_free) struct option_list set = {0};
    const char *file = NULL;
    const struct option_spec specs[] = {
        {"file", 'f', OPTION_TEXT, "FILE", "read the fields from FILE, - for the standard input",
         &file, 0, 0},
        {"set", 0, OPTION_LIST, "FIELD=VALUE", "set a field; nothing behind = takes it away", &set,
         0, 0},
        {"because", 0, OPTION_TEXT, "TEXT", "the reason", &a.because, 0, 0},
        {"measure", 0, OPTION_LIST, "TEXT", "add a measure: \"repair taken: what was done\"",
         &a.words.measures, 0, 0},
        {"timeline", 0, OPTION_LIST, "TEXT", "add to the timeline: \"2026-10-23 16:00 what\"",
         &a.words.timeline, 0, 0},
        {"attach", 0, OPTION_LIST, "FILE", "add an attachment", &a.words.attachments, 0, 0},
        {"reopen", 0, OPTION_FLAG, NULL, "open a closed breach again", &a.reopen, 0, 0},
        {0}};
    char **words;
    int count;
    bool help_shown;
    if (!job_parse_options(ctx->job, "REFERENCE", help, specs, argc, argv, &words, &count,
                           &help_shown, err))
        return false;
    if (help_shown)
        return true;
    if (count != 1)
        return error_set(err, ERR_USAGE,
                         "name the breach that is amended, as in waarborg breach amend "
                         "DL-2026-0007");
    *ret_exit = JOB_DONE;
    return register_parse_reference(words[0], a.reference, err) && run(&a, file, &set, err);
}
