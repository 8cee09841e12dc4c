/* Regular expressions by PCRE2. See regex.h. */
#include "action/transform/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "action/transform/regex_lines.h"

/* The match limit at one offset. What is found among other lines must be found in the
 * line alone, too, where the expression is spelled differently: hence the distance. */
#define LINES_LIMIT 2000
#define QUICK_LIMIT (2 * LINES_LIMIT)
/* The budget of a record: steps, and steps for each of its bytes, more of them when the
 * expression has many elements, each of which may be tried at every byte. A step takes
 * 6 ns with JIT and 15 without. */
#define RECORD_STEPS 1500000
#define BYTE_STEPS 32
#define BYTE_STEPS_ELEMENT 4
/* The match limit at one offset for an expression that is too large to have callouts. */
#define LARGE_LIMIT 100000
/* Bytes that are passed over in the time of a step. */
#define STEP_BYTES 16
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
	struct program careful; /* as record, with callouts; none where these would make it
	                         * too large for PCRE2 */
	unsigned groups;
	unsigned elements; /* of the expression: one callout is before each */
	bool utf;
};

struct matcher {
	pcre2_match_data *data;
	uint32_t pairs;
	pcre2_jit_stack *stack; /* NULL: PCRE2 has no JIT */
	pcre2_match_context *lines, *quick, *careful;
	uint64_t spent, allowed; /* steps in this record */
	size_t looked_at;        /* where the last step was */
	const char *why;
};

/* --- compiling --------------------------------------------------------- */

static void *enough(void *p)
{
	if (!p)
		msg_die(125, "out of memory");
	return p;
}

static struct program regex_compile(const char *pattern, size_t len, uint32_t options,
	unsigned flags, int *error, size_t *at)
{
	uint32_t jit = PCRE2_JIT_COMPLETE | (flags & REGEX_STREAM ? PCRE2_JIT_PARTIAL_HARD : 0);
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
	if (p.code && pcre2_jit_compile(p.code, jit) == 0)
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
	size_t at;
	int error;

	if (r->utf && regex_may_be_empty(r))
		return;
	if (r->record.jit && !(flags & REGEX_EXTENDED) && regex_lines(pattern, len, &text))
		r->lines = regex_compile(text.data ? text.data : "", text.len, common_options(flags)
			| PCRE2_MULTILINE | PCRE2_ALT_CIRCUMFLEX, 0, &error, &at);
	if (r->lines.code && !r->lines.jit) {
		pcre2_code_free(r->lines.code);
		r->lines.code = NULL;
	}
	buf_free(&text);
}

static int count_element(pcre2_callout_enumerate_block *block, void *ctx)
{
	(void)block;
	++*(unsigned *)ctx;
	return 0;
}

static struct regex *regex_make(const char *pattern, size_t len, unsigned flags, struct buf *why,
	size_t *at)
{
	uint32_t options = common_options(flags), groups;
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
	r->record = regex_compile(pattern, len, options, flags, &error, at);
	if (!r->record.code) {
		pcre2_get_error_message(error, text, sizeof text);
		buf_adds(why, (const char *)text);
		free(r);
		return NULL;
	}
	pcre2_pattern_info(r->record.code, PCRE2_INFO_CAPTURECOUNT, &groups);
	r->groups = groups;
	r->careful = regex_compile(pattern, len, options | PCRE2_AUTO_CALLOUT, flags, &error, at);
	if (r->careful.code)
		pcre2_callout_enumerate(r->careful.code, count_element, &r->elements);
	if (!(flags & REGEX_STREAM))
		compile_lines(r, pattern, len, flags);
	return r;
}

static bool is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

struct regex *regex_new(const char *pattern, size_t len, unsigned flags, struct buf *why,
	size_t *at)
{
	struct regex *r = NULL;

	if (flags & REGEX_GUESS && !is_ascii(pattern, len))
		r = regex_make(pattern, len, flags | REGEX_UTF, why, at);
	if (r)
		return r;
	buf_clear(why);
	return regex_make(pattern, len, flags, why, at);
}

void regex_free(struct regex *r)
{
	pcre2_code_free(r->record.code);
	pcre2_code_free(r->careful.code);
	pcre2_code_free(r->lines.code);
	free(r);
}

bool regex_is_utf(const struct regex *r)
{
	return r->utf;
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
	if (stack)
		pcre2_jit_stack_assign(c, NULL, stack);
	return c;
}

/* Before each element of the expression that is tried. */
static int count_step(pcre2_callout_block *block, void *ctx)
{
	struct matcher *m = ctx;
	size_t at = block->current_position;
	size_t moved = at > m->looked_at ? at - m->looked_at : m->looked_at - at;

	m->looked_at = at;
	m->spent += 1 + moved / STEP_BYTES;
	return m->spent > m->allowed ? PCRE2_ERROR_MATCHLIMIT : 0;
}

struct matcher *matcher_new(void)
{
	struct matcher *m = mem_zero(sizeof *m);

	m->pairs = 16;
	m->data = enough(pcre2_match_data_create(m->pairs, NULL));
	m->stack = pcre2_jit_stack_create(32768, JIT_STACK, NULL);
	m->lines = make_context(m->stack, LINES_LIMIT);
	m->quick = make_context(m->stack, QUICK_LIMIT);
	m->careful = make_context(m->stack, UINT32_MAX);
	pcre2_set_depth_limit(m->careful, UINT32_MAX);
	pcre2_set_callout(m->careful, count_step, m);
	return m;
}

