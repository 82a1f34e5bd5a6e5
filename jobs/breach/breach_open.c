#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/local_time.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/render.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/clock_view.h"
#include "jobs/breach/entry.h"
#include "jobs/breach/field_read.h"
#include "jobs/breach/field_template.h"
#include "jobs/breach/fields.h"
#include "jobs/breach/register.h"
#include "jobs/breach/settle.h"
#include "sql.h"

/* Which row of the register a text became, or was to become: written into the draft before COMMIT,
 * so that a text whose registration nobody saw end is not registered twice. */
#define ATTEMPT "attempt"

static const char help[] =
    "Registers a personal-data breach; the clock of the authority runs from `aware_at`.\n"
    "\n"
    "Without -f or --set an editor opens ($VISUAL, $EDITOR) with every field, what it wants and "
    "the "
    "codes it allows. Needed are title, aware_at, what_happened and nature; the rest can follow "
    "with `waarborg breach amend`. What you write is kept in a draft until it is registered; "
    "faults "
    "come back as comments, all at once. Close the editor without a change, and nothing is "
    "registered.\n"
    "\n"
    "Times are local, or have an offset. No names of customers: the register is kept longer than "
    "their data.\n"
    "\n"
    "Examples:\n"
    "  waarborg breach open\n"
    "  waarborg breach open -f leak.conf --set persons_max=400\n"
    "  waarborg breach open --set title=\"Laptop stolen\" \\\n"
    "      --set nature=confidentiality --set aware_at=\"2026-10-23 15:00\" \\\n"
    "      --set what_happened=\"From a car.\"\n"
    "\n"
    "A file has lines `field = value`; a text goes on in indented lines; # begins a comment:\n"
    "  title = Laptop stolen\n"
    "  aware_at = 2026-10-23 15:00\n"
    "  nature = confidentiality, availability\n"
    "  what_happened =\n"
    "      From a car in Utrecht.\n"
    "      The disk was encrypted.";

struct opening {
    const struct job_ctx *ctx;
    bool editor;
};

/* A breach that is in the register now. */
struct opened {
    char reference[REGISTER_REFERENCE_SIZE];
    char *xid;
    int64_t row;
    bool before; /* by an earlier attempt */
};

static void opened_release(struct opened *o)
{
    free(o->xid);
}

/* ---- what has been tried ---- */

/* The text with this attempt in it, and without an earlier one. */
static char *with_attempt(const char *text, int64_t row, int64_t at)
{
    CLEANUP(text_free) struct text t = {0};
    char instant[21];
    clock_format_utc(at, instant);
    text_addf(&t,
              "# What this was registered as, if it was: it is not registered twice.\n%s = %" PRId64
              " %s\n",
              ATTEMPT, row, instant);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        size_t name = strlen(ATTEMPT);
        bool earlier =
            strncmp(text, ATTEMPT, name) == 0 && text[name + strspn(text + name, " \t")] == '=';
        length += text[length] == '\n';
        if (!earlier)
            text_add_bytes(&t, text, length);
        text += length;
    }
    return text_take(&t);
}

/* *ret->before: this text is in the register already. */
static bool find_attempt(struct db *db, const struct form *form, struct text *faults,
                         struct opened *ret, struct error *err)
{
    const char *value = form_get(form, ATTEMPT);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char row[24], at[24];
    int64_t instant = 0;
    int digits = 0;
    if (value == NULL || *value == '\0')
        return true;
    if (sscanf(value, "%18[0-9] %n", row, &digits) != 1 ||
        !clock_parse_utc(value + digits, &instant)) {
        form_fault(form, ATTEMPT, faults, "is not what waarborg wrote there; remove the line");
        return true;
    }
    snprintf(at, sizeof at, "%" PRId64, instant);
    const char *params[] = {row, at, NULL};
    if (!db_query(db, DB_AT_MOST_ONE, sql_breach_find_row, COUNT_OF(params), params, &r, err))
        return false;
    if (db_rows(r) == 1) {
        ret->before = true;
        snprintf(ret->reference, sizeof ret->reference, "%s", db_text(r, 0, 1));
    }
    return true;
}

/* ---- registering ---- */

/* Whom to ask, when nobody is named: the data protection officer of the configuration. */
static void add_contact(const struct settings_organisation *o, json_t *values)
{
    static const char *const names[] = {"contact_name", "contact_function", "contact_phone",
                                        "contact_email"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!field_is_empty(json_object_get(values, names[i])))
            return;
    if (o->dpo_name == NULL && o->dpo_email == NULL && o->dpo_phone == NULL)
        return;
    const char *of_dpo[] = {o->dpo_name, "functionaris gegevensbescherming (FG)", o->dpo_phone,
                            o->dpo_email};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (of_dpo[i] != NULL)
            json_object_set_new(values, names[i], json_string(of_dpo[i]));
}

