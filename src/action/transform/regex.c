/* Regular expressions by PCRE2. See regex.h. */
#include "action/transform/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "action/transform/regex_lines.h"

/* Bytes of many lines that are searched between two looks at the clock; with the
 * limit on matching at one offset this bounds the time between them. */
#define WINDOW ((size_t)4096)
/* The longest line that is searched among others. */
#define LONG_LINE ((size_t)65536)
/* The match limit at one offset: of the quick try, and of the first thorough one.
 * An attempt takes 2 to 30 ns with JIT, 30 to 100 ns without. When so many took so
 * little that LIMIT_STEP times as many are within the time, they are granted. */
#define QUICK_LIMIT 2000
#define FIRST_LIMIT 250000
#define LIMIT_STEP 8
/* Starting points of a thorough search between two looks at the clock, at first. */
#define FIRST_STEP ((size_t)64)
/* Processor time for a hard record, and for all of them in one run. */
#define RECORD_TIME (40 * CLOCK_MS)
#define BYTE_TIME 40
#define RUN_TIME CLOCK_SECOND
#define SHORT_TIME CLOCK_MS
/* KiB that matching one record may take of the heap, and bytes of the JIT's stack;
 * the latter are there as address space only until they are used. */
#define HEAP_LIMIT 8192
#define JIT_STACK ((size_t)1048576)

struct program {
	pcre2_code *code; /* NULL: there is none */
	bool jit;
};

struct regex {
	struct program record, lines;
	unsigned groups;
	bool utf;
};

struct matcher {
	pcre2_match_data *data;
	uint32_t pairs;
	pcre2_jit_stack *stack;
	pcre2_match_context *quick, *thorough;
	int64_t spent; /* on hard records of this run */
	const char *why;
};

/* --- compiling --------------------------------------------------------- */

static void *enough(void *p)
{
	if (!p)
		msg_die(125, "out of memory");
	return p;
}

static struct program compile(const char *pattern, size_t len, uint32_t options, int *error,
	size_t *at)
{
	pcre2_compile_context *context = enough(pcre2_compile_context_create(NULL));
	struct program p = { 0 };
	size_t size = 0;

	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	p.code = pcre2_compile((PCRE2_SPTR)pattern, len, options, error, at, context);
	pcre2_compile_context_free(context);
	if (!p.code && *error == PCRE2_ERROR_HEAP_FAILED)
		enough(NULL);
	/* Refused by a kernel that forbids writable code, or by (*NO_JIT), which makes no
	 * error but no code either: the interpreter does it. */
	if (p.code && pcre2_jit_compile(p.code, PCRE2_JIT_COMPLETE) == 0)
		pcre2_pattern_info(p.code, PCRE2_INFO_JITSIZE, &size);
	p.jit = size > 0;
	return p;
}

static uint32_t common_options(unsigned flags)
{
	uint32_t options = PCRE2_NEVER_BACKSLASH_C;

	if (flags & REGEX_CASELESS)
		options |= PCRE2_CASELESS;
	/* Foreign bytes: anything but this would have to be checked beforehand. */
	options |= flags & REGEX_UTF ? PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF
		: PCRE2_NEVER_UTF;
	return options;
}

/* The same expression for many lines; without JIT it would not be worth it. Nothing
 * found beside bytes that are not UTF-8 may depend on what follows them. */
static void compile_lines(struct regex *r, const char *pattern, size_t len, unsigned flags)
{
	struct buf text = { 0 };
	uint32_t empty;
	size_t at;
	int error;

	pcre2_pattern_info(r->record.code, PCRE2_INFO_MATCHEMPTY, &empty);
	if (r->utf && empty)
		return;
	if (r->record.jit && !(flags & REGEX_EXTENDED) && regex_lines(pattern, len, &text))
		r->lines = compile(text.data ? text.data : "", text.len, common_options(flags)
			| PCRE2_MULTILINE | PCRE2_ALT_CIRCUMFLEX, &error, &at);
	if (r->lines.code && !r->lines.jit) {
		pcre2_code_free(r->lines.code);
		r->lines.code = NULL;
	}
	buf_free(&text);
}

struct regex *regex_new(const char *pattern, size_t len, unsigned flags, struct buf *why,
	size_t *at)
{
	uint32_t options = common_options(flags) | PCRE2_USE_OFFSET_LIMIT, groups;
	struct regex *r = mem_zero(sizeof *r);
	PCRE2_UCHAR text[256];
	int error;

	if (flags & REGEX_EXTENDED)
		options |= PCRE2_EXTENDED;
	if (flags & REGEX_DOTALL)
		options |= PCRE2_DOTALL;
	if (flags & REGEX_MULTILINE)
		options |= PCRE2_MULTILINE;
	r->utf = flags & REGEX_UTF;
	r->record = compile(pattern, len, options, &error, at);
	if (!r->record.code) {
		pcre2_get_error_message(error, text, sizeof text);
		buf_adds(why, (const char *)text);
		free(r);
		return NULL;
	}
	pcre2_pattern_info(r->record.code, PCRE2_INFO_CAPTURECOUNT, &groups);
	r->groups = groups;
	compile_lines(r, pattern, len, flags);
	return r;
}

