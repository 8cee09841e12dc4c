/* What the system allows. See capacity.h. */
#include "workers/capacity.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/run/child.h"
#include "action/run/running.h"
#include "action/run/spawn.h"
#include "action/template/template.h"
#include "base/buf.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/saturate.h"
#include "workers/jobs.h"
#include "options/options.h"

extern char **environ;

/* Descriptors for pq itself: 0-2, the wake pipe, the lifeline, /dev/null, sources, logs,
 * the spool, and what may be lent to jobs at their births. */
enum { FDS_OWN = 10 + CHILD_SPARE };
/* And the bell and the pipes of a jobserver. */
enum { FDS_JOBSERVER = 6 };

/* What the kernel keeps of the argument space for itself, and what the job's own
 * variables take (POSIX asks for 2048 bytes to be left alone). */
enum { ARGUMENT_MARGIN = 4096 };

enum { LEAST_QUEUE = 64, LEAST_RUNS = 8, QUEUE_PER_JOB = 4 };

/* Workers that stay up may be fast, and written far ahead: a filter that keeps back what it
 * prints has to get as much as fills its buffer, or it would see its end each time. */
enum { LEAST_FED = 16384, LEAST_FED_RUNS = 4096 };

/* Bytes of their runs, at most; fewer where they are slow. */
enum { FED_RUN = 32768 };

/* Bytes of a run: large enough that what is done once for each is little beside the
 * work on it, small enough for the run and its result to stay in a core's cache. */
enum { RUN_SIZE = 256 * 1024 };

/* A worker that stays up has a bell beside its process. */
enum { BELL = 2 };

static unsigned per_job(const struct options *o, const struct section *s)
{
	unsigned fed = o->spread ? CHILD_FED : 0;

	if (s->persistent)
		return CHILD_CAPTURED + CHILD_FED + BELL;
	return fed + (section_runs(s) && s->output != OUTPUT_UNGROUP ? CHILD_CAPTURED
		: CHILD_DIRECT);
}

/* The same at its birth: the other ends of its pipes, too. */
static unsigned per_birth(const struct options *o, const struct section *s)
{
	if (s->persistent)
		return CHILD_BIRTH + 2 * CHILD_FED + BELL;
	if (o->spread)
		return CHILD_BIRTH + 2 * CHILD_FED;
	return per_job(o, s) == CHILD_CAPTURED ? CHILD_BIRTH : CHILD_DIRECT;
}

static long own(const struct options *o)
{
	long fds = FDS_OWN + (o->slots_shared ? FDS_JOBSERVER : 0)
		+ (long)(o->nsections - 1) * CHILD_SPARE;

	for (size_t i = 0; i < o->nsections; i++)
		fds += o->sections[i].dead_letter != NULL;
	return fds;
}

unsigned capacity_descriptors(const struct options *o, const struct section *s, unsigned jobs)
{
	bool at_once = spawn_limit() >= (long)jobs * per_birth(o, s) + own(o);

	return jobs * (at_once ? per_birth(o, s) : per_job(o, s)) + CHILD_SPARE;
}

static _Noreturn void refuse_file(const char *name, struct buf *why)
{
	struct stat st;

	if (stat(name, &st) < 0)
		msg_die(2, "-j %s: no number of jobs, and no file: %s; try 8, +2, -1, 50%% or 0", name,
			strerror(errno));
	msg_die(2, "-j %s: this file %s; try -j 8, or a file that has a number", name,
		why->len ? buf_str(why) : "is empty");
}

/* Of so many jobs those for which such a limit of descriptors has room. */
static unsigned in_limit(const struct options *o, const struct section *s, unsigned jobs,
	long limit)
{
	long room = limit > own(o) + (long)per_job(o, s) ? (limit - own(o)) / per_job(o, s) : 1;

	return room < (long)jobs ? (unsigned)room : jobs;
}

unsigned capacity_of(const struct options *o, const struct section *s, unsigned jobs)
{
	return in_limit(o, s, jobs, spawn_limit());
}

unsigned capacity_jobs(const struct options *o, const struct section *s, long *taken)
{
	struct buf why = { 0 };
	unsigned wanted = jobs_wanted(&s->jobs, &why), each = per_job(o, s);
	unsigned slots = RUNNING_SLOTS / (unsigned)o->nsections;
	bool most = s->jobs.kind == JOBS_MOST;
	unsigned have;

	if (wanted == 0)
		refuse_file(s->jobs.file, &why);
	if (wanted == JOBS_PAUSED) /* how many it will be nobody knows: as many as by default */
		wanted = jobs_wanted(&(struct jobs_rule){ .kind = JOBS_PERCENT, .amount = 100 }, NULL);
	wanted = wanted < slots ? wanted : slots;
	have = in_limit(o, s, wanted, spawn_descriptors((long)wanted
		* (most ? each : per_birth(o, s)) + own(o) + *taken) - *taken);
	*taken += (long)have * each;
	if (have < wanted && !most)
		msg_warn("-j %u needs %ld descriptors and the limit (ulimit -n) is lower: "
			"going on with -j %u", wanted, (long)wanted * each + own(o), have);
	return have;
}

