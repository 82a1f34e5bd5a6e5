/* duty: what still has to be done, or reasoned away, before a breach may be closed (view
 * waarborg.breach_duty), with the command that does it.  Never logs. */
#pragma once

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "common/db.h"

struct duty {
    char *name;     /* "assess", "ap", "customers", "effects" ... */
    char *sentence; /* "the AP was not notified" */
    char *command;  /* NULL when there is none for it */
    char *or_else;  /* that which meets it after a notice to all customers, or NULL */
};

struct duty_list {
    struct duty *items;
    size_t count;
};

/* reference: as register_parse_reference gives it.  None for a breach that is closed or unknown. */
MUST_CHECK bool duty_load(struct db *db, const char *reference, int64_t now, struct duty_list *ret,
                          struct error *err);
void duty_free(struct duty_list *list);

/* Two lines each: the sentence, and the command under it; three when there is another command. */
void duty_print(FILE *out, const struct duty_list *list);
/* [{"duty", "sentence", "command", "or_else"}]; the caller's. */
json_t *duty_to_json(const struct duty_list *list);
