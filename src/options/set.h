/* The options whose values have a grammar of their own: a function for each row of kind
 * OPTION_OWN. Room: options/ only. They die with one line on a bad value. */
#ifndef PQ_OPTIONS_SET_H
#define PQ_OPTIONS_SET_H

#include "options/table.h"

/* input */
void set_null(const struct given *g, struct options *o);
void set_delimiter(const struct given *g, struct options *o);
void set_arg_file(const struct given *g, struct options *o);
void set_from(const struct given *g, struct options *o);
void set_max_args(const struct given *g, struct options *o);
void set_max_replace(const struct given *g, struct options *o);
void set_end(const struct given *g, struct options *o);
void set_header(const struct given *g, struct options *o);
void set_trim(const struct given *g, struct options *o);
void set_group_by(const struct given *g, struct options *o);
void set_shard(const struct given *g, struct options *o);
void set_unique(const struct given *g, struct options *o);
/* the queue and the workers */
void set_jobs(const struct given *g, struct section *s);
void set_timeout(const struct given *g, struct section *s);
void set_term(const struct given *g, struct section *s);
void set_jobserver(const struct given *g, struct options *o);
void set_nice(const struct given *g, struct options *o);
void set_key_jobs(const struct given *g, struct section *s);
void set_rate(const struct given *g, struct section *s);
void set_load(const struct given *g, struct options *o);
void set_overflow(const struct given *g, struct section *s);
void set_high_water(const struct given *g, struct options *o);
/* queues that others share */
void set_unique_for(const struct given *g, struct options *o);
void set_lease(const struct given *g, struct options *o);
void set_keep(const struct given *g, struct options *o);
void set_dead_letter(const struct given *g, struct section *s);
/* the sections */
void set_next(const struct given *g, struct options *o);
void set_deliver(const struct given *g, struct options *o);
void set_topic(const struct given *g, struct section *s);
void set_weight(const struct given *g, struct section *s);
void set_name(const struct given *g, struct section *s);
/* the command */
void set_braces(const struct given *g, struct options *o);
void set_expression(const struct given *g, struct section *s);
void set_script(const struct given *g, struct section *s);
void set_slot_variable(const struct given *g, struct options *o);
void set_in_place(const struct given *g, struct options *o);
void set_persistent(const struct given *g, struct section *s);
void set_recycle(const struct given *g, struct section *s);
/* failure */
void set_retries(const struct given *g, struct section *s);
void set_backoff(const struct given *g, struct section *s);
void set_poison(const struct given *g, struct section *s);
void set_breaker(const struct given *g, struct section *s);
void set_ack_on(const struct given *g, struct section *s);
void set_retry_on(const struct given *g, struct section *s);
void set_reject_on(const struct given *g, struct section *s);
void set_halt(const struct given *g, struct options *o);
/* output, and what is on record */
void set_tag(const struct given *g, struct section *s);
void set_tagstring(const struct given *g, struct section *s);
void set_color(const struct given *g, struct options *o);
void set_json(const struct given *g, struct options *o);
void set_results(const struct given *g, struct options *o);
void set_progress(const struct given *g, struct options *o);
void set_joblog(const struct given *g, struct options *o);
void set_metrics(const struct given *g, struct options *o);
void set_journal(const struct given *g, struct options *o);
/* those that print something and end pq */
void set_help(const struct given *g, struct options *o);
void set_version(const struct given *g, struct options *o);
void set_completion(const struct given *g, struct options *o);

#endif
