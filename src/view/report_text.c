/* Text of the report. See report_text.h. */
#include "view/report_text.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"

#define ELLIPSIS "\xe2\x80\xa6"

/* --- data ---------------------------------------------------------------- */

/* Append the character at s; how many bytes it is made of. */
static size_t escape_one(struct buf *to, const char *s, size_t len)
{
	static const struct { char c; const char *html; } signs[] = {
		{ '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" }, { '"', "&quot;" },
	};
	size_t n = utf8_shown(s, len);

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (*s == signs[i].c) {
			buf_adds(to, signs[i].html);
			return 1;
		}
	}
	if (n) {
		buf_add(to, s, n);
		return n;
	}
	buf_addf(to, "\\x%02x", (unsigned)(unsigned char)*s);
	return 1;
}

void report_escape_cut(struct buf *to, const char *data, size_t len, size_t most)
{
	size_t from = to->len;

	while (len && to->len - from < most) {
		size_t n = escape_one(to, data, len);

		data += n;
		len -= n;
	}
	if (len)
		buf_adds(to, ELLIPSIS);
}

void report_escape(struct buf *to, const char *data, size_t len)
{
	report_escape_cut(to, data, len, SIZE_MAX);
}

/* Bytes of the sequence for a terminal that begins at s with ESC: CSI ... letter, or OSC ...
 * to its end; 0: it is none. */
static size_t escape_sequence(const char *s, size_t len)
{
	size_t n = 2;

	if (len < 2)
		return 0;
	if (s[1] == '[') {
		while (n < len && (unsigned char)s[n] >= 0x20 && (unsigned char)s[n] < 0x40)
			n++;
		return n < len && (unsigned char)s[n] >= 0x40 && (unsigned char)s[n] < 0x7f ? n + 1 : 0;
	}
	if (s[1] != ']')
		return 0;
	while (n < len && s[n] != '\a' && s[n] != '\033' && s[n] != '\n')
		n++;
	if (n < len && s[n] == '\a')
		return n + 1;
	return n + 1 < len && s[n] == '\033' && s[n + 1] == '\\' ? n + 2 : 0;
}

void report_escape_lines(struct buf *to, const char *data, size_t len)
{
	while (len) {
		size_t n = *data == '\033' ? escape_sequence(data, len) : 0;

		if (!n && *data == '\r' && len > 1 && data[1] == '\n')
			n = 1; /* the line ends with the other one */
		if (!n && (*data == '\n' || *data == '\t')) {
			buf_addc(to, *data);
			n = 1;
		}
		if (!n)
			n = escape_one(to, data, len);
		data += n;
		len -= n;
	}
}

/* --- numbers ------------------------------------------------------------- */

void report_number(struct buf *to, double n)
{
	if (n >= 999.5)
		report_count(to, (uint64_t)(n + 0.5));
	else
		buf_addf(to, n < 9.995 ? "%.2f" : n < 99.95 ? "%.1f" : "%.0f", n);
}

static const struct { double size; const char *name; } units[] = {
	{ 1e9, "s" }, { 1e6, "ms" }, { 1e3, "\xc2\xb5s" }, { 1, "ns" },
};

/* Which of them is the largest that is not more. */
static int report_unit(int64_t ns)
{
	int i = 0;

	while (i < 3 && (double)ns < units[i].size * 0.9995)
		i++;
	return i;
}

void report_round_time(struct buf *to, int64_t ns)
{
	int i = report_unit(ns);

	if (ns >= 60 * CLOCK_SECOND || ns <= 0)
		report_time(to, ns);
	else
		buf_addf(to, "%.4g" REPORT_BLANK "%s", (double)ns / units[i].size, units[i].name);
}

void report_time(struct buf *to, int64_t ns)
{
	unsigned long long seconds = (unsigned long long)((ns + CLOCK_SECOND / 2) / CLOCK_SECOND);
	int i = report_unit(ns);

	if (ns <= 0) {
		buf_adds(to, "0" REPORT_BLANK "s");
	} else if (seconds >= 86400) {
		buf_addf(to, "%llud%02lluh", seconds / 86400, seconds / 3600 % 24);
	} else if (seconds >= 3600) {
		buf_addf(to, "%lluh%02llum", seconds / 3600, seconds / 60 % 60);
	} else if (seconds >= 60) {
		buf_addf(to, "%llum%02llus", seconds / 60, seconds % 60);
	} else {
		report_number(to, (double)ns / units[i].size);
		buf_addf(to, REPORT_BLANK "%s", units[i].name);
	}
}

void report_count(struct buf *to, uint64_t n)
{
	char digits[32];
	int len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	while (len-- > 0) {
		buf_addc(to, digits[len]);
		if (len && len % 3 == 0)
			buf_addc(to, ',');
	}
}

void report_some(struct buf *to, uint64_t n, const char *noun)
{
	report_count(to, n);
	buf_addf(to, " %s%s", noun, n == 1 ? "" : "s");
}

/* Neither none nor all is rounded to. */
void report_percent(struct buf *to, double share)
{
	double percent = share * 100;

	if (percent > 0 && percent < 1)
		buf_adds(to, "&lt;1" REPORT_BLANK "%");
	else if (percent > 99 && percent < 99.95)
		buf_addf(to, "%.1f" REPORT_BLANK "%%", percent);
	else
		buf_addf(to, "%.0f" REPORT_BLANK "%%", percent);
}

void report_date(struct buf *to, int64_t wall)
{
	time_t seconds = (time_t)(wall / CLOCK_SECOND);
	char text[64] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &tm);
	buf_adds(to, text);
}
