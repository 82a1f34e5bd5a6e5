#include "jobs/breach/letter_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/local_time.h"
#include "common/render.h"
#include "jobs/breach/clock_state.h"

struct reason {
    const char *key, *one, *many; /* "1 has ...", "2 have ..." */
    const char *mend;             /* behind "waarborg breach "; %s is the reference */
};

#define ON_PAPER "letters %s --out DIRECTORY"
#define NOBODY \
    "%s: nobody still has to be told; waarborg breach affected %s shows who is registered.\n"
#define OTHERWISE "affected %s --told --keys FILE --channel \"phone\""

static const struct reason reasons[LETTER_WAYS] = {
    [LETTER_GONE] = {"gone", "is not in the database any more", "are not in the database any more",
                     "affected %s --exempt --keys FILE --because \"...\""},
    [LETTER_NO_EMAIL] = {"no_email", "has no e-mail address that a mail system takes",
                         "have no e-mail address that a mail system takes", ON_PAPER},
    [LETTER_CAME_BACK] = {"came_back", "got mail that came back", "got mail that came back",
                          ON_PAPER},
    [LETTER_NO_ADDRESS] = {"no_address", "has no postal address", "have no postal address",
                           OTHERWISE},
    [LETTER_BEGUN_MAIL] = {"begun_by_mail",
                           "may have got a mail from a run that was cut off: finish that",
                           "may have got a mail from a run that was cut off: finish that",
                           "letters %s --send"},
    [LETTER_BEGUN_FILE] = {"begun_on_paper",
                           "may have a letter on paper from a run that was cut off: finish that",
                           "may have a letter on paper from a run that was cut off: finish that",
                           "letters %s --out THE-SAME-DIRECTORY"},
};
static const struct reason unmade = {"unmade", "lacks what the template wants",
                                     "lack what the template wants",
                                     "letters %s --preview   (look at the warning above)"};
static const struct reason refused = {"refused", "was refused by the mail system",
                                      "were refused by the mail system", ON_PAPER};
static const struct reason failed = {"failed", "was not taken by the mail system now",
                                     "were not taken by the mail system now", "letters %s --send"};

static void print_reason(const struct letter_run *run, const struct reason *r, int64_t n)
{
    char count[32];
    if (n == 0)
        return;
    printf("  %6s %s\n         waarborg breach ", render_count(count, sizeof count, n),
           n == 1 ? r->one : r->many);
    for (const char *p = r->mend; *p != '\0'; p++)
        if (p[0] == '%' && p[1] == 's') {
            fputs(run->reference, stdout);
            p++;
        } else {
            putchar(*p);
        }
    putchar('\n');
}

static void print_ways(const struct letter_run *run)
{
    for (enum letter_way w = LETTER_GONE; w < LETTER_WAYS; w++)
        print_reason(run, &reasons[w], run->ways[w]);
}

static json_t *ways_json(const struct letter_run *run)
{
    json_t *ways = json_object();
    for (enum letter_way w = LETTER_GONE; w < LETTER_WAYS; w++)
        json_object_set_new(ways, reasons[w].key, json_integer(run->ways[w]));
    return ways;
}

static json_t *languages_json(const struct letter_run *run)
{
    return json_pack("{s:I,s:I}", "nl", (json_int_t)run->languages[LETTER_NL], "en",
                     (json_int_t)run->languages[LETTER_EN]);
}

/* ---- Before -----------------------------------------------------------------------------------
 */

static void print_channel(const struct letter_run *run, const char *how, const char *option)
{
    char count[32], dutch[32], english[32];
    printf("%s (%s): %s letters, %s in Dutch and %s in English.\n", how, option,
           render_count(count, sizeof count, run->ways[LETTER_GOES]),
           render_count(dutch, sizeof dutch, run->languages[LETTER_NL]),
           render_count(english, sizeof english, run->languages[LETTER_EN]));
    print_ways(run);
}

