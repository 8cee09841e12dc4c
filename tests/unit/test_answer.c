/* What a persistent worker answers, in each form, and what is told of what is no answer. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "action/run/answer.h"
#include "action/run/frames.h"

/* What is read of it, as "output<status id>"; or why it is broken, and what was said. */
static const char *read_as(enum answer_form form, const char *until, const char *text)
{
	static char told[1000];
	struct answer a;
	struct answer_part part;
	enum answer_event event;
	size_t len = strlen(text), n = 0;

	answer_begin(&a, &(struct answer_rules){ form, until, 1000 });
	while ((event = answer_read(&a, &text, &len, &part)) == ANSWER_PART
	       || event == ANSWER_WHOLE) {
		n += (size_t)sprintf(told + n, "%.*s", (int)part.len, part.data);
		if (event == ANSWER_WHOLE && form == ANSWER_LINES)
			n += (size_t)sprintf(told + n, "<%d>", a.status);
		else if (event == ANSWER_WHOLE && form == ANSWER_FRAMES)
			n += (size_t)sprintf(told + n, "<%d %d>", a.status, (int)a.id);
		else if (event == ANSWER_WHOLE)
			n += (size_t)sprintf(told + n, "<%d %s>", a.status, buf_str(&a.name));
	}
	if (event == ANSWER_BROKEN)
		n += (size_t)sprintf(told + n, "%s: %s", a.why, buf_str(&a.said));
	else if (answer_is_torn(&a))
		n += (size_t)sprintf(told + n, "...");
	told[n] = '\0';
	answer_free(&a);
	return told;
}

static void a_line_is_an_answer(void **state)
{
	(void)state;
	assert_string_equal(read_as(ANSWER_LINES, NULL, "a\n\nb c\n"), "a\n<0>\n<0>b c\n<0>");
	assert_string_equal(read_as(ANSWER_LINES, NULL, "a\nb"), "a\n<0>b...");
}

static void lines_to_one_that_begins_so_are_an_answer(void **state)
{
	static const char wrong[] = "what stands behind --until's STR is no status from 0 to 255: ";

	(void)state;
	assert_string_equal(read_as(ANSWER_LINES, "OK", "a\nb\nOK\nOK 3\n"), "a\nb\n<0><3>");
	assert_string_equal(read_as(ANSWER_LINES, "OK", "O\nOx\nxOK\nOK255 \r\n"),
		"O\nOx\nxOK\n<255>");
	assert_string_equal(read_as(ANSWER_LINES, "OK", "a\nO"), "a\n...");
	assert_memory_equal(read_as(ANSWER_LINES, "OK", "OK 256\n"), wrong, sizeof wrong - 1);
	assert_memory_equal(read_as(ANSWER_LINES, "OK", "OKAY\n"), wrong, sizeof wrong - 1);
	assert_memory_equal(read_as(ANSWER_LINES, "OK", "OK -1\n"), wrong, sizeof wrong - 1);
}

static void a_frame_says_how_long_it_is_and_whose(void **state)
{
	(void)state;
	assert_string_equal(read_as(ANSWER_FRAMES, NULL, "0 3 7\na\nb\n12 0 8\n\n"),
		"a\nb<0 7><12 8>");
	assert_string_equal(read_as(ANSWER_FRAMES, NULL, "0 3 7\na"), "a...");
	assert_string_equal(read_as(ANSWER_FRAMES, NULL, "0 1 7\nabc"),
		"athe bytes of a frame are not followed by a newline: bc");
	assert_string_equal(read_as(ANSWER_FRAMES, NULL, "Hello!\n"),
		"a frame begins with its status, a number from 0 to 255: Hello!\n");
	assert_string_equal(read_as(ANSWER_FRAMES, NULL, "0  1 7\n"),
		"the status of a frame is followed by a blank and its length: 0  1 7\n");
	assert_string_equal(read_as(ANSWER_FRAMES, NULL, "0 1001 7\n"),
		"an answer is longer than --max-item allows: 0 1001 7\n");
}

static void an_item_is_framed_with_its_length(void **state)
{
	struct buf text = { 0 };

	(void)state;
	frame_write(&text, 7, 2, "a\nb", 3);
	assert_string_equal(buf_str(&text), "3 7 2\na\nb\n");
	buf_free(&text);
}

static void an_object_is_an_answer(void **state)
{
	(void)state;
	assert_string_equal(read_as(ANSWER_JSON, NULL, "{\"id\":\"r-1\",\"out\":\"a\"}\n"),
		"a\n<0 r-1>");
	assert_string_equal(read_as(ANSWER_JSON, NULL,
		"{\"status\":3,\"id\":7}\n{\"id\":8,\"out\":{\"b\":1.50}}\n"),
		"<3 7>{\"b\":1.50}\n<0 8>");
	assert_string_equal(read_as(ANSWER_JSON, NULL, "{\"id\":1,\"out64\":\"YQ==\"}\n"),
		"a<0 1>");
	assert_string_equal(read_as(ANSWER_JSON, NULL, "{\"id\":1"), "...");
	assert_string_equal(read_as(ANSWER_JSON, NULL, "ready\n"),
		"a line is no JSON object: ready");
	assert_string_equal(read_as(ANSWER_JSON, NULL, "{\"out\":1}\n"),
		"an answer has no \"id\": {\"out\":1}");
	assert_string_equal(read_as(ANSWER_JSON, NULL, "{\"id\":1,\"status\":999}\n"),
		"the \"status\" of an answer is no number from 0 to 255: {\"id\":1,\"status\":999}");
}

static void no_answer_is_longer_than_allowed_however_it_comes(void **state)
{
	static const struct answer_rules rules[] = {
		{ ANSWER_LINES, NULL, 100 }, { ANSWER_LINES, "OK", 100 }, { ANSWER_JSON, NULL, 100 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++) {
		struct answer a;
		struct answer_part part;
		unsigned bytes = 0;

		answer_begin(&a, &rules[i]);
		for (bool ok = true; ok; bytes++) {
			const char *data = "x";
			size_t len = 1;

			ok = answer_read(&a, &data, &len, &part) != ANSWER_BROKEN;
		}
		assert_int_equal(bytes, 101);
		assert_string_equal(a.why, "an answer is longer than --max-item allows");
		answer_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_an_answer),
		cmocka_unit_test(lines_to_one_that_begins_so_are_an_answer),
		cmocka_unit_test(a_frame_says_how_long_it_is_and_whose),
		cmocka_unit_test(an_item_is_framed_with_its_length),
		cmocka_unit_test(an_object_is_an_answer),
		cmocka_unit_test(no_answer_is_longer_than_allowed_however_it_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
