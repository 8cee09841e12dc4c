/* The key of a line: one of its fields, or all of it. Pure. */
#ifndef PQ_FIELD_H
#define PQ_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct field_rules {
	uint64_t column;  /* from 1; 0: all of the line */
	const char *name; /* of the column, as a header has it; NULL: its number is known */
	char separator;   /* a byte between fields */
	char end;         /* of lines */
};

/* Find the column by its name in the header, if it has one. False: it is not there. */
bool field_find(struct field_rules *rules, const char *header, size_t len);
/* A view of that of the first line of the data; what is not there is empty. */
const char *field_of(const struct field_rules *rules, const char *data, size_t len,
	size_t *field_len);
/* The one of so many places that a key belongs to, from 0: by its hash, or as a number, of
 * which 1 is the first. */
size_t field_shard(const char *key, size_t len, size_t places);
size_t field_bin(const char *key, size_t len, size_t places);

#endif
