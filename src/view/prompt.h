/* The prompt: one line where items are read from standard input and somebody may not expect
 * it. The main thread, before anything is read. */
#ifndef PQ_PROMPT_H
#define PQ_PROMPT_H

#include <stdbool.h>

/* Is standard input a terminal? */
bool prompt_is_terminal(void);
/* Is this a terminal that can take a line back? */
bool prompt_can_redraw(int fd);
/* Items come from standard input; asked: the command line says so, or that there may be none. */
void prompt_input(bool asked);

#endif
