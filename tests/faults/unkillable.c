/* unkillable: with the set-user-ID bit, of root: nobody else may signal it. */
#include <unistd.h>

int main(void)
{
	if (setuid(0) < 0)
		return 1;
	sleep(3);
	return 0;
}
