/* --completion: what the shells need to complete our options, from the table.
 *
 * Each script finds the first word that is neither an option nor the value of
 * one; from there on it completes a command and its arguments. Behind --next that begins
 * anew, with the options of a section. In the scripts
 * below, @ and a letter stand for what one of the `parts` makes of the table. */
#include "options/set.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "options/names.h"
#include "options/value.h"

static const char bash_script[] =
	"# Completion of pq in bash, made by pq --completion bash.\n"
	"\n"
	"_pq()\n"
	"{\n"
	"	local cur=${COMP_WORDS[COMP_CWORD]} word values= names='@a' first i\n"
	"\n"
	"	COMPREPLY=()\n"
	"	for ((first = COMP_CWORD; first > 1; first--)); do\n"
	"		[[ ${COMP_WORDS[first - 1]} == --next ]] && names='@s' && break\n"
	"	done\n"
	"	for ((i = first; i < COMP_CWORD; i++)); do\n"
	"		word=${COMP_WORDS[i]}\n"
	"		case $word in\n"
	"		--)\n"
	"			((i++))\n"
	"			break\n"
	"			;;\n"
	"		@V)\n"
	"			[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))\n"
	"			((i++))\n"
	"			;;\n"
	"		-[!-]*)\n"
	"			[[ $word =~ ^-[@f]*[@v]$ ]] && ((i++)) && word=-${word: -1}\n"
	"			;;\n"
	"		--*)\n"
	"			[[ ${COMP_WORDS[i + 1]} == = ]] && ((i += 2))\n"
	"			;;\n"
	"		*)\n"
	"			break\n"
	"			;;\n"
	"		esac\n"
	"	done\n"
	"\n"
	"	if ((i < COMP_CWORD)); then\n"
	"		# An argument of the command: as the command has it, or a file.\n"
	"		declare -F _command_offset >/dev/null && _command_offset \"$i\"\n"
	"	elif ((i > COMP_CWORD)); then\n"
	"		[[ $cur == = ]] && cur=\n"
	"		case $word in\n"
	"@w"
	"		esac\n"
	"		compopt +o default\n"
	"		mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")\n"
	"	elif [[ $cur == -* ]]; then\n"
	"		mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$cur\")\n"
	"	else\n"
	"		mapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
	"	fi\n"
	"}\n"
	"\n"
	"complete -o default -F _pq pq\n";

static const char zsh_script[] =
	"#compdef pq\n"
	"# Completion of pq in zsh, made by pq --completion zsh.\n"
	"\n"
	"_pq() {\n"
	"	local -i next=${${(@)words[1,CURRENT-1]}[(I)--next]}\n"
	"\n"
	"	if (( next )); then\n"
	"		words=(pq \"${(@)words[next+1,-1]}\")\n"
	"		(( CURRENT -= next - 1 ))\n"
	"		_arguments -s -S \\\n"
	"@y"
	"			'(-):command:_command_names -e' \\\n"
	"			'*::argument:_normal'\n"
	"		return\n"
	"	fi\n"
	"	_arguments -s -S \\\n"
	"@z"
	"		'(-):command:_command_names -e' \\\n"
	"		'*::argument:_normal'\n"
	"}\n"
	"\n"
	"if [[ $funcstack[1] == _pq ]]; then\n"
	"	_pq \"$@\"\n"
	"else\n"
	"	compdef _pq pq\n"
	"fi\n";

