/* Sources by their addresses. See source.h. */
#include "source/source.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/msg.h"

/* What says outright that the file is a dead letter. */
static const char dead_prefix[] = "dead:";

/* Bytes read at a time. */
#define PIECE ((size_t)65536)
/* A first record that is longer is no line of a dead letter. */
#define LOOKED_AT ((size_t)1 << 27)

static bool is_dead_by_name(const char *address)
{
	return strncmp(address, dead_prefix, sizeof dead_prefix - 1) == 0;
}

const char *source_path(const char *address)
{
	return address + (is_dead_by_name(address) ? sizeof dead_prefix - 1 : 0);
}

/* The first line of the file, if it is a regular one: what is in a FIFO is not there yet. */
static void read_first(struct buf *line, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	const char *end = NULL;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		n = 0;
	while (n > 0 && !end && line->len < LOOKED_AT) {
		char *to = buf_reserve(line, PIECE);

		n = read(fd, to, PIECE);
		if (n > 0) {
			end = memchr(to, '\n', (size_t)n);
			line->len = end ? (size_t)(end - line->data) : line->len + (size_t)n;
		}
	}
	if (fd >= 0)
		close(fd);
}

bool source_is_dead(const char *address)
{
	static const char end[] = ".jsonl";
	size_t len = strlen(address), n = sizeof end - 1;
	struct buf line = { 0 };
	bool dead;

	if (is_dead_by_name(address))
		return true;
	if (len <= n || strcmp(address + len - n, end) != 0)
		return false;
	read_first(&line, address);
	dead = json_text_has(line.data, line.len, "seq")
		&& json_text_has(line.data, line.len, "outcome")
		&& (json_text_has(line.data, line.len, "item")
		|| json_text_has(line.data, line.len, "item_base64")
		|| json_text_has(line.data, line.len, "item_start"));
	buf_free(&line);
	return dead;
}

struct source *source_open(const char *address, const struct source_rules *rules)
{
	struct input input = { .file = address };
	struct stat st;
	bool dead = source_is_dead(address);
	bool directory = !dead && strcmp(address, "-") != 0 && stat(address, &st) == 0
		&& S_ISDIR(st.st_mode);

	if (directory && rules->follow)
		msg_die(2, "%s is a directory, and --follow waits for more of a file or a FIFO; "
			"inotifywait -m prints what comes into a directory", address);
	if (directory && rules->blocks)
		msg_die(2, "%s is a directory: --pipe cuts what is in a file; with --content each "
			"file below it is the stdin of a job", address);
	if (dead) {
		if (!json_value_built())
			msg_die(2, "--from %s: built without jansson; install it and run "
				"./configure again", address);
		return source_dead(source_path(address), rules);
	}
	if (rules->blocks)
		return source_blocks(address, rules);
	if (directory)
		return source_directory(address);
	return source_inputs(&input, 1, rules);
}

/* Only a single regular file can be reckoned. */
static uint64_t estimate(struct source *s, int64_t born)
{
	uint64_t bytes = atomic_load_explicit(&s->bytes, memory_order_relaxed);
	uint64_t done = atomic_load_explicit(&s->bytes_done, memory_order_relaxed);

	if (!bytes || !done || done > bytes)
		return 0;
	return (uint64_t)((double)born * (double)bytes / (double)done);
}

uint64_t source_total(struct source **sources, size_t count)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t known = atomic_load(&sources[i]->total);

		if (!known)
			return 0;
		total += known;
	}
	return total;
}

static uint64_t source_counted(struct source *s)
{
	uint64_t counted = atomic_load(&s->counted), times = atomic_load(&s->times);

	if (times <= 1)
		return counted;
	return counted <= UINT64_MAX / times ? counted * times : 0;
}

uint64_t source_total_seen(struct source **sources, size_t count, int64_t born, bool *estimated)
{
	uint64_t total = 0;

	*estimated = false;
	for (size_t i = 0; i < count; i++) {
		uint64_t known = atomic_load(&sources[i]->total);

		if (!known)
			known = source_counted(sources[i]);
		if (!known) {
			*estimated = true;
			return count == 1 ? estimate(sources[0], born) : 0;
		}
		total += known;
	}
	return total;
}

uint64_t source_bytes(struct source **sources, size_t count, uint64_t *all)
{
	uint64_t done = 0;
	bool known = true;

	*all = 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t bytes = atomic_load_explicit(&sources[i]->bytes, memory_order_relaxed);

		done += atomic_load_explicit(&sources[i]->bytes_done, memory_order_relaxed);
		known = known && bytes;
		*all += bytes;
	}
	if (!known || done > *all) /* it may have grown */
		*all = 0;
	return done;
}

bool source_backlog(struct source **sources, size_t count, uint64_t *backlog)
{
	bool leased = false;

	*backlog = 0;
	for (size_t i = 0; i < count; i++) {
		leased |= sources[i]->settle != NULL;
		*backlog += atomic_load_explicit(&sources[i]->backlog, memory_order_relaxed);
	}
	return leased;
}
