/* main: argv -> table of commands -> exit code. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/text.h"
#include "jobs/archive/archive_jobs.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/command_line.h"
#include "jobs/evidence/evidence_jobs.h"
#include "jobs/hold/hold_jobs.h"
#include "jobs/job.h"
#include "jobs/report/report_jobs.h"
#include "jobs/retention/retention_jobs.h"
#include "jobs/roles/roles_jobs.h"
#include "jobs/schema/rights.h"

#define DEFAULT_CONFIG "/etc/waarborg/waarborg.conf"

static const struct job jobs[] = {
    {.words = "migrate",
     .summary = "create or upgrade the schema waarborg, and its database roles",
     .run = roles_migrate},
    {.words = "check",
     .summary = "configuration, rights, graph, indexes: what is wrong, and the mend",
     .run = retention_check},
    {.words = "retention plan",
     .summary = "who is due, held or blocked, and why; changes nothing",
     .run = retention_plan},
    {.words = "retention approve",
     .summary = "record approval of this policy on this schema",
     .run = retention_approve},
    {.words = "retention run",
     .summary = "archive and delete what is due: the nightly job",
     .run = retention_run},
    {.words = "retention status",
     .summary = "the worklist by state, reason and age",
     .run = retention_status},
    {.words = "archive list", .summary = "the segments of the archive", .run = archive_list},
    {.words = "archive show", .summary = "one segment in full", .run = archive_show},
    {.words = "archive verify",
     .summary = "segments against manifests, journal and ledger",
     .without_settings = true,
     .run = archive_verify},
    {.words = "archive restore",
     .summary = "put a segment, or one subject of it, back",
     .run = archive_restore},
    {.words = "archive expire",
     .summary = "destroy the segments that are past archive.keep",
     .run = archive_expire},
    {.words = "evidence",
     .summary = "what happened to one subject, and does the evidence agree",
     .run = evidence_subject},
    {.words = "evidence verify",
     .summary = "the whole evidence: archive, journal and audit log",
     .without_settings = true,
     .run = evidence_verify},
    {.words = "hold add", .summary = "keep a subject, whatever the rules say", .run = hold_add},
    {.words = "hold release", .summary = "end a hold", .run = hold_release},
    {.words = "hold list", .summary = "the holds, and whose review is due", .run = hold_list},
    {.words = "breach open",
     .summary = "register a breach: its clocks run from here",
     .run = breach_open},
    {.words = "breach amend",
     .summary = "change or add to a breach; the old value stays",
     .run = breach_amend},
    {.words = "breach show",
     .summary = "all that the register has about a breach",
     .run = breach_show},
    {.words = "breach list", .summary = "the open breaches, or all", .run = breach_list},
    {.words = "breach assess",
     .summary = "record the risk, and whether AP and customers are told",
     .run = breach_assess},
    {.words = "breach notify",
     .summary = "record what was sent to an authority or to customers",
     .run = breach_notify},
    {.words = "breach close",
     .summary = "close a breach when every duty is met",
     .run = breach_close},
    {.words = "breach affected",
     .summary = "which customers, and which of them have been told",
     .run = breach_affected},
    {.words = "breach letters",
     .summary = "letters to the affected customers, by mail or on paper",
     .run = breach_letters},
    {.words = "breach returned",
     .summary = "reads back letters that came back",
     .run = breach_returned},
    {.words = "breach draft",
     .summary = "the form of the AP with its answers, and what is missing",
     .run = breach_draft},
    {.words = "breach due",
     .summary = "every clock of the open breaches, the nearest limit first",
     .run = breach_due,
     .failed = breach_due_failed},
    {.words = "breach remind",
     .summary = "mail what is due, each step once: for cron",
     .run = breach_remind},
    {.words = "report", .summary = "the compliance reports", .run = report_show},
    {.words = "report pack",
     .summary = "all reports and the evidence, for an auditor",
     .run = report_pack},
};

struct globals {
    const char *config;
    const char *as_of;
    bool json;
    bool verbose;
    bool quiet;
    bool version;
    bool help;
};

/* --version and --help come last: they are not looked for behind the command. */
enum { MOVED_OPTIONS = 5, GLOBAL_OPTIONS = 7 };

