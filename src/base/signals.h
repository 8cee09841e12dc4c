/* What can wake the supervisor: signals, and a call from another thread.
 *
 * All signals are blocked in all threads, from signals_open on; the supervisor
 * alone takes them, one at a time, as the answer of a call. There are no signal
 * handlers, so what jobs inherit is what pq was started with. Signals that were
 * ignored when pq was started (nohup, `trap '' INT`) are left alone. */
#ifndef PQ_SIGNALS_H
#define PQ_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Main thread, before any other thread and any child. */
void signals_open(void);
/* While nothing runs, and something may have to be waited for: what would end or stop
 * any other program ends or stops pq. */
void signals_pass(bool on);
/* What jobs get back: the mask, and whether SIGCHLD was ignored. */
const sigset_t *signals_original(void);
bool signals_chld_ignored(void);
bool signals_ignored(int sig); /* when pq was started */
/* Wait for a signal, at most so many ns; 0: time is up or signals_wake. */
int signals_wait(int64_t most);
void signals_wake(void); /* from any thread */
/* Wait until a child has ended, stopped or gone on, at most so many ns; or for nothing, as the
 * caller may have seen that already. One thread alone. */
void signals_wait_child(int64_t most);
/* After SIGTSTP or SIGTTIN: stop as it does, unless a SIGCONT has come since. Returns
 * when somebody has let pq go on. */
void signals_stop_here(int sig);
/* End the process by this signal, as the shell expects to see it. */
_Noreturn void signals_die(int sig);

#endif
