#include "jobs/archive/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/log.h"
#include "common/memory.h"

#define MANIFEST_ENDING ".manifest.json"

static void close_dir(DIR **dir)
{
    if (*dir != NULL)
        closedir(*dir);
    *dir = NULL;
}

static bool open_dir(int parent_fd, const char *name, DIR **ret, struct error *err)
{
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, "open directory %s of the archive", name);
    *ret = fdopendir(fd);
    if (*ret == NULL) {
        close(fd);
        return error_set_errno(err, "read directory %s of the archive", name);
    }
    return true;
}

/* false at the end and on failure; the caller looks at err->kind. */
static bool next_name(DIR *dir, const char **ret_name, struct error *err)
{
    const struct dirent *entry;
    do {
        errno = 0;
        entry = readdir(dir);
    } while (entry != NULL &&
             (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    if (entry == NULL && errno != 0)
        return error_set_errno(err, "read a directory of the archive");
    if (entry == NULL)
        return false;
    *ret_name = entry->d_name;
    return true;
}

/* form: 'd' stands for a digit. */
static bool has_form(const char *text, const char *form)
{
    for (; *form != '\0'; text++, form++)
        if (*form == 'd' ? *text < '0' || *text > '9' : *text != *form)
            return false;
    return true;
}

bool store_is_month(const char *name)
{
    return has_form(name, "dddd-dd") && name[7] == '\0';
}

bool store_is_temporary(const char *name)
{
    size_t length = strlen(name);
    return name[0] == '.' && length > 5 && strcmp(name + length - 4, ".tmp") == 0;
}

/* The manifest first: while it stands, its segment must. */
static const char *const endings[] = {MANIFEST_ENDING, ".sql.gz.cms", ".sql.gz"};

bool store_remove_segment(int month_fd, const char *name, struct error *err)
{
    CLEANUP(memory_release) char *manifest = memory_format("%s" MANIFEST_ENDING, name);
    bool was_there;
    return file_remove(month_fd, manifest, err) &&
           store_remove_file(month_fd, name, &was_there, err);
}

bool store_remove_file(int month_fd, const char *name, bool *ret_was_there, struct error *err)
{
    bool was_there = false;
    for (size_t i = 1; i < COUNT_OF(endings); i++) {
        CLEANUP(memory_release) char *file = memory_format("%s%s", name, endings[i]);
        struct stat status;
        if (fstatat(month_fd, file, &status, AT_SYMLINK_NOFOLLOW) == 0)
            was_there = true;
        else if (errno != ENOENT)
            return error_set_errno(err, "look at %s", file);
        if (!file_remove(month_fd, file, err))
            return false;
    }
    *ret_was_there = was_there;
    return true;
}

bool store_file_bytes(const struct store *s, const struct store_entry *e, uint64_t *ret_bytes,
                      struct error *err)
{
    CLEANUP(file_close) int month = -1;
    struct stat status;
    if (!store_open_month(s, e, &month, err))
        return false;
    for (size_t i = 1; i < COUNT_OF(endings); i++) {
        CLEANUP(memory_release) char *file = memory_format("%s%s", e->name, endings[i]);
        if (fstatat(month, file, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            *ret_bytes = (uint64_t)status.st_size;
            return true;
        }
    }
    return error_set_errno(err, "look at the file of segment %s", e->base);
}

/* The length of the name without its ending, 0 when it is no file of a segment. */
static size_t segment_name(const char *name, const char **ret_ending)
{
    size_t length = strlen(name);
    if (!has_form(name, "ddddddddTddddddZ-"))
        return 0;
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending + 17 && strcmp(name + length - ending, endings[i]) == 0) {
            *ret_ending = endings[i];
            return length - ending;
        }
    }
    return 0;
}

static void add_stranger(struct store *s, char *path)
{
    MEMORY_GROW(s->strangers, s->stranger_count, s->stranger_capacity);
    s->strangers[s->stranger_count++] = path;
}

static void add_file(struct store *s, const char *month, const char *name)
{
    const char *ending = "";
    size_t length = segment_name(name, &ending);
    if (length == 0) {
        if (!store_is_temporary(name))
            add_stranger(s, memory_format("%s/%s", month, name));
        return;
    }
    bool is_manifest = strcmp(ending, MANIFEST_ENDING) == 0;
    MEMORY_GROW(s->entries, s->entry_count, s->entry_capacity);
    s->entries[s->entry_count++] = (struct store_entry){
        .base = memory_format("%s/%.*s", month, (int)length, name),
        .month = memory_copy_text(month),
        .name = memory_format("%.*s", (int)length, name),
        .has_manifest = is_manifest,
        .has_file = !is_manifest,
    };
}

static bool scan_month(struct store *s, const char *month, struct error *err)
{
    CLEANUP(close_dir) DIR *dir = NULL;
    const char *name = NULL;
    if (!open_dir(s->root_fd, month, &dir, err))
        return false;
    while (next_name(dir, &name, err))
        add_file(s, month, name);
    return err->kind == ERR_NONE;
}

static void free_entry(struct store_entry *e)
{
    free(e->base);
    free(e->month);
    free(e->name);
}

static void forget(struct store *s)
{
    for (size_t i = 0; i < s->entry_count; i++)
        free_entry(&s->entries[i]);
    for (size_t i = 0; i < s->stranger_count; i++)
        free(s->strangers[i]);
    s->entry_count = s->stranger_count = 0;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct store_entry *)a)->base, ((const struct store_entry *)b)->base);
}

