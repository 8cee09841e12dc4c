/* What is written to a persistent worker of an item. See feed.h. */
#include "action/run/feed.h"

#include <string.h>

#include "action/run/frames.h"
#include "action/template/template.h"
#include "base/buf.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "item.h"

/* Which try it is, as a worker sees it: one that was lost has been seen before. */
static unsigned feed_attempt(const struct delivery *d)
{
	return d->attempts + d->lost;
}

void feed_name(const struct feed_rules *r, const struct delivery *d, struct buf *to)
{
	item_id(to, d->item, r->run_id, d->item->number);
}

static void feed_json(const struct feed_rules *r, const struct delivery *d,
	const struct value *text, struct buf *to)
{
	struct buf value = { 0 };

	feed_name(r, d, &value);
	buf_adds(to, "{\"id\":");
	json_text_quoted(to, value.data, value.len);
	buf_addf(to, ",\"attempt\":%u,\"seq\":%llu", feed_attempt(d),
		(unsigned long long)d->item->number);
	if (r->key) {
		buf_clear(&value);
		template_fill(r->key, &(struct fill){ .item = d->item, .slot = 0 }, &value);
		buf_adds(to, ",\"key\":");
		json_text_quoted(to, value.data, value.len);
	}
	buf_free(&value);
	if (utf8_valid(text->data, text->len)) {
		buf_adds(to, ",\"item\":");
		json_text_quoted(to, text->data, text->len);
	} else {
		buf_adds(to, ",\"item64\":\"");
		base64_add(to, text->data, text->len);
		buf_addc(to, '"');
	}
	buf_adds(to, "}\n");
}

static const char *feed_text(const struct feed_rules *r, const struct delivery *d,
	const struct value *text, struct buf *to)
{
	switch (r->form) {
	case ANSWER_LINES:
		if (memchr(text->data, '\n', text->len))
			return "holds a newline, and would be several items to a worker that reads "
				"lines; use --persistent=frames";
		buf_add(to, text->data, text->len);
		buf_addc(to, '\n');
		break;
	case ANSWER_FRAMES:
		frame_write(to, d->item->seq, feed_attempt(d), text->data, text->len);
		break;
	case ANSWER_JSON:
		feed_json(r, d, text, to);
		break;
	}
	return NULL;
}

const char *feed_item(const struct feed_rules *r, const struct delivery *d, struct buf *to)
{
	struct buf several = { 0 };
	struct value text;
	const char *why;

	if (item_wholes(d->item) == 1) { /* as nearly always */
		text = item_whole(d->item, 0);
		return feed_text(r, d, &text, to);
	}
	template_fill(r->item, &(struct fill){ .item = d->item, .slot = 0 }, &several);
	text = (struct value){ several.data ? several.data : "", several.len };
	why = feed_text(r, d, &text, to);
	buf_free(&several);
	return why;
}
