/* JSON as it is read. See json.h. */
#include "base/json.h"

#include "base/buf.h"
#include "config.h"
#include "base/json_text.h"

#ifdef HAVE_JANSSON

#include <jansson.h>
#include <string.h>

/* Levels of arrays and objects. */
enum { DEEPEST = 100 };

bool json_value_built(void)
{
	return true;
}

static const json_t *inner(const struct json_value *value)
{
	return (const json_t *)value;
}

/* Nested deeper than a thread's stack allows for? jansson itself goes down to 2048. */
static bool is_too_deep(const char *data, size_t len)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < len && depth <= DEEPEST; i++) {
		if (data[i] == '"')
			quoted = !quoted;
		else if (quoted)
			i += data[i] == '\\';
		else if (data[i] == '[' || data[i] == '{')
			depth++;
		else if (data[i] == ']' || data[i] == '}')
			depth--;
	}
	return depth > DEEPEST;
}

/* --- numbers ------------------------------------------------------------ */

static size_t count_digits(const char *data, size_t len)
{
	size_t n = 0;

	while (n < len && data[n] >= '0' && data[n] <= '9')
		n++;
	return n;
}

/* Bytes of the number that the text begins with (RFC 8259); 0: it begins with none. */
static size_t number_length(const char *data, size_t len)
{
	size_t n = len && *data == '-', digits = count_digits(data + n, len - n), sign;

	if (!digits || (digits > 1 && data[n] == '0'))
		return 0;
	n += digits;
	if (n < len && data[n] == '.') {
		digits = count_digits(data + n + 1, len - n - 1);
		if (!digits)
			return 0;
		n += 1 + digits;
	}
	if (n == len || (data[n] != 'e' && data[n] != 'E'))
		return n;
	sign = n + 1 < len && (data[n + 1] == '+' || data[n + 1] == '-');
	digits = count_digits(data + n + 1 + sign, len - n - 1 - sign);
	return digits ? n + 1 + sign + digits : 0;
}

/* Is it a part of a word or a number that may stand outside of strings? */
static bool is_of_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
		|| (c && strchr("+-._", c));
}

/* jansson keeps what a number is worth, not how it is spelled, and some are too large for
 * it. So it reads this instead: the text with each number's place in it for the number. */
static void number_places(struct buf *to, const char *data, size_t len)
{
	bool quoted = false;
	size_t from = 0;

	for (size_t i = 0, n = 1; i < len; i += n) {
		n = 1;
		if (quoted && data[i] == '\\') {
			n = 2;
		} else if (data[i] == '"') {
			quoted = !quoted;
		} else if (!quoted && is_of_word(data[i])) {
			size_t number = number_length(data + i, len - i);

			while (i + n < len && is_of_word(data[i + n]))
				n++;
			if (number == n) {
				buf_add(to, data + from, i - from);
				buf_addf(to, "%zu", i);
				from = i + n;
			}
		}
	}
	buf_add(to, data + from, len - from);
}

/* --- reading ------------------------------------------------------------ */

/* What is wrong with it, of which `error` was said of the text with places. */
static void json_tell_error(struct buf *why, const char *data, size_t len,
	const json_error_t *error)
{
	static const char unicode[] = "invalid Unicode ";
	json_error_t own = *error;
	json_t *value = json_loadb(data, len, JSON_ALLOW_NUL | JSON_DECODE_ANY, &own);

	json_decref(value);
	if (value || strstr(own.text, "too big") || strstr(own.text, "overflow"))
		own = *error;
	if (strncmp(own.text, unicode, sizeof unicode - 1) == 0)
		buf_addf(why, "has an escape that is half of a character: %s",
			own.text + sizeof unicode - 1);
	else
		buf_addf(why, "is no JSON: %s", own.text);
}

struct json_value *json_value_read(const char *data, size_t len, struct buf *why)
{
	struct buf places = { 0 };
	json_error_t error;
	json_t *value;

