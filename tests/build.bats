# Building, installing and handing out: what a stranger meets first.

load helper

# The tarball is made from this tree, built as a stranger would, once for all.
setup_file() {
	load helper
	[ -z "$SANITIZER" ] || return 0
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
	unsanitized 'it is the plain build that is looked at'
	SOURCE=$BATS_FILE_TMPDIR/source
	cd "$BATS_TEST_TMPDIR"
}

# copy_tree DIR: the source as it stands here, without anything built.
copy_tree() {
	mkdir -p "$1"
	tar -C "$TOP" -cf - configure Makefile README.md COPYING .ci src man completions tests |
		tar -C "$1" -xf -
}

@test "the tarball builds out of the box, and the binary runs" {
	run "$SOURCE/build/pq" --version
	assert_success
	assert_output --partial "$(sed -n 's/^VERSION = //p' "$SOURCE/config.mk")"
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
}

@test "configure keeps the full answer of the compiler in config.log" {
	copy_tree tree
	cd tree
	run ./configure CFLAGS=-frobnicate
	assert_failure
	assert_line --partial 'see config.log'
	assert_file_contains config.log "frobnicate.*"
	assert_file_contains config.log '^status [1-9]'
}

@test "configure refuses what it does not know" {
	run "$SOURCE/configure" --frobnicate
	assert_failure 1
	assert_output --partial "unknown argument '--frobnicate'"
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
	make -o config.h -o config.mk >made
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
	PATH=$PWD/path run tree/configure --install-deps
	assert_success
	assert_line --index 0 'everything needed is installed'
	assert_file_not_exists asked
}

@test "--install-deps says what is missing and installs only that" {
	copy_tree tree
	path_without fish tmux
	fake_manager dnf
	printf '#!/bin/sh\nexec "$@"\n' >path/sudo
	chmod +x path/sudo
	PATH=$PWD/path run tree/configure --install-deps
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
	PATH=$PWD/path run tree/configure --install-deps
	assert_success
	assert_equal "$(grep -c update asked)" 1
	assert_equal "$(tail -1 asked)" \
		'apt-get install -y --no-install-recommends fish [noninteractive]'
}

@test "--install-deps without a package manager names what is missing and ends" {
	copy_tree tree
	path_without fish
	PATH=$PWD/path run tree/configure --install-deps
	assert_failure 1
	assert_output --partial 'missing: fish; this system has none of apt, dnf, pacman, apk and brew'
}

@test "make install puts five things in their places, make uninstall takes them away" {
	cd "$SOURCE"
	make install DESTDIR="$BATS_TEST_TMPDIR/root" >/dev/null
	run bash -c "cd '$BATS_TEST_TMPDIR/root' && find . -type f | sort"
	assert_output "./opt/pq/bin/pq
./opt/pq/share/bash-completion/completions/pq
./opt/pq/share/fish/vendor_completions.d/pq.fish
./opt/pq/share/man/man1/pq.1
./opt/pq/share/zsh/site-functions/_pq"
	make uninstall DESTDIR="$BATS_TEST_TMPDIR/root" >/dev/null
	run find "$BATS_TEST_TMPDIR/root" -type f
	assert_output ''
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
