/* The command line: one table, from which the parser, --help, the completions
 * and the tests are fed.
 *
 * Main thread, before anything is started. A bad command line is one line on
 * stderr and status 2. Strings point into argv and live as long as the run. */
#ifndef PQ_OPTIONS_H
#define PQ_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/run/answer.h"
#include "action/run/child.h"
#include "action/template/template.h"
#include "base/color.h"
#include "broker/address.h"
#include "workers/jobs.h"
#include "policy/backlog.h"
#include "policy/backoff.h"
#include "policy/breaker.h"
#include "policy/halt.h"
#include "policy/overflow.h"
#include "policy/rate.h"
#include "policy/retry.h"
#include "policy/shard.h"
#include "source/source.h"

struct buf;
struct gnu_words;

enum output_mode {
	OUTPUT_GROUP,
	OUTPUT_LINE,
	OUTPUT_UNGROUP,
	OUTPUT_WHOLE, /* nothing before the job has ended: --json, --results */
};

enum { TERM_STEPS = 16 };

/* Bytes that may be none, and may be NUL; owned. */
struct option_bytes {
	char *data; /* NULL: not given */
	size_t len;
	const char *text; /* as it was given; NULL: by another option */
	bool wrong;       /* it has an escape that is none: it may be an expression */
};

/* --tmpl: a text, and what it is to be called with a job's values in it. */
struct option_copy {
	const char *text, *name;
};

struct expression {
	const char *text; /* of -e, or: */
	const char *file; /* of -f */
};

/* What --from names. */
struct option_from {
	const char *path;      /* as it was given; of a queue what it is called in messages */
	struct address *queue; /* owned; NULL: it is none */
};

/* What one section of the command line says: a command or -e, with what is its own. */
struct section {
	/* what it gets */
	const char *name;       /* --name; NULL: its number */
	const char *match;      /* NULL: whatever the item is */
	const char *topic;      /* a pattern; NULL: whatever its topic is */
	uint32_t weight;
	/* the command */
	enum template_shell shell;
	const char *shell_path; /* NULL: not given */
	char **command;
	size_t ncommand;
	size_t begun_with;      /* bytes of the first one that stand before what the user gave */
	bool moves;             /* there is none: what it gets goes on to --to as it is */
	struct expression *expressions; /* owned array, in the order given */
	size_t nexpressions;
	bool persistent;      /* the command stays up and is fed items */
	enum answer_form answers;
	const char *until;    /* NULL: not given */
	const char *ready;    /* likewise */
	uint64_t recycle_items, recycle_memory; /* 0: not given */
	uint64_t prefetch;    /* items written or claimed ahead; 0: not given */
	/* workers */
	struct jobs_rule jobs;  /* of a range the most, */
	bool range;
	struct jobs_rule least; /* and the least */
	int64_t timeout;      /* ns; 0: none */
	double timeout_percent; /* of the median runtime; 0: none */
	struct term_step term[TERM_STEPS]; /* ends with the first of signal 0 */
	/* its deliveries in the queue */
	enum overflow overflow;
	uint32_t key_jobs;
	struct rate rate;
	const char *rate_key; /* a template; NULL: none */
	struct breaker_rule breaker;
	/* failure */
	struct retry_rules retry;
	struct backoff backoff;
	const char *dead_letter; /* a file; NULL: none, or: */
	struct address *dead_queue; /* owned; NULL: none */
	/* output */
	enum output_mode output;
	const char *tag;      /* --tag, --tagstring: a template, with the tab that follows;
	                       * owned; NULL: none */
};

