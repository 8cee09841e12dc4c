/* JSON as it is read: the only room that knows jansson.
 *
 * One thread at a time for each value. Of members with the same name the last one
 * counts. */
#ifndef PQ_JSON_H
#define PQ_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct json_value;

/* Is jansson there? If not, nothing can be read. */
bool json_value_built(void);
/* An object, the caller's; NULL when the bytes are none: `why` gets a line about that. */
struct json_value *json_value_read(const char *data, size_t len, struct buf *why);
void json_value_free(struct json_value *object);
/* What follows is a view, valid as long as the object. NULL: `object` is none, or has no
 * such member. */
const struct json_value *json_value_member(const struct json_value *object, const char *name);
/* How many elements an array has; 0 when it is none. */
size_t json_value_count(const struct json_value *array);
const struct json_value *json_value_at(const struct json_value *array, size_t i);
/* The bytes of a string; false when it is none. */
bool json_value_string(const struct json_value *value, const char **data, size_t *len);
/* Append it as text: strings as they are, null as nothing, all else as compact JSON, numbers
 * as they are spelled in `text`: the bytes that the object was read from, with a NUL. */
void json_value_spell(struct buf *to, const char *text, const struct json_value *value);

#endif
