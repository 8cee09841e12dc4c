/* The steps of -e and -f, of one section. Main thread; what is wrong with them ends pq. */
#ifndef PQ_PLAN_STEPS_H
#define PQ_PLAN_STEPS_H

struct options;
struct section;
struct transform;

struct transform *steps_make(const struct options *o, const struct section *s);

#endif
