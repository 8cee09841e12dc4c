/* Answers of a persistent worker. See answer.h. */
#include "action/run/answer.h"

#include <string.h>

#include "action/run/frames.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/parse.h"

/* Bytes that may stand behind --until's on their line. */
enum { STATUS_TEXT = 64 };

static const char too_long[] = "an answer is longer than --max-item allows";

void answer_begin(struct answer *a, const struct answer_rules *rules)
{
	*a = (struct answer){ .rules = *rules };
}

void answer_free(struct answer *a)
{
	buf_free(&a->name);
	buf_free(&a->said);
	buf_free(&a->line);
	buf_free(&a->out);
}

bool answer_is_torn(const struct answer *a)
{
	return a->line.len > 0 || a->size > 0 || a->mid_line || a->body;
}

static enum answer_event answer_break(struct answer *a, const char *why, const char *data,
	size_t len)
{
	a->why = why;
	buf_clear(&a->said);
	buf_add(&a->said, data, len < ANSWER_SAID ? len : ANSWER_SAID);
	return ANSWER_BROKEN;
}

/* The next n bytes. */
static const char *answer_use(const char **data, size_t *len, size_t n)
{
	const char *used = *data;

	*data += n;
	*len -= n;
	return used;
}

/* Hand on bytes of output. */
static enum answer_event answer_part(struct answer *a, const char *data, size_t n,
	struct answer_part *part)
{
	if (n > a->rules.most - a->size)
		return answer_break(a, too_long, data, n);
	a->size += n;
	*part = (struct answer_part){ data, n };
	return ANSWER_PART;
}

static enum answer_event answer_whole(struct answer *a, int status)
{
	a->status = status;
	a->size = 0;
	return ANSWER_WHOLE;
}

/* --- lines ------------------------------------------------------------- */

/* Up to and with the next newline, or all there is. */
static size_t answer_line(const char *data, size_t len, bool *ended)
{
	const char *eol = memchr(data, '\n', len);

	*ended = eol != NULL;
	return eol ? (size_t)(eol - data) + 1 : len;
}

static enum answer_event answer_line_form(struct answer *a, const char **data, size_t *len,
	struct answer_part *part)
{
	bool ended;
	size_t n = answer_line(*data, *len, &ended);
	enum answer_event event = answer_part(a, answer_use(data, len, n), n, part);

	return event == ANSWER_PART && ended ? answer_whole(a, 0) : event;
}

/* --- lines to one that begins so --------------------------------------- */

/* What stands behind it: nothing, or a number between blanks. */
static bool answer_until_status(const char *text, size_t len, int *status)
{
	char digits[STATUS_TEXT + 1];
	uint64_t number;

	for (; len && strchr(" \t\r", text[len - 1]); len--)
		;
	for (; len && strchr(" \t", *text); len--)
		text++;
	*status = 0;
	if (!len)
		return true;
	if (memchr(text, '\0', len))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (!parse_count(digits, &number) || number > 255)
		return false;
	*status = (int)number;
	return true;
}

static enum answer_event answer_until_end(struct answer *a, const char **data, size_t *len,
	struct answer_part *part)
{
	bool ended;
	size_t mark = strlen(a->rules.until), n = answer_line(*data, *len, &ended);
	int status;

	buf_add(&a->line, answer_use(data, len, n), n);
	if (a->line.len - ended > mark + STATUS_TEXT
	    || (ended && !answer_until_status(a->line.data + mark, a->line.len - 1 - mark, &status)))
		return answer_break(a, "what stands behind --until's STR is no status from 0 to 255",
			a->line.data, a->line.len);
	if (!ended)
		return ANSWER_MORE;
	buf_clear(&a->line);
	*part = (struct answer_part){ "", 0 };
	return answer_whole(a, status);
}

/* The beginning of a line is kept until it is clear whether it is the end. */
static enum answer_event answer_until_form(struct answer *a, const char **data, size_t *len,
	struct answer_part *part)
{
	size_t mark = strlen(a->rules.until), n;
	bool ended;
	enum answer_event event;

	if (!a->mid_line) {
		while (*len && a->line.len < mark && **data == a->rules.until[a->line.len])
			buf_addc(&a->line, *answer_use(data, len, 1));
		if (a->line.len >= mark)
			return answer_until_end(a, data, len, part);
		if (!*len)
			return ANSWER_MORE;
		a->mid_line = true; /* this is another line */
		if (a->line.len) {
			/* What is kept is handed on; it stays where it is until the next call. */
			n = a->line.len;
			buf_clear(&a->line);
			return answer_part(a, a->line.data, n, part);
		}
	}
	n = answer_line(*data, *len, &ended);
	event = answer_part(a, answer_use(data, len, n), n, part);
	a->mid_line = !ended;
	return event;
}