static json_t *lines_json(const char *lines)
{
    json_t *all = json_array();
    for (const char *line = lines; *line != '\0';) {
        size_t length = 0;
        while (line[length] != '\0' && line[length] != '\n')
            length++;
        json_array_append_new(all, json_stringn(line, length));
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    return all;
}

void letter_report_plan(const struct letter_run *by_mail, const struct letter_run *by_file,
                        const char *faults)
{
    char count[32];
    if (by_mail->ctx->json) {
        json_t *result =
            json_pack("{s:s,s:I,s:{s:I,s:o,s:o},s:{s:I,s:o,s:o},s:o}", "breach", by_mail->reference,
                      "to_tell", (json_int_t)by_mail->customers, "send", "letters",
                      (json_int_t)by_mail->ways[LETTER_GOES], "languages", languages_json(by_mail),
                      "not", ways_json(by_mail), "out", "letters",
                      (json_int_t)by_file->ways[LETTER_GOES], "languages", languages_json(by_file),
                      "not", ways_json(by_file), "missing", lines_json(faults));
        render_json(stdout, result);
        json_decref(result);
        return;
    }
    if (by_mail->customers == 0 && by_mail->list != NULL) {
        printf(NOBODY, by_mail->reference, by_mail->reference);
    } else if (by_mail->list != NULL) {
        printf("%s: %s %s to be told.\n", by_mail->reference,
               render_count(count, sizeof count, by_mail->customers),
               by_mail->customers == 1 ? "customer still has" : "customers still have");
        print_channel(by_mail, "By mail", "--send");
        print_channel(by_file, "On paper", "--out DIRECTORY");
    }
    if (faults[0] != '\0')
        printf("Before a letter can go (waarborg breach amend %s fills fields in):\n%s",
               by_mail->reference, faults);
    else if (by_mail->customers > 0)
        printf("Read one first: waarborg breach letters %s --preview\n", by_mail->reference);
}

/* ---- After ------------------------------------------------------------------------------------
 */

static void print_done(const struct letter_run *run, const char *out)
{
    char count[32];
    if (run->customers == 0)
        return;
    render_count(count, sizeof count, run->handed_over);
    if (out == NULL)
        printf("%s: %s %s handed to the mail system.\n", run->reference, count,
               run->handed_over == 1 ? "letter" : "letters");
    else
        printf("%s: %s %s written to %s.\n", run->reference, count,
               run->handed_over == 1 ? "letter" : "letters", out);
    if (out != NULL && run->handed_over > 0)
        printf("Post them today: the register counts these customers as told from now on.  The "
               "files hold names and addresses; remove them when they are posted.\n");
    if (run->astray > 0)
        printf("%s of them had been begun by a run that was cut off, and were not in %s: if that "
               "run wrote to another directory, remove there what lies between numbers %08" PRId64
               " and %08" PRId64 ", or they are posted twice.\n",
               render_count(count, sizeof count, run->astray), out, run->astray_low,
               run->astray_high);
    if (run->settled > 0)
        printf("%s need not be told any more, since a moment ago.\n",
               render_count(count, sizeof count, run->settled));
    if (run->stopped)
        printf("Stopped by a signal; the same command goes on where it was.\n");
    if (run->gave_up)
        printf("The mail system took none of the last %d letters, so the rest waits; the same "
               "command goes on where it was.\n",
               LETTER_FAILURES_IN_A_ROW);
}

static void print_left(const struct letter_run *run, int64_t left, int64_t met_at)
{
    char count[32], at[LOCAL_TIME_SIZE];
    if (left > 0) {
        printf("%s %s to be told.\n", render_count(count, sizeof count, left),
               left == 1 ? "customer still has" : "customers still have");
        print_ways(run);
        print_reason(run, &unmade, run->unmade);
        print_reason(run, &refused, run->refused);
        print_reason(run, &failed, run->failed);
        return;
    }
    if (run->customers + run->handed_over == 0) {
        printf(NOBODY, run->reference, run->reference);
        return;
    }
    printf("Every affected customer has been told");
    if (met_at != CLOCK_NO_INSTANT)
        printf("; their clock was met on %s", local_time_format(met_at, at));
    printf(".\nKeep the text with the register: waarborg breach letters %s --preview | waarborg "
           "breach notify %s customers --kind initial --complete --sent \"%s\" --snapshot -\n",
           run->reference, run->reference,
           local_time_format(met_at == CLOCK_NO_INSTANT ? letter_run_now(run) : met_at, at));
}

static json_t *instant_json(int64_t at)
{
    char text[LOCAL_TIME_SIZE];
    return at == CLOCK_NO_INSTANT ? json_null() : json_string(local_time_format_iso(at, text));
}

void letter_report_run(const struct letter_run *run, const char *out, int64_t left, int64_t met_at)
{
    if (!run->ctx->json) {
        print_done(run, out);
        print_left(run, left, met_at);
        return;
    }
    json_t *not = ways_json(run);
    json_object_set_new(not, unmade.key, json_integer(run->unmade));
    json_object_set_new(not, refused.key, json_integer(run->refused));
    json_object_set_new(not, failed.key, json_integer(run->failed));
    json_t *result = json_pack(
        "{s:s,s:s,s:s?,s:I,s:o,s:I,s:o,s:I,s:I,s:b,s:b,s:o}", "breach", run->reference, "channel",
        out == NULL ? "mail" : "file", "directory", out, "letters", (json_int_t)run->handed_over,
        "languages", languages_json(run), "to_tell", (json_int_t)left, "not", not, "settled",
        (json_int_t)run->settled, "begun_elsewhere", (json_int_t)run->astray, "stopped",
        (int)run->stopped, "gave_up", (int)run->gave_up, "met_at", instant_json(met_at));
    render_json(stdout, result);
    json_decref(result);
}
