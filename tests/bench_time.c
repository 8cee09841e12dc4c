/* bench_time [-n TIMES] COMMAND...: how long it takes and how much it holds.
 *
 * Runs the command TIMES times, one after the other, with our standard streams,
 * and writes one line to descriptor 3: seconds for one run (the mean), the
 * largest resident size in KiB of it and of what it waited for, the status of the
 * last run, and how often one run and what it waited for were switched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run_once(char **command)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		perror("bench_time");
		exit(1);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	char **command = argv + 1;
	long times = 1;
	struct rusage children;
	double began;
	int status = 0;

	if (argc > 3 && strcmp(argv[1], "-n") == 0) {
		times = strtol(argv[2], NULL, 10);
		command += 2;
	}
	if (!*command || times < 1) {
		fputs("usage: bench_time [-n TIMES] COMMAND...\n", stderr);
		return 2;
	}
	began = now();
	for (long i = 0; i < times; i++) {
		lseek(STDIN_FILENO, 0, SEEK_SET); /* every run reads all of the same file */
		status = run_once(command);
	}
	began = (now() - began) / (double)times;
	getrusage(RUSAGE_CHILDREN, &children);
	dprintf(3, "%.6f %ld %d %.1f\n", began, children.ru_maxrss, status,
		(double)(children.ru_nvcsw + children.ru_nivcsw) / (double)times);
	return status;
}