struct options {
	char **words;         /* the command line as it was given, without what is secret in
	                       * addresses; NULL at its end */
	struct option_note *notes; /* owned: what was given, in its order (table.h) */
	size_t nnotes;
	struct section *sections; /* owned array, in the order given; */
	size_t nsections;         /* at least 1 */
	enum { DELIVER_ALL, DELIVER_FIRST } deliver; /* to which of those that fit */
	const char *topic_key;    /* a template; NULL: the item */
	bool shared;              /* they share the workers of the first, by --weight */
	struct gnu_words *gnu;    /* owned: all is read as GNU parallel does; NULL: as pq does */
	char *gnu_shell;          /* owned */
	bool quoted;              /* -q: words are run as they stand */
	const char *unshown;      /* text that command lines begin with, or NULL */
	char *gnu_line;           /* what stands for a command where none was given */
	unsigned quotings;        /* --shellquote: with dry_run, how often what is shown is quoted */
	bool announces;           /* -v: commands stand before what their jobs print */
	struct {
		bool asked;           /* the command is run when there is a slot, */
		bool foreground;      /* and pq waits for it; */
		bool waits;           /* or pq waits for all that run, and runs none */
		const char *id;       /* NULL: not given */
		struct jobs_rule jobs; /* how many slots */
		int64_t timeout;      /* ns; 0: none; */
		bool gives_up;        /* after which there is no run */
		char *line, *lines[1]; /* the command; owned */
	} semaphore;
	/* input */
	bool asks;            /* before each start, on the terminal */
	bool tty;             /* jobs have the terminal, one at a time */
	bool stdin_lent;      /* the job's stdin is that of pq */
	char separator;
	struct option_bytes delimiter; /* more than one byte, of which that is the last; or none */
	bool cuts_words;      /* arguments are cut by it, too */
	struct input *inputs; /* owned array, in the order given */
	size_t ninputs;
	bool link;
	struct option_copy *copies; /* owned array */
	size_t ncopies;
	bool cleans;          /* these are taken away behind the job */
	struct option_from *from; /* owned array */
	size_t nfrom;
	bool content;         /* an item names a file, whose content the job gets */
	enum { CONTENT_LINES, CONTENT_NULL, CONTENT_WHOLE } cut; /* its records, for -e */
	bool pipe;            /* runs of records go to jobs' stdin: */
	uint64_t block;       /* bytes of a run; -n: so many records instead */
	struct option_bytes recstart, recend;
	bool regexp;          /* both are expressions */
	uint64_t max_lines;   /* -L: what would be so many records is one; 0: not given */
	const char *continues; /* without --pipe: what goes on with the next one ends in one of
	                       * these bytes; NULL: nothing does */
	bool block_csv;       /* --csv with --pipe, which is not for columns then, */
	char block_column;    /* and its byte between fields */
	const char *heading;  /* --header with it, as it was given; or NULL */
	enum spread_way spread; /* jobs read the stream together; */
	uint64_t key_column;    /* by the key of a line, or blocks are cut by it: this field, */
	const char *key_name;   /* or that of this name; NULL: there is a number */
	bool grouped;           /* lines that stand together and have the same are in one block */
	char key_separator;     /* between fields */
	bool bare;              /* blocks are without what records end and begin with */
	bool parts;             /* --pipe-part: blocks are looked for at their places in files */
	bool named;             /* a job's block is in a file, {} */
	uint64_t block_parts;   /* so many blocks of all files for each job; 0: by their size */
	uint64_t max_args;    /* -n; 0: not given */
	bool as_many;         /* -X */
	bool in_one_word;     /* -m: then {} stands for all of them, and its word is not repeated; */
	uint64_t max_chars;   /* -s: bytes of a command; 0: as many as the system takes */
	bool shows_limits;    /* what the system allows is said */
	bool chars_shown;     /* of the command as it is shown, not as it is executed */
	bool all_or_none;     /* what does not fit is no job of fewer records */
	bool exits;           /* -x: nothing is begun after it, either */
	bool fills;           /* --xargs: and workers do not share what there is */
	bool without_item;    /* -n0: the command as it stands, once for each */
	bool repeat_words;    /* -N: a word with {} comes again for each record */
	uint64_t max_item;    /* bytes */
	bool skip_first;      /* --skip-first-line */
	uint64_t skip_lines;  /* 0: not given */
	const char *comment;  /* NULL: none */
	bool skip_blank;      /* -r */
	const char *end;      /* -E; NULL: none */
	bool shuffle;         /* --shuf */
	struct shard_rule shard; /* which items are this node's */
	uint64_t total_jobs;  /* as many as there are said to be; 0: nobody has */
	const char *order_by; /* a job log; NULL: as they come */
	const char *colsep;   /* -C; NULL: none */
	bool csv, csv_lax, csv_strict;
	bool header;
	const char *regex;    /* NULL: none */
	bool jsonl;
	const char *validate; /* NULL: none */
	int trim;             /* as columns.h has it; -1: not given */
	bool unique;
	const char *unique_key; /* a template; NULL: the item */
	int64_t unique_for;   /* ns that a key counts in the queue of --to; 0: for ever */
	bool follow;          /* an end of the input is none */
	/* queues that others share */
	int64_t lease;        /* ns that a claim holds */
	uint64_t keep_count;  /* finished items: so many of the last, */
	int64_t keep_time;    /* and for so many ns; 0: not given */
	int64_t give_up;      /* ns that one which is gone is waited for; -1: for ever */
	bool durable;         /* only what forgets nothing that it has confirmed */
	struct address *to;   /* owned: of results; NULL: none */
	struct address *stats, *admin; /* owned: looked at, or looked after, instead of a run; what
	                       * is to be done is the command of the first section */
	bool watch;
	const char *in_place; /* --in-place: a suffix or "", or NULL */
	const char *braces;   /* what {} is called */
	/* the queue */
	uint64_t queue_size;  /* items; 0: the default */
	uint64_t queue_bytes; /* 0: the default */
	bool high_water;
	struct backlog_rule high;
	/* the schedule; templates are NULL when not given */
	const char *priority, *key;
	bool affinity;        /* a key prefers the worker that ran it last */
	int64_t aging;        /* ns; 0: none */
	int64_t delay;        /* ns, */
	bool delay_adapts;    /* more when jobs fail, less when they succeed */
	struct jobs_rule load; /* --load: processes; meaningless where it was not given */
	bool load_given;
	bool jobserver;       /* pq serves one, */
	bool jobserver_fifo;  /* behind a FIFO, */
	unsigned jobserver_slots; /* of so many slots; 0: as -j */
	bool slots_shared;    /* with other programs, by make's jobserver */
	uint64_t memfree;     /* bytes; 0: no matter */
	const char *slot_variable; /* --process-slot-var; NULL: none */
	bool nice_given;
	int nice;             /* of jobs */
	int64_t drain;        /* ns that SIGTERM gives to running jobs */
	struct halt_rule halt;
	/* output */
	bool ordered;
	bool verbose;
	bool dry_run;
	bool skipped_shown;       /* and shows jobs that skip() leaves out, too */
	const char *outfile;  /* -o; NULL: standard output */
	/* seeing it */
	enum color_when color; /* of tags and failures */
	bool quiet;           /* no closing line about jobs that failed */
	bool progress, progress_json, progress_rows, progress_bar, progress_eta;
	bool summary;
	bool shown;           /* commands are, or are on record */
	bool json, json_attempts; /* an object for each job, or attempt */
	const char *results;  /* --results, as it was given; NULL: none */
	bool files;           /* names of files that have what jobs printed, in its place */
	bool files_dry;       /* or, with dry_run, what they would be */
	const char *joblog;
	bool joblog_append;   /* +FILE */
	bool joblog_shown;    /* it is standard output */
	const char *journal;
	const char *trace, *metrics;
	const char *junit;    /* cases for CI, in XML */
	const char *report;   /* a page of HTML */
	bool resume, resume_failed; /* the first with either of the options */
	bool retry_failed;
};

