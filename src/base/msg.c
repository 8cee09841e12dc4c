/* pq's voice on stderr, and the status below it. See msg.h. */
#include "base/msg.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/color.h"
#include "base/io.h"
#include "base/keys.h"
#include "base/status.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "base/width.h"

enum { LINE = 4096, KINDS = 16, TOLD = 10 };

/* How long a message waits for a terminal that takes no output (Ctrl-S) before
 * it is written all the same; of a thread that must not wait for it, and of others, which
 * would only break into what somebody slow is about to write. */
#define PATIENCE_HASTY (50 * CLOCK_MS)
#define PATIENCE (2 * CLOCK_SECOND)

/* Guards the terminal: the status, and who writes to it. */
static lock terminal = LOCK_INIT;
static char status[MSG_STATUS];  /* what it says, */
static bool wanted;              /* if there is to be any */
static char screen[MSG_STATUS];  /* what of it is on the screen now, */
static bool shown;               /* if there is any */
static bool mid_line;            /* output ended there without a newline */
static char out[2 * MSG_STATUS]; /* what is to be written at once, */
static size_t nout;              /* so far */

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

/* With the lock, as all that follows: what is written together is seen together, so that
 * nothing flickers. */
static void out_flush(void)
{
	if (nout)
		msg_say(out, nout);
	nout = 0;
}

static void out_add(const char *data, size_t len)
{
	if (len > sizeof out - nout)
		out_flush();
	if (len > sizeof out) {
		msg_say(data, len);
		return;
	}
	memcpy(out + nout, data, len);
	nout += len;
}

/* The rows of the terminal that a line takes: after a window has been made narrower, more than
 * one, for terminals wrap what no longer fits. */
static size_t status_rows(size_t width, size_t columns)
{
	return columns && width > columns ? (width + columns - 1) / columns : 1;
}

static size_t terminal_width(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 ? 0 : size.ws_col;
}

/* To the beginning of what is on the screen; it is a line, in one row. */
static bool out_home(void)
{
	size_t columns = terminal_width(), rows = 0;
	char text[32];

	for (const char *line = screen, *end; line; line = *end ? end + 1 : NULL) {
		end = line + strcspn(line, "\n");
		rows += status_rows(width_of(line, (size_t)(end - line)), columns);
	}
	out_add("\r", 1);
	if (rows > 1)
		out_add(text, (size_t)snprintf(text, sizeof text, "\033[%zuA", rows - 1));
	return rows == 1;
}

static void erase_status(void)
{
	if (!shown)
		return;
	if (out_home())
		out_add("\033[K", 3);
	else
		out_add("\033[J", 3);
	shown = false;
}

/* Over what is there, each line's end cleared after it, so that nothing is seen to go. */
static void draw_status(void)
{
	bool one = true;

	if (!wanted || mid_line)
		return;
	if (shown)
		one = out_home();
	else
		out_add("\r", 1);
	for (const char *line = status, *end; line; line = *end ? end + 1 : NULL) {
		end = line + strcspn(line, "\n");
		out_add(line, (size_t)(end - line));
		out_add("\033[K", 3);
		if (*end)
			out_add("\r\n", 2);
	}
	if (!one)
		out_add("\033[J", 3); /* there may have been more of them */
	strcpy(screen, status);
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
	if (!lock_take_for(&terminal, hasty ? PATIENCE_HASTY : PATIENCE)) {
		msg_say(line, len);
		return;
	}
	erase_status();
	if (mid_line)
		out_add("\n", 1);
	mid_line = false;
	out_add(line, len);
	draw_status();
	out_flush();
	lock_give(&terminal);
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
	keys_rest();
	wanted = false;
	va_start(ap, format);
	say_line(format, ap);
	va_end(ap);
	_exit(status_said(exit_status));
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

void msg_status(const char *text)
{
	if (!lock_try(&terminal))
		return; /* output is being written: the next frame is soon enough */
	wanted = text != NULL;
	snprintf(status, sizeof status, "%s", wanted ? text : "");
	if (wanted)
		draw_status();
	else
		erase_status();
	out_flush();
	lock_give(&terminal);
}

void msg_lift(void)
{
	lock_take(&terminal);
	erase_status();
	out_flush();
}

void msg_lower(bool whole)
{
	mid_line = !whole;
	draw_status();
	out_flush();
	lock_give(&terminal);
}
