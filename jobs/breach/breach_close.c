#include <stdio.h>

#include "common/local_time.h"
#include "common/log.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/breach/breach_check.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/clock_view.h"
#include "jobs/breach/duty.h"
#include "jobs/breach/faults.h"
#include "sql.h"

#define NOT_CLOSED "the breach was not closed"

static void print_json(const struct job_ctx *ctx, const char *reference, bool closed,
                       const struct duty_list *duties, const struct clock_view_list *clocks)
{
    char at[LOCAL_TIME_SIZE];
    json_t *result =
        json_pack("{s:s,s:b,s:o,s:o,s:o}", "breach", reference, "closed", closed, "closed_at",
                  closed ? json_string(local_time_format_iso(ctx->now, at)) : json_null(), "duties",
                  duty_to_json(duties), "clocks", clock_view_list_to_json(clocks, ctx->now));
    render_json(stdout, result);
    json_decref(result);
}

static bool refuse(const struct job_ctx *ctx, const char *reference, const struct duty_list *duties,
                   const struct clock_view_list *clocks, struct error *err)
{
    if (ctx->json) {
        print_json(ctx, reference, false, duties, clocks);
    } else {
        printf("%s cannot be closed yet.  Still to be done:\n", reference);
        duty_print(stdout, duties);
    }
    return error_set(err, ERR_USAGE, "%s: %zu %s open; " NOT_CLOSED, reference, duties->count,
                     duties->count == 1 ? "duty is" : "duties are");
}

static bool close_it(const struct job_ctx *ctx, struct db *db, const struct breach_check *b,
                     const char *because, struct error *err)
{
    CLEANUP(duty_free) struct duty_list duties = {0};
    CLEANUP(clock_view_free) struct clock_view_list clocks = {0};
    char at[LOCAL_TIME_SIZE];
    const char *params[] = {b->reference, because};
    if (!duty_load(db, b->reference, ctx->now, &duties, err) ||
        !clock_view_load(db, b->reference, &clocks, err))
        return false;
    if (duties.count > 0)
        return refuse(ctx, b->reference, &duties, &clocks, err);
    if (!db_exec(db, sql_breach_close_breach, COUNT_OF(params), params, err))
        return faults_of_register(NOT_CLOSED, err);
    log_event(LOG_NOTICE, "breach.closed", "breach=%s", b->reference);
    if (ctx->json) {
        print_json(ctx, b->reference, true, &duties, &clocks);
        return true;
    }
    printf("%s is closed, %s: every duty is met or reasoned away.\n", b->reference,
           local_time_format(ctx->now, at));
    clock_view_print(stdout, &clocks, ctx->now);
    if (b->affected > 0)
        printf("Its customers are no longer kept for it; the register keeps their number.\n");
    return true;
}

bool breach_close(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                  struct error *err)
{
    static const char text[] =
        "Closes a breach when every duty is met or reasoned away: the risk is assessed, the AP and "
        "the customers are told as was decided, the consequences and at least one measure are in "
        "the register.  Otherwise it shows what is open, with the command that meets it, and ends "
        "with exit code 2.\n\n"
        "  waarborg breach close DL-2026-0007 --because \"all told, cause mended\"\n\n"
        "What is closed stays in the register; waarborg breach amend REF --reopen opens it again.";
    const char *because = NULL;
    const struct option_spec specs[] = {
        {"because", 'b', OPTION_TEXT, "TEXT", "why it may be closed; required", &because, 0, 0},
        {0}};
    CLEANUP(text_free) struct text faults = {0};
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(breach_check_free) struct breach_check_list breaches = {0};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "REF", text, specs, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (count != 1)
        fault_add(&faults, "breach", "one reference is needed, as in DL-2026-0007");
    if (fault_blank(because))
        fault_add(&faults, "because", "is needed: why it may be closed");
    fault_unless_text(&faults, "because", because);
    return register_open_db(ctx, "breach", &db, err) &&
           breach_check_load(db, words, count == 1 ? 1 : 0, &faults, &breaches, err) &&
           faults_none(&faults, NOT_CLOSED, err) &&
           close_it(ctx, db, &breaches.items[0], because, err);
}
