/* The crew: how many workers there are.
 *
 * Workers are started when work waits that no idle one can take, up to the
 * number wanted, so a short run starts few threads; they go home when fewer are
 * wanted. crew_fill and crew_finish belong to the desk and the supervisor in
 * turn (never at once); crew_want is for any thread. */
#ifndef PQ_CREW_H
#define PQ_CREW_H

#include <stdbool.h>

struct crew;
struct worker_rules;

/* The rules' home callback must call crew_home. */
struct crew *crew_new(const struct worker_rules *rules, unsigned wanted);
/* So many, as far as the system has threads. */
void crew_want(struct crew *c, unsigned wanted);
unsigned crew_wanted(struct crew *c);
unsigned crew_working(struct crew *c); /* there are, idle ones too */
/* While held nobody begins anything. */
void crew_hold(struct crew *c, bool held);
/* Start workers while there is something for them to do. */
void crew_fill(struct crew *c);
void crew_home(struct crew *c, unsigned slot);
/* The queue is closed: wait until all have gone home, and free. */
void crew_finish(struct crew *c);

#endif
