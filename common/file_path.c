#include "common/file_path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"

/* Another path or another right mends these; anything else is a fault of the disk. */
static void refuse_directory(const char *path, struct error *err)
{
    static const int mendable[] = {ENOENT, ENOTDIR, EACCES, EROFS, ELOOP, ENAMETOOLONG};
    int number = errno;
    (void)error_set_errno(err, "the directory of %s", path);
    for (size_t i = 0; i < COUNT_OF(mendable); i++)
        if (number == mendable[i])
            err->kind = ERR_USAGE;
}

/* *ret_name points into path. */
static bool open_directory(const char *path, int *ret_fd, const char **ret_name, struct error *err)
{
    CLEANUP(memory_release) char *directory = memory_copy_text(path);
    const char *name = path;
    char *slash = strrchr(directory, '/');
    if (slash != NULL) {
        name = path + (slash - directory) + 1;
        slash[slash == directory] = '\0'; /* the root stays "/" */
    }
    if (name[0] == '\0')
        return error_set(err, ERR_USAGE, "'%s' names a directory; name a file in it", path);
    int fd = open(slash == NULL ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        refuse_directory(path, err);
        return false;
    }
    *ret_fd = fd;
    *ret_name = name;
    return true;
}

bool file_path_check(const char *path, struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    const char *name = NULL;
    struct stat st;
    if (!open_directory(path, &fd, &name, err) || !file_check_replaceable(fd, name, err))
        return false;
    if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) < 0) {
        refuse_directory(path, err);
        return false;
    }
    if (fstatat(fd, name, &st, 0) == 0 && S_ISDIR(st.st_mode))
        return error_set(err, ERR_USAGE, "%s is a directory; name a file in it", path);
    return true;
}

bool file_path_replace(const char *path, const void *bytes, size_t length, mode_t mode,
                       struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    const char *name = NULL;
    return open_directory(path, &fd, &name, err) &&
           file_replace_mode(fd, name, bytes, length, mode, err);
}
