/* sprintf of a formula. See parts.h. */
#include "action/formula/parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Bytes that a number may be padded to. */
enum { FORMAT_WIDEST = 4096 };

/* What stands between % and the letter. */
struct directive {
	char flags[8];
	int width, precision; /* -1: none */
};

struct formatting {
	struct work *w;
	const struct list *args;
	size_t next;          /* of these */
	struct buf to;
};

static struct scalar format_next(struct formatting *f)
{
	return f->next < f->args->count ? f->args->items[f->next++] : (struct scalar){ 0 };
}

static const char *format_count(struct formatting *f, const char *s, const char *end, int *n)
{
	int64_t got = 0;

	if (s < end && *s == '*') {
		got = scalar_whole(format_next(f));
		*n = got > FORMAT_WIDEST ? FORMAT_WIDEST : got < -FORMAT_WIDEST ? -FORMAT_WIDEST : (int)got;
		return s + 1;
	}
	for (; s < end && *s >= '0' && *s <= '9'; s++)
		got = got < FORMAT_WIDEST ? got * 10 + (*s - '0') : FORMAT_WIDEST;
	*n = got > FORMAT_WIDEST ? FORMAT_WIDEST : (int)got;
	return s;
}

static const char *format_directive(struct formatting *f, const char *s, const char *end,
	struct directive *d)
{
	size_t flags = 0;

	*d = (struct directive){ .precision = -1 };
	for (; s < end && *s && strchr("-+ 0#", *s); s++)
		if (!strchr(d->flags, *s) && flags < sizeof d->flags - 1)
			d->flags[flags++] = *s;
	s = format_count(f, s, end, &d->width);
	if (d->width < 0) {
		d->width = -d->width;
		if (!strchr(d->flags, '-'))
			d->flags[flags++] = '-';
	}
	if (s < end && *s == '.') {
		s = format_count(f, s + 1, end, &d->precision);
		d->precision = d->precision < 0 ? -1 : d->precision;
	}
	while (s < end && *s && strchr("lhqLV", *s))
		s++;
	return s;
}

static void format_pad(struct buf *to, const struct directive *d, const char *text, size_t len)
{
	size_t width = (size_t)d->width, blanks = width > len ? width - len : 0;
	bool left = strchr(d->flags, '-') != NULL;
	char with = !left && strchr(d->flags, '0') ? '0' : ' ';

	for (size_t i = 0; i < blanks && !left; i++)
		buf_addc(to, with);
	buf_add(to, text, len);
	for (size_t i = 0; i < blanks && left; i++)
		buf_addc(to, ' ');
}

static void format_text(struct formatting *f, const struct directive *d)
{
	struct scalar s = scalar_as_text(&f->w->arena, format_next(f));
	size_t len = s.text.len;

	if (d->precision >= 0 && (size_t)d->precision < len)
		len = (size_t)d->precision;
	format_pad(&f->to, d, s.text.data, len);
}

/* Beyond what has a sign it is one without, in the same bits. */
static int64_t format_whole(struct scalar s)
{
	double n = scalar_double(s);

	if (n < 9223372036854775808.0)
		return scalar_whole(s);
	return n < 18446744073709551616.0 ? (int64_t)(uint64_t)n : -1;
}

/* Room for any: what precision and width ask for, and 400 bytes. */
static void format_number(struct formatting *f, const struct directive *d, const char *type,
	struct scalar s, bool whole)
{
	char spelled[32], precision[16] = "";
	size_t room = (size_t)d->width + (size_t)(d->precision < 0 ? 0 : d->precision) + 400;
	int len;

	if (d->precision >= 0)
		snprintf(precision, sizeof precision, ".%d", d->precision);
	snprintf(spelled, sizeof spelled, "%%%s%d%s%s", d->flags, d->width, precision, type);
	if (!d->width)
		snprintf(spelled, sizeof spelled, "%%%s%s%s", d->flags, precision, type);
	if (!work_has_room(f->w, f->to.len + room))
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (whole)
		len = snprintf(buf_reserve(&f->to, room), room, spelled, (long long)format_whole(s));
	else
		len = snprintf(buf_reserve(&f->to, room), room, spelled, scalar_double(s));
#pragma GCC diagnostic pop
	f->to.len += len < 0 ? 0 : (size_t)len < room ? (size_t)len : room - 1;
}

static void format_binary(struct formatting *f, const struct directive *d)
{
	uint64_t n = (uint64_t)scalar_whole(format_next(f));
	char digits[70];
	size_t at = sizeof digits;
	bool marked = n && strchr(d->flags, '#');

	do
		digits[--at] = (char)('0' + n % 2);
	while (n /= 2);
	if (marked) {
		digits[--at] = 'b';
		digits[--at] = '0';
	}
	format_pad(&f->to, d, digits + at, sizeof digits - at);
}

static void format_one(struct formatting *f, const struct directive *d, char letter)
{
	char type[] = { letter, '\0' }, whole[] = { 'l', 'l', letter == 'i' ? 'd' : letter, '\0' };
	struct scalar s;
	char byte;

	switch (letter) {
	case 's':
		format_text(f, d);
		return;
	case 'c':
		byte = (char)scalar_whole(format_next(f));
		format_pad(&f->to, d, &byte, 1);
		return;
	case 'b': case 'B':
		format_binary(f, d);
		return;
	default:
		break;
	}
	s = format_next(f);
	if (!isfinite(scalar_double(s)) && scalar_looks_like_number(s)) {
		s = scalar_as_text(&f->w->arena, scalar_number(s));
		format_pad(&f->to, d, s.text.data, s.text.len);
	} else if (strchr("diuxXo", letter)) {
		format_number(f, d, whole, s, true);
	} else {
		format_number(f, d, type, s, false);
	}
}

/* What is no directive stands for itself. */
struct scalar format_do(struct work *w, const struct list *args)
{
	struct formatting f = { .w = w, .args = args };
	struct scalar format = scalar_as_text(&w->arena, format_next(&f));
	const char *s = format.text.data, *end = s + format.text.len;

	while (s < end && work_goes_on(w)) {
		struct directive d;
		const char *after;

		if (*s != '%') {
			buf_addc(&f.to, *s++);
			continue;
		}
		after = format_directive(&f, s + 1, end, &d);
		if (after < end && *after == '%' && after == s + 1) {
			buf_addc(&f.to, '%');
		} else if (after < end && *after && strchr("scdiuxXobBeEfFgG", *after)) {
			format_one(&f, &d, *after);
		} else {
			buf_add(&f.to, s, (size_t)((after < end ? after + 1 : end) - s));
		}
		s = after < end ? after + 1 : end;
	}
	return work_keep(w, &f.to);
}
