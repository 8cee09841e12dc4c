/* One stream for several jobs. See spread.h.
 *
 * The thread has the lock but while it sleeps: all it does meanwhile, reading and writing, never
 * waits. A block is read when there is somebody to have it: with --tee when everybody has been
 * written all of the last one, else as soon as some job, or each of them where records have their
 * own, has little left to be written. So whoever is slow holds up the others with --tee, by a
 * block and what a pipe holds, and else only what it has been given.
 *
 * Nobody is written before all jobs that there are have joined: the first ones would be given
 * all of a short input. */
#include "source/spread.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/thread.h"
#include "item.h"

struct spread_job {
	enum { JOB_BORN, JOB_JOINED, JOB_LEFT } state;
	int fd;             /* to be written; -1: not yet, or no more */
	bool begun;         /* it was written something, with the header */
	struct run *block;  /* to be written; of --tee that of all; NULL: none, */
	size_t from, at;    /* from there on, and now from here on */
	struct run *gather; /* of its key, to be written after that; NULL: none */
};

struct spread {
	struct source source;
	struct spread_rules rules;
	lock lock;
	pthread_t thread;
	bool started;
	struct bell bell;      /* for the thread: there is something to look at */
	struct bell births;    /* for the desk */
	struct run_pool pool;
	struct draft draft;    /* what the stream refuses */
	struct spread_job *jobs; /* owned */
	size_t count, room;    /* of those there are, */
	size_t given;          /* and of them the desk knows */
	bool complete;         /* there will be no more */
	size_t turn;           /* who is asked first */
	struct run *waiting;   /* blocks that nobody has */
	struct run *shared;    /* --tee: the one that all have */
	bool dry;              /* the stream has nothing now */
	bool ended;            /* nor ever will */
	bool stopped;
	bool broken;           /* not all of it was read, or given to anybody */
	bool over;             /* nothing more is written */
};

/* --- births: with the lock ------------------------------------------------ */

static struct spread_job *spread_bear(struct spread *s)
{
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->jobs = mem_grow(s->jobs, s->room * sizeof *s->jobs);
	}
	s->jobs[s->count] = (struct spread_job){ .state = JOB_BORN, .fd = -1 };
	return &s->jobs[s->count++];
}

static void spread_too_many(struct spread *s, struct draft *draft)
{
	msg_warn("--tee: all jobs read at the same time, and there are more of them than -j %u; "
		"try -j0", s->rules.jobs);
	s->source.failed = s->stopped = true;
	draft_clear(draft);
}

static enum source_state spread_next_of_list(struct spread *s, struct draft *draft)
{
	struct source *list = s->rules.list;
	enum source_state state = list->next(list, draft);

	s->source.fd = list->fd;
	if (state == SOURCE_RECORD && s->count == s->rules.jobs) {
		spread_too_many(s, draft);
		state = SOURCE_END;
	}
	if (state == SOURCE_RECORD)
		spread_bear(s)->state = draft->refused ? JOB_LEFT : JOB_BORN;
	if (state == SOURCE_END) {
		s->source.failed |= list->failed;
		s->complete = true;
		bell_ring(&s->bell);
	}
	return state;
}

static void *spread_run(void *arg);

static void spread_start(struct spread *s)
{
	s->started = thread_start(&s->thread, spread_run, s);
	if (s->started)
		return;
	msg_warn("cannot start a thread: %s", strerror(errno));
	s->source.failed = s->stopped = s->over = s->complete = true;
}

/* The desk's. */
static enum source_state spread_next(struct source *source, struct draft *draft)
{
	struct spread *s = (struct spread *)source;
	enum source_state state = SOURCE_NOTHING;

	lock_take(&s->lock);
	bell_hush(&s->births);
	if (!s->started)
		spread_start(s);
	if (s->rules.list) {
		state = s->stopped ? SOURCE_END : spread_next_of_list(s, draft);
	} else if (s->given < s->count) {
		s->given++;
		draft_add(draft, "", 0);
		draft->source = s->source.name;
		state = SOURCE_RECORD;
	} else if (s->complete) {
		state = SOURCE_END;
	}
	s->source.failed |= s->broken;
	lock_give(&s->lock);
	return state;
}

/* --- the jobs' workers ---------------------------------------------------- */

