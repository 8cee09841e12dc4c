/* The sources of a run, each with what is being gathered from it: which is asked next, which
 * has nothing now, which has come to its end. The reader's thread. */
#ifndef PQ_SOURCES_H
#define PQ_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct item;
struct pack_rules;
struct pollfd;
struct run_pool;
struct source;

struct sources {
	struct line *lines;  /* owned: of each source */
	size_t count;
	size_t open;         /* have not ended */
	size_t turn;         /* which is asked first */
	bool leased;         /* some source leases what it gives */
	bool eager;          /* some source is to be asked again at once */
	bool failed;         /* one that has ended could not be read to its end */
	uint64_t used;       /* of a shared input: how far anybody had use for it, */
	bool given_back;     /* and some of what was read of it nobody had */
};

/* How they ended. */
struct sources_end {
	bool failed;     /* some could not be read to its end */
	bool broken;     /* some queue could not be gone on with */
	bool fenced;     /* some of it was not ours any more */
};

/* The sources are its from now on; items for so many groups. */
void sources_init(struct sources *s, struct source **list, size_t count,
	const struct pack_rules *pack, struct run_pool *pool, unsigned groups);
/* A new round: each may have something again. */
void sources_begin(struct sources *s);
/* Those that lease: as source.tend has it. */
void sources_tend(struct sources *s, unsigned places, unsigned idle);
/* Is each that has not ended one that leases? */
bool sources_lease_all(const struct sources *s);
/* Any thread. Then: does nothing more come before something is settled? */
bool sources_wait(const struct sources *s);
/* The next item of any source, with this seq, its first record having this number; or NULL:
 * none has one now. *refused: why no worker may have it, or NULL. */
struct item *sources_next(struct sources *s, uint64_t seq, uint64_t first, const char **refused);
/* How many records were left out as comments so far. */
uint64_t sources_comments(const struct sources *s);
/* Append those that have nothing now. How many. */
size_t sources_polls(const struct sources *s, struct pollfd *fd);
/* Somebody had use for the item; or it was released: it comes again to whoever reads the
 * input next, unless something behind it was done. */
void sources_note_use(struct sources *s, const struct item *item, bool released);
void sources_close(struct sources *s, struct sources_end *end);

#endif
