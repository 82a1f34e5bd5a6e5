/* settings_breach: the optional group `breach` of the configuration: where letters and reminders
 * come from and go to, and which clocks run beside those of the GDPR. */
#pragma once

#include "common/config.h"
#include "jobs/settings/policy.h"

struct settings_breach {
    bool given;                  /* the group is there; what follows has its defaults otherwise */
    char *templates;             /* directory, default "/etc/waarborg/templates" */
    char *sendmail;              /* program, default "/usr/sbin/sendmail" */
    char *mail_from;             /* NULL when not given: nothing can be sent */
    struct name_list security;   /* mail addresses that are reminded */
    struct name_list escalation; /* these too, when a deadline has passed */
    int customers_target_hours;  /* 1..8760, default 72 */
    int follow_up_target_hours;  /* 1..8760, default 336 */
    bool wft_undertaking;        /* customers of a financial undertaking, see UAVG art. 42 */
    struct name_list regimes;    /* of "nis2", "dora", each once; default none */
    int letters_per_minute;      /* 1..6000, default 60 */
};

void settings_breach_defaults(struct settings_breach *ret);
/* group NULL: nothing is given, and nothing changes. */
void settings_breach_read(struct conf *c, const struct config_setting_t *group,
                          struct settings_breach *b);
void settings_breach_free(struct settings_breach *b);
