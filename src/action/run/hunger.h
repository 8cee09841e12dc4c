/* Does a process wait for more input, having read all there was? */
#ifndef PQ_HUNGER_H
#define PQ_HUNGER_H

#include <sys/types.h>

enum hunger {
	HUNGER_NONE,    /* there is something left to be read, or it does something else */
	HUNGER_WAITS,   /* it sits in a read of its standard input */
	HUNGER_UNKNOWN, /* all was read; what it does cannot be seen */
};

/* Of the process, or of one that it has started and waits for; in: our end of the pipe that
 * it reads. */
enum hunger hunger_of(pid_t pid, int in);

#endif
