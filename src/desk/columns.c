/* Records become columns. See columns.h. */
#include "desk/columns.h"

#include <stdlib.h>
#include <string.h>

#include "action/template/names.h"
#include "action/transform/regex.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/csv.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/msg.h"
#include "desk/pattern.h"
#include "item.h"

struct columns {
	struct columns_rules rules;
	enum { SPLIT_NOT, SPLIT_BYTE, SPLIT_REGEX, SPLIT_CSV, SPLIT_GROUPS, SPLIT_JSON } split;
	char byte;
	struct regex *regex;   /* of the separator, or whose groups are the columns */
	struct regex *valid;   /* what records must match, or NULL */
	struct matcher *matcher;
	const struct names *members;
	bool *met;        /* which of them some object had; owned array */
	struct buf path, why;  /* of a member; of a record that is no JSON object */
	struct draft title;    /* the header as it came; no values: there is none */
	uint32_t *widths;      /* owned: of the header of each input; NULL: no header */
	struct draft record;   /* the one that is being shaped, as it came */
	struct buf field;      /* of CSV, unquoted */
	uint32_t *fields;      /* owned: of the first row of each input, or its header, */
	uint32_t inputs;       /* of so many of them */
	bool crlf;             /* the header ends with a carriage return: so do records */
};

static const char not_valid[] = "does not match --validate";
static const char no_match[] = "does not match --regex";
static const char open_quote[] = "has a quote that does not end";
static const char too_wide[] = "has more columns than its header, and other sources follow";
static const char after_quote[] = "has text behind a closing quote";
static const char bare_return[] = "has a carriage return within: where lines end with nothing "
	"else, -d '\\r' cuts them";

/* --- compiling --------------------------------------------------------- */

bool columns_byte(const char *colsep, char *byte)
{
	size_t len = strlen(colsep);
	struct buf meant = { 0 };
	bool ok;

	*byte = colsep[0];
	if (len == 1)
		return true;
	/* not \b and \v, which are no single characters in an expression */
	ok = *byte == '\\' && escape_read(colsep + 1, len - 1, "aefnrtx0", true, &meant) == len - 1
		&& meant.len == 1;
	if (ok)
		*byte = *meant.data;
	buf_free(&meant);
	return ok;
}

static bool columns_choose(struct columns *c, struct buf *why)
{
	const struct columns_rules *rules = &c->rules;

	if (rules->jsonl) {
		c->split = SPLIT_JSON;
		return true;
	}
	c->byte = rules->csv ? ',' : '\t';
	if (rules->regex) {
		c->split = SPLIT_GROUPS;
		c->regex = pattern_compile("--regex", rules->regex, 0, why);
		return c->regex;
	}
	if (!rules->colsep)
		c->split = rules->csv ? SPLIT_CSV : rules->header ? SPLIT_BYTE : SPLIT_NOT;
	else if (columns_byte(rules->colsep, &c->byte))
		c->split = rules->csv ? SPLIT_CSV : SPLIT_BYTE;
	else
		c->split = SPLIT_REGEX;
	if (c->split == SPLIT_REGEX)
		c->regex = pattern_compile("--colsep", rules->colsep, 0, why);
	return c->split != SPLIT_REGEX || c->regex;
}

struct columns *columns_new(const struct columns_rules *rules, struct buf *why)
{
	struct columns *c = mem_zero(sizeof *c);

	c->rules = *rules;
	if (rules->validate)
		c->valid = pattern_compile("--validate", rules->validate, 0, why);
	if ((rules->validate && !c->valid) || !columns_choose(c, why)) {
		columns_free(c);
		return NULL;
	}
	if (c->regex || c->valid)
		c->matcher = matcher_new();
	return c;
}

void columns_free(struct columns *c)
{
	if (c->regex)
		regex_free(c->regex);
	if (c->valid)
		regex_free(c->valid);
	if (c->matcher)
		matcher_free(c->matcher);
	buf_free(&c->path);
	buf_free(&c->why);
	free(c->widths);
	free(c->fields);
	free(c->met);
	draft_free(&c->title);
	draft_free(&c->record);
	buf_free(&c->field);
	free(c);
}

/* --- splitting: each NULL, or why the record is refused ----------------- */

static bool columns_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void columns_trim(const struct columns *c, const char **data, size_t *len)
{
	while (c->rules.trim & TRIM_LEFT && *len && columns_is_blank(**data)) {
		++*data;
		--*len;
	}
	while (c->rules.trim & TRIM_RIGHT && *len && columns_is_blank((*data)[*len - 1]))
		--*len;
}

static void columns_add(const struct columns *c, struct draft *d, const char *data, size_t len)
{
	columns_trim(c, &data, &len);
	draft_add(d, data, len);
}

