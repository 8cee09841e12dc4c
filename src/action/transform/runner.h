/* The action that transforms in the worker itself: no process is started.
 *
 * An item is a run of records, or a record; or, with `content`, the name of a file. */
#ifndef PQ_TRANSFORM_ACTION_H
#define PQ_TRANSFORM_ACTION_H

#include "action/transform/rules.h"

struct action;

struct action *transform_action_new(const struct transform_rules *rules);

#endif
