/* The steps of -e and -f. See steps.h. */
#include "plan/steps.h"

#include <errno.h>
#include <string.h>

#include "action/transform/transform.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/msg.h"
#include "base/status.h"
#include "options/options.h"

static void steps_read(struct transform *t, const char *name)
{
	struct buf text = { 0 }, why = { 0 };

	if (!io_read_file(name, &text))
		msg_die(STATUS_USAGE, "-f: cannot read %s: %s", name, strerror(errno));
	if (!transform_add_script(t, text.data ? text.data : "", text.len, &why))
		msg_die(STATUS_USAGE, "%s: %s", name, buf_str(&why));
	if (transform_doubt(t))
		msg_warn("%s: %s", name, transform_doubt(t));
	buf_free(&text);
}

/* What ends the records that -e sees: of the list, or of the content of files. */
static char steps_separator(const struct options *o)
{
	if (!o->content)
		return o->separator;
	return o->cut == CONTENT_NULL ? '\0' : '\n';
}

struct transform *steps_make(const struct options *o, const struct section *s)
{
	struct transform *t = o->cut == CONTENT_WHOLE ? transform_new_whole()
		: transform_new(steps_separator(o));
	struct buf why = { 0 };

	for (size_t i = 0; i < s->nexpressions; i++) {
		const struct expression *e = &s->expressions[i];

		if (e->file)
			steps_read(t, e->file);
		else if (!transform_add(t, e->text, &why))
			msg_die(STATUS_USAGE, "%s", buf_str(&why));
		else if (transform_doubt(t))
			msg_warn("%s", transform_doubt(t));
	}
	return t;
}
