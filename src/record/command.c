/* What a job runs, as a job log has it. See command.h. */
#include "record/command.h"

#include "action/template/template.h"
#include "action/template/unquote.h"
#include "base/buf.h"
#include "base/hash.h"
#include "item.h"
#include "options/options.h"

void command_show(const struct options *o, const struct template *command,
	const struct item *item, unsigned slot, struct buf *out)
{
	struct fill fill = { .item = item, .slot = slot };

	buf_clear(out);
	if (o->content) {
		struct value file = item_value(item, 0);

		template_show_reading(command, &fill, file.data, file.len, out);
	} else {
		template_show(command, &fill, out);
	}
}

uint64_t command_hash(struct buf *scratch, const char *command, size_t len)
{
	static const struct hash_key key; /* of lines that are compared, never a table */

	buf_clear(scratch);
	unquote_sense(scratch, command, len);
	return hash_bytes(&key, buf_str(scratch), scratch->len);
}
