/* pipe_size: how many bytes the pipe on its standard input can hold. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	printf("%d\n", fcntl(STDIN_FILENO, F_GETPIPE_SZ));
	return 0;
}
