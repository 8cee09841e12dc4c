/* Mathematics, loaded on demand. See maths.h. */
#include "base/maths.h"

#include <stddef.h>

#ifdef __GLIBC__

#include <dlfcn.h>
#include <string.h>

struct maths maths;

const char *maths_load(void)
{
	static const struct {
		const char *name;
		size_t at;
	} functions[] = {
#define MATHS(name) { #name, offsetof(struct maths, name) }
		MATHS(exp), MATHS(log), MATHS(sin), MATHS(cos), MATHS(sqrt),
		MATHS(atan2), MATHS(fmod), MATHS(pow),
#undef MATHS
	};
	void *library, *found;

	if (maths.exp)
		return NULL;
	library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
	for (size_t i = sizeof functions / sizeof *functions; i-- > 0;) {
		found = library ? dlsym(library, functions[i].name) : NULL;
		if (!found)
			return "libm.so.6, which belongs to the C library, cannot be loaded";
		memcpy((char *)&maths + functions[i].at, &found, sizeof found);
	}
	return NULL;
}

#else

#include <math.h>

struct maths maths = { exp, log, sin, cos, sqrt, atan2, fmod, pow };

const char *maths_load(void)
{
	return NULL;
}

#endif
