/* What the fuzzers start from, and what they have found, without a fuzzer: a failure is
 * an abort, the last file that was named is the one. */
#include <dirent.h>
#include <fcntl.h>

#include "unit.h"

#define LLVMFuzzerTestOneInput fuzz_parse
#include "tests/fuzz/fuzz_parse.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_transform
#include "tests/fuzz/fuzz_transform.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_answer
#include "tests/fuzz/fuzz_answer.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_formula
#include "tests/fuzz/fuzz_formula.c"

static void try_file(int dir, const char *name, int (*one)(const uint8_t *data, size_t size))
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t len;
	char *data;

	assert_true(fd >= 0);
	data = unit_content(fd, &len);
	fprintf(stderr, "%s\n", name);
	assert_int_equal(one((const uint8_t *)data, len), 0);
	free(data);
	close(fd);
}

static void try_all(const char *path, int (*one)(const uint8_t *data, size_t size))
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned files = 0;

	if (!dir)
		fail_msg("%s cannot be read; tests run in the source's own directory", path);
	while ((entry = readdir(dir)))
		if (*entry->d_name != '.') {
			try_file(dirfd(dir), entry->d_name, one);
			files++;
		}
	closedir(dir);
	assert_true(files > 10);
}

static void no_seed_is_too_odd_for_the_parser(void **state)
{
	(void)state;
	try_all("tests/fuzz/corpus/parse", fuzz_parse);
}

static void every_seed_gives_as_a_run_what_its_records_give(void **state)
{
	(void)state;
	try_all("tests/fuzz/corpus/transform", fuzz_transform);
}

static void however_answers_come_they_are_the_same(void **state)
{
	(void)state;
	try_all("tests/fuzz/corpus/answer", fuzz_answer);
}

static void no_seed_is_too_odd_a_formula(void **state)
{
	(void)state;
	try_all("tests/fuzz/corpus/formula", fuzz_formula);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_seed_is_too_odd_for_the_parser),
		cmocka_unit_test(every_seed_gives_as_a_run_what_its_records_give),
		cmocka_unit_test(however_answers_come_they_are_the_same),
		cmocka_unit_test(no_seed_is_too_odd_a_formula),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
