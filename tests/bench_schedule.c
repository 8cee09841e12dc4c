/* bench_schedule [DECISIONS [WAITING]]: what it costs to decide which item starts next,
 * with a priority, a key and a rate. One thread, no process: items come in, start, end
 * and are settled, while WAITING of them wait. Prints nanoseconds for one of them. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "item.h"
#include "queue/schedule.h"

enum { KEYS = 500, LANES = 50, PRIORITIES = 10 };

static uint64_t seed = 1;

static unsigned below(unsigned n)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(seed >> 33) % n;
}

static struct item *new_item(struct draft *draft, uint64_t seq)
{
	struct item *item;
	char key[16], lane[16];
	int key_len = snprintf(key, sizeof key, "account-%u", below(KEYS));
	int lane_len = snprintf(lane, sizeof lane, "host-%u", below(LANES));

	draft_add(draft, key, (size_t)key_len);
	item = item_new(draft, 1, seq);
	item->deliveries[0].ticket = ticket_new(below(PRIORITIES), key, (size_t)key_len, lane,
		(size_t)lane_len);
	return item;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	uint64_t decisions = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	uint64_t waiting = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000, seq = 0;
	/* A rate that is nearly reached: lanes are open and shut all the time. */
	struct schedule_rules rules = { .aging = 1000000, .key_jobs = 1,
		.rate = { 60 * LANES, 4 } };
	struct schedule *s = schedule_new(&rules);
	struct draft draft = { 0 };
	int64_t now = 1, when;
	double began = seconds();

	for (uint64_t started = 0; started < decisions; ) {
		struct delivery *d;

		while (schedule_depth(s) < waiting)
			schedule_add(s, &new_item(&draft, ++seq)->deliveries[0], now);
		now += 50;
		d = schedule_take(s, 0, now, &when);
		if (!d) {
			now = when;
			continue;
		}
		started++;
		schedule_ended(s, d, false, now);
		schedule_settled(s, d);
		item_free(d->item, NULL);
	}
	printf("%.0f\n", (seconds() - began) / (double)decisions * 1e9);
	draft_free(&draft);
	return 0;
}
