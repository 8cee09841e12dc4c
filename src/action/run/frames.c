/* Frames. See frames.h. */
#include "action/run/frames.h"

#include <stdbool.h>

#include "base/buf.h"

void frame_write(struct buf *to, uint64_t id, unsigned attempt, const char *data, size_t len)
{
	buf_addf(to, "%zu %llu %u\n", len, (unsigned long long)id, attempt);
	buf_add(to, data, len);
	buf_addc(to, '\n');
}

/* The number that the text begins with, and the text behind it; false: it begins with none,
 * or with one that is too large. */
static bool frame_number(const char **text, const char *end, uint64_t most, uint64_t *number)
{
	const char *s = *text;

	for (*number = 0; s < end && *s >= '0' && *s <= '9'; s++) {
		uint64_t digit = (uint64_t)(*s - '0');

		if (*number > (most - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	if (s == *text)
		return false;
	*text = s;
	return true;
}

const char *frame_read(const char *line, size_t len, struct frame_head *head)
{
	const char *end = line + len;
	uint64_t status;

	if (!frame_number(&line, end, 255, &status))
		return "a frame begins with its status, a number from 0 to 255";
	if (line == end || *line++ != ' ' || !frame_number(&line, end, UINT64_MAX, &head->len))
		return "the status of a frame is followed by a blank and its length";
	if (line == end || *line++ != ' ' || !frame_number(&line, end, UINT64_MAX, &head->id))
		return "the length of a frame is followed by a blank and the id of its item";
	if (line < end)
		return "the id of a frame is followed by a newline";
	head->status = (int)status;
	return NULL;
}
