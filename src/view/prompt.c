/* The prompt. See prompt.h. */
#include "view/prompt.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/msg.h"

/* What cron and CI give to those who are not meant to read; where standard input was closed
 * there is something that cannot be read in its place, and that is another trouble. */
static bool is_null(void)
{
	struct stat in, null;

	if ((fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE) == O_WRONLY)
		return false;
	return fstat(STDIN_FILENO, &in) == 0 && stat("/dev/null", &null) == 0
		&& S_ISCHR(in.st_mode) && S_ISCHR(null.st_mode) && in.st_rdev == null.st_rdev;
}

bool prompt_is_terminal(void)
{
	return isatty(STDIN_FILENO);
}

bool prompt_can_redraw(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && !(term && strcmp(term, "dumb") == 0);
}

void prompt_input(bool asked)
{
	if (prompt_is_terminal())
		msg_warn("reading items from the terminal; Ctrl-D ends; ::: gives them as arguments");
	else if (!asked && is_null())
		msg_warn("there are no items, standard input is /dev/null; ::: gives them as arguments");
}