/* Does the section run commands, and not transform alone? */
static inline bool section_runs(const struct section *s)
{
	return s->ncommand || !(s->nexpressions || s->moves);
}

/* Are items moved to the queue of --to as they are? */
static inline bool options_moves(const struct options *o)
{
	return o->sections->moves;
}

/* Is any source a queue, which leases its items? */
bool options_lease(const struct options *o);
/* Does anything that was asked for go by how long jobs wait or take? */
bool options_timed(const struct options *o);

/* Read the command line into *o. Options end at the first word that is none.
 * --help, --version and --completion print and exit 0; what is wrong is told on
 * stderr and exits 2. */
void options_parse(struct options *o, int argc, char **argv);
void options_free(struct options *o);
/* So many inputs give values to an item, at least 1. */
uint64_t options_inputs(const struct options *o);
/* Does any section have a -j? */
bool options_has_jobs(const struct options *o);
/* The number, from 1, of the section that is called so, by its name or its number; 0: none. */
unsigned options_section(const struct options *o, const char *name, size_t len);
/* Do items come from standard input? *asked: the command line says so, or that there may be
 * none. */
bool options_read_input(const struct options *o, bool *asked);
_Noreturn void options_help(void); /* print what --help does, and exit 0 */
/* What is to be run and in which form, a line for each option that was given and has a say
 * in it; outfile is the place of -o, or NULL. */
void options_meaning(const struct options *o, const char *outfile, struct buf *text);

#endif
