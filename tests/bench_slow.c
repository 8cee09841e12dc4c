/* bench_slow US TIMES EVERY: a worker that stays up and answers each item with itself after
 * US microseconds, each EVERY-th number after TIMES as many. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

int main(int argc, char **argv)
{
	long each, times, every;
	char line[4096];

	if (argc != 4)
		return 2;
	each = atol(argv[1]);
	times = atol(argv[2]);
	every = atol(argv[3]);
#ifdef __linux__
	prctl(PR_SET_TIMERSLACK, 1000UL); /* to the microsecond, not to the usual 50 */
#endif
	while (fgets(line, sizeof line, stdin)) {
		long us = atol(line) % every ? each : each * times;

		nanosleep(&(struct timespec){ us / 1000000, us % 1000000 * 1000 }, NULL);
		fputs(line, stdout);
		fflush(stdout);
	}
	return 0;
}
