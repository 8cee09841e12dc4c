/* An action that does nothing. See action/pass.h. */
#include "action/pass.h"

#include <stdlib.h>

#include "action/action.h"
#include "base/clock.h"
#include "base/mem.h"
#include "item.h"

static void *pass_enter(struct action *a)
{
	(void)a;
	return NULL;
}

static void pass_run(struct action *a, void *own, const struct attempt *attempt)
{
	(void)a;
	(void)own;
	attempt->delivery->result.outcome = (struct outcome){ .how = OUTCOME_EXIT,
		.started = clock_wall() };
}

static void pass_leave(struct action *a, void *own)
{
	(void)a;
	(void)own;
}

static void pass_free(struct action *a)
{
	free(a);
}

struct action *pass_new(void)
{
	struct action *a = mem_zero(sizeof *a);

	*a = (struct action){ .enter = pass_enter, .run = pass_run, .leave = pass_leave,
		.free = pass_free };
	return a;
}
