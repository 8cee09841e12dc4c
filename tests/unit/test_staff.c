/* The staff: threads that read the file of -j at the same time. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "options/options.h"
#include "queue/queue.h"
#include "stats.h"
#include "workers/crew.h"
#include "workers/jobs.h"
#include "workers/staff.h"
#include "workers/worker.h"

enum { PLACES = 16 };

static char path[] = "/tmp/pq-test-staff-XXXXXX";

static void file_says(const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Two threads read it: when the one whose job ended before, and when the other; then the other
 * is the faster one. How many are wanted at last; 0: it is a pause. */
static unsigned overtaken(const char *before, const char *then)
{
	struct options options = { .nsections = 1 };
	struct section section = { .jobs = { .kind = JOBS_FILE, .file = path } };
	struct queue *queue = queue_new(&(struct lane_rules){ NULL, 1 }, 1);
	struct worker_rules workers = { .queue = queue, .entries = PLACES };
	struct crew *crew = crew_new(&workers, 4);
	struct stats *stats = stats_new(false, 4);
	struct staff_reading first, second;
	struct staff *s;
	unsigned wanted;

	options.sections = &section;
	file_says("4");
	s = staff_new(&(struct staff_rules){ .options = &options, .section = &section, .jobs = 4,
		.entries = PLACES, .crew = crew, .stats = stats });
	file_says(before);
	assert_true(staff_read(s, &first));
	file_says(then);
	assert_true(staff_read(s, &second));
	staff_take(s, &second);
	staff_take(s, &first);
	wanted = staff_why(s) == HOLD_PAUSED ? 0 : queue_wanted(queue);
	staff_free(s);
	crew_finish(crew);
	queue_free(queue);
	stats_free(stats);
	return wanted;
}

static void what_was_read_later_holds(void **state)
{
	(void)state;
	assert_int_equal(overtaken("4", "pause"), 0);
	assert_int_equal(overtaken("4", "2"), 2);
	assert_int_equal(overtaken("3", "7"), 7);
	assert_int_equal(overtaken("pause", "3"), 3);
	assert_int_equal(overtaken("pause", "pause"), 0);
	assert_int_equal(overtaken("2", ""), 2);
}

static int open_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	return fd < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_read_later_holds),
	};

	return cmocka_run_group_tests(tests, open_file, remove_file);
}