void regex_free(struct regex *r)
{
	pcre2_code_free(r->record.code);
	pcre2_code_free(r->lines.code);
	free(r);
}

/* --- groups ------------------------------------------------------------ */

unsigned regex_groups(const struct regex *r)
{
	return r->groups;
}

int regex_group(const struct regex *r, const char *name, size_t len)
{
	char *text = mem_copy(name, len);
	int n = pcre2_substring_number_from_name(r->record.code, (PCRE2_SPTR)text);

	free(text);
	return n > 0 ? n : -1;
}

/* PCRE2's table: entries of the same size, each a number in two bytes and a name. */
const char *regex_group_name(const struct regex *r, unsigned n)
{
	uint32_t count, size;
	PCRE2_SPTR table;

	pcre2_pattern_info(r->record.code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(r->record.code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(r->record.code, PCRE2_INFO_NAMETABLE, &table);
	for (; count > 0; count--, table += size)
		if ((unsigned)(table[0] << 8 | table[1]) == n)
			return (const char *)table + 2;
	return NULL;
}

bool regex_by_lines(const struct regex *r)
{
	return r->lines.code != NULL;
}

/* --- the matcher ------------------------------------------------------- */

static pcre2_match_context *make_context(pcre2_jit_stack *stack, uint32_t limit)
{
	pcre2_match_context *c = enough(pcre2_match_context_create(NULL));

	pcre2_set_match_limit(c, limit);
	pcre2_set_heap_limit(c, HEAP_LIMIT);
	pcre2_jit_stack_assign(c, NULL, stack);
	return c;
}

struct matcher *matcher_new(void)
{
	struct matcher *m = mem_zero(sizeof *m);

	m->pairs = 16;
	m->data = enough(pcre2_match_data_create(m->pairs, NULL));
	m->stack = enough(pcre2_jit_stack_create(32768, JIT_STACK, NULL));
	m->quick = make_context(m->stack, QUICK_LIMIT);
	m->thorough = make_context(m->stack, FIRST_LIMIT);
	return m;
}

void matcher_free(struct matcher *m)
{
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->quick);
	pcre2_match_context_free(m->thorough);
	pcre2_jit_stack_free(m->stack);
	free(m);
}

void matcher_begin(struct matcher *m)
{
	m->spent = 0;
}

const size_t *matcher_at(const struct matcher *m)
{
	return pcre2_get_ovector_pointer(m->data);
}

const char *matcher_why(const struct matcher *m)
{
	return m->why;
}

static void make_room(const struct regex *r, struct matcher *m)
{
	if (r->groups < m->pairs)
		return;
	m->pairs = r->groups + 1;
	pcre2_match_data_free(m->data);
	m->data = enough(pcre2_match_data_create(m->pairs, NULL));
}

/* Groups after the last that took part are not set by PCRE2 itself. */
static void unset_the_rest(const struct regex *r, struct matcher *m, int pairs)
{
	size_t *at = pcre2_get_ovector_pointer(m->data);

	for (size_t i = 2 * (size_t)pairs; i < 2 * ((size_t)r->groups + 1); i++)
		at[i] = REGEX_UNSET;
}

static int search(const struct program *p, struct matcher *m, pcre2_match_context *context,
	const char *s, size_t len, size_t from, bool after_empty)
{
	uint32_t options = after_empty ? PCRE2_NOTEMPTY_ATSTART : 0;

	if (p->jit)
		return pcre2_jit_match(p->code, (PCRE2_SPTR)s, len, from, options, m->data, context);
	return pcre2_match(p->code, (PCRE2_SPTR)s, len, from, options, m->data, context);
}

/* --- one record, taking care ------------------------------------------- */

static enum regex_end give_up(struct matcher *m, int code)
{
	switch (code) {
	case PCRE2_ERROR_HEAPLIMIT:
	case PCRE2_ERROR_JIT_STACKLIMIT:
	case PCRE2_ERROR_NOMEMORY:
		m->why = "matching it needs too much memory";
		break;
	case PCRE2_ERROR_MATCHLIMIT:
	case PCRE2_ERROR_DEPTHLIMIT:
		m->why = "matching it takes too long";
		break;
	default:
		m->why = "the expression cannot be matched against it";
	}
	return REGEX_LIMIT;
}

/* The last offset of a step from here, at the end of a character. */
static size_t step_end(const struct regex *r, const char *s, size_t len, size_t from, size_t step)
{
	size_t end = len - from > step ? from + step - 1 : len;

	while (r->utf && end + 1 < len && ((unsigned char)s[end + 1] & 0xc0) == 0x80)
		end++;
	return end;
}

/* Starts at most at `last`. Where the JIT's stack is too small the heap serves. */
static int search_step(const struct regex *r, struct matcher *m, const char *s, size_t len,
	size_t from, size_t last, bool after_empty)
{
	int got;

	pcre2_set_offset_limit(m->thorough, last);
	got = search(&r->record, m, m->thorough, s, len, from, after_empty);
	if (got != PCRE2_ERROR_JIT_STACKLIMIT)
		return got;
	return pcre2_match(r->record.code, (PCRE2_SPTR)s, len, from,
		PCRE2_NO_JIT | (after_empty ? PCRE2_NOTEMPTY_ATSTART : 0), m->data, m->thorough);
}

static int64_t allowance(const struct matcher *m, size_t len)
{
	return (m->spent < RUN_TIME ? RECORD_TIME : SHORT_TIME) + (int64_t)len * BYTE_TIME;
}

static size_t next_step(size_t step, int64_t took)
{
	if (took < CLOCK_MS)
		return step * 4;
	return took > 4 * CLOCK_MS && step > 8 ? step / 8 : step;
}

/* From step to step, until there is an answer or the time is up. */
static int search_steps(const struct regex *r, struct matcher *m, const char *s, size_t len,
	size_t from, bool after_empty, int64_t began)
{
	int64_t before = began, end = began + allowance(m, len);
	uint32_t limit = FIRST_LIMIT;
	size_t step = FIRST_STEP;

	for (;;) {
		size_t last = step_end(r, s, len, from, step);
		int64_t now, took;
		int got;

		pcre2_set_match_limit(m->thorough, limit);
		got = search_step(r, m, s, len, from, last, after_empty);
		now = clock_processor();
		took = now - before;
		before = now;
		if (got == PCRE2_ERROR_MATCHLIMIT && now + LIMIT_STEP * took < end) {
			limit *= LIMIT_STEP;
			continue;
		}
		if (got != PCRE2_ERROR_NOMATCH || last >= len)
			return got;
		if (now > end)
			return PCRE2_ERROR_MATCHLIMIT;
		step = next_step(step, took);
		from = last + 1;
		after_empty = false;
	}
}

static enum regex_end search_thoroughly(const struct regex *r, struct matcher *m, const char *s,
	size_t len, size_t from, bool after_empty)
{
	int64_t began = clock_processor();
	int got = search_steps(r, m, s, len, from, after_empty, began);

	m->spent += clock_processor() - began;
	if (got == PCRE2_ERROR_NOMATCH)
		return REGEX_NONE;
	if (got < 0)
		return give_up(m, got);
	unset_the_rest(r, m, got);
	return REGEX_MATCH;
}

enum regex_end regex_search(const struct regex *r, struct matcher *m, const char *s, size_t len,
	size_t from, bool after_empty)
{
	make_room(r, m);
	if (len - from <= WINDOW) {
		int got = search(&r->record, m, m->quick, s, len, from, after_empty);

		if (got >= 0) {
			unset_the_rest(r, m, got);
			return REGEX_MATCH;
		}
		if (got == PCRE2_ERROR_NOMATCH)
			return REGEX_NONE;
	}
	return search_thoroughly(r, m, s, len, from, after_empty);
}

/* --- many lines -------------------------------------------------------- */

/* Where the window from here ends: before a newline. */
static size_t window_end(const char *s, size_t len, size_t from)
{
	const char *newline;

	if (len - from <= WINDOW + 1)
		return len - 1;
	newline = memchr(s + from + WINDOW, '\n', len - from - WINDOW);
	return (size_t)(newline - s);
}

enum regex_end regex_search_lines(const struct regex *r, struct matcher *m, const char *s,
	size_t len, size_t from, bool after_empty)
{
	int64_t began = 0;

	make_room(r, m);
	while (from < len) {
		size_t end = window_end(s, len, from);
		int got;

		if (end - from > LONG_LINE)
			return give_up(m, PCRE2_ERROR_MATCHLIMIT);
		got = pcre2_jit_match(r->lines.code, (PCRE2_SPTR)s, end, from,
			after_empty ? PCRE2_NOTEMPTY_ATSTART : 0, m->data, m->quick);
		if (got >= 0) {
			unset_the_rest(r, m, got);
			return REGEX_MATCH;
		}
		if (got != PCRE2_ERROR_NOMATCH)
			return give_up(m, got);
		from = end + 1;
		after_empty = false;
		if (!began)
			began = clock_now();
		else if (clock_now() - began > RECORD_TIME)
			return give_up(m, PCRE2_ERROR_MATCHLIMIT);
	}
	return REGEX_NONE;
}
