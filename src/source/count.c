/* How many records a file has. See count.h. */
#include "source/count.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/thread.h"

/* Reading a larger file twice would cost more than a number is worth. */
#define LARGEST ((off_t)1 << 30)
/* Bytes looked at before it is asked whether anybody still wants to know. */
enum { PIECE = 128 * 1024 };

struct count {
	int fd;
	char separator;
	off_t from, to;
	uint64_t besides;
	_Atomic uint64_t *result;
	_Atomic bool unwanted;
	pthread_t thread;
};

static void *count_run(void *arg)
{
	struct count *c = arg;
	char *piece = mem_alloc(PIECE), last = c->separator;
	uint64_t records = 0;

	thread_name("pq-count");
	while (c->from < c->to && !atomic_load(&c->unwanted)) {
		size_t most = c->to - c->from < PIECE ? (size_t)(c->to - c->from) : PIECE;
		ssize_t n = pread(c->fd, piece, most, c->from);

		if (n <= 0)
			break;
		records += bytes_count(piece, (size_t)n, c->separator);
		last = piece[n - 1];
		c->from += n;
	}
	free(piece);
	records += last != c->separator;
	if (c->from == c->to && records > c->besides)
		atomic_store(c->result, records - c->besides);
	return NULL;
}

struct count *count_start(int fd, int64_t from, char separator, uint64_t besides,
	_Atomic uint64_t *to)
{
	struct stat st;
	struct count *c;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || from < 0 || st.st_size <= from
	    || st.st_size - from > LARGEST)
		return NULL;
	c = mem_zero(sizeof *c);
	*c = (struct count){ .fd = fd, .separator = separator, .from = from, .to = st.st_size,
		.besides = besides, .result = to };
	if (thread_start(&c->thread, count_run, c))
		return c;
	free(c); /* then nobody knows */
	return NULL;
}

void count_stop(struct count *c)
{
	if (!c)
		return;
	atomic_store(&c->unwanted, true);
	thread_join(c->thread);
	free(c);
}
