/* Frames, as pq and a persistent worker exchange them. Pure.
 *
 * pq writes "LEN ID ATTEMPT\n", LEN bytes and "\n"; the worker answers "STATUS LEN ID\n",
 * LEN bytes and "\n". All are decimal numbers, with one blank between them. */
#ifndef PQ_FRAMES_H
#define PQ_FRAMES_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Bytes of the longest head of an answer, its newline left out. */
enum { FRAME_HEAD = 3 + 1 + 20 + 1 + 20 };

struct frame_head {
	int status;   /* 0 to 255 */
	uint64_t len;
	uint64_t id;
};

/* Append an item. */
void frame_write(struct buf *to, uint64_t id, unsigned attempt, const char *data, size_t len);
/* The head of an answer, without its newline. NULL, or what is wrong with it: a constant. */
const char *frame_read(const char *line, size_t len, struct frame_head *head);

#endif
