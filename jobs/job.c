#include "jobs/job.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/memory.h"
#include "common/options.h"

#define HELP_WIDTH 79

/* Adds the words of one line of text to what stands at column *at of the output. */
static void print_words(const char *line, size_t length, size_t *at)
{
    const char *end = line + length;
    while (line < end) {
        size_t word = strcspn(line, " \n");
        bool fits = *at + 1 + word <= HELP_WIDTH;
        if (*at > 0)
            putchar(fits ? ' ' : '\n');
        *at = (*at > 0 && fits ? *at + 1 : 0) + word;
        printf("%.*s", (int)word, line);
        line += word;
        line += strspn(line, " ");
    }
}

static void print_text(const char *text)
{
    size_t at = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        bool as_it_is = length == 0 || text[0] == ' ';
        if (as_it_is) {
            printf("%s%.*s\n", at > 0 ? "\n" : "", (int)length, text);
            at = 0;
        } else {
            print_words(text, length, &at);
        }
        text += length + (text[length] == '\n');
    }
    if (at > 0)
        putchar('\n');
}

static void print_help(const struct job *job, const char *operands, const char *text,
                       const struct option_spec *specs)
{
    printf("Usage: waarborg %s%s%s [options]\n\n", job->words, operands == NULL ? "" : " ",
           operands == NULL ? "" : operands);
    print_text(text);
    printf("\nOptions:\n");
    options_print_help(stdout, specs);
    printf("\nOptions of every command, such as --json and --as-of: waarborg --help\n");
}

/* The job's table with --help at its end; the caller frees it. */
static struct option_spec *with_help(const struct option_spec *specs, bool *help)
{
    size_t count = 0;
    while (specs != NULL && specs[count].name != NULL)
        count++;
    struct option_spec *all = memory_alloc((count + 2) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = specs[i];
    all[count] = (struct option_spec){.name = "help",
                                      .letter = 'h',
                                      .kind = OPTION_FLAG,
                                      .help = "show this text",
                                      .target = help};
    return all;
}

// NOLINTNEXTLINE(readability-function-size): what main got, what the help needs, what comes out
bool job_parse_options(const struct job *job, const char *operands, const char *text,
                       const struct option_spec *specs, int argc, char **argv, char ***ret_words,
                       int *ret_count, bool *ret_help, struct error *err)
{
    bool help = false;
    char **words = NULL;
    int count = 0;
    CLEANUP(memory_release) struct option_spec *all = with_help(specs, &help);
    if (!options_parse(all, false, argc, argv, &words, &count, err))
        return false;
    if (help)
        print_help(job, operands, text, all);
    else if (operands == NULL && count > 0)
        return error_set(err, ERR_USAGE, "'%s' takes options only, no other words", job->words);
    *ret_words = words;
    *ret_count = count;
    *ret_help = help;
    return true;
}

/* For the audit log, which the database writes (sql/schema/003_audit.sql). */
static bool tell_who_and_when(const struct job_ctx *ctx, struct db *db, struct error *err)
{
    static const char sql[] = "SELECT set_config('waarborg.os_user', $1::text, false), "
                              "set_config('waarborg.at', $2::text, false)";
    CLEANUP(memory_release) char *user = job_os_user();
    char now[21];
    clock_format_utc(ctx->now, now);
    const char *params[] = {user, now};
    return db_exec(db, sql, COUNT_OF(params), params, err);
}

bool job_open_db(const struct job_ctx *ctx, const char *name, int lock_timeout_ms, struct db **ret,
                 struct error *err)
{
    const struct db_options options = {.conninfo = ctx->settings->database,
                                       .timezone = ctx->settings->timezone,
                                       .job = name,
                                       .lock_timeout_ms = lock_timeout_ms};
    CLEANUP(db_close) struct db *db = NULL;
    if (!db_open(&options, &db, err) || !tell_who_and_when(ctx, db, err))
        return false;
    *ret = db;
    db = NULL;
    return true;
}

bool job_refuse_future(const struct job_ctx *ctx, bool rehearsal, struct error *err)
{
    char as_of[11], today[11];
    local_date_format(ctx->as_of, as_of);
    local_date_format(ctx->today, today);
    return rehearsal || local_date_compare(ctx->as_of, ctx->today) <= 0 ||
           error_set(err, ERR_USAGE,
                     "--as-of %s lies after today, %s: what is due then is not due now; on a copy "
                     "of the database --rehearsal allows it",
                     as_of, today);
}

char *job_os_user(void)
{
    char buffer[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    uid_t uid = getuid();
    if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL)
        return memory_format("uid %lu", (unsigned long)uid);
    /* Only root's word for it counts: anybody else can set SUDO_USER as they like. */
    const char *person = uid == 0 ? getenv("SUDO_USER") : NULL;
    if (person == NULL)
        return memory_copy_text(found->pw_name);
    return memory_format("%s (sudo by %s)", found->pw_name, person);
}
