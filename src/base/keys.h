/* Keys that are pressed while pq runs: of the controlling terminal, whose line mode and echo
 * are off meanwhile, so that one key is enough.
 *
 * The main thread; what keys_rest has undone comes back with the next keys_pressed. The mode is
 * changed only while pq is in the foreground, and only where nobody else can want the keys:
 * neither who feeds standard input, nor who reads standard output, nor a shell that has put pq
 * in its background, nor whoever has changed the mode already; not within the first second, nor
 * before what was typed till then has been read, and not any more once another key than the one
 * that is asked for has been pressed: then somebody types ahead for the next program. */
#ifndef PQ_KEYS_H
#define PQ_KEYS_H

#include <stdbool.h>

/* From now on they may be asked for. */
void keys_open(void);
/* Has this one been pressed since the last call? Never waits. */
bool keys_pressed(char key);
/* Somebody has asked in another way, by a signal: the next keys_pressed says yes. */
void keys_ask(void);
/* The terminal is as it was. Before pq stops, ends or dies; harmless at any time. */
void keys_rest(void);
void keys_close(void); /* the same, for good */

#endif
