/* Records on their way to a command. See edit.h. */
#include "desk/edit.h"

#include <stdlib.h>

#include "action/transform/transform.h"
#include "base/mem.h"
#include "item.h"

struct edit {
	struct transformer *transformer;
	struct draft before; /* the record as it came */
};

struct edit *edit_new(const struct transform *transform)
{
	struct edit *e = mem_zero(sizeof *e);

	e->transformer = transformer_new(transform, NULL, NULL);
	return e;
}

void edit_free(struct edit *e)
{
	transformer_free(e->transformer);
	draft_free(&e->before);
	free(e);
}

bool edit_record(struct edit *e, struct draft *d, uint32_t from)
{
	draft_clear(&e->before);
	for (uint32_t i = from; i < d->values; i++) {
		struct value v = draft_value(d, i);

		draft_add(&e->before, v.data, v.len);
	}
	draft_cut(d, from);
	for (uint32_t i = 0; i < e->before.values; i++) {
		struct value v = draft_value(&e->before, i);
		const char *text, *why;
		size_t len;

		if (transformer_record(e->transformer, v.data, v.len, &text, &len, &why)) {
			draft_add(d, text, len);
		} else if (why) {
			draft_add(d, v.data, v.len);
			d->refused = why;
		} else {
			draft_cut(d, from);
			return false;
		}
	}
	return true;
}
