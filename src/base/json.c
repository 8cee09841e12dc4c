/* JSON as it is read. See json.h. */
#include "base/json.h"

#include "base/buf.h"
#include "config.h"
#include "base/json_text.h"
#include "base/msg.h"

#ifdef HAVE_JANSSON

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits that every number with a fraction has at least, and at most. */
enum { DIGITS_LEAST = 15, DIGITS_MOST = 17 };

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

struct json_value *json_value_read(const char *data, size_t len, struct buf *why)
{
	json_error_t error;
	json_t *value;

	if (is_too_deep(data, len)) {
		buf_addf(why, "is JSON of more than %d levels", DEEPEST);
		return NULL;
	}
	value = json_loadb(data, len, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
	if (!value)
		buf_addf(why, "is no JSON: %s", error.text);
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

static int append(const char *data, size_t len, void *to)
{
	buf_add(to, data, len);
	return 0;
}

/* As few digits as say which number it is. */
static size_t digits_of(double number)
{
	char text[64];
	size_t digits = DIGITS_LEAST;

	for (; digits < DIGITS_MOST; digits++) {
		snprintf(text, sizeof text, "%.*g", (int)digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	return digits;
}

static void add_scalar(struct buf *to, const json_t *v)
{
	size_t flags = JSON_ENCODE_ANY;

	if (json_is_real(v))
		flags |= JSON_REAL_PRECISION(digits_of(json_real_value(v)));
	if (json_dump_callback(v, append, to, flags) < 0)
		msg_die(125, "out of memory");
}

static void add_compact(struct buf *to, const json_t *v);

static void add_object(struct buf *to, const json_t *v)
{
	const char *key, *between = "";
	json_t *member;

	buf_addc(to, '{');
	json_object_foreach((json_t *)v, key, member) {
		buf_adds(to, between);
		json_text_quoted(to, key, strlen(key));
		buf_addc(to, ':');
		add_compact(to, member);
		between = ",";
	}
	buf_addc(to, '}');
}

static void add_array(struct buf *to, const json_t *v)
{
	buf_addc(to, '[');
	for (size_t i = 0; i < json_array_size(v); i++) {
		buf_adds(to, i ? "," : "");
		add_compact(to, json_array_get(v, i));
	}
	buf_addc(to, ']');
}

/* It was not too deep to be read. */
static void add_compact(struct buf *to, const json_t *v)
{
	if (json_is_object(v))
		add_object(to, v);
	else if (json_is_array(v))
		add_array(to, v);
	else if (json_is_string(v))
		json_text_quoted(to, json_string_value(v), json_string_length(v));
	else
		add_scalar(to, v);
}

void json_value_spell(struct buf *to, const struct json_value *value)
{
	const json_t *v = inner(value);

	if (json_is_string(v))
		buf_add(to, json_string_value(v), json_string_length(v));
	else if (v && !json_is_null(v))
		add_compact(to, v);
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

void json_value_spell(struct buf *to, const struct json_value *value)
{
	(void)to;
	(void)value;
}

#endif
