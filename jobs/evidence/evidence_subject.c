#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/archive/reference.h"
#include "jobs/evidence/at_work.h"
#include "jobs/evidence/evidence_jobs.h"
#include "jobs/evidence/subject.h"
#include "jobs/schema/schema.h"

/* From its COMMIT to its journal line a batch takes well under a second. */
#define ATTEMPTS 4

static const char help_text[] =
    "What happened to one subject: is it in the database, and why (still); when was it\n"
    "disposed of, under which rule, and what became of its archive; who restored it.  Each\n"
    "disposal is looked up outside the database too, in the manifests and the journal, and\n"
    "what does not agree is told (exit code 4).  Exit code 1 when policy and database do\n"
    "not fit together, so that nobody can say whether it is in the database.\n\n"
    "KEY is one word for each column of the subject key, written as the database writes it;\n"
    "put words that begin with - behind --, and also a key that is the word verify.  The\n"
    "evidence names a subject by its reference only, which is made with\n"
    "evidence.reference_key.";

static json_t *new_answer(const struct job_ctx *ctx, const struct policy *p)
{
    char table[TABLE_NAME_TEXT_SIZE];
    char as_of[11];
    table_name_format(&p->subject, table, sizeof table);
    local_date_format(ctx->as_of, as_of);
    return json_pack(
        "{s:s, s:s, s:n, s:s, s:n, s:s, s:n, s:n, s:n, s:n, s:n, s:[], s:[], s:[], s:n, "
        "s:[], s:[]}",
        "policy", p->name, "subject_table", table, "reference", "as_of", as_of, "in_database",
        "state", "unknown", "rule", "due_on", "kept_until", "reason", "since", "holds", "breaches",
        "disposals", "returned", "notes", "faults");
}

static bool make_reference(struct subject *s, struct error *err)
{
    const struct table_name *t = &s->policy->subject;
    if (!reference_make(s->reference_key, t->schema, t->table, (const char *const *)s->key,
                        s->key_count, s->reference, err))
        return false;
    json_object_set_new(s->answer, "reference", json_string(s->reference));
    return true;
}

static bool ask(struct subject *s, char *const *words, size_t count, struct error *err)
{
    json_decref(s->answer);
    s->answer = new_answer(s->ctx, s->policy);
    db_items_free(s->key, s->key_count);
    s->key = NULL;
    s->key_count = 0;
    if (!subject_find_key(s, words, count, err) || !subject_judge(s, err))
        return false;
    /* No row could ever have this key: nothing was ever written about it either. */
    if (s->key != NULL && !(make_reference(s, err) && subject_tell_history(s, err)))
        return false;
    if (json_is_false(json_object_get(s->answer, "in_database")) &&
        json_array_size(json_object_get(s->answer, "disposals")) == 0)
        json_object_set_new(s->answer, "state", json_string("not-found"));
    return true;
}

/* What a run is just committing is no fault: it is looked at again; and a run may have ended while
 * we looked. */
static bool ask_settled(struct subject *s, char *const *words, size_t count, struct error *err)
{
    for (int attempt = 1;; attempt++) {
        if (!ask(s, words, count, err))
            return false;
        bool busy = at_work(s->ctx->settings->archive.directory);
        if (subject_fault_count(s) == 0 || attempt == ATTEMPTS || (attempt > 1 && !busy))
            return true;
        if (busy)
            sleep(1);
    }
}

static bool answer(const struct job_ctx *ctx, const struct policy *policy, char *const *words,
                   size_t count, int *ret_exit, struct error *err)
{
    CLEANUP(subject_free) struct subject s = {.ctx = ctx, .policy = policy};
    if (!reference_key_load(ctx->settings->evidence.reference_key, s.reference_key, err) ||
        !job_open_db(ctx, "evidence", 0, &s.db, err) || !schema_require(s.db, err) ||
        !ask_settled(&s, words, count, err))
        return false;
    size_t faults = subject_fault_count(&s);
    bool unknown = json_is_null(json_object_get(s.answer, "in_database"));
    log_event(faults > 0 ? LOG_ERROR : LOG_INFO, "evidence.done",
              "policy=%s state=%s disposals=%zu faults=%zu", policy->name,
              json_string_value(json_object_get(s.answer, "state")),
              json_array_size(json_object_get(s.answer, "disposals")), faults);
    if (ctx->json)
        render_json(stdout, s.answer);
    else
        subject_print(s.answer);
    *ret_exit = faults > 0 ? JOB_INTEGRITY : unknown ? JOB_ATTENTION : JOB_DONE;
    return true;
}

bool evidence_subject(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                      struct error *err)
{
    const char *name = NULL;
    const struct policy *policy = NULL;
    const struct option_spec specs[] = {{"policy", 'p', OPTION_TEXT, "NAME",
                                         "whose subject; needed when there are several", &name, 0,
                                         0},
                                        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "KEY...", help_text, specs, argc, argv, &words, &count, &help,
                           err))
        return false;
    *ret_exit = JOB_DONE;
    return help || (settings_policy(ctx->settings, name, &policy, err) &&
                    answer(ctx, policy, words, (size_t)count, ret_exit, err));
}
