/* Formulas: what stands in {= =} where GNU parallel's command lines are read.
 *
 * A formula is an expression in the words of Perl that such lines hold: numbers, strings, $_
 * and $arg[n], operators, s///, and the functions of functions.c. It is compiled once, with the
 * template, and no part of it is ever made of an item: data is what it works on. What it may
 * do is bounded by steps and bytes, so that it ends, and ends the same way on every machine.
 * Variables begin empty with every value: nothing is kept from one job to the next. */
#ifndef PQ_FORMULA_H
#define PQ_FORMULA_H

#include "action/template/template.h"

/* Behind the text of a formula may stand others, which it calls $$1 to $$9, each behind this
 * byte: what groups in the name of a replacement string have matched. They are not an item's. */
enum { FORMULA_GROUP = '\036' };

/* To the template room: formulas, and what is none but can be steps of -e is those. */
extern const struct template_steps formula_steps;

#endif
