/* The setters of options that GNU parallel alone has, and what some of them need when all has
 * been read. Room: options/ only; see set.h. */
#ifndef PQ_OPTIONS_GNU_SET_H
#define PQ_OPTIONS_GNU_SET_H

#include "options/table.h"

/* gnu_print.c: they print something and end pq */
void set_gnu_citation(const struct given *g, struct options *o);
void set_gnu_version(const struct given *g, struct options *o);
void set_gnu_least(const struct given *g, struct options *o);
void set_gnu_help(const struct given *g, struct options *o);
void set_gnu_record(const struct given *g, struct options *o);
void set_gnu_machine(const struct given *g, struct options *o);

/* gnu_run.c: how jobs are run and shown */
void set_gnu_host(const struct given *g, struct options *o);
void set_gnu_delay(const struct given *g, struct options *o);
void set_gnu_tmpdir(const struct given *g, struct options *o);
void set_gnu_shellquote(const struct given *g, struct options *o);
void set_gnu_joblog(const struct given *g, struct options *o);
void set_gnu_template(const struct given *g, struct options *o);
void gnu_template_finish(struct options *o);
void set_gnu_total(const struct given *g, struct options *o);
void set_gnu_latest(const struct given *g, struct options *o);
void set_gnu_tagstring(const struct given *g, struct section *s);
/* gnu_moot.c: when all has been read, and no conflict was looked for */
void gnu_moot(struct options *o);
/* What overrides another option, wherever it stands; and --wd, in each section. */
void gnu_run_finish(struct options *o);

/* gnu_pipe.c: what jobs read; and when all has been read */
void set_gnu_part(const struct given *g, struct options *o);
void set_gnu_block(const struct given *g, struct options *o);
void gnu_pipe_finish(struct options *o);
void set_gnu_shard(const struct given *g, struct options *o);
void set_gnu_bin(const struct given *g, struct options *o);

#endif
