#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/file.h"
#include "common/memory.h"
#include "common/options.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/draft.h"
#include "jobs/breach/register.h"

struct draft_request {
    char reference[REGISTER_REFERENCE_SIZE];
    const char *language;
    const char *format;
    const char *out; /* NULL: standard output */
};

static bool check_choice(const char *option, const char *given, const char *const *choices,
                         size_t count, struct error *err)
{
    CLEANUP(text_free) struct text allowed = {0};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(given, choices[i]) == 0)
            return true;
        text_add(&allowed, i == 0 ? "" : i + 1 == count ? " or " : ", ");
        text_add(&allowed, choices[i]);
    }
    return error_set(err, ERR_USAGE, "%s '%.40s' is not known; %s", option, given,
                     text_get(&allowed));
}

static bool check_request(const struct job_ctx *ctx, char **words, int count,
                          struct draft_request *request, struct error *err)
{
    static const char *const languages[] = {"nl", "en"};
    static const char *const formats[] = {"text", "html", "json"};
    if (count != 2)
        return error_set(
            err, ERR_USAGE,
            "say of which breach, and for whom: waarborg breach draft DL-2026-0007 ap");
    if (strcasecmp(words[1], "ap") != 0)
        return error_set(err, ERR_USAGE,
                         "there is no draft for '%.40s'; there is one for ap (the form of the AP); "
                         "waarborg breach letters writes to customers",
                         words[1]);
    if (ctx->json && request->format != NULL && strcmp(request->format, "json") != 0)
        return error_set(err, ERR_USAGE, "--json and --format %.40s exclude one another",
                         request->format);
    if (request->format == NULL)
        request->format = ctx->json ? "json" : "text";
    return register_parse_reference(words[0], request->reference, err) &&
           check_choice("--lang", request->language, languages, COUNT_OF(languages), err) &&
           check_choice("--format", request->format, formats, COUNT_OF(formats), err);
}

/* The draft is in the way of nothing: what stands there already is an earlier draft. */
static bool write_file(const char *path, const struct text *t, struct error *err)
{
    CLEANUP(file_close) int dir = -1;
    CLEANUP(memory_release) char *directory = memory_copy_text(path);
    char *slash = strrchr(directory, '/');
    const char *name = slash == NULL ? path : path + (slash - directory) + 1;
    if (slash != NULL)
        slash[slash == directory ? 1 : 0] = '\0';
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return error_set(err, ERR_USAGE, "--out %s names a directory; name the file in it", path);
    dir = open(slash == NULL ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        int why = errno;
        return error_set(err, ERR_USAGE, "--out %s: its directory cannot be opened: %s", path,
                         strerror(why));
    }
    return file_replace(dir, name, t->data, t->length, err) || error_context(err, "--out %s", path);
}

static bool deliver(const struct draft_request *request, const json_t *draft, struct error *err)
{
    CLEANUP(text_free) struct text t = {0};
    if (strcmp(request->format, "json") == 0)
        draft_render_json(&t, draft);
    else if (strcmp(request->format, "html") == 0)
        draft_render_html(&t, draft);
    else
        draft_render_text(&t, draft);
    if (request->out == NULL) {
        fputs(text_get(&t), stdout);
        return true;
    }
    if (!write_file(request->out, &t, err))
        return false;
    size_t missing = json_array_size(json_object_get(draft, "missing"));
    printf("%s: %s for the AP, %zu mandatory %s missing.\n", request->out, request->reference,
           missing, missing == 1 ? "answer is" : "answers are");
    return true;
}

static bool draft_breach(const struct job_ctx *ctx, const struct draft_request *request,
                         struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(json_decrefp) json_t *draft = NULL;
    if (!register_open_db(ctx, "breach.draft", &db, err) ||
        !draft_make(db, ctx->settings, request->reference, request->language, NULL, ctx->now,
                    &draft, err))
        return register_fail(err);
    return deliver(request, draft, err);
}

bool breach_draft(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                  struct error *err)
{
    static const char text[] =
        "Shows every question of the form of the AP in its order, with the answer that the "
        "register has, and what is mandatory and still missing: at the end, each with the command "
        "that fills it in.  Nothing is sent and nothing is changed: copy the answers to the form "
        "of the AP, or print them, then record it with waarborg breach notify.\n"
        "\n"
        "An incomplete notification in time meets the limit of 72 hours; do not wait for the last "
        "answer (GDPR art. 33(4)).  Address, sector and the number of the data protection officer "
        "are filled in by hand.\n"
        "\n"
        "Examples:\n"
        "  waarborg breach draft DL-2026-0007 ap\n"
        "  waarborg breach draft DL-2026-0007 ap --format html --out melding.html\n"
        "  waarborg breach draft DL-2026-0007 ap --lang en --json";
    struct draft_request request = {.language = "nl"};
    const struct option_spec specs[] = {
        {"lang", 'l', OPTION_TEXT, "nl|en", "language of questions and codes; default nl",
         &request.language, 0, 0},
        {"format", 0, OPTION_TEXT, "text|html|json", "default text; html can be printed",
         &request.format, 0, 0},
        {"out", 'o', OPTION_TEXT, "FILE", "write it there, readable by you alone", &request.out, 0,
         0},
        {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "REF ap", text, specs, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    return check_request(ctx, words, count, &request, err) && draft_breach(ctx, &request, err);
}