void matcher_free(struct matcher *m)
{
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->lines);
	pcre2_match_context_free(m->quick);
	pcre2_match_context_free(m->careful);
	pcre2_jit_stack_free(m->stack);
	free(m);
}

void matcher_begin(struct matcher *m)
{
	m->spent = 0;
}

uint64_t matcher_spent(const struct matcher *m)
{
	return m->spent;
}

const size_t *matcher_at(const struct matcher *m)
{
	return pcre2_get_ovector_pointer(m->data);
}

const char *matcher_why(const struct matcher *m)
{
	return m->why;
}

static void regex_make_room(const struct regex *r, struct matcher *m)
{
	if (r->groups < m->pairs)
		return;
	m->pairs = r->groups + 1;
	pcre2_match_data_free(m->data);
	m->data = enough(pcre2_match_data_create(m->pairs, NULL));
}

static int regex_try(const struct program *p, struct matcher *m, pcre2_match_context *context,
	const char *s, size_t len, size_t from, uint32_t options)
{
	if (p->jit)
		return pcre2_jit_match(p->code, (PCRE2_SPTR)s, len, from, options, m->data, context);
	return pcre2_match(p->code, (PCRE2_SPTR)s, len, from, options, m->data, context);
}

/* --- one record, taking care ------------------------------------------- */

static enum regex_end regex_give_up(struct matcher *m, int code)
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

static uint64_t allowance(const struct regex *r, size_t len)
{
	return RECORD_STEPS
		+ (uint64_t)len * (BYTE_STEPS + BYTE_STEPS_ELEMENT * (uint64_t)r->elements);
}

/* Where the JIT's stack is too small the heap serves: the same steps once more. */
static int search_counting(const struct regex *r, struct matcher *m, const char *s, size_t len,
	size_t from, uint32_t options)
{
	const struct program *p = r->careful.code ? &r->careful : &r->record;
	uint64_t before = m->spent;
	int got;

	m->allowed = allowance(r, len);
	m->looked_at = from;
	pcre2_set_match_limit(m->careful, r->careful.code ? UINT32_MAX : LARGE_LIMIT);
	got = regex_try(p, m, m->careful, s, len, from, options);
	if (got != PCRE2_ERROR_JIT_STACKLIMIT)
		return got;
	m->spent = before;
	m->looked_at = from;
	return pcre2_match(p->code, (PCRE2_SPTR)s, len, from, PCRE2_NO_JIT | options, m->data,
		m->careful);
}

static bool regex_is_answer(int got)
{
	return got >= 0 || got == PCRE2_ERROR_NOMATCH || got == PCRE2_ERROR_PARTIAL;
}

static enum regex_end regex_answer(struct matcher *m, int got)
{
	if (got >= 0)
		return REGEX_MATCH;
	if (got == PCRE2_ERROR_PARTIAL)
		return REGEX_PART;
	return got == PCRE2_ERROR_NOMATCH ? REGEX_NONE : regex_give_up(m, got);
}

static uint32_t regex_begin_options(bool after_empty)
{
	return after_empty ? PCRE2_NOTEMPTY_ATSTART : 0;
}

enum regex_end regex_search(const struct regex *r, struct matcher *m, const char *s, size_t len,
	size_t from, bool after_empty)
{
	uint32_t options = regex_begin_options(after_empty);
	int got = PCRE2_ERROR_MATCHLIMIT;

	regex_make_room(r, m);
	if (len <= REGEX_LONG)
		got = regex_try(&r->record, m, m->quick, s, len, from, options);
	if (!regex_is_answer(got))
		got = search_counting(r, m, s, len, from, options);
	return regex_answer(m, got);
}

/* --- a stream, of which there is only the beginning -------------------- */

enum regex_end regex_search_stream(const struct regex *r, struct matcher *m, const char *s,
	size_t len, size_t from, bool after_empty, bool ended)
{
	uint32_t options = regex_begin_options(after_empty) | (ended ? 0 : PCRE2_PARTIAL_HARD);
	int got = PCRE2_ERROR_MATCHLIMIT;

	regex_make_room(r, m);
	if (len - from <= REGEX_LONG)
		got = regex_try(&r->record, m, m->quick, s, len, from, options);
	if (!regex_is_answer(got))
		got = search_counting(r, m, s, len, from, options);
	return regex_answer(m, got);
}

bool regex_may_be_empty(const struct regex *r)
{
	uint32_t empty;

	pcre2_pattern_info(r->record.code, PCRE2_INFO_MATCHEMPTY, &empty);
	return empty;
}

size_t regex_looks_behind(const struct regex *r)
{
	uint32_t most;

	pcre2_pattern_info(r->record.code, PCRE2_INFO_MAXLOOKBEHIND, &most);
	return r->utf ? (size_t)most * 4 : most;
}

void regex_version(struct buf *to)
{
	char version[64] = "";
	uint32_t jit = 0;

	pcre2_config(PCRE2_CONFIG_VERSION, version);
	pcre2_config(PCRE2_CONFIG_JIT, &jit);
	buf_addf(to, "PCRE2 %.*s%s", (int)strcspn(version, " "), version,
		jit ? " with JIT" : " without JIT");
}

/* --- many lines -------------------------------------------------------- */

enum regex_end regex_search_lines(const struct regex *r, struct matcher *m, const char *s,
	size_t len, size_t from, bool after_empty)
{
	int got;

	regex_make_room(r, m);
	got = regex_try(&r->lines, m, m->lines, s, len - 1, from, regex_begin_options(after_empty));
	return regex_answer(m, got);
}
