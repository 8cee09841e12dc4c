/* A record in several pieces. See continued.h. */
#include "source/continued.h"

void continued_add(struct continued *c, const char *data, size_t len, uint64_t max)
{
	if (!c->begun)
		continued_drop(c);
	c->begun = true;
	c->beyond |= len > max || c->text.len > max - len;
	if (!c->beyond)
		buf_add(&c->text, data, len);
}

void continued_end(struct continued *c, const char **data, size_t *len, uint64_t max)
{
	if (!c->begun)
		continued_drop(c); /* a record of one piece stays where it is */
	else
		continued_add(c, *data, *len, max);
	if (!c->begun)
		return;
	c->begun = false;
	*data = buf_str(&c->text);
	*len = c->text.len;
}

void continued_drop(struct continued *c)
{
	c->begun = c->beyond = false;
	buf_clear(&c->text);
}

void continued_free(struct continued *c)
{
	buf_free(&c->text);
}
