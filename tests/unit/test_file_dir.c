/* Directories that must be ours alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"

struct place {
    char path[64];
    int fd;
};

static int set_up(void **state)
{
    struct place *p = memory_alloc(sizeof *p);
    snprintf(p->path, sizeof p->path, "/tmp/waarborg-dir-XXXXXX");
    assert_non_null(mkdtemp(p->path));
    p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(p->fd >= 0);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const made[] = {"link", "file"};
    struct place *p = *state;
    for (size_t i = 0; i < COUNT_OF(made); i++)
        unlinkat(p->fd, made[i], 0);
    unlinkat(p->fd, "dir", AT_REMOVEDIR);
    close(p->fd);
    rmdir(p->path);
    free(p);
    return 0;
}

static const struct {
    const char *name;
    const char *path; /* below the test's own directory */
    mode_t mode;      /* of "dir" */
    const char *says; /* NULL: opened */
} dir_cases[] = {
    {"ours alone", "dir", 0700, NULL},
    {"slashes at the end", "dir//", 0700, NULL},
    {"others may read", "dir", 0744, "chmod 0700"},
    {"the group may enter", "dir", 0710, "chmod 0700"},
    {"we may not write", "dir", 0500, "chmod 0700"},
    {"not there", "none", 0700, "install -d -m 0700"},
    {"a file", "file", 0700, "not a directory"},
    {"a link to a directory", "link", 0700, "symbolic link"},
    {"the link with a slash", "link/", 0700, "symbolic link"},
    {"below a file", "file/x", 0700, "not a directory"},
};

static void test_open_private_dir(void **state)
{
    const struct place *p = *state;
    assert_int_equal(mkdirat(p->fd, "dir", 0700), 0);
    assert_int_equal(symlinkat("dir", p->fd, "link"), 0);
    int file = openat(p->fd, "file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    file_close(&file);
    for (size_t i = 0; i < COUNT_OF(dir_cases); i++) {
        struct error err = {0};
        int fd = -7;
        CLEANUP(memory_release) char *path = memory_format("%s/%s", p->path, dir_cases[i].path);
        print_message("case: %s\n", dir_cases[i].name);
        assert_int_equal(fchmodat(p->fd, "dir", dir_cases[i].mode, 0), 0);
        bool done = file_open_private_dir(path, &fd, &err);
        assert_int_equal(done, dir_cases[i].says == NULL);
        if (done) {
            assert_true(fd >= 0);
            file_close(&fd);
            assert_int_equal(fd, -1);
            continue;
        }
        assert_int_equal(fd, -7);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(err.message, dir_cases[i].says));
    }
}

static void test_dir_of_somebody_else(void **state)
{
    const struct place *p = *state;
    struct error err = {0};
    int fd = -1;
    if (geteuid() != 0) {
        assert_false(file_open_private_dir("/", &fd, &err)); /* belongs to root */
        assert_int_equal(err.kind, ERR_USAGE);
        return;
    }
    CLEANUP(memory_release) char *path = memory_format("%s/dir", p->path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_false(file_open_private_dir(path, &fd, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "chown"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_open_private_dir, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_dir_of_somebody_else, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("file_dir", tests, NULL, NULL);
}
