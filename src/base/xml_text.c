/* Bytes as the text of XML. See xml_text.h. */
#include "base/xml_text.h"

#include "base/buf.h"
#include "base/utf8.h"

/* Does it stand for itself everywhere? All of them are printable ASCII. */
static bool xml_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '&' && c != '<' && c != '>' && c != '"';
}

static void xml_escape(struct buf *to, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(to, "\\x%02x", (unsigned char)data[i]);
}

/* White space in attributes is a blank to a parser, and a return anywhere a newline, unless
 * they are given by number. */
static void xml_ascii(struct buf *to, char c, bool attribute)
{
	if (c == '&')
		buf_adds(to, "&amp;");
	else if (c == '<')
		buf_adds(to, "&lt;");
	else if (c == '>')
		buf_adds(to, "&gt;");
	else if (c == '"')
		buf_adds(to, "&quot;");
	else if (c == '\r' || (attribute && (c == '\t' || c == '\n')))
		buf_addf(to, "&#%d;", c);
	else if (c == '\t' || c == '\n')
		buf_addc(to, c);
	else
		xml_escape(to, &c, 1);
}

/* A character beyond ASCII that XML has, and somebody sees? */
static bool xml_is_shown(const char *s, size_t len)
{
	const unsigned char *c = (const unsigned char *)s;
	bool control = len == 2 && c[0] == 0xc2 && c[1] < 0xa0;
	bool none = len == 3 && c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe;

	return !control && !none;
}

/* One character that is not plain, or what is none; its length. */
static size_t xml_odd(struct buf *to, const char *data, size_t len, bool attribute)
{
	bool valid;
	size_t n;

	if ((unsigned char)*data < 0x80) {
		xml_ascii(to, *data, attribute);
		return 1;
	}
	n = utf8_span(data, len, &valid);
	if (valid && xml_is_shown(data, n))
		buf_add(to, data, n);
	else
		xml_escape(to, data, n);
	return n;
}

void xml_text(struct buf *to, const char *data, size_t len, bool attribute)
{
	size_t from = 0, i = 0;

	while (i < len) {
		if (xml_is_plain((unsigned char)data[i])) {
			i++;
			continue;
		}
		buf_add(to, data + from, i - from);
		from = i += xml_odd(to, data + i, len - i, attribute);
	}
	buf_add(to, data + from, i - from);
}
