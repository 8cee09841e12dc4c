/* Preload it: a FIFO was a file when it was looked at. */
#include <dlfcn.h>
#include <sys/stat.h>

int lstat(const char *restrict path, struct stat *restrict st)
{
	int (*next)(const char *, struct stat *) =
		(int (*)(const char *, struct stat *))dlsym(RTLD_NEXT, "lstat");
	int result = next(path, st);

	if (result == 0 && S_ISFIFO(st->st_mode))
		st->st_mode = (st->st_mode & ~(mode_t)S_IFMT) | S_IFREG;
	return result;
}