static const char fish_script[] =
	"# Completion of pq in fish, made by pq --completion fish.\n"
	"\n"
	"# Of the words of a command line of pq, print the last command and what follows it.\n"
	"function __pq_command\n"
	"	set -l words $argv[2..]\n"
	"	while set -l next (contains -i -- --next $words)\n"
	"		set -e words[1..$next]\n"
	"	end\n"
	"	while set -q words[1]\n"
	"		set -l word $words[1]\n"
	"		if string match -q -- '-?*' $word\n"
	"			set -e words[1]\n"
	"			if test $word = --\n"
	"				break\n"
	"			else if contains -- $word @n\n"
	"				or string match -qr -- '^-[@f]*[@v]$' $word\n"
	"				set -e words[1]\n"
	"			end\n"
	"		else\n"
	"			break\n"
	"		end\n"
	"	end\n"
	"	set -q words[1]; and printf '%s\\n' $words\n"
	"end\n"
	"\n"
	"function __pq_no_command\n"
	"	not __pq_command (commandline -opc) >/dev/null\n"
	"end\n"
	"\n"
	"function __pq_first_section\n"
	"	__pq_no_command; and not contains -- --next (commandline -opc)\n"
	"end\n"
	"\n"
	"function __pq_complete_command\n"
	"	set -l words (__pq_command (commandline -opc) (commandline -ct))\n"
	"	set -q words[1]; or return\n"
	"	set -l line (string join ' ' -- (string escape -- $words[..-2]) $words[-1])\n"
	"	complete -C \"$line\"\n"
	"end\n"
	"\n"
	"complete -c pq -x -a '(__pq_complete_command)'\n"
	"@c";

/* Append a text that stands in single quotes, a backslash before every byte that
 * is one of `special`, and `before` each single quote. */
static void add_quoted(struct buf *b, const char *s, const char *special, const char *before)
{
	for (; *s; s++) {
		if (*s == '\'')
			buf_adds(b, before);
		else if (strchr(special, *s))
			buf_addc(b, '\\');
		buf_addc(b, *s);
	}
}

static bool takes_file(const struct option_row *row)
{
	return row->values && !*row->values;
}

static void add_letters(struct buf *b, bool with_value)
{
	for (size_t i = 0; i < options_rows; i++) {
		const struct option_row *row = &options_table[i];

		if (row->shorts && (row->argument != NULL) == with_value)
			buf_adds(b, row->shorts);
	}
}

static void add_flag_letters(struct buf *b)
{
	add_letters(b, false);
}

static void add_value_letters(struct buf *b)
{
	add_letters(b, true);
}

/* All names of a row with their dashes: what stands before, between, behind. */
static void complete_add_names(struct buf *b, const struct option_row *row, const char *between)
{
	const char *longs = row->longs, *word, *gap = "";
	size_t len;

	for (const char *c = row->shorts; c && *c; c++, gap = between)
		buf_addf(b, "%s-%c", gap, *c);
	for (; (word = options_word(&longs, &len)); gap = between)
		buf_addf(b, "%s--%.*s", gap, (int)len, word);
}

/* May it stand behind --next? */
static bool complete_in_section(const struct option_row *row)
{
	return row->scope == SCOPE_section || row->anywhere;
}

static bool complete_any(const struct option_row *row)
{
	(void)row;
	return true;
}

static bool complete_has_value(const struct option_row *row)
{
	return row->argument;
}

static void add_all(struct buf *b, bool (*counts)(const struct option_row *row),
	const char *between)
{
	const char *gap = "";

	for (size_t i = 0; i < options_rows; i++) {
		if (!counts(&options_table[i]))
			continue;
		buf_adds(b, gap);
		complete_add_names(b, &options_table[i], between);
		gap = between;
	}
}

static void add_all_names(struct buf *b)
{
	add_all(b, complete_any, " ");
}

static void add_section_names(struct buf *b)
{
	add_all(b, complete_in_section, " ");
}

static void add_value_names(struct buf *b)
{
	add_all(b, complete_has_value, " ");
}

static void add_value_pattern(struct buf *b)
{
	add_all(b, complete_has_value, "|");
}

/* bash: the options whose value is one of a few words, or a file (the default); of one
 * that may follow a = nothing is known where it is none of these. */
static void add_bash_values(struct buf *b)
{
	for (size_t i = 0; i < options_rows; i++) {
		const struct option_row *row = &options_table[i];

		if (!row->values)
			continue;
		buf_adds(b, "\t\t");
		complete_add_names(b, row, "|");
		if (takes_file(row))
			buf_adds(b, ") return ;;\n");
		else
			buf_addf(b, ") values='%s' ;;\n", row->values);
	}
}

/* zsh: :argument:action, with another colon before what may be left out. */
static void add_zsh_value(struct buf *b, const struct option_row *row)
{
	if (row->argument || row->optional) {
		buf_adds(b, row->optional ? "::" : ":");
		add_quoted(b, row->optional ? row->optional : row->argument, ":", "'\\'");
		buf_addc(b, ':');
	}
	if (takes_file(row)) {
		buf_adds(b, "_files");
	} else if (row->values) {
		buf_addc(b, '(');
		add_quoted(b, row->values, ":", "'\\'");
		buf_addc(b, ')');
	}
}

