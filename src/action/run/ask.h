/* Questions on the terminal: is this command to be run? -p.
 *
 * Whoever is at the terminal answers; standard input and output may be anything. */
#ifndef PQ_ASK_H
#define PQ_ASK_H

#include <stdbool.h>

enum answer_given {
	ANSWER_YES,
	ANSWER_NO,     /* or the end of the terminal's input */
	ANSWER_NOBODY, /* it does not matter any more */
};

/* Main thread, before the run. False with errno set: there is no terminal. */
bool ask_open(void);
/* Ask about this command, when others who ask have their answers. A worker's thread; in_vain
 * is asked now and then whether to give up. */
enum answer_given ask_about(const char *command, bool (*in_vain)(void *ctx), void *ctx);

#endif
