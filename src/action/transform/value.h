/* The steps of a {= =}: what the template room asks of the transforms. */
#ifndef PQ_TRANSFORM_VALUE_H
#define PQ_TRANSFORM_VALUE_H

#include "action/template/template.h"

extern const struct template_steps value_steps;

#endif
