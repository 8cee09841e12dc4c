/* What control groups leave of the processors: from files as Linux has them, in a directory
 * that stands for the root. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "base/cgroup.h"
#include "base/machine.h"

#include "scratch.h"

/* Of the same name as a test, which so has a root of its own. */
static char root[SCRATCH_PATH + 64];

static void begin(const char *name)
{
	snprintf(root, sizeof root, "%s/%s", scratch, name);
	assert_int_equal(mkdir(root, 0755), 0);
}

/* A file below the root, with the directories it is in. */
static void put(const char *path, const char *text)
{
	char whole[2 * SCRATCH_PATH];
	FILE *f;

	snprintf(whole, sizeof whole, "%s%s", root, path);
	for (char *slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	f = fopen(whole, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static const char unified[] =
	"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	"31 22 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

static const char first[] =
	"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	"30 22 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	"31 22 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";

static void one_and_a_half(double n)
{
	assert_true(n > 1.499 && n < 1.501);
}

static void without_groups_there_is_no_limit(void **state)
{
	(void)state;
	begin("none");
	assert_true(cgroup_processors(root) == 0);
	assert_int_equal(machine_share(root), machine_processors());
}

static void version_2_says_quota_and_period_in_one_file(void **state)
{
	(void)state;
	begin("v2");
	put("/proc/self/mountinfo", unified);
	put("/proc/self/cgroup", "0::/build/job\n");
	put("/sys/fs/cgroup/build/job/cpu.max", "150000 100000\n");
	one_and_a_half(cgroup_processors(root));
}

static void the_word_max_is_no_limit(void **state)
{
	(void)state;
	begin("max");
	put("/proc/self/mountinfo", unified);
	put("/proc/self/cgroup", "0::/job\n");
	put("/sys/fs/cgroup/job/cpu.max", "max 100000\n");
	assert_true(cgroup_processors(root) == 0);
}

static void of_the_group_and_those_above_it_the_least_counts(void **state)
{
	(void)state;
	begin("above");
	put("/proc/self/mountinfo", unified);
	put("/proc/self/cgroup", "0::/slice/unit/job\n");
	put("/sys/fs/cgroup/slice/unit/job/cpu.max", "max 100000\n");
	put("/sys/fs/cgroup/slice/unit/cpu.max", "400000 100000\n");
	put("/sys/fs/cgroup/slice/cpu.max", "75000 50000\n");
	one_and_a_half(cgroup_processors(root));
}

static void in_a_container_the_top_is_its_own(void **state)
{
	(void)state;
	begin("top");
	put("/proc/self/mountinfo", unified);
	put("/proc/self/cgroup", "0::/\n");
	put("/sys/fs/cgroup/cpu.max", "15000 10000\n");
	one_and_a_half(cgroup_processors(root));
}

static void version_1_has_a_file_for_each(void **state)
{
	(void)state;
	begin("v1");
	put("/proc/self/mountinfo", first);
	put("/proc/self/cgroup", "9:memory:/other\n3:cpu,cpuacct:/job\n1:name=systemd:/x\n");
	put("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "150000\n");
	put("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
	put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
	one_and_a_half(cgroup_processors(root));
}

static void cpuset_is_another_controller_than_cpu(void **state)
{
	(void)state;
	begin("cpuset");
	put("/proc/self/mountinfo", "31 22 0:27 / /cg rw - cgroup cgroup rw,cpuset\n");
	put("/proc/self/cgroup", "3:cpuset:/\n");
	put("/cg/cpu.cfs_quota_us", "150000\n");
	put("/cg/cpu.cfs_period_us", "100000\n");
	assert_true(cgroup_processors(root) == 0);
}

/* Docker without a namespace of groups: the paths are the host's, and what is mounted is the
 * container's part of the hierarchy. */
static void what_is_mounted_may_be_a_part(void **state)
{
	(void)state;
	begin("part");
	put("/proc/self/mountinfo",
		"31 22 0:27 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n");
	put("/proc/self/cgroup", "3:cpu:/docker/abc/inner\n");
	put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "800000\n");
	put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
	put("/sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us", "150000\n");
	put("/sys/fs/cgroup/cpu/inner/cpu.cfs_period_us", "100000\n");
	one_and_a_half(cgroup_processors(root));
}

static void a_group_that_is_not_below_what_is_mounted(void **state)
{
	(void)state;
	begin("outside");
	put("/proc/self/mountinfo",
		"31 22 0:27 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n");
	put("/proc/self/cgroup", "3:cpu:/docker/abcdef\n");
	put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n");
	put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
	put("/sys/fs/cgroup/cpu/def/cpu.cfs_quota_us", "1\n");
	put("/sys/fs/cgroup/cpu/def/cpu.cfs_period_us", "1\n");
	one_and_a_half(cgroup_processors(root));
}

static void a_mount_point_with_a_blank_in_its_name(void **state)
{
	(void)state;
	begin("blank");
	put("/proc/self/mountinfo", "31 22 0:27 / /c\\040g rw - cgroup2 none rw\n");
	put("/proc/self/cgroup", "0::/a b\n");
	put("/c g/a b/cpu.max", "150000 100000\n");
	one_and_a_half(cgroup_processors(root));
}

static void both_versions_side_by_side(void **state)
{
	char mounts[sizeof unified + sizeof first];

	(void)state;
	begin("both");
	snprintf(mounts, sizeof mounts, "%s%s", unified, first);
	put("/proc/self/mountinfo", mounts);
	put("/proc/self/cgroup", "3:cpu,cpuacct:/job\n0::/job\n");
	put("/sys/fs/cgroup/job/cpu.max", "300000 100000\n");
	put("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "150000\n");
	put("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
	one_and_a_half(cgroup_processors(root));
}

static void what_nobody_can_read_is_no_limit(void **state)
{
	static const char *const mounts[] = { "", "\n", "31 22\n", "31 22 0:27 / /cg rw - cgroup2\n",
		"31 22 0:27 / /cg rw cgroup2 none rw\n", " - cgroup2\n", " -  \n" };
	static const char *const groups[] = { "", "\n", ":", "::", "0::", "0::job\n", "0:/\n" };
	static const char *const limits[] = { "", "\n", "x y\n", "0 0\n", "-1 100000\n", "1000\n" };

	(void)state;
	begin("junk");
	put("/cg/cpu.max", "1 1\n");
	put("/proc/self/cgroup", "0::/\n");
	for (size_t i = 0; i < COUNT(mounts); i++) {
		put("/proc/self/mountinfo", mounts[i]);
		cgroup_processors(root); /* the fourth may be read */
	}
	put("/proc/self/mountinfo", "31 22 0:27 / /cg rw - cgroup2 none rw\n");
	assert_true(cgroup_processors(root) == 1);
	for (size_t i = 0; i < COUNT(groups); i++) {
		put("/proc/self/cgroup", groups[i]);
		assert_true(cgroup_processors(root) == 0);
	}
	put("/proc/self/cgroup", "0::/\n");
	for (size_t i = 0; i < COUNT(limits); i++) {
		put("/cg/cpu.max", limits[i]);
		assert_true(cgroup_processors(root) == 0);
	}
}

static void a_share_is_rounded_up_and_at_least_one(void **state)
{
	unsigned all = machine_processors();

	(void)state;
	begin("share");
	put("/proc/self/mountinfo", unified);
	put("/proc/self/cgroup", "0::/\n");
	put("/sys/fs/cgroup/cpu.max", "1000 100000\n");
	assert_int_equal(machine_share(root), 1);
	put("/sys/fs/cgroup/cpu.max", "100000 100000\n");
	assert_int_equal(machine_share(root), 1);
	put("/sys/fs/cgroup/cpu.max", "110000 100000\n");
	assert_int_equal(machine_share(root), all < 2 ? all : 2);
	put("/sys/fs/cgroup/cpu.max", "900000000000 100000\n"); /* more than there are */
	assert_int_equal(machine_share(root), all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_groups_there_is_no_limit),
		cmocka_unit_test(version_2_says_quota_and_period_in_one_file),
		cmocka_unit_test(the_word_max_is_no_limit),
		cmocka_unit_test(of_the_group_and_those_above_it_the_least_counts),
		cmocka_unit_test(in_a_container_the_top_is_its_own),
		cmocka_unit_test(version_1_has_a_file_for_each),
		cmocka_unit_test(cpuset_is_another_controller_than_cpu),
		cmocka_unit_test(what_is_mounted_may_be_a_part),
		cmocka_unit_test(a_group_that_is_not_below_what_is_mounted),
		cmocka_unit_test(a_mount_point_with_a_blank_in_its_name),
		cmocka_unit_test(both_versions_side_by_side),
		cmocka_unit_test(what_nobody_can_read_is_no_limit),
		cmocka_unit_test(a_share_is_rounded_up_and_at_least_one),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
