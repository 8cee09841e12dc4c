# Built-in transforms beside perl, sed -E, tr, cut and grep -P: the same program over
# the same 10,000 records, many of them with odd bytes, gives the same bytes.
# Not with the thread sanitizer: it is the bytes that are tested.

load helper

# The records are always the same; SEED in the environment asks for others.
setup_file() {
	command -v perl >/dev/null || skip 'no perl'
	export LC_ALL=C SEED=${SEED:-1}
	cd "$BATS_FILE_TMPDIR"
	perl -e '
		srand $ARGV[0];
		sub below { int rand $_[0] }
		sub one { $_[below(scalar @_)] }
		my @words = ("user12", "user7", "GET", "POST", "500", "200", "foo", "Bar", "aab", "b",
			"hello world", "\xc3\xa4\xc3\xb6", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "%41%zz%2",
			"%c3%a4", "a,b,,c", "x=1", "\"q\"", "\\", "/usr/bin", "a.b.c", "1.5e3", "--", "(",
			"[x]", "\$1", "&");
		my @odd = ("\0", "\xff", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80",
			"\r", "\x7f", "\x1b", "\x85", "\xa0", "\x0b", "\x0c", "\x01", "\xe2\x28");
		my @between = (" ", " ", "\t", ",", "", "  ", ":");
		for (1 .. 10000) {
			my $kind = below(12);
			if ($kind == 0) { print "\n"; next }
			if ($kind == 1) { print one(" ", "\t", "\r", "", "a") x below(9), "\n"; next }
			if ($kind == 2) { print "ab"  x below(300), "\n"; next }
			if ($kind == 3) {
				printf "%d.%d.0.1 - user%d [%02d/Nov] \"%s /p/%d?q=%%20 HTTP/1.1\" %d %d\n",
					below(256), below(256), below(100), 1 + below(30), one("GET", "POST"),
					below(1000), one(200, 404, 500), below(100000);
				next;
			}
			my $odd = $kind < 7;
			for (0 .. below(12)) {
				print $odd && !below(3) ? one(@odd) : one(@words);
				print $odd && !below(9) ? chr(one(0 .. 9, 11 .. 255)) : one(@between);
			}
			print "\n";
		}' "$SEED" >records
	# the table of well-formed sequences in the Unicode standard
	export UTF8='[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]'
	UTF8+='|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]'
	UTF8+='|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}'
	# characters about which PCRE2 and perl agree whether they are part of a word
	perl -pe 's/([\x00-\x7f]|\xc3[\x80-\xbf]|\xc2\xa0|\xe2\x82\xac|\xf0\x9f\x98\x80)|./$1/gs' \
		records >utf8
	tr '\0\n' '\n\0' <records >nul
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	IN=$BATS_FILE_TMPDIR/records
	export LC_ALL=C
}

# same PROGRAM COMMAND...: pq makes of the records what the command does.
same() {
	local program=$1
	shift
	pq -k -e "$program" <"$IN" >got 2>got.err || fail "pq -e '$program': $(cat got.err)"
	"$@" <"$IN" >expected 2>/dev/null || [ $? -eq 1 ] # grep found nothing
	cmp got expected || {
		diff <(cat -v got) <(cat -v expected) | head -n 8 || :
		fail "pq -e '$program' differs from $*"
	}
}

# as_perl PROGRAM [PERL]: perl, given the record without its newline in $_, prints
# what is left of it; without PERL it is the same program.
as_perl() {
	same "$1" perl -ne "chomp; ${2:-$1}; print \"\$_\\n\""
}

as_sed() {
	same "$1" sed -E "${2:-$1}"
}

as_grep() {
	same "/$1/" grep -aP -- "$1"
	same "!/$1/" grep -avP -- "$1"
}

@test "s/// is that of perl" {
	as_perl 's/user(\d+)/u$1/'
	as_perl 's/user(\d+)/u$1/g'
	as_perl 's/o/0/'
	as_perl 's/o/0/g'
	as_perl 's/nothing at all/x/g'
	as_perl 's/(\w+) (\w+)/$2 $1/'
	as_perl 's/(\w+)\s+(\w+)/<$2|$1>/g'
	as_perl 's/[aeiou]//g'
	as_perl 's/[^a-z]+/-/g'
	as_perl 's/\s+$//'
	as_perl 's/^\s+|\s+$//g'
	as_perl 's/(a)|(b)/[$1$2]/g' 's/(a)|(b)/"[".($1\/\/"").($2\/\/"")."]"/ge'
	as_perl 's/(.)\1/<$1>/g'
	as_perl 's/(?<x>\d+)\.(?<y>\d+)/${y}.${x}/g' 's/(?<x>\d+)\.(?<y>\d+)/$+{y}.$+{x}/g'
	as_perl 's/.{3}/$&./g'
	as_perl 's/.*?,/$&$&/'
	as_perl 's/\x00/NUL/g'
	as_perl 's/[\x80-\xff]+/<$&>/g'
	as_perl 's/\xc3\xa4/ae/g'
	as_perl 's/"([^"]*)"/$1/g'
	as_perl 's/((\w)\w*)/$2:$1/g'
	as_perl 's{/(\w+)/}{|$1|}g'
	as_perl 's/,/\t/g'
	as_perl 's/,/\n/g'
	as_perl 's/\r$//'
	as_perl 's/$/\r/'
	as_perl 's/^/> /'
}

