#include "jobs/report/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/file.h"
#include "common/memory.h"

struct pack_file {
    char *name;
    char sha256[DIGEST_HEX_SIZE];
};

struct pack {
    char *path, *partial; /* its place; where it is written, beside it */
    int fd;               /* of the partial one */
    struct pack_file *files;
    size_t file_count, file_capacity;
    bool finished;
};

/* ---- the place ---- */

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

/* Does not follow links: what somebody put there is removed, not what it points to. */
static void remove_tree(const char *path)
{
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static bool refuse_taken(const char *path, struct error *err)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return errno == ENOENT || error_set_errno(err, "look at %s", path);
    DIR *directory = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
    bool taken = true;
    if (directory != NULL) {
        const struct dirent *entry;
        taken = false;
        while ((entry = readdir(directory)) != NULL)
            taken |= strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        closedir(directory);
    }
    return !taken ||
           error_set(err, ERR_USAGE,
                     "%s is there already: name a directory that is not, or an empty one", path);
}

/* "out/pack" -> "out/.pack.partial": the same file system, so that a rename is enough. */
static char *partial_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    int directory = slash == NULL ? 0 : (int)(slash - path) + 1;
    return memory_format("%.*s.%s.partial", directory, path, path + directory);
}

static char *without_slashes(const char *path)
{
    char *copy = memory_copy_text(path);
    size_t length = strlen(copy);
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = '\0';
    return copy;
}

bool pack_create(const char *path, struct pack **ret, struct error *err)
{
    CLEANUP(memory_release) char *place = without_slashes(path);
    const char *last = strrchr(place, '/');
    last = last == NULL ? place : last + 1;
    if (last[0] == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return error_set(err, ERR_USAGE, "'%s' names no directory of its own", path);
    if (!refuse_taken(place, err))
        return false;
    CLEANUP(pack_discard) struct pack *p = memory_alloc(sizeof *p);
    p->fd = -1;
    p->path = place;
    place = NULL;
    p->partial = partial_name(p->path);
    remove_tree(p->partial); /* of a pack that was cut off */
    if (mkdir(p->partial, 0700) < 0 ||
        (p->fd = open(p->partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0) {
        (void)error_set_errno(err, "%s cannot be made", p->path);
        err->kind = ERR_USAGE;
        return false;
    }
    *ret = p;
    p = NULL;
    return true;
}

void pack_discard(struct pack **pack)
{
    struct pack *p = *pack;
    if (p == NULL)
        return;
    file_close(&p->fd);
    if (!p->finished && p->partial != NULL)
        remove_tree(p->partial);
    for (size_t i = 0; i < p->file_count; i++)
        free(p->files[i].name);
    free(p->files);
    free(p->path);
    free(p->partial);
    free(p);
    *pack = NULL;
}

/* ---- the files ---- */

static bool write_file(int dir_fd, const char *name, const void *bytes, size_t length,
                       struct error *err)
{
    CLEANUP(new_file_discard) struct new_file *f = NULL;
    return new_file_create(dir_fd, name, &f, err) && new_file_write(f, bytes, length, err) &&
           new_file_publish(f, err);
}

bool pack_add(struct pack *p, const char *name, const void *bytes, size_t length, struct error *err)
{
    CLEANUP(memory_release) char *path = memory_copy_text(name);
    CLEANUP(file_close) int fd = dup(p->fd);
    struct pack_file file = {0};
    char *rest = path;
    if (fd < 0)
        return error_set_errno(err, "%s", p->path);
    for (char *slash; (slash = strchr(rest, '/')) != NULL; rest = slash + 1) {
        int next = -1;
        *slash = '\0';
        if (!file_make_dir(fd, rest, &next, err))
            return false;
        close(fd);
        fd = next;
    }
    if (!digest_bytes_hex(bytes, length, file.sha256, err) ||
        !write_file(fd, rest, bytes, length, err))
        return error_context(err, "%s/%s", p->path, name);
    file.name = memory_copy_text(name);
    MEMORY_GROW(p->files, p->file_count, p->file_capacity);
    p->files[p->file_count++] = file;
    return true;
}

/* ---- the end ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct pack_file *)a)->name, ((const struct pack_file *)b)->name);
}

static void list_sums(struct pack *p, struct text *sums)
{
    qsort(p->files, p->file_count, sizeof *p->files, compare_names);
    for (size_t i = 0; i < p->file_count; i++)
        text_addf(sums, "%s  %s\n", p->files[i].sha256, p->files[i].name);
}

/* What is signed is SHA256SUMS, and so everything it names. */
static bool sign_sums(struct pack *p, const struct signer *signer, const struct text *sums,
                      struct error *err)
{
    CLEANUP(text_free) struct text signature = {0};
    return signer_sign(signer, text_get(sums), sums->length, &signature, err) &&
           write_file(p->fd, "SHA256SUMS.p7s", text_get(&signature), signature.length, err);
}

static bool put_in_place(struct pack *p, struct error *err)
{
    if (fsync(p->fd) < 0 || rename(p->partial, p->path) < 0)
        return error_set_errno(err, "%s cannot be put in its place", p->path);
    p->finished = true;
    return true;
}

bool pack_finish(struct pack *p, const struct signer *signer, size_t *ret_files, struct error *err)
{
    CLEANUP(text_free) struct text certificates = {0};
    CLEANUP(text_free) struct text sums = {0};
    if (signer != NULL &&
        (!signer_certificates(signer, &certificates, err) ||
         !pack_add(p, "signer.pem", text_get(&certificates), certificates.length, err)))
        return false;
    list_sums(p, &sums);
    if (!write_file(p->fd, "SHA256SUMS", text_get(&sums), sums.length, err) ||
        (signer != NULL && !sign_sums(p, signer, &sums, err)) || !put_in_place(p, err))
        return false;
    *ret_files = p->file_count + (signer != NULL ? 2 : 1);
    return true;
}
