#include "jobs/evidence/subject_confirm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/memory.h"
#include "jobs/archive/reference.h"
#include "sql.h"

#define LOCAL_SIZE 40 /* of an instant with its offset */

enum { LEDGER_ID = 0 }; /* column of list_ledger.sql */

void confirm_free(struct confirm *c)
{
    store_close(&c->store);
    history_free(&c->history);
    lookup_free(&c->by_id);
    db_result_free(&c->ledger);
    *c = (struct confirm){.store.root_fd = -1};
}

/* ---- loading ---- */

static bool load_ledger(struct confirm *c, struct error *err)
{
    if (!db_query(c->s->db, DB_ROWS, sql_archive_list_ledger, 0, NULL, &c->ledger, err))
        return error_context(err, "read the ledger");
    for (size_t i = 0; i < db_rows(c->ledger); i++)
        lookup_put(&c->by_id, db_text(c->ledger, i, LEDGER_ID), i);
    return true;
}

/* Before the first run there is neither archive nor journal. */
static bool is_beginning(const struct confirm *c)
{
    return db_rows(c->ledger) == 0 && c->store.entry_count == 0;
}

static void load_store(struct confirm *c)
{
    struct error trouble = {0};
    c->has_store = store_open(c->s->ctx->settings->archive.directory, false, &c->store, &trouble);
    if (!c->has_store && db_rows(c->ledger) > 0)
        subject_add_fault(c->s, "archive", trouble.message);
}

static bool load_journal(struct confirm *c, struct error *err)
{
    struct error trouble = {0};
    c->has_journal = history_load(c->s->ctx->settings->evidence.journal, &c->history, &trouble);
    if (c->has_journal || (trouble.sys_errno == ENOENT && is_beginning(c)))
        return true;
    if (trouble.kind == ERR_INTEGRITY) {
        subject_add_fault(c->s, "journal", trouble.message);
        return true;
    }
    *err = trouble;
    return false;
}

bool confirm_load(struct subject *s, struct confirm *ret, struct error *err)
{
    CLEANUP(confirm_free) struct confirm c = {.s = s, .store.root_fd = -1};
    if (!load_ledger(&c, err))
        return false;
    load_store(&c);
    /* With another key nobody would be found, and "never here" would be a lie. */
    if (!load_journal(&c, err) ||
        !reference_key_check(s->ctx->settings->evidence.reference_key, s->reference_key,
                             c.history.key_fingerprint, err))
        return false;
    *ret = c;
    c = (struct confirm){.store.root_fd = -1};
    return true;
}

/* ---- what the ledger knows ---- */

static const struct manifest_reference *find_reference(const struct manifest *m,
                                                       const char *reference)
{
    for (size_t i = 0; i < m->reference_count; i++)
        if (strcmp(m->references[i].reference, reference) == 0)
            return &m->references[i];
    return NULL;
}

static bool complain(struct error *err, const char *sentence)
{
    return error_set(err, ERR_INTEGRITY, "%s", sentence);
}

static bool confirm_manifest(const struct confirm *c, const struct confirm_disposal *d,
                             const struct store_entry *entry, struct error *err)
{
    CLEANUP(manifest_free) struct manifest *m = NULL;
    if (!c->has_store)
        return complain(err, "the archive directory cannot be read, so no manifest confirms it");
    if (d->file == NULL)
        return complain(err, "the ledger has lost the segment of this disposal");
    if (entry == NULL)
        return complain(err, "neither its file nor its manifest is in the archive directory");
    if (!store_load_manifest(&c->store, entry, &m, err))
        return false;
    if (strcmp(m->sha256, d->manifest_sha256) != 0)
        return complain(err, "its manifest does not have the SHA-256 that stands in the ledger");
    const struct manifest_reference *r = find_reference(m, c->s->reference);
    if (r == NULL)
        return complain(err, "its manifest does not name this subject, the ledger does");
    return (strcmp(r->rule, d->rule) == 0 && strcmp(r->due_on, d->due_on) == 0) ||
           complain(err, "its manifest gives another rule or day than the ledger");
}

static bool confirm_line(const struct confirm *c, const struct confirm_disposal *d,
                         struct error *err)
{
    const struct history_segment *line = history_find(&c->history, d->segment);
    if (!c->has_journal)
        return complain(err, "there is no journal that confirms it");
    if (line == NULL)
        return complain(
            err, "the journal has no line about it: a run was cut off (the next one writes the "
                 "line), or the journal was shortened or replaced");
    if (d->manifest_sha256 == NULL || strcmp(line->manifest_sha256, d->manifest_sha256) != 0)
        return complain(err, "the journal gives its manifest another SHA-256 than the ledger");
    if (d->destroyed && line->expire_line == 0)
        return complain(err, "the ledger says that its file was destroyed, the journal does not; "
                             "the next retention run writes the line");
    return d->destroyed || line->expire_line == 0 ||
           complain(err, "the journal says that its file was destroyed, the ledger does not: the "
                         "database was restored to an earlier point");
}

static bool confirm_file(const struct confirm_disposal *d, const struct store_entry *entry,
                         struct error *err)
{
    bool there = entry != NULL && entry->has_file;
    if (there && d->destroyed)
        return complain(err, "its file was to be destroyed, but it is there");
    return there || d->destroyed || complain(err, "its file is not there");
}

