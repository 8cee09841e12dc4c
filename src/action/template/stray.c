/* The command template: what stands in braces and stands for nothing. See template.h. */
#include "action/template/names.h"
#include "action/template/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/msg.h"

enum { SHOWN = 40 };

/* The text of this part, in the message. */
static void stray_quote(struct buf *why, const struct part *p)
{
	msg_quote(why, p->text, p->len, SHOWN);
}

/* How the braces are written that are none: a backslash behind the first. */
static bool stray_end(struct buf *why, const struct part *p)
{
	buf_adds(why, "; the text itself is ");
	buf_add(why, "{\\", 2);
	buf_add(why, p->text + 1, p->len < SHOWN ? p->len - 1 : SHOWN);
	return false;
}

static bool stray_name(struct buf *why, const struct part *p, const struct names *names)
{
	stray_quote(why, p);
	if (names->count) {
		buf_addf(why, ": %s of this name; there %s ", names->groups
			? "--regex has no group" : "there is no column",
			names->count > 1 ? "are" : "is");
		names_list(names, why);
	} else if (names->groups) {
		buf_adds(why, ": --regex names no group; named ones are made with (?<name> )");
	} else {
		buf_adds(why, ": the header names no column; write {1}, {2} and so on");
	}
	return false;
}

static bool stray_known(struct buf *why, const struct part *p, const struct names *names,
	const struct name *name)
{
	if (name->again) {
		stray_quote(why, p);
		buf_addf(why, ": columns %d and %d both have this name; write {%d} or {%d}",
			name->column, name->again, name->column, name->again);
		return false;
	}
	if (names->several) {
		stray_quote(why, p);
		buf_addf(why, " with %s: each record of a job has such a %s", names->several,
			names->members ? "member; give each a job of its own"
			: "column; write {1}, {2} and so on");
		return false;
	}
	return true;
}

static bool stray_number(struct buf *why, const struct part *p, const struct template_rules *rules)
{
	const struct names *names = rules->names;

	stray_quote(why, p);
	if (!names && rules->values == 1) {
		buf_adds(why, ": a job has one value here");
		return stray_end(why, p);
	}
	if (!names) {
		buf_addf(why, ": a job has %u values here", rules->values);
		return stray_end(why, p);
	}
	if (!names->members && !names->each) {
		buf_adds(why, ": --regex has no groups; they are made with ( )");
		return false;
	}
	if (names->members)
		buf_adds(why, " with --jsonl: members of an object have names, and no numbers");
	else if (names->each == names->columns)
		buf_addf(why, ": --regex has %d group%s", names->each, names->each > 1 ? "s" : "");
	else
		buf_addf(why, ": a job has %d columns", names->columns);
	return stray_end(why, p);
}

/* More than there can be; a header does not say how many there are. For GNU parallel it is
 * an empty value. */
static bool stray_is_beyond(const struct template_rules *rules, int32_t index)
{
	const struct names *names = rules->names;
	int64_t at = index < 0 ? -(int64_t)index : index;

	if (rules->gnu)
		return false;
	if (!names)
		return rules->values && at > rules->values;
	if (names->members)
		return index != 0;
	return names->groups && (names->columns || !names->each)
		&& at > (names->each ? names->columns : 0);
}

/* The column of a member, a new one if it has not been found before. */
static uint32_t stray_member(const struct template_rules *rules, const char *text, size_t len)
{
	const struct names *names = rules->names;

	for (size_t i = 0; i < names->count; i++)
		if (names->list[i].len == len && memcmp(names->list[i].text, text, len) == 0)
			return (uint32_t)i + 1;
	if (rules->found)
		names_add(rules->found, text, len, (int32_t)names->count + 1);
	return (uint32_t)names->count;
}

/* What looks like a name is one, or text of another language, or wrong. */
static bool stray_settle(struct part *p, const struct template_rules *rules, struct buf *why)
{
	if (p->own) {
		p->kind = PART_TEXT;
		return true;
	}
	if (!rules->names->members)
		return stray_name(why, p, rules->names);
	p->hole.what = HOLE_VALUE;
	p->hole.name = stray_member(rules, p->text + 1, names_member(p->text + 1, p->len - 1));
	p->hole.index = (int32_t)p->hole.name;
	return true;
}

static bool stray_peer(struct buf *why, const struct part *p)
{
	const char *sign = p->text + 1;

	stray_quote(why, p);
	buf_addf(why, ", of GNU parallel's --plus: %s", *sign == ':'
		? "what stands for an empty item a shell line can say: x={}; echo \"${x:-...}\""
		: *sign == '0' ? p->text[p->len - 2] == '%'
		? "zeros before a number come of $(printf %03d {%}) in a shell line"
		: "zeros before a number come of $(printf %03d {#}) in a shell line"
		: *sign == '#' ? "how many jobs there will be is not known before the input ends"
		: "pq has {= STEPS =} for such parts, as in {= s/\\.tar\\.gz$// =}");
	return stray_end(why, p);
}

bool parts_settle(struct parts *p, size_t from, size_t to, const struct template_rules *rules,
	struct buf *why)
{
	bool ok = true;

	for (size_t i = from; i < to && ok; i++) {
		struct part *part = &p->list[i];

		if (part->kind != PART_HOLE)
			continue;
		if (part->hole.what == HOLE_NAME)
			ok = stray_settle(part, rules, why);
		else if (part->hole.what == HOLE_PEER)
			ok = stray_peer(why, part);
		if (!ok || part->kind != PART_HOLE || part->hole.what != HOLE_VALUE)
			continue;
		if (part->hole.steps && !part->hole.made && !(rules->names && rules->names->any)
		    && !made_compile(p, part, rules, why))
			return false;
		if (part->hole.name)
			ok = stray_known(why, part, rules->names,
				&rules->names->list[part->hole.name - 1]);
		else if (stray_is_beyond(rules, part->hole.index))
			ok = stray_number(why, part, rules);
	}
	return ok;
}