int spread_join(void *spread, uint64_t seq)
{
	struct spread *s = spread;
	struct spread_job *job;
	int to, from = io_pipe_to(&to);

	if (from < 0)
		return -1;
	lock_take(&s->lock);
	job = &s->jobs[seq - 1];
	job->state = JOB_JOINED;
	if (s->over)
		close(to);
	else
		job->fd = to;
	lock_give(&s->lock);
	bell_ring(&s->bell);
	return from;
}

void spread_leave(void *spread, uint64_t seq)
{
	struct spread *s = spread;
	struct spread_job *job;

	lock_take(&s->lock);
	job = &s->jobs[seq - 1];
	io_close(&job->fd);
	job->state = JOB_LEFT;
	lock_give(&s->lock);
	bell_ring(&s->bell);
}

void spread_stop(struct spread *s)
{
	lock_take(&s->lock);
	s->stopped = s->complete = true;
	lock_give(&s->lock);
	bell_ring(&s->bell);
	bell_ring(&s->births);
}

/* --- who gets what: the thread, with the lock ----------------------------- */

/* It may still be written something, as far as anybody knows. */
static bool spread_is_alive(const struct spread_job *job)
{
	return job->state == JOB_BORN || job->fd >= 0;
}

static bool spread_all_stand(const struct spread *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->jobs[i].state == JOB_BORN)
			return false;
	return true;
}

static bool spread_any_alive(const struct spread *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (spread_is_alive(&s->jobs[i]))
			return true;
	return false;
}

static bool spread_any_owed(const struct spread *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->jobs[i].block || s->jobs[i].gather)
			return true;
	return false;
}

static void spread_give(struct spread_job *job, struct run *block)
{
	job->block = block;
	job->from = job->at = job->begun ? block->head : 0;
	job->begun = true;
}

static void spread_drop(struct spread *s, struct spread_job *job)
{
	if (job->block != s->shared)
		run_give(&s->pool, job->block);
	job->block = NULL;
}

static void spread_make_wait(struct spread *s, struct run *block)
{
	block->next = s->waiting;
	s->waiting = block;
}

/* A job that reads no more has had enough; a block of which it was written nothing is for
 * others. */
static void spread_forget(struct spread *s, struct spread_job *job)
{
	io_close(&job->fd);
	if (job->block && s->rules.way == SPREAD_ROUND && job->at == job->from && !s->rules.dry) {
		spread_make_wait(s, job->block);
		job->block = NULL;
	}
	if (job->block)
		spread_drop(s, job);
	run_give(&s->pool, job->gather);
	job->gather = NULL;
}

/* What is read next by all of them. */
static void spread_share(struct spread *s)
{
	if (s->shared)
		run_give(&s->pool, s->shared);
	s->shared = s->waiting;
	s->waiting = NULL;
	for (size_t i = 0; s->shared && i < s->count; i++)
		if (spread_is_alive(&s->jobs[i]))
			spread_give(&s->jobs[i], s->shared);
}

/* To a new job, as long as there may be one, then to the next that has nothing to read. */
static void spread_deal(struct spread *s)
{
	bool stand = spread_all_stand(s);

	while (s->waiting && (s->count < s->rules.jobs || stand)) {
		struct run *block = s->waiting;
		struct spread_job *job = NULL;

		if (s->count < s->rules.jobs) {
			job = spread_bear(s);
			bell_ring(&s->births);
		}
		for (size_t i = 0; !job && i < s->count; i++) {
			struct spread_job *next = &s->jobs[(s->turn + i) % s->count];

			if (next->fd >= 0 && !next->block)
				job = next;
		}
		if (!job)
			return;
		s->turn = (size_t)(job - s->jobs) + 1;
		s->waiting = block->next;
		spread_give(job, block);
	}
}

static struct spread_job *spread_of_key(struct spread *s, const char *record, size_t len)
{
	size_t key_len;
	const char *key = field_of(&s->rules.key, record, len, &key_len);

	return &s->jobs[s->rules.way == SPREAD_SHARD ? field_shard(key, key_len, s->count)
		: field_bin(key, key_len, s->count)];
}

