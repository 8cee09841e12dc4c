/* The pipeline: builds the stations and joins them; see the story in pipeline.c. */
#ifndef PQ_PIPELINE_H
#define PQ_PIPELINE_H

#include "base/status.h"

struct plan;

/* Run it all; the main thread, which becomes the supervisor. */
struct ending pipeline_run(const struct plan *plan);

#endif
