/* The action that keeps a command running in each worker and feeds it items.
 *
 * The command is started once for each worker, by its first item. Items are written to its
 * stdin, as many ahead of its answers as policy/ahead.h says, and answers are read from its
 * stdout (answer.h); stderr passes through in whole lines. A process that dies, breaks the
 * form or runs into the time limit is ended and, when there is something for it to do,
 * started again; what it owed runs again (persistent_blame). */
#ifndef PQ_PERSISTENT_H
#define PQ_PERSISTENT_H

#include "action/run/rules.h"

struct action;

/* The rules are copied, what they point to must outlive the action. */
struct action *persistent_new(const struct persistent_rules *rules);

#endif
