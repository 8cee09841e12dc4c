/* bench_null: a program that ends at once, and has no C library that would have to be set up:
 * what is measured with it is the price of a start and of what is done around it. */
_Noreturn void _start(void);

void _start(void)
{
#if defined __x86_64__
	__asm__ volatile("syscall" : : "a"(60L), "D"(0L) : "rcx", "r11", "memory");
#elif defined __aarch64__
	register long number __asm__("x8") = 93, status __asm__("x0") = 0;

	__asm__ volatile("svc 0" : : "r"(number), "r"(status) : "memory");
#else
#error the number of exit() is not known for this machine
#endif
	for (;;)
		;
}
