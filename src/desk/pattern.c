/* Expressions of the command line. See pattern.h. */
#include "desk/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "action/transform/regex.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"

struct regex *pattern_compile(const char *option, const char *pattern, unsigned flags,
	struct buf *why)
{
	size_t at, len = strlen(pattern);
	struct regex *regex = regex_new(pattern, len, flags | REGEX_GUESS, why, &at);

	if (!regex) {
		char *text = mem_copy(buf_str(why), why->len);

		buf_clear(why);
		buf_addf(why, "%s, column %zu: %s in ", option, at + 1, text);
		msg_quote(why, pattern, len, 60);
		free(text);
	}
	return regex;
}
