# Building, installing and handing out: what a stranger meets first.
# Not with a sanitizer: it is the plain build that is looked at.

load helper

# The tarball is made from this tree, built as a stranger would, once for all.
setup_file() {
	load helper
	unset MAKEFLAGS MAKELEVEL MFLAGS CC CFLAGS LDFLAGS
	cd "$BATS_FILE_TMPDIR"
	copy_tree "$BATS_FILE_TMPDIR/tree"
	(cd tree && ./configure && make dist && tar -xzf pq-*.tar.gz -C ..) >log 2>&1
	mv pq-* source
	(cd source && ./configure --prefix=/opt/pq && make -j2) >>log 2>&1 || {
		tail -20 log >&2
		return 1
	}
}

setup() {
	SOURCE=$BATS_FILE_TMPDIR/source
	cd "$BATS_TEST_TMPDIR"
}

# copy_tree DIR: the source as it stands here, without anything built.
copy_tree() {
	mkdir -p "$1"
	tar -C "$TOP" -cf - configure Makefile README.md COPYING .ci src man completions tests |
		tar -C "$1" -xf -
}

# configured DIR ARGUMENT...: configure a copy of the tree there, in silence.
configured() {
	local dir=$1
	shift
	[ -e "$dir" ] || copy_tree "$dir"
	(cd "$dir" && ./configure --quiet "$@")
}

# files_below DIR: one to a line.
files_below() {
	(cd "$1" && find . -type f | sort)
}

@test "the tarball builds out of the box, and the binary runs" {
	run "$SOURCE/build/pq" --version
	assert_success
	assert_line --index 0 "pq $(sed -n 's/^VERSION = //p' "$SOURCE/config.mk")"
}

@test "the compiler had nothing to warn about" {
	run grep -i 'warning' "$BATS_FILE_TMPDIR/log"
	assert_failure
}

@test "configure writes config.mk, config.h and config.log, and nothing else" {
	copy_tree tree
	mkdir tmp
	(cd tree && find . | sort) >before
	(cd tree && TMPDIR=$PWD/../tmp ./configure)
	(cd tree && find . | sort) >after
	run comm -13 before after
	assert_output "./config.h
./config.log
./config.mk"
	run find tmp -mindepth 1
	assert_output ''
}

@test "configure takes NAME=value as arguments and from the environment alike" {
	copy_tree tree
	cd tree
	./configure CFLAGS='-O1 -DARGUMENT' --prefix=/p --mandir=/m
	assert_file_contains config.mk '^CFLAGS = -O1 -DARGUMENT$'
	assert_file_contains config.mk '^BINDIR = /p/bin$'
	assert_file_contains config.mk '^MANDIR = /m$'
	CFLAGS='-O1 -DENVIRONMENT' ./configure
	assert_file_contains config.mk '^CFLAGS = -O1 -DENVIRONMENT$'
	CPPFLAGS='-DBEFORE' LIBS=-lm ./configure CPPFLAGS=-DGIVEN
	assert_file_contains config.mk '^CPPFLAGS = -DGIVEN$'
	assert_file_contains config.mk '^LIBS = .*-lm$'
}

@test "CPPFLAGS reach the probes and the compiler" {
	configured tree
	cd tree
	run ./configure CPPFLAGS='-include /not/there.h'
	assert_failure
	assert_line --index 1 'configure: cc makes no program; see config.log'
	run make -n V=1 CPPFLAGS=-DFROM_MAKE build/src/main.o
	assert_output --partial ' -DFROM_MAKE '
}

@test "configure takes what any other configure takes" {
	copy_tree tree
	cd tree
	run --separate-stderr ./configure --build=x86_64-linux-gnu --prefix=/usr \
		'--includedir=${prefix}/include' '--mandir=${prefix}/share/man' \
		'--docdir=${datarootdir}/doc/other' --infodir=/usr/share/info --sysconfdir=/etc \
		--localstatedir=/var --runstatedir=/run --libdir /usr/lib --libexecdir=/usr/lib \
		--disable-option-checking --disable-silent-rules --disable-maintainer-mode \
		--disable-dependency-tracking --enable-frob=yes --with-frob --without-frob \
		--program-prefix= --cache-file=/dev/null --srcdir=. -C
	assert_success
	assert_equal "$stderr" ''
	assert_file_contains config.mk '^BINDIR = /usr/bin$'
	assert_file_contains config.mk '^MANDIR = /usr/share/man$'
	assert_file_contains config.mk '^DOCDIR = /usr/share/doc/other$'
	assert_file_contains config.mk '^V = 1$'
}

