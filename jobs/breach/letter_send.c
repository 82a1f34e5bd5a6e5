#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/fault_point.h"
#include "common/log.h"
#include "common/mail.h"
#include "common/stop.h"
#include "jobs/breach/letter_run.h"

/* Few, because what is read of customers is to be what their rows say at that moment. */
#define AT_ONCE 20
#define NAP_MS 100 /* a signal between the look and the nap waits so long */

struct sending {
    struct letter_run *run;
    const struct settings_breach *settings;
    struct mail_sender sender;
    int64_t interval_ms;
    int64_t next_ms; /* not before */
};

/* False when a signal came. */
static bool keep_pace(struct sending *s)
{
    int64_t left;
    while (stop_count() == 0 && (left = s->next_ms - clock_monotonic_ms()) > 0) {
        int64_t nap = left < NAP_MS ? left : NAP_MS;
        const struct timespec pause = {.tv_nsec = (long)nap * 1000000};
        (void)nanosleep(&pause, NULL);
    }
    s->next_ms = clock_monotonic_ms() + s->interval_ms;
    return stop_count() == 0;
}

static bool format(const struct sending *s, const struct letter_customer *c, struct text *ret,
                   struct error *err)
{
    const struct letter_run *run = s->run;
    const char *from = s->settings->mail_from;
    const char *organisation = run->ctx->settings->organisation.name;
    CLEANUP(letter_free) struct letter letter = {0};
    char id[512];
    if (!letter_run_make(s->run, c, &letter))
        return false;
    const struct mail_box to = {c->to.name, c->email};
    snprintf(id, sizeof id, "waarborg.letter.%" PRId64 ".%s%s", c->letter, c->token,
             strrchr(from, '@'));
    const struct mail mail = {.from = {organisation, from},
                              .reply_to = {organisation, letter_texts_reply_to(run->texts)},
                              .to = &to,
                              .to_count = 1,
                              .subject = letter.subject,
                              .body = letter.text.data + letter.body,
                              .message_id = id,
                              .date = letter_run_now(run),
                              .language = letter_language_code(run->use[c->language]),
                              .auto_generated = true};
    if (mail_format(&mail, ret, err))
        return true;
    if (s->run->unmade++ == 0)
        log_event(LOG_WARNING, "breach.letter.unmade",
                  "breach=%s letter=%" PRId64 " message=\"%s\"", run->reference, c->letter,
                  err->message);
    return false;
}

/* Nobody knows whether the mail went. */
static bool is_unknown(const struct error *err)
{
    return strcmp(err->reason, "timeout") == 0 || strncmp(err->reason, "signal", 6) == 0;
}

/* The mail system did not take it.  What an earlier run began may have arrived then, and stays
 * begun. */
static bool not_taken(struct sending *s, const struct letter_customer *c,
                      const struct letter_ids *ids, const struct error *why, struct error *err)
{
    struct letter_run *run = s->run;
    bool refused = mail_was_refused(why);
    log_event(LOG_WARNING, "breach.letter.not_taken",
              "breach=%s letter=%" PRId64 " reason=\"%s\" message=\"%s\"", run->reference,
              c->letter, why->reason, why->message);
    run->refused += refused ? 1 : 0;
    run->failed += refused ? 0 : 1;
    run->in_a_row = refused ? 0 : run->in_a_row + 1;
    run->gave_up = run->in_a_row == LETTER_FAILURES_IN_A_ROW;
    if (is_unknown(why) || c->begun != NULL)
        return true;
    return letter_run_unbegin(run, ids, err);
}

static bool send_one(struct sending *s, const struct letter_customer *c, struct error *err)
{
    CLEANUP(text_free) struct text message = {0};
    CLEANUP(letter_ids_free) struct letter_ids ids = {0};
    CLEANUP(letter_ids_free) struct letter_ids begun = {0};
    struct error why = {0};
    if (!format(s, c, &message, &why))
        return true;
    letter_ids_add(&ids, c->letter);
    if (!letter_run_begin(s->run, &ids, LETTER_BY_MAIL, &begun, err))
        return false;
    if (begun.count == 0)
        return true;
    if (!mail_send(&s->sender, &message, &why)) {
        FAULT_POINT("letters.not_taken");
        if (!not_taken(s, c, &ids, &why, err))
            return false;
        if (why.kind == ERR_USAGE)
            *err = why;
        return why.kind != ERR_USAGE;
    }
    s->run->in_a_row = 0;
    FAULT_POINT("letters.handed_over");
    return letter_run_finish(s->run, &ids, LETTER_BY_MAIL, err);
}

static bool send_batch(struct sending *s, const struct letter_batch *batch, struct error *err)
{
    struct letter_run *run = s->run;
    for (size_t i = 0; i < batch->count && !run->stopped && !run->gave_up; i++) {
        const struct letter_customer *c = &batch->items[i];
        if (c->letter == 0) /* became affected since */
            continue;
        if (stop_count() > 0)
            run->stopped = true;
        else if (letter_run_goes(run, c, LETTER_BY_MAIL)) {
            run->stopped = !keep_pace(s);
            if (!run->stopped && !send_one(s, c, err))
                return false;
        }
        progress_show_count(&run->progress, (uint64_t)run->handed_over, "letters");
    }
    return true;
}

bool letter_send_all(struct letter_run *run, struct error *err)
{
    CLEANUP(letter_batch_free) struct letter_batch batch = {0};
    const struct settings_breach *b = &run->ctx->settings->breach;
    struct sending s = {.run = run,
                        .settings = b,
                        .sender = {.path = b->sendmail, .envelope_from = b->mail_from},
                        .interval_ms = 60000 / b->letters_per_minute};
    do {
        if (!letter_list_next(run->list, AT_ONCE, &batch, err) || !send_batch(&s, &batch, err))
            return false;
    } while (batch.count > 0 && !run->stopped && !run->gave_up);
    return true;
}
