/* pq's voice on stderr, and the status line below it. See msg.h. */
#include "base/msg.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/color.h"
#include "base/io.h"
#include "base/thread.h"
#include "base/utf8.h"

enum { LINE = 4096, KINDS = 16, TOLD = 10 };

/* How long a message waits for a terminal that takes no output (Ctrl-S) before
 * it is written all the same. */
#define PATIENCE (50 * CLOCK_MS)

/* Guards the terminal: the status line, and who writes to it. */
static lock terminal = LOCK_INIT;
static char status[LINE];        /* what the status line says; empty: none */
static bool shown;               /* it is on the screen now */
static bool mid_line;            /* output ended there without a newline */

static lock counting = LOCK_INIT; /* guards kinds */
static struct {
	const char *kind;
	unsigned long times;
} kinds[KINDS];

static atomic_bool deaf;
static void (*undo_at_death)(void); /* set before there are threads */

static bool colored; /* set before there are threads */

static _Thread_local bool hasty;

void msg_hasty(bool on)
{
	hasty = on;
}

/* A pipe that can be written to takes as much at once as a message can be long. */
static bool msg_is_taken(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) != 0;
}

static void msg_say(const char *data, size_t len)
{
	if (hasty && !msg_is_taken(STDERR_FILENO))
		return;
	if (!io_write(STDERR_FILENO, data, len) && errno != EPIPE)
		atomic_store(&deaf, true);
}

bool msg_heard(void)
{
	return !atomic_load(&deaf);
}

static void erase_status(void)
{
	if (shown)
		msg_say("\r\033[K", 4);
	shown = false;
}

static void draw_status(void)
{
	if (!status[0] || mid_line)
		return;
	msg_say(status, strlen(status));
	shown = true;
}

/* What nobody quoted must not reach the terminal, nor break the line. */
static void disarm(char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_shown(s + i, len - i);
		if (!n)
			s[i] = '?';
		n += !n;
	}
}

void msg_plain(const char *line, size_t len)
{
	bool ours = lock_take_for(&terminal, PATIENCE);

	if (ours) {
		erase_status();
		if (mid_line)
			msg_say("\n", 1);
		mid_line = false;
	}
	msg_say(line, len);
	if (ours) {
		draw_status();
		lock_give(&terminal);
	}
}

/* Write one line, in this colour, or as it is where that is empty; the status line makes room
 * for it. */
static void msg_say_line(const char *color, const char *format, va_list ap)
{
	char text[LINE] = "pq: ", line[LINE + 16];
	size_t len = 4;
	int n = vsnprintf(text + len, sizeof text - len, format, ap);

	if (n < 0)
		return;
	len += (size_t)n < sizeof text - len ? (size_t)n : sizeof text - len - 1;
	disarm(text, len);
	n = snprintf(line, sizeof line, "%s%.*s%s\n", color, (int)len, text,
		*color ? COLOR_NONE : "");
	msg_plain(line, (size_t)n);
}

static void say_line(const char *format, va_list ap)
{
	msg_say_line("", format, ap);
}

void msg_color(bool on)
{
	colored = on;
}

void msg_warn(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line(format, ap);
	va_end(ap);
}

void msg_lines(const struct buf *text)
{
	const char *line = text->data, *end = line + text->len, *stop;

	for (; line < end && (stop = memchr(line, '\n', (size_t)(end - line))); line = stop + 1)
		msg_warn("%.*s", (int)(stop - line), line);
}

void msg_before_death(void (*undo)(void))
{
	undo_at_death = undo;
}

void msg_die(int exit_status, const char *format, ...)
{
	va_list ap;

	if (undo_at_death)
		undo_at_death();
	status[0] = '\0';
	va_start(ap, format);
	say_line(format, ap);
	va_end(ap);
	_exit(exit_status);
}

void msg_no_memory(size_t size)
{
	msg_die(125, "out of memory: %zu more bytes were refused; try a smaller "
		"-Q, --queue-bytes or -j", size);
}

/* Count one more of this kind; true while it is to be told. */
static bool worth_telling(const char *kind)
{
	bool tell = true;

	lock_take(&counting);
	for (int i = 0; i < KINDS; i++) {
		if (!kinds[i].kind)
			kinds[i].kind = kind;
		if (kinds[i].kind == kind) {
			tell = ++kinds[i].times <= TOLD;
			break;
		}
	}
	lock_give(&counting);
	return tell;
}

void msg_many(const char *kind, const char *format, ...)
{
	va_list ap;

	if (!worth_telling(kind))
		return;
	va_start(ap, format);
	say_line(format, ap);
	va_end(ap);
}

void msg_failed(const char *kind, const char *format, ...)
{
	va_list ap;

	if (kind && !worth_telling(kind))
		return;
	va_start(ap, format);
	msg_say_line(colored ? COLOR_RED : "", format, ap);
	va_end(ap);
}

void msg_finish(void)
{
	for (int i = 0; i < KINDS && kinds[i].kind; i++)
		if (kinds[i].times > TOLD)
			msg_warn("%s: %lu more like the ten above", kinds[i].kind,
				kinds[i].times - TOLD);
}

/* Append one character in printable form; its length in bytes. */
static size_t quote_one(struct buf *b, const char *s, size_t len)
{
	static const char plain[] = "\a\b\t\n\v\f\r", names[] = "abtnvfr";
	const char *found;
	size_t n = utf8_shown(s, len);

	if (n) {
		if (s[0] == '\'' || s[0] == '\\')
			buf_addc(b, '\\');
		buf_add(b, s, n);
		return n;
	}
	found = s[0] ? strchr(plain, s[0]) : NULL;
	if (found)
		buf_addf(b, "\\%c", names[found - plain]);
	else
		buf_addf(b, "\\x%02x", (unsigned)(unsigned char)s[0]);
	return 1;
}

void msg_quote(struct buf *b, const char *data, size_t len, size_t most)
{
	size_t from = b->len;

	buf_addc(b, '\'');
	while (len > 0) {
		size_t n;

		if (b->len - from > most)
			break;
		n = quote_one(b, data, len);
		data += n;
		len -= n;
	}
	buf_adds(b, len ? "...'" : "'");
}

void msg_status(const char *line)
{
	if (!lock_try(&terminal))
		return; /* output is being written: the next frame is soon enough */
	if (line) {
		/* The line's end is cleared after it, so it never flickers. */
		snprintf(status, sizeof status, "\r%s\033[K", line);
	} else {
		erase_status();
		status[0] = '\0';
	}
	draw_status();
	lock_give(&terminal);
}

void msg_lift(void)
{
	lock_take(&terminal);
	erase_status();
}

void msg_lower(bool whole)
{
	mid_line = !whole;
	draw_status();
	lock_give(&terminal);
}