static bool insert(const struct job_ctx *ctx, struct db *db, const json_t *values,
                   struct opened *ret, struct error *err)
{
    const struct settings_breach *s = &ctx->settings->breach;
    CLEANUP(memory_release) char *fields_text = field_to_sql(values, false);
    CLEANUP(memory_release)
    char *regimes = db_array_text((const char *const *)s->regimes.items, s->regimes.count);
    CLEANUP(memory_release) char *customers = memory_format("%d", s->customers_target_hours);
    CLEANUP(memory_release) char *follow_up = memory_format("%d", s->follow_up_target_hours);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(db_result_free) struct db_result *row = NULL;
    const char *params[] = {fields_text, regimes, customers, follow_up};
    if (!db_query(db, DB_ONE_ROW, sql_breach_open_breach, COUNT_OF(params), params, &r, err))
        return false;
    snprintf(ret->reference, sizeof ret->reference, "%s", db_text(r, 0, 0));
    const char *wanted[] = {NULL, NULL, ret->reference};
    if (!db_query(db, DB_ONE_ROW, sql_breach_find_row, COUNT_OF(wanted), wanted, &row, err))
        return false;
    ret->xid = memory_copy_text(db_text(r, 0, 1));
    ret->row = db_int(row, 0, 0);
    return true;
}

static bool explain_unknown(struct entry *e, const char *text, struct error *err)
{
    struct error keeping = {0};
    if (!entry_keep(e, text, &keeping))
        fprintf(stderr, "What you wrote could not be kept: %s\n", keeping.message);
    return error_context(err,
                         "the database went away while it registered this breach, which may be in "
                         "the register or not: look with waarborg breach list when it is back; "
                         "going on with the draft never registers it twice");
}

static bool add_to_register(const struct job_ctx *ctx, struct db **db, struct entry *e,
                            const json_t *values, struct opened *ret, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    if (!db_tx_begin(*db, DB_READ_COMMITTED, &tx, err) || !insert(ctx, *db, values, ret, err))
        return false;
    CLEANUP(memory_release) char *text = with_attempt(entry_text(e), ret->row, ctx->now);
    /* Before COMMIT: whoever is killed after it finds the attempt in the draft. */
    if (entry_has_draft(e) && !entry_keep(e, text, err))
        return false;
    switch (settle_commit(ctx, db, &tx, ret->xid, err)) {
    case SETTLED_COMMITTED:
        return true;
    case SETTLED_NOT:
        return error_context(err, "nothing was registered");
    case SETTLED_UNKNOWN:
        break;
    }
    return explain_unknown(e, text, err);
}

/* ---- what is said ---- */

static void print_json(const struct opened *o, const json_t *values, const json_t *warnings,
                       const struct clock_view_list *clocks, int64_t now)
{
    char aware[LOCAL_TIME_SIZE];
    const json_t *aware_at = json_object_get(values, "aware_at");
    json_t *result = json_pack(
        "{s:s, s:b, s:s, s:O, s:o}", "reference", o->reference, "registered_before", o->before,
        "aware_at", local_time_format_iso((int64_t)json_integer_value(aware_at), aware), "warnings",
        warnings, "clocks", clock_view_list_to_json(clocks, now));
    render_json(stdout, result);
    json_decref(result);
}

static void print_late(const struct opened *o, const struct clock_view_list *clocks, int64_t now)
{
    const struct clock_view *ap = clock_view_find(clocks, "ap");
    if (ap != NULL && clock_view_state(ap, now) == CLOCK_OVERDUE)
        printf("The AP is waiting: notify it now, incomplete if need be, and say why it is late:\n"
               "  waarborg breach amend %s --set delay_reason=\"...\" --because \"...\"\n",
               o->reference);
}

/* It is registered, whatever happens from here on: nothing may say otherwise. */
static void print_result(const struct job_ctx *ctx, struct db *db, const struct opened *o,
                         const json_t *values)
{
    CLEANUP(clock_view_free) struct clock_view_list clocks = {0};
    struct error err = {0};
    char aware[LOCAL_TIME_SIZE];
    json_t *warnings = field_warnings(values);
    const json_t *warning;
    size_t i;
    if (!clock_view_load(db, o->reference, &clocks, &err))
        log_failure("breach.open.clocks", "", &err);
    json_array_foreach(warnings, i, warning)
    {
        fprintf(stderr, "warning: %s\n", json_string_value(warning));
    }
    if (ctx->json) {
        print_json(o, values, warnings, &clocks, ctx->now);
    } else {
        int64_t at = (int64_t)json_integer_value(json_object_get(values, "aware_at"));
        printf("%s %s. Aware %s.\n", o->reference,
               o->before ? "was registered before, by an earlier attempt; nothing was added"
                         : "registered",
               local_time_format(at, aware));
        clock_view_print(stdout, &clocks, ctx->now);
        print_late(o, &clocks, ctx->now);
    }
    json_decref(warnings);
}

