/* Where items come from: the contract between the desk and its sources.
 *
 * Only the reader's thread calls a source, so a source needs no lock. It never
 * blocks: `next` answers at once, and says what to poll for more. What a source
 * cannot read it tells on stderr itself, sets `failed`, and ends.
 *
 * A source may lease its records: it gives each with a claim (draft.claim), and is told what
 * became of it. It has its end when all of them are settled and there will be no more. */
#ifndef PQ_SOURCE_H
#define PQ_SOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "item.h"

struct address;
struct consumer_rules;
struct block_rules;
struct rows_rules;
struct source;

enum source_state {
	SOURCE_RECORD,  /* the draft has grown by one record (its values) */
	SOURCE_NOTHING, /* nothing now: poll source->fd for reading */
	SOURCE_AGAIN,   /* nothing yet, but do not wait: ask again after a look around */
	SOURCE_END,     /* nothing ever more */
};

/* What has become of a record that was leased. */
struct settlement {
	const struct claim *claim;
	enum verdict verdict;
	int64_t delay;   /* ns; of a retry */
	const char *why; /* of a retry or a reject: a view; NULL: nobody knows */
};

/* How a source that leases has ended. */
struct source_end {
	bool broken;     /* it could not be gone on with; what was done and could not be settled
	                  * will be done again */
	uint64_t fenced; /* so many records were not ours any more when they were done, or were
	                  * given up by their queue */
};

struct source {
	/* Adds one record to the draft. A record that no worker may have is added cut
	 * short, with draft->refused set. */
	enum source_state (*next)(struct source *s, struct draft *draft);
	/* Adds many records at once to an empty run: as many as are there, up to about
	 * `size` bytes. SOURCE_RECORD with no record in the run: the draft holds one that
	 * no worker may have. NULL: this source has only single ones. */
	enum source_state (*next_run)(struct source *s, struct run *run, struct draft *draft,
		size_t size);
	/* Takes the first record of each input out and adds them to the draft together; before
	 * anything else is asked for. SOURCE_END: some input has none, or cannot be read.
	 * NULL: this source has no inputs of that kind. */
	enum source_state (*header)(struct source *s, struct draft *draft);
	/* Of a source that leases; NULL: this one does not. Each record that was given is settled
	 * once, or given back by close. */
	void (*settle)(struct source *s, const struct settlement *what);
	/* Likewise: for so many records there are places at workers, and of them so many are
	 * empty. Called before the source is asked for more. */
	void (*tend)(struct source *s, unsigned places, unsigned idle);
	/* Likewise; any thread, until it is finished: does it give nothing more before something
	 * of it is settled? */
	bool (*waits)(struct source *s);
	/* Before close: no more is wanted. What was leased and not settled is given back, and what
	 * was is brought home; `failed` is known from now on. NULL: there is nothing to finish. */
	void (*finish)(struct source *s, struct source_end *end);
	void (*close)(struct source *s); /* and free */
	const char *name;  /* what {source} says */
	int fd;            /* to poll after SOURCE_NOTHING */
	bool failed;       /* it could not be read to its end; of one that leases: its queue is
	                    * gone for good */
	/* Of a source that leases, at any time: how many wait in its queue; beside it alone. */
	_Atomic uint64_t backlog;
	uint64_t comments; /* records left out for being comments: the reader's */
	bool routed;       /* its items may say to which group they go back */
	/* Its offset is shared with other processes (a file on standard input): drafts say how
	 * far a record goes (offset). How far that was of use to anybody is `used`, which the
	 * desk knows: close leaves the offset there, for whoever reads on. */
	bool shared;
	uint64_t used;
	/* Read by the supervisor: records in all, or 0 while that is unknown; and for an
	 * estimate bytes in all (0: unknown), and bytes cut into records so far. */
	_Atomic uint64_t total, bytes, bytes_done;
	/* Records in all that were counted beside the reading, or 0: whether it is known
	 * depends on the machine, so it is for people alone. */
	_Atomic uint64_t counted;
	_Atomic uint64_t times; /* each of them is in so many items; 0: one */
};

/* One input source of GNU parallel's kind: ::: :::: -a and their linked forms. */
struct input {
	bool linked;      /* :::+ ::::+: paired with the source before it */
	const char *file; /* a file to read records from ("-" is stdin), or NULL: */
	char **words;     /* the arguments themselves */
	size_t count;
	bool stream;      /* it was given by -a: with --tee that is what jobs read */
};