void confirm_disposal(struct confirm *c, const struct confirm_disposal *d, json_t *disposal)
{
    const struct store_entry *entry =
        c->has_store && d->file != NULL ? store_find_base(&c->store, d->file) : NULL;
    struct error fault = {0};
    bool there = entry != NULL && entry->has_file;
    bool manifest = confirm_manifest(c, d, entry, &fault);
    if (!manifest)
        subject_add_fault(c->s, d->segment, fault.message);
    bool line = confirm_line(c, d, &fault);
    if (!line)
        subject_add_fault(c->s, d->segment, fault.message);
    bool file = confirm_file(d, entry, &fault);
    if (!file && c->has_store)
        subject_add_fault(c->s, d->segment, fault.message);
    json_object_set_new(disposal, "archive",
                        there          ? json_string("present")
                        : d->destroyed ? json_string("destroyed")
                        : c->has_store ? json_string("file missing")
                                       : json_null());
    json_object_set_new(disposal, "in_manifest", json_boolean(manifest));
    json_object_set_new(disposal, "in_journal", json_boolean(line));
    json_object_set_new(disposal, "confirmed", json_boolean(manifest && line && file));
}

void confirm_restore(struct confirm *c, const char *segment, bool whole, int64_t at)
{
    const struct history *h = &c->history;
    if (!c->has_journal)
        return;
    for (size_t i = 0; i < h->restore_count; i++) {
        const struct history_restore *r = &h->restores[i];
        if (r->at == at && strcmp(r->segment, segment) == 0 && (r->reference == NULL) == whole &&
            (whole || strcmp(r->reference, c->s->reference) == 0))
            return;
    }
    subject_add_fault(c->s, segment,
                      "the journal has no line about a restore that the ledger has; the next "
                      "retention run writes it");
}

/* ---- what only manifests know ---- */

/* As the database writes instants: main has set the time zone of the configuration. */
static void format_local(int64_t instant, char dst[static LOCAL_SIZE])
{
    time_t at = (time_t)instant;
    struct tm local = {0};
    char text[LOCAL_SIZE];
    dst[0] = '\0';
    if (localtime_r(&at, &local) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &local) < 5)
        return;
    size_t zone = strlen(text) - 2; /* +0100 */
    snprintf(dst, LOCAL_SIZE, "%.*s:%s", (int)zone, text, text + zone);
}

static void add_forgotten(struct confirm *c, const struct store_entry *entry,
                          const struct manifest *m, const struct manifest_reference *r)
{
    const struct history_segment *line = history_find(&c->history, m->segment_id);
    bool expired = line != NULL && line->expire_line != 0;
    bool in_journal = line != NULL && strcmp(line->manifest_sha256, m->sha256) == 0;
    char destroyed_at[LOCAL_SIZE] = "";
    char disposed_at[LOCAL_SIZE] = "";
    int64_t created = 0;
    if (expired)
        format_local(line->expired_at, destroyed_at);
    if (clock_parse_utc(m->created_at, &created))
        format_local(created, disposed_at);
    const char *archive = entry->has_file ? "present" : expired ? "destroyed" : "file missing";
    json_t *d =
        json_pack("{s:s, s:n, s:b, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s?, s:b, s:b, s:b, "
                  "s:b, s:[]}",
                  "disposed_at", disposed_at, "kept_until", "archive_held", 0, "policy", m->policy,
                  "rule", r->rule, "due_on", r->due_on, "segment", m->segment_id, "run",
                  (json_int_t)m->run_id, "as_of", m->as_of, "file", entry->base, "archive", archive,
                  "destroyed_at", expired ? destroyed_at : NULL, "in_ledger", 0, "in_manifest", 1,
                  "in_journal", (int)in_journal, "confirmed", 0, "restores");
    json_array_append_new(json_object_get(c->s->answer, "disposals"), d);
    size_t row;
    bool known = lookup_get(&c->by_id, m->segment_id, &row);
    subject_add_fault(
        c->s, m->segment_id,
        known ? "its manifest names this subject, the ledger does not: a disposal record was "
                "removed"
        : !c->has_journal
            ? "its manifest names this subject, the ledger does not know the segment, and no "
              "journal tells whether it was ever committed"
        : in_journal
            ? "manifest and journal say that this subject was disposed of, the ledger does not "
              "know: the database was restored to an earlier point, and the subject may be in it "
              "again; waarborg retention run --re-erase disposes of it"
            : "its manifest is not the one that the journal has a line about");
}

/* What a batch leaves that did not commit, or has not yet: its subjects are where they were. */
static bool is_uncommitted(const struct confirm *c, const char *segment, bool known)
{
    return !known && c->has_journal && history_find(&c->history, segment) == NULL;
}

static bool is_told(const struct confirm *c, const char *segment)
{
    const json_t *disposals = json_object_get(c->s->answer, "disposals");
    for (size_t i = 0; i < json_array_size(disposals); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(disposals, i), "segment")),
                   segment) == 0)
            return true;
    return false;
}

static void look_into(struct confirm *c, const struct store_entry *entry)
{
    CLEANUP(manifest_free) struct manifest *m = NULL;
    struct error trouble = {0};
    if (!store_load_manifest(&c->store, entry, &m, &trouble)) {
        subject_add_fault(c->s, store_entry_id(entry), trouble.message);
        return;
    }
    const struct manifest_reference *r = find_reference(m, c->s->reference);
    if (r != NULL)
        add_forgotten(c, entry, m, r);
}

bool confirm_find_forgotten(struct confirm *c, struct error *err)
{
    (void)err;
    bool nothing_known = !json_is_true(json_object_get(c->s->answer, "in_database")) &&
                         json_array_size(json_object_get(c->s->answer, "disposals")) == 0;
    for (size_t i = 0; c->has_store && i < c->store.entry_count; i++) {
        const struct store_entry *entry = &c->store.entries[i];
        const char *id = store_entry_id(entry);
        size_t row;
        bool known = lookup_get(&c->by_id, id, &row);
        if ((!known || nothing_known) && !is_uncommitted(c, id, known) && !is_told(c, id))
            look_into(c, entry);
    }
    return true;
}
