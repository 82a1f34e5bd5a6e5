#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/archive/verification.h"
#include "jobs/evidence/at_work.h"
#include "jobs/evidence/audit_log.h"
#include "jobs/evidence/evidence_jobs.h"
#include "jobs/evidence/story.h"
#include "jobs/schema/schema.h"

static const char help_text[] =
    "Checks the whole evidence, without any key: every line of the\n"
    "journal, every manifest and the chain they form, every segment file (or that it was\n"
    "destroyed), and whether what they tell can have happened like that: sums of runs,\n"
    "restores, holds, and that nobody was disposed of twice without a reason.  Lists\n"
    "everything that does not hold, the most fundamental first.\n\n"
    "Looks at the archive and the journal of the configuration, and walks the audit log in\n"
    "the database (every write to holds, approvals and the breach register); --offline leaves\n"
    "the database alone; otherwise the verification is recorded there, for the reports, unless\n"
    "this user only reads.  Or at a copy, always without a database: DIR is a copy of\n"
    "archive.directory.  A file journal.jsonl in it or beside it is taken for its\n"
    "journal, unless --journal names another.\n\n"
    "The rows themselves need a recipient's key: waarborg archive verify --key FILE.\n"
    "Exit code 4 when something does not hold, 3 when the database cannot be asked, 2 when\n"
    "DIR or FILE is not there or DIR holds no segment, 75 when a job is at work now.";

struct place {
    const char *directory;
    char *journal; /* NULL: not looked at */
    bool live;     /* the archive of the configuration, in which a job may be at work */
};

struct outcome { /* initialise to {.evidence.store.root_fd = -1} */
    struct evidence evidence;
    struct disposals disposals;
    struct verify_result result;
    struct audit_log audit;
};

static void place_free(struct place *p)
{
    free(p->journal);
}

static void outcome_free(struct outcome *o)
{
    verify_result_free(&o->result);
    disposals_free(&o->disposals);
    evidence_free(&o->evidence);
}

/* ---- where ---- */

static bool choose_live(const struct job_ctx *ctx, const char *journal, struct place *ret,
                        struct error *err)
{
    if (ctx->settings == NULL)
        return error_set(err, ERR_USAGE,
                         "there is no configuration: give one with -c FILE, or a copy of an "
                         "archive: waarborg evidence verify DIR");
    const char *path = journal != NULL ? journal : ctx->settings->evidence.journal;
    ret->live = true;
    ret->directory = ctx->settings->archive.directory;
    ret->journal = memory_copy_text(path);
    if (access(ret->directory, F_OK) != 0 && errno == ENOENT && access(path, F_OK) == 0)
        return error_set(err, ERR_INTEGRITY,
                         "the archive directory %s is missing although there is a journal, %s: "
                         "mount it, or put it back from the backup",
                         ret->directory, path);
    return true;
}

static bool choose_place(const struct job_ctx *ctx, const char *directory, const char *journal,
                         struct place *ret, struct error *err)
{
    static const char *const places[] = {"", "../"}; /* in it, beside it */
    if (journal != NULL && access(journal, F_OK) != 0) {
        error_set_errno(err, "--journal %s", journal);
        err->kind = ERR_USAGE;
        return false;
    }
    if (directory == NULL)
        return choose_live(ctx, journal, ret, err);
    ret->directory = directory;
    ret->journal = memory_copy_text(journal);
    for (size_t i = 0; ret->journal == NULL && i < COUNT_OF(places); i++) {
        CLEANUP(memory_release)
        char *path = memory_format("%s/%sjournal.jsonl", directory, places[i]);
        if (access(path, F_OK) == 0) /* without the "/../" */
            ret->journal = realpath(path, NULL);
    }
    return true;
}

/* ---- looking ---- */

/* Before the first run there is neither. */
static void forgive_beginning(const struct place *p, struct outcome *o)
{
    struct evidence *e = &o->evidence;
    if (!p->live || e->store.entry_count > 0 || access(p->journal, F_OK) == 0)
        return;
    for (size_t i = 0; i < e->journal_fault_count; i++)
        free(e->journal_faults[i]);
    e->journal_fault_count = 0;
}

/* The journal of a copy may lie in it. */
static void forgive_journal(const struct place *p, struct store *s)
{
    if (p->live)
        return;
    for (size_t i = 0; i < s->stranger_count; i++)
        if (strcmp(s->strangers[i], "journal.jsonl") == 0) {
            free(s->strangers[i]);
            s->strangers[i] = s->strangers[--s->stranger_count];
            return;
        }
}

