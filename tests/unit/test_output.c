/* What attempts print, on its way: parts by line are whole lines, however long these are and
 * whatever their tags make of them; and the end of each stream is kept. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "action/run/output.h"
#include "base/buf.h"
#include "base/chain.h"
#include "item.h"

enum { LONGEST = 250000, LINES = 40, ROUNDS = 60, TAIL = 1000 };

static struct store *store;
static struct buf written[STREAMS]; /* as the collector would */
static unsigned torn;               /* parts that ended within a line */
static char scratch[CHAIN_SLOT];

static void take_chain(int stream, struct chain *c)
{
	for (const struct chunk *k = c->first; k; k = k->next)
		buf_add(&written[stream], chunk_data(store, k, scratch), k->len);
	chain_free(store, c);
}

static void take_part(void *ctx, struct delivery *d, int stream, struct chain *bytes)
{
	(void)ctx;
	(void)d;
	take_chain(stream, bytes);
	torn += written[stream].data[written[stream].len - 1] != '\n';
}

static bool has_room(void *ctx, struct delivery *d, int64_t wait)
{
	(void)ctx;
	(void)d;
	(void)wait;
	return true;
}

static void no_spool(void *ctx)
{
	(void)ctx;
	abort();
}

static struct item *one_item(void)
{
	struct draft draft = { 0 };
	struct item *item;

	draft_add(&draft, "x", 1);
	item = item_new(&draft, 1, 1);
	draft_free(&draft);
	return item;
}

/* Mostly short ones, some of them longer than all buffers; the last may have no newline. */
static void print_lines(struct output *o, int stream, uint32_t *random, const char *tag,
	struct buf *plain, struct buf *tagged)
{
	static char line[LONGEST + 1];
	uint32_t lines = unit_below(random, LINES);

	for (uint32_t i = 0; i < lines; i++) {
		size_t len = unit_below(random, unit_below(random, 4) ? 100 : LONGEST);
		bool ends = i + 1 < lines || unit_below(random, 2);

		memset(line, 'a' + (int)unit_below(random, 26), len);
		if (ends)
			line[len++] = '\n';
		buf_add(plain, line, len);
		if (len)
			buf_adds(tagged, tag);
		buf_add(tagged, line, len);
		for (size_t done = 0, n; done < len; done += n) {
			n = 1 + unit_below(random, 70000);
			n = n < len - done ? n : len - done;
			output_put(o, stream, line + done, n);
			if (unit_below(random, 3) == 0)
				output_idle(o);
		}
	}
}

static void check_tail(const struct chunk *tail, const struct buf *plain)
{
	size_t len = plain->len < TAIL ? plain->len : TAIL;

	assert_int_equal(tail ? tail->len : 0, len);
	if (len)
		assert_memory_equal(chunk_data(store, tail, scratch),
			plain->data + plain->len - len, len);
}

static void one_round(uint32_t *random)
{
	struct output_rules rules = { .store = store, .captured = true, .by_line = true,
		.tail = { TAIL, TAIL }, .part = take_part, .room = has_room, .failed = no_spool };
	struct output *o = output_new(&rules);
	struct buf plain[STREAMS] = { 0 }, tagged[STREAMS] = { 0 }, tag = { 0 };
	struct item *item = one_item();
	struct result *r = &item->deliveries[0].result;

	for (uint32_t n = unit_below(random, 3) * unit_below(random, 40); n > 0; n--)
		buf_addc(&tag, 't');
	output_begin(o, &item->deliveries[0], true, tag.len ? &tag : NULL);
	for (int i = 0; i < STREAMS; i++)
		print_lines(o, i, random, buf_str(&tag), &plain[i], &tagged[i]);
	assert_int_equal(torn, 0);
	output_end(o);
	torn = 0; /* a last line without an end is one */
	for (int i = 0; i < STREAMS; i++) {
		take_chain(i, &r->output[i]);
		assert_int_equal(written[i].len, tagged[i].len);
		if (tagged[i].len)
			assert_memory_equal(written[i].data, tagged[i].data, tagged[i].len);
		check_tail(r->tail[i], &plain[i]);
		buf_free(&written[i]);
		buf_free(&plain[i]);
		buf_free(&tagged[i]);
	}
	result_forget(r, store);
	buf_free(&tag);
	item_free(item, NULL);
	output_free(o);
}

static void by_line_parts_are_whole_lines(void **state)
{
	uint32_t random = unit_seed(7);

	(void)state;
	store = store_new(UINT64_MAX / 2);
	for (int i = 0; i < ROUNDS; i++)
		one_round(&random);
	assert_int_equal(store_in_memory(store), 0);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_line_parts_are_whole_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