@test "empty matches are those of perl" {
	as_perl 's/a*/x/g'
	as_perl 's/a*/x/'
	as_perl 's/x*$/-/g'
	as_perl 's/\b/|/g'
	as_perl 's/\B/|/g'
	as_perl 's/(?=b)/-/g'
	as_perl 's/(?<=b)/-/g'
	as_perl 's/(?<!a)b|$/-/g'
	as_perl 's/()/-/g'
	as_perl 's/|a/x/g'
	as_perl 's/b??/x/g'
	as_perl 's/\s*/_/g'
	as_perl 's/^|$/"/g'
	as_perl 's/\A|\z/"/g'
	as_perl 's/\d*(?=,)/N/g'
	as_perl 's/a\Kb/X/g'
	as_perl 's/a\K/X/g'
	as_perl 's/^\w*\K/X/g'
	as_perl 's/\Ga/X/g'
}

@test "flags are those of perl" {
	as_perl 's/USER|get/x/gi'
	as_perl 's/ f o o | \  b /x/gx'
	as_perl 's/a.b/x/gs'
	as_perl 's/^b$|^a/x/gm'
	as_perl 's/[A-F]+/x/i'
	as_perl '/post/i' 'next unless /post/i'
	as_perl 'm/ u s e r (\d) /$1/x' 'next unless s/.*? u s e r (\d) .*/$1/sx'
}

@test "letters change case as in perl" {
	as_perl 's/\w+/\U$&/g'
	as_perl 's/(\w+) (\w+)/\U$1\E $2/g'
	as_perl 's/\w+/\u\L$&/g'
	as_perl 's/\w+/\L\u$&/g'
	as_perl 's/(\w)(\w+)/\l$1\U$2\E-/g'
	as_perl 's/(\w+)\W+(\w+)/\L$1+\U$2/'
	as_perl 's/.+/\U$&/s'
	as_perl upper 'tr/a-z/A-Z/'
	as_perl lower 'tr/A-Z/a-z/'
}

@test "s/// is that of sed -E" {
	as_sed 's/user([0-9]+)/u$1/' 's/user([0-9]+)/u\1/'
	as_sed 's/([a-z]+) ([a-z]+)/\2 \1/'
	as_sed 's/[a-z]*/x/'
	as_sed 's/[0-9]+/x/g'
	as_sed 's/[^,]*,/<$0>/g' 's/[^,]*,/<&>/g'
	as_sed 's|/|\\|g'
	as_sed 's,a\,b,x,'
	as_sed 's/^.//'
	as_sed 's/(.*)foo/\1bar/'
	as_sed 's/\t/,/g'
	as_sed 's/HELLO/x/gi'
}

@test "filters are those of grep -P" {
	as_grep 'POST.* 500 '
	as_grep foo
	as_grep '^$'
	as_grep '^'
	as_grep 'b$'
	as_grep '\d{3}'
	as_grep '[^a-z]'
	as_grep '(.)\1\1'
	as_grep 'a(?!b)'
	as_grep '(?<=\t)a'
	as_grep '\buser\d\b'
	as_grep '\xff'
	as_grep '\x00'
	as_grep '\r$'
	as_grep '^[^,]*,[^,]*$'
	as_grep '(?i)BAR'
	as_grep 'a|bc|'
	as_grep 'nothing at all'
	as_grep '\s$'
	as_grep '^\w+$'
	as_grep '[[:cntrl:]]'
}

@test "m/// is what perl puts in the place of the record" {
	as_perl 'm/user(\d+)/$1/' 'next unless /user(\d+)/; $_ = $1'
	as_perl 'm/(\w+),(\w*)/$2-$1/' 'next unless /(\w+),(\w*)/; $_ = "$2-$1"'
	as_perl 'm/^(\S+) .* (\d+)$/\U$1\E $2/' 'next unless /^(\S+) .* (\d+)$/; $_ = "\U$1\E $2"'
	as_perl 'm/x*/<$&>/' '/x*/; $_ = "<$&>"'
	as_perl 'm/^$/empty/' 'next unless /^$/; $_ = "empty"'
}

