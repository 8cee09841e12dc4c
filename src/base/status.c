/* The exit status of pq. See status.h. */
#include "base/status.h"

#include <signal.h>

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

static int status_of_failed(uint64_t failed)
{
	return failed <= GNU_MOST ? (int)failed : GNU_MOST + 1;
}

static int status_of_halt(const struct reached *r)
{
	if (r->one)
		return r->late ? GNU_CANNOT : r->status;
	if (r->percent && r->total)
		return (int)((r->failed * 100 + r->total - 1) / r->total);
	return status_of_failed(r->failed);
}

static int status_of_gnu(const struct ending *e)
{
	if (e->signal || e->output_failed || e->queue_failed || e->cannot || e->input_failed)
		return GNU_CANNOT;
	if (e->halted && e->found)
		return STATUS_DONE;
	return e->halted || e->reached.percent ? status_of_halt(&e->reached)
		: status_of_failed(e->failed);
}

/* GNU parallel dies only where nobody reads what it writes. */
bool status_dies(int sig)
{
	return sig && (!status_gnu || sig == SIGPIPE);
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
