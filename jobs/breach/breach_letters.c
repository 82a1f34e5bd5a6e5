#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/fault_point.h"
#include "common/file.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "common/run_lock.h"
#include "common/stop.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/clock_view.h"
#include "jobs/breach/faults.h"
#include "jobs/breach/letter_report.h"
#include "jobs/breach/register.h"
#include "sql.h"

#define NOTHING_WENT "no letter went"

static const char help_text[] =
    "Letters to the affected customers (GDPR art. 34): what happened, what may follow, what was "
    "done, what they can do, whom to ask.  Without options it shows how many there are, how they "
    "can go and what is missing; nothing changes.\n"
    "\n"
    "  waarborg breach letters DL-2026-0007\n"
    "  waarborg breach letters DL-2026-0007 --preview\n"
    "  waarborg breach letters DL-2026-0007 --send\n"
    "  waarborg breach returned --from /var/mail/privacy\n"
    "  waarborg breach letters DL-2026-0007 --out brieven\n"
    "\n"
    "The texts come from the register: summary_nl, advice_nl, measures_nl (without it the measures "
    "as they are registered), the codes of consequences and harm, and contact_name, contact_phone, "
    "contact_email (without them the data protection officer of the configuration); English "
    "letters take summary_en, advice_en and measures_en.  waarborg breach amend fills them in.  "
    "Who has a language that begins with \"en\" gets an English letter, everybody else a Dutch "
    "one.  Name, address and mail address are read from the customer tables at that moment, by "
    "`contact` of the policy in the configuration; that needs the right to read them.\n"
    "\n"
    "--send hands each letter to the mail system, at most breach.letters_per_minute.  --out writes "
    "a file a customer, named by the number of the letter; a directory that is not there is made.  "
    "Who has no mail address, or whose mail came back, gets a letter by --out.  Both can be cut "
    "off at any moment and run again: nobody is missed, and nobody gets two.  Letters go when it "
    "is decided that customers are told (waarborg breach assess).\n"
    "\n"
    "Exit code 1: somebody still has to be told.  75: stopped by a signal, or another one is at "
    "work on these letters.";

struct request {
    char reference[REGISTER_REFERENCE_SIZE];
    const char *out, *lang, *fallback;
    bool preview, send, again;
};

static bool parse_language(const char *option, const char *word, enum letter_language *ret,
                           struct error *err)
{
    for (enum letter_language l = LETTER_NL; l < LETTER_LANGUAGES; l++)
        if (strcmp(word, letter_language_code(l)) == 0) {
            *ret = l;
            return true;
        }
    return error_set(err, ERR_USAGE, "%s '%.20s' is no language of letters; nl or en", option,
                     word);
}

static bool check_request(const struct request *q, struct error *err)
{
    int modes = (q->preview ? 1 : 0) + (q->send ? 1 : 0) + (q->out != NULL ? 1 : 0);
    enum letter_language l;
    if (modes > 1)
        return error_set(err, ERR_USAGE, "--preview, --send and --out exclude one another");
    if (q->lang != NULL && !q->preview)
        return error_set(err, ERR_USAGE,
                         "--lang goes with --preview; customers get their own language");
    if (q->again && !q->send && q->out == NULL)
        return error_set(err, ERR_USAGE, "--again goes with --send or --out");
    return (q->lang == NULL || parse_language("--lang", q->lang, &l, err)) &&
           (q->fallback == NULL || parse_language("--fallback", q->fallback, &l, err));
}

/* ---- One to read ------------------------------------------------------------------------------
 */

static bool preview(const struct job_ctx *ctx, const struct request *q,
                    const struct letter_texts *texts, int *ret_exit, struct error *err)
{
    CLEANUP(letter_free) struct letter letter = {0};
    CLEANUP(text_free) struct text faults = {0};
    enum letter_language l = LETTER_NL;
    if (q->lang != NULL && !parse_language("--lang", q->lang, &l, err))
        return false;
    if (!letter_make_sample(texts, l, &letter, err))
        return error_context(err, "breach.templates");
    if (!letter_texts_check(texts, l, &faults))
        *ret_exit = JOB_ATTENTION;
    if (ctx->json) {
        json_t *result = json_pack("{s:s,s:s,s:s,s:s,s:s}", "breach", q->reference, "language",
                                   letter_language_code(l), "subject", letter.subject, "text",
                                   text_get(&letter.text), "missing", text_get(&faults));
        render_json(stdout, result);
        json_decref(result);
    } else {
        fputs(text_get(&letter.text), stdout);
        fputs(text_get(&faults), stderr);
    }
    return true;
}

/* ---- May they go? -----------------------------------------------------------------------------
 */

