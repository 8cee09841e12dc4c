/* Finding a program, and knowing beforehand that it cannot run. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "action/run/program.h"
#include "base/buf.h"
#include "scratch.h"

#define SCRIPT "#!/bin/sh\n"

static void make_directory(const char *name)
{
	char *path = scratch_path(name);

	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
}

static void put(const char *name, const char *content, mode_t mode)
{
	free(scratch_file(name, content, strlen(content), mode));
}

/* A name below the scratch directory, or as it is when it holds no slash. */
static char *whole_name(const char *name)
{
	return strchr(name, '/') ? scratch_path(name) : strdup(name);
}

static int find(const char *name, char **path, struct buf *why)
{
	*path = NULL;
	buf_clear(why);
	return program_find(name, path, why);
}

static void assert_found(const char *name, const char *expected)
{
	char *full = whole_name(name), *wanted = whole_name(expected), *path;
	struct buf why = { 0 };

	assert_int_equal(find(full, &path, &why), 0);
	assert_non_null(path);
	assert_string_equal(path, wanted);
	assert_int_equal(why.len, 0);
	free(path);
	free(full);
	free(wanted);
	buf_free(&why);
}

static void assert_refused(const char *name, int status, const char *reason)
{
	char *full = whole_name(name), *path, *expected;
	struct buf why = { 0 };

	assert_int_equal(find(full, &path, &why), status);
	assert_null(path);
	assert_true(asprintf(&expected, "'%s': %s", full, reason) > 0);
	assert_string_equal(buf_str(&why), expected);
	free(full);
	free(expected);
	buf_free(&why);
}

/* A search path of directories below the scratch directory. */
static void set_path(const char *const *dirs, size_t count)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_addc(&b, ':');
		if (*dirs[i])
			buf_addf(&b, "%s/%s", scratch, dirs[i]);
	}
	setenv("PATH", buf_str(&b), 1);
	buf_free(&b);
}

#define PATH_IS(...) \
	set_path((const char *const[]){ __VA_ARGS__ }, \
		COUNT(((const char *const[]){ __VA_ARGS__ })))

static const char plain_text[] = "cannot be run: a text file without a #! line; "
	"add one, or run it as an argument of its interpreter";
static const char no_interpreter[] = "cannot be run: the interpreter in its #! line is missing";
static const char not_executable[] = "permission denied: not executable";

/* Set-up: two directories for PATH, and files that can and cannot run. */
static int furnish(void **state)
{
	if (scratch_make(state) < 0)
		return -1;
	make_directory("one");
	make_directory("two");
	make_directory("dir");
	make_directory("one/tool");
	put("one/both", SCRIPT, 0755);
	put("two/both", SCRIPT, 0755);
	put("one/locked", SCRIPT, 0644);
	put("two/locked", SCRIPT, 0755);
	put("two/tool", SCRIPT, 0755);
	put("one/never", SCRIPT, 0644);
	put("two/text", "echo hello\n", 0755);
	put("one/text", "", 0755);
	return 0;
}

static void a_path_is_taken_as_it_is(void **state)
{
	(void)state;
	PATH_IS("two");
	assert_found("one/both", "one/both");
	assert_refused("one/missing", 127, "no such file");
	assert_refused("missing/tool", 127, "no such file");
	assert_refused("dir", 127, "command not found"); /* without a slash it is no path */
	assert_refused("one/../dir", 126, "is a directory");
	assert_refused("one/locked", 126, not_executable);
	assert_refused("one/both/below", 127, "no such file");
}

static void a_name_is_searched_for(void **state)
{
	(void)state;
	PATH_IS("one", "two");
	assert_found("both", "one/both");
	PATH_IS("two", "one");
	assert_found("both", "two/both");
	PATH_IS("missing", "one");
	assert_found("both", "one/both");
	assert_refused("nowhere", 127, "command not found");
}

static void what_cannot_run_does_not_hide_what_can(void **state)
{
	(void)state;
	PATH_IS("one", "two");
	assert_found("locked", "two/locked");
	assert_found("tool", "two/tool"); /* the first is a directory */
	PATH_IS("one");
	assert_refused("tool", 127, "command not found");
	assert_refused("locked", 126, not_executable);
	PATH_IS("one", "missing", "two");
	assert_refused("never", 126, not_executable); /* rather than: not found */
	assert_refused("text", 126, plain_text);
}

static void what_the_kernel_will_not_run_is_refused(void **state)
{
	static const struct {
		const char *content, *reason;
	} rows[] = {
		{ "", "cannot be run: the file is empty" },
		{ "echo hello\n", plain_text },
		{ "# !/bin/sh\n", plain_text },
		{ " #!/bin/sh\n", plain_text },
		{ "#", plain_text },
		{ "#!", no_interpreter },
		{ "#!\n", no_interpreter },
		{ "#!   \n", no_interpreter },
		{ "#!/no/such/interpreter\n", no_interpreter },
		{ "#!/no/such/interpreter -x", no_interpreter },
		{ "#!/bin/sh\r\necho hello\r\n", no_interpreter },
		{ SCRIPT, NULL },
		{ "#!/bin/sh", NULL },
		{ "#! \t/bin/sh -e\n", NULL },
		{ "#!/usr/bin/env whatever\n", NULL }, /* env will tell */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		put("one/script", rows[i].content, 0755);
		if (rows[i].reason)
			assert_refused("one/script", 126, rows[i].reason);
		else
			assert_found("one/script", "one/script");
	}
}