/* zsh: '(names)'{names}'[help]:argument:action'. Names that take a value have + or = behind
 * them, =- where it stands only behind that, and may come again; braces around one word
 * stay braces. */
static void add_zsh_row(struct buf *b, const struct option_row *row, const char *indent)
{
	struct buf names = { 0 };
	const char *longs = row->longs, *word, *gap = "";
	size_t len;

	for (const char *c = row->shorts; c && *c; c++, gap = ",")
		buf_addf(&names, "%s-%c%s", gap, *c, row->argument ? "+" : "");
	for (; (word = options_word(&longs, &len)); gap = ",")
		buf_addf(&names, "%s--%.*s%s", gap, (int)len, word,
			row->argument ? "=" : row->optional ? "=-" : "");
	buf_addf(b, row->argument ? "%s'*'" : "%s'(", indent);
	if (!row->argument) {
		complete_add_names(b, row, " ");
		buf_adds(b, ")'");
	}
	buf_addf(b, strchr(buf_str(&names), ',') ? "{%s}'[" : "%s'[", buf_str(&names));
	add_quoted(b, row->help, "[]:\\", "'\\'");
	buf_addc(b, ']');
	add_zsh_value(b, row);
	buf_adds(b, "' \\\n");
	buf_free(&names);
}

static void add_zsh_rows(struct buf *b)
{
	for (size_t i = 0; i < options_rows; i++)
		add_zsh_row(b, &options_table[i], "\t\t");
}

static void add_zsh_section_rows(struct buf *b)
{
	for (size_t i = 0; i < options_rows; i++)
		if (complete_in_section(&options_table[i]))
			add_zsh_row(b, &options_table[i], "\t\t\t");
}

static void add_fish_row(struct buf *b, const struct option_row *row)
{
	const char *longs = row->longs, *word;
	size_t len;

	buf_addf(b, "complete -c pq -n %s",
		complete_in_section(row) ? "__pq_no_command" : "__pq_first_section");
	for (const char *c = row->shorts; c && *c; c++)
		buf_addf(b, " -s %c", *c);
	while ((word = options_word(&longs, &len)))
		buf_addf(b, " -l %.*s", (int)len, word);
	if (row->argument)
		buf_adds(b, takes_file(row) ? " -r -F" : " -x");
	if (row->values && *row->values)
		buf_addf(b, " -a '%s'", row->values);
	buf_adds(b, " -d '");
	add_quoted(b, row->help, "\\", "\\");
	buf_adds(b, "'\n");
}

static void add_fish_rows(struct buf *b)
{
	for (size_t i = 0; i < options_rows; i++)
		add_fish_row(b, &options_table[i]);
}

static const struct {
	char letter;
	void (*add)(struct buf *b);
} parts[] = {
	{ 'a', add_all_names },
	{ 's', add_section_names },
	{ 'n', add_value_names },
	{ 'V', add_value_pattern },
	{ 'f', add_flag_letters },
	{ 'v', add_value_letters },
	{ 'w', add_bash_values },
	{ 'z', add_zsh_rows },
	{ 'y', add_zsh_section_rows },
	{ 'c', add_fish_rows },
};

static bool add_part(struct buf *b, char letter)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].letter == letter) {
			parts[i].add(b);
			return true;
		}
	return false;
}

void set_completion(const struct given *g, struct options *o)
{
	static const struct {
		const char *shell, *script;
	} scripts[] = {
		{ "bash", bash_script }, { "zsh", zsh_script }, { "fish", fish_script },
	};
	struct buf b = { 0 };

	(void)o;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		if (strcmp(scripts[i].shell, g->value) != 0)
			continue;
		for (const char *s = scripts[i].script; *s; s++) {
			if (*s == '@' && add_part(&b, s[1]))
				s++;
			else
				buf_addc(&b, *s);
		}
		options_print(&b);
	}
	value_refuse(g, "is no shell that pq knows; try bash, zsh or fish");
}
