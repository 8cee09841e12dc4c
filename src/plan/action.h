/* The action of a section: what is done to its items, as the options have it. */
#ifndef PQ_PLAN_ACTION_H
#define PQ_PLAN_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/timeout.h"

struct action;
struct delivery;
struct options;
struct plan;
struct plan_section;

/* What actions call, in the threads of their workers: see the rules of each. */
struct action_calls {
	struct timeout timeout;
	void (*no_room)(void *ctx);
	void (*starting)(void *ctx, struct delivery *d);
	size_t (*note)(void *ctx, const char *text, size_t len);
	void (*unwell)(void *ctx);
	bool (*cancelled)(void *ctx);
	void (*failed)(void *ctx, const char *what, int error);
	void *ctx;
};

/* Main thread. It ends with its free; the plan must outlive it. */
struct action *plan_action(const struct plan *plan, const struct plan_section *s,
	const struct action_calls *calls);
/* Are tags coloured on what goes to this stream of ours (item.h)? */
bool plan_colors(const struct options *o, int stream);

#endif
