/* verify: does every segment of the archive hold?  Against its manifest, the chain, ledger and
 * journal; with a key down to its rows.  Goes on over all segments.  Never logs. */
#pragma once

#include "jobs/archive/evidence.h"

enum verify_rank {                  /* the most fundamental first: what later ones rest on */
                   VERIFY_JOURNAL,  /* the journal in itself */
                   VERIFY_MANIFEST, /* a manifest that is missing, cannot be read or is of something
                                       else */
                   VERIFY_CHAIN,    /* of manifests */
                   VERIFY_BOOKS,    /* manifest, ledger and journal do not say the same */
                   VERIFY_AUDIT,    /* the audit log in the database */
                   VERIFY_FILE,     /* a segment file */
                   VERIFY_STORY,    /* what is told cannot have happened like that */
                   VERIFY_STRANGER, /* what is no part of an archive */
};

struct verify_fault {
    enum verify_rank rank;
    size_t number; /* the order in which they were found */
    char *place;   /* a segment, or what else it is about */
    char *sentence;
};

struct verify_result { /* initialise to {0} */
    size_t segments;   /* looked at */
    size_t destroyed;  /* of them, in order */
    size_t opened;     /* with the key, or not sealed */
    size_t unopened;   /* the key is for none of their recipients */
    uint64_t bytes;
    struct verify_fault *faults;
    size_t fault_count, fault_capacity;
};

/* Called for each manifest that can be read, in the order of the files; both are borrowed. */
typedef void verify_watch(void *context, const struct store_entry *entry, const struct manifest *m);

struct verify_request {         /* everything borrowed */
    const struct seal_key *key; /* NULL looks no further than the file */
    const char *only;           /* base of one segment, NULL for all */
    bool every_fault;           /* of a segment; else the first thing that does not hold */
    bool files_only;            /* no rows, not even of segments that are not sealed */
    verify_watch *watch;        /* may be NULL */
    void *context;              /* of watch */
};

/* False only when the looking itself failed, also when the key opens none of the segments. */
MUST_CHECK bool verify_archive(const struct evidence *e, const struct verify_request *request,
                               struct verify_result *ret, struct error *err);

/* Adds a fault; place and sentence are copied. */
void verify_add(struct verify_result *r, enum verify_rank rank, const char *place,
                const char *sentence);
/* By rank, and within one as they were found. */
void verify_sort(struct verify_result *r);
void verify_result_free(struct verify_result *r);

/* One line a fault, on stdout, with control characters escaped. */
void verify_print_faults(const struct verify_result *r);
