/* Sums as Perl has them: whole numbers as long as they fit, then floats. See parts.h. */
#include "action/formula/parts.h"

#include <math.h>
#include <string.h>

#include "base/maths.h"

/* --- the operators -------------------------------------------------------- */

static bool arithmetic_whole(enum arithmetic what, int64_t a, int64_t b, int64_t *sum)
{
	switch (what) {
	case PLUS:
		return !__builtin_add_overflow(a, b, sum);
	case MINUS:
		return !__builtin_sub_overflow(a, b, sum);
	default:
		return !__builtin_mul_overflow(a, b, sum);
	}
}

static struct scalar arithmetic_sum(enum arithmetic what, struct scalar a, struct scalar b)
{
	int64_t sum;
	double x, y;

	if (a.kind == SCALAR_INTEGER && b.kind == SCALAR_INTEGER
	    && arithmetic_whole(what, a.integer, b.integer, &sum))
		return scalar_integer(sum);
	x = scalar_double(a);
	y = scalar_double(b);
	return scalar_float(what == PLUS ? x + y : what == MINUS ? x - y : x * y);
}

static uint64_t arithmetic_magnitude(int64_t n)
{
	return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

/* Only where a float would lose digits is it a whole number. */
static struct scalar arithmetic_quotient(struct scalar a, struct scalar b)
{
	bool whole = a.kind == SCALAR_INTEGER && b.kind == SCALAR_INTEGER && b.integer != -1
		&& arithmetic_magnitude(a.integer) > (uint64_t)1 << 53 && a.integer % b.integer == 0;

	return whole ? scalar_integer(a.integer / b.integer)
		: scalar_float(scalar_double(a) / scalar_double(b));
}

/* The sign is that of b. */
static struct scalar arithmetic_remainder(double a, double b)
{
	bool whole = fabs(a) < 18446744073709551616.0 && fabs(b) < 18446744073709551616.0;
	double rest;

	a = whole ? maths_whole(a) : a;
	b = whole ? maths_whole(b) : b;
	rest = maths.fmod(fabs(a), fabs(b));
	if (rest != 0 && (a < 0) != (b < 0))
		rest = fabs(b) - rest;
	return scalar_number(scalar_float(b < 0 ? -rest : rest));
}

static struct scalar arithmetic_modulo(struct scalar a, struct scalar b)
{
	uint64_t x, y, rest;

	if (a.kind != SCALAR_INTEGER || b.kind != SCALAR_INTEGER)
		return arithmetic_remainder(scalar_double(a), scalar_double(b));
	x = arithmetic_magnitude(a.integer);
	y = arithmetic_magnitude(b.integer);
	rest = x % y;
	if (rest && (a.integer < 0) != (b.integer < 0))
		rest = y - rest;
	return scalar_integer(b.integer < 0 ? -(int64_t)rest : (int64_t)rest);
}

static unsigned arithmetic_bits(uint64_t n)
{
	unsigned bits = 0;

	for (; n; n >>= 1)
		bits++;
	return bits;
}

/* Whole where it surely fits; powers of 2 are floats, as these hold them. */
static struct scalar arithmetic_power(struct scalar a, struct scalar b)
{
	uint64_t base, got = 1;
	bool minus;

	if (a.kind != SCALAR_INTEGER || b.kind != SCALAR_INTEGER || b.integer < 0 || b.integer > 63)
		return scalar_number(scalar_float(maths.pow(scalar_double(a), scalar_double(b))));
	base = arithmetic_magnitude(a.integer);
	minus = a.integer < 0 && b.integer % 2;
	if (arithmetic_bits(base) * (uint64_t)b.integer > 63)
		return scalar_float(maths.pow((double)a.integer, (double)b.integer));
	for (int64_t i = 0; i < b.integer; i++)
		got *= base;
	return scalar_integer(minus ? -(int64_t)got : (int64_t)got);
}

bool arithmetic_do(enum arithmetic what, struct scalar a, struct scalar b, struct scalar *result,
	const char **why)
{
	a = scalar_number(a);
	b = scalar_number(b);
	if ((what == DIVIDED && scalar_double(b) == 0)
	    || (what == MODULO && fabs(scalar_double(b)) < 1)) {
		*why = what == DIVIDED ? "divides by zero" : "takes what is left of zero";
		return false;
	}
	switch (what) {
	case DIVIDED:
		*result = arithmetic_quotient(a, b);
		break;
	case MODULO:
		*result = arithmetic_modulo(a, b);
		break;
	case POWER:
		*result = arithmetic_power(a, b);
		break;
	default:
		*result = arithmetic_sum(what, a, b);
		break;
	}
	return true;
}

/* --- one operand ---------------------------------------------------------- */

static bool arithmetic_is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* A name gets a sign before it, and what is no number and has one the other. */
struct scalar arithmetic_negate(struct arena *p, struct scalar s)
{
	if (s.kind == SCALAR_TEXT && s.text.len) {
		char first = s.text.data[0];
		bool name = arithmetic_is_letter(first) || first == '_';

		if (name || first == '+' || (first == '-' && !scalar_looks_like_number(s))) {
			char *text = arena_take(p, s.text.len + 2);

			text[0] = first == '-' ? '+' : '-';
			memcpy(text + 1, s.text.data + !name, s.text.len - !name);
			return scalar_text(text, s.text.len + name);
		}
	}
	if (s.kind != SCALAR_FLOAT)
		s = scalar_number(s);
	if (s.kind == SCALAR_FLOAT)
		return scalar_float(-s.number);
	return arithmetic_sum(MINUS, scalar_integer(0), s);
}

/* Letters, and then digits, nothing else? */
static bool arithmetic_counts(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && arithmetic_is_letter(s[i]))
		i++;
	while (i < len && s[i] >= '0' && s[i] <= '9')
		i++;
	return len && i == len;
}

/* az, ba; Zz, AAa; a9, b0; 08, 09. */
static struct scalar arithmetic_count_on(struct arena *p, struct scalar s)
{
	char *text = arena_take(p, s.text.len + 2);
	size_t i = s.text.len;
	char first = '0';

	memcpy(text + 1, s.text.data, s.text.len);
	for (; i > 0; i--) {
		char *c = &text[i];

		if (*c != 'z' && *c != 'Z' && *c != '9') {
			++*c;
			return scalar_text(text + 1, s.text.len);
		}
		first = *c == '9' ? '1' : *c == 'z' ? 'a' : 'A';
		*c = *c == '9' ? '0' : first;
	}
	text[0] = first;
	return scalar_text(text, s.text.len + 1);
}

struct scalar arithmetic_increment(struct arena *p, struct scalar s)
{
	if (s.kind == SCALAR_TEXT && arithmetic_counts(s.text.data, s.text.len))
		return arithmetic_count_on(p, s);
	return arithmetic_sum(PLUS, scalar_number(s), scalar_integer(1));
}

int arithmetic_compare(struct scalar a, struct scalar b)
{
	double x, y;

	a = scalar_number(a);
	b = scalar_number(b);
	if (a.kind == SCALAR_INTEGER && b.kind == SCALAR_INTEGER)
		return a.integer < b.integer ? -1 : a.integer > b.integer;
	x = scalar_double(a);
	y = scalar_double(b);
	if (isnan(x) || isnan(y))
		return 2;
	return x < y ? -1 : x > y;
}
