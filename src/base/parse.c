/* Numbers, sizes, times and characters as people write them. See parse.h. */
#include "base/parse.h"

#include <signal.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/signal_name.h"

/* A decimal number as digits/divisor, so that 0.3 times a unit stays exact. */
struct decimal {
	long double digits, divisor;
};

static bool parse_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Read digits with an optional fraction at *s, and move past them. */
static bool scan_decimal(const char **s, struct decimal *out)
{
	struct decimal d = { 0, 1 };
	bool fraction = false, any = false;

	for (; parse_is_digit(**s) || (**s == '.' && !fraction); (*s)++) {
		if (**s == '.') {
			fraction = true;
			continue;
		}
		any = true;
		d.digits = d.digits * 10 + (**s - '0');
		if (fraction)
			d.divisor *= 10;
	}
	*out = d;
	return any;
}

bool parse_count(const char *s, uint64_t *out)
{
	uint64_t n = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (!parse_is_digit(*s) || n > (UINT64_MAX - (uint64_t)(*s - '0')) / 10)
			return false;
		n = n * 10 + (uint64_t)(*s - '0');
	}
	*out = n;
	return true;
}

/* The bytes of a unit, all of s; 0 when it is none. */
static long double size_unit(const char *s)
{
	static const char upper[] = "KMGTP", lower[] = "kmgtp";
	long double base = 1000, bytes = 1;
	const char *at = NULL;

	if (*s && (at = strchr(upper, *s))) {
		base = 1024;
		at = lower + (at - upper);
	} else if (*s) {
		at = strchr(lower, *s);
	}
	if (at) {
		s++;
		if (s[0] == 'i' && (s[1] == 'B' || s[1] == 'b')) {
			base = 1024;
			s++;
		}
		for (const char *c = lower; c <= at; c++)
			bytes *= base;
	}
	if (*s == 'B' || (at && *s == 'b'))
		s++;
	return *s ? 0 : bytes;
}

bool parse_size(const char *s, uint64_t *out)
{
	struct decimal d;
	long double unit, bytes;

	if (!scan_decimal(&s, &d))
		return false;
	unit = size_unit(s);
	bytes = d.digits * unit / d.divisor;
	/* Half a byte is no size; and what overflowed to infinity is refused too. */
	if (unit == 0 || (unit == 1 && d.divisor > 1) || !(bytes < 0x1p64L))
		return false;
	*out = (uint64_t)bytes;
	return true;
}

/* The nanoseconds of the unit that the letters at *s are, moving past them; 0 when they
 * are none. */
static long double time_unit(const char **s)
{
	static const struct {
		const char *names; /* a blank before and behind each */
		int64_t ns;
	} units[] = {
		{ " ns ", 1 }, { " us ", 1000 }, { " ms ", CLOCK_MS },
		{ " s sec secs second seconds ", CLOCK_SECOND },
		{ " m min mins minute minutes ", 60 * CLOCK_SECOND },
		{ " h hr hrs hour hours ", 3600 * CLOCK_SECOND },
		{ " d day days ", 86400 * CLOCK_SECOND },
	};
	size_t len = strspn(*s, "abcdefghijklmnopqrstuvwxyz");
	char word[16];

	if (!len || len + 3 > sizeof word)
		return 0;
	word[0] = ' ';
	memcpy(word + 1, *s, len);
	memcpy(word + 1 + len, " ", 2);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strstr(units[i].names, word)) {
			*s += len;
			return units[i].ns;
		}
	return 0;
}

bool parse_time(const char *s, int64_t *out)
{
	struct decimal d;
	long double unit, sum = 0;
	bool first = true;

	do {
		if (!scan_decimal(&s, &d))
			return false;
		unit = first && !*s ? CLOCK_SECOND : time_unit(&s);
		if (unit == 0)
			return false;
		sum += d.digits * unit / d.divisor;
		first = false;
	} while (*s);
	if (!(sum < 0x1p63L))
		return false;
	*out = (int64_t)sum;
	return true;
}

bool parse_percent(const char *s, double *out)
{
	struct decimal d;
	long double percent;

	if (!scan_decimal(&s, &d) || strcmp(s, "%") != 0)
		return false;
	percent = d.digits / d.divisor;
	if (!(percent <= 1e9L))
		return false;
	*out = (double)percent;
	return true;
}

/* Append all of s; a backslash that is the last byte is itself. */
static bool parse_escapes(const char *s, struct buf *out)
{
	for (size_t len = strlen(s), n; len; s += n, len -= n) {
		n = 1;
		if (s[0] != '\\' || len == 1)
			buf_addc(out, s[0]);
		else if ((n = escape_read(s + 1, len - 1, ESCAPE_ALL, true, out)) > 0)
			n++;
		else
			return false;
	}
	return true;
}

bool parse_char(const char *s, char *out)
{
	struct buf bytes = { 0 };
	bool ok = parse_escapes(s, &bytes) && bytes.len == 1;

	if (ok)
		*out = *bytes.data;
	buf_free(&bytes);
	return ok;
}

bool parse_bytes(const char *s, char *out, size_t *len)
{
	struct buf bytes = { 0 };
	bool ok = parse_escapes(s, &bytes);

	if (ok) {
		*len = bytes.len;
		memcpy(out, buf_str(&bytes), bytes.len);
	}
	buf_free(&bytes);
	return ok;
}

bool parse_signal(const char *s, int *out)
{
	uint64_t n;

	if (parse_count(s, &n)) {
		if (n == 0 || n >= NSIG)
			return false;
		*out = (int)n;
		return true;
	}
	return signal_by_name(s, out);
}