/* ---- one attempt ---- */

static bool attempt(void *context, struct entry *e, const struct form *form, struct text *faults,
                    struct error *err)
{
    static const char *const extra[] = {ATTEMPT, NULL};
    const struct opening *o = context;
    struct job_ctx ctx = *o->ctx;
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(json_decrefp) json_t *codes = NULL;
    CLEANUP(opened_release) struct opened opened = {0};
    if (o->editor) /* an hour may have passed in it */
        ctx.now = clock_now();
    CLEANUP(memory_release) char *now = memory_format("%" PRId64, ctx.now);
    const char *params[] = {now};
    /* Faults come first, also while the database is away. */
    bool reached = register_open_db(&ctx, "breach.open", &db, err) &&
                   register_query_json(db, sql_breach_list_codes, 1, params, &codes, err);
    CLEANUP(json_decrefp) json_t *values = field_read(form, codes, FIELD_ALL, NULL, extra, faults);
    field_check(form, values, ctx.now, faults);
    reached = reached && find_attempt(db, form, faults, &opened, err);
    if (faults->length > 0 || !reached)
        return false;
    add_contact(&ctx.settings->organisation, values);
    if (!opened.before && !add_to_register(&ctx, &db, e, values, &opened, err)) {
        (void)entry_add_rule_faults(form, err, faults);
        return register_fail(err);
    }
    if (!opened.before)
        log_event(LOG_NOTICE, "breach.opened", "breach=%s", opened.reference);
    print_result(&ctx, db, &opened, values);
    return true;
}

/* ---- the command ---- */

static bool load_codes(const struct job_ctx *ctx, json_t **ret, struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(memory_release) char *now = memory_format("%" PRId64, ctx->now);
    const char *params[] = {now};
    return register_open_db(ctx, "breach.open", &db, err) &&
           register_query_json(db, sql_breach_list_codes, 1, params, ret, err);
}

/* On a night on which the database is away, too, the officer can begin to write. */
static char *make_opening(const struct job_ctx *ctx)
{
    CLEANUP(json_decrefp) json_t *codes = NULL;
    CLEANUP(json_decrefp) json_t *contact = json_object();
    CLEANUP(text_free) struct text t = {0};
    CLEANUP(text_free) struct text opening = {0};
    struct error err = {0};
    char now[LOCAL_TIME_SIZE];
    text_addf(&opening,
              "A new breach in the register. Now it is %s.\n\n"
              "Write behind the `=`; a text may go on in indented lines, and lines with # are "
              "comments. Needed are title, aware_at, what_happened and nature; the rest can follow "
              "with waarborg breach amend. No names of customers.\n\n"
              "Save and close the editor, and it is registered. Close it without a change, and "
              "nothing is registered.",
              local_time_format(ctx->now, now));
    if (!load_codes(ctx, &codes, &err)) {
        fprintf(stderr, "The register cannot be reached now (%s); you can write all the same.\n",
                err.message);
        text_add(&opening, "\n\nTHE REGISTER CANNOT BE REACHED NOW: what you write is kept as a "
                           "draft, to go on with when it is back.");
    }
    add_contact(&ctx->settings->organisation, contact);
    const struct field_template spec = {
        .opening = text_get(&opening), .codes = codes, .inputs = contact};
    field_template_write(&t, &spec);
    return text_take(&t);
}

bool breach_open(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit, struct error *err)
{
    const char *file = NULL;
    CLEANUP(option_list_free) struct option_list set = {0};
    const struct option_spec specs[] = {
        {"file", 'f', OPTION_TEXT, "FILE", "read the fields from FILE, - for the standard input",
         &file, 0, 0},
        {"set", 0, OPTION_LIST, "FIELD=VALUE", "set a field, also one of FILE; may be repeated",
         &set, 0, 0},
        {0}};
    char **words;
    int count;
    bool help_shown;
    if (!job_parse_options(ctx->job, NULL, help, specs, argc, argv, &words, &count, &help_shown,
                           err))
        return false;
    if (help_shown)
        return true;
    struct opening opening = {.ctx = ctx, .editor = file == NULL && set.count == 0};
    CLEANUP(memory_release) char *text = opening.editor ? make_opening(ctx) : NULL;
    const struct entry_spec spec = {.prefix = "breach-open",
                                    .command = "waarborg breach open",
                                    .file = file,
                                    .set = &set,
                                    .opening = text,
                                    .attempt = attempt,
                                    .context = &opening};
    *ret_exit = JOB_DONE;
    return entry_run(&spec, err);
}
