#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fault_point.h"
#include "common/file.h"
#include "common/stop.h"
#include "jobs/breach/letter_run.h"

#define AT_ONCE 500

const char *letter_file_name(const struct letter_run *run, int64_t letter,
                             char dst[static LETTER_FILE_SIZE])
{
    snprintf(dst, LETTER_FILE_SIZE, "%s-%08" PRId64 ".txt", run->reference, letter);
    return dst;
}

static int compare_ids(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool has_id(const struct letter_ids *sorted, int64_t id)
{
    return sorted->count > 0 &&
           bsearch(&id, sorted->items, sorted->count, sizeof id, compare_ids) != NULL;
}

/* A run that was cut off may have written this one to another directory: nobody should post it
 * twice. */
static void look_for_begun(struct letter_run *run, int dir_fd, const struct letter_customer *c)
{
    char name[LETTER_FILE_SIZE];
    if (c->begun == NULL || strcmp(c->begun, "file") != 0 ||
        faccessat(dir_fd, letter_file_name(run, c->letter, name), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return;
    if (run->astray++ == 0 || c->letter < run->astray_low)
        run->astray_low = c->letter;
    if (c->letter > run->astray_high)
        run->astray_high = c->letter;
}

static bool begin_batch(struct letter_run *run, int dir_fd, const struct letter_batch *batch,
                        struct letter_ids *ret_begun, struct error *err)
{
    CLEANUP(letter_ids_free) struct letter_ids ids = {0};
    for (size_t i = 0; i < batch->count; i++) {
        const struct letter_customer *c = &batch->items[i];
        if (c->letter == 0 || !letter_run_goes(run, c, LETTER_BY_FILE)) /* 0: affected since */
            continue;
        look_for_begun(run, dir_fd, c);
        letter_ids_add(&ids, c->letter);
    }
    if (ids.count > 0 && !letter_run_begin(run, &ids, LETTER_BY_FILE, ret_begun, err))
        return false;
    if (ret_begun->count > 0)
        qsort(ret_begun->items, ret_begun->count, sizeof *ret_begun->items, compare_ids);
    return true;
}

static bool write_one(struct letter_run *run, int dir_fd, const struct letter_customer *c,
                      bool *ret_written, struct error *err)
{
    CLEANUP(letter_free) struct letter letter = {0};
    char name[LETTER_FILE_SIZE];
    if (!letter_run_make(run, c, &letter))
        return true;
    if (!file_replace(dir_fd, letter_file_name(run, c->letter, name), letter.text.data,
                      letter.text.length, err))
        return false;
    *ret_written = true;
    FAULT_POINT("letters.written");
    return true;
}

/* Files first, then the register: a letter that is recorded is there.  Those that were not tried
 * any more are taken back, unless an earlier run had begun them.  The one that failed stays begun:
 * it may lie there all the same. */
static bool write_batch(struct letter_run *run, int dir_fd, const struct letter_batch *batch,
                        struct error *err)
{
    CLEANUP(letter_ids_free) struct letter_ids begun = {0};
    CLEANUP(letter_ids_free) struct letter_ids written = {0};
    CLEANUP(letter_ids_free) struct letter_ids left = {0};
    struct error why = {0};
    if (!begin_batch(run, dir_fd, batch, &begun, err))
        return false;
    for (size_t i = 0; i < batch->count; i++) {
        const struct letter_customer *c = &batch->items[i];
        bool done = false;
        bool tried = why.kind == ERR_NONE;
        if (!has_id(&begun, c->letter))
            continue;
        if (tried && !write_one(run, dir_fd, c, &done, &why))
            continue;
        if (done)
            letter_ids_add(&written, c->letter);
        else if (c->begun == NULL)
            letter_ids_add(&left, c->letter);
    }
    FAULT_POINT("letters.batch_written");
    if (!letter_run_finish(run, &written, LETTER_BY_FILE, err) ||
        (left.count > 0 && !letter_run_unbegin(run, &left, err)))
        return false;
    if (why.kind != ERR_NONE)
        *err = why;
    return why.kind == ERR_NONE;
}

bool letter_write_all(struct letter_run *run, int dir_fd, const char *path, struct error *err)
{
    CLEANUP(letter_batch_free) struct letter_batch batch = {0};
    do {
        if (!letter_list_next(run->list, AT_ONCE, &batch, err))
            return false;
        run->stopped = batch.count > 0 && stop_count() > 0;
        if (!run->stopped && !write_batch(run, dir_fd, &batch, err))
            return error_context(err, "--out %s", path);
        progress_show_count(&run->progress, (uint64_t)run->handed_over, "letters");
    } while (batch.count > 0 && !run->stopped);
    return true;
}