static void list_globals(struct globals *g, struct option_spec specs[static GLOBAL_OPTIONS + 1])
{
    const struct option_spec all[GLOBAL_OPTIONS + 1] = {
        {"config", 'c', OPTION_TEXT, "FILE", "configuration, instead of " DEFAULT_CONFIG,
         &g->config, 0, 0},
        {"as-of", 0, OPTION_TEXT, "DATE", "judge as of this day (2026-11-22), not today", &g->as_of,
         0, 0},
        {"json", 0, OPTION_FLAG, NULL, "results as JSON", &g->json, 0, 0},
        {"verbose", 'v', OPTION_FLAG, NULL, "more messages", &g->verbose, 0, 0},
        {"quiet", 'q', OPTION_FLAG, NULL,
         "warnings and errors only; what cron runs prints nothing when all is well", &g->quiet, 0,
         0},
        {"version", 0, OPTION_FLAG, NULL, "show the version", &g->version, 0, 0},
        {"help", 'h', OPTION_FLAG, NULL, "show this text; behind a command, that command's own",
         &g->help, 0, 0},
    };
    memcpy(specs, all, sizeof all);
}

/* The commands, or those of one group. */
static void print_commands(const char *group)
{
    for (size_t i = 0; i < COUNT_OF(jobs); i++)
        if (group == NULL || command_line_is_group(&jobs[i], 1, group))
            printf("  %-19s %s\n", jobs[i].words, jobs[i].summary);
}

static void print_help(const struct option_spec *specs)
{
    printf("Usage: waarborg [options] COMMAND ...\n\n"
           "Keeps the promises of a retention policy in a PostgreSQL database: finds whose\n"
           "retention window has passed, archives and deletes what is held about them, and\n"
           "keeps the evidence.  And the register of data breaches, with its "
           "deadlines.\n\nCommands (`waarborg COMMAND --help` explains one):\n");
    print_commands(NULL);
    printf("\nOptions, before or behind the command:\n");
    options_print_help(stdout, specs);
    printf("\nExit codes: 0 done; 1 done, something needs attention; 2 usage or configuration;\n"
           "3 failed; 4 integrity: an archive, the journal or the ledger does not match;\n"
           "75 another run is at work, or the window is over: try again later.\n");
}

/* What must hold before the first byte is read: rows of customers pass through this memory, and
 * files are ours alone.  A sanitizer's leak check needs ptrace, which PR_SET_DUMPABLE forbids. */
static void harden(void)
{
    int fd;
    /* A descriptor that the caller closed would be given to the next file, and printed into. */
    while ((fd = open("/dev/null", O_RDONLY)) >= 0 && fd <= STDERR_FILENO)
        ;
    if (fd > STDERR_FILENO)
        close(fd);
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    umask(077);
    signal(SIGPIPE, SIG_IGN);
}

static void settings_release(struct settings **s)
{
    if (*s != NULL)
        settings_free(*s);
    free(*s);
}

/* *ret stays NULL for a command that can do without, when there is no configuration. */
static bool load_settings(const struct job *job, const char *config, struct settings **ret,
                          struct error *err)
{
    const char *path = config == NULL ? DEFAULT_CONFIG : config;
    if (job->without_settings && config == NULL && access(path, R_OK) != 0)
        return true;
    CLEANUP(text_free) struct text faults = {0};
    CLEANUP(memory_release) struct settings *settings = memory_alloc(sizeof *settings);
    if (!settings_load(path, settings, &faults, err)) {
        fputs(text_get(&faults), stderr);
        return false;
    }
    *ret = settings;
    settings = NULL;
    return true;
}

static bool set_today(struct job_ctx *ctx, struct error *err)
{
    if (ctx->settings != NULL) {
        CLEANUP(memory_release) char *zone = memory_format(":%s", ctx->settings->timezone);
        setenv("TZ", zone, 1); /* no thread but this one yet */
    }
    tzset();
    time_t now = (time_t)ctx->now;
    struct tm local;
    if (localtime_r(&now, &local) == NULL)
        return error_set_errno(err, "cannot tell today's date");
    ctx->today = (struct local_date){local.tm_year + 1900, local.tm_mon + 1, local.tm_mday};
    return true;
}

static bool set_as_of(const struct globals *g, struct job_ctx *ctx, struct error *err)
{
    if (!set_today(ctx, err))
        return false;
    ctx->as_of = ctx->today;
    return g->as_of == NULL || local_date_parse(g->as_of, &ctx->as_of, err) ||
           error_context(err, "--as-of");
}