static const char *split_byte(const struct columns *c, struct draft *d, const char *data,
	size_t len)
{
	const char *end = data + len, *found;

	while ((found = memchr(data, c->byte, (size_t)(end - data)))) {
		columns_add(c, d, data, (size_t)(found - data));
		data = found + 1;
	}
	columns_add(c, d, data, (size_t)(end - data));
	return NULL;
}

static void columns_add_group(const struct columns *c, struct draft *d, const char *data,
	const size_t *at)
{
	if (at[0] == REGEX_UNSET)
		draft_add(d, "", 0);
	else
		columns_add(c, d, data + at[0], at[1] - at[0]);
}

/* As split of perl does it, with all its columns: one that is found behind another is
 * never empty, and the groups of the expression are columns, too. */
static const char *split_regex(const struct columns *c, struct draft *d, const char *data,
	size_t len)
{
	unsigned groups = regex_groups(c->regex);
	size_t from = 0;

	matcher_begin(c->matcher);
	while (from < len) {
		enum regex_end got = regex_search(c->regex, c->matcher, data, len, from, true);
		const size_t *at = matcher_at(c->matcher);

		if (got == REGEX_LIMIT)
			return matcher_why(c->matcher);
		if (got == REGEX_NONE)
			break;
		columns_add(c, d, data + from, at[0] - from);
		for (unsigned g = 1; g <= groups; g++)
			columns_add_group(c, d, data, at + 2 * g);
		from = at[1];
	}
	columns_add(c, d, data + from, len - from);
	return NULL;
}

/* A field in quotes, from behind the first one; *data moves behind the last. */
static bool unquote(struct columns *c, const char **data, const char *end)
{
	const struct csv csv = { c->byte, c->rules.separator, c->rules.lax };
	const char *quote;

	buf_clear(&c->field);
	while ((quote = memchr(*data, '"', (size_t)(end - *data)))) {
		enum csv_quote what = csv_quote(&csv, quote, end, true);

		buf_add(&c->field, *data, (size_t)(quote - *data) + (what != CSV_CLOSES));
		*data = quote + (what == CSV_TWO ? 2 : 1);
		if (what == CSV_CLOSES)
			return true;
	}
	return false;
}

/* What is wrong with the quotes of a record, and how many lines they took with them. */
static const char *tell_quotes(struct columns *c, const char *what, const char *data, size_t len)
{
	size_t lines = bytes_count(data, len - 1, c->rules.separator) + 1;

	buf_clear(&c->why);
	buf_addf(&c->why, "%s (CSV)", what);
	if (lines > 1)
		buf_addf(&c->why, "; %zu lines are gone with it", lines);
	return buf_str(&c->why);
}

static const char *split_csv(struct columns *c, struct draft *d, const char *data, size_t len)
{
	const char *begin = data, *end = data + len;

	for (;; data++) {
		if (data < end && *data == '"') {
			data++;
			if (!unquote(c, &data, end))
				return tell_quotes(c, open_quote, begin, len);
			if (data < end && *data != c->byte)
				return tell_quotes(c, after_quote, begin, len);
			columns_add(c, d, c->field.data ? c->field.data : "", c->field.len);
		} else {
			const char *found = memchr(data, c->byte, (size_t)(end - data));
			const char *to = found ? found : end;

			columns_add(c, d, data, (size_t)(to - data));
			data = to;
		}
		if (data == end)
			return NULL;
	}
}

static const char *take_groups(const struct columns *c, struct draft *d, const char *data,
	size_t len)
{
	unsigned groups = regex_groups(c->regex);
	const size_t *at;

	columns_trim(c, &data, &len);
	matcher_begin(c->matcher);
	switch (regex_search(c->regex, c->matcher, data, len, 0, false)) {
	case REGEX_NONE:
		return no_match;
	case REGEX_LIMIT:
		return matcher_why(c->matcher);
	case REGEX_PART: /* of streams alone */
	case REGEX_MATCH:
		break;
	}
	at = matcher_at(c->matcher);
	draft_add(d, data, len);
	for (unsigned g = 1; g <= groups; g++)
		if (at[2 * g] == REGEX_UNSET)
			draft_add(d, "", 0);
		else
			draft_add(d, data + at[2 * g], at[2 * g + 1] - at[2 * g]);
	d->stride = groups + 1;
	return NULL;
}

static const struct json_value *columns_find_member(const struct json_value *object, char *path);

