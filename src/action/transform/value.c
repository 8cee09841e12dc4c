/* The steps of a {= =}. See value.h. */
#include "action/transform/value.h"

#include "action/transform/transform.h"
#include "base/buf.h"

static void *value_compile(const char *text, struct buf *why)
{
	struct transform *t = transform_new_whole();

	if (transform_add(t, text, why))
		return t;
	transform_free(t);
	return NULL;
}

static void value_free(void *steps)
{
	transform_free(steps);
}

static enum steps_end value_apply(const void *steps, const struct steps_given *given,
	struct buf *out, const char **why)
{
	struct transformer *x = transformer_new(steps, NULL, NULL);
	const char *made;
	size_t n;

	*why = NULL;
	if (transformer_record(x, given->data, given->len, &made, &n, why))
		buf_add(out, made, n);
	transformer_free(x);
	return *why ? STEPS_FAILED : STEPS_DONE;
}

const struct template_steps value_steps = { value_compile, value_free, NULL, value_apply };
