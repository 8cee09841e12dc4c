/* A case of the JUnit report. See junit_case.h. */
#include "view/junit_case.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/chain.h"
#include "base/chain_text.h"
#include "base/mem.h"
#include "base/xml_text.h"
#include "item.h"
#include "view/kept.h"

/* Of the end of what it printed so much is with the failure, where most show it. */
enum { EXCERPT = 2048 };

/* The end of a stream; data is a view into `scratch` or the chunk. */
struct junit_end {
	const char *data;
	size_t len;
	uint64_t before; /* bytes that were before it; stderr is not counted: 0 or 1 */
	char *scratch;
};

/* False, with errno set: it cannot be read back. */
static bool junit_end_read(struct junit_end *end, const struct delivery *d, int stream,
	struct store *store)
{
	const struct chunk *tail = d->result.tail[stream];
	size_t skip;

	*end = (struct junit_end){ .data = "" };
	if (!tail)
		return true;
	end->scratch = tail->slot < 0 ? NULL : mem_alloc(CHAIN_SLOT);
	end->data = chunk_data(store, tail, end->scratch);
	if (!end->data)
		return false;
	skip = tail->len > JUNIT_TAIL ? tail->len - JUNIT_TAIL : 0;
	/* Rather from the next character on than from within one. */
	for (unsigned i = 0; skip && i < 3 && ((unsigned char)end->data[skip] & 0xc0) == 0x80; i++)
		skip++;
	end->data += skip;
	end->len = tail->len - skip;
	if (stream == STREAM_OUT && d->result.captured > end->len)
		end->before = d->result.captured - end->len;
	else if (stream == STREAM_ERR)
		end->before = tail->len >= JUNIT_TAIL;
	return true;
}

static void junit_add_end(struct buf *to, const struct junit_end *end, int stream)
{
	const char *name = stream == STREAM_OUT ? "system-out" : "system-err";

	if (!end->len)
		return;
	buf_addf(to, "<%s>", name);
	if (end->before && stream == STREAM_OUT)
		buf_addf(to, "[%llu bytes before this are left out]\n", (unsigned long long)end->before);
	else if (end->before)
		buf_adds(to, "[what came before this is left out]\n");
	xml_text(to, end->data, end->len, false);
	buf_addf(to, "</%s>\n", name);
}

/* The last lines of stderr or, where there are none, of stdout. */
static void junit_add_excerpt(struct buf *to, const struct junit_end *ends)
{
	const struct junit_end *end = &ends[ends[STREAM_ERR].len ? STREAM_ERR : STREAM_OUT];
	size_t skip = end->len > EXCERPT ? end->len - EXCERPT : 0;
	const char *line = skip ? memchr(end->data + skip, '\n', EXCERPT - 1) : NULL;

	if (line)
		skip = (size_t)(line + 1 - end->data);
	xml_text(to, end->data + skip, end->len - skip, false);
}

static void junit_add_message(struct buf *to, const struct buf *message)
{
	buf_adds(to, " message=\"");
	xml_text(to, message->data, message->len, true);
	buf_addc(to, '"');
}

/* How it ended, and what else is known of that. */
static void junit_add_why(struct buf *to, const struct delivery *d)
{
	outcome_text(to, &d->result.outcome);
	if (d->result.why)
		buf_addf(to, ": %s", d->result.why);
}

static bool junit_is_error(const struct delivery *d)
{
	return d->result.outcome.how != OUTCOME_EXIT;
}

/* Attributes of a failure, its text, and what comes behind it or, of an attempt, in it. */
static bool junit_add_failure(struct buf *to, const struct delivery *d, const struct buf *message,
	struct store *store, const char *name)
{
	struct junit_end ends[STREAMS];
	bool ok = true;

