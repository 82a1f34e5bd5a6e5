/* journal_place: a directory with a journal for each test of test_journal*.c. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/journal.h"
#include "common/memory.h"

#define AT INT64_C(1790000000) /* 2026-09-21 14:13:20 UTC */
#define LIMIT ((size_t)4 * 1024 * 1024)
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

struct place {
    char dir[64];
    char path[96];
};

static inline int set_up(void **state)
{
    struct place *p = memory_alloc(sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/waarborg-journal-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->path, sizeof p->path, "%s/journal.jsonl", p->dir);
    *state = p;
    return 0;
}

static inline int tear_down(void **state)
{
    struct place *p = *state;
    unlink(p->path);
    rmdir(p->dir);
    free(p);
    return 0;
}

static inline void load(const struct place *p, struct text *ret)
{
    struct error err = {0};
    assert_true(file_read(AT_FDCWD, p->path, 100 * LIMIT, ret, &err));
}

static inline void store(const struct place *p, const struct text *content)
{
    FILE *file = fopen(p->path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text_get(content), 1, content->length, file), content->length);
    assert_int_equal(fclose(file), 0);
}

static inline bool append_number(struct journal *j, int number, struct error *err)
{
    json_t *fields = json_pack("{si}", "number", number);
    bool done = journal_append(j, AT + number, "test.event", fields, err);
    json_decref(fields);
    return done;
}

static inline void fill(const struct place *p, int lines)
{
    struct error err = {0};
    CLEANUP(journal_close) struct journal *j = NULL;
    assert_true(journal_open(p->path, true, &j, &err));
    for (int i = 1; i <= lines; i++)
        assert_true(append_number(j, i, &err));
}

/* Lines, or -1 when the journal does not hold. */
static inline int count_lines(const struct place *p, uint64_t *ret_torn)
{
    struct error err = {0};
    uint64_t lines = 0;
    if (!journal_read(p->path, NULL, NULL, &lines, ret_torn, &err)) {
        print_message("%s\n", err.message);
        return -1;
    }
    return (int)lines;
}
