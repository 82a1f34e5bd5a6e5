/* affected_keys: the keys of customers that somebody gave, a chunk at a time: lines of a CSV file,
 * or what rows led to.  Faults of lines are printed on stderr, each with its file and line, and
 * counted; the keys show there because the person who reads it brought them.  Never logs. */
#pragma once

#include "common/csv.h"
#include "common/text.h"
#include "jobs/retention/key_list.h"
#include "jobs/settings/policy.h"

#define AFFECTED_CHUNK 5000

struct affected_keys { /* initialise to {0} */
    const char *path;  /* NULL: a list */
    struct csv *csv;
    size_t *columns; /* of the key, in the records of the file; NULL: they are the record */
    const struct policy *policy;
    const struct key_list *list; /* borrowed */
    size_t next;                 /* of the list */
    uint64_t given, faults;      /* so far */
    bool header_missing;         /* the first line names the columns, and nobody said so */
};

/* A file, "-" for standard input.  header: the first line names the columns; those of the key are
 * taken, whatever stands beside them, and the separator is the one found there.  Without it a line
 * is a key, its columns in the order of the policy with commas between them. */
MUST_CHECK bool affected_keys_open(const char *path, bool header, const struct policy *policy,
                                   struct affected_keys *ret, struct error *err);
/* Keys in memory: borrowed, of the width of the policy's key. */
struct affected_keys affected_keys_of(const struct key_list *list, const struct policy *policy);
void affected_keys_free(struct affected_keys *k);

struct affected_chunk { /* initialise to {0} */
    char **words;       /* each key as the text of an array */
    uint64_t *lines;    /* where it stands; 0: in no file */
    size_t count;
    struct text array; /* all of them, for `$1::text[]` */
};

/* The next chunk; count 0 at the end. */
MUST_CHECK bool affected_keys_next(struct affected_keys *k, struct affected_chunk *chunk,
                                   struct error *err);
void affected_chunk_free(struct affected_chunk *c);

/* Prints and counts: "lijst.csv:12: 4711 WHAT". */
MUST_CHECK bool affected_keys_fault(struct affected_keys *k, uint64_t line, const char *word,
                                    const char *what, struct error *err);

/* A key, the text of an array, as people write it: 4711, or NL,007. */
MUST_CHECK bool affected_key_show(const char *word, struct text *ret, struct error *err);