	for (int i = 0; i < STREAMS; i++)
		ok = junit_end_read(&ends[i], d, i, store) && ok;
	junit_add_message(to, message);
	buf_addf(to, " type=\"%s\">%s", outcome_name(d->result.outcome.how),
		name ? "" : "<stackTrace>");
	junit_add_excerpt(to, ends);
	if (name)
		buf_addf(to, "</%s>\n", name);
	else
		buf_adds(to, "</stackTrace>\n");
	for (int i = 0; i < STREAMS; i++) {
		junit_add_end(to, &ends[i], i);
		free(ends[i].scratch);
	}
	return ok;
}

bool junit_case_attempt(struct chain *to, const struct delivery *d, bool lost,
	struct store *store, bool *error)
{
	struct chain_writer writer = { .store = store };
	struct buf text = { 0 }, message = { 0 };
	bool ok;

	*error = lost || junit_is_error(d);
	buf_addf(&message, "attempt %u: %s", d->attempts, lost ? "lost with its worker: " : "");
	junit_add_why(&message, d);
	ok = junit_add_failure(&text, d, &message, store, NULL);
	chain_write(&writer, text.data, text.len);
	ok = chain_written(&writer) && ok;
	*to = writer.chain;
	buf_free(&text);
	buf_free(&message);
	return ok;
}

/* --- the parts of a case ----------------------------------------------- */

static void junit_append(void *ctx, const char *data, size_t len)
{
	buf_add(ctx, data, len);
}

/* The attempts before the last one: flaky, if that one did. */
static bool junit_add_tried(struct buf *to, const struct junit_case *c)
{
	const char *when = c->delivery->verdict == VERDICT_ACK ? "flaky" : "rerun";
	struct outlet out = { junit_append, to };
	bool ok = true;

	for (const struct kept_piece *piece = c->tried->first; piece; piece = piece->next) {
		const char *what = piece->kind ? "Error" : "Failure";

		if (!piece->text.len)
			continue;
		buf_addf(to, "<%s%s", when, what);
		ok = chain_put(c->store, &piece->text, CHAIN_RAW, &out) && ok;
		buf_addf(to, "</%s%s>\n", when, what);
	}
	return ok;
}

static void junit_add_skipped(struct buf *to, const struct buf *message)
{
	buf_adds(to, "<skipped");
	junit_add_message(to, message);
	buf_adds(to, "/>\n");
}

/* Why it is neither done nor failed; of what was refused, why. */
static void junit_add_reason(struct buf *to, const struct junit_case *c)
{
	const struct delivery *d = c->delivery;

	if (c->dropped) {
		buf_adds(to, "not run: dropped, the queue was full (--overflow)");
	} else if (delivery_is_refused(d)) {
		junit_add_why(to, d);
	} else if (d->verdict == VERDICT_RETRY) {
		junit_add_why(to, d);
		buf_adds(to, "; it went back to its queue, to be tried again");
	} else {
		buf_adds(to, d->result.outcome.code ? "ended while it ran: " : "not run: ");
		if (c->halted)
			buf_addf(to, "--halt ended the run by %s", c->halted);
		else
			buf_adds(to, "pq was stopping");
	}
}

bool junit_case_text(struct buf *to, const struct junit_case *c, struct junit_counts *counts)
{
	const struct delivery *d = c->delivery;
	struct buf message = { 0 };
	bool ok = true;

	counts->tests++;
	counts->took += c->dropped ? 0 : d->result.outcome.took;
	if (!c->dropped && d->verdict == VERDICT_REJECT && !delivery_is_refused(d)) {
		const char *name = junit_is_error(d) ? "error" : "failure";

		(*(junit_is_error(d) ? &counts->errors : &counts->failures))++;
		junit_add_why(&message, d);
		buf_addf(to, "<%s", name);
		ok = junit_add_failure(to, d, &message, c->store, name);
	} else if (c->dropped || d->verdict != VERDICT_ACK) {
		counts->skipped++;
		junit_add_reason(&message, c);
		junit_add_skipped(to, &message);
	}
	ok = junit_add_tried(to, c) && ok;
	buf_free(&message);
	return ok;
}
