/* The exit status of pq. See status.h. */
#include "base/status.h"

enum { GNU_MOST = 100, GNU_CANNOT = 255 };

static bool status_gnu;

void status_speak_gnu(void)
{
	status_gnu = true;
}

int status_said(int status)
{
	return status_gnu && status ? GNU_CANNOT : status;
}

static int status_of_gnu(const struct ending *e)
{
	if (e->output_failed || e->queue_failed || e->cannot || e->input_failed)
		return GNU_CANNOT;
	if (e->halted && e->found)
		return STATUS_DONE;
	if (e->halted && e->halt_status)
		return e->halt_status;
	return e->failed <= GNU_MOST ? (int)e->failed : GNU_MOST + 1;
}

int status_of(const struct ending *e)
{
	if (status_gnu)
		return status_of_gnu(e);
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
