# tests/beside_lines.pl: the command lines of tests/beside_parallel, made by chance.
#
# A form makes the words of a line, in which all that it has to say of order is said (-k or
# -j1), so that it does the same each time. What both read are the files below.

package lines;

use strict;
use warnings;

our ($sh, $bash) = ("/bin/sh");
chomp($bash = qx(sh -c 'command -v bash') || $sh);

# --- chance ------------------------------------------------------------------

sub below($) { int rand $_[0] }
sub one { $_[below scalar @_] }
sub maybe { my $n = shift; below($n) ? () : @_ }
sub some { my ($n, @from) = @_; map { one(@from) } 1 .. $n }

# --- what lines are made of --------------------------------------------------

our %files = (
	abc => "a\nb\nc\n", num => join("", map "$_\n", 1 .. 9), open => "x y\nlast",
	blank => "a\n\n \nb\n\n", tsv => "id\tname\n1\tann\n2\tbob b\n3\t\n",
	csv => "x,y\n1,2\n3,4\n", nul => "a\0b c\0\0d\n\0", crlf => "a\r\nb\r\n",
	words => "a b\nc  d \n e\nf\n", paths => "d/a.tar.gz\n./x.y\n/n/e.w\na.b/c\n.hid\n",
	fasta => ">a\n1\n2\n>b\n3\n>c\n", odd => "it's\n\"q\"\n\$HOME\n\\\n*\n\xc3\xa9\n",
	done => join("\t", qw(Seq Host Starttime JobRuntime Send Receive Exitval Signal Command)) . "\n" .
		join("\t", 1, ":", 1, 1, 0, 2, 0, 0, "echo else") . "\n",
	same => join("\t", qw(Seq Host Starttime JobRuntime Send Receive Exitval Signal Command)) . "\n" .
		join("", map join("\t", $_->[0], ":", 1, 1, 0, 2, $_->[1], 0, "echo $_->[2]\n"),
		[ 1, 0, "a" ], [ 2, 1, "b" ]),
	pairs => "a b\nc  d\n e\nf g h\n", empty => "", lines => "echo one\necho two; echo 2\nfalse\n",
);
my @plain = qw(a b c foo bar 7 10 x=1 A1);
my @paths = qw(d/a.tar.gz ./x.y /n/e.w a.b/c .hid d/ a/b/c.d.e / file.txt);
my @odd = ("it's", "a  b", " lead", "trail ", '"q"', '$HOME', '`x`', "\\", "a\\b", "*", "~", "#c",
	"a;b", "a|b", "a\tb", "\xc3\xa9", "\xe2\x82\xac", "\xff", "\x01", "", "{}", "{1}", "{.}", "%s",
	"!x", "a=b", "(", ")", "&", "<", ">", "[x]", "?", "a,b", "--", "^", "a:b", "-x", "=", "'", "\x7f");

sub value { my $k = below 10; $k < 5 ? one(@plain) : $k < 7 ? one(@paths) : one(@odd) }
sub values_of { map { value() } 1 .. $_[0] }
sub file { one(qw(abc num open blank words paths odd)) }

# One source, and what stands on the standard input if it is read there.
sub source {
	my $k = below 8;
	$k < 5 ? (":::", values_of(1 + below 4)) : $k < 6 ? ("::::", file()) :
		$k < 7 ? (":::", some(1 + below 3, @odd)) : ("::::", one(qw(abc num)));
}

sub replacement {
	my $sources = shift;
	my $k = below 12;
	return "{}" if $k < 4;
	return one("{.}", "{/}", "{//}", "{/.}") if $k < 7;
	return "{#}" if $k < 8;
	my $n = 1 + below $sources;
	return "{$n" . one("", "", ".", "/", "//", "/.") . "}" if $k < 11;
	return "{-" . (1 + below $sources) . "}";
}

# Words of a command that shows what it is given.
sub command {
	my $sources = shift || 1;
	my $r = sub { replacement($sources) };
	return one(
		sub { "echo" },
		sub { "echo", map { $r->() } 1 .. 1 + below 3 },
		sub { "printf '<%s>\\n'" },
		sub { "printf", "'<%s>\\n'", map { $r->() } 1 .. 1 + below 3 },
		sub { "echo", "x" . $r->() . "y" },
		sub { "echo " . $r->() . " -- " . $r->() },
		sub { "echo", $r->(), "|", "cat", "-v" },
		sub { "echo", $r->(), ";", "echo", "end", $r->() },
		sub { "printf %s " . $r->() . " ; echo" },
		sub { "echo", "{#}", $r->() },
	)->();
}