/* --- frames ------------------------------------------------------------ */

static enum answer_event answer_frame_head(struct answer *a, const char **data, size_t *len)
{
	bool ended;
	size_t n = answer_line(*data, *len, &ended);
	struct frame_head head;
	const char *why;

	buf_add(&a->line, answer_use(data, len, n), n);
	if (!ended && a->line.len <= FRAME_HEAD)
		return ANSWER_MORE;
	why = frame_read(a->line.data, a->line.len - ended, &head);
	if (!why && head.len > a->rules.most)
		why = too_long;
	if (why)
		return answer_break(a, why, a->line.data, a->line.len);
	buf_clear(&a->line);
	a->body = true;
	a->status = head.status;
	a->id = head.id;
	a->left = head.len;
	return ANSWER_PART;
}

static enum answer_event answer_frame_form(struct answer *a, const char **data, size_t *len,
	struct answer_part *part)
{
	size_t n;

	*part = (struct answer_part){ "", 0 };
	if (!a->body)
		return answer_frame_head(a, data, len);
	if (a->left) {
		n = a->left < *len ? (size_t)a->left : *len;
		a->left -= n;
		return answer_part(a, answer_use(data, len, n), n, part);
	}
	if (**data != '\n')
		return answer_break(a, "the bytes of a frame are not followed by a newline", *data,
			*len);
	answer_use(data, len, 1);
	a->body = false;
	return answer_whole(a, a->status);
}

/* --- json -------------------------------------------------------------- */

/* A member as text in `to`; false: there is none. */
static bool answer_json_member(const struct answer *a, const struct json_value *object,
	const char *name, struct buf *to)
{
	const struct json_value *value = json_value_member(object, name);

	if (value)
		json_value_spell(to, a->line.data, value);
	return value != NULL;
}

/* What is wrong with it, or NULL. */
static const char *answer_of_json(struct answer *a, const struct json_value *object, int *status)
{
	struct buf text = { 0 };
	uint64_t number = 0;
	const char *why = NULL;

	buf_clear(&a->name);
	if (!answer_json_member(a, object, "id", &a->name))
		why = "an answer has no \"id\"";
	if (answer_json_member(a, object, "status", &text)
	    && (memchr(text.data ? text.data : "", '\0', text.len)
		|| !parse_count(buf_str(&text), &number) || number > 255))
		why = "the \"status\" of an answer is no number from 0 to 255";
	buf_clear(&text);
	if (answer_json_member(a, object, "out64", &text)) {
		if (!base64_read(&a->out, text.data ? text.data : "", text.len))
			why = "the \"out64\" of an answer is no base64";
	} else if (answer_json_member(a, object, "out", &a->out) && a->out.len
		   && a->out.data[a->out.len - 1] != '\n') {
		buf_addc(&a->out, '\n');
	}
	buf_free(&text);
	*status = (int)number;
	return why;
}

static enum answer_event answer_json_form(struct answer *a, const char **data, size_t *len,
	struct answer_part *part)
{
	struct buf flaw = { 0 };
	struct json_value *object;
	const char *why = "a line is no JSON object";
	bool ended;
	size_t n = answer_line(*data, *len, &ended);
	int status = 0;

	if (n > a->rules.most - a->line.len)
		return answer_break(a, too_long, a->line.len ? a->line.data : *data,
			a->line.len ? a->line.len : n);
	buf_add(&a->line, answer_use(data, len, n), n);
	if (!ended)
		return ANSWER_MORE;
	buf_clear(&a->out);
	object = json_value_read(buf_str(&a->line), a->line.len - 1, &flaw);
	buf_free(&flaw);
	if (object)
		why = answer_of_json(a, object, &status);
	json_value_free(object);
	if (why)
		return answer_break(a, why, a->line.data, a->line.len - 1);
	buf_clear(&a->line);
	*part = (struct answer_part){ a->out.len ? a->out.data : "", a->out.len };
	return answer_whole(a, status);
}

enum answer_event answer_read(struct answer *a, const char **data, size_t *len,
	struct answer_part *part)
{
	if (a->why)
		return ANSWER_BROKEN;
	if (!*len)
		return ANSWER_MORE;
	if (a->rules.form == ANSWER_FRAMES)
		return answer_frame_form(a, data, len, part);
	if (a->rules.form == ANSWER_JSON)
		return answer_json_form(a, data, len, part);
	if (a->rules.until)
		return answer_until_form(a, data, len, part);
	return answer_line_form(a, data, len, part);
}