@test "m///g is a line for each match that perl finds" {
	local re
	for re in '\d+' '[a-z]+' '(?=b)' 'x*' '\b' '(.)\1' '$' '^|$' '[^,]*' 'a|' '\s*' 'a\K' \
		'b??' '\Ga'; do
		as_perl "m/$re/<\$&>/g" 'print "<$&>\n" while /'"$re"'/g; next'
	done
	as_perl 'm/(\w+)=(\d*)/$2-\u$1/g' 'print "$2-\u$1\n" while /(\w+)=(\d*)/g; next'
	as_perl 'm/USER(\d)/$1/gi' 'print "$1\n" while /user(\d)/gi; next'
	same 'm/[0-9]+/$&/g' grep -aoE '[0-9]+'
}

@test "a step behind /RE/ or !/RE/ is that of sed and perl on the records that match" {
	as_sed '/foo/ s/o/0/g'
	as_sed '/foo/ s/o/0/' '/foo/s/o/0/'
	as_sed '!/foo/ s/[a-z]+/x/g' '/foo/!s/[a-z]+/x/g'
	as_sed '/^$/ s/^/empty/'
	as_sed '!/^/ s/^/nothing/' '/^/!s/^/nothing/'
	as_sed '/user1/i s/1/2/' '/user1/Is/1/2/'
	as_sed '/a/ /b/ s/a/A/g' '/a/{/b/s/a/A/g}'
	as_sed '!/a/ !/b/ s/^/-/' '/a/!{/b/!s/^/-/}'
	as_perl '/b/ !/a/' 'next if /b/ && /a/'
	as_perl '/a/ /b/' 'next if /a/ && !/b/'
	as_perl '/a$/ upper' 'tr/a-z/A-Z/ if /a$/'
	as_perl '!/\d/ trim' 's/^\s+|\s+$//g unless /\d/'
	as_perl '/\t/ cut -c 1-5' '$_ = substr $_, 0, 5 if /\t/'
	as_perl '/,/ length' '$_ = length if /,/'
	as_perl '/[\x80-\xff]/ urlencode' \
		's/[^A-Za-z0-9._~-]/sprintf "%%%02X", ord $&/ge if /[\x80-\xff]/'
	as_perl '/a/ y/a-c/A/d' 'tr/a-c/A/d if /a/'
	as_perl '/a/ m/\w+/$&/' 'if (/a/) { next unless /\w+/; $_ = $& }'
	as_perl '/a/ m/\w+/$&/g' 'if (/a/) { print "$&\n" while /\w+/g; next }'
	as_perl '/GET/ s/user/U/; !/GET/ s/a/b/' 'my $g = /GET/; s/user/U/ if $g; s/a/b/ if !/GET/'
	as_perl '/(a)\1/ s/(b)|a/[$1]/g' 'if (/(a)\1/) { s/(b)|a/"[".($1\/\/"")."]"/ge }'
}

@test "y/// is that of tr and of perl" {
	same 'y/abc/xyz/' tr abc xyz
	same 'y/a-z/b-za/' tr a-z b-za
	same 'y/\x00\xff\r/-+_/' tr '\000\377\r' '-+_'
	same 'y/\x80-\xff/\x00-\x7f/' perl -pe 'tr/\x80-\xff/\x00-\x7f/'
	same 'y/ ,/\n\n/' tr ' ,' '\n\n'
	same 'y|/\\|\\/|' tr '/\\' '\\/'
	same upper tr a-z A-Z
	same lower tr A-Z a-z
	as_perl 'y/a-cA-C/A-Ca-c/'
}

@test "y///d is tr -d, and that of perl" {
	same 'y/abc//d' tr -d abc
	same 'y/a-z//d' tr -d a-z
	same 'y/\x00\x80-\xff\r//d' tr -d '\000\200-\377\r'
	as_perl 'y/a-f/X/d'
	as_perl 'y/a-cz/A-C/d'
	as_perl 'y/aba/xy/d'
	as_perl 'y/abca/xy/d'
	as_perl 'y/a-c/a-c/d'
	as_perl 'y/ \t//d; length' 'tr/ \t//d; $_ = length'
	as_perl 'y/\n //d' 'tr/ //d' # what ends a record stays
}

@test "cut is cut(1)" {
	same 'cut 2' cut -f 2
	same 'cut 1,3-' cut -f 1,3-
	same 'cut -d, 2' cut -d , -f 2
	same 'cut -d, -f 3,1' cut -d , -f 3,1
	same "cut -d ' ' 2-3,5-7,10-" cut -d ' ' -f 2-3,5-7,10-
	same 'cut -da -3' cut -d a -f -3
	same 'cut -d: 1-' cut -d : -f 1-
	same 'cut -c 2-5' cut -c 2-5
	same 'cut -b 1,3-4,9-' cut -b 1,3-4,9-
	same 'cut -c 20-' cut -c 20-
}

