/* The names of columns. See names.h. */
#include "action/template/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"

enum { LISTED = 20 };

void names_add(struct names *n, const char *text, size_t len, int32_t column)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->list[i].len == len && memcmp(n->list[i].text, text, len) == 0) {
			n->list[i].again = column;
			return;
		}
	if (!len)
		return;
	n->list = mem_grow(n->list, (n->count + 1) * sizeof *n->list);
	n->list[n->count++] = (struct name){ mem_copy(text, len), len, column, 0 };
}

void names_free(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->list[i].text);
	free(n->list);
	*n = (struct names){ 0 };
}

static bool begins_name(unsigned char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80 || c == '_';
}

size_t names_like(const char *s, size_t len)
{
	size_t i = 0;

	if (!len || !begins_name((unsigned char)s[0]))
		return 0;
	while (i < len && (begins_name((unsigned char)s[i]) || (s[i] >= '0' && s[i] <= '9')
		|| s[i] == '-'))
		i++;
	return i;
}

/* As many of them as there are with a dot between. */
static size_t names_dotted(const char *s, size_t len, size_t (*one)(const char *s, size_t len))
{
	size_t all = one(s, len), n;

	while (all && all < len && s[all] == '.' && (n = one(s + all + 1, len - all - 1)))
		all += 1 + n;
	return all;
}

size_t names_path(const char *s, size_t len)
{
	return names_dotted(s, len, names_like);
}

/* One name of a path of members, with the numbers of elements behind it. */
static size_t names_segment(const char *s, size_t len)
{
	const char *close = len && s[0] == '"' ? memchr(s + 1, '"', len - 1) : NULL;
	size_t sign = len && s[0] == '@', n, i;

	if (close)
		n = memchr(s, '\n', (size_t)(close - s)) ? 0 : (size_t)(close + 1 - s);
	else if ((n = names_like(s + sign, len - sign)) != 0)
		n += sign;
	while (n && n + 2 < len && s[n] == '[' && s[n + 1] >= '0' && s[n + 1] <= '9') {
		for (i = n + 1; i < len && s[i] >= '0' && s[i] <= '9'; i++)
			;
		if (i == len || s[i] != ']')
			break;
		n = i + 1;
	}
	return n;
}

size_t names_member(const char *s, size_t len)
{
	return names_dotted(s, len, names_segment);
}

void names_list(const struct names *n, struct buf *to)
{
	for (size_t i = 0; i < n->count && i < LISTED; i++) {
		buf_adds(to, i ? ", " : "");
		msg_quote(to, n->list[i].text, n->list[i].len, 30);
	}
	if (n->count > LISTED)
		buf_addf(to, " and %zu more", n->count - LISTED);
}
