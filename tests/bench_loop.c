/* bench_loop THREADS COMMAND [ARGUMENT...]: the least that a parallel xargs with
 * whole blocks of output can do, for comparison.
 *
 * N threads; each takes a line of stdin, starts COMMAND with the line as its last
 * argument through posix_spawn, reads its output to the end, waits for it and
 * writes the output in one go. No bound, no order, no care for errors or signals:
 * what pq costs beyond this is the price of everything that it promises. */
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static char **command;
static int words;

static char *next_line(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	pthread_mutex_lock(&reading);
	len = getline(&line, &room, stdin);
	pthread_mutex_unlock(&reading);
	if (len < 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static pid_t start(char *line, int out)
{
	posix_spawn_file_actions_t actions;
	char *argv[words + 2];
	pid_t pid;

	memcpy(argv, command, (size_t)words * sizeof *argv);
	argv[words] = line;
	argv[words + 1] = NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0)
		exit(126);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void run(char *line)
{
	char *output = NULL;
	size_t len = 0, room = 0;
	ssize_t got;
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		exit(126);
	pid = start(line, ends[1]);
	close(ends[1]);
	do {
		if (room - len < 4096) {
			room += 65536;
			output = realloc(output, room);
			if (!output)
				exit(125);
		}
		got = read(ends[0], output + len, room - len);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	close(ends[0]);
	waitpid(pid, &status, 0);
	pthread_mutex_lock(&writing);
	fwrite(output, 1, len, stdout);
	pthread_mutex_unlock(&writing);
	free(output);
}

static void *work(void *unused)
{
	char *line;

	while ((line = next_line()) != NULL) {
		run(line);
		free(line);
	}
	return unused;
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[1]) : 0;
	pthread_t threads[64];

	if (count < 1 || count > 64) {
		fputs("usage: bench_loop THREADS COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	command = argv + 2;
	words = argc - 2;
	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, work, NULL) != 0)
			return 125;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return fflush(stdout) != 0;
}