	if (is_too_deep(data, len)) {
		buf_addf(why, "is JSON of more than %d levels", DEEPEST);
		return NULL;
	}
	number_places(&places, data, len);
	value = json_loadb(places.data, places.len, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
	buf_free(&places);
	if (!value)
		json_tell_error(why, data, len, &error);
	else if (!json_is_object(value))
		buf_adds(why, "is JSON, but no object");
	else
		return (struct json_value *)value;
	json_decref(value);
	return NULL;
}

void json_value_free(struct json_value *object)
{
	json_decref((json_t *)object);
}

const struct json_value *json_value_member(const struct json_value *object, const char *name)
{
	return (const struct json_value *)json_object_get(inner(object), name);
}

size_t json_value_count(const struct json_value *array)
{
	return json_array_size(inner(array));
}

const struct json_value *json_value_at(const struct json_value *array, size_t i)
{
	return (const struct json_value *)json_array_get(inner(array), i);
}

bool json_value_string(const struct json_value *value, const char **data, size_t *len)
{
	if (!json_is_string(inner(value)))
		return false;
	*data = json_string_value(inner(value));
	*len = json_string_length(inner(value));
	return true;
}

/* --- spelling ----------------------------------------------------------- */

static void json_add_number(struct buf *to, const char *text, const json_t *v)
{
	const char *number = text + json_integer_value(v);

	buf_add(to, number, number_length(number, strspn(number, "+-.0123456789eE")));
}

static void add_compact(struct buf *to, const char *text, const json_t *v);

static void add_object(struct buf *to, const char *text, const json_t *v)
{
	const char *key, *between = "";
	json_t *member;

	buf_addc(to, '{');
	json_object_foreach((json_t *)v, key, member) {
		buf_adds(to, between);
		json_text_quoted(to, key, strlen(key));
		buf_addc(to, ':');
		add_compact(to, text, member);
		between = ",";
	}
	buf_addc(to, '}');
}

static void add_array(struct buf *to, const char *text, const json_t *v)
{
	buf_addc(to, '[');
	for (size_t i = 0; i < json_array_size(v); i++) {
		buf_adds(to, i ? "," : "");
		add_compact(to, text, json_array_get(v, i));
	}
	buf_addc(to, ']');
}

/* It was not too deep to be read. */
static void add_compact(struct buf *to, const char *text, const json_t *v)
{
	if (json_is_object(v))
		add_object(to, text, v);
	else if (json_is_array(v))
		add_array(to, text, v);
	else if (json_is_string(v))
		json_text_quoted(to, json_string_value(v), json_string_length(v));
	else if (json_is_integer(v))
		json_add_number(to, text, v);
	else
		buf_adds(to, json_is_null(v) ? "null" : json_is_true(v) ? "true" : "false");
}

void json_value_spell(struct buf *to, const char *text, const struct json_value *value)
{
	const json_t *v = inner(value);

	if (json_is_string(v))
		buf_add(to, json_string_value(v), json_string_length(v));
	else if (v && !json_is_null(v))
		add_compact(to, text, v);
}

#else

/* Nobody comes this far: what needs it is refused. */

bool json_value_built(void)
{
	return false;
}

struct json_value *json_value_read(const char *data, size_t len, struct buf *why)
{
	(void)data;
	(void)len;
	buf_adds(why, "cannot be read: built without jansson");
	return NULL;
}

void json_value_free(struct json_value *object)
{
	(void)object;
}

const struct json_value *json_value_member(const struct json_value *object, const char *name)
{
	(void)object;
	(void)name;
	return NULL;
}

size_t json_value_count(const struct json_value *array)
{
	(void)array;
	return 0;
}

const struct json_value *json_value_at(const struct json_value *array, size_t i)
{
	(void)array;
	(void)i;
	return NULL;
}

bool json_value_string(const struct json_value *value, const char **data, size_t *len)
{
	(void)value;
	(void)data;
	(void)len;
	return false;
}

void json_value_spell(struct buf *to, const char *text, const struct json_value *value)
{
	(void)to;
	(void)text;
	(void)value;
}

#endif
