#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mail_bounce.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/register.h"
#include "sql.h"

#define TOKEN_DIGITS 16

static const char help_text[] =
    "Reads back letters that came back, from the mailbox of breach.mail_from: a file in mbox form, "
    "or one mail; - is standard input.  Their customers still have to be told: waarborg breach "
    "letters REF --out DIRECTORY.\n"
    "\n"
    "  waarborg breach returned --from /var/mail/privacy\n"
    "\n"
    "Only a report of a mail system on a letter of this register counts, once; everything else in "
    "the file is counted and left alone, and nothing of it is kept.  Reading the same file again "
    "changes nothing.  Exit code 1: letters came back.";

struct breach_count {
    char *reference;
    int64_t letters;
    bool closed;
};

struct returned {
    struct db *db;
    int64_t returned, already, unknown, not_failed;
    struct breach_count *breaches;
    size_t count, capacity;
};

static void returned_release(struct returned *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->breaches[i].reference);
    free(r->breaches);
    db_close(&r->db);
}

static void count_breach(struct returned *r, const char *reference, bool closed)
{
    size_t i = 0;
    while (i < r->count && strcmp(r->breaches[i].reference, reference) != 0)
        i++;
    if (i == r->count) {
        MEMORY_GROW(r->breaches, r->count, r->capacity);
        r->breaches[r->count++] =
            (struct breach_count){.reference = memory_copy_text(reference), .closed = closed};
    }
    r->breaches[i].letters++;
}

/* "waarborg.letter.12.0123456789abcdef@..." */
static bool parse_id(const char *message_id, char ret_letter[static 20],
                     char ret_token[static TOKEN_DIGITS + 1])
{
    static const char start[] = "waarborg.letter.";
    const char *letter = message_id + strlen(start);
    if (strncmp(message_id, start, strlen(start)) != 0)
        return false;
    size_t digits = strspn(letter, "0123456789");
    const char *token = letter + digits + 1;
    if (digits == 0 || digits > 18 || letter[digits] != '.' ||
        strspn(token, "0123456789abcdef") != TOKEN_DIGITS || token[TOKEN_DIGITS] != '@')
        return false;
    snprintf(ret_letter, 20, "%.*s", (int)digits, letter);
    snprintf(ret_token, TOKEN_DIGITS + 1, "%.*s", TOKEN_DIGITS, token);
    return true;
}

static bool visit(void *context, const struct mail_return *m, struct error *err)
{
    struct returned *r = context;
    CLEANUP(db_result_free) struct db_result *row = NULL;
    char letter[20], token[TOKEN_DIGITS + 1];
    const char *params[] = {letter, token, m->status};
    if (m->action != MAIL_FAILED) {
        r->not_failed++;
        return true;
    }
    if (!parse_id(m->message_id, letter, token)) {
        r->unknown++;
        return true;
    }
    if (!db_query(r->db, DB_ONE_ROW, sql_breach_return_letter, COUNT_OF(params), params, &row, err))
        return register_fail(err);
    const char *breach = db_text(row, 0, 0);
    if (breach == NULL) {
        r->unknown++;
    } else if (db_bool(row, 0, 1)) {
        r->already++;
    } else {
        r->returned++;
        count_breach(r, breach, db_bool(row, 0, 2));
    }
    return true;
}

static void print_json(const struct returned *r, const struct mail_bounce_counts *c)
{
    json_t *breaches = json_array();
    int64_t unknown = r->unknown + c->unnamed;
    for (size_t i = 0; i < r->count; i++)
        json_array_append_new(breaches,
                              json_pack("{s:s,s:I,s:b}", "breach", r->breaches[i].reference,
                                        "returned", (json_int_t)r->breaches[i].letters, "closed",
                                        (int)r->breaches[i].closed));
    json_t *result =
        json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "mails", (json_int_t)c->mails, "reports",
                  (json_int_t)c->reports, "returned", (json_int_t)r->returned, "already",
                  (json_int_t)r->already, "unknown", (json_int_t)unknown, "not_failed",
                  (json_int_t)r->not_failed, "breaches", breaches);
    render_json(stdout, result);
    json_decref(result);
}

static void print_line(int64_t n, const char *what)
{
    char count[32];
    if (n > 0)
        printf("  %6s %s\n", render_count(count, sizeof count, n), what);
}

static void print_words(const struct returned *r, const struct mail_bounce_counts *c)
{
    char mails[32], count[32];
    printf("%s %s read.\n", render_count(mails, sizeof mails, c->mails),
           c->mails == 1 ? "mail" : "mails");
    print_line(r->returned, "letters came back");
    print_line(r->already, "had come back before");
    print_line(r->unknown + c->unnamed, "reports on mail that is no letter of this register");
    print_line(r->not_failed, "reports of a delay, or of a delivery");
    print_line(c->others, "other mails, left alone");
    for (size_t i = 0; i < r->count; i++)
        printf("%s: %s to be told in another way: waarborg breach %s %s %s\n",
               r->breaches[i].reference, render_count(count, sizeof count, r->breaches[i].letters),
               r->breaches[i].closed ? "amend" : "letters", r->breaches[i].reference,
               r->breaches[i].closed ? "--reopen --because \"letters came back\""
                                     : "--out DIRECTORY");
}

static bool read_back(const struct job_ctx *ctx, const char *from, int *ret_exit, struct error *err)
{
    CLEANUP(returned_release) struct returned r = {0};
    struct mail_bounce_counts counts = {0};
    if (!register_open_db(ctx, "breach.returned", &r.db, err))
        return false;
    bool done = mail_bounce_read(from, visit, &r, &counts, err);
    if (done || r.returned > 0) /* what was read is registered, whatever came after */
        log_event(LOG_NOTICE, "breach.letters.returned",
                  "mails=%" PRId64 " returned=%" PRId64 " already=%" PRId64 " unknown=%" PRId64,
                  counts.mails, r.returned, r.already, r.unknown + counts.unnamed);
    if (!done)
        return error_context(err, "--from");
    if (ctx->json)
        print_json(&r, &counts);
    else
        print_words(&r, &counts);
    *ret_exit = r.returned > 0 ? JOB_ATTENTION : JOB_DONE;
    return true;
}

bool breach_returned(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                     struct error *err)
{
    const char *from = NULL;
    const struct option_spec specs[] = {{"from", 'f', OPTION_TEXT, "FILE",
                                         "the mailbox; - for standard input; required", &from, 0,
                                         0},
                                        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, NULL, help_text, specs, argc, argv, &words, &count, &help,
                           err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (from == NULL)
        return error_set(err, ERR_USAGE,
                         "--from FILE is needed: the mailbox, or - for standard input");
    return read_back(ctx, from, ret_exit, err);
}
