/* letter_run: one run of letters to the customers of a breach: begun, handed over, done.
 *
 * Each step is a commit of its own.  A letter that was begun and not done may have arrived: the
 * next run by the same channel hands it over once more, as the same letter (the same Message-ID,
 * the same file), and the other channel leaves it alone.  So nobody is missed, and nobody gets two
 * different ones, wherever the program or the machine stops.
 *
 * Prints nothing; logs what went wrong with the number of the letter, never anything of its
 * customer. */
#pragma once

#include "common/progress.h"
#include "jobs/breach/letter_list.h"
#include "jobs/job.h"

#define LETTER_FAILURES_IN_A_ROW 3 /* of the mail system, then the rest is left for later */

struct letter_run {
    const struct job_ctx *ctx;
    struct db *db;
    const char *reference;
    const json_t *breach; /* sql/breach/show_letter.sql */
    struct letter_texts *texts;
    struct letter_list *list;
    bool again;                                 /* also what the other channel began */
    enum letter_language use[LETTER_LANGUAGES]; /* the language in which each is written to */
    struct progress progress;
    int64_t started_ms;

    int64_t customers;                   /* who still had to be told */
    int64_t languages[LETTER_LANGUAGES]; /* of those to whom a letter goes */
    int64_t ways[LETTER_WAYS];
    int64_t handed_over;
    int64_t settled; /* need not be told any more, since a moment */
    int64_t unmade;  /* the template wants what this customer has not */
    int64_t refused; /* by the mail system, for good */
    int64_t failed;  /* the mail system does not take them now */
    int64_t astray;  /* begun as a file that does not lie in this directory */
    int64_t astray_low, astray_high;
    int64_t in_a_row;
    bool stopped, gave_up;
};

/* Looks at everybody who still has to be told: fills customers, languages and ways.  Changes
 * nothing. */
MUST_CHECK bool letter_run_count(struct letter_run *run, enum letter_channel channel,
                                 struct error *err);
/* A letter for everybody, and the figures back to 0. */
MUST_CHECK bool letter_run_prepare(struct letter_run *run, struct error *err);

/* Hands them to the mail system, at the pace of the configuration, one at a time.  Ends early when
 * a signal asks (stopped) or the mail system takes nothing any more (gave_up).
 * ERR_USAGE: no mail at all can go that way. */
MUST_CHECK bool letter_send_all(struct letter_run *run, struct error *err);

/* Writes them to files in a directory, some hundreds at a time; a file is there whole or not at
 * all.  path: for messages.  After ERR_IO those that were written are recorded. */
MUST_CHECK bool letter_write_all(struct letter_run *run, int dir_fd, const char *path,
                                 struct error *err);
#define LETTER_FILE_SIZE 64
const char *letter_file_name(const struct letter_run *run, int64_t letter,
                             char dst[static LETTER_FILE_SIZE]);

/* ---- For the two channels ---------------------------------------------------------------------
 */

struct letter_ids { /* initialise to {0} */
    int64_t *items;
    size_t count, capacity;
};
void letter_ids_add(struct letter_ids *ids, int64_t id);
void letter_ids_free(struct letter_ids *ids);

/* The register counts from now on with what time it is now. */
MUST_CHECK bool letter_run_begin(struct letter_run *run, const struct letter_ids *ids,
                                 enum letter_channel channel, struct letter_ids *ret_begun,
                                 struct error *err);
MUST_CHECK bool letter_run_unbegin(struct letter_run *run, const struct letter_ids *ids,
                                   struct error *err);
MUST_CHECK bool letter_run_finish(struct letter_run *run, const struct letter_ids *ids,
                                  enum letter_channel channel, struct error *err);
/* Counts how this customer is reached; true: a letter goes. */
bool letter_run_goes(struct letter_run *run, const struct letter_customer *c,
                     enum letter_channel channel);
bool letter_run_make(struct letter_run *run, const struct letter_customer *c, struct letter *ret);
/* Seconds UTC. */
int64_t letter_run_now(const struct letter_run *run);