static void check_decision(const struct letter_run *run, struct text *faults)
{
    const json_t *notify = json_object_get(run->breach, "notify");
    if (json_is_true(json_object_get(run->breach, "closed")))
        fault_add(
            faults, "breach",
            "%s is closed; waarborg breach amend %s --reopen --because \"...\" opens it again",
            run->reference, run->reference);
    else if (!json_is_true(json_object_get(run->breach, "assessed")) || json_is_null(notify))
        fault_add(faults, "customers",
                  "it is not decided yet whether they are told; waarborg breach assess %s "
                  "--customers yes ...",
                  run->reference);
    else if (!json_is_true(notify))
        fault_add(faults, "customers",
                  "it is decided that they are not told; waarborg breach assess %s --customers yes "
                  "... decides anew",
                  run->reference);
}

static const struct policy *policy_of(const struct letter_run *run, size_t i)
{
    const json_t *policies = json_object_get(run->breach, "policies");
    const char *name = json_string_value(json_object_get(json_array_get(policies, i), "policy"));
    const struct policy *found = NULL;
    struct error ignored = {0};
    return settings_policy(run->ctx->settings, name, &found, &ignored) ? found : NULL;
}

static void check_channel(const struct letter_run *run, const struct request *q,
                          struct text *faults)
{
    const struct settings *s = run->ctx->settings;
    size_t policies = json_array_size(json_object_get(run->breach, "policies"));
    if (q->send && s->breach.mail_from == NULL)
        fault_add(faults, "breach.mail_from",
                  "is missing in %s; letters by mail need an address that they come from", s->path);
    for (size_t i = 0; i < policies; i++) {
        const struct policy *p = policy_of(run, i);
        if (p == NULL || p->contact.line == 0) /* letter_list has said so */
            continue;
        if (q->send && p->contact.email == NULL)
            fault_add(faults, "contact.email",
                      "policy %s has none in line %u of %s; letters by mail need the column",
                      p->name, p->contact.line, s->path);
        if (q->out != NULL && p->contact.address.count == 0)
            fault_add(faults, "contact.address",
                      "policy %s has none in line %u of %s; letters on paper need the columns",
                      p->name, p->contact.line, s->path);
    }
}

/* Who has no texts in their language gets the other one, when that was asked for. */
static bool choose_languages(struct letter_run *run, const struct request *q, struct error *err)
{
    enum letter_language fallback = LETTER_NL;
    for (enum letter_language l = LETTER_NL; l < LETTER_LANGUAGES; l++)
        run->use[l] = l;
    if (q->fallback == NULL)
        return true;
    if (!parse_language("--fallback", q->fallback, &fallback, err))
        return false;
    for (enum letter_language l = LETTER_NL; l < LETTER_LANGUAGES; l++) {
        CLEANUP(text_free) struct text ignored = {0};
        if (!letter_texts_check(run->texts, l, &ignored))
            run->use[l] = fallback;
    }
    return true;
}

static void check_texts(const struct letter_run *run, struct text *faults)
{
    if (run->languages[LETTER_NL] > 0)
        (void)letter_texts_check(run->texts, LETTER_NL, faults);
    if (run->languages[LETTER_EN] > 0 && !letter_texts_check(run->texts, LETTER_EN, faults))
        fault_add(faults, "letters in English",
                  "with --fallback nl customers who read English get the Dutch letter");
}

/* ---- Letters ----------------------------------------------------------------------------------
 */

static bool show_plan(struct letter_run *run, struct text *faults, int *ret_exit, struct error *err)
{
    if (run->list == NULL) {
        letter_report_plan(run, run, text_get(faults));
        *ret_exit = JOB_ATTENTION;
        return true;
    }
    if (!letter_run_count(run, LETTER_BY_FILE, err))
        return false;
    struct letter_run by_file = *run;
    if (!letter_run_count(run, LETTER_BY_MAIL, err))
        return false;
    struct letter_run either = *run; /* a language is needed when it goes in any way */
    for (enum letter_language l = LETTER_NL; l < LETTER_LANGUAGES; l++)
        either.languages[l] += by_file.languages[l];
    check_texts(&either, faults);
    letter_report_plan(run, &by_file, text_get(faults));
    *ret_exit = faults->length > 0 ? JOB_ATTENTION : JOB_DONE;
    return true;
}

static bool open_out(const char *path, int *ret_fd, struct error *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return error_set_errno(err, "--out: the directory %s cannot be made", path);
    return file_open_private_dir(path, ret_fd, err) || error_context(err, "--out");
}

static bool report(const struct letter_run *run, const struct request *q, int *ret_exit,
                   struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(clock_view_free) struct clock_view_list clocks = {0};
    const char *params[] = {run->reference};
    if (!db_query(run->db, DB_ONE_ROW, sql_breach_count_left, COUNT_OF(params), params, &r, err) ||
        !clock_view_load(run->db, run->reference, &clocks, err))
        return false;
    const struct clock_view *clock = clock_view_find(&clocks, "customers");
    int64_t left = db_int(r, 0, 0);
    log_event(LOG_NOTICE, "breach.letters.done",
              "breach=%s channel=%s letters=%" PRId64 " left=%" PRId64 " stopped=%s",
              run->reference, q->send ? "mail" : "file", run->handed_over, left,
              run->stopped ? "yes" : "no");
    letter_report_run(run, q->out, left, clock == NULL ? CLOCK_NO_INSTANT : clock->at.met_at);
    *ret_exit = run->stopped ? JOB_AGAIN_LATER : left > 0 ? JOB_ATTENTION : JOB_DONE;
    return true;
}

