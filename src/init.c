/* pq as the first process of a container. See init.h. */
#include "init.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "broker/address.h"

static bool is_childs_business(int sig)
{
	return sig != SIGCHLD && sig != SIGTSTP && sig != SIGTTIN && sig != SIGTTOU;
}

/* Reap all that has ended; when it was the child, exit as it did. */
static void init_reap(pid_t child)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == child)
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	if (pid < 0 && errno == ECHILD)
		_exit(status_said(STATUS_CANNOT));
}

/* This process has no use for its arguments, and others can see them. */
static void init_hide(char **argv)
{
	while (*argv)
		address_hide(*argv++);
}

void init_first_process(char **argv)
{
	sigset_t all, original;
	pid_t child;
	int sig;

	if (getpid() != 1)
		return;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &original);
	signal(SIGCHLD, SIG_DFL);
	child = fork();
	if (child <= 0) {
		sigprocmask(SIG_SETMASK, &original, NULL);
		return;
	}
	init_hide(argv);
	for (;;) {
		if (sigwait(&all, &sig) != 0)
			continue;
		if (sig == SIGCHLD)
			init_reap(child);
		else if (is_childs_business(sig))
			kill(child, sig);
	}
}
