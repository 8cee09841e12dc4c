/* Locked bytes of a file, as many as are wanted: each is a lock that whoever has opened the
 * file can hold.
 *
 * A lock belongs to the opening of the file (an "open file description" lock): children
 * inherit it, so it is freed when the last process that has the descriptor is gone, however it
 * went, or when any of them gives it. Who waits for a byte sleeps in the kernel; which of
 * several that do is woken first is not certain. Main thread. */
#ifndef PQ_SEM_LOCKS_H
#define PQ_SEM_LOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;

enum locks_end { LOCKS_HAD, LOCKS_LATE, LOCKS_FAILED };
#define LOCKS_FOREVER INT64_MAX

/* Now or not at all: not had with EAGAIN in errno, or with what is wrong. */
bool locks_try(int fd, off_t byte);
/* Wait for it until then, by clock_now. LOCKS_FAILED: errno says why. While it waits SIGALRM
 * has a handler; other signals do what they are set to. */
enum locks_end locks_await(int fd, off_t byte, int64_t until);
void locks_give(int fd, off_t byte);
/* How many of these bytes (end is none of them) other openings of the file have locked, and,
 * where that is no NULL, which (appended, each an off_t); a look ends when so many have been
 * found. */
size_t locks_held(int fd, off_t from, off_t end, size_t most, struct buf *which);
/* The last of them; -1: none is locked. */
off_t locks_last(int fd, off_t from, off_t end);

#endif