/* Each record of the block to the job of its key. */
static void spread_sort(struct spread *s)
{
	struct run *block = s->waiting;
	const char *at = block->bytes.data, *end = at + block->bytes.len, *head = at;

	if (!field_find(&s->rules.key, head, block->head)) {
		msg_warn("%s: its header names no column %s", s->source.name, s->rules.key.name);
		s->broken = s->stopped = true;
		return;
	}
	while (s->count < s->rules.jobs)
		spread_bear(s);
	bell_ring(&s->births);
	for (at += block->head; at < end;) {
		const char *stop = memchr(at, s->rules.key.end, (size_t)(end - at));
		size_t len = (size_t)((stop ? stop + 1 : end) - at);
		struct spread_job *job = spread_of_key(s, at, len);

		if (!job->gather && spread_is_alive(job)) {
			job->gather = run_take(&s->pool);
			buf_add(&job->gather->bytes, head, block->head);
			job->gather->head = block->head;
		}
		if (job->gather)
			buf_add(&job->gather->bytes, at, len);
		at += len;
	}
	s->waiting = NULL;
	run_give(&s->pool, block);
}

static void spread_hand_out(struct spread *s)
{
	switch (s->rules.way) {
	case SPREAD_ALL:
		if (!spread_any_owed(s))
			spread_share(s);
		break;
	case SPREAD_ROUND:
		spread_deal(s);
		break;
	default:
		if (s->waiting)
			spread_sort(s);
		break;
	}
}

/* --- reading and writing: likewise ----------------------------------------- */

/* Would anybody have another block? */
static bool spread_wants(const struct spread *s)
{
	bool any = s->count < s->rules.jobs, all = true;

	if (s->ended || s->waiting)
		return false;
	if (s->rules.way == SPREAD_ALL)
		return s->complete && spread_all_stand(s) && !spread_any_owed(s);
	for (size_t i = 0; i < s->count; i++) {
		const struct run *gather = s->jobs[i].gather;

		any |= s->jobs[i].fd >= 0 && !s->jobs[i].block;
		all = all && (!gather || gather->bytes.len < s->rules.block);
	}
	return s->rules.way == SPREAD_ROUND ? any : all;
}

static void spread_tell_refused(struct spread *s)
{
	struct value v = draft_value(&s->draft, 0);
	struct buf text = { 0 };

	msg_quote(&text, v.data, v.len, 40);
	msg_warn("%s: a record %s %s; it is left out", s->source.name, buf_str(&text),
		s->draft.refused);
	s->broken = true;
	buf_free(&text);
	draft_clear(&s->draft);
}

static void spread_read(struct spread *s)
{
	struct source *stream = s->rules.stream;
	struct run *run = run_take(&s->pool);

	switch (stream->next_run(stream, run, &s->draft, s->rules.block)) {
	case SOURCE_RECORD:
		if (run->records)
			spread_make_wait(s, run);
		else
			spread_tell_refused(s);
		break;
	case SOURCE_END:
		s->ended = true;
		s->broken |= stream->failed;
		break;
	default:
		s->dry = true;
		break;
	}
	if (s->waiting != run)
		run_give(&s->pool, run);
	atomic_store_explicit(&s->source.bytes_done,
		atomic_load_explicit(&stream->bytes_done, memory_order_relaxed),
		memory_order_relaxed);
}

/* As much as it takes now. */
static void spread_write(struct spread *s, struct spread_job *job)
{
	const struct buf *bytes = &job->block->bytes;
	ssize_t n = 0;

	while (job->at < bytes->len && ((n = write(job->fd, bytes->data + job->at,
		bytes->len - job->at)) > 0 || (n < 0 && errno == EINTR)))
		job->at += n > 0 ? (size_t)n : 0;
	if (job->at == bytes->len)
		spread_drop(s, job);
	else if (errno != EAGAIN)
		spread_forget(s, job);
}

/* Did anybody get to the end of a block? Who has read all there will be is told so, and does not
 * wait for others. */
static bool spread_write_all(struct spread *s)
{
	bool last = s->ended && !s->waiting && spread_all_stand(s), free = false;

	for (size_t i = 0; i < s->count; i++) {
		struct spread_job *job = &s->jobs[i];

		if (!spread_is_alive(job))
			spread_forget(s, job);
		if (!job->block && job->gather) {
			spread_give(job, job->gather);
			job->gather = NULL;
		}
		if (job->fd < 0 || (!job->block && !last))
			continue;
		if (job->block)
			spread_write(s, job);
		free |= !job->block;
		if (last && !job->block && !job->gather)
			io_close(&job->fd);
	}
	return free;
}