static bool run_job(const struct job *job, const struct globals *g, int argc, char **argv,
                    int *ret_exit, struct error *err)
{
    CLEANUP(settings_release) struct settings *settings = NULL;
    struct job_ctx ctx = {
        .job = job, .now = clock_now(), .json = g->json, .quiet = g->quiet, .verbose = g->verbose};
    /* Help is there without configuration, and shown whatever else is on the line. */
    if (command_line_wants_help(argv + 1, argc - 1)) {
        char help[] = "--help";
        char *help_argv[] = {argv[0], help, NULL};
        return job->run(&ctx, 2, help_argv, ret_exit, err);
    }
    if (!load_settings(job, g->config, &settings, err))
        return false;
    ctx.settings = settings;
    return set_as_of(g, &ctx, err) && job->run(&ctx, argc, argv, ret_exit, err);
}

/* *ret_job is set as soon as it is known, also on failure: the event is named after it. */
static bool run_words(const struct globals *g, char **words, int count, const struct job **ret_job,
                      int *ret_exit, struct error *err)
{
    bool group_help = count > 1 && command_line_is_group(jobs, COUNT_OF(jobs), words[0]) &&
                      command_line_wants_help(words + 1, 1);
    int used = 0;
    struct error none = {0};
    if (group_help) {
        /* The group may be a command itself: its help goes first. */
        if (command_line_find(jobs, COUNT_OF(jobs), words, 1, ret_job, &used, &none))
            group_help = run_job(*ret_job, g, count, words, ret_exit, err);
        else
            printf("Usage: waarborg [options] COMMAND ...\n");
        printf("\nCommands:\n");
        print_commands(words[0]);
        return group_help;
    }
    if (!command_line_find(jobs, COUNT_OF(jobs), words, count, ret_job, &used, err))
        return false;
    /* The last word of the command gives its place to all of them: argv[0] of the job. */
    char *name = memory_copy_text((*ret_job)->words);
    char *word = words[used - 1];
    words[used - 1] = name;
    bool done = run_job(*ret_job, g, count - used + 1, words + used - 1, ret_exit, err);
    words[used - 1] = word;
    free(name);
    return done;
}

static bool start(int argc, char **argv, const struct job **ret_job, int *ret_exit,
                  struct error *err)
{
    struct globals g = {0};
    struct option_spec specs[GLOBAL_OPTIONS + 1];
    struct option_spec moved[MOVED_OPTIONS + 1] = {0};
    char **words;
    int count;
    list_globals(&g, specs);
    memcpy(moved, specs, MOVED_OPTIONS * sizeof *moved);
    if (!command_line_gather(moved, argc, argv, err) ||
        !options_parse(specs, true, argc, argv, &words, &count, err))
        return false;
    if (g.quiet && g.verbose)
        return error_set(err, ERR_USAGE, "--quiet and --verbose exclude one another");
    if (g.quiet || g.verbose)
        log_set_level(g.quiet ? LOG_WARNING : LOG_DEBUG);
    if (g.help)
        print_help(specs);
    else if (g.version)
        printf("waarborg %s\n", WAARBORG_VERSION);
    else
        return run_words(&g, words, count, ret_job, ret_exit, err);
    return true;
}

/* A full disk or a closed pipe shows only here: results that nobody got are a failure. */
static bool close_output(struct error *err)
{
    bool failed = ferror(stdout) != 0;
    errno = failed ? EIO : 0; /* of an earlier write it is gone by now */
    if (fclose(stdout) != 0 || failed)
        return error_set_errno(err, "cannot write the results to the standard output");
    return true;
}

/* event=retention.run.failed, or waarborg.failed while there is no command yet. */
static void log_job_failure(const struct job *job, const struct error *err)
{
    char event[64];
    snprintf(event, sizeof event, "%s.failed", job == NULL ? "waarborg" : job->words);
    for (char *p = strchr(event, ' '); p != NULL; p = strchr(p, ' '))
        *p = '.';
    log_failure(event, "", err);
}

int main(int argc, char **argv)
{
    const struct job *job = NULL;
    int exit_code = JOB_DONE;
    struct error err = {0};
    harden();
    bool done = start(argc, argv, &job, &exit_code, &err);
    bool told =
        !done && job != NULL && job->failed != NULL && job->failed(argc, argv, &err, &exit_code);
    struct error closing = {0};
    bool written = close_output(&closing);
    if (done && written)
        return exit_code;
    if (!done)
        rights_explain(job == NULL ? "" : job->words, &err);
    log_job_failure(job, done ? &closing : &err);
    if (told)
        return exit_code;
    if (!done)
        return error_exit_code(&err);
    /* Integrity is the graver news. */
    return exit_code == JOB_INTEGRITY ? exit_code : error_exit_code(&closing);
}