static bool look(const struct place *p, struct outcome *o, struct error *err)
{
    struct evidence *e = &o->evidence;
    if (!evidence_load_offline(p->directory, false, p->journal, e, err))
        return false;
    forgive_beginning(p, o);
    forgive_journal(p, &e->store);
    o->disposals.history = &e->history;
    const struct verify_request request = {
        .every_fault = true, .files_only = true, .watch = disposals_add, .context = &o->disposals};
    if (!verify_archive(e, &request, &o->result, err))
        return false;
    story_check_databases(&o->disposals, &o->result);
    if (e->has_journal) {
        disposals_sort(&o->disposals);
        story_check_journal(&o->disposals, &o->result);
    }
    verify_sort(&o->result);
    return true;
}

/* What a job at work has not finished is no fault; and one may have ended while we looked. */
static bool look_settled(const struct place *p, struct outcome *o, struct error *err)
{
    if (!look(p, o, err))
        return false;
    if (o->result.fault_count == 0 || !p->live)
        return true;
    outcome_free(o);
    *o = (struct outcome){.evidence.store.root_fd = -1};
    if (!at_work(p->directory))
        return look(p, o, err);
    return error_set(err, ERR_BUSY,
                     "a job is at work in %s, so journal and archive do not agree yet: try again "
                     "when it is done",
                     p->directory);
}

/* "It holds" is no answer about a directory that somebody mistook for an archive. */
static bool refuse_nothing(const struct place *p, const struct outcome *o, struct error *err)
{
    if (p->live || o->evidence.store.entry_count > 0 || o->evidence.history.segment_count > 0)
        return true;
    return error_set(err, ERR_USAGE,
                     "%s holds no segment: DIR is to be archive.directory, or a copy of it",
                     p->directory);
}

static bool look_at_audit_log(const struct job_ctx *ctx, struct outcome *o, struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    if (!job_open_db(ctx, "evidence.verify", 5000, &db, err) || !schema_require(db, err) ||
        !audit_log_check(db, &o->evidence.history, &o->audit, &o->result, err))
        return error_context(err, "journal and archive %s; --offline leaves the database alone",
                             o->result.fault_count == 0 ? "hold" : "do not hold");
    verify_sort(&o->result);
    return true;
}

/* ---- telling ---- */

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void print_journal_checked(const struct place *p, const struct history *h)
{
    char lines[32];
    printf(
        "  the journal %s:\n"
        "    each of its %s lines, that it follows the one before and agrees with the manifests\n"
        "    the sums of %zu run%s; %zu restore%s; %zu hold%s\n"
        "  nobody was disposed of twice without a reason\n",
        p->journal, render_count(lines, sizeof lines, (long long)h->lines), h->run_count,
        plural(h->run_count), h->restore_count, plural(h->restore_count), h->hold_count,
        plural(h->hold_count));
}

static void print_audit_log(const struct audit_log *a)
{
    char lines[32];
    if (!a->checked)
        return;
    printf("  the audit log: each of its %s lines, that it follows the one before, and that the\n"
           "    ends which the journal noted are among them\n",
           render_count(lines, sizeof lines, (long long)a->lines));
    if (a->lost > 0)
        printf("    (%" PRIu64 " end%s noted before the database was restored went with it)\n",
               a->lost, plural(a->lost));
}

static void print_checked(const struct place *p, const struct outcome *o)
{
    const struct verify_result *r = &o->result;
    const struct history *h = &o->evidence.history;
    size_t there = r->segments - r->destroyed;
    printf("Checked:\n  every manifest, and that they form one chain\n"
           "  size and SHA-256 of %zu segment file%s",
           there, plural(there));
    if (r->destroyed > 0)
        printf(", and that %zu %s gone, as the journal says", r->destroyed,
               r->destroyed == 1 ? "is" : "are");
    putchar('\n');
    if (o->evidence.has_journal)
        print_journal_checked(p, h);
    print_audit_log(&o->audit);
    printf("Not checked:\n");
    if (!o->audit.checked)
        printf("  the audit log in the database\n");
    if (!o->evidence.has_journal)
        printf("  the journal, %s; so nobody knows whether anybody was\n"
               "    disposed of twice\n",
               p->journal == NULL ? "which was not found (--journal FILE)"
                                  : "which is not there yet");
    printf("  the rows inside the segments (waarborg archive verify --key FILE)\n"
           "  the ledger in the database (waarborg archive verify)\n"
           "  whether something was cut off at the end of archive and journal alike\n");
    if (h->torn > 0)
        printf("The journal ends in %" PRIu64 " bytes that are no whole line: a power cut; the "
               "next run removes them.\n",
               h->torn);
}

