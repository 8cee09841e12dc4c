# --in-place: a file is replaced whole, by one look-up, and keeps all but its content.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# with_place NAME=VALUE... ARGUMENT...: pq --in-place with the shim's help.
with_place() {
	env LD_PRELOAD="$fault" "$@"
}

# No file of pq's own.
nothing_is_left() {
	assert_equal "$(find . -name '.pq*')" ''
}

@test "-0 says how the list is cut; the content of its files is lines all the same" {
	printf 'ok 1\nDEBUG x\nok 2\n' >'a log'
	printf 'a log\0' >list
	run -0 pq -0 --in-place -e '!/DEBUG/; s/^/> /; s/$/./' <list
	assert_equal "$(cat 'a log')" $'> ok 1.\n> ok 2.'
	printf 'a log,' >list
	run -0 pq -d, --content -e '/2/' <list
	assert_output '> ok 2.'
}

@test "--content-null: the records of files end with a NUL byte" {
	printf 'a\0DEBUG\n\0b' >f
	run -0 pq --in-place --content-null -e '!/DEBUG/; s/$/!/' ::: f
	printf 'a!\0b!' | cmp f -
	pq -k --content --content-null -e upper ::: f f | cmp - <(printf 'A!\0B!\0A!\0B!\0')
}

@test "--whole-file: a file is one record, whatever is in it" {
	printf 'a\n\n\nb\0c\n\n' >f
	run -0 pq --in-place --whole-file -e 's/\n+/\n/g; y/\0/\n/; s/^b/B/m; s/\n\z//' ::: f
	printf 'a\nB\nc' | cmp f -
	# As it is: no newline comes behind it.
	pq -k --content --whole-file -e 's/\n/,/g; s/a\K,/;/' ::: f f | cmp - <(printf 'a;B,ca;B,c')
	run --separate-stderr -123 pq --in-place --whole-file -e '!/a/' ::: f
	only_message "item 1 'f': a filter drops the whole of it; it stays as it is"
	run --separate-stderr -123 pq --in-place --max-item 4 --whole-file -e upper ::: f
	only_message "item 1 'f': record 1 'a\\nB\\nc': is longer than --max-item allows; the file \
stays as it is"
	run --separate-stderr -123 pq --in-place --whole-file -e unbase64 ::: f
	only_message "item 1 'f': record 1 'a\\nB\\nc': is not base64; the file stays as it is"
	printf 'a\nB\nc' | cmp f -
}

@test "what is no file's content has no such cut" {
	refuses '--whole-file without --content: no item names a file whose content it could be '\
'about; add --content or --in-place; items are cut by -0 and -d' --whole-file -e upper ::: a
	refuses '--content-null with a command: a command gets the content as it is; leave it out' \
		--content --content-null cat ::: a
	refuses '--content-null with --whole-file: each says what a record of a file is; leave one '\
'out' \
		--content --content-null --whole-file -e upper ::: a
}

@test "what takes the file's name meanwhile is not written" {
	unsanitized 'it is preloaded'
	build_fault place
	mkdir theirs ours
	echo theirs >theirs/f
	echo ours >ours/v
	run --separate-stderr -123 with_place PLACE_SYNC='rm theirs/f; ln -s ../ours/v theirs/f' \
		"$PQ" --in-place -e s/s/S/ ::: theirs/f
	only_message "item 1 'theirs/f': cannot be replaced: another file has taken its name \
meanwhile; it stays as it is"
	assert_equal "$(cat ours/v)" ours
	[ -L theirs/f ]
	assert_equal "$(ls -A theirs)" f
}

@test "a directory that is moved away meanwhile takes the new content with it" {
	unsanitized 'it is preloaded'
	build_fault place
	mkdir theirs ours
	echo theirs >theirs/f
	echo ours >ours/f
	run -0 with_place PLACE_SYNC='mv theirs away; ln -s ours theirs' \
		"$PQ" --in-place -e upper ::: theirs/f
	assert_equal "$(cat ours/f)" ours
	assert_equal "$(cat away/f)" THEIRS
	assert_equal "$(ls -A away ours)" $'away:\nf\n\nours:\nf'
}