static bool hand_over(struct letter_run *run, const struct request *q, int *ret_exit,
                      struct error *err)
{
    CLEANUP(file_close) int dir_fd = -1;
    uint64_t total = (uint64_t)run->ways[LETTER_GOES];
    if ((q->out != NULL && !open_out(q->out, &dir_fd, err)) || !letter_run_prepare(run, err))
        return false;
    stop_install();
    progress_start(&run->progress, total, run->ctx->quiet);
    bool done = q->send ? letter_send_all(run, err) : letter_write_all(run, dir_fd, q->out, err);
    progress_end(&run->progress);
    if (done)
        return report(run, q, ret_exit, err);
    log_event(LOG_WARNING, "breach.letters.broken_off", "breach=%s channel=%s letters=%" PRId64,
              run->reference, q->send ? "mail" : "file", run->handed_over);
    return false;
}

static bool send_or_write(struct letter_run *run, const struct request *q, struct text *faults,
                          int *ret_exit, struct error *err)
{
    int64_t id = json_integer_value(json_object_get(run->breach, "id"));
    check_channel(run, q, faults);
    if (run->list != NULL && !letter_run_count(run, q->send ? LETTER_BY_MAIL : LETTER_BY_FILE, err))
        return false;
    check_texts(run, faults);
    if (!faults_none(faults, NOTHING_WENT, err) || !run_lock_take_letters(run->db, id, err))
        return false;
    FAULT_POINT("letters.locked");
    return hand_over(run, q, ret_exit, err);
}

static void run_release(struct letter_run *run)
{
    letter_list_close(&run->list);
    letter_texts_close(&run->texts);
    db_close(&run->db);
}

static bool letters(const struct job_ctx *ctx, const struct request *q, int *ret_exit,
                    struct error *err)
{
    CLEANUP(json_decrefp) json_t *breach = NULL;
    CLEANUP(text_free) struct text faults = {0};
    CLEANUP(run_release)
    struct letter_run run = {.ctx = ctx,
                             .reference = q->reference,
                             .again = q->again,
                             .started_ms = clock_monotonic_ms()};
    const char *params[] = {q->reference};
    if (!register_open_db(ctx, "breach.letters", &run.db, err) ||
        !register_query_json(run.db, sql_breach_show_letter, COUNT_OF(params), params, &breach,
                             err))
        return false;
    if (json_is_null(breach))
        return error_set(err, ERR_USAGE,
                         "there is no breach %s; waarborg breach list --all shows them",
                         q->reference);
    run.breach = breach;
    letter_texts_open(ctx->settings, breach, q->reference, ctx->now, &run.texts);
    if (q->preview)
        return preview(ctx, q, run.texts, ret_exit, err);
    check_decision(&run, &faults);
    if (!choose_languages(&run, q, err) ||
        !letter_list_open(run.db, ctx->settings, breach, &faults, &run.list, err))
        return false;
    return q->send || q->out != NULL ? send_or_write(&run, q, &faults, ret_exit, err)
                                     : show_plan(&run, &faults, ret_exit, err);
}

bool breach_letters(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                    struct error *err)
{
    struct request q = {0};
    const struct option_spec specs[] = {
        {"preview", 'p', OPTION_FLAG, NULL, "show one, to no customer; changes nothing", &q.preview,
         0, 0},
        {"lang", 'l', OPTION_TEXT, "nl|en", "of --preview; default nl", &q.lang, 0, 0},
        {"send", 0, OPTION_FLAG, NULL, "by mail", &q.send, 0, 0},
        {"out", 'o', OPTION_TEXT, "DIR", "on paper: a file each, readable by you alone", &q.out, 0,
         0},
        {"fallback", 0, OPTION_TEXT, "nl|en",
         "who has a language without texts gets a letter in this one", &q.fallback, 0, 0},
        {"again", 0, OPTION_FLAG, NULL,
         "also who may have got one in the other way from a run that was cut off", &q.again, 0, 0},
        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "REF", help_text, specs, argc, argv, &words, &count, &help,
                           err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (count != 1)
        return error_set(err, ERR_USAGE,
                         "'breach letters' takes one reference: waarborg breach letters "
                         "DL-2026-0007 --preview");
    return register_parse_reference(words[0], q.reference, err) && check_request(&q, err) &&
           letters(ctx, &q, ret_exit, err);
}
