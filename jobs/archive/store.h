/* store: what lies in the archive directory: month directories (2026-11/) with the two files of
 * each segment.  Only looks; nothing is opened, checked or changed before it is asked for.  Never
 * logs. */
#pragma once

#include <stddef.h>

#include "common/error.h"
#include "jobs/archive/manifest_read.h"

struct store_entry {
    char *base;  /* "2026-11/20261122T010203Z-<id>": what waarborg.segment.file holds */
    char *month; /* "2026-11" */
    char *name;  /* what follows the slash */
    bool has_manifest;
    bool has_file; /* .sql.gz.cms or .sql.gz */
};

struct store { /* initialise to {.root_fd = -1} */
    int root_fd;
    struct store_entry *entries; /* ordered by base: oldest first */
    size_t entry_count, entry_capacity;
    char **strangers; /* paths that are no part of an archive; temporary files are not counted */
    size_t stranger_count, stranger_capacity;
};

/* path: the archive itself (private: ours alone, mode 0700) or a copy of it. */
MUST_CHECK bool store_open(const char *path, bool private, struct store *ret, struct error *err);
/* The archive of the configuration.  ERR_INTEGRITY when it is missing although there is a journal:
 * it was lost, or is not mounted. */
MUST_CHECK bool store_open_own(const char *directory, const char *journal, struct store *ret,
                               struct error *err);
/* Reads the directory anew. */
MUST_CHECK bool store_scan(struct store *s, struct error *err);
void store_close(struct store *s);

/* word: a base, a name, a segment id, or the beginning of one of these that fits one segment only.
 * ERR_USAGE says what there is. */
MUST_CHECK bool store_find(const struct store *s, const char *word,
                           const struct store_entry **ret_entry, struct error *err);
/* The entry with exactly this base, or NULL. */
const struct store_entry *store_find_base(const struct store *s, const char *base);

/* The part of a name behind its instant: the segment id. */
const char *store_entry_id(const struct store_entry *e);

/* The month's directory; the caller closes it (file_close). */
MUST_CHECK bool store_open_month(const struct store *s, const struct store_entry *e, int *ret_fd,
                                 struct error *err);
/* Loads the manifest and checks that it names this segment and this file. */
MUST_CHECK bool store_load_manifest(const struct store *s, const struct store_entry *e,
                                    struct manifest **ret, struct error *err);

/* The size of its segment file (has_file). */
MUST_CHECK bool store_file_bytes(const struct store *s, const struct store_entry *e,
                                 uint64_t *ret_bytes, struct error *err);

/* Removes what there is of a segment that did not commit: both files. */
MUST_CHECK bool store_remove_segment(int month_fd, const char *name, struct error *err);
/* Removes the segment file only: its term is over, the manifest stays as evidence. */
MUST_CHECK bool store_remove_file(int month_fd, const char *name, bool *ret_was_there,
                                  struct error *err);

/* Of a name in the archive directory: a month's directory; in one of these: a file that was not
 * published (common/file.h). */
bool store_is_month(const char *name);
bool store_is_temporary(const char *name);