/* --- the thread ------------------------------------------------------------ */

static bool spread_is_over(const struct spread *s)
{
	bool born = s->rules.list ? s->complete : s->count == s->rules.jobs;

	if (s->stopped || (born && !spread_any_alive(s)))
		return true;
	return s->ended && !s->waiting && !spread_any_owed(s);
}

/* With the lock, which is free meanwhile: until something has happened. */
static void spread_sleep(struct spread *s)
{
	struct pollfd *fd = mem_zero((s->count + 2) * sizeof *fd);
	nfds_t n = 0;

	fd[n++] = (struct pollfd){ .fd = s->bell.out, .events = POLLIN };
	if (s->dry)
		fd[n++] = (struct pollfd){ .fd = s->rules.stream->fd, .events = POLLIN };
	for (size_t i = 0; i < s->count; i++)
		if (s->jobs[i].fd >= 0 && s->jobs[i].block)
			fd[n++] = (struct pollfd){ .fd = s->jobs[i].fd, .events = POLLOUT };
	lock_give(&s->lock);
	poll(fd, n, -1);
	bell_hush(&s->bell);
	lock_take(&s->lock);
	s->dry = false;
	free(fd);
}

/* What nobody has read, and nobody will. */
static void spread_tell_left(struct spread *s)
{
	struct pollfd more = { .fd = s->rules.stream->fd, .events = POLLIN };

	if (s->stopped || s->rules.dry || s->rules.way == SPREAD_ALL)
		return;
	while (!s->ended && !s->waiting && poll(&more, 1, 0) >= 0 && (more.revents || !s->dry))
		spread_read(s);
	if (s->ended && !s->waiting)
		return;
	msg_warn("all jobs have ended before their input: the rest of it is left out");
	s->broken = true;
}

static void *spread_run(void *arg)
{
	struct spread *s = arg;

	thread_name("pq-spread");
	lock_take(&s->lock);
	while (!spread_is_over(s)) {
		while (!s->dry && spread_wants(s))
			spread_read(s);
		spread_hand_out(s);
		if (!spread_write_all(s) && !spread_is_over(s) && (s->dry || !spread_wants(s)))
			spread_sleep(s);
	}
	spread_tell_left(s);
	for (size_t i = 0; i < s->count; i++)
		io_close(&s->jobs[i].fd);
	s->over = s->complete = true;
	lock_give(&s->lock);
	bell_ring(&s->births);
	return NULL;
}

/* --- building --------------------------------------------------------------- */

static void spread_finish(struct source *source, struct source_end *end)
{
	struct spread *s = (struct spread *)source;

	(void)end;
	spread_stop(s);
	if (s->started)
		thread_join(s->thread);
	s->source.failed |= s->broken;
}

static void spread_close(struct source *source)
{
	struct spread *s = (struct spread *)source;

	s->rules.stream->used = SOURCE_USED;
	s->rules.stream->close(s->rules.stream);
	if (s->rules.list)
		s->rules.list->close(s->rules.list);
	for (size_t i = 0; i < s->count; i++)
		spread_forget(s, &s->jobs[i]);
	while (s->waiting) {
		struct run *block = s->waiting;

		s->waiting = block->next;
		run_give(&s->pool, block);
	}
	run_give(&s->pool, s->shared);
	run_pool_free(&s->pool);
	draft_free(&s->draft);
	bell_close(&s->bell);
	bell_close(&s->births);
	free(s->jobs);
	free(s);
}

struct spread *spread_new(const struct spread_rules *rules)
{
	struct spread *s = mem_zero(sizeof *s);

	s->rules = *rules;
	lock_init(&s->lock);
	if (!bell_open(&s->bell) || !bell_open(&s->births))
		return NULL;
	s->source = (struct source){ .next = spread_next, .finish = spread_finish,
		.close = spread_close,
		.name = rules->stream->name, .fd = s->births.out };
	s->source.bytes = rules->stream->bytes;
	return s;
}

struct source *spread_source(struct spread *s)
{
	return &s->source;
}
