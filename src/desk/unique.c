/* --unique: what has been seen. See unique.h. */
#include "desk/unique.h"

#include <stdlib.h>

#include "action/template/template.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/set.h"
#include "item.h"

struct unique {
	const struct template *key;
	bool several;
	struct set *seen;
	struct buf text;   /* of the key, where it stands nowhere else */
	struct buf memory; /* of the item that the template is filled from */
};

struct unique *unique_new(const struct template *key, bool several)
{
	struct unique *u = mem_zero(sizeof *u);

	u->key = key;
	u->several = several;
	u->seen = set_new();
	return u;
}

void unique_free(struct unique *u)
{
	set_free(u->seen);
	buf_free(&u->text);
	buf_free(&u->memory);
	free(u);
}

/* Each behind its length, so that "a b" "c" is not "a" "b c", whatever bytes are in them. */
static void join_values(struct buf *text, const struct draft *d, uint32_t from)
{
	for (uint32_t i = from; i < d->values; i += d->stride ? d->stride : 1) {
		struct value v = draft_value(d, i);

		buf_add(text, &v.len, sizeof v.len);
		buf_add(text, v.data, v.len);
	}
}

bool unique_is_new(struct unique *u, const struct draft *d, uint32_t from)
{
	if (!u->key && !u->several) {
		struct value v = draft_value(d, from);

		return set_add(u->seen, v.data, v.len);
	}
	buf_clear(&u->text);
	if (u->key)
		template_fill(u->key, &(struct fill){ .item = item_preview(&u->memory, d, from) },
			&u->text);
	else
		join_values(&u->text, d, from);
	return set_add(u->seen, u->text.data, u->text.len);
}
