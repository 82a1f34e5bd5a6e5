#include "jobs/breach/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/editor.h"
#include "common/memory.h"
#include "common/plain_text.h"
#include "jobs/breach/fields.h"
#include "jobs/breach/register.h"

struct entry {
    const struct entry_spec *spec;
    char *draft;      /* path, or NULL */
    struct text text; /* as it was typed */
    bool is_safe;     /* it is all in a file of the officer's */
};

static void entry_release(struct entry *e)
{
    free(e->draft);
    text_free(&e->text);
}

const char *entry_text(const struct entry *e)
{
    return text_get(&e->text);
}

bool entry_has_draft(const struct entry *e)
{
    return e->draft != NULL;
}

bool entry_keep(struct entry *e, const char *text, struct error *err)
{
    if (e->draft == NULL)
        return draft_create(e->spec->prefix, text, strlen(text), &e->draft, err);
    return draft_write(e->draft, text, strlen(text), err);
}

bool entry_add_rule_faults(const struct form *form, const struct error *err, struct text *faults)
{
    struct error rule = *err;
    if (!register_failed_with(err, "WB012"))
        return false;
    (void)register_fail(&rule);
    for (char *line = strtok(rule.message, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *colon = strstr(line, ": ");
        if (colon != NULL)
            *colon = '\0';
        bool of_field = colon != NULL && (field_find(line) != NULL || form_get(form, line) != NULL);
        if (colon != NULL)
            *colon = ':';
        if (!of_field) {
            text_addf(faults, "%s: %s\n", form->source, line);
            continue;
        }
        CLEANUP(memory_release) char *name = memory_format("%.*s", (int)(colon - line), line);
        form_fault(form, name, faults, "%s", colon + 2);
    }
    return true;
}

/* ---- what is said ---- */

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

/* A path as a word of the shell. */
static void print_go_on(const struct entry *e)
{
    bool plain = strpbrk(e->draft, " '\"$`\\()&;<>|*?[]#~!\t\n") == NULL;
    fprintf(stderr, "What you wrote is kept in %s\n", e->draft);
    fprintf(stderr, "  go on with: %s -f %s%s%s\n", e->spec->command, plain ? "" : "'", e->draft,
            plain ? "" : "'");
}

static bool fail_faults(const struct text *faults, struct error *err)
{
    size_t count = count_lines(text_get(faults));
    fputs(text_get(faults), stderr);
    return error_set(err, ERR_USAGE, "the input has %zu fault%s; nothing was registered", count,
                     count == 1 ? "" : "s");
}

static void forget_draft(struct entry *e)
{
    struct error removing = {0};
    if (e->draft != NULL && !draft_remove(e->draft, &removing))
        fprintf(stderr, "The draft %s is not needed any more: %s\n", e->draft, removing.message);
}

/* ---- -f and --set ---- */

/* The text with the fields of --set in it: what a draft of it has to hold. */
static void add_set(struct entry *e, const struct form *form)
{
    if (e->spec->set->count == 0)
        return;
    text_clear(&e->text);
    for (size_t i = 0; i < form->count; i++)
        form_write_entry(&e->text, form->entries[i].name, form->entries[i].value);
    e->is_safe = false;
}

static bool read_given(struct entry *e, struct form **ret, struct text *faults, struct error *err)
{
    const struct entry_spec *spec = e->spec;
    bool standard = spec->file != NULL && strcmp(spec->file, "-") == 0;
    struct error fault = {0};
    if (spec->file != NULL && !plain_text_read(spec->file, FORM_MAX_BYTES, &e->text, err))
        return false;
    e->is_safe = spec->file != NULL && !standard;
    struct form *form = spec->file == NULL ? form_new("--set")
                                           : form_parse(standard ? "standard input" : spec->file,
                                                        text_get(&e->text), e->text.length, faults);
    size_t before = faults->length;
    for (size_t i = 0; i < spec->set->count; i++)
        if (!form_set(form, spec->set->items[i], &fault))
            text_addf(faults, "%s\n", fault.message);
    if (before == 0) /* otherwise the bytes as they came say more */
        add_set(e, form);
    *ret = form;
    return true;
}

static bool run_given(struct entry *e, struct error *err)
{
    CLEANUP(text_free) struct text faults = {0};
    CLEANUP(form_free) struct form *form = NULL;
    struct error keeping = {0};
    if (!read_given(e, &form, &faults, err))
        return false;
    if (e->spec->attempt(e->spec->context, e, form, &faults, err)) {
        forget_draft(e);
        return true;
    }
    bool faulty = faults.length > 0;
    /* What came through a pipe is nowhere else; --set stands in the history of the shell, but is no
     * fun to dig out of it at night. */
    bool standard = e->spec->file != NULL && strcmp(e->spec->file, "-") == 0;
    bool ours = faulty || err->kind == ERR_USAGE; /* repeating it as it was is of no use */
    bool lost = !e->is_safe && e->draft == NULL && e->text.length > 0 && (standard || !ours);
    if (lost && !entry_keep(e, text_get(&e->text), &keeping))
        fprintf(stderr, "What you wrote could not be kept: %s\n", keeping.message);
    if (faulty)
        (void)fail_faults(&faults, err);
    if (e->draft != NULL)
        print_go_on(e);
    return false;
}

/* ---- the editor ---- */

struct session {
    struct entry *e;
    struct text shown; /* what the editor opened with */
    struct text faults;
    bool first;
    bool again; /* the editor is to open with what is in shown by now */
};

static void session_release(struct session *s)
{
    text_free(&s->shown);
    text_free(&s->faults);
}

/* The officer closed the editor without a change. */
static bool give_up(struct session *s, struct error *err)
{
    if (s->first) {
        forget_draft(s->e);
        return error_set(err, ERR_USAGE, "nothing was registered: the text was left as it was");
    }
    (void)fail_faults(&s->faults, err);
    print_go_on(s->e);
    return false;
}

static bool judge(struct session *s, struct error *err)
{
    struct entry *e = s->e;
    text_clear(&s->faults);
    CLEANUP(form_free)
    struct form *form = form_parse(e->draft, text_get(&e->text), e->text.length, &s->faults);
    if (form->count == 0 && s->faults.length == 0) {
        forget_draft(e);
        return error_set(err, ERR_USAGE, "nothing was registered: the text was emptied");
    }
    if (e->spec->attempt(e->spec->context, e, form, &s->faults, err))
        return true;
    if (s->faults.length == 0) {
        print_go_on(e);
        return false;
    }
    text_clear(&s->shown);
    form_annotate(e->draft, text_get(&e->text), e->text.length, text_get(&s->faults), &s->shown);
    s->again = true;
    return false;
}

/* One round. */
static bool edit_once(struct session *s, struct error *err)
{
    struct entry *e = s->e;
    struct error reading = {0};
    bool edited = editor_edit(e->draft, err);
    bool read = draft_keep(e->draft, &reading) &&
                plain_text_read(e->draft, FORM_MAX_BYTES, &e->text, &reading);
    bool same = read && strcmp(text_get(&e->text), text_get(&s->shown)) == 0;
    if (edited && same)
        return give_up(s, err);
    if (edited && read)
        return judge(s, err);
    if (edited)
        *err = reading;
    if (same && s->first)
        forget_draft(e);
    else
        print_go_on(e);
    return false;
}

static bool run_editor(struct entry *e, struct error *err)
{
    CLEANUP(session_release) struct session s = {.e = e, .first = true};
    text_add(&s.shown, e->spec->opening);
    if (!entry_keep(e, text_get(&s.shown), err))
        return false;
    fprintf(stderr, "What you write is kept in %s\n", e->draft);
    while (!edit_once(&s, err)) {
        if (!s.again)
            return false;
        s.again = s.first = false;
        if (!entry_keep(e, text_get(&s.shown), err)) {
            print_go_on(e);
            return false;
        }
    }
    forget_draft(e);
    return true;
}

bool entry_run(const struct entry_spec *spec, struct error *err)
{
    CLEANUP(entry_release) struct entry e = {.spec = spec};
    bool given = spec->file != NULL || spec->set->count > 0 || spec->no_editor;
    return given ? run_given(&e, err) : run_editor(&e, err);
}
