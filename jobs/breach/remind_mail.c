#include "jobs/breach/remind_mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/local_time.h"
#include "common/mail.h"
#include "common/memory.h"
#include "common/text.h"
#include "jobs/breach/clock_state.h"
#include "jobs/breach/remind_words.h"

static const char *const fields[] = {"reference", "title", "clock", "source",  "step",
                                     "due",       "left",  "next",  "command", "organisation"};

/* Line breaks and the like as blanks: a title is one line wherever it stands. */
static char *one_line(const char *text)
{
    char *line = memory_copy_text(text);
    for (char *p = line; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == '\x7f')
            *p = ' ';
    return line;
}

static bool check_settings(const struct settings *settings, struct error *err)
{
    const struct settings_breach *b = &settings->breach;
    if (b->mail_from == NULL)
        return error_set(err, ERR_USAGE,
                         "%s: breach.mail_from: is missing; reminders need a mail address that "
                         "they come from",
                         settings->path);
    if (b->security.count == 0)
        return error_set(err, ERR_USAGE,
                         "%s: breach.security: is missing; reminders need the mail addresses of "
                         "those who handle breaches",
                         settings->path);
    return true;
}

bool remind_mailer_open(const struct settings *settings, const char *language,
                        struct remind_mailer *ret, struct error *err)
{
    CLEANUP(template_free) struct template *template = NULL;
    CLEANUP(text_free) struct text faults = {0};
    if (!check_settings(settings, err))
        return false;
    CLEANUP(memory_release)
    char *path = memory_format("%s/reminder.%s.txt", settings->breach.templates, language);
    if (!template_load(path, &template, err))
        return error_context(err, "breach.templates");
    if (!template_check(template, fields, COUNT_OF(fields), &faults)) {
        CLEANUP(memory_release) char *all = one_line(text_get(&faults));
        return error_set(err, ERR_USAGE, "breach.templates: %s", all);
    }
    *ret = (struct remind_mailer){.settings = settings, .language = language, .template = template};
    template = NULL;
    return true;
}

void remind_mailer_close(struct remind_mailer *m)
{
    template_free(&m->template);
}

bool remind_escalates(const struct reminder *r, int64_t now)
{
    return now > r->due_at;
}

static const char *host_of(const struct remind_mailer *m)
{
    return strrchr(m->settings->breach.mail_from, '@') + 1;
}

const char *remind_message_id(const struct remind_mailer *m, const struct reminder *r,
                              char dst[static REMIND_MESSAGE_ID_SIZE])
{
    snprintf(dst, REMIND_MESSAGE_ID_SIZE, "waarborg.reminder.%s.%s@%s", r->id, r->fingerprint,
             host_of(m));
    return dst;
}

/* ---- The text ---- */

/* As everywhere else, with the day in the language of the mail. */
static const char *format_due(const struct remind_mailer *m, int64_t due_at,
                              char dst[static LOCAL_TIME_SIZE])
{
    static const char days[][2][4] = {{"Mon", "ma"}, {"Tue", "di"}, {"Wed", "wo"}, {"Thu", "do"},
                                      {"Fri", "vr"}, {"Sat", "za"}, {"Sun", "zo"}};
    char due[LOCAL_TIME_SIZE];
    local_time_format(due_at, due);
    for (size_t i = 0; strcmp(m->language, "nl") == 0 && i < COUNT_OF(days); i++)
        if (strncmp(due, days[i][0], 3) == 0) {
            snprintf(dst, LOCAL_TIME_SIZE, "%s%s", days[i][1], due + 3);
            return dst;
        }
    return local_time_format(due_at, dst);
}

/* No limit passes in silence because the configuration names no organisation. */
static const char *organisation(const struct remind_mailer *m)
{
    if (m->settings->organisation.name != NULL)
        return m->settings->organisation.name;
    return strcmp(m->language, "nl") == 0 ? "deze organisatie" : "this organisation";
}

