/* Streams to servers. See dial.h. */
#include "base/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

static int dial_socket(int family)
{
#ifdef SOCK_CLOEXEC
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#else
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd >= 0) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, O_NONBLOCK);
	}
	return fd;
#endif
}

/* Wait until it is connected, or is not. errno. */
static int dial_await(int fd, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0, n;
	socklen_t size = sizeof error;

	do {
		int64_t left = (until - clock_now()) / CLOCK_MS;

		n = poll(&p, 1, left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
	} while (n < 0 && errno == EINTR);
	if (n == 0)
		return ETIMEDOUT;
	return n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

/* -1 with errno. */
static int dial_address(const struct sockaddr *address, socklen_t size, int64_t until)
{
	int fd = dial_socket(address->sa_family), error = 0;

	if (fd < 0)
		return -1;
	/* A local socket whose server has no place for one more says EAGAIN. */
	if (connect(fd, address, size) < 0)
		error = errno == EINPROGRESS || errno == EINTR ? dial_await(fd, until) : errno;
	if (!error && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) == 0)
		return fd;
	close(fd);
	errno = error ? error : EIO;
	return -1;
}

/* Small commands go out at once, and a host that is gone is noticed some day. */
static void dial_tune(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

static int dial_failed(struct buf *why, int error)
{
	buf_adds(why, strerror(error));
	errno = error;
	return -1;
}

int dial_host(const char *host, const char *port, int64_t patience, struct buf *why)
{
	struct addrinfo wanted = { .ai_socktype = SOCK_STREAM }, *all = NULL;
	int64_t until = clock_now() + patience * CLOCK_MS;
	int error = getaddrinfo(host, port, &wanted, &all), fd = -1;

	if (error) {
		buf_adds(why, error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
		errno = error == EAI_SYSTEM ? errno : 0;
		return -1;
	}
	for (struct addrinfo *a = all; a && fd < 0; a = a->ai_next)
		fd = dial_address(a->ai_addr, a->ai_addrlen, until);
	error = errno;
	freeaddrinfo(all);
	if (fd < 0)
		return dial_failed(why, error);
	dial_tune(fd);
	return fd;
}

int dial_path(const char *path, int64_t patience, struct buf *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof address.sun_path)
		return dial_failed(why, ENAMETOOLONG);
	strcpy(address.sun_path, path);
	fd = dial_address((const struct sockaddr *)&address, sizeof address,
		clock_now() + patience * CLOCK_MS);
	return fd < 0 ? dial_failed(why, errno) : fd;
}
