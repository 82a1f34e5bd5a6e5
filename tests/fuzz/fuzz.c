#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config_scan.h"
#include "common/file.h"
#include "common/memory.h"

void fuzz_check_error(const struct error *err)
{
    REQUIRE(err->kind != ERR_NONE, "refused without a kind: %s", err->message);
    size_t length = strnlen(err->message, sizeof err->message);
    REQUIRE(length > 0 && length < sizeof err->message, "refused without a sentence");
    REQUIRE(config_scan_is_clean(err->message, length), "no sentence to show: %s", err->message);
}

/* ---- what was reached ---- */

static struct {
    const char *name;
    unsigned long long times;
} depths[16];

static void tell_depths(void)
{
    fputs("reached:", stderr);
    for (size_t i = 0; i < COUNT_OF(depths) && depths[i].name != NULL; i++)
        fprintf(stderr, "%s %s %llu", i == 0 ? "" : ",", depths[i].name, depths[i].times);
    fputc('\n', stderr);
}

void fuzz_reached(const char *name)
{
    size_t i = 0;
    while (i < COUNT_OF(depths) && depths[i].name != NULL && depths[i].name != name)
        i++;
    REQUIRE(i < COUNT_OF(depths), "too many names");
    if (i == 0 && depths[0].name == NULL)
        atexit(tell_depths);
    depths[i].name = name;
    depths[i].times++;
}

/* ---- what was accepted ---- */

static struct text kept[16];
static size_t kept_count;

static void forget_kept(void)
{
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        text_free(&kept[i]);
}

void fuzz_keep(const void *bytes, size_t length)
{
    if (length > 8192) /* as smoke.sh limits inputs */
        return;
    if (kept_count == 0)
        atexit(forget_kept);
    struct text *t = &kept[kept_count++ % COUNT_OF(kept)];
    text_clear(t);
    text_add_bytes(t, bytes, length);
}

size_t fuzz_go_back(uint8_t *data, size_t size, size_t max_size, unsigned *seed)
{
    size_t count = kept_count < COUNT_OF(kept) ? kept_count : COUNT_OF(kept);
    if (count == 0 || fuzz_next(seed) % 3 != 0)
        return size;
    const struct text *t = &kept[fuzz_next(seed) % count];
    if (t->length > max_size)
        return size;
    memcpy(data, text_get(t), t->length);
    return t->length;
}

unsigned fuzz_next(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

/* ---- files ---- */

static char place[256];
static char *paths[16];
static size_t path_count;

static void remove_place(void)
{
    for (size_t i = 0; i < path_count; i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    rmdir(place);
}

const char *fuzz_path(const char *name)
{
    if (place[0] == '\0') {
        const char *parent = getenv("TMPDIR");
        snprintf(place, sizeof place, "%s/waarborg-fuzz-XXXXXX", parent == NULL ? "/tmp" : parent);
        REQUIRE(mkdtemp(place) != NULL, "mkdtemp %s", place);
        atexit(remove_place);
    }
    REQUIRE(path_count < COUNT_OF(paths), "too many files");
    paths[path_count] = memory_format("%s/%s", place, name);
    return paths[path_count++];
}

void fuzz_store(const char *path, const void *bytes, size_t length, unsigned mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0 && fchmod(fd, mode) == 0, "open %s", path);
    for (size_t done = 0; done < length;) {
        ssize_t n = write(fd, (const char *)bytes + done, length - done);
        REQUIRE(n > 0, "write %s", path);
        done += (size_t)n;
    }
    close(fd);
}

void fuzz_load(const char *path, struct text *ret)
{
    struct error err = {0};
    REQUIRE(file_read(AT_FDCWD, path, SIZE_MAX / 4, ret, &err), "%s", err.message);
}

/* ---- decisions ---- */

uint64_t fuzz_hash(const void *bytes, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
    return hash ^ (hash >> 29);
}

uint8_t decide(struct decisions *d)
{
    if (d->left == 0)
        return 0;
    d->left--;
    return *d->at++;
}

unsigned decide_wide(struct decisions *d)
{
    unsigned high = decide(d);
    return high << 8 | decide(d);
}

const char *decide_bytes(struct decisions *d, size_t length, size_t *ret_length)
{
    const char *bytes = (const char *)d->at;
    *ret_length = length < d->left ? length : d->left;
    d->at += *ret_length;
    d->left -= *ret_length;
    return bytes;
}