my %line; # the one that is being made: words, in (what is read), env, tag (words of the manual)

sub options { push @{ $line{options} }, @_ }

sub ordered { options(one("-k", "-k", "-j1", "-kj3", "--keep-order")) }

# Options that go with all.
sub dressed {
	options(maybe(8, "--tag")) or options(maybe(16, "--tagstring", one("{#}", "{}", "x{.}", "a b")));
	my $alone = grep { $_ eq "-j1" } @{ $line{options} };
	options(maybe(10, $alone ? one("-v", "-t", "--verbose") : "-v"));
	options(maybe(12, "--dry-run"));
	options(maybe(30, "--will-cite"), maybe(30, "--no-notice"), maybe(40, "--plain"));
	options(maybe(20, "--joblog", "log"));
	options(maybe(20, "--results", "res")) if !grep { /^--(?:tag|dry-run)/ } @{ $line{options} };
	options(maybe(20, "--lb")) if $alone;
	options(maybe(25, "--group"), maybe(25, "-r"));
}

# --- forms: each makes a line ------------------------------------------------

my @forms = (
	[ 6, sub { # sources and replacement strings
		my $n = 1 + below 3;
		ordered();
		dressed();
		options("--link") if $n > 1 && !below 3;
		command($n), (map { my @s = source(); $_ > 1 ? (one($s[0], $s[0], "$s[0]+"), @s[1 .. $#s])
			: @s } 1 .. $n);
	} ],
	[ 3, sub { # lists that come otherwise
		ordered();
		dressed();
		my $k = below 4;
		if ($k == 0) { $line{in} = $files{+file()}; return command() }
		if ($k == 1) { options("-a", file()); return command() }
		if ($k == 2) { options("-a", file(), "-a", one(qw(abc num))); return command(2) }
		$line{in} = $files{+file()};
		return command(), "::::", "-", maybe(2, ":::", values_of(2));
	} ],
	[ 4, sub { # how many in a job
		options(one("-j1", "-k", "-k"));
		dressed();
		options(one("-n" . (1 + below 4), "-N" . (1 + below 4), "-n1", "-N1"));
		options(maybe(6, "-j1", "-X"));
		my @list = values_of(1 + below 7);
		command(1), one([ ":::", @list ], [ "::::", file() ], [ "::::", "num" ])->@*;
	} ],
	[ 3, sub { # as many as fit
		options(one("-j1", "-j1", "-j2"), "-k", one("-X", "-m", "--xargs"));
		dressed();
		options(maybe(4, "-n" . (2 + below 3))) if $line{options}[0] eq "-j1";
		my @command = one([ "echo" ], [ "echo", "x{}y" ], [ "echo", "{}", "{}" ], [ "echo a{.}b" ],
			[ "printf '<%s>\\n'" ], [ "echo", "{/}", "-", "{/.}" ], [ "echo {#} {}" ])->@*;
		@command, one([ ":::", values_of(1 + below 7) ], [ "::::", file() ])->@*;
	} ],
	[ 4, sub { # columns
		ordered();
		dressed();
		my @command = one([ command(2) ], [ "echo {2} {1}" ], [ "echo", "{1}-{2}" ],
			[ "printf '<%s>\\n' {2} {1}" ])->@*;
		my $k = below 6;
		options("-C", one("\\t", "\t")), return @command, "::::", "tsv" if $k == 0;
		options("--colsep", ","), return @command, "::::", "csv" if $k == 1;
		options("-C", one(" ", " +")), return @command, "::::", "pairs" if $k == 2;
		options("-C", ",", "--header", ":"), return one([ @command ], [ "echo", "{x}", "{y}" ])->@*,
			"::::", "csv" if $k == 3;
		options("--header", ":"), return "echo {id} {1}", ":::", "id", values_of(2), maybe(2, ":::",
			"b", values_of(1)) if $k == 4;
		options("-C", one(",", ":", "[,:]"));
		return @command, ":::", some(2, "a,b:c", "c:,d,e", ",g:", "h,:x"), maybe(3, ":::", "z");
	} ],
	[ 3, sub { # where items end
		ordered();
		dressed();
		my $k = below 6;
		if ($k == 0) { options(one("-0", "--null")); return command(), "::::", one("nul", "abc") }
		if ($k == 1) { options("-d", one(",", "b", "\\n", "\\t")); return command(), "::::", one("csv",
			"abc", "tsv") }
		if ($k == 2) { options("-E", one("b", "a", "x", "5")); return command(), one([ ":::", "a", "b",
			"c" ], [ "::::", "num" ], [ "::::", "abc" ])->@* }
		if ($k == 3) { options("-r"); return command(), "::::", one("blank", "empty", "open") }
		if ($k == 4) { options("--trim", one("n", "l", "r", "lr", "rl")); return command(),
			one([ ":::", " a ", "b  ", "\tc" ], [ "::::", "words" ])->@* }
		return command(), "::::", one("crlf", "blank", "open", "empty", "words");
	} ],
	[ 2, sub { # each item is a command
		ordered();
		dressed();
		one([ ":::", some(3, "echo a", "echo 'b  c'", "exit 3", "true", "echo e >&2", "false; echo f",
			"printf '%s\\n' x y", "echo \$((1+2))", "(echo g)", "") ], [ "::::", "lines" ])->@*;
	} ],
	[ 5, sub { # blocks to the standard input
		options("-k");
		options(maybe(8, "--tagstring", "{#}"), maybe(10, "-v"), maybe(12, "--dry-run"));
		options(one("--pipe", "--pipe", "--pipe", "--spreadstdin"));
		my @show = one("cat; echo .", "wc -c", "cat", "cat -A; echo", "echo {#}; cat", "cat >/dev/null; "
			. "echo end");
		my $k = below 8;
		options("-N" . (1 + below 4)) if $k < 2;
		options("--block", one(10, 15, 20, "1k")) if $k == 2 || $k == 3;
		options("-n" . (1 + below 4)) if $k == 4;
		options("--recstart", ">", "-N" . (1 + below 2)), $line{in} = $files{fasta} if $k == 5;
		options("--recend", one("b\\n", "3", "\\n"), "-N1") if $k == 6;
		options("-L" . (1 + below 3), maybe(2, "-N1")) if $k == 7;
		$line{in} //= one(@files{qw(abc num words odd csv empty)}, $k == 2 || $k == 3 ? $files{blank} : (),
			$k < 7 ? $files{open} : ());
		@show;
	} ],
	[ 4, sub { # what fails
		ordered();
		dressed();
		my $k = below 7;
		if ($k == 0) { return "exit", ":::", some(1 + below 5, 0, 0, 1, 2, 7) }
		if ($k == 1) { return "echo {}; exit {}", ":::", some(1 + below 4, 0, 1, 3) }
		if ($k == 2) { return one("false", "true", "test {} = a", "exit 255 && true"), "::::", "abc" }
		if ($k == 3) { options("-j1", "--retries", 1 + below 3); return "echo {} >>tried; test {} = a", ":::",
			"a", one("a", "b") }
		if ($k == 4) { return "kill -{} \$\$", ":::", some(1 + below 2, "TERM", "KILL", "INT", "HUP") }
		if ($k == 5) { return "echo {} >&2; echo {}; exit {}", ":::", some(1 + below 3, 0, 1) }
		return "seq {} | xargs -n1 false", ":::", 1, 2;
	} ],
	[ 3, sub { # when to stop
		options("-j1");
		options("--halt", one("now", "soon") . "," . one("fail", "success", "done") . "=" .
			one(1, 1, 2, 3, "50%", "25%", "100%"));
		options(maybe(6, "--joblog", "log"), maybe(8, "-k"));
		"echo {}; exit {}", ":::", "@{ $line{options} }" =~ /done=/ ? one(1, 2) : (),
			some(2 + below 5, 0, 0, 1, 2, 9);
	} ],
	[ 3, sub { # other names of replacement strings
		ordered();
		dressed();
		my ($option, $name) = one([ "-I", ",," ], [ "-I", "@" ], [ "--replace={}", "" ], [ "-i[]", "" ],
			[ "-I", "{x}" ], [ "-iXX", "" ])->@*;
		options($option, length $name ? $name : ());
		($name) = $option =~ /^(?:-i|--replace=)(.*)/ if !length $name;
		one([ "echo $name" ], [ "echo", "a${name}b", $name ], [ "echo {} $name {.}" ])->@*,
			":::", values_of(2);
	} ],
	[ 4, sub { # --plus, --rpl, {= =}
		ordered();
		dressed();
		my $k = below 3;
		my @list = (":::", some(1 + below 3, @paths, "abcabc", "x y"));
		if ($k == 0) { options("--plus"); return "echo", some(1 + below 3, "{..}", "{...}", "{/..}",
			"{/...}", "{+/}", "{+.}", "{+..}", "{+...}", "{:2}", "{:1:3}", "{%.gz}", "{#d}", "{/a/b}",
			"{^a}", "{^^a}", "{,A}", "{,,A}", "{:-none}", "{}", "{/.}"), @list }
		if ($k == 1) { options("--rpl", one("{x} s/a/b/", "{x} s/.*\\.//", "{x} s:/:-:g",
			"{x} y/abc/ABC/", "{x} s/\\W//g")); return "echo", "{x}", one("{}", "{1x}", "y{x}"), @list }
		return one("echo", "echo {}"), "{=" . one("", "1") . one(" s/a/b/", " s/\\.gz\$//", " s:/:_:g",
			" y/a-z/A-Z/", " s/(.)(.)/\$2\$1/", " \$_=lc(\$_)", " \$_=uc(\$_)") . " =}", @list;
	} ],
	[ 4, sub { # formulas
		ordered();
		dressed();
		my $k = below 3;
		if ($k == 0) { return "echo {= \$_" . one("++", "*=2", "=sprintf(\"%03d\",\$_)", "=\$_*\$_", ".=\"x\"",
			"-=1", "=10-\$_", "%=3", "=seq()", "=total_jobs()", "=\$job->seq()", "=\$arg[1]", "=length(\$_)") .
			" =}", one("", "{}"), one([ ":::", 1 .. 3 ], [ "::::", "num" ], [ ":::", 10, 7 ])->@* }
		if ($k == 1) { options("--plus"); return "echo", one("{##}", "{0#}", "{#}/{##}"),
			"{}", one([ ":::", 1, 2, 2 ], [ ":::", 1, 2, ":::", 2, 1 ])->@* }
		return "echo", "{= " . one("s/a/b/; \$_=uc(\$_)", "\$_=lc(\$_).\"x\"", "\$_=\$arg[1].\"-\".\$_", "\$_=substr(\$_,0,1)") . " =}",
			":::", 1 .. 3;
	} ],
	[ 4, sub { # words as they stand
		ordered();
		dressed();
		options(one("-q", "--quote"));
		one([ "printf", "<%s>\\n" ], [ "printf", "%s-%s\\n", "{}", one(@odd) ], [ "printf", "%s\\n", one(@odd), "{}" ],
			[ "sh", "-c", "echo \"\$1\"; exit 3", "sh" ], [ "printf", "a  b{}\\n" ])->@*,
			one(":::"), some(1 + below 4, @odd, @plain);
	} ],
	[ 5, sub { # odd values, for every shell
		ordered();
		dressed();
		$line{env}{PARALLEL_SHELL} = $bash if below 2;
		one([ "printf '<%s>\\n'" ], [ "printf", "'<%s>\\n'", "{}", "{.}", "{/}" ], [ "printf '%s\\n' x{}y" ],
			[ "printf '%s\\n' {}{}" ])->@*, ":::", some(1 + below 5, @odd), maybe(3, ":::", some(2, @odd));
	} ],
	[ 1, sub { # shown as a shell would read it
		options("-k", one("--shellquote", "--shell-quote"));
		maybe(2, "echo"), ":::", some(1 + below 4, @odd, @plain);
	} ],
	[ 1, sub { # without values, or refused
		ordered();
		one([ "echo", ":::" ], [ "echo", "::::", "empty" ], [ "echo", "::::", "missing" ],
			[ "--nonesuch", "echo", ":::", "a" ], [ "-j", "x", "echo", ":::", "a" ],
			[ "echo", ":::", "a", ":::" ],
			[ "-a", "missing", "echo" ], [ "--halt", "never", "echo", ":::", "a" ],
			[ "--halt", "often", "echo", ":::", "a" ])->@*;
	} ],
	[ 1, sub { # nothing of it by the value
		options(one("-j1", "-k"), one("-n0", "-N0"));
		one("echo x", "echo {#}", "printf 'y\\n'"), ":::", values_of(1 + below 3);
	} ],
	[ 1, sub { # separators by other names
		ordered();
		one([ "--arg-sep", ",,", "echo", ",,", values_of(2) ],
			[ "--arg-file-sep", "//", "echo", "//", file() ],
			[ "--arg-sep", "@", "echo {2} {1}", "@", "a", "@", "b", "c" ])->@*;
	} ],
	[ 4, sub { # lines that a shell reads
		ordered();
		dressed();
		$line{env}{PARALLEL_SHELL} = $bash if below 2;
		one("for i in 1 2; do echo {} \$i; done", "if test {} = a; then echo y; else echo n {}; fi",
			"case {} in a) echo A;; *) echo {.};; esac", "(echo {})", "{ echo {}; }", "x={}; echo \$x",
			"echo \$((1+{#})) {}", "echo {} && echo y || echo n", "echo `echo {}`", "X={} sh -c 'echo \$X'",
			"echo {} >out.{#}; cat out.{#}", "echo \$(echo {}; echo {/}) | cat -A", "! echo {}",
			"echo {} >/dev/null", "cat <<E\nx\nE\necho {}", "printf '%s\\n' {} {.} | sort -r | cat -A",
			"set -- {} {/}; echo \$#; for i; do printf '<%s>' \"\$i\"; done", "wc -c <abc; echo {}",
			"while read x; do echo \$x {}; done <abc", "exec echo {}", "cd /; pwd; echo {}", "true; echo {} #x\n",
			"echo a\necho {}", "printf %s {}; printf '\\n'", "echo {} 2>&1 >&2", "test -n {} && echo {}",
			"echo '{#}' \"{#}\"", "echo \\\$HOME {}", "f() { echo \"\$1\"; }; f {}", "cat {} 2>/dev/null"),
			one([ ":::", values_of(1 + below 3) ], [ ":::", some(2, @plain) ], [ ":::", some(2, @odd) ])->@*;
	} ],
	[ 3, sub { # lines in a job; delimiters; the length of a command
		options("-j1");
		my $k = below 5;
		dressed() if $k != 3;
		my @show = one([ "echo" ], [ "echo {}" ], [ "printf '<%s>\\n'" ], [ "printf '<%s>\\n' x{}y" ])->@*;
		if ($k == 0) { options(one("-L1", "-L2", "-l", "-l2", "--max-lines=2")); return @show, "::::",
			one(qw(abc words open)) }
		if ($k == 1) { options("-d", one("b", "c d", ",", "\\n\\n")); return @show, "::::", one("csv",
			"words", "abc", "blank") }
		if ($k == 2) { options("-d", one("b", "::", "c d")); return @show, ":::", some(2, "abc", "a::c d",
			"x") }
		if ($k == 3) { options("-X", "-s", 20 + below 12); return "echo", one([], [ "{}" ])->@*, "::::",
			one(qw(num abc)) }
		options(one("--skip-first-line", "-n1k", "--max-args=2", "--maxargs=2", "--max-replace-args=2"),
			maybe(20, "-x"));
		return @show, "::::", one(qw(abc num));
	} ],
	[ 3, sub { # options that change nothing that is seen, or little
		options("-k");
		dressed();
		options(some(2, [ "--timeout", "100" ], [ "--nice", "1" ], [ "--delay", "0" ], [ "--env", "X" ],
			[ "--tmpdir", "." ], [ "--compress" ], [ "--group" ], [ "--no-run-if-empty" ], [ "--gnu" ],
			[ "--max-procs", "2" ], [ "-P", "2" ], [ "--jobs", "200%" ], [ "-j", "+0" ], [ "--load", "9999" ],
			[ "--memfree", "1k" ], [ "--retries", "2" ],
			[ "--termseq", "TERM,10,KILL" ], [ "--silent" ], [ "--unsafe" ]));
		$line{options} = [ map { ref ? @$_ : $_ } @{ $line{options} } ];
		command(), ":::", values_of(1 + below 2);
	} ],
	[ 2, sub { # a log that is there
		options("-k", "--joblog", "same", one("--resume", "--resume", "--resume-failed"));
		$line{tries} = 3; # GNU parallel forgets the last job behind one it skips, now and then
		"echo", ":::", "a", "b", one("c", "d");
	} ],
	[ 2, sub { # parts of files
		options("-k", maybe(6, "--tagstring", "{#}"));
		my @show = one("cat; echo .", "wc -c", "cat -A; echo", "echo {#}; cat");
		if (below 2) { options("--pipe-part", "-a", "num", "--block", one(4, 6, 10, 100, "1k")); return @show }
		options("--pipe", "--block=10", maybe(2, "-N2")); $line{in} = $files{num};
		return @show;
	} ],
	[ 1, sub { # where output goes, by name
		options("-k", "--results", "res", one("--files", "--files", "-v"));
		one("echo {}", "printf '%s\\n' {} x", "echo {} >&2"), ":::", some(2, @plain);
	} ],
);

# --- forms that differ, by the heading under which the manual page says so ---

our @known = (
	[ "Li {= =}", sub { ordered(); "echo", "{= " . one("\$_=`date`", "open F,\$_", "\@x=%ENV") . " =}",
		":::", values_of(2) } ],
	[ "Other machines", sub { ordered(); options(one("--transferfile", "--return", "--basefile"), "abc");
		"echo", ":::", values_of(2) } ],
	[ "Fl -sql* , -tmux , -embed", sub { options("--embed"); () } ],
	[ "Ev PARALLEL", sub { $line{env}{PARALLEL} = one("--tag", "-k", "-j2"); ordered(); "echo", ":::",
		values_of(2) } ],
	[ "Items with a NUL byte", sub { ordered(); options("-d", one("d", "c")); "echo", "::::", "nul" } ],
	[ "A command that begins with Li {}", sub { ordered(); one("{} -n", "{} x"), ":::",
		one("echo a", "printf %s") } ],
	[ "Fl -resume", sub { ordered(); options("--resume", "--joblog", "done"); "echo", ":::",
		one(@plain), values_of(2) } ],
	[ "Fl -dry-run No with Fl -results", sub { ordered(); options("--dry-run", "--results", "res");
		"echo", ":::", one(@plain) } ],
	[ "Values that are missing", sub { ordered(); options("-C", ","); "printf '<%s>' {2} {1}", ":::",
		one(@plain), "a,b" } ],
	[ "A line that ends in a comment", sub { ordered(); one("exit 3 #", "echo x # and"), ":::",
		values_of(2) } ],
	[ "Fl q No with one word", sub { ordered(); options("-q"); "echo " . one(@plain), ":::",
		one(@plain) } ],
	[ "Fl -er No and the other new names", sub { ordered(); my ($option, $old) = one([ "--er", "{.}" ],
		[ "--bnr", "{/}" ], [ "--dnr", "{//}" ], [ "--bner", "{/.}" ])->@*; options($option, ",,");
		"echo", ",,", $old, ":::", one(@plain) } ],
	[ "Fl -halt", sub { options("-j1", "--halt", one("now", "soon") . ",fail=2"); $line{raw} = 1;
		"exit", ":::", some(4, 1, 2) } ],
	[ "Quotes around a replacement string", sub { ordered(); one("echo \"{}\"", "echo '{}'", "echo \"<{}>\""),
		":::", one("a  b", "*") } ],
	[ "A command that is not found", sub { ordered(); one("nonesuch", "./none"), ":::", one(@plain) } ],
	[ "A name that ends in a dot", sub { ordered(); "echo", one("{.}", "x{/.}", "{1.}"), ":::", "x." } ],
	[ "Values that are missing", sub { ordered(); "echo", one("{2}", "{3.}", "{-2}",
		"{2/}"), "{}", ":::", one(@plain) } ],
	[ "What is no number", sub { ordered(); options(one("-n", "-N"), one("x", "a1")); "echo", ":::",
		one(@plain) } ],
	[ "Fl -results", sub { ordered(); options("--results", "res"); "echo", ":::", one(@plain), "" } ],
	[ "Fl -block", sub { options("-k", "--pipe", "--block", one(1, 2)); $line{in} = $files{odd};
		"cat; echo ." } ],
	[ "Records of Fl -pipe No that are empty or unfinished", sub { options("-k", "--pipe");
		my ($option, $text) = one([ "-N1", "a\n\nb\n" ], [ "-N1", "\na\n" ], [ "-L1", "a\nb" ],
			[ "-L2", "a\nb\nc" ])->@*; $line{in} = $text; options($option); "cat; echo ." } ],
	[ "A job that is skipped", sub { ordered(); options("--plus"); "echo", one("{choose_k}", "{uniq}",
		"{= if(\$_==2) { skip() } =}", "{= \$_==1 and skip() =}"), "{}", ":::", 1, 2, ":::", 1, 2 } ],
	[ "Fl -halt", sub { options("-j1", "--halt", "now,done=2"); "exit", ":::", 0, 0, 1 } ],
	[ "Words that are repeated", sub { ordered(); options("-N" . (2 + below 3)); "printf %s {}; echo",
		"::::", "num" } ],
	[ "Fl q , -quote", sub { ordered(); options("-q"); "echo", "a\\tb", ":::", one(@plain) } ],
	[ "Fl X No and Fl m No with Fl n", sub { options("-j2", "-k", one("-m", "-X"), "-n4"); "echo", ":::",
		some(4, @plain) } ],
	[ "Fl -ctag , -ctagstring , -color", sub { ordered(); options("--color"); "echo", ":::",
		one(@plain) } ],
	[ "Fl a No with Fl -pipe", sub { options("-k", "--pipe", "-a", "num", "-N2"); "cat; echo ." } ],
	[ "Fl -termseq", sub { ordered(); options("--termseq", one("TERM,10", "TERM")); "echo", ":::",
		one(@plain) } ],
	[ "Li \\e{}", sub { ordered(); "echo", "\\{}", ":::", one(@plain) } ],
	[ "Other shells in the line", sub { ordered(); "eval echo {}", ":::", one("a*", "\$HOME") } ],
	[ "Fl -joblog Cm +", sub { ordered(); options("--joblog", "+log"); "echo", ":::", one(@plain) } ],
	[ "Fl -joblog No of a command with a tab", sub { ordered(); options("--joblog", "log"); "echo",
		":::", "a\t" . one(@plain) } ],
);

# --- a line ------------------------------------------------------------------

# Names of directories differ where a value is empty, or a job has several; and rows of a
# joblog where a command has a tab.
sub plainly {
	my @words = @_;
	my %odd = ("--results" => qr/^$|^-[nNXmlLCd]|^--(?:xargs|colsep|max.*)$|^(?:blank|nul|crlf|tsv|empty)$/,
		"--joblog" => qr/[\x00-\x1f\x7f]|^-d|^(?:nul|tsv|crlf)$/);
	for my $option (keys %odd) {
		my ($at) = grep { $words[$_] eq $option } 0 .. $#words;
		splice @words, $at, 2 if defined $at && grep { $_ =~ $odd{$option} || $_ =~ /\n\n/ } @words,
			$line{in} // "none";
	}
	return @words;
}

sub make_line {
	my ($n, $known) = @_;
	%line = (options => [], number => $n);
	my @words;
	if ($known) {
		$line{tag} = $known->[0];
		@words = $known->[1]->();
	} else {
		my $total = 0;
		$total += $_->[0] for @forms;
		my $at = below $total;
		my ($form) = grep { ($at -= $_->[0]) < 0 } @forms;
		@words = $form->[1]->();
	}
	@words = (@{ $line{options} }, @words);
	@words = plainly(@words) if !$known;
	return { %line, words => \@words };
}

# COUNT lines from a SEED, numbered from 1: each sixth is one that differs.
sub made {
	my ($seed, $count) = @_;
	srand $seed;
	return map { make_line($_, $_ % 6 ? undef : $known[($_ / 6 - 1) % @known]) } 1 .. $count;
}

1;
