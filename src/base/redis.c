/* Redis by hiredis, loaded on demand. See redis.h.
 *
 * hiredis makes replies of what has come. Commands are put together and sent here: they are
 * not copied once more, and a connection that is gone sends nobody a SIGPIPE. So any version
 * of hiredis will do, and TLS is base/tls's. */
#include "base/redis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tls.h"
#include "config.h"

#ifdef HAVE_REDIS

#include <dlfcn.h>
#include <hiredis/hiredis.h>

/* What is used of it, with the types of its header. */
#define FUNCTIONS(F) \
	F(redisReaderCreate) F(redisReaderFree) F(redisReaderFeed) F(redisReaderGetReply) \
	F(freeReplyObject)

static struct {
#define MEMBER(name) __typeof__(name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
} api;

struct redis {
	int fd;
	struct tls *tls; /* NULL: none */
	redisReader *reader;
	int64_t patience;
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

	if (api.redisReaderCreate)
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

/* --- connections ------------------------------------------------------- */

static bool redis_fail(struct redis *r, const char *why)
{
	snprintf(r->why, sizeof r->why, "%s", why);
	r->broken = true;
	return false;
}

static bool redis_fail_ended(struct redis *r)
{
	return redis_fail(r, "the server has ended the connection");
}

static bool redis_fail_errno(struct redis *r, int error)
{
	char text[64];

	if (error == EPIPE || error == ECONNRESET)
		return redis_fail_ended(r);
	if (error != EAGAIN && error != EWOULDBLOCK && error != ETIMEDOUT)
		return redis_fail(r, strerror(error));
	snprintf(text, sizeof text, "there was no answer in %lld s",
		(long long)(r->patience + 999) / 1000);
	return redis_fail(r, text);
}

struct redis *redis_open(int fd, int64_t patience)
{
	struct timeval wait = { .tv_sec = patience / 1000, .tv_usec = patience % 1000 * 1000 };
	struct redis *r = mem_zero(sizeof *r);

	r->fd = fd;
	r->patience = patience;
	r->reader = api.redisReaderCreate();
	if (!r->reader)
		redis_fail(r, strerror(ENOMEM));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	return r;
}

bool redis_begin_tls(struct redis *r, const char *host)
{
	struct buf why = { 0 };

	r->tls = tls_open(r->fd, host, &why);
	if (!r->tls)
		redis_fail(r, buf_str(&why));
	buf_free(&why);
	return r->tls != NULL;
}

void redis_close(struct redis *r)
{
	if (!r)
		return;
	tls_close(r->tls);
	close(r->fd);
	if (r->reader)
		api.redisReaderFree(r->reader);
	free(r);
}

const char *redis_why(const struct redis *r)
{
	return r->why;
}

int redis_socket(const struct redis *r)
{
	return r->fd;
}

/* --- commands ---------------------------------------------------------- */

/* The socket blocks, and gives up in its time. */
static bool redis_write(struct redis *r, const char *data, size_t len)
{
	if (r->tls)
		return tls_write(r->tls, data, len) || redis_fail_errno(r, errno);
	while (len > 0) {
		ssize_t n = send(r->fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return redis_fail_errno(r, errno);
		data += n;
		len -= (size_t)n;
	}
	return true;
}

bool redis_send(struct redis *r, const struct redis_words *w)
{
	char head[32];
	int len = snprintf(head, sizeof head, "*%zu\r\n", w->count);

	return !r->broken && redis_write(r, head, (size_t)len)
		&& redis_write(r, w->text.data, w->text.len);
}

/* More of what comes; false: there is no more. */
static bool redis_feed(struct redis *r)
{
	char bytes[16384];
	ssize_t n;

	do
		n = r->tls ? tls_read(r->tls, bytes, sizeof bytes) : recv(r->fd, bytes, sizeof bytes, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return redis_fail_errno(r, errno);
	if (n == 0)
		return redis_fail_ended(r);
	return api.redisReaderFeed(r->reader, bytes, (size_t)n) == REDIS_OK
		|| redis_fail(r, strerror(ENOMEM));
}

struct redis_reply *redis_receive(struct redis *r)
{
	void *reply = NULL;

	while (!r->broken) {
		if (api.redisReaderGetReply(r->reader, &reply) != REDIS_OK)
			redis_fail(r, r->reader->err == REDIS_ERR_OOM ? strerror(ENOMEM)
				: "what answers there does not speak as Redis does");
		else if (reply)
			return reply;
		else
			redis_feed(r);
	}
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