static void a_binary_is_the_kernels_business(void **state)
{
	static const char elf[] = "\177ELF\2\1\1\0\0\0";

	(void)state;
	free(scratch_file("one/binary", elf, sizeof elf, 0755));
	assert_found("one/binary", "one/binary");
}

static void a_long_first_line_is_looked_at_as_far_as_the_kernel_does(void **state)
{
	char content[600];

	(void)state;
	memset(content, 'x', sizeof content - 1);
	content[sizeof content - 1] = '\0';
	put("one/script", content, 0755);
	assert_refused("one/script", 126, plain_text);
	memcpy(content, "#!/", 3);
	put("one/script", content, 0755);
	assert_refused("one/script", 126, no_interpreter);
	memcpy(content, "#!/bin/sh ", 10);
	put("one/script", content, 0755);
	assert_found("one/script", "one/script");
}

/* Opening it would wait for ever. */
static void what_is_no_file_is_refused_without_being_opened(void **state)
{
	char *path = scratch_path("one/fifo");

	(void)state;
	assert_int_equal(mkfifo(path, 0755), 0);
	assert_refused("one/fifo", 126, "is not a regular file");
	PATH_IS("one", "two");
	assert_refused("fifo", 126, "is not a regular file");
	put("two/fifo", SCRIPT, 0755);
	assert_found("fifo", "two/fifo");
	free(path);
}

static void an_empty_part_of_the_search_path_is_the_current_directory(void **state)
{
	char *one = scratch_path("one"), *path;
	struct buf why = { 0 };
	char before[4096];

	(void)state;
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(one), 0);
	PATH_IS("", "two");
	assert_int_equal(find("both", &path, &why), 0);
	assert_string_equal(path, "./both");
	free(path);
	PATH_IS("missing", "");
	assert_int_equal(find("both", &path, &why), 0);
	assert_string_equal(path, "./both");
	free(path);
	assert_int_equal(chdir(before), 0);
	buf_free(&why);
	free(one);
}

static void without_a_search_path_the_usual_places_are_searched(void **state)
{
	struct buf why = { 0 };
	char *path;

	(void)state;
	unsetenv("PATH");
	assert_int_equal(find("sh", &path, &why), 0);
	assert_true(strcmp(path, "/bin/sh") == 0 || strcmp(path, "/usr/bin/sh") == 0);
	free(path);
	buf_free(&why);
}

static void a_name_is_shown_so_that_it_cannot_harm(void **state)
{
	struct buf why = { 0 };
	char *path;

	(void)state;
	PATH_IS("one");
	assert_int_equal(find("", &path, &why), 127);
	assert_string_equal(buf_str(&why), "'': command not found");
	assert_int_equal(find("\033[2Jtool", &path, &why), 127);
	assert_string_equal(buf_str(&why), "'\\x1b[2Jtool': command not found");
	assert_int_equal(find("/\n", &path, &why), 127);
	assert_string_equal(buf_str(&why), "'/\\n': no such file");
	buf_free(&why);
}

/* What somebody without rights says of it, in a process of its own. */
static int ask_nobody(int (*question)(const char *path), const char *name)
{
	char *full = whole_name(name);
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(99);
		_exit(question(full));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	free(full);
	return WEXITSTATUS(status);
}

static int may_be_run(const char *path)
{
	return access(path, X_OK) == 0 ? 0 : 1;
}

static int status_of(const char *name)
{
	struct buf why = { 0 };
	char *path;

	return program_find(name, &path, &why);
}

static int status_for_nobody(const char *name)
{
	return ask_nobody(status_of, name);
}

static void rights_are_those_of_the_user(void **state)
{
	char *closed = scratch_path("closed");

	(void)state;
	if (ask_nobody(may_be_run, "one/both") != 0)
		skip(); /* there is nobody, or the way to here is closed to him */
	make_directory("closed");
	put("closed/tool", SCRIPT, 0755);
	put("one/mine", SCRIPT, 0700);
	put("one/run", "no script", 0111); /* may be run, and read by nobody */
	PATH_IS("closed", "two");
	assert_int_equal(chmod(closed, 0), 0);
	assert_int_equal(status_for_nobody("one/run"), 0);
	assert_int_equal(status_for_nobody("one/both"), 0);
	if (geteuid() == 0)
		assert_int_equal(status_for_nobody("one/mine"), 126);
	assert_int_equal(status_for_nobody("closed/tool"), 126);
	assert_int_equal(status_for_nobody("tool"), 0); /* it is in two, as well */
	assert_int_equal(chmod(closed, 0755), 0);
	free(closed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_taken_as_it_is),
		cmocka_unit_test(a_name_is_searched_for),
		cmocka_unit_test(what_cannot_run_does_not_hide_what_can),
		cmocka_unit_test(what_the_kernel_will_not_run_is_refused),
		cmocka_unit_test(a_binary_is_the_kernels_business),
		cmocka_unit_test(a_long_first_line_is_looked_at_as_far_as_the_kernel_does),
		cmocka_unit_test(what_is_no_file_is_refused_without_being_opened),
		cmocka_unit_test(an_empty_part_of_the_search_path_is_the_current_directory),
		cmocka_unit_test(without_a_search_path_the_usual_places_are_searched),
		cmocka_unit_test(a_name_is_shown_so_that_it_cannot_harm),
		cmocka_unit_test(rights_are_those_of_the_user),
	};

	return cmocka_run_group_tests(tests, furnish, scratch_remove);
}
