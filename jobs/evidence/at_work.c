#include "jobs/evidence/at_work.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "common/file.h"

/* Jobs that write hold a lock on the directory (jobs/archive/claim.h). */
bool at_work(const char *directory)
{
    CLEANUP(file_close) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}
