/* What a worker that stays up says. See hear.h. */
#include "action/run/hear.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "action/action.h"
#include "action/run/keep.h"
#include "action/run/output.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/saturate.h"
#include "item.h"

/* --- answers ------------------------------------------------------------ */

static void hear_break(struct keeper *k, const char *why, const char *data, size_t len)
{
	k->fault = KEEPER_BROKE;
	buf_adds(&k->flaw, why);
	buf_adds(&k->flaw, ": ");
	while (len && data[len - 1] == '\n')
		len--;
	msg_quote(&k->flaw, data, len < ANSWER_SAID ? len : ANSWER_SAID, ANSWER_SAID);
}

/* Whose the answer is, among what was written, if not to its end: cat says what it has. False:
 * nobody's. */
static bool hear_find(struct keeper *k, struct delivery **d, size_t *at)
{
	struct buf name = { 0 };
	bool found = false;

	for (*at = 0; !found && *at < k->owed.count; *at += !found) {
		const struct owed_item *item = owed_at(&k->owed, *at);

		if (item->end - item->size >= k->written)
			break;
		*d = item->delivery;
		if (k->rules->answer.form == ANSWER_LINES) {
			found = true;
		} else if (k->rules->answer.form == ANSWER_FRAMES) {
			found = (*d)->item->seq == k->answer.id;
		} else {
			buf_clear(&name);
			feed_name(&k->rules->feed, *d, &name);
			found = name.len == k->answer.name.len
				&& memcmp(name.data, k->answer.name.data, name.len) == 0;
		}
	}
	buf_free(&name);
	return found;
}

/* Half of what may be unanswered, so that the next one is there when it has done the first. */
enum { RUN_MOST = 32768 };

void hear_pace(struct keeper *k)
{
	uint64_t pace;

	if (!k->rules->runs || !k->owed.left)
		return;
	pace = saturate_times(k->ahead.items, k->owed.bytes / k->owed.left) / 2;
	atomic_store_explicit(k->pace, pace < 1 ? 1 : pace < RUN_MOST ? (size_t)pace : RUN_MOST,
		memory_order_relaxed);
}

static void hear_begin(struct keeper *k, struct delivery *d)
{
	const struct template *tag = k->rules->tag;

	buf_clear(&k->tag);
	if (tag)
		template_fill(tag,
			&(struct fill){ .item = d->item, .slot = k->serving->slot + 1 }, &k->tag);
	output_begin(k->serving->output, d, false, tag ? &k->tag : NULL);
	k->answering = d;
}

void hear_run_ended(struct keeper *k)
{
	const struct owed_item *item = owed_at(&k->owed, 0);
	struct delivery *d = item->delivery;
	int64_t now = clock_now(), took = now - item->begun;

	if (k->answering != d) /* none of its records was done */
		hear_begin(k, d);
	output_end(k->serving->output);
	k->answering = NULL;
	d->result.outcome = (struct outcome){ .how = OUTCOME_EXIT,
		.started = clock_wall() - took, .took = took };
	owed_take(&k->owed, 0);
	owed_begin(&k->owed, now);
	k->careful = false;
	k->tended = NULL;
	k->serving->ended(k->serving, d);
}

/* Whole lines are answers, as many as there are for the run at once. */
static const char *hear_records(struct keeper *k, const char *data, const char *end, int64_t now)
{
	struct owed_item *item = owed_at(&k->owed, 0);
	const char *from = data, *eol;
	uint64_t before = item->left;

	while (item->left && (eol = memchr(data, '\n', (size_t)(end - data)))) {
		data = eol + 1;
		item->left--;
	}
	if (data == from)
		return NULL;
	if (k->answering != item->delivery)
		hear_begin(k, item->delivery);
	output_put(k->serving->output, STREAM_OUT, k->partial.data, k->partial.len);
	buf_clear(&k->partial);
	output_put(k->serving->output, STREAM_OUT, from, (size_t)(data - from));
	k->answered += before - item->left;
	k->owed.left -= before - item->left;
	k->deaths = 0;
	item->since = now;
	return data;
}

static void hear_runs(struct keeper *k, const char *data, size_t len, int64_t now)
{
	const char *end = data + len;

	while (data < end && !k->fault) {
		const struct owed_item *item = k->owed.count ? owed_at(&k->owed, 0) : NULL;
		const char *next;

		if (!item || item->end - item->size >= k->written) {
			hear_break(k, "an answer nobody asked for", data, (size_t)(end - data));
			return;
		}
		next = hear_records(k, data, end, now);
		if (!next) {
			buf_add(&k->partial, data, (size_t)(end - data));
			if (k->partial.len > k->rules->answer.most)
				hear_break(k, "an answer is longer than --max-item allows",
					k->partial.data, k->partial.len);
			return;
		}
		data = next;
		if (item->left)
			continue;
		if (!k->careful)
			hear_run_ended(k);
		else if (data < end)
			hear_break(k, "an answer nobody asked for", data, (size_t)(end - data));
	}
}

