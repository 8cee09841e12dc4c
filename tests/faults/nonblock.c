/* nonblock COMMAND...: run it with a standard output that never blocks, as a
 * peer may leave it that shares the pipe. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	(void)argc;
	if (fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK) < 0)
		perror("nonblock");
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
