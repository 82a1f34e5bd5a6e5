/* segment_place: a directory with a small segment and its manifest, for test_segment.c and
 * test_manifest.c. */
#pragma once

#include "tests/unit/segment_samples.h"

#include <fcntl.h>

#include "common/file.h"
#include "common/gzip.h"
#include "jobs/archive/manifest_read.h"
#include "jobs/archive/segment.h"
#include "jobs/archive/segment_read.h"

#define BASE "20261122T010203Z-0011223344556677"

struct place {
    char dir[64];
    int fd;
};

static inline int enter_place(void **state)
{
    struct place *p = memory_alloc(sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/waarborg-segment-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(p->fd >= 0);
    *state = p;
    return 0;
}

static inline int leave_place(void **state)
{
    struct place *p = *state;
    CLEANUP(memory_release) char *command = memory_format("rm -r '%s'", p->dir);
    int result = system(command); // NOLINT(cert-env33-c)
    close(p->fd);
    free(p);
    return result;
}

static inline uint64_t count_rows(const char *rows)
{
    uint64_t count = 0;
    for (const char *p = rows; *p != '\0'; p++)
        count += *p == '\n' ? 1 : 0;
    return count;
}

static inline void write_samples(struct segment *s)
{
    struct error err = {0};
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        assert_true(segment_begin_member(s, &samples[i].member, &err));
        assert_true(segment_add_rows(s, samples[i].rows, strlen(samples[i].rows), &err));
        if (!segment_end_member(s, count_rows(samples[i].rows), &err))
            fail_msg("%s", err.message);
    }
}

/* names: of the recipients, NULL = unsealed. */
static inline void write_segment(const struct place *p, const char *names, int level,
                                 struct text *ret_manifest)
{
    struct error err = {0};
    CLEANUP(seal_recipients_free) struct seal_recipients *recipients = NULL;
    CLEANUP(segment_discard) struct segment *s = NULL;
    const struct segment_result *result = NULL;
    if (names != NULL)
        load_recipients(names, &recipients);
    const struct segment_target target = {p->fd, BASE, level, recipients, 0};
    if (!segment_create(&target, &s, &err))
        fail_msg("%s", err.message);
    write_samples(s);
    if (!segment_finish(s, &result, &err) || !segment_publish(s, &err))
        fail_msg("%s", err.message);
    format_manifest(result, recipients, ret_manifest);
}

static inline struct manifest *parse(const struct text *json)
{
    struct error err = {0};
    struct manifest *m = NULL;
    if (!manifest_parse(text_get(json), json->length, &m, &err))
        fail_msg("%s", err.message);
    return m;
}
