/* The exit status of pq. See status.h. */
#include "base/status.h"

int status_of(const struct ending *e)
{
	if (e->output_failed || e->queue_failed)
		return STATUS_OUTPUT;
	if (e->cannot)
		return STATUS_CANNOT;
	if (e->halted && e->found)
		return STATUS_DONE;
	if (e->halted)
		return e->halt_status ? e->halt_status : STATUS_HALTED;
	if (e->input_failed)
		return STATUS_INPUT;
	return e->some_failed ? STATUS_SOME_FAILED : STATUS_DONE;
}
