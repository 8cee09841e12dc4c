/* What the words of a command are to the program that it names: which of them are code
 * that another shell, or another language, will read. Pure.
 *
 * Asked word by word, of commands of words and of the simple commands of a shell line. */
#ifndef PQ_CALL_H
#define PQ_CALL_H

#include <stdbool.h>
#include <stddef.h>

enum role {
	ROLE_WORD,    /* an argument, a name, an option */
	ROLE_SCRIPT,  /* a shell line of its own: sh -c LINE */
	ROLE_JOINED,  /* one of the words that become a shell line together: ssh HOST WORD... */
	ROLE_FOREIGN, /* code, of which nothing is known but that: python -c CODE */
	ROLE_OWN,     /* code of a small language that has braces: awk CODE */
};

/* Zero-initialised before the first word, which is the command's name. */
struct call {
	enum {
		CALL_NAME,     /* the next word names a program */
		CALL_WRAPPER,  /* options of a program that runs another one, as env */
		CALL_SHELL,    /* options of a shell */
		CALL_FOREIGN,  /* of an interpreter */
		CALL_OWN,      /* of awk and its like: options, then code */
		CALL_OWN_ALL,  /* all words have braces of their own: xargs, pq itself */
		CALL_SSH,      /* of ssh; its host is among them */
		CALL_JOINED,   /* all words that follow become one line */
		CALL_SCRIPTS,  /* each of them is a line */
		CALL_TRAP,     /* options of trap, then one line */
		CALL_OTHER,    /* words of whatever else; a sh among them may have a -c */
		CALL_OVER,     /* nothing that follows is code */
	} state;
	const struct wrapper *wrapper;
	const struct own *own;
	const char *letters;   /* of CALL_FOREIGN: behind which option code stands */
	unsigned skip;         /* so many words belong to an option */
	unsigned operands;     /* of a wrapper: so many words before the program */
	bool code;             /* a shell's -c has come */
	bool host;             /* ssh's */
	bool given;            /* the code of CALL_OWN, in an option */
	bool below;            /* the shell is an argument of a program that is not known */
	const char *shell;     /* the name of the shell; a constant */
	const char *argument;  /* how code gets at an argument instead; a constant */
	char name[16];         /* of the program, without its directory, cut: for messages */
};

/* What this word is: `word` holds replacement strings as they are written. */
enum role call_word(struct call *c, const char *word, size_t len);
/* Is the shell that was named one that reads lines as bash does (also ksh, zsh)? */
bool call_is_bash(const char *name, size_t len);

#endif
