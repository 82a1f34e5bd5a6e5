#include "jobs/settings/settings_check.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/memory.h"

#define ZONEINFO "/usr/share/zoneinfo"

const char *check_absolute_path(const char *path)
{
    return path[0] == '/' ? NULL : "is a relative path; allowed is an absolute one, from / on";
}

static bool is_zone_file(const char *path)
{
    char magic[4];
    /* O_NONBLOCK: whatever the name leads to, opening it must not wait. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool zone = read(fd, magic, sizeof magic) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
    close(fd);
    return zone;
}

const char *check_timezone(const char *name)
{
    static const char wrong[] = "is no time zone of this system; allowed is a name of the IANA "
                                "database, such as \"Europe/Amsterdam\"";
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/.";
    if (name[strspn(name, letters)] != '\0' || name[0] == '/' || strstr(name, "..") != NULL)
        return wrong;
    /* A minimal image has the directory but no zones: the server judges the name there. */
    if (!is_zone_file(ZONEINFO "/UTC"))
        return NULL;
    CLEANUP(memory_release) char *path = memory_format(ZONEINFO "/%s", name);
    return is_zone_file(path) ? NULL : wrong;
}

const char *check_conninfo(const char *conninfo, bool *ret_secret)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &message);
    if (options == NULL) {
        /* libpq's message quotes the piece it stumbled over, which may be half a password. */
        PQfreemem(message);
        return "is no connection string that libpq understands; allowed is \"key=value ...\" with "
               "a value that holds spaces in single quotes, or \"postgresql://...\"";
    }
    *ret_secret = false;
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
        /* "*" is libpq's mark for a password field: password, sslpassword. */
        if (strcmp(option->dispchar, "*") == 0 && option->val != NULL && option->val[0] != '\0')
            *ret_secret = true;
    PQconninfoFree(options);
    return NULL;
}