/* What a path goes on to behind a name: "", ".NAME...", "[N]...". */
static const struct json_value *columns_find_rest(const struct json_value *value, char *rest)
{
	char *end;

	if (!value || !*rest)
		return value;
	if (*rest == '.')
		return columns_find_member(value, rest + 1);
	if (*rest != '[' || rest[1] < '0' || rest[1] > '9')
		return NULL;
	value = json_value_at(value, strtoul(rest + 1, &end, 10));
	return *end == ']' ? columns_find_rest(value, end + 1) : NULL;
}

/* A name in quotes is itself, whatever is in it. */
static const struct json_value *columns_find_quoted(const struct json_value *object, char *path)
{
	char *end = strchr(path + 1, '"');
	const struct json_value *found;

	if (!end)
		return NULL;
	*end = '\0';
	found = json_value_member(object, path + 1);
	*end = '"';
	return columns_find_rest(found, end + 1);
}

/* The member of this name, or the one within others: a.b, a[0], "a.b"[2].c; the path is as
 * it was afterwards. */
static const struct json_value *columns_find_member(const struct json_value *object, char *path)
{
	const struct json_value *found = json_value_member(object, path);

	if (!found && *path == '"')
		return columns_find_quoted(object, path);
	for (char *at = strpbrk(path, ".["); at && !found; at = strpbrk(at + 1, ".[")) {
		char sign = *at;

		*at = '\0';
		found = json_value_member(object, path);
		*at = sign;
		found = columns_find_rest(found, at);
	}
	return found;
}

static const char *take_members(struct columns *c, struct draft *d, const char *data, size_t len)
{
	struct json_value *object;

	buf_clear(&c->why);
	object = json_value_read(data, len, &c->why);
	if (!object)
		return buf_str(&c->why);
	draft_add(d, data, len);
	if (!c->met)
		c->met = mem_zero((c->members->count + 1) * sizeof *c->met);
	for (size_t i = 0; i < c->members->count; i++) {
		const struct json_value *member;
		const struct name *name = &c->members->list[i];

		buf_clear(&c->path);
		buf_add(&c->path, name->text, name->len);
		buf_addc(&c->path, '\0');
		buf_clear(&c->field);
		member = columns_find_member(object, c->path.data);
		c->met[i] |= member != NULL;
		json_value_spell(&c->field, data, member);
		draft_add(d, c->field.data, c->field.len);
	}
	json_value_free(object);
	d->stride = (uint32_t)c->members->count + 1;
	return NULL;
}

void columns_tell(const struct columns *c)
{
	for (size_t i = 0; c->met && i < c->members->count; i++) {
		const struct name *name = &c->members->list[i];
		struct buf text = { 0 };

		if (c->met[i])
			continue;
		buf_addc(&text, '{');
		buf_add(&text, name->text, name->len);
		buf_addc(&text, '}');
		msg_many("names that no object had", "'%.*s' was in none of the objects; the text "
			"itself is {\\%.*s", (int)text.len, text.data, (int)text.len - 1, text.data + 1);
		buf_free(&text);
	}
}

/* CR LF ends the lines of CSV, and of what has a header that ends so. */
static bool drops_return(const struct columns *c)
{
	return c->rules.separator == '\n' && (c->split == SPLIT_CSV || c->crlf);
}

static const char *columns_split(struct columns *c, struct draft *d, const char *data, size_t len)
{
	if (len && data[len - 1] == '\r' && drops_return(c))
		len--;
	switch (c->split) {
	case SPLIT_BYTE:
		return split_byte(c, d, data, len);
	case SPLIT_REGEX:
		return split_regex(c, d, data, len);
	case SPLIT_CSV:
		return split_csv(c, d, data, len);
	case SPLIT_GROUPS:
		return take_groups(c, d, data, len);
	case SPLIT_JSON:
		return take_members(c, d, data, len);
	case SPLIT_NOT:
		break;
	}
	columns_add(c, d, data, len);
	return NULL;
}

/* --- names ------------------------------------------------------------- */

void columns_groups(const struct columns *c, uint64_t jobs, struct names *names)
{
	unsigned groups = regex_groups(c->regex);

	names->groups = true;
	names->each = (int32_t)groups;
	if (jobs && jobs < INT32_MAX && groups < INT32_MAX / jobs)
		names->columns = (int32_t)(groups * jobs);
	for (unsigned g = 1; g <= groups; g++) {
		const char *name = regex_group_name(c->regex, g);

		if (name)
			names_add(names, name, strlen(name), (int32_t)g);
	}
}

void columns_members(struct columns *c, const struct names *names)
{
	c->members = names;
}

/* Is there a carriage return in the line, outside of quotes, and not its last byte? */
static bool has_return(const struct columns *c, struct value v)
{
	bool quoted = false;

	for (size_t i = 0; i + 1 < v.len; i++) {
		quoted ^= c->split == SPLIT_CSV && v.data[i] == '"';
		if (v.data[i] == '\r' && !quoted)
			return true;
	}
	return false;
}