static void print_text(const struct job_ctx *ctx, const struct place *p, const struct outcome *o)
{
    char bytes[32];
    char subjects[32];
    const struct verify_result *r = &o->result;
    verify_print_faults(r);
    if (r->fault_count > 0) {
        printf("%zu segment%s looked at, %zu fault%s: the evidence does not hold.\n", r->segments,
               plural(r->segments), r->fault_count, plural(r->fault_count));
        return;
    }
    if (ctx->quiet)
        return;
    printf("%zu segment%s, %s disposals, %s: the evidence holds.\n", r->segments,
           plural(r->segments),
           render_count(subjects, sizeof subjects, (long long)o->disposals.count),
           render_bytes(bytes, sizeof bytes, r->bytes));
    print_checked(p, o);
}

static const char *const rank_names[] = {
    [VERIFY_JOURNAL] = "journal", [VERIFY_MANIFEST] = "manifest", [VERIFY_CHAIN] = "chain",
    [VERIFY_BOOKS] = "books",     [VERIFY_AUDIT] = "audit",       [VERIFY_FILE] = "file",
    [VERIFY_STORY] = "story",     [VERIFY_STRANGER] = "stranger"};

static void print_json(const struct place *p, const struct outcome *o)
{
    const struct verify_result *r = &o->result;
    const struct history *h = &o->evidence.history;
    json_t *faults = json_array();
    for (size_t i = 0; i < r->fault_count; i++)
        json_array_append_new(
            faults, json_pack("{s:s, s:s, s:s}", "kind", rank_names[r->faults[i].rank], "place",
                              r->faults[i].place, "fault", r->faults[i].sentence));
    json_t *result = json_pack(
        "{s:s, s:s?, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:o}", "directory",
        p->directory, "journal", p->journal, "journal_checked", (int)o->evidence.has_journal,
        "segments", (json_int_t)r->segments, "destroyed", (json_int_t)r->destroyed, "disposals",
        (json_int_t)o->disposals.count, "bytes", (json_int_t)r->bytes, "journal_lines",
        (json_int_t)h->lines, "torn_bytes", (json_int_t)h->torn, "runs", (json_int_t)h->run_count,
        "restores", (json_int_t)h->restore_count, "holds", (json_int_t)h->hold_count,
        "audit_log_checked", (int)o->audit.checked, "audit_lines", (json_int_t)o->audit.lines,
        "faults", faults);
    render_json(stdout, result);
    json_decref(result);
}

bool evidence_verify(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                     struct error *err)
{
    const char *journal = NULL;
    bool offline = false;
    const struct option_spec specs[] = {
        {"journal", 'j', OPTION_TEXT, "FILE", "the journal, or a copy of it", &journal, 0, 0},
        {"offline", 0, OPTION_FLAG, NULL, "leave the database alone", &offline, 0, 0},
        {0}};
    CLEANUP(place_free) struct place place = {0};
    CLEANUP(outcome_free) struct outcome o = {.evidence.store.root_fd = -1};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "[DIR]", help_text, specs, argc, argv, &words, &count, &help,
                           err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (count > 1)
        return error_set(err, ERR_USAGE, "give one directory, or none for archive.directory");
    if (!choose_place(ctx, count == 1 ? words[0] : NULL, journal, &place, err) ||
        !look_settled(&place, &o, err) || !refuse_nothing(&place, &o, err) ||
        (place.live && !offline && !look_at_audit_log(ctx, &o, err)))
        return false;
    log_event(o.result.fault_count > 0 ? LOG_ERROR : LOG_INFO, "evidence.verify.done",
              "segments=%zu disposals=%zu lines=%" PRIu64 " faults=%zu", o.result.segments,
              o.disposals.count, o.evidence.history.lines, o.result.fault_count);
    if (ctx->json)
        print_json(&place, &o);
    else
        print_text(ctx, &place, &o);
    *ret_exit = o.result.fault_count > 0 ? JOB_INTEGRITY : JOB_DONE;
    return !place.live || offline || journal != NULL ||
           verification_record(ctx, "evidence", &o.result, err);
}
