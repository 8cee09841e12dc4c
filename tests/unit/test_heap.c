/* A heap gives back what a sorted array would. */
#include "unit.h"

#include <string.h>

#include "base/heap.h"

enum { NODES = 500, STEPS = 20000 };

struct node {
	uint32_t key;
};

static bool smaller(const void *a, const void *b)
{
	return ((const struct node *)a)->key < ((const struct node *)b)->key;
}

static void an_empty_heap_has_nothing(void **state)
{
	struct heap h = { .before = smaller };

	(void)state;
	assert_null(heap_peek(&h));
	assert_null(heap_pop(&h));
	heap_free(&h);
}

static void one_goes_in_and_comes_out(void **state)
{
	struct heap h = { .before = smaller };
	struct node n = { 7 };

	(void)state;
	heap_push(&h, &n);
	assert_ptr_equal(heap_peek(&h), &n);
	assert_ptr_equal(heap_pop(&h), &n);
	assert_null(heap_pop(&h));
	assert_false(heap_remove(&h, &n));
	heap_push(&h, &n);
	assert_true(heap_remove(&h, &n));
	assert_null(heap_peek(&h));
	heap_push(&h, &n);
	heap_free(&h);
	assert_null(heap_peek(&h));
	heap_push(&h, &n); /* it can be used again */
	assert_ptr_equal(heap_pop(&h), &n);
	heap_free(&h);
}

static int by_key(const void *a, const void *b)
{
	uint32_t x = ((const struct node *)a)->key, y = ((const struct node *)b)->key;

	return x < y ? -1 : x > y;
}

static void any_number_comes_out_sorted(void **state)
{
	uint32_t random = unit_seed(1);
	struct node nodes[NODES], sorted[NODES];

	(void)state;
	for (size_t n = 0; n <= NODES; n += n < 70 ? 1 : 43) {
		struct heap h = { .before = smaller };

		for (size_t i = 0; i < n; i++)
			nodes[i].key = unit_below(&random, (uint32_t)n * 2);
		memcpy(sorted, nodes, sizeof sorted);
		qsort(sorted, n, sizeof *sorted, by_key);
		for (size_t i = 0; i < n; i++)
			heap_push(&h, &nodes[i]);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(((struct node *)heap_pop(&h))->key, sorted[i].key);
		assert_null(heap_pop(&h));
		heap_free(&h);
	}
}

/* The model: keys in falling order, the next to come out at the end. */
struct model {
	uint32_t keys[NODES];
	size_t len;
};

static void model_add(struct model *m, uint32_t key)
{
	size_t at = m->len++;

	for (; at > 0 && m->keys[at - 1] < key; at--)
		m->keys[at] = m->keys[at - 1];
	m->keys[at] = key;
}

static void model_remove(struct model *m, uint32_t key)
{
	size_t at = 0;

	while (m->keys[at] != key)
		at++;
	memmove(m->keys + at, m->keys + at + 1, (--m->len - at) * sizeof *m->keys);
}

static void whatever_goes_in_and_out_agrees_with_a_sorted_array(void **state)
{
	static struct node nodes[STEPS];
	static struct model m;
	uint32_t random = unit_seed(2);
	struct heap h = { .before = smaller };

	(void)state;
	for (size_t i = 0; i < STEPS; i++) {
		bool grow = i / 1000 % 2 == 0; /* now mostly in, now mostly out */
		struct node *n;

		if (m.len < NODES && unit_below(&random, 10) < (grow ? 7U : 3U)) {
			nodes[i].key = unit_below(&random, 1 + unit_below(&random, 100000));
			model_add(&m, nodes[i].key);
			heap_push(&h, &nodes[i]);
		} else if (m.len > 0 && unit_below(&random, 3)) {
			n = heap_pop(&h);
			assert_int_equal(n->key, m.keys[--m.len]);
		} else if (m.len > 0) {
			n = h.nodes[unit_below(&random, (uint32_t)h.len)];
			model_remove(&m, n->key);
			assert_true(heap_remove(&h, n));
			assert_false(heap_remove(&h, n));
		}
		n = heap_peek(&h);
		assert_true(m.len ? n && n->key == m.keys[m.len - 1] : !n);
	}
	heap_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_heap_has_nothing),
		cmocka_unit_test(one_goes_in_and_comes_out),
		cmocka_unit_test(any_number_comes_out_sorted),
		cmocka_unit_test(whatever_goes_in_and_out_agrees_with_a_sorted_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
