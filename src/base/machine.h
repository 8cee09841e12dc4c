/* How busy the machine is, as Linux tells it in /proc, and what it can take. Any thread. */
#ifndef PQ_MACHINE_H
#define PQ_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Processors that this process may run on (its affinity), at least 1. */
unsigned machine_processors(void);
/* The same, or as many as its control groups let it use at once, rounded up, where these are
 * fewer: what a container has of the machine. root: as in base/cgroup.h. */
unsigned machine_share(const char *root);
/* How many cores or sockets the processors of the machine are in, whether this process may
 * run there or not; where that cannot be known, machine_processors(). */
enum machine_part { MACHINE_CORES, MACHINE_SOCKETS };
unsigned machine_parts(enum machine_part part);
/* Processes and threads that run or wait for a disk, without the caller; false, with
 * errno, where that cannot be known. */
bool machine_running(unsigned *n);
/* Bytes that could be used without swapping (MemAvailable); likewise. */
bool machine_memory(uint64_t *bytes);
/* Bytes of memory that a process has (VmRSS); likewise. */
bool machine_memory_of(pid_t pid, uint64_t *bytes);
/* The kind of network file system, as in "NFS", on which the file is, or would be made; NULL
 * where it is none, or that cannot be known. */
const char *machine_network(const char *path);
/* Bytes of the longest argument of a program, without its NUL: MAX_ARG_STRLEN of Linux,
 * which is 32 pages, whatever their size (execve(2)). */
size_t machine_longest_argument(void);

#endif