/* It came now, and was done then, as far as that can be told. */
static void hear_settle(struct keeper *k, int64_t now, int64_t then)
{
	struct owed_item *item = owed_at(&k->owed, k->answering_at);
	struct delivery *d = item->delivery;
	int64_t took = then > item->begun ? then - item->begun : 0;

	output_end(k->serving->output);
	d->result.outcome = (struct outcome){ .how = OUTCOME_EXIT, .code = k->answer.status,
		.started = clock_wall() - took, .took = took };
	owed_take(&k->owed, k->answering_at);
	k->answering = NULL;
	k->answered++;
	k->deaths = 0;
	if (k->rules->answer.form == ANSWER_LINES && k->owed.count) {
		item = owed_at(&k->owed, 0);
		item->since = now;
		item->begun = then > item->begun ? then : item->begun;
	}
	k->serving->ended(k->serving, d);
}

/* A part of an answer; false: it is nobody's. */
static bool hear_part(struct keeper *k, const struct answer_part *part)
{
	struct delivery *d;

	if (!k->answering) {
		if (!hear_find(k, &d, &k->answering_at))
			return false;
		hear_begin(k, d);
	}
	output_put(k->serving->output, STREAM_OUT, part->data, part->len);
	return true;
}

/* Before it is ready: up to and with the line that says so. What came before on that line
 * is kept in `line` of what is read, which is not in use yet. */
static void hear_await(struct keeper *k, const char **data, size_t *len)
{
	struct buf *line = &k->answer.line;
	size_t mark = strlen(k->rules->ready);

	while (*len && !k->ready) {
		char c = *(*data)++;

		(*len)--;
		if (c == '\n') {
			k->ready = line->len >= mark && memcmp(line->data, k->rules->ready, mark) == 0;
			buf_clear(line);
		} else if (line->len < mark) {
			buf_addc(line, c);
		}
	}
	if (!k->ready)
		return;
	owed_begin(&k->owed, clock_now());
	k->serving->up(k->serving);
}

/* Lines that came at once share the time since the turn of the first of them, by their bytes:
 * when it was done that ends after so much of it all. */
static int64_t hear_then(const struct keeper *k, int64_t turn, int64_t now, double part)
{
	return k->rules->answer.form == ANSWER_LINES && turn < now
		? turn + (int64_t)((double)(now - turn) * part) : now;
}

static void hear_bytes(struct keeper *k, const char *data, size_t len)
{
	int64_t now = clock_now(), turn = k->owed.count ? owed_at(&k->owed, 0)->begun : now;
	size_t all = len;
	uint64_t before = k->answered;
	enum answer_event event;
	struct answer_part part;

	k->quiet = now;
	k->hungry = 0;
	k->look = HUNGER_FIRST;
	if (!k->ready)
		hear_await(k, &data, &len);
	if (k->rules->runs)
		hear_runs(k, data, len, now);
	while (!k->rules->runs && !k->fault && len) {
		const char *from = data;
		size_t had = len;

		event = answer_read(&k->answer, &data, &len, &part);
		if (event == ANSWER_MORE)
			break;
		if (event == ANSWER_BROKEN)
			hear_break(k, k->answer.why, k->answer.said.data, k->answer.said.len);
		else if (!hear_part(k, &part))
			hear_break(k, "an answer nobody asked for", from, had);
		else if (event == ANSWER_WHOLE)
			hear_settle(k, now,
				hear_then(k, turn, now, (double)(all - len) / (double)all));
	}
	if (k->answered > before)
		ahead_answered(&k->ahead, k->answered - before, now);
	hear_pace(k);
}

bool hear_out(struct keeper *k)
{
	ssize_t n = read(k->child.pipe[CHILD_OUT], k->bytes, KEEPER_BYTES);

	if (n > 0 && !k->fault)
		hear_bytes(k, k->bytes, (size_t)n);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		child_close_pipe(&k->child, CHILD_OUT);
		k->end_of_out = clock_now();
	}
	return n > 0;
}

/* --- its stderr ---------------------------------------------------------- */

void hear_lines(struct keeper *k, size_t len)
{
	struct buf text = { 0 };
	const char *line = k->err.data, *end = line + len;

	while (line < end) {
		const char *eol = memchr(line, '\n', (size_t)(end - line));
		size_t n = eol ? (size_t)(eol - line) + 1 : (size_t)(end - line);

		if (k->rules->tag)
			buf_addf(&text, "%u\t", k->serving->slot + 1);
		buf_add(&text, line, n);
		if (!eol)
			buf_addc(&text, '\n');
		line += n;
	}
	k->err_held = k->rules->note(k->rules->ctx, text.data ? text.data : "", text.len)
		> KEEPER_BYTES;
	buf_free(&text);
	memmove(k->err.data, k->err.data + len, k->err.len - len);
	k->err.len -= len;
}

static size_t hear_whole_lines(const struct buf *b)
{
	for (size_t n = b->len; n > 0; n--)
		if (b->data[n - 1] == '\n')
			return n;
	return b->len >= KEEPER_BYTES ? b->len : 0; /* no line is as long as that */
}

bool hear_err(struct keeper *k)
{
	char *to = buf_reserve(&k->err, KEEPER_BYTES / 16);
	ssize_t n = read(k->child.pipe[CHILD_ERR], to, KEEPER_BYTES / 16);
	size_t whole;

	if (n > 0)
		k->err.len += (size_t)n;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		child_close_pipe(&k->child, CHILD_ERR);
	whole = k->child.pipe[CHILD_ERR] < 0 ? k->err.len : hear_whole_lines(&k->err);
	if (whole)
		hear_lines(k, whole);
	return n > 0;
}
