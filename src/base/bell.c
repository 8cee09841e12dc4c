/* Wakes up a thread that polls. See bell.h. */
#include "base/bell.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"

bool bell_open(struct bell *b)
{
	int end[2];

	if (!io_pipe(end))
		return false;
	for (int i = 0; i < 2; i++)
		fcntl(end[i], F_SETFL, O_NONBLOCK); /* one that is full has been rung */
	*b = (struct bell){ .in = end[1], .out = end[0] };
	return true;
}

void bell_close(struct bell *b)
{
	close(b->in);
	close(b->out);
}

void bell_ring(const struct bell *b)
{
	while (write(b->in, "", 1) < 0 && errno == EINTR)
		;
}

void bell_hush(const struct bell *b)
{
	char drain[64];

	while (read(b->out, drain, sizeof drain) < 0 && errno == EINTR)
		;
}