/* NULL, or why the lines of this header cannot be what they should be. */
static const char *see_line_end(struct columns *c, struct value v)
{
	if (c->rules.separator != '\n')
		return NULL;
	c->crlf |= v.len && v.data[v.len - 1] == '\r';
	return has_return(c, v) ? bare_return : NULL;
}

const char *columns_header(struct columns *c, const struct draft *header, struct names *names)
{
	struct draft d = { 0 };
	const char *why = NULL;
	bool first = !c->title.values;

	for (uint32_t i = 0; first && i < header->values; i++)
		draft_add(&c->title, draft_value(header, i).data, draft_value(header, i).len);
	c->widths = mem_grow(c->widths, header->values * sizeof *c->widths);
	for (uint32_t i = 0; i < header->values && !why; i++) {
		struct value v = draft_value(header, i);
		uint32_t before = d.values;

		why = see_line_end(c, v);
		why = why ? why : columns_split(c, &d, v.data, v.len);
		c->widths[i] = d.values - before;
	}
	for (uint32_t i = 0; i < d.values && !why; i++) {
		struct value v = draft_value(&d, i);

		names_add(names, v.data, v.len, (int32_t)i + 1);
	}
	draft_free(&d);
	return why;
}

const struct draft *columns_title(const struct columns *c)
{
	return c && c->title.values ? &c->title : NULL;
}

/* --- the record -------------------------------------------------------- */

/* Move the record out of the draft. */
static void take_out(struct columns *c, struct draft *d, uint32_t from)
{
	draft_clear(&c->record);
	for (uint32_t i = from; i < d->values; i++) {
		struct value v = draft_value(d, i);

		draft_add(&c->record, v.data, v.len);
	}
	draft_cut(d, from);
}

/* Put it back as it was: a refused record goes by its own name. */
static void put_back(const struct columns *c, struct draft *d, uint32_t from, const char *why)
{
	draft_cut(d, from);
	for (uint32_t i = 0; i < c->record.values; i++) {
		struct value v = draft_value(&c->record, i);

		draft_add(d, v.data, v.len);
	}
	d->refused = why;
}

/* The columns of the next input must stand where its header stood. */
static const char *fill_up(struct draft *d, uint32_t values)
{
	while (d->values < values)
		draft_add(d, "", 0);
	return d->values > values ? too_wide : NULL;
}

/* Of several values each must match. */
static const char *columns_validate(const struct columns *c, const struct draft *d, uint32_t from)
{
	for (uint32_t i = from; c->valid && i < d->values; i++) {
		struct value v = draft_value(d, i);

		matcher_begin(c->matcher);
		switch (regex_search(c->valid, c->matcher, v.data, v.len, 0, false)) {
		case REGEX_NONE:
			return not_valid;
		case REGEX_LIMIT:
			return matcher_why(c->matcher);
		case REGEX_PART: /* of streams alone */
		case REGEX_MATCH:
			break;
		}
	}
	return NULL;
}

/* Has the row as many fields as the first of its input? The header was that, if there is one. */
static const char *columns_count(struct columns *c, const struct draft *d, uint32_t input,
	uint32_t fields)
{
	uint32_t first = c->widths ? c->widths[input] : input < c->inputs ? c->fields[input] : 0;

	if (!first) {
		c->fields = mem_grow(c->fields, (input + 1) * sizeof *c->fields);
		c->fields[input] = fields;
		c->inputs = input + 1;
		return NULL;
	}
	if (fields == first)
		return NULL;
	buf_clear(&c->why);
	buf_addf(&c->why, "has %u field%s, and %s has %u (--csv-strict", fields,
		fields == 1 ? "" : "s", c->widths ? "the header" : "the first row", first);
	buf_addf(&c->why, d->line ? ", line %llu)" : ")", (unsigned long long)d->line);
	return buf_str(&c->why);
}

void columns_shape(struct columns *c, struct draft *d, uint32_t from)
{
	const char *why;

	why = columns_validate(c, d, from);
	if (why)
		d->refused = why;
	if (why || (c->split == SPLIT_NOT && !c->rules.trim))
		return;
	take_out(c, d, from);
	for (uint32_t i = 0; i < c->record.values && !why; i++) {
		struct value v = draft_value(&c->record, i);
		uint32_t before = d->values;

		why = columns_split(c, d, v.data, v.len);
		if (!why && c->rules.strict)
			why = columns_count(c, d, i, d->values - before);
		if (!why && c->widths && i + 1 < c->record.values)
			why = fill_up(d, before + c->widths[i]);
	}
	if (why)
		put_back(c, d, from, why);
}
