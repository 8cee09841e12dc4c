/* A shim to preload: a kernel that gives no memory for code. */
#include <stddef.h>
#include <stdint.h>

int pcre2_jit_compile_8(void *code, uint32_t options);

int pcre2_jit_compile_8(void *code, uint32_t options)
{
	(void)code;
	(void)options;
	return -48; /* PCRE2_ERROR_NOMEMORY */
}
