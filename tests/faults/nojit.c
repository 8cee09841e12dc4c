/* A shim to preload: a kernel that gives no memory for code; or, with NOJIT_BUILT in the
 * environment, a PCRE2 that was built without JIT. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int pcre2_jit_compile_8(void *code, uint32_t options);
void *pcre2_jit_stack_create_8(size_t start, size_t most, void *context);

int pcre2_jit_compile_8(void *code, uint32_t options)
{
	(void)code;
	(void)options;
	return getenv("NOJIT_BUILT") ? -45 : -48; /* PCRE2_ERROR_JIT_BADOPTION, _NOMEMORY */
}

void *pcre2_jit_stack_create_8(size_t start, size_t most, void *context)
{
	(void)start;
	(void)most;
	(void)context;
	return NULL;
}
