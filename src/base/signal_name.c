/* Signals by name. See signal_name.h. */
#include "base/signal_name.h"

#include <signal.h>
#include <stddef.h>
#include <strings.h>

enum { PREFIX = 3 }; /* SIG */

static const struct {
	const char *name;
	int sig;
} signals[] = {
	{ "SIGHUP", SIGHUP }, { "SIGINT", SIGINT }, { "SIGQUIT", SIGQUIT }, { "SIGILL", SIGILL },
	{ "SIGTRAP", SIGTRAP }, { "SIGABRT", SIGABRT }, { "SIGBUS", SIGBUS },
	{ "SIGFPE", SIGFPE }, { "SIGKILL", SIGKILL }, { "SIGUSR1", SIGUSR1 },
	{ "SIGSEGV", SIGSEGV }, { "SIGUSR2", SIGUSR2 }, { "SIGPIPE", SIGPIPE },
	{ "SIGALRM", SIGALRM }, { "SIGTERM", SIGTERM }, { "SIGCHLD", SIGCHLD },
	{ "SIGCONT", SIGCONT }, { "SIGSTOP", SIGSTOP }, { "SIGTSTP", SIGTSTP },
	{ "SIGTTIN", SIGTTIN }, { "SIGTTOU", SIGTTOU }, { "SIGURG", SIGURG },
	{ "SIGXCPU", SIGXCPU }, { "SIGXFSZ", SIGXFSZ }, { "SIGVTALRM", SIGVTALRM },
	{ "SIGPROF", SIGPROF }, { "SIGWINCH", SIGWINCH }, { "SIGIO", SIGIO },
	{ "SIGPOLL", SIGPOLL }, { "SIGSYS", SIGSYS },
};

enum { SIGNALS = sizeof signals / sizeof *signals };

bool signal_by_name(const char *name, int *sig)
{
	size_t skip = strncasecmp(name, "SIG", PREFIX) == 0 ? 0 : PREFIX;

	for (size_t i = 0; i < SIGNALS; i++)
		if (strcasecmp(name, signals[i].name + skip) == 0) {
			*sig = signals[i].sig;
			return true;
		}
	return false;
}

const char *signal_name(int sig)
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (signals[i].sig == sig)
			return signals[i].name;
	return "a signal";
}
