/* The key of a line. See field.h. */
#include "source/field.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

bool field_find(struct field_rules *rules, const char *header, size_t len)
{
	struct field_rules at = *rules;
	const char *end, *field;
	size_t wanted, n;

	if (!rules->name || !len)
		return !rules->name;
	end = memchr(header, rules->end, len);
	end = end ? end : header + len;
	wanted = strlen(rules->name);
	for (at.column = 1; ; at.column++) {
		field = field_of(&at, header, (size_t)(end - header), &n);
		if (n == wanted && memcmp(field, rules->name, n) == 0)
			break;
		if (field + n == end)
			return false;
	}
	rules->column = at.column;
	rules->name = NULL;
	return true;
}

const char *field_of(const struct field_rules *rules, const char *data, size_t len,
	size_t *field_len)
{
	const char *end = memchr(data, rules->end, len), *stop;

	end = end ? end : data + len;
	for (uint64_t i = 1; i < rules->column; i++) {
		stop = memchr(data, rules->separator, (size_t)(end - data));
		data = stop ? stop + 1 : end;
	}
	stop = rules->column ? memchr(data, rules->separator, (size_t)(end - data)) : NULL;
	*field_len = (size_t)((stop ? stop : end) - data);
	return data;
}

size_t field_shard(const char *key, size_t len, size_t places)
{
	/* Nobody gains by keys that collide, and the same key is with the same job in each run. */
	static const struct hash_key fixed = { { UINT64_C(0x7370726561642d6b), 1 } };

	return (size_t)(hash_bytes(&fixed, key, len) % places);
}

size_t field_bin(const char *key, size_t len, size_t places)
{
	char text[32] = "";
	long long n;

	memcpy(text, key, len < sizeof text - 1 ? len : sizeof text - 1);
	n = strtoll(text, NULL, 10) % (long long)places;
	return (size_t)((n + (long long)places - 1) % (long long)places);
}
