/* Redis by hiredis, loaded on demand. See redis.h.
 *
 * hiredis reads replies, and speaks TLS. Commands are put together and sent here: they are
 * not copied once more, and a connection that is gone sends nobody a SIGPIPE. */
#include "base/redis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"
#include "config.h"

#ifdef HAVE_REDIS

#include <dlfcn.h>
#include <hiredis/hiredis.h>

/* What is used of it, with the types of its header. */
#define FUNCTIONS(F) \
	F(redisConnectFd) F(redisSetTimeout) F(redisFree) F(redisGetReply) \
	F(redisAppendFormattedCommand) F(redisBufferWrite) F(freeReplyObject)

static struct {
#define MEMBER(name) __typeof__(name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
} api;

struct redis {
	redisContext *context;
	int64_t patience;
	bool secret; /* TLS */
	bool broken; /* what comes could be the answer to what was asked before */
	char why[160];
};

/* Its interface changes with its name: only that of the header will do. */
#define SPELL(version) #version
#define SPELLED(version) SPELL(version)
#define VERSION SPELLED(HIREDIS_SONAME)
#define VERSION_SHORT SPELLED(HIREDIS_MAJOR) "." SPELLED(HIREDIS_MINOR)
#ifdef __APPLE__
#define LIBRARY(version) "libhiredis." version ".dylib"
#else
#define LIBRARY(version) "libhiredis.so." version
#endif

static bool redis_find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof found);
	return found != NULL;
}