@test "symbolic links are followed, in every directory on the way" {
	mkdir -p a/b c
	echo x >a/b/f
	ln -s a/b d
	ln -s ../a/b/f c/one
	ln -s "$PWD/c/one" two
	for name in d/f c/one two "$PWD/d/../b/f" ./two; do
		run -0 pq --in-place -e 's/$/x/' ::: "$name"
	done
	assert_equal "$(cat a/b/f)" xxxxxx
	[ -L two ] && [ -L c/one ]
	[ -f a/b/f ] && [ ! -L a/b/f ]
	ln -s loop loop
	run --separate-stderr -123 pq --in-place -e upper ::: loop
	only_message "item 1 'loop': cannot be read: Too many levels of symbolic links; it stays as \
it is"
	run --separate-stderr -123 pq -j1 --in-place -e upper ::: a/ a/b/f/
	only_message "item 1 'a/': is a directory: give it with --from; it stays as it is" \
		"item 2 'a/b/f/': cannot be read: Not a directory; it stays as it is"
}

@test "the access list is kept: nobody has more rights than before" {
	command -v setfacl >/dev/null || skip 'setfacl is not installed'
	mkdir d
	echo colour >d/f
	echo colour >d/plain
	chmod 600 d/f d/plain
	setfacl -m u:1:rw d/f 2>/dev/null || skip 'there are no access lists here'
	# What is made there from now on gets a list by itself.
	setfacl -d -m u:2:rwx d
	getfacl -c d/f d/plain >before
	run -0 pq --in-place -e s/colour/color/ ::: d/f d/plain
	assert_equal "$(cat d/f d/plain)" $'color\ncolor'
	getfacl -c d/f d/plain | diff before -
}

@test "attributes are kept" {
	command -v python3 >/dev/null || skip 'python3 is not installed'
	echo colour >f
	python3 -c 'import os; os.setxattr("f", "user.origin", b"a\0b")' 2>/dev/null ||
		skip 'there are no attributes here'
	run -0 pq --in-place=.old -e s/colour/color/ ::: f
	assert_equal "$(cat f)" color
	run -0 python3 -c 'import os; print(os.getxattr("f", "user.origin"))'
	assert_output "b'a\\x00b'"
}

@test "owner, group and set-id bits are kept" {
	[ "$(id -u)" -eq 0 ] || skip 'only root may give files away'
	echo colour >f
	chown 1:2 f
	chmod 6755 f
	run -0 pq --in-place -e s/colour/color/ ::: f
	assert_equal "$(stat -c '%u %g %a' f)" '1 2 6755'
}

@test "without /proc the new content is copied to a file that has a name" {
	unsanitized 'it is preloaded'
	build_fault place
	seq 100000 >f
	chmod 640 f
	run -0 with_place PLACE_NOPROC=1 "$PQ" --in-place=.old -e s/9/nine/g ::: f
	sed s/9/nine/g f.old | diff - f
	assert_equal "$(stat -c %a f)" 640
	assert_equal "$(ls -A)" $'f\nf.old'
}

@test "a file that is named twice is changed twice, one after the other" {
	unsanitized 'it is preloaded'
	build_fault place
	mkfifo gate
	echo a >f
	background env LD_PRELOAD="$fault" PLACE_SYNC='read x <gate' "$PQ" -j2 --in-place \
		-e s/a/aa/ ::: f ./f
	wait_until steady "${backgrounded[0]}"
	echo go >gate
	wait "${backgrounded[0]}"
	assert_equal "$(cat f)" aaa
}

@test "of two hard links each is changed once, and they part" {
	echo a >f
	ln f g
	run -0 pq -j2 --in-place -e s/a/aa/ ::: f g
	assert_equal "$(cat f g)" $'aa\naa'
	assert_equal "$(stat -c %h f g)" $'1\n1'
}

