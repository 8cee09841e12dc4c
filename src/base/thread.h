/* Threads, locks and conditions: pthreads with the house rules built in.
 *
 * Waits are loops over a condition. Errors of lock and wait are bugs and abort. */
#ifndef PQ_THREAD_H
#define PQ_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef pthread_mutex_t lock;
typedef pthread_cond_t condition; /* one for each sentence; made by condition_init */

#define LOCK_INIT PTHREAD_MUTEX_INITIALIZER

/* Errors are bugs. */
static inline void thread_must(int error)
{
	if (error)
		abort();
}

void lock_init(lock *l);
static inline void lock_take(lock *l)
{
	thread_must(pthread_mutex_lock(l));
}

static inline void lock_give(lock *l)
{
	thread_must(pthread_mutex_unlock(l));
}

bool lock_try(lock *l);
bool lock_take_for(lock *l, int64_t most); /* wait at most so many ns; taken? */
void condition_init(condition *c);
/* Wait until signalled, or for thread_patience(most); negative: as long as it takes. */
void condition_wait(condition *c, lock *l, int64_t most);

/* How many ns to sleep where somebody else gives the wake-up: `most`, but never more than
 * one second, so that a wake-up that was lost (glibc BZ 25847) costs no more than that. In
 * the pq that the tests run this is days: there, a lost wake-up is to be seen. */
int64_t thread_patience(int64_t most);

static inline void condition_one(condition *c) /* wake one waiter */
{
	thread_must(pthread_cond_signal(c));
}

static inline void condition_all(condition *c) /* wake all */
{
	thread_must(pthread_cond_broadcast(c));
}

/* Start a thread with a small stack (256 KiB); false when the system refuses, with
 * errno set. */
bool thread_start(pthread_t *t, void *(*run)(void *), void *arg);
/* Let a blocked signal through to the calling thread; and no longer. */
void thread_signal(int sig, bool through);
/* Name the calling thread for debuggers and ps: at most 15 characters. */
void thread_name(const char *name);
void thread_join(pthread_t t);

#endif
