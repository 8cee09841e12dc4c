/* Values as a member of a JSON object. See values.h. */
#include "view/values.h"

#include <string.h>

#include "base/buf.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "group.h"

static bool are_text(const struct values *v)
{
	for (uint32_t i = 0; i < v->count; i++) {
		struct value value = v->value(v->of, i);

		if (!utf8_valid(value.data, value.len))
			return false;
	}
	return true;
}

void values_text(struct buf *to, const char *name, const char *colon, const struct values *v)
{
	bool array = v->array || v->count != 1, text = are_text(v);

	buf_addf(to, "\"%s%s\"%s%s", name, text ? "" : "_base64", colon, array ? "[" : "");
	for (uint32_t i = 0; i < v->count; i++) {
		struct value value = v->value(v->of, i);

		buf_adds(to, i ? ",\"" : "\"");
		if (text)
			json_text(to, value.data, value.len);
		else
			base64_add(to, value.data, value.len);
		buf_addc(to, '"');
	}
	if (array)
		buf_addc(to, ']');
}

/* Of an item that none may have: the one that it was of before. */
static void values_lost_group(struct buf *to, const char *group)
{
	if (group)
		json_text_quoted(to, group, strlen(group));
	else
		buf_adds(to, "null");
}

void values_group(struct buf *to, const struct delivery *d)
{
	const struct group *g = d->group;

	buf_adds(to, "\"group\":");
	if (g->among && !d->section)
		values_lost_group(to, d->item->group);
	else if (g->named)
		json_text_quoted(to, g->name, strlen(g->name));
	else
		buf_adds(to, g->name);
}

void values_host(struct buf *to, const struct delivery *d)
{
	buf_addf(to, ":%s", d->section ? d->section : "");
}
