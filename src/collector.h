/* The collector: writes results, in input order or as they come. One thread.
 *
 * Nobody else writes to stdout and stderr while it runs, but for pq's own
 * messages. Every delivery that was born comes here exactly once as final, and
 * leaves through `written` when its bytes are out; before that, a live one may
 * hand over parts.
 *
 * Ordered, the delivery whose turn it is (the head) streams; what comes early is
 * parked. The head can always move: it was born before all that are parked, so it
 * is queued, running, or here, and none of these waits for the collector.
 * As they come, a delivery is written when it is final; but one that has printed
 * more than its share, or meets a full spool, takes the floor: it streams until it
 * ends, and those that end meanwhile are parked. So the spool is bounded, too: at
 * its cap one is streaming and can move, and the others wait for it.
 * Those whose group is shown by line stream their whole lines, but while another has the
 * floor.
 * A short result whose turn it is while the collector idles, and that the outputs take at
 * once, is written by whoever hands it over: that costs less than to wake a thread. */
#ifndef PQ_COLLECTOR_H
#define PQ_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chain;
struct collector;
struct delivery;
struct store;

struct collector_rules {
	struct store *store;
	bool ordered;
	uint64_t turn;      /* ordered: of the first; 0: 1 */
	uint64_t begin;     /* bytes of stdout that were there before */
	uint64_t share;     /* bytes that one may have in waiting before it takes the floor */
	bool lift[3];       /* by descriptor: the status line is on the same terminal */
	uint64_t spool_cap; /* past so many bytes in the spool only who streams is read */
	/* All called in the collector's thread or in that of collector_put, with no
	 * lock held; written and failed by one thread at a time. written: a list (by
	 * next) whose bytes are out; it is the callee's now. lost: the bytes of the list
	 * could not be written. */
	void (*written)(void *ctx, struct delivery *list, bool lost);
	/* What was printed on stdout is not written: it stays with the result, for a passage. No
	 * live one may hand over parts then. */
	bool keeps;
	bool singly; /* each is told as written before more than it is: others write there, too */
	/* NULL: bytes are written as they are. Else it is asked, for each delivery that is
	 * final, to write it, with collector_write; what it leaves of stderr is written as it
	 * is. No live one may hand over parts then.
	 * False: it could not, and has told why. The collector's thread. */
	bool (*render)(void *ctx, struct delivery *d);
	/* So many more wait for their turn; of a group, STAT_PARKED has said it before. */
	void (*parked)(void *ctx, long more);
	void (*failed)(void *ctx, int fd, int error); /* told once for each descriptor */
	void *ctx;
};

struct collector *collector_start(const struct collector_rules *rules);
/* The delivery has ended: it is the collector's now. */
void collector_put(struct collector *c, struct delivery *d);
/* Ordered: whatever has this turn is not waited for. It never comes, or is put out of its
 * turn, and is then written at once. */
void collector_skip(struct collector *c, uint64_t turn);
/* More bytes of a live delivery; they are moved out of `bytes`. */
void collector_part(struct collector *c, struct delivery *d, int stream, struct chain *bytes);
/* Does it take more of this live delivery's now? Waits at most so many ns. */
bool collector_room(struct collector *c, struct delivery *d, int64_t wait);
/* By line, an attempt has ended that is not the last: what it handed over will be
 * written, and the delivery is the caller's again. Waits while it is the
 * delivery's turn and its bytes have not been taken. */
void collector_retract(struct collector *c, struct delivery *d);
/* Forget what the delivery has handed over and is not being written yet. */
void collector_drop(struct collector *c, struct delivery *d);
/* A line for stderr (with its newline), between blocks; copied. How many bytes of such wait
 * to be written: who has many of them waits. */
size_t collector_note(struct collector *c, const char *text, size_t len);
/* Where there is render: text for stdout, before the results of all that are put from now on; it
 * is moved out of the chain. wait: as long as there is much of such. */
void collector_print(struct collector *c, struct chain *text, bool wait);
/* From render alone: bytes for stdout. It is what an outlet has. */
void collector_write(void *collector, const char *data, size_t len);
/* Write what there is and end; join and free. */
void collector_finish(struct collector *c);

#endif