@test "the suffix names a file anew, whatever has the name" {
	echo a >f
	echo old >f.old
	run -0 pq --in-place=.old -e s/a/aa/ ::: f
	assert_equal "$(cat f f.old)" $'aa\na'
	ln -f f f.old
	run -0 pq --in-place=.old -e s/a/aa/ ::: f
	assert_equal "$(cat f f.old)" $'aaa\naa'
	assert_equal "$(ls -A)" $'f\nf.old'
	rm f.old
	mkdir f.old
	run --separate-stderr -123 pq --in-place=.old -e s/a/aa/ ::: f
	only_message "item 1 'f': cannot be replaced: Is a directory; it stays as it is"
	assert_equal "$(cat f)" aaa
	nothing_is_left
}

@test "a full disk is 74, as for each other output, and the file is whole" {
	unsanitized 'it is preloaded'
	build_fault write
	echo colour >f
	run --separate-stderr -74 env LD_PRELOAD="$fault" WRITE_FAIL=1 WRITE_ERROR=ENOSPC "$PQ" \
		--in-place -e s/colour/color/ ::: f
	only_message "cannot write to item 1 'f', which stays as it is: No space left on device; \
stopping"
	assert_equal "$(cat f)" colour
	nothing_is_left
}

@test "--in-place --dry-run: what would change is shown as diff -u does, and nothing is written" {
	seq 12 >one
	printf 'a\nb' >two
	printf 'x\n' >same
	printf 'a\0b\n' >binary
	touch -d @1000000000 one two same binary
	run -0 --separate-stderr pq -k --in-place --dry-run -e 's/^[5a]/$&$&/; s/b$/B/' \
		::: one two same binary
	assert_equal "$stderr" ''
	assert_output "$(printf '%s\n' '--- one' '+++ one' '@@ -2,7 +2,7 @@' ' 2' ' 3' ' 4' -5 +55 \
		' 6' ' 7' ' 8' '--- two' '+++ two' '@@ -1,2 +1,2 @@' -a -b \
		'\ No newline at end of file' +aa +B \
		'\ No newline at end of file' 'Binary files binary and binary differ')"
	assert_equal "$(stat -c %Y one two same binary | sort -u)" 1000000000
	refute [ -e one.orig ]
}

@test "--in-place --dry-run: patch makes of it what --in-place makes" {
	command -v patch >/dev/null || skip 'no patch'
	perl -e 'srand 1; print join("\n", map { join "", map { chr(97 + rand 4) } 0..rand 9 }
		1..4000)' >f
	for program in 's/^a/b/' '/c/' 'm/[ab]+/$&/g' '!/dd/ s/$/\nmore/' 's/b/\n/g' 'y/abc//d'; do
		cp f g
		pq --in-place --dry-run -e "$program" ::: g >g.diff
		cmp f g
		patch -s g g.diff
		cp f h
		pq --in-place -e "$program" ::: h
		cmp g h || fail "$program"
	done
}

@test "--in-place --dry-run: a file that would stay as it is is told, and shows nothing" {
	printf 'a\n%%\n' >f
	run --separate-stderr -123 pq --in-place --dry-run -e '/^a/ s/a/b/; !/^b/ unbase64' ::: f
	assert_output ''
	assert_regex "$stderr" 'is not base64; the file stays as it is'
}

@test "--content -e --dry-run: what would be printed is compared with the file" {
	printf 'a\nb\n' >f
	run -0 pq --content --dry-run -e '/a/' ::: f
	assert_output $'--- f\n+++ f\n@@ -1,2 +1 @@\n a\n-b'
	run -0 pq --content --whole-file --dry-run -e 's/\n/ /g' ::: f
	assert_output $'--- f\n+++ f\n@@ -1,2 +1 @@\n-a\n-b\n+a b \n\\ No newline at end of file'
	run -0 pq --content --max-item 3 --dry-run -e upper ::: f
	assert_output 'Files f and f differ'
}