uint64_t capacity_bytes(const struct options *o, unsigned jobs)
{
	/* A block is in memory twice while its job runs, and two more jobs' worth of them
	 * is on the way. */
	uint64_t usual = 64 << 20, blocks = (uint64_t)jobs + 2;
	uint64_t all = saturate_times(saturate_times(2, saturate_add(o->block, 4096)), blocks);

	if (o->queue_bytes)
		return o->queue_bytes;
	if (!o->pipe || o->max_args || all <= usual)
		return usual;
	return all;
}

static size_t capacity_environment(void)
{
	size_t taken = 0;

	for (char **e = environ; *e; e++)
		taken += strlen(*e) + 1 + sizeof *e;
	return taken;
}

/* What is left beside the environment, and so much. */
static size_t capacity_beside(size_t taken)
{
	long most = sysconf(_SC_ARG_MAX);

	taken += ARGUMENT_MARGIN + capacity_environment();
	return most > 0 && (size_t)most > taken ? (size_t)most - taken : 1;
}

size_t capacity_arguments(const struct template *t)
{
	return capacity_beside(template_base(t));
}

void capacity_tell(void)
{
	msg_warn("a command may have %zu bytes, of which each word takes %zu beside its own, and one "
		"word %zu; the environment takes %zu (--show-limits)", capacity_beside(0),
		sizeof(char *) + 1, machine_longest_argument(), capacity_environment());
}

size_t capacity_script(const struct template *t)
{
	size_t base = template_script_base(t), most = machine_longest_argument();

	return base < most ? most - base : 1;
}

/* Transforms of streams take many records at a time, where nothing else does, and nobody
 * looks at them one by one. In the order of the input each record has the results of all
 * sections beside each other, however the input came. What a queue gives is settled one by
 * one, and may hold any byte. */
static bool transforms_runs(const struct options *o)
{
	if ((o->nsections > 1 && o->ordered) || options_lease(o) || o->shard.count)
		return false;
	for (size_t i = 0; i < o->nsections; i++)
		if (section_runs(&o->sections[i]) || o->sections[i].moves || o->sections[i].match
		    || o->sections[i].topic)
			return false;
	return !o->content;
}

/* Does the section want to know of single items? */
static bool wants_items(const struct section *s)
{
	const struct retry_rules *r = &s->retry;

	return s->answers != ANSWER_LINES || s->until || s->recycle_items || s->prefetch
		|| s->nexpressions || r->attempts > 1 || r->ack.given || r->retry.given
		|| r->reject.given || s->rate.interval || s->breaker.count || s->backoff.base
		|| s->dead_letter || s->tag || s->overflow != OVERFLOW_BLOCK || s->match || s->topic
		|| s->timeout_percent > 0;
}

/* Of all sections. What looks at records makes items of them, and what counts items. */
static bool looks_at_items(const struct options *o)
{
	return o->queue_size || o->high_water || o->priority || o->key || o->delay || o->joblog
		|| o->trace || o->metrics || o->junit || o->report
		|| o->journal || o->json || o->results || o->shown || o->dry_run || o->unique
		|| o->colsep || o->csv || o->header || o->regex || o->jsonl || o->validate
		|| o->trim > 0 || o->shuffle || o->shard.count || o->link || o->memfree || o->load_given
		|| o->halt.when != HALT_NEVER || o->nfrom || o->ninputs > 1 || (o->to && o->topic_key);
}

/* An argument may hold a newline, and is no line then. */
static bool reads_arguments(const struct options *o)
{
	return o->ninputs && !o->inputs->file;
}

bool capacity_feeds_runs(const struct options *o)
{
	return o->nsections == 1 && o->sections->persistent && o->separator == '\n'
		&& !reads_arguments(o) && !wants_items(o->sections) && !looks_at_items(o)
		&& !o->summary; /* which names items */
}

/* Are records moved as they come, as nothing of them is looked at? */
static bool moves_runs(const struct options *o)
{
	return options_moves(o) && !looks_at_items(o) && !reads_arguments(o);
}

size_t capacity_run_size(const struct options *o)
{
	if (capacity_feeds_runs(o))
		return FED_RUN;
	if (transforms_runs(o) || moves_runs(o))
		return RUN_SIZE;
	return o->pipe && !o->spread ? mem_size(o->block) : 0;
}

uint64_t capacity_queue(const struct options *o, unsigned jobs)
{
	uint64_t least = transforms_runs(o) ? LEAST_RUNS : LEAST_QUEUE;
	uint64_t some = (uint64_t)jobs * QUEUE_PER_JOB;

	for (size_t i = 0; i < o->nsections; i++)
		if (o->sections[i].persistent)
			least = capacity_feeds_runs(o) ? LEAST_FED_RUNS : LEAST_FED;

	if (o->queue_size)
		return o->queue_size;
	return some < least ? least : some;
}
