/* Which shell reads a command's line, as far as that is known. See parts.h. */
#include "action/template/parts.h"

enum shell_kind template_shell(const struct template *t)
{
	return t->kind == KIND_ITEMS ? t->shell_kind
		: t->which_shell ? t->which_shell(t->shell) : SHELL_UNKNOWN;
}
