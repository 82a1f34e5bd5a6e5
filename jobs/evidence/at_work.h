/* at_work: is a job that writes at work in an archive directory?  Reading takes no lock, so that no
 * night has to wait for it; whoever reads and finds that things do not agree asks here. */
#pragma once

#include <stdbool.h>

bool at_work(const char *directory);
