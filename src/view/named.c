/* Names in the place of what jobs printed. See named.h. */
#include "view/named.h"

#include "base/buf.h"
#include "base/chain_text.h"
#include "view/results.h"
#include "view/tree.h"

bool named_write(const struct named_rules *rules, const struct delivery *d,
	const struct outlet *out, struct buf *what)
{
	struct buf line = { 0 }, name = { 0 };
	bool written = true;

	if (rules->results)
		results_name(rules->results, d, &name);
	else
		written = tree_write_temporary(d, rules->store, &name, what);
	rules->tag(rules->ctx, d, &line);
	buf_addf(&line, "%s\n", buf_str(&name));
	if (written)
		out->write(out->ctx, line.data, line.len);
	buf_free(&name);
	buf_free(&line);
	return written;
}
