/* A shim to preload: a PCRE2 that was built without JIT, as it is by default. */
#include <stddef.h>
#include <stdint.h>

int pcre2_jit_compile_8(void *code, uint32_t options);
void *pcre2_jit_stack_create_8(size_t begin, size_t most, void *context);

int pcre2_jit_compile_8(void *code, uint32_t options)
{
	(void)code;
	(void)options;
	return -45; /* PCRE2_ERROR_JIT_BADOPTION */
}

void *pcre2_jit_stack_create_8(size_t begin, size_t most, void *context)
{
	(void)begin;
	(void)most;
	(void)context;
	return NULL;
}
