/* What is wrong with a step. See step.h. */
#include <stdarg.h>

#include "action/transform/step.h"
#include "base/buf.h"

bool flaw_set(struct flaw *f, const char *at, const char *hint, const char *format, ...)
{
	va_list ap;

	f->at = at;
	f->hint = hint;
	buf_clear(&f->what);
	va_start(ap, format);
	buf_vaddf(&f->what, format, ap);
	va_end(ap);
	return false;
}
