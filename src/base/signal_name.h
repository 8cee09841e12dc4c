/* Signals by name: one table, for options and for messages. Pure. */
#ifndef PQ_SIGNAL_NAME_H
#define PQ_SIGNAL_NAME_H

#include <stdbool.h>

/* With or without SIG, in either case. */
bool signal_by_name(const char *name, int *sig);
/* "SIGINT"; "a signal" for what has no name, as the real-time ones. */
const char *signal_name(int sig);

#endif