@test "configure names the features that it does not know, and goes on" {
	copy_tree tree
	cd tree
	run --separate-stderr ./configure --enable-frob=yes --without-x FROB=1
	assert_success
	assert_equal "$stderr" \
		'configure: not known here, and left aside: --enable-frob, --without-x, FROB'
}

@test "the value of a directory may be the next word, and hold a blank" {
	copy_tree tree
	cd tree
	./configure --prefix '/opt/p q' --bindir '/opt/$b#c' >/dev/null
	assert_file_contains config.mk '^PREFIX = /opt/p q$'
	run ./configure --prefix
	assert_failure 1
	assert_output 'configure: --prefix needs a value'
	run ./configure --prefix relative
	assert_failure 1
	assert_output "configure: 'relative' is no absolute path, and an installation needs one"
	run ./configure --program-suffix=2
	assert_failure 1
	assert_output 'configure: --program-suffix: pq is always installed as pq'
}

@test "what is compiled for another system is compiled by its compiler" {
	configured tree
	mkdir path
	printf '#!/bin/sh\nexec cc "$@"\n' >path/other-linux-gnu-gcc
	chmod +x path/other-linux-gnu-gcc
	PATH=$PWD/path:$PATH configured tree --host=other-linux-gnu
	assert_file_contains tree/config.mk '^CC = other-linux-gnu-gcc$'
}

@test "called from another directory, configure sets pq up to be built there" {
	copy_tree tree
	files_below tree >before
	mkdir 'build here'
	cd 'build here'
	../tree/configure >/dev/null
	run files_below .
	assert_output "./Makefile
./config.h
./config.log
./config.mk"
	make build/src/main.o build/src/base/buf.o
	assert_file_exists build/src/base/buf.o
	make distclean >/dev/null
	run files_below .
	assert_output ''
	run diff ../before <(files_below ../tree)
	assert_success
}

@test "a Makefile of somebody else is left alone" {
	copy_tree tree
	mkdir other
	echo all: >other/Makefile
	cd other
	run ../tree/configure
	assert_failure 1
	assert_output "configure: there is a Makefile in $PWD that is not pq's; build in an empty \
directory"
	assert_equal "$(cat Makefile)" all:
}

@test "configure keeps the full answer of the compiler in config.log" {
	copy_tree tree
	cd tree
	run ./configure CFLAGS=-frobnicate
	assert_failure
	assert_line --index 1 'configure: cc makes no program; see config.log'
	assert_file_contains config.log "frobnicate.*"
	assert_file_contains config.log '^status [1-9]'
}

@test "configure refuses what it does not know" {
	run "$SOURCE/configure" --frobnicate
	assert_failure 1
	assert_output "configure: unknown argument '--frobnicate'; ./configure --help lists them all"
}

@test "--spawn=posix builds a pq without clone() that works the same" {
	cp -Rp "$SOURCE" tree
	cd tree
	./configure --spawn=posix >/dev/null
	run grep HAVE_CLONE_PIDFD config.h
	assert_failure
	# All of it once more would take a busy machine too long: only what asks for that.
	touch $(grep -lr HAVE_CLONE_PIDFD src)
	rm build/pq
	make V=1 -o config.h -o config.mk >made
	assert_equal "$(grep -c -- ' -c ' made)" 1
	run build/pq -k -j3 echo job ::: a b c
	assert_success
	assert_output "job a
job b
job c"
	gate door
	background env --default-signal build/pq -j2 'echo $$ >>started; read x <"../door"; : {}' \
		::: 1 2
	wait_until has_lines started 2
	kill -INT "$!"
	wait "$!" || status=$?
	assert_equal "$status" 130
	for pid in $(cat started); do
		wait_until gone "$pid"
	done
}

@test "without jansson, SQLite, hiredis, OpenSSL and libpq pq says what it cannot do, and why" {
	cp -Rp "$SOURCE" tree
	cd tree
	./configure --quiet --without-jansson --without-sqlite --without-redis \
		--without-openssl --without-postgresql
	run grep -E 'JANSSON|SQLITE|REDIS|OPENSSL|POSTGRESQL' config.h
	assert_failure
	touch $(grep -lrE 'HAVE_(JANSSON|SQLITE|REDIS|OPENSSL|POSTGRESQL)' src)
	rm build/pq
	make -o config.h -o config.mk
	PQ=$PWD/build/pq
	ln -s "$PQ" "$BATS_TEST_TMPDIR/pq"
	PATH=$BATS_TEST_TMPDIR:$PATH refuses '--journal: pq was built without SQLite; install it and '\
'its header, and configure again' --journal j true ::: 1
	run -0 "$PQ" --version
	assert_line --partial 'without jansson (--jsonl): install jansson'
	assert_line --partial 'without SQLite (--journal): pq was built without SQLite'
	assert_line --partial 'without hiredis (redis://): pq was built without Redis queues'
	assert_line --partial 'without OpenSSL (rediss://): pq was built without TLS'
	assert_line --partial 'without libpq (postgresql://): pq was built without libpq'
	# The tests that are skipped wherever jansson is there.
	PQ=$PQ run bats -f 'without jansson' "$TOP/tests/deadletter.bats" \
		"$TOP/tests/jsonl.bats"
	assert_success
	refute_output --partial skip
	assert_line --index 0 1..2
}

