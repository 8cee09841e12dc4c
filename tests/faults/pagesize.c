/* A shim to preload: a machine whose pages have 64 KiB. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

long sysconf(int name)
{
	static long (*real)(int);

	if (name == _SC_PAGESIZE)
		return 65536;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "sysconf");
	return real(name);
}