/* Does each block of a stream have a job of its own? If not, jobs run side by side and read it. */
enum spread_way {
	SPREAD_NONE,
	SPREAD_ALL,   /* each all of it */
	SPREAD_ROUND, /* a block goes to whoever is ready for it */
	SPREAD_SHARD, /* a record to one of them by the hash of its key, */
	SPREAD_BIN,   /* or by its number */
	SPREAD_PARTS, /* none reads what another does: a part of a file, looked for at its place */
};

struct source_rules {
	char separator;
	/* What ends records where that is more than one byte, of which the separator is the last;
	 * NULL: it is that alone. */
	const char *delimiter;
	size_t delimiter_len;
	bool cut_words;    /* arguments are cut by it, too */
	uint64_t max_item; /* bytes of a record */
	bool link;         /* --link: all inputs pair up, the shorter ones start again */
	uint64_t runs;     /* they will be asked for runs of so many bytes; 0: they won't */
	/* Of each input: */
	uint64_t skip;     /* so many of a file's first records are left out; */
	bool skip_lines;   /* whatever quotes are in them */
	const char *comment; /* so are those of a file that begin so; NULL: none */
	bool skip_blank;   /* so are records of nothing but white space */
	/* A record of a file that ends in one of these bytes goes on with the next one; NULL: none
	 * does. */
	const char *continues;
	const char *end;   /* a record that is this ends the input; NULL: none does */
	bool text;         /* a byte order mark at its beginning is none of it */
	bool header;       /* the first record, or the one after it, is one: see source.header */
	bool csv;          /* records are CSV, and an empty line of a file is none: */
	bool lines;        /* somebody asks for the numbers of its lines; */
	char column;       /* and so its fields end, */
	bool lax;          /* by a quote that ends one, alone */
	const struct block_rules *blocks; /* --pipe: cut them so; else NULL */
	bool follow;       /* the end of a file or a FIFO is none; */
	bool strict;       /* it may only grow */
	bool counted;      /* somebody wants to see how many there are */
	bool groups;       /* there are several: an item goes back to the one it failed in */
	const struct consumer_rules *queue; /* of durable queues, but for their addresses */
};

/* All that was cut was of use. */
#define SOURCE_USED UINT64_MAX

/* Records in all of them, or 0 while that is unknown. Any thread. */
uint64_t source_total(struct source **sources, size_t count);
/* For people: the same, or as many as were counted, or, *estimated, as reckoned from the bytes
 * cut so far, that `born` items are made of. */
uint64_t source_total_seen(struct source **sources, size_t count, int64_t born, bool *estimated);
/* Bytes cut into records so far, and in all: 0 while that is unknown. Any thread. */
uint64_t source_bytes(struct source **sources, size_t count, uint64_t *all);
/* Is any of them a source that leases? Then so many wait in the queues of them all. Any
 * thread. */
bool source_backlog(struct source **sources, size_t count, uint64_t *backlog);

/* The inputs of GNU parallel's kind: standard input, -a, :::, :::: and their
 * linked forms, in all combinations. NULL when one cannot be opened: told. */
struct source *source_inputs(const struct input *inputs, size_t count,
	const struct source_rules *rules);
/* Every regular file below a directory, by name within each; links are not
 * followed. */
struct source *source_directory(const char *path);
/* All records of these sources (its own from now on) in random order; it has the
 * total when it has read them all. */
struct source *source_shuffle(struct source **sources, size_t count);
/* A file in blocks; only runs may be asked for. NULL when it cannot be opened: told. */
struct source *source_blocks(const char *file, const struct source_rules *rules);
/* A dead letter, whose items come again. NULL when it cannot be opened: told. */
struct source *source_dead(const char *file, const struct source_rules *rules);
/* What has failed by a job log, where it is not done by these rules (rows.h). Dies with 2
 * when it cannot be read or run again. */
struct source *source_failed(const char *log, const struct rows_rules *rules);
/* Is the address that of a dead letter: dead:FILE, or a file named .jsonl whose first record
 * has the members of one? */
bool source_is_dead(const char *address);
/* The file that an address names: a view of it. */
const char *source_path(const char *address);
/* A durable queue, whose address lives as long. Dies with one line when it cannot be opened. */
struct source *source_queue(const struct address *address, const struct source_rules *rules);
/* A source by its address: "-", a file or FIFO, a directory, a dead letter. NULL: told. */
struct source *source_open(const char *address, const struct source_rules *rules);

#endif
