/* Values as a member of a JSON object: how the object of a job and the dead letter both
 * spell what an item holds, whatever its bytes are. Any thread. */
#ifndef PQ_VALUES_H
#define PQ_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "item.h"

struct buf;
struct delivery;

/* Some values, counted from 0: views, valid as long as `of`. */
struct values {
	const void *of;
	struct value (*value)(const void *of, uint32_t index);
	uint32_t count;
	bool array; /* even if there is one */
};

/* Append "NAME", the colon as it is given, and a string or an array of them. If one is not
 * UTF-8, "NAME_base64", and all of them so. */
void values_text(struct buf *to, const char *name, const char *colon, const struct values *v);

/* Append the member that says of which group a delivery is: its name, or its number; null
 * where several might have had the item, and none may. */
void values_group(struct buf *to, const struct delivery *d);
/* Append what the column Host has: ":", and where there are several groups the name or number. */
void values_host(struct buf *to, const struct delivery *d);

#endif