const char *redis_load(void)
{
	void *library;
	bool ok = true;

	if (api.redisConnectFd)
		return NULL;
	library = dlopen(LIBRARY(VERSION), RTLD_NOW | RTLD_LOCAL);
	if (!library)
		library = dlopen(LIBRARY(VERSION_SHORT), RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return LIBRARY(VERSION) " cannot be loaded; install hiredis " VERSION;
#define FIND(name) ok = ok && redis_find(library, #name, &api.name);
	FUNCTIONS(FIND)
#undef FIND
	if (!ok)
		memset(&api, 0, sizeof api);
	return ok ? NULL : LIBRARY(VERSION) " is not what it is called; install hiredis " VERSION;
}

const char *redis_load_tls(void)
{
	return "pq was built without TLS for Redis; install hiredis_ssl and its header, and "
		"configure again";
}

bool redis_begin_tls(struct redis *r, const char *host)
{
	(void)host;
	snprintf(r->why, sizeof r->why, "%s", redis_load_tls());
	return false;
}

/* --- connections ------------------------------------------------------- */

static bool redis_fail(struct redis *r, const char *why)
{
	snprintf(r->why, sizeof r->why, "%s", why);
	r->broken = true;
	return false;
}

static bool redis_fail_errno(struct redis *r, int error)
{
	char text[64];

	if (error != EAGAIN && error != EWOULDBLOCK && error != ETIMEDOUT)
		return redis_fail(r, strerror(error));
	snprintf(text, sizeof text, "there was no answer in %lld s",
		(long long)(r->patience + 999) / 1000);
	return redis_fail(r, text);
}

/* What hiredis has noticed; error is errno. */
static bool redis_fail_context(struct redis *r, int error)
{
	switch (r->context->err) {
	case REDIS_ERR_IO:
		return redis_fail_errno(r, error);
	case REDIS_ERR_EOF:
		return redis_fail(r, "the server has ended the connection");
	case REDIS_ERR_PROTOCOL:
		return redis_fail(r, "what answers there does not speak as Redis does");
	default:
		return redis_fail(r, r->context->errstr);
	}
}

struct redis *redis_open(int fd, int64_t patience)
{
	struct timeval wait = { .tv_sec = patience / 1000, .tv_usec = patience % 1000 * 1000 };
	struct redis *r = mem_zero(sizeof *r);

	r->context = api.redisConnectFd(fd);
	if (!r->context) {
		close(fd);
		free(r);
		return NULL;
	}
	r->patience = patience;
	api.redisSetTimeout(r->context, wait);
	return r;
}

void redis_close(struct redis *r)
{
	if (r)
		api.redisFree(r->context);
	free(r);
}

const char *redis_why(const struct redis *r)
{
	return r->why;
}

int redis_socket(const struct redis *r)
{
	return r->context->fd;
}

/* --- commands ---------------------------------------------------------- */

/* The socket blocks, and gives up in its time. */
static bool redis_write(struct redis *r, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(r->context->fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return redis_fail_errno(r, errno);
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool redis_write_secret(struct redis *r, const char *data, size_t len)
{
	int done = 0;

	if (api.redisAppendFormattedCommand(r->context, data, len) != REDIS_OK)
		return redis_fail_context(r, errno);
	while (!done)
		if (api.redisBufferWrite(r->context, &done) != REDIS_OK)
			return redis_fail_context(r, errno);
	return true;
}

bool redis_send(struct redis *r, const struct redis_words *w)
{
	bool (*write_it)(struct redis *, const char *, size_t) =
		r->secret ? redis_write_secret : redis_write;
	char head[32];
	int len = snprintf(head, sizeof head, "*%zu\r\n", w->count);

	return !r->broken && write_it(r, head, (size_t)len) && write_it(r, w->text.data, w->text.len);
}

struct redis_reply *redis_receive(struct redis *r)
{
	void *reply = NULL;

	if (r->broken)
		return NULL;
	errno = 0;
	if (api.redisGetReply(r->context, &reply) == REDIS_OK)
		return reply;
	redis_fail_context(r, errno);
	return NULL;
}

/* --- replies ----------------------------------------------------------- */

static const redisReply *redis_inner(const struct redis_reply *reply)
{
	return (const redisReply *)reply;
}

enum redis_kind redis_kind(const struct redis_reply *reply)
{
	switch (reply ? redis_inner(reply)->type : REDIS_REPLY_NIL) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
		return REDIS_IS_TEXT;
	case REDIS_REPLY_INTEGER:
		return REDIS_IS_NUMBER;
	case REDIS_REPLY_ARRAY:
		return REDIS_IS_LIST;
	case REDIS_REPLY_ERROR:
		return REDIS_IS_ERROR;
	default:
		return REDIS_IS_NIL;
	}
}

const char *redis_text(const struct redis_reply *reply, size_t *len)
{
	enum redis_kind kind = redis_kind(reply);
	bool text = kind == REDIS_IS_TEXT || kind == REDIS_IS_ERROR;

	if (len)
		*len = text ? redis_inner(reply)->len : 0;
	return text ? redis_inner(reply)->str : "";
}

int64_t redis_number(const struct redis_reply *reply)
{
	switch (redis_kind(reply)) {
	case REDIS_IS_NUMBER:
		return redis_inner(reply)->integer;
	case REDIS_IS_TEXT:
		return strtoll(redis_inner(reply)->str, NULL, 10);
	default:
		return 0;
	}
}

size_t redis_count(const struct redis_reply *list)
{
	return redis_kind(list) == REDIS_IS_LIST ? redis_inner(list)->elements : 0;
}

const struct redis_reply *redis_item(const struct redis_reply *list, size_t i)
{
	if (i >= redis_count(list))
		return NULL;
	return (const struct redis_reply *)redis_inner(list)->element[i];
}

void redis_drop(struct redis_reply *reply)
{
	if (reply)
		api.freeReplyObject(reply);
}

#else /* what asks for it has been refused, so the rest is never called */

const char *redis_load(void)
{
	return "pq was built without Redis queues; install hiredis and its header, and configure "
		"again";
}

const char *redis_load_tls(void)
{
	return redis_load();
}

struct redis *redis_open(int fd, int64_t patience)
{
	(void)patience;
	close(fd);
	return NULL;
}

bool redis_begin_tls(struct redis *r, const char *host)
{
	(void)r;
	(void)host;
	return false;
}

void redis_close(struct redis *r)
{
	(void)r;
}

const char *redis_why(const struct redis *r)
{
	(void)r;
	return redis_load();
}

int redis_socket(const struct redis *r)
{
	(void)r;
	return -1;
}

bool redis_send(struct redis *r, const struct redis_words *w)
{
	(void)r;
	(void)w;
	return false;
}

struct redis_reply *redis_receive(struct redis *r)
{
	(void)r;
	return NULL;
}

enum redis_kind redis_kind(const struct redis_reply *reply)
{
	(void)reply;
	return REDIS_IS_NIL;
}

const char *redis_text(const struct redis_reply *reply, size_t *len)
{
	(void)reply;
	if (len)
		*len = 0;
	return "";
}

int64_t redis_number(const struct redis_reply *reply)
{
	(void)reply;
	return 0;
}

size_t redis_count(const struct redis_reply *list)
{
	(void)list;
	return 0;
}

const struct redis_reply *redis_item(const struct redis_reply *list, size_t i)
{
	(void)list;
	(void)i;
	return NULL;
}

void redis_drop(struct redis_reply *reply)
{
	(void)reply;
}

#endif

struct redis_reply *redis_call(struct redis *r, const struct redis_words *w)
{
	return redis_send(r, w) ? redis_receive(r) : NULL;
}

void redis_word(struct redis_words *w, const void *data, size_t len)
{
	buf_addf(&w->text, "$%zu\r\n", len);
	buf_add(&w->text, data, len);
	buf_add(&w->text, "\r\n", 2);
	w->count++;
}

void redis_word_text(struct redis_words *w, const char *text)
{
	redis_word(w, text, strlen(text));
}

void redis_word_number(struct redis_words *w, int64_t number)
{
	char text[32];

	redis_word(w, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)number));
}

void redis_words_clear(struct redis_words *w)
{
	buf_clear(&w->text);
	w->count = 0;
}

void redis_words_free(struct redis_words *w)
{
	buf_free(&w->text);
}
