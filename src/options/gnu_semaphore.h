/* GNU parallel's --semaphore, and the name sem: one command, and no list. Main thread, before
 * anything is started. Room: options/ only. */
#ifndef PQ_OPTIONS_GNU_SEMAPHORE_H
#define PQ_OPTIONS_GNU_SEMAPHORE_H

struct given;
struct options;

/* Each of these options asks for one. */
void set_gnu_semaphore(const struct given *g, struct options *o);
void set_gnu_foreground(const struct given *g, struct options *o);
void set_gnu_wait(const struct given *g, struct options *o);
void set_gnu_semaphore_id(const struct given *g, struct options *o);
void set_gnu_semaphore_timeout(const struct given *g, struct options *o);
/* All has been read: what is wrong ends it; the command becomes the one item of a list, a shell
 * line in which nothing is replaced. */
void gnu_semaphore_finish(struct options *o);

#endif