# A PATH of links to all that the system has, but for the words given.
path_without() {
	local word
	mkdir path
	cp -s /bin/* /usr/bin/* /usr/local/bin/* path 2>/dev/null || true
	for word in apt-get dnf pacman apk brew sudo "$@"; do
		rm -f "path/$word"
	done
}

# A package manager that only writes down what it was asked for.
fake_manager() {
	printf '#!/bin/sh\necho "$0 $*" | sed "s|.*/||" >>"%s/asked"\n' "$PWD" >"path/$1"
	chmod +x "path/$1"
}

@test "--install-deps asks for nothing when everything is there" {
	copy_tree tree
	path_without
	fake_manager apt-get
	PATH=$PWD/path run tree/configure --install-deps=check
	assert_success
	assert_line --index 0 'everything needed is installed'
	assert_file_not_exists asked
}

@test "who only builds and runs pq is brought no tool of the tests, and no server" {
	copy_tree tree
	path_without bats tmux fish sqlite3 redis-server psql
	fake_manager dnf
	PATH=$PWD/path run tree/configure --install-deps
	assert_success
	assert_line --index 0 'everything needed is installed'
	assert_file_not_exists asked
	printf '#!/bin/sh\nexec "$@"\n' >path/sudo
	chmod +x path/sudo
	PATH=$PWD/path run tree/configure --install-deps=check
	assert_success
	assert_line --index 0 'missing: bats tmux fish sqlite3 redis postgresql'
	assert_equal "$(cat asked)" \
		'dnf install -y bats fish postgresql postgresql-server redis sqlite tmux'
}

@test "the command of the README is what is run to test pq" {
	command=$(grep -oE "'[^']*install-deps[^']*'" "$TOP/.ci/run" | tr -d "'")
	run grep -cE "^    $command" "$TOP/README.md"
	assert_output 1
}

@test "--install-deps says what is missing and installs only that" {
	copy_tree tree
	path_without fish tmux
	fake_manager dnf
	printf '#!/bin/sh\nexec "$@"\n' >path/sudo
	chmod +x path/sudo
	PATH=$PWD/path run tree/configure --install-deps=check
	assert_success
	assert_line --index 0 'missing: tmux fish'
	assert_line --index 1 'installing through dnf: fish tmux '
	assert_line 'checking for pipe2()... yes'
	assert_equal "$(cat asked)" 'dnf install -y fish tmux'
}

@test "--install-deps updates the list of apt once when a package is not to be had" {
	copy_tree tree
	path_without fish
	cat >path/apt-get <<-END
		#!/bin/sh
		echo "apt-get \$* [\$DEBIAN_FRONTEND]" >>"$PWD/asked"
		case \$1 in
		update) touch "$PWD/updated" ;;
		*) [ -e "$PWD/updated" ] ;;
		esac
	END
	printf '#!/bin/sh\nexec "$@"\n' >path/sudo
	chmod +x path/apt-get path/sudo
	PATH=$PWD/path run tree/configure --install-deps=check
	assert_success
	assert_equal "$(grep -c update asked)" 1
	assert_equal "$(tail -1 asked)" \
		'apt-get install -y --no-install-recommends fish [noninteractive]'
}

@test "--install-deps without a package manager names what is missing and ends" {
	copy_tree tree
	path_without fish
	PATH=$PWD/path run tree/configure --install-deps=check
	assert_failure 1
	assert_output 'configure: missing: fish; this system has none of apt, dnf, pacman, apk and '\
'brew: install them by hand, then run ./configure'
}

