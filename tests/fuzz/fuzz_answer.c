/* Any bytes are answers, or are refused with a reason: libFuzzer's way in.
 *
 * The first byte says which form they have. However they come, in one piece, byte by byte
 * or in pieces of some bytes, the same answers are read of them. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/run/answer.h"
#include "base/buf.h"

enum { ANSWER_FUZZ_MOST = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void whole(struct buf *told, const struct answer *a, struct buf *out)
{
	if (out->len > ANSWER_FUZZ_MOST + 1 || a->status < 0 || a->status > 255)
		abort(); /* json: and a newline */
	buf_add(told, out->data, out->len);
	buf_addf(told, "<%d %llu ", a->status, (unsigned long long)a->id);
	if (a->rules.form == ANSWER_JSON)
		buf_add(told, a->name.data, a->name.len);
	buf_addc(told, '>');
	buf_clear(out);
}

/* Read a piece that stands in memory of its own, with no byte to spare. */
static bool read_piece(struct answer *a, const char *from, size_t n, struct buf *told,
	struct buf *out)
{
	char *piece = malloc(n);
	const char *data = piece;
	struct answer_part part;
	enum answer_event event;

	if (!piece)
		abort();
	memcpy(piece, from, n);
	while ((event = answer_read(a, &data, &n, &part)) != ANSWER_MORE && event != ANSWER_BROKEN) {
		buf_add(out, part.data, part.len);
		if (event == ANSWER_WHOLE)
			whole(told, a, out);
	}
	if (event == ANSWER_MORE && n > 0)
		abort();
	free(piece);
	return event == ANSWER_MORE;
}

static void read_all(struct buf *told, unsigned char form, const char *data, size_t len,
	size_t step)
{
	struct answer_rules rules = { .form = (enum answer_form)(form % 3),
		.until = form % 4 == 3 ? "==" : NULL, .most = ANSWER_FUZZ_MOST };
	struct answer a;
	struct buf out = { 0 };
	bool ok = true;

	answer_begin(&a, &rules);
	for (size_t n; ok && len > 0; data += n, len -= n) {
		n = len < step ? len : step;
		ok = read_piece(&a, data, n, told, &out);
	}
	if (a.said.len > ANSWER_SAID || ok != !a.why)
		abort();
	buf_adds(told, a.why ? a.why : answer_is_torn(&a) ? "torn" : "");
	answer_free(&a);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t steps[] = { 1, 2, 3, 7 };
	struct buf at_once = { 0 }, told = { 0 };

	if (!size)
		return 0;
	read_all(&at_once, *data, (const char *)data + 1, size - 1, size);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		buf_clear(&told);
		read_all(&told, *data, (const char *)data + 1, size - 1, steps[i]);
		if (strcmp(buf_str(&told), buf_str(&at_once)) != 0)
			abort();
	}
	buf_free(&at_once);
	buf_free(&told);
	return 0;
}
