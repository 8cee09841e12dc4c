/* An action that does nothing: items, or runs of records, are moved as they are. */
#ifndef PQ_PASS_H
#define PQ_PASS_H

struct action;

struct action *pass_new(void);

#endif
