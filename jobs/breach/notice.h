/* notice: what `breach notify` is told, checked and made whole.  Never logs. */
#pragma once

#include "common/digest.h"
#include "jobs/breach/breach_check.h"
#include "jobs/settings/settings.h"

struct notice_words { /* as typed; NULL when not given; borrowed from argv */
    const char *kind, *sent, *number, *snapshot, *late_because, *because, *authority;
    bool complete;
    char **operands; /* references, then the recipient */
    int operand_count;
};

enum notice_snapshot { NOTICE_NO_SNAPSHOT, NOTICE_FILE, NOTICE_DRAFT };

struct notice {
    struct breach_check_list breaches;
    const char *recipient; /* "ap", "customers", "nis2", "dora", "other" */
    const char *kind;      /* "warning", "initial", "follow_up", "final", "withdrawal" */
    bool complete;
    int64_t sent_at;
    /* borrowed from argv, NULL when not given or blank */
    const char *number, *late_because, *because, *authority;
    enum notice_snapshot snapshot_from;
    struct text snapshot;
    char sha256[DIGEST_HEX_SIZE]; /* of the snapshot */
};

/* Adds every fault to *faults, lateness without reasons included; *ret is to be used only when
 * there are none, and is the caller's (notice_free) when this returned true.  false: the database
 * failed, or the disk. */
MUST_CHECK bool notice_read(struct db *db, const struct notice_words *words, int64_t now,
                            struct text *faults, struct notice *ret, struct error *err);
void notice_free(struct notice *n);

/* Adds a line for each reason to look again; refuses nothing. */
MUST_CHECK bool notice_warn(struct db *db, const struct notice *n, struct text *warnings,
                            struct error *err);

/* To the AP and no file given: keeps the draft as the register gives it now, one behind the other
 * for several breaches. */
MUST_CHECK bool notice_keep_draft(struct db *db, const struct settings *settings, struct notice *n,
                                  struct error *err);

/* Of these kinds the AP was told: a withdrawal is none of them. */
bool notice_meets_ap(const struct notice *n);

/* For people: "to the AP"; "initial", "follow-up, complete". */
const char *notice_recipient_name(const struct notice *n);
const char *notice_kind_word(const struct notice *n);
/* "26 h 50 m 00 s", "1 s": seconds count.  Returns dst. */
const char *notice_length(int64_t seconds, char *dst, size_t size);

/* For waarborg.breach_notify.  The caller's. */
json_t *notice_to_json(const struct notice *n);
