/* The process groups that run now, and the guardian. See running.h. */
#include "action/run/running.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/thread.h"
#include "config.h"

/* Births that are under way are waited for so many times 1 ms before pq stops. */
enum { LOOKS = 200 };

static lock signalling = LOCK_INIT; /* a group is signalled, or forgotten */
static struct {
	_Atomic unsigned slots;     /* entries ever used */
	running_entry entry[RUNNING_SLOTS];
} *table;                           /* shared with the guardian */
static unsigned char *marked;       /* per slot: the last signal to all that reached it */
static _Atomic uint64_t *births;    /* per slot: number of its last birth */
static _Atomic uint64_t born;       /* in all */
static _Atomic long evicting = -1;  /* the slot that has to go, or -1 */
static _Atomic unsigned count;
static _Atomic unsigned begun;      /* the same, and births under way */
static _Atomic bool paused;         /* set with the lock */
static condition resumed;           /* "pq is not being stopped" */
static _Atomic unsigned unborn;     /* births under way */
static bool births_ended;           /* with the lock */
static _Atomic int ending;          /* the last signal that was to end them all */
static pid_t guardian;
static bool besides;                /* it has something to do at its end */
static int lifeline = -1;

/* Kill every group in the table that was not killed before; how many. */
static unsigned kill_listed(pid_t *done)
{
	unsigned slots = atomic_load(&table->slots), killed = 0;

	for (unsigned slot = 0; slot < slots; slot++) {
		pid_t group = abs(atomic_load(&table->entry[slot]));

		if (group > 1 && group != done[slot]) {
			kill(-group, SIGKILL);
			kill(group, SIGKILL); /* born, not yet in its own group */
			done[slot] = group;
			killed++;
		}
	}
	return killed;
}

/* A child half-way to its exec when pq died writes its entry a little later, so
 * look again; but an orderly end leaves nothing to look for. */
static void kill_all_left(void)
{
	static const int looks[] = { 1, 4, 20, 50 }; /* ms until the next look */
	pid_t *done = calloc(RUNNING_SLOTS, sizeof *done);

	if (!done || kill_listed(done) == 0)
		return;
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
		poll(NULL, 0, looks[i]);
		kill_listed(done);
	}
}

static void close_between(unsigned first, unsigned last)
{
	if (first > last)
		return;
#ifdef HAVE_CLOSE_RANGE
	if (close_range(first, last, 0) == 0)
		return;
#endif
	for (unsigned fd = first; fd <= last && fd < 1024; fd++)
		close((int)fd);
}

/* From 1 on all but those that it keeps. */
static void close_others(const struct running_besides *b)
{
	unsigned from = 1, next;

	do {
		next = UINT_MAX;
		for (unsigned i = 0; b && i < b->nkept; i++)
			if ((unsigned)b->kept[i] >= from && (unsigned)b->kept[i] < next)
				next = (unsigned)b->kept[i];
		close_between(from, next == UINT_MAX ? next : next - 1);
		from = next + 1;
	} while (next != UINT_MAX);
}

/* The guardian's names, in the lists of processes, have nothing of pq: what kills every
 * pq by name would kill it, too, and the jobs would go on. */
static void change_name(void)
{
#ifdef __linux__
	static const char name[] = "guardian";
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	char some[512];

	prctl(PR_SET_NAME, name);
	for (ssize_t n; fd >= 0 && (n = read(fd, some, sizeof some)) > 0;)
		len += (size_t)n;
	if (fd >= 0)
		close(fd);
	if (len < sizeof name)
		return;
	memset(program_invocation_name, 0, len); /* the arguments lie behind it */
	memcpy(program_invocation_name, name, sizeof name);
#endif
}

/* Until pq is gone. */
static void guardian_wait(void)
{
	char byte;

	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
}

static _Noreturn void guardian_run(int line, const struct running_besides *b)
{
	/* Out of the terminal's and the caller's reach, holding nothing of theirs. */
	setsid();
	if (line != 0)
		dup2(line, 0);
	close_others(b);
	change_name();
	if (b && b->tend)
		b->tend(b->ctx, 0);
	else
		guardian_wait();
	kill_all_left();
	if (b)
		b->leave(b->ctx);
	_exit(0);
}

bool running_open(const struct running_besides *b)
{
	int line[2];

	table = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		msg_die(125, "cannot make the table of running jobs: %s", strerror(errno));
	marked = mem_zero(RUNNING_SLOTS);
	births = mem_zero(RUNNING_SLOTS * sizeof *births);
	condition_init(&resumed);
	if (!io_pipe(line))
		return false;
	besides = b != NULL;
	guardian = fork();
	if (guardian == 0) {
		close(line[1]);
		guardian_run(line[0], b);
	}
	close(line[0]);
	lifeline = line[1];
	return guardian > 0;
}

static void guardian_let_go(void)
{
	io_close(&lifeline);
}

void running_close(void)
{
	if (besides)
		guardian_let_go();
	else if (guardian > 0)
		kill(guardian, SIGKILL);
}

void running_reap_guardian(void)
{
	if (guardian > 0)
		waitpid(guardian, NULL, 0);
	guardian_let_go();
}