@test "make install puts everything in its place, make uninstall takes them away" {
	cd "$SOURCE"
	make install DESTDIR="$BATS_TEST_TMPDIR/root" >/dev/null
	run files_below "$BATS_TEST_TMPDIR/root"
	assert_output "./opt/pq/bin/pq
./opt/pq/share/bash-completion/completions/pq
./opt/pq/share/doc/pq/README.md
./opt/pq/share/fish/vendor_completions.d/pq.fish
./opt/pq/share/man/man1/pq.1
$(cd "$TOP/man" && ls *.7 | sed 's,^,./opt/pq/share/man/man7/,')
./opt/pq/share/zsh/site-functions/_pq"
	make uninstall DESTDIR="$BATS_TEST_TMPDIR/root" >/dev/null
	run files_below "$BATS_TEST_TMPDIR/root"
	assert_output ''
}

@test "a directory to install into may be called anything" {
	cp -Rp "$SOURCE" tree
	(cd tree && ./configure --quiet --prefix='/usr/$x #1' --with-zsh-completions='/v/it'\''s')
	local root="$PWD/de st"
	make -C tree -o config.h -o config.mk install DESTDIR="$root" >/dev/null
	run files_below "$root"
	assert_line './usr/$x #1/bin/pq'
	assert_line './usr/$x #1/share/man/man1/pq.1'
	assert_line "./v/it's/_pq"
	make -C tree -o config.h -o config.mk uninstall DESTDIR="$root" >/dev/null
	run files_below "$root"
	assert_output ''
}

@test "make distclean leaves the source, and needs no config.mk for it" {
	copy_tree tree
	files_below tree >before
	make -C tree distclean
	configured tree
	make -C tree build/src/base/buf.o
	make -C tree distclean
	run diff before <(files_below tree)
	assert_success
	make -C tree clean distclean
}

@test "make says in a short line what it makes, and with V=1 the whole command" {
	configured tree
	cd tree
	run make build/src/base/buf.o
	assert_output '  CC    build/src/base/buf.o'
	rm build/src/base/buf.o
	run make V=1 build/src/base/buf.o
	assert_output --partial ' -c -o build/src/base/buf.o src/base/buf.c'
}

@test "the source is handed out without what lies about, and in the same bytes each time" {
	configured tree
	touch tree/src/x.orig 'tree/tests/#y.bats#' tree/man/pq.1~ tree/src/.z.c.swp
	make -C tree dist
	run tar -tzf tree/pq-*.tar.gz
	assert_line --regexp '^pq-[0-9.]+/src/base/buf.c$'
	assert_line --regexp '^pq-[0-9.]+/tests/run$'
	assert_line --regexp '^pq-[0-9.]+/completions/_pq$'
	refute_output --regexp 'x\.orig|#|pq\.1~|swp|config\.|/build/'
	mkdir other
	tar -xzf tree/pq-*.tar.gz -C other
	mv other/pq-* other/tree
	configured other/tree
	chmod -R go-rx other/tree
	make -C other/tree dist
	run cmp tree/pq-*.tar.gz other/tree/pq-*.tar.gz
	assert_success
}

@test "in git, what git does not know is not handed out" {
	command -v git >/dev/null || skip 'no git'
	configured tree
	cd tree
	git init -q .
	git add README.md COPYING configure Makefile .ci src man completions tests
	git -c user.name=n -c user.email=e commit -qm all
	echo '/* not known */' >src/new.c
	make dist
	run tar -tzf pq-*.tar.gz
	assert_line --regexp '/src/main.c$'
	refute_output --partial new.c
	assert_equal "$(tar -tzf pq-*.tar.gz | sed 's|^[^/]*/||')" "$(git ls-files | sort)"
}

@test "the demo shows a failure, a job that is tried again, and its second life" {
	run env COUNT=100 BUILD="$SOURCE/build" sh "$SOURCE/tests/demo"
	assert_success
	assert_output --partial 'both outputs are the same'
	assert_line '    that was attempt 2'
	assert_line --partial '"item":"not-there"'
	assert_line '  status 123'
}

@test "the completions in the tree are those of the option table" {
	run diff "$TOP/completions/pq.bash" <(pq --completion bash)
	assert_success
	run diff "$TOP/completions/_pq" <(pq --completion zsh)
	assert_success
	run diff "$TOP/completions/pq.fish" <(pq --completion fish)
	assert_success
}

@test "the binary is hardened" {
	command -v readelf >/dev/null || skip 'no readelf'
	local binary=$SOURCE/build/pq
	run readelf -hW "$binary"
	assert_line --regexp 'Type: +DYN'
	run readelf -dW "$binary"
	assert_line --regexp 'BIND_NOW|Flags: .*NOW'
	run readelf -lW "$binary"
	assert_line --partial 'GNU_RELRO'
	assert_line --regexp 'GNU_STACK .* RW  '
	run readelf -sW "$binary"
	assert_line --partial '__stack_chk_fail'
	assert_line --regexp '__[a-z]+_chk@'
}
