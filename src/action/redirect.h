/* A redirection of a shell line, for who reads it (template) and for who does it (run). */
#ifndef PQ_REDIRECT_H
#define PQ_REDIRECT_H

#include <stddef.h>

struct redirect {
	enum { REDIRECT_OPEN, REDIRECT_COPY, REDIRECT_CLOSE } what;
	int fd;           /* the descriptor that it is about, 0 to 9 */
	int from;         /* REDIRECT_COPY: the one that it becomes a copy of, another of 0 to 9 */
	int flags;        /* REDIRECT_OPEN: as open() takes them, */
	const char *path; /* and what is opened: valid as long as the words of the command */
};

/* In their order; who has them says whose they are. */
struct redirects {
	struct redirect *list;
	size_t count;
};

#endif
