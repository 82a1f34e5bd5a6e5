/* fault_point: named places of the protocol at which a test build (cmake -DFAULT_POINTS=ON) can be
 * killed.  In every other build FAULT_POINT() is nothing and no name of a point is in the program.
 *
 *   WAARBORG_FAULT_POINT=name[:n]   the nth passing of that name (the first), counted over all
 *                                   threads, gets the process the signal
 *   WAARBORG_FAULT_SIGNAL=number    which signal (9, SIGKILL)
 *   WAARBORG_FAULT_LIST=file        each name is appended as a line when it is passed
 *
 * A name says what has just been done: area.step.  Changes nothing the program can see (errno
 * stays), may be called from any thread.  tests/fault/points.sh finds the names by their text, so
 * each stands in one place only. */
#pragma once

#ifdef FAULT_POINTS
#define FAULT_POINT(name) fault_point(name)
void fault_point(const char *name);
#else
#define FAULT_POINT(name) ((void)0)
#endif
