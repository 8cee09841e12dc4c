/* Texts and numbers, and how one is the other. See parts.h. */
#include "action/formula/parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/maths.h"

/* Floats up to here hold every whole number. */
#define SCALAR_EXACT 9007199254740992.0

struct scalar scalar_integer(int64_t n)
{
	return (struct scalar){ .kind = SCALAR_INTEGER, .integer = n };
}

struct scalar scalar_float(double n)
{
	return (struct scalar){ .kind = SCALAR_FLOAT, .number = n };
}

struct scalar scalar_text(const char *data, size_t len)
{
	return (struct scalar){ .kind = SCALAR_TEXT, .text = { data, len } };
}

/* What is not so is the empty text, and by its place known for a whole number as well. */
static const char scalar_not[] = "";

struct scalar scalar_bool(bool is)
{
	return is ? scalar_integer(1) : scalar_text(scalar_not, 0);
}

bool scalar_is_true(struct scalar s)
{
	switch (s.kind) {
	case SCALAR_UNDEFINED:
		return false;
	case SCALAR_INTEGER:
		return s.integer != 0;
	case SCALAR_FLOAT:
		return s.number != 0;
	case SCALAR_TEXT:
		break;
	}
	return s.text.len > 1 || (s.text.len && s.text.data[0] != '0');
}

/* --- numbers in texts ----------------------------------------------------- */

static bool scalar_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t scalar_digits(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && scalar_is_digit(s[i]))
		i++;
	return i;
}

static size_t scalar_exponent(const char *s, size_t len)
{
	size_t i = 1, digits;

	if (!len || (s[0] | 0x20) != 'e')
		return 0;
	i += len > 1 && (s[1] == '-' || s[1] == '+');
	digits = i < len ? scalar_digits(s + i, len - i) : 0;
	return digits ? i + digits : 0;
}

size_t scalar_number_length(const char *s, size_t len, bool *whole)
{
	size_t i = scalar_digits(s, len), fraction = 0;

	*whole = true;
	if (i < len && s[i] == '.') {
		fraction = scalar_digits(s + i + 1, len - i - 1);
		if (!i && !fraction)
			return 0;
		i += 1 + fraction;
		*whole = false;
	}
	if (i) {
		size_t exponent = scalar_exponent(s + i, len - i);

		*whole = *whole && !exponent;
		i += exponent;
	}
	return i;
}

/* inf, infinity or nan, in letters of any size: how long. */
static size_t scalar_beyond(const char *s, size_t len, double *n)
{
	static const struct {
		const char *name;
		double is;
	} names[] = { { "infinity", INFINITY }, { "inf", INFINITY }, { "nan", NAN } };

	for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
		size_t i = 0, most = strlen(names[k].name);

		while (i < most && i < len && (s[i] | 0x20) == names[k].name[i])
			i++;
		*n = names[k].is;
		if (i == most)
			return i;
	}
	return 0;
}

static bool scalar_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* False: so many digits are more than fits. */
static bool scalar_fits(const char *digits, size_t n, bool minus, int64_t *is)
{
	uint64_t got = 0;

	for (size_t i = 0; i < n && n < 20; i++)
		got = got * 10 + (uint64_t)(digits[i] - '0');
	*is = minus ? -(int64_t)got : (int64_t)got;
	return n < 20 && got <= INT64_MAX;
}

/* The number that a text begins with; *all: there is one, and nothing else. */
static struct scalar scalar_read(const char *s, size_t len, bool *all)
{
	size_t at = 0, n, sign;
	char digits[400];
	int64_t small;
	double beyond;
	bool whole;

	while (at < len && scalar_is_space(s[at]))
		at++;
	while (len > at && scalar_is_space(s[len - 1]))
		len--;
	sign = at;
	at += at < len && (s[at] == '-' || s[at] == '+');
	n = scalar_number_length(s + at, len - at, &whole);
	*all = n && at + n == len;
	if (!n && (n = scalar_beyond(s + at, len - at, &beyond))) {
		*all = at + n == len;
		return scalar_float(s[sign] == '-' ? -beyond : beyond);
	}
	if (whole && scalar_fits(s + at, n, sign < at && s[sign] == '-', &small))
		return small || !n || s[sign] != '-' ? scalar_integer(small) : scalar_float(-0.0);
	n += at - sign;
	n = n < sizeof digits - 1 ? n : sizeof digits - 1;
	memcpy(digits, s + sign, n);
	digits[n] = '\0';
	return scalar_float(strtod(digits, NULL));
}

struct scalar scalar_number(struct scalar s)
{
	/* a text may be any that fits */
	double most = s.kind == SCALAR_TEXT ? 9223372036854775808.0 : SCALAR_EXACT;
	bool all;

	if (s.kind == SCALAR_UNDEFINED)
		return scalar_float(0);
	if (s.kind == SCALAR_TEXT && s.text.data == scalar_not)
		return scalar_integer(0);
	if (s.kind == SCALAR_TEXT) {
		s = scalar_read(s.text.data, s.text.len, &all);
		if (!all)
			return s.kind == SCALAR_INTEGER ? scalar_float((double)s.integer) : s;
	}
	if (s.kind == SCALAR_FLOAT && fabs(s.number) < most && s.number == maths_whole(s.number))
		return scalar_integer((int64_t)s.number);
	return s;
}

bool scalar_looks_like_number(struct scalar s)
{
	bool all = s.kind != SCALAR_UNDEFINED;

	if (s.kind == SCALAR_TEXT)
		scalar_read(s.text.data, s.text.len, &all);
	return all;
}

double scalar_double(struct scalar s)
{
	if (s.kind != SCALAR_FLOAT) /* else it may be 0 with a sign */
		s = scalar_number(s);
	return s.kind == SCALAR_INTEGER ? (double)s.integer : s.number;
}

int64_t scalar_whole(struct scalar s)
{
	struct scalar n = scalar_number(s);

	if (n.kind == SCALAR_INTEGER)
		return n.integer;
	if (isnan(n.number))
		return 0;
	if (n.number >= 9223372036854775807.0)
		return INT64_MAX;
	return n.number <= -9223372036854775808.0 ? INT64_MIN : (int64_t)n.number;
}

/* --- texts ---------------------------------------------------------------- */

static int scalar_write_float(char *to, size_t size, double n)
{
	if (isnan(n))
		return snprintf(to, size, "NaN");
	if (isinf(n))
		return snprintf(to, size, n < 0 ? "-Inf" : "Inf");
	if (n == 0) /* and no sign */
		return snprintf(to, size, "0");
	return snprintf(to, size, "%.15g", n);
}

struct scalar scalar_as_text(struct arena *p, struct scalar s)
{
	char digits[40];
	int len;

	switch (s.kind) {
	case SCALAR_UNDEFINED:
		return scalar_text("", 0);
	case SCALAR_TEXT:
		return s;
	case SCALAR_INTEGER:
		len = snprintf(digits, sizeof digits, "%lld", (long long)s.integer);
		break;
	default:
		len = scalar_write_float(digits, sizeof digits, s.number);
		break;
	}
	return scalar_text(arena_copy(p, digits, (size_t)len), (size_t)len);
}

int scalar_compare_texts(struct arena *p, struct scalar a, struct scalar b)
{
	int order;

	a = scalar_as_text(p, a);
	b = scalar_as_text(p, b);
	order = memcmp(a.text.data, b.text.data, a.text.len < b.text.len ? a.text.len : b.text.len);
	if (order)
		return order < 0 ? -1 : 1;
	return a.text.len < b.text.len ? -1 : a.text.len > b.text.len;
}