@test "trim and length" {
	as_perl trim 's/^\s+|\s+$//g'
	as_perl length '$_ = length'
}

@test "encodings are those of perl" {
	as_perl urlencode 's/[^A-Za-z0-9._~-]/sprintf "%%%02X", ord $&/ge'
	as_perl urldecode 's/%([0-9a-fA-F]{2})/chr hex $1/ge'
	# RFC 4648: six bits at a time
	as_perl base64 'my $bits = unpack("B*", $_) . "0" x (-8 * length($_) % 6);
		$_ = join "", map { ("A".."Z", "a".."z", 0..9, "+", "/")[oct "0b$_"] } $bits =~ /.{6}/g;
		$_ .= "=" x (-length($_) % 4)'
	as_perl 'base64; unbase64' ''
	as_perl 'urlencode; urldecode' ''
	# what is not whole, but could begin a character, is one \ufffd
	as_perl json 'my %e = ("\"" => "\"", "\\" => "\\", "\b" => "b", "\f" => "f", "\r" => "r",
			"\t" => "t");
		s/([\x00-\x1f\x22\x5c])|($ENV{UTF8})|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]
			|\xed[\x80-\x9f]|\xf0[\x90-\xbf][\x80-\xbf]?|[\xf1-\xf3][\x80-\xbf]{1,2}
			|\xf4[\x80-\x8f][\x80-\xbf]?)|./defined $2 ? $2 : !defined $1 ? "\\ufffd"
			: exists $e{$1} ? "\\$e{$1}" : sprintf "\\u%04x", ord $1/gsex;
		$_ = "\"$_\""'
}

@test "with u, characters are those of perl's Unicode" {
	IN=$BATS_FILE_TMPDIR/utf8
	local perl='BEGIN { binmode STDIN, ":utf8"; binmode STDOUT, ":utf8" } chomp'
	same 's/./<$&>/gu' perl -ne "$perl; s/./<\$&>/g; print \"\$_\\n\""
	same 's/\w+/[$&]/gu' perl -ne "$perl; s/\\w+/[\$&]/g; print \"\$_\\n\""
	same 's/\W//gu' perl -ne "$perl; s/\\W//g; print \"\$_\\n\""
	same '/^.{9}$/u' perl -ne "$perl; print \"\$_\\n\" if /^.{9}\$/"
	same 's/\x{e4}/ae/gu' perl -ne "$perl; s/\\x{e4}/ae/g; print \"\$_\\n\""
	same 's/[^\x00-\x7f]*/-/gu' perl -ne "$perl; s/[^\\x00-\\x7f]*/-/g; print \"\$_\\n\""
	same 's/\p{L}+/L/gu' perl -ne "$perl; s/\\p{L}+/L/g; print \"\$_\\n\""
	same 's/\xc4/x/giu' perl -ne "$perl; s/\\xc4/x/gi; print \"\$_\\n\""
}

@test "several steps, one after the other" {
	as_perl 's/user(\d+)/u$1/; s/\s+/ /g; y/a-z/A-Z/'
	as_perl '/a/; s/a/b/g; !/bb/' 'next unless /a/; s/a/b/g; next if /bb/'
	as_perl 'trim; cut -d, 1; upper' 's/^\s+|\s+$//g; ($_) = split /,/, $_, -1; $_ //= ""; $_ = uc'
	as_perl 'm/(\w+)$/$1/; s/^/</; s/$/>/' 'next unless /(\w+)$/; $_ = $1; s/^/</; s/$/>/'
}

@test "records that end with a NUL hold newlines" {
	IN=$BATS_FILE_TMPDIR/nul
	as_nul() {
		pq -k -0 -e "$1" <"$IN" >got
		perl -0ne "chomp; ${2:-$1}; print \"\$_\\0\"" <"$IN" >expected
		cmp got expected || fail "pq -0 -e '$1' differs"
	}
	as_nul 's/a.b/x/g'
	as_nul 's/a.b/x/gs'
	as_nul 's/^./x/gm'
	as_nul 's/\s+/ /g'
	as_nul 's/.$/x/m'
	as_nul 's/[^a-z]*/-/g'
	as_nul '/^a/m' 'next unless /^a/m'
	as_nul '!/\n/' 'next if /\n/'
	as_nul 'm/\n(.*)/$1/' 'next unless /\n(.*)/; $_ = $1'
	as_nul 'y/\n/ /' 'tr/\n/ /'
	as_nul trim 's/^\s+|\s+$//g'
	as_nul 'y/\n\x00 //d' 'tr/\n //d'
	as_nul '/\n/ s/^./x/gm' 's/^./x/gm if /\n/'
	as_nul '!/^a/m trim' 's/^\s+|\s+$//g unless /^a/m'
	as_nul 'm/^.*$/<$&>/gm' 'print "<$&>\0" while /^.*$/gm; next'
}
