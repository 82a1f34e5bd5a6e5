/* letter_list: the customers whom a breach leaves to be told, a batch at a time, with how to reach
 * them at this moment (`contact` of their policy).
 *
 *   letter_list_open, letter_list_next until count is 0, letter_list_rewind ..., letter_list_close
 *
 * What it gives is personal data: it goes into letters, and nowhere else.  Never logs. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/db.h"
#include "jobs/breach/letter_text.h"
#include "jobs/settings/settings.h"

enum letter_channel { LETTER_BY_MAIL, LETTER_BY_FILE };
/* For the database: "mail", "file". */
const char *letter_channel_code(enum letter_channel c);

struct letter_customer { /* strings are borrowed until the batch is released, NULL = not known */
    int64_t affected, letter; /* letter 0: none was prepared */
    const char *token;
    const char *begun; /* "mail", "file": handing over was begun and not finished */
    bool came_back;    /* the last mail did */
    bool gone;         /* not in the database any more; nothing of what follows is known */
    enum letter_language language;
    const char *email;
    struct letter_recipient to;
};

/* Why a letter does not go, or that it goes. */
enum letter_way {
    LETTER_GOES,
    LETTER_GONE,       /* the customer is not in the database any more */
    LETTER_NO_EMAIL,   /* none, or none that a mail system takes */
    LETTER_CAME_BACK,  /* mail to this customer did */
    LETTER_NO_ADDRESS, /* for paper */
    LETTER_BEGUN_MAIL, /* perhaps it arrived by mail */
    LETTER_BEGUN_FILE, /* perhaps it lies in a directory */
    LETTER_WAYS
};

/* again: also what was begun by the other channel. */
enum letter_way letter_way_of(const struct letter_customer *c, enum letter_channel channel,
                              bool again);

struct letter_batch { /* initialise to {0} */
    struct letter_customer *items;
    size_t count;
    struct db_result *rows, *contacts;
};
void letter_batch_free(struct letter_batch *b); /* for CLEANUP; leaves {0} */

struct letter_list; /* owned by the caller from open to close */

/* breach: as sql/breach/show_letter.sql gives it, borrowed.  Faults of configuration and schema,
 * all of them, are lines in *faults, and then *ret is untouched although it returns true: a policy
 * that the configuration does not have, or without a contact, or one that does not fit the
 * database.  false: the database failed. */
MUST_CHECK bool letter_list_open(struct db *db, const struct settings *settings,
                                 const json_t *breach, struct text *faults,
                                 struct letter_list **ret, struct error *err);
void letter_list_close(struct letter_list **list); /* for CLEANUP; *list may be NULL */

/* The next ones, at most `limit`; count 0 at the end.  Releases what *batch held. */
MUST_CHECK bool letter_list_next(struct letter_list *list, size_t limit, struct letter_batch *batch,
                                 struct error *err);
/* From the beginning again. */
void letter_list_rewind(struct letter_list *list);