static bool fill(const struct remind_mailer *m, const struct reminder *r, int64_t now,
                 struct text *ret, struct error *err)
{
    CLEANUP(text_free) struct text next = {0};
    CLEANUP(text_free) struct text command = {0};
    CLEANUP(memory_release) char *title = one_line(r->title);
    char due[LOCAL_TIME_SIZE], left[40];
    remind_add_next(&next, r->clock, r->decided, remind_escalates(r, now), m->language);
    remind_add_command(&command, r->clock, r->decided, r->reference);
    const struct template_value items[] = {
        {"reference", r->reference},
        {"title", title},
        {"clock", remind_clock_name(r->clock, m->language)},
        {"source", r->source},
        {"step", r->step},
        {"due", format_due(m, r->due_at, due)},
        {"left", clock_left(left, sizeof left, r->due_at, now, m->language)},
        {"next", text_get(&next)},
        {"command", text_get(&command)},
        {"organisation", organisation(m)},
    };
    struct template_values values = {.items = items, .count = COUNT_OF(items)};
    return template_fill(m->template, template_values_find, &values, ret, err);
}

/* Cuts the first line off: what stands behind its colon is the subject, borrowed from text. */
static bool split(const struct remind_mailer *m, char *text, char **ret_subject, char **ret_body,
                  struct error *err)
{
    size_t length = strcspn(text, "\n");
    char *colon = memchr(text, ':', length);
    if (colon == NULL || text[length] == '\0')
        return error_set(err, ERR_USAGE,
                         "%s: its first line is no subject; allowed is Subject: and a line of text",
                         template_name(m->template));
    char *body = text + length + 1;
    text[length] = '\0';
    colon++;
    *ret_subject = colon + strspn(colon, " ");
    *ret_body = body + strspn(body, "\n");
    return true;
}

/* ---- Whom it goes to ---- */

/* Appends those that are not there yet: somebody may be on both lists. */
static void add_addresses(const struct name_list *list, struct mail_box *to, size_t *count)
{
    for (size_t i = 0; i < list->count; i++) {
        size_t j = 0;
        while (j < *count && strcasecmp(to[j].address, list->items[i]) != 0)
            j++;
        if (j == *count)
            to[(*count)++] = (struct mail_box){.address = list->items[i]};
    }
}

bool remind_mailer_send(const struct remind_mailer *m, const struct reminder *r, int64_t now,
                        struct error *err)
{
    const struct settings_breach *b = &m->settings->breach;
    CLEANUP(text_free) struct text text = {0};
    CLEANUP(text_free) struct text message = {0};
    CLEANUP(memory_release)
    struct mail_box *to = memory_alloc((b->security.count + b->escalation.count) * sizeof *to);
    size_t to_count = 0;
    char *subject = NULL;
    char *body = NULL;
    char id[REMIND_MESSAGE_ID_SIZE], thread[REMIND_MESSAGE_ID_SIZE];
    snprintf(thread, sizeof thread, "waarborg.%s.%s@%s", r->reference, r->thread, host_of(m));
    add_addresses(&b->security, to, &to_count);
    if (remind_escalates(r, now))
        add_addresses(&b->escalation, to, &to_count);
    if (!fill(m, r, now, &text, err) || !split(m, text.data, &subject, &body, err))
        return false;
    const struct mail mail = {.from = {m->settings->organisation.name, b->mail_from},
                              .to = to,
                              .to_count = to_count,
                              .subject = subject,
                              .body = body,
                              .message_id = remind_message_id(m, r, id),
                              .in_reply_to = thread,
                              .date = now,
                              .language = m->language,
                              .auto_generated = true};
    const struct mail_sender sender = {.path = b->sendmail, .envelope_from = b->mail_from};
    if (!mail_format(&mail, &message, err)) {
        err->kind = ERR_IO; /* of this one: a subject that is too long, say */
        return false;
    }
    return mail_send(&sender, &message, err);
}
