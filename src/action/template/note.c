/* What is to be said once of a command, before it runs. See parts.h. */
#include "action/template/call.h"
#include "action/template/parts.h"
#include "base/buf.h"
#include "base/mem.h"

const char *template_note(const struct template *t)
{
	return t->note;
}

void template_note_line(struct template *t, const struct buf *line)
{
	if (!t->note)
		t->note = mem_copy(line->data, line->len);
}

void template_note_code(struct template *t, const struct call *call, const char *braces)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s stands in code for %s, and an item becomes a part of that; an argument "
		"never does: %s %s", braces, call->name, call->name, call->argument);
	template_note_line(t, &b);
	buf_free(&b);
}
