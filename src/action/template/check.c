/* The command template, asked before it is used: what is wrong with a text, and which names
 * stand in it. See template.h. */
#include <string.h>

#include "action/template/names.h"
#include "action/template/parts.h"
#include "base/buf.h"

bool template_check(char *const words[], size_t count, const struct template_rules *rules,
	bool text, struct buf *why)
{
	struct parts parts = { 0 };
	bool ok = true;

	if (!text) /* template_command finds out */
		return true;
	for (size_t i = 0; i < count && ok; i++) {
		parts.count = 0;
		parts_parse(&parts, words[i], strlen(words[i]), rules);
		ok = parts_settle(&parts, 0, parts.count, rules, why);
	}
	parts_free(&parts);
	return ok;
}

void template_find_names(char *const words[], size_t count, const struct template_rules *rules,
	bool text, struct names *names)
{
	struct template_rules finding = *rules;
	struct buf why = { 0 };

	finding.names = finding.found = names;
	if (text)
		template_check(words, count, &finding, true, &why);
	else
		template_free(template_command(words, count, &finding, &why));
	buf_free(&why);
}