running_entry *running_expect(unsigned slot)
{
	lock_take(&signalling);
	while (atomic_load(&paused))
		condition_wait(&resumed, &signalling, -1);
	if (births_ended) {
		lock_give(&signalling);
		return NULL;
	}
	if (slot >= atomic_load(&table->slots))
		atomic_store(&table->slots, slot + 1);
	atomic_fetch_add(&unborn, 1);
	atomic_fetch_add(&begun, 1);
	lock_give(&signalling);
	return &table->entry[slot];
}

void running_end_births(void)
{
	lock_take(&signalling);
	births_ended = true;
	lock_give(&signalling);
}

/* A leader that has ended is not reached by a signal, though the kernel says so. */
static bool has_ended(pid_t leader)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)leader, &info, WEXITED | WNOHANG | WNOWAIT) == 0
		&& info.si_pid != 0;
}

/* 0, or the errno of a refusal. */
static int signal_slot(unsigned slot, int sig, bool mark)
{
	pid_t pid = atomic_load(&table->entry[slot]);

	if (pid <= 0)
		return 0;
	mark = mark && sig != SIGCONT && !has_ended(pid);
	if (kill(-pid, sig) < 0)
		return errno;
	if (mark)
		marked[slot] = (unsigned char)sig;
	return 0;
}

void running_born(unsigned slot, pid_t pid)
{
	int sig;

	marked[slot] = 0;
	atomic_store(&births[slot], atomic_fetch_add(&born, 1));
	atomic_fetch_add(&count, 1);
	atomic_store(&table->entry[slot], pid);
	/* Either we see what goes on, or the one who does it sees our entry. */
	if (atomic_load(&paused))
		kill(-pid, SIGSTOP);
	sig = atomic_load(&ending);
	if (sig) {
		lock_take(&signalling);
		signal_slot(slot, sig, true);
		lock_give(&signalling);
	}
	atomic_fetch_sub(&unborn, 1);
}

void running_stillborn(unsigned slot)
{
	atomic_store(&table->entry[slot], 0);
	atomic_fetch_sub(&unborn, 1);
	atomic_fetch_sub(&begun, 1);
}

int running_forget(unsigned slot, bool sweep)
{
	int was_sent;

	lock_take(&signalling);
	was_sent = marked[slot];
	if (sweep || was_sent)
		signal_slot(slot, SIGKILL, false);
	atomic_store(&table->entry[slot], 0);
	if (atomic_load(&evicting) == (long)slot)
		atomic_store(&evicting, -1);
	lock_give(&signalling);
	atomic_fetch_sub(&count, 1);
	atomic_fetch_sub(&begun, 1);
	return was_sent;
}

void running_evict(unsigned first, unsigned slots)
{
	unsigned end = atomic_load(&table->slots);
	long youngest = -1;

	end = end < first + slots ? end : first + slots;
	lock_take(&signalling);
	for (unsigned slot = first; slot < end; slot++)
		if (atomic_load(&table->entry[slot]) > 0
		    && (youngest < 0 || atomic_load(&births[slot]) > atomic_load(&births[youngest])))
			youngest = slot;
	if (atomic_load(&evicting) < 0)
		atomic_store(&evicting, youngest);
	lock_give(&signalling);
}

enum running_fate running_fate(unsigned slot)
{
	if (running_ending())
		return RUNNING_ENDED;
	return atomic_load_explicit(&evicting, memory_order_relaxed) == (long)slot
		? RUNNING_EVICTED : RUNNING_ON;
}

int running_signal(unsigned slot, int sig)
{
	return signal_slot(slot, sig, false); /* its own worker: it cannot be reaped meanwhile */
}

/* With the lock. */
static void signal_each(int sig, bool mark)
{
	unsigned slots = atomic_load(&table->slots);

	for (unsigned slot = 0; slot < slots; slot++)
		signal_slot(slot, sig, mark);
}

static void signal_all(int sig, bool mark)
{
	if (!table)
		return; /* nothing is ever run */
	lock_take(&signalling);
	signal_each(sig, mark);
	lock_give(&signalling);
}

void running_end_all(int sig)
{
	if (sig != SIGCONT)
		atomic_store(&ending, sig);
	signal_all(sig, true);
}

void running_pause(void)
{
	if (!table)
		return;
	lock_take(&signalling);
	atomic_store(&paused, true);
	lock_give(&signalling);
	signal_all(SIGSTOP, false);
	/* Stopped half-way through a birth pq would leave the newcomer running. */
	for (int look = 0; atomic_load(&unborn) > 0 && look < LOOKS; look++)
		poll(NULL, 0, 1);
}

void running_resume(void)
{
	if (!table)
		return;
	lock_take(&signalling);
	atomic_store(&paused, false);
	condition_all(&resumed);
	signal_each(SIGCONT, false); /* nobody sees them stopped, and not by pq (running_stopped) */
	lock_give(&signalling);
}

bool running_stopped(unsigned slot)
{
	pid_t pid = atomic_load(&table->entry[slot]);
	siginfo_t info = { 0 };
	bool stopped;

	lock_take(&signalling);
	stopped = !atomic_load(&paused) && pid > 0
		&& waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0;
	lock_give(&signalling);
	return stopped;
}

unsigned running_count(void)
{
	return atomic_load(&count);
}

unsigned running_begun(void)
{
	return atomic_load(&begun);
}

bool running_ending(void)
{
	return atomic_load(&ending) != 0;
}
