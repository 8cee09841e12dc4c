/* A job as an object of JSON. See object.h. */
#include "view/object.h"

#include <string.h>

#include "base/buf.h"
#include "base/chain_text.h"
#include "base/clock.h"
#include "base/json_text.h"
#include "item.h"
#include "view/values.h"

static struct value whole(const void *item, uint32_t index)
{
	return item_whole(item, index);
}

static struct value column(const void *item, uint32_t index)
{
	return item_column(item, index);
}

static void send(const struct outlet *to, struct buf *text)
{
	to->write(to->ctx, text->data, text->len);
	buf_clear(text);
}

/* What is in `text` goes before it. */
static bool write_stream(const struct outlet *to, struct buf *text, struct store *store,
	const char *name, const char *colon, const struct chain *chain)
{
	struct chain_kind kind;
	bool ok;

	if (!chain_look(store, chain, '\0', &kind))
		return false;
	buf_addf(text, "\"%s%s\"%s\"", name, kind.utf8 ? "" : "_base64", colon);
	send(to, text);
	ok = chain_put(store, chain, kind.utf8 ? CHAIN_JSON : CHAIN_BASE64, to);
	buf_addc(text, '"');
	return ok;
}

/* Nobody looks into a block. */
static void add_item(struct buf *to, const struct item *item)
{
	struct values values = { item, whole, item->run ? 0 : item_wholes(item), false };

	if (item->run)
		buf_addf(to, "\"bytes\":%zu", item->run->bytes.len);
	else
		values_text(to, "item", ":", &values);
}

/* `attempts`: what their number is called. */
static void add_outcome(struct buf *to, const struct delivery *d, const char *attempts)
{
	const struct outcome *o = &d->result.outcome;
	int exit_value, signal_number;

	outcome_columns(o, &exit_value, &signal_number);
	buf_addc(to, ',');
	values_group(to, d);
	if (d->result.slot)
		buf_addf(to, ",\"slot\":%u,\"%s\":%u,\"waited\":%.6f", d->result.slot, attempts,
			d->attempts, (double)d->result.waited / CLOCK_SECOND);
	else
		buf_addf(to, ",\"slot\":null,\"%s\":%u,\"waited\":null", attempts, d->attempts);
	buf_addf(to, ",\"exit\":%d,\"signal\":%d", exit_value, signal_number);
	if (o->how == OUTCOME_TIMEOUT)
		buf_adds(to, ",\"timeout\":true");
	if (o->how == OUTCOME_STOPPED)
		buf_adds(to, ",\"ended\":true");
	if (o->started)
		buf_addf(to, ",\"start\":%.3f", (double)o->started / CLOCK_SECOND);
	else
		buf_adds(to, ",\"start\":null");
	buf_addf(to, ",\"seconds\":%.6f,", (double)o->took / CLOCK_SECOND);
}

/* What follows from the attempt; if that is another one, when: now is null. */
static void add_verdict(struct buf *to, const struct delivery *d, bool lost)
{
	static const char *const names[] = { [VERDICT_ACK] = "ack", [VERDICT_RETRY] = "retry",
		[VERDICT_REJECT] = "reject", [VERDICT_RELEASE] = "release" };

	buf_addf(to, "\"outcome\":\"%s\",\"verdict\":\"%s\",",
		outcome_name(d->result.outcome.how), names[d->verdict]);
	if (lost)
		buf_adds(to, "\"lost\":true,");
	if (d->verdict == VERDICT_RETRY && d->due && !lost)
		buf_addf(to, "\"due\":%.3f,", (double)d->due / CLOCK_SECOND);
	else if (d->verdict == VERDICT_RETRY)
		buf_adds(to, "\"due\":null,");
}

/* text: what is before the streams; it is freed. */
static bool write_object(const struct delivery *d, struct store *store, const struct outlet *to,
	struct buf *text)
{
	const struct result *r = &d->result;
	bool ok = write_stream(to, text, store, "stdout", ":", &r->output[STREAM_OUT]);

	buf_addc(text, ',');
	ok = ok && write_stream(to, text, store, "stderr", ":", &r->output[STREAM_ERR]);
	buf_adds(text, "}\n");
	if (ok)
		send(to, text);
	buf_free(text);
	return ok;
}

static void begin_object(struct buf *to, const struct delivery *d, const char *attempts)
{
	buf_addf(to, "{\"seq\":%llu,", (unsigned long long)d->item->number);
	add_item(to, d->item);
	add_outcome(to, d, attempts);
}

bool object_write(const struct delivery *d, struct store *store, const struct outlet *to)
{
	struct buf text = { 0 };

	begin_object(&text, d, "attempts");
	return write_object(d, store, to, &text);
}

bool object_write_attempt(const struct delivery *d, struct store *store, const struct outlet *to,
	bool lost)
{
	struct buf text = { 0 };

	begin_object(&text, d, "attempt");
	add_verdict(&text, d, lost);
	return write_object(d, store, to, &text);
}

static void add_gnu_members(struct buf *to, const struct delivery *d)
{
	const struct result *r = &d->result;
	const char *command = r->command ? r->command : "";
	struct values values = { d->item, column, d->item->run ? 0 : item_columns(d->item), true };
	int exit_value, signal_number;

	outcome_columns(&r->outcome, &exit_value, &signal_number);
	buf_addf(to, "{ \"Seq\": %llu, \"Host\": \"", (unsigned long long)d->item->number);
	values_host(to, d);
	buf_addf(to, "\", \"Starttime\": %.3f, \"JobRuntime\": %.3f, \"Send\": %zu, "
		"\"Receive\": %llu, \"Exitval\": %d, \"Signal\": %d, \"Command\": ",
		(double)r->outcome.started / CLOCK_SECOND,
		(double)r->outcome.took / CLOCK_SECOND,
		d->item->run ? d->item->run->bytes.len : 0, (unsigned long long)r->captured,
		exit_value, signal_number);
	json_text_quoted(to, command, strlen(command));
	buf_adds(to, ", ");
	values_text(to, "V", ": ", &values);
	buf_adds(to, ", ");
}

bool object_write_gnu(const struct delivery *d, struct store *store, const struct outlet *to)
{
	const struct result *r = &d->result;
	struct buf text = { 0 };
	bool ok;

	add_gnu_members(&text, d);
	ok = write_stream(to, &text, store, "Stdout", ": ", &r->output[STREAM_OUT]);
	buf_adds(&text, ", ");
	ok = ok && write_stream(to, &text, store, "Stderr", ": ", &r->output[STREAM_ERR]);
	if (r->slot)
		buf_addf(&text, ", \"Slot\": %u, \"Attempts\": %u, \"Waited\": %.3f }\n", r->slot,
			d->attempts, (double)r->waited / CLOCK_SECOND);
	else
		buf_addf(&text, ", \"Slot\": null, \"Attempts\": %u, \"Waited\": null }\n", d->attempts);
	if (ok)
		send(to, &text);
	buf_free(&text);
	return ok;
}