/* The files of one segment were found one by one. */
static void join_files(struct store *s)
{
    size_t kept = 0;
    if (s->entry_count > 0)
        qsort(s->entries, s->entry_count, sizeof *s->entries, compare_entries);
    for (size_t i = 0; i < s->entry_count; i++) {
        struct store_entry *e = &s->entries[i];
        struct store_entry *last = kept == 0 ? NULL : &s->entries[kept - 1];
        if (last == NULL || strcmp(last->base, e->base) != 0) {
            s->entries[kept++] = *e;
            continue;
        }
        if (last->has_file && e->has_file) /* sealed and not sealed: one of them is too many */
            add_stranger(s, memory_format("%s.sql.gz", e->base));
        last->has_manifest |= e->has_manifest;
        last->has_file |= e->has_file;
        free_entry(e);
    }
    s->entry_count = kept;
}

bool store_scan(struct store *s, struct error *err)
{
    CLEANUP(close_dir) DIR *dir = NULL;
    struct error trouble = {0};
    const char *name = NULL;
    forget(s);
    if (!open_dir(s->root_fd, ".", &dir, err))
        return false;
    while (next_name(dir, &name, &trouble)) {
        if (!store_is_month(name)) {
            if (!store_is_temporary(name))
                add_stranger(s, memory_copy_text(name));
        } else if (!scan_month(s, name, &trouble)) {
            break;
        }
    }
    join_files(s);
    if (trouble.kind == ERR_NONE)
        return true;
    *err = trouble;
    return false;
}

bool store_open(const char *path, bool private, struct store *ret, struct error *err)
{
    struct store s = {.root_fd = -1};
    if (private) {
        if (!file_open_private_dir(path, &s.root_fd, err))
            return error_context(err, "archive.directory");
    } else {
        s.root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (s.root_fd < 0) {
            error_set_errno(err, "cannot read directory %s", path);
            err->kind = ERR_USAGE;
            return false;
        }
    }
    if (!store_scan(&s, err)) {
        store_close(&s);
        return false;
    }
    *ret = s;
    return true;
}

bool store_open_own(const char *directory, const char *journal, struct store *ret,
                    struct error *err)
{
    if (access(directory, F_OK) == 0 || errno != ENOENT || access(journal, F_OK) != 0)
        return store_open(directory, true, ret, err);
    return error_set(err, ERR_INTEGRITY,
                     "the archive directory %s is missing although there is a journal, %s: mount "
                     "it, or put it back from the backup",
                     directory, journal);
}

void store_close(struct store *s)
{
    forget(s);
    free(s->entries);
    free(s->strangers);
    file_close(&s->root_fd);
    *s = (struct store){.root_fd = -1};
}

const char *store_entry_id(const struct store_entry *e)
{
    return strchr(e->name, '-') + 1;
}

const struct store_entry *store_find_base(const struct store *s, const char *base)
{
    const struct store_entry wanted = {.base = (char *)(uintptr_t)base};
    return s->entry_count == 0
               ? NULL
               : bsearch(&wanted, s->entries, s->entry_count, sizeof *s->entries, compare_entries);
}

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static bool fits(const struct store_entry *e, const char *word)
{
    return begins(e->base, word) || begins(e->name, word) || begins(store_entry_id(e), word);
}

static bool is_exactly(const struct store_entry *e, const char *word)
{
    return strcmp(e->base, word) == 0 || strcmp(e->name, word) == 0 ||
           strcmp(store_entry_id(e), word) == 0;
}

bool store_find(const struct store *s, const char *word, const struct store_entry **ret_entry,
                struct error *err)
{
    const struct store_entry *found = NULL;
    size_t count = 0;
    char shown[80];
    log_escape(shown, sizeof shown, word);
    for (size_t i = 0; i < s->entry_count; i++) {
        const struct store_entry *e = &s->entries[i];
        if (is_exactly(e, word)) {
            *ret_entry = e;
            return true;
        }
        if (word[0] != '\0' && fits(e, word)) {
            found = e;
            count++;
        }
    }
    if (count > 1)
        return error_set(err, ERR_USAGE, "%zu segments begin with '%s'; give more of the name",
                         count, shown);
    if (count == 0)
        return error_set(err, ERR_USAGE,
                         "the archive holds no segment '%s'; waarborg archive list shows them",
                         shown);
    *ret_entry = found;
    return true;
}

bool store_open_month(const struct store *s, const struct store_entry *e, int *ret_fd,
                      struct error *err)
{
    int fd = openat(s->root_fd, e->month, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, "open directory %s of the archive", e->month);
    *ret_fd = fd;
    return true;
}

bool store_load_manifest(const struct store *s, const struct store_entry *e, struct manifest **ret,
                         struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    CLEANUP(manifest_free) struct manifest *m = NULL;
    CLEANUP(memory_release) char *name = memory_format("%s" MANIFEST_ENDING, e->name);
    if (!e->has_manifest)
        return error_set(err, ERR_INTEGRITY, "%s" MANIFEST_ENDING " is not there", e->base);
    if (!store_open_month(s, e, &fd, err) || !manifest_load(fd, name, &m, err))
        return false;
    if (strcmp(m->segment_id, store_entry_id(e)) != 0)
        return error_set(err, ERR_INTEGRITY, "%s is the manifest of segment %s", name,
                         m->segment_id);
    if (!begins(m->file_name, e->name) || m->file_name[strlen(e->name)] != '.')
        return error_set(err, ERR_INTEGRITY, "%s describes the file %s", name, m->file_name);
    *ret = m;
    m = NULL;
    return true;
}
