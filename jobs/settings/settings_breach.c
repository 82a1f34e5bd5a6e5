#include "jobs/settings/settings_breach.h"

#include <stdlib.h>
#include <string.h>

#include "common/mail.h"
#include "common/memory.h"
#include "common/nearest.h"
#include "jobs/settings/settings_check.h"

typedef const struct config_setting_t node;

#define MAIL_ALLOWED "a mail address such as \"privacy@example.org\""
#define LARGEST_TARGET 8760 /* hours in a year: more is no target */

/* The clocks that a migration knows beside those of the GDPR. */
static const char *const regimes[] = {"nis2", "dora"};

void settings_breach_defaults(struct settings_breach *ret)
{
    *ret = (struct settings_breach){
        .templates = memory_copy_text("/etc/waarborg/templates"),
        .sendmail = memory_copy_text("/usr/sbin/sendmail"),
        .customers_target_hours = 72,
        .follow_up_target_hours = 336,
        .letters_per_minute = 60,
    };
}

static void free_names(struct name_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

void settings_breach_free(struct settings_breach *b)
{
    free(b->templates);
    free(b->sendmail);
    free(b->mail_from);
    free_names(&b->security);
    free_names(&b->escalation);
    free_names(&b->regimes);
    *b = (struct settings_breach){0};
}

/* setting NULL: the element `group` itself; address NULL: already reported or not given. */
static void check_mail(struct conf *c, node *group, const char *setting, const char *address)
{
    const char *wrong = address == NULL ? NULL : mail_check_address(address);
    if (wrong != NULL)
        conf_fault(c, group, setting, "%s; allowed is " MAIL_ALLOWED, wrong);
}

static void check_path(struct conf *c, node *group, const char *setting, const char *path)
{
    const char *wrong = path == NULL ? NULL : check_absolute_path(path);
    if (wrong != NULL)
        conf_fault(c, group, setting, "%s", wrong);
}

/* The texts of a sequence, each once; seq NULL: not given. */
static void read_texts(struct conf *c, node *seq, struct name_list *ret_list)
{
    ret_list->items = memory_alloc(conf_count(seq) * sizeof *ret_list->items);
    for (size_t i = 0; i < conf_count(seq); i++) {
        const char *text = conf_item_text(seq, i);
        if (text == NULL)
            continue;
        for (size_t other = 0; other < ret_list->count; other++)
            if (strcasecmp(ret_list->items[other], text) == 0)
                conf_fault(c, conf_element(seq, i), NULL,
                           "'%s' stands here twice; allowed is each once", text);
        ret_list->items[ret_list->count++] = memory_copy_text(text);
    }
}

static void read_addresses(struct conf *c, node *seq, struct name_list *ret_list)
{
    for (size_t i = 0; i < conf_count(seq); i++)
        check_mail(c, conf_element(seq, i), NULL, conf_item_text(seq, i));
    read_texts(c, seq, ret_list);
}

static bool is_regime(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(regimes); i++)
        if (strcmp(regimes[i], name) == 0)
            return true;
    return false;
}

static void read_regimes(struct conf *c, node *seq, struct name_list *ret_list)
{
    for (size_t i = 0; i < conf_count(seq); i++) {
        CLEANUP(text_free) struct text near = {0};
        const char *name = conf_item_text(seq, i);
        if (name == NULL || is_regime(name))
            continue;
        nearest_add(&near, "", name, regimes, COUNT_OF(regimes));
        conf_fault(c, conf_element(seq, i), NULL,
                   "'%s' is no regime with clocks of its own%s allowed are \"nis2\" and \"dora\"",
                   name, near.length == 0 ? ";" : text_get(&near));
    }
    read_texts(c, seq, ret_list);
}

void settings_breach_read(struct conf *c, const struct config_setting_t *group,
                          struct settings_breach *b)
{
    node *security = NULL;
    node *escalation = NULL;
    node *chosen = NULL;
    const struct conf_spec specs[] = {
        {"templates", &b->templates, "the absolute path of a directory", .kind = CONF_TEXT},
        {"sendmail", &b->sendmail, "the absolute path of a program", .kind = CONF_TEXT},
        {"mail_from", &b->mail_from, MAIL_ALLOWED, .kind = CONF_TEXT},
        {"security", &security, MAIL_ALLOWED, .kind = CONF_TEXTS, .may_be_empty = true},
        {"escalation", &escalation, MAIL_ALLOWED, .kind = CONF_TEXTS, .may_be_empty = true},
        {"customers_target_hours", &b->customers_target_hours, .kind = CONF_INT, .minimum = 1,
         .maximum = LARGEST_TARGET},
        {"follow_up_target_hours", &b->follow_up_target_hours, .kind = CONF_INT, .minimum = 1,
         .maximum = LARGEST_TARGET},
        {"wft_undertaking", &b->wft_undertaking, .kind = CONF_FLAG},
        {"regimes", &chosen, "\"nis2\" or \"dora\"", .kind = CONF_TEXTS, .may_be_empty = true},
        {"letters_per_minute", &b->letters_per_minute, .kind = CONF_INT, .minimum = 1,
         .maximum = 6000},
        {0}};
    if (group == NULL)
        return;
    b->given = true;
    conf_read_group(c, group, specs);
    check_path(c, group, "templates", b->templates);
    check_path(c, group, "sendmail", b->sendmail);
    check_mail(c, group, "mail_from", b->mail_from);
    read_addresses(c, security, &b->security);
    read_addresses(c, escalation, &b->escalation);
    read_regimes(c, chosen, &b->regimes);
    if (b->mail_from == NULL && b->security.count + b->escalation.count > 0)
        conf_fault(
            c, group, "mail_from",
            "is missing while security or escalation is to get mail; allowed is " MAIL_ALLOWED);
}
