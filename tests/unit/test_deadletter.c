/* The dead letter: what is written is JSON, whatever the item and its stderr hold, and
 * the item can be read back. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/chain.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/mem.h"
#include "group.h"
#include "item.h"
#include "scratch.h"
#include "view/deadletter.h"

enum { ITEMS = 2000, LONGEST = 40 };

struct sample {
	char bytes[LONGEST];
	size_t len;
};

static void make_sample(uint32_t *random, struct sample *s)
{
	static const char odd[] = "\"\\\n\xc3\xa9\xff\xed\xa0\x80";

	s->len = unit_below(random, LONGEST);
	for (size_t i = 0; i < s->len; i++)
		s->bytes[i] = unit_below(random, 3) ? odd[unit_below(random, sizeof odd)]
			: (char)unit_random(random);
}

/* A delivery of these values that has failed, and printed the first of them. */
static const struct group only = { .number = 1, .name = "1" };

static struct item *failed_item(struct store *store, const struct sample *s, uint32_t values)
{
	struct draft draft = { .source = "a \"source\"\n" };
	struct result *r;
	struct item *item;

	for (uint32_t i = 0; i < values; i++)
		draft_add(&draft, s[i].bytes, s[i].len);
	item = item_new(&draft, values, 7);
	draft_free(&draft);
	item->deliveries[0].group = &only;
	item->deliveries[0].attempts = 2;
	item->deliveries[0].begun = 1700000000 * CLOCK_SECOND;
	item->deliveries[0].verdict = VERDICT_REJECT;
	r = &item->deliveries[0].result;
	r->outcome = (struct outcome){ OUTCOME_NOT_STARTED, 126,
		1700000001 * CLOCK_SECOND + 5 * CLOCK_MS, 0 };
	r->why = mem_copy("says \"no\"", 9);
	if (s->len)
		r->tail[STREAM_ERR] = chunk_new(store, s->bytes, s->len);
	return item;
}

static void check_string(const struct json_value *value, bool coded, const struct sample *s)
{
	struct buf back = { 0 };
	const char *data;
	size_t len;

	assert_true(json_value_string(value, &data, &len));
	if (coded)
		assert_true(base64_read(&back, data, len));
	else
		buf_add(&back, data, len);
	assert_int_equal(back.len, s->len);
	if (s->len)
		assert_memory_equal(back.data, s->bytes, s->len);
	buf_free(&back);
}

static void check_text(const struct json_value *line, const char *name, const char *expected)
{
	const char *data;
	size_t len;

	assert_true(json_value_string(json_value_member(line, name), &data, &len));
	assert_string_equal(data, expected);
}

static void check_line(const char *data, size_t len, const struct sample *s, uint32_t values)
{
	struct buf why = { 0 };
	struct json_value *line = json_value_read(data, len, &why);
	const struct json_value *text, *coded;

	if (!line)
		fail_msg("%s", buf_str(&why));
	text = json_value_member(line, "item");
	coded = json_value_member(line, "item_base64");
	assert_true(!text != !coded);
	for (uint32_t i = 0; i < values; i++)
		check_string(values == 1 ? text ? text : coded
			: json_value_at(text ? text : coded, i), coded, &s[i]);
	check_text(line, "source", "a \"source\"\n");
	check_text(line, "outcome", "not started");
	check_text(line, "reason", "says \"no\"");
	check_text(line, "first", "2023-11-14T22:13:20.000Z");
	check_text(line, "last", "2023-11-14T22:13:21.005Z");
	json_value_free(line);
	buf_free(&why);
}

static void any_item_is_a_line_of_json(void **state)
{
	char *path = scratch_path("dead.jsonl"), *data, *at;
	struct store *store = store_new(1 << 20);
	struct deadletter *dead = deadletter_open(path, &(struct deadletter_rules){ .store = store,
		.run_id = "0123456789abcdef" });
	struct sample (*samples)[3] = mem_alloc(ITEMS * sizeof *samples);
	uint32_t random = unit_seed(3);
	size_t len;
	int fd;

	(void)state;
	for (int i = 0; i < ITEMS; i++) {
		uint32_t values = 1 + (uint32_t)i % 3;
		struct item *item;

		for (uint32_t k = 0; k < values; k++)
			make_sample(&random, &samples[i][k]);
		item = failed_item(store, samples[i], values);
		assert_true(deadletter_add(dead, &item->deliveries[0]));
		result_forget(&item->deliveries[0].result, store);
		item_free(item, NULL);
	}
	assert_true(deadletter_close(dead));
	fd = open(path, O_RDONLY);
	at = data = unit_content(fd, &len);
	for (int i = 0; json_value_built() && i < ITEMS; i++) {
		char *end = memchr(at, '\n', (size_t)(data + len - at));

		assert_non_null(end);
		check_line(at, (size_t)(end - at), samples[i], 1 + (uint32_t)i % 3);
		at = end + 1;
	}
	assert_true(!json_value_built() || at == data + len);
	close(fd);
	free(data);
	free(samples);
	free(path);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_item_is_a_line_of_json),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
