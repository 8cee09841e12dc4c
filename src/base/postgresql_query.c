/* The parameters of statements for PostgreSQL, in its binary form: numbers in the order of
 * the network, an array as its head (dimensions, are there nulls, type of the elements,
 * count, first index) and its elements, each behind its length. See postgresql.h. */
#include "base/postgresql.h"

#include <string.h>

static void query_put(struct postgresql_query *q, uint64_t value, size_t bytes)
{
	for (size_t i = bytes; i-- > 0;)
		buf_addc(&q->bytes, (char)(value >> 8 * i & 0xff));
}

/* The last parameter ends here. */
static void query_measure(struct postgresql_query *q)
{
	q->parameters[q->count - 1].len = q->bytes.len - q->parameters[q->count - 1].at;
}

static void query_next(struct postgresql_query *q, enum postgresql_type type, bool array)
{
	q->parameters[q->count].type = type;
	q->parameters[q->count].array = array;
	q->parameters[q->count].null = false;
	q->parameters[q->count].at = q->bytes.len;
	q->count++;
}

void postgresql_ask(struct postgresql_query *q, const char *sql)
{
	buf_clear(&q->bytes);
	buf_reserve(&q->bytes, 1); /* so that no parameter is at NULL */
	q->count = 0;
	q->sql = sql;
}

void postgresql_give_bool(struct postgresql_query *q, bool value)
{
	query_next(q, POSTGRESQL_BOOL, false);
	query_put(q, value, 1);
	query_measure(q);
}

void postgresql_give_int(struct postgresql_query *q, int64_t value)
{
	query_next(q, POSTGRESQL_INT, false);
	query_put(q, (uint64_t)value, 8);
	query_measure(q);
}

static void query_give(struct postgresql_query *q, enum postgresql_type type, const void *data,
	size_t len)
{
	query_next(q, type, false);
	q->parameters[q->count - 1].null = data == NULL;
	if (data)
		buf_add(&q->bytes, data, len);
	query_measure(q);
}

void postgresql_give_text(struct postgresql_query *q, const char *text)
{
	query_give(q, POSTGRESQL_TEXT, text, text ? strlen(text) : 0);
}

void postgresql_give_bytes(struct postgresql_query *q, const void *data, size_t len)
{
	query_give(q, POSTGRESQL_BYTES, data, len);
}

void postgresql_give_array(struct postgresql_query *q, enum postgresql_type type, size_t count)
{
	static const uint64_t numbers[] = { [POSTGRESQL_INT] = 20, [POSTGRESQL_TEXT] = 25,
		[POSTGRESQL_BYTES] = 17 };

	query_next(q, type, true);
	query_put(q, count > 0, 4);
	query_put(q, 1, 4);
	query_put(q, numbers[type], 4);
	if (count) {
		query_put(q, count, 4);
		query_put(q, 1, 4);
	}
	query_measure(q);
}

void postgresql_add_int(struct postgresql_query *q, int64_t value)
{
	query_put(q, 8, 4);
	query_put(q, (uint64_t)value, 8);
	query_measure(q);
}

void postgresql_add_bytes(struct postgresql_query *q, const void *data, size_t len)
{
	query_put(q, data ? len : UINT32_MAX, 4);
	if (data)
		buf_add(&q->bytes, data, len);
	query_measure(q);
}

void postgresql_forget(struct postgresql_query *q)
{
	buf_free(&q->bytes);
}
