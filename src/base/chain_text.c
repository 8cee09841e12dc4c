/* A chain as text. See chain_text.h. */
#include "base/chain_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/chain.h"
#include "base/json_text.h"
#include "base/mem.h"
#include "base/utf8.h"

/* A walk through a chain. What one piece leaves over is the beginning of the next. */
struct walk {
	/* Take of the piece what can be taken, all of it when it is the last; how much. */
	size_t (*take)(struct walk *w, const char *data, size_t len, bool last);
	enum chain_text as;
	const struct outlet *to;
	struct buf text;     /* encoded */
	char separator;
	struct chain_kind kind;
};

static bool walk_along(struct store *s, const struct chain *c, struct walk *w)
{
	struct buf piece = { 0 };
	const char *data = "";
	char *scratch;
	int error;

	if (!c->first)
		return true;
	scratch = mem_alloc(CHAIN_SLOT);
	for (const struct chunk *k = c->first; k && (data = chunk_data(s, k, scratch)); k = k->next) {
		size_t taken;

		buf_add(&piece, data, k->len);
		taken = w->take(w, piece.data, piece.len, !k->next);
		memmove(piece.data, piece.data + taken, piece.len - taken);
		piece.len -= taken;
	}
	error = errno;
	buf_free(&piece);
	free(scratch);
	errno = error;
	return data != NULL;
}

/* --- looking ----------------------------------------------------------- */

static bool needs_quotes(const char *data, size_t len, char separator)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] == separator || data[i] == '"' || data[i] == ' ' || data[i] == '\0'
		    || (data[i] >= '\t' && data[i] <= '\r'))
			return true;
	return false;
}

static size_t chain_text_look(struct walk *w, const char *data, size_t len, bool last)
{
	size_t whole = last ? len : len - utf8_unfinished(data, len);

	w->kind.quote = w->kind.quote || needs_quotes(data, whole, w->separator);
	w->kind.utf8 = w->kind.utf8 && utf8_valid(data, whole);
	return whole;
}

bool chain_look(struct store *s, const struct chain *c, char separator, struct chain_kind *kind)
{
	struct walk w = { .take = chain_text_look, .separator = separator, .kind.utf8 = true };
	bool ok = walk_along(s, c, &w);

	*kind = w.kind;
	return ok;
}

/* --- encoding ---------------------------------------------------------- */

static void add_doubled(struct buf *to, const char *data, size_t len)
{
	const char *end = data + len, *quote;

	for (; (quote = memchr(data, '"', (size_t)(end - data))); data = quote + 1) {
		buf_add(to, data, (size_t)(quote + 1 - data));
		buf_addc(to, '"');
	}
	buf_add(to, data, (size_t)(end - data));
}

static size_t encode(struct walk *w, const char *data, size_t len, bool last)
{
	size_t whole = len;

	buf_clear(&w->text);
	switch (w->as) {
	case CHAIN_RAW:
		w->to->write(w->to->ctx, data, len);
		return len;
	case CHAIN_JSON:
		whole -= last ? 0 : utf8_unfinished(data, len);
		json_text(&w->text, data, whole);
		break;
	case CHAIN_BASE64:
		whole -= last ? 0 : len % 3;
		base64_add(&w->text, data, whole);
		break;
	case CHAIN_CSV:
		add_doubled(&w->text, data, len);
		break;
	}
	w->to->write(w->to->ctx, w->text.data, w->text.len);
	return whole;
}

bool chain_put(struct store *s, const struct chain *c, enum chain_text as,
	const struct outlet *to)
{
	struct walk w = { .take = encode, .as = as, .to = to };
	bool ok = walk_along(s, c, &w);

	buf_free(&w.text);
	return ok;
}

/* --- into a chain ------------------------------------------------------ */

static void chain_cut(struct chain_writer *w)
{
	struct chunk *c = w->error ? NULL : chunk_new(w->store, w->text.data, w->text.len);

	if (c)
		chain_link(&w->chain, c);
	else if (!w->error)
		w->error = errno;
	buf_clear(&w->text);
}

void chain_write(void *writer, const char *data, size_t len)
{
	struct chain_writer *w = writer;

	for (size_t n; len > 0; data += n, len -= n) {
		n = CHAIN_SLOT - w->text.len < len ? CHAIN_SLOT - w->text.len : len;
		buf_add(&w->text, data, n);
		if (w->text.len == CHAIN_SLOT)
			chain_cut(w);
	}
}

bool chain_written(struct chain_writer *w)
{
	if (w->text.len)
		chain_cut(w);
	buf_free(&w->text);
	errno = w->error;
	return !w->error;
}
