/* pq's voice: one line per trouble, on stderr, and the status below it.
 *
 * Any thread. Lines begin with "pq: ", are written whole, and never carry a raw
 * control byte: what comes from an item goes through msg_quote. The same text
 * ten times is told once more with a count (msg_finish). */
#ifndef PQ_MSG_H
#define PQ_MSG_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Something went wrong, the run goes on. */
void msg_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for each line of a text, whose last one ends with a newline, too. */
void msg_lines(const struct buf *text);
/* The run cannot go on: say so and _exit(status); the guardian ends the jobs. */
_Noreturn void msg_die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What msg_die does before all else: leave things that other processes share as they were. */
void msg_before_death(void (*undo)(void));
/* For mem_refused_by. */
_Noreturn void msg_no_memory(size_t size);
/* As msg_warn, but lines with the same `kind` (a string constant) are counted
 * after the tenth, not printed. */
void msg_many(const char *kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As msg_many, about what has failed, in red where that is wanted; without a kind each of them
 * is printed. */
void msg_failed(const char *kind, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* It is, from now on. Before there are threads. */
void msg_color(bool on);
/* A line of its own, for programs to read: as it is, with its newline. */
void msg_plain(const char *line, size_t len);
/* Tell what msg_many kept to itself. */
void msg_finish(void);
/* Append bytes made printable: quoted, control and invalid UTF-8 bytes as
 * escapes, cut after about `most` characters with an ellipsis. */
void msg_quote(struct buf *b, const char *data, size_t len, size_t most);

/* The status: a line without newline that stays below everything else on the terminal, or
 * several with newlines between them, each narrower than it (what is more than MSG_STATUS
 * bytes is left out). NULL takes it away. Skipped while msg_lift is held. */
enum { MSG_STATUS = 16384 };
void msg_status(const char *text);
/* Around any other writing to the same terminal: lift erases the status and keeps it off,
 * lower lets it come back - but when the writing was not `whole`, that is, when it left a line
 * without its newline, not until that has come. */
void msg_lift(void);
void msg_lower(bool whole);

/* The calling thread must not wait for whoever reads stderr: what that does not take at
 * once is dropped from now on. */
void msg_hasty(bool on);

/* False once a write to stderr has failed for good (full, closed): status 74. */
bool msg_heard(void);

#endif
