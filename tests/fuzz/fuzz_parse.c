/* Any bytes are a program, or are refused with one line: libFuzzer's way in.
 *
 * The same text must mean the same as the value of -e and as a script. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/transform/transform.h"
#include "base/buf.h"

/* More than any message has, whatever it quotes. */
#define LONGEST_MESSAGE 600

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(struct buf *why, const char *begins)
{
	if (strncmp(buf_str(why), begins, strlen(begins)) != 0 || why->len > LONGEST_MESSAGE
			|| memchr(why->data, '\n', why->len))
		abort();
}

static bool parses(const char *text, size_t len, bool script)
{
	struct transform *t = transform_new('\n');
	struct buf why = { 0 };
	bool ok = script ? transform_add_script(t, text, len, &why) : transform_add(t, text, &why);

	if (ok && why.len)
		abort();
	if (!ok)
		check_message(&why, script ? "line " : "-e, ");
	transform_free(t);
	buf_free(&why);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *script = malloc(size + !size), *text = malloc(size + 1); /* no byte to spare */
	bool ok;

	if (!script || !text)
		abort();
	if (size) {
		memcpy(script, data, size);
		memcpy(text, data, size);
	}
	text[size] = '\0';
	ok = parses(script, size, true);
	if (parses(text, strlen(text), false) != ok && strlen(text) == size)
		abort();
	free(script);
	free(text);
	return 0;
}
