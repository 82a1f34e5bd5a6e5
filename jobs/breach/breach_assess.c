#include <inttypes.h>
#include <stdio.h>

#include "common/local_time.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/decision.h"
#include "jobs/breach/faults.h"
#include "jobs/breach/page.h"
#include "jobs/breach/standing.h"
#include "sql.h"

#define NOT_ASSESSED "nothing was recorded"

struct request {
    struct decision_words words;
    struct decision decision;
    char **operands;
    int operand_count;
};

static const char *yes_or_no(enum answer answer)
{
    return answer == ANSWER_YES ? "yes" : answer == ANSWER_NO ? "no" : "no, nothing was decided";
}

static void print_json(const struct job_ctx *ctx, const struct request *q,
                       const struct breach_check *b, int64_t id, const struct text *warnings,
                       const struct standing *standing)
{
    const struct decision *d = &q->decision;
    CLEANUP(json_decrefp) json_t *result = decision_to_json(d, &q->words);
    json_object_set_new(result, "breach", json_string(b->reference));
    json_object_set_new(result, "assessment", json_integer((json_int_t)id));
    json_object_set_new(result, "risk_follows", json_boolean(d->risk_because != NULL));
    json_object_set_new(result, "warnings", standing_warnings_json(warnings));
    standing_add_json(result, standing, ctx->now);
    render_json(stdout, result);
}

static void print_enisa(const struct decision *d)
{
    CLEANUP(text_free) struct text advice = {0};
    if (!d->has_enisa)
        return;
    enisa_explain(&advice, &d->enisa, "en");
    page_heading(stdout, "ENISA score, advice beside the decision");
    page_text(stdout, 2, text_get(&advice));
}

static void print_result(const struct request *q, const struct breach_check *b)
{
    const struct decision *d = &q->decision;
    printf("%s is assessed: %s%s.\n", b->reference,
           d->risk[0] == 'u' ? "a risk is unlikely" : d->risk, d->risk[0] == 'h' ? " risk" : "");
    page_line(stdout, "risk follows", d->risk_because);
    page_line(stdout, "AP", yes_or_no(d->ap));
    page_line(stdout, "customers", yes_or_no(d->customers));
    page_line(stdout, "ground", d->ground);
    if (b->assessments > 0)
        printf("  It was assessed before; %s in the register.\n",
               b->assessments == 1 ? "that assessment stays" : "those assessments stay");
    print_enisa(d);
    printf("\n");
}

static bool record(const struct job_ctx *ctx, struct db *db, const struct request *q,
                   const struct breach_check *b, struct error *err)
{
    CLEANUP(json_decrefp) json_t *assessment = decision_to_json(&q->decision, &q->words);
    CLEANUP(memory_release) char *packed = json_dumps(assessment, JSON_COMPACT);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(standing_free) struct standing standing = {0};
    CLEANUP(text_free) struct text warnings = {0};
    const char *params[] = {b->reference, packed};
    if (!db_query(db, DB_ONE_ROW, sql_breach_assess_breach, COUNT_OF(params), params, &r, err))
        return faults_of_register(NOT_ASSESSED, err);
    log_event(LOG_NOTICE, "breach.assessed", "breach=%s assessment=%" PRId64 " risk=%s",
              b->reference, db_int(r, 0, 0), q->decision.risk);
    decision_warn(&q->decision, b, &warnings);
    if (!standing_load(db, b->reference, ctx->now, &standing, err))
        return error_context(err, "the assessment was recorded; showing how %s stands",
                             b->reference);
    if (ctx->json) {
        print_json(ctx, q, b, db_int(r, 0, 0), &warnings, &standing);
        return true;
    }
    print_result(q, b);
    standing_print_warnings(stdout, &warnings);
    printf(warnings.length > 0 ? "\n" : "");
    standing_print(stdout, &standing, ctx->now);
    return true;
}

static bool nothing_said(const struct decision_words *w)
{
    return w->risk == NULL && w->ap == NULL && w->customers == NULL && w->because == NULL &&
           w->ground == NULL && w->enisa == NULL;
}

static bool assess(const struct job_ctx *ctx, struct request *q, struct error *err)
{
    CLEANUP(text_free) struct text faults = {0};
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(breach_check_free) struct breach_check_list breaches = {0};
    if (nothing_said(&q->words))
        return error_set(err, ERR_USAGE,
                         "say what was decided: waarborg breach assess %s --ap yes|no --customers "
                         "yes|no --because \"...\"; waarborg breach assess --help explains it, and "
                         "the score of ENISA",
                         q->operand_count == 1 ? q->operands[0] : "REF");
    if (q->operand_count != 1)
        fault_add(&faults, "breach", "one reference is needed, as in DL-2026-0007");
    decision_read(&q->words, ctx->settings, ctx->now, &faults, &q->decision);
    return register_open_db(ctx, "breach", &db, err) &&
           breach_check_load(db, q->operands, q->operand_count == 1 ? 1 : 0, &faults, &breaches,
                             err) &&
           faults_none(&faults, NOT_ASSESSED, err) && record(ctx, db, q, &breaches.items[0], err);
}

static const char help_text[] =
    "Records what people decided about a breach: how likely it is that it harms the people "
    "concerned, whether the AP is told and whether they are, with the reasons.\n\n"
    "  waarborg breach assess DL-2026-0007 --ap yes --customers no \\\n"
    "      --because \"one recipient, who deleted the list\" \\\n"
    "      --enisa dpc=simple:2,ei=0.75,c=known\n\n"
    "The AP is told unless a risk is unlikely, the customers when it is high (GDPR art. 33 and "
    "34).  --risk may be left out when --ap and --customers leave only one.  Customers who are not "
    "told although the risk is high need a --ground: a, the data are unintelligible; b, measures "
    "took the high risk away; c, telling each takes a disproportionate effort and it was made "
    "public (--public-at, --public-where); wft, a financial undertaking.\n\n"
    "The score of ENISA (2013) is advice: it stands beside the decision and decides nothing.  "
    "dpc = simple, behavioural, financial or sensitive, with :1 to :4 when it is not the usual of "
    "its category; ei = 0.25, 0.5, 0.75 or 1, how easily people are recognised; c = none, known or "
    "unknown recipients; i = none, recoverable or unrecoverable; a = none, temporary or permanent "
    "loss; malicious = yes or no; individuals = how many; unintelligible = yes or no.\n\n"
    "A later assessment takes the place of this one, which stays in the register.";

bool breach_assess(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                   struct error *err)
{
    struct request q = {0};
    struct decision_words *w = &q.words;
    const struct option_spec specs[] = {
        {"risk", 'r', OPTION_TEXT, "RISK", "unlikely, risk or high", &w->risk, 0, 0},
        {"ap", 0, OPTION_TEXT, "yes|no", "is the AP told; required", &w->ap, 0, 0},
        {"customers", 0, OPTION_TEXT, "yes|no", "are the people concerned told", &w->customers, 0,
         0},
        {"because", 'b', OPTION_TEXT, "TEXT", "the reasons; required", &w->because, 0, 0},
        {"ap-because", 0, OPTION_TEXT, "TEXT", "those for the AP apart", &w->ap_because, 0, 0},
        {"customers-because", 0, OPTION_TEXT, "TEXT", "those for the customers apart",
         &w->customers_because, 0, 0},
        {"ground", 0, OPTION_TEXT, "a|b|c|wft",
         "why customers are not told although the risk is high", &w->ground, 0, 0},
        {"public-at", 0, OPTION_TEXT, "INSTANT", "ground c: when it was made public", &w->public_at,
         0, 0},
        {"public-where", 0, OPTION_TEXT, "TEXT", "ground c: where", &w->public_where, 0, 0},
        {"at", 0, OPTION_TEXT, "INSTANT", "when it was decided, if not now: 2026-10-23 15:00",
         &w->at, 0, 0},
        {"enisa", 0, OPTION_TEXT, "WORDS", "for the score: dpc=simple:2,ei=0.75,c=unknown",
         &w->enisa, 0, 0},
        {0}};
    bool help;
    if (!job_parse_options(ctx->job, "REF", help_text, specs, argc, argv, &q.operands,
                           &q.operand_count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    return help || assess(ctx, &q, err);
}
