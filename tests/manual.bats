# The pages of the manual: that they are found, and can be read.
# Not with a sanitizer: it is the page that is tested.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

pages=("$TOP"/man/*.[17])

@test "each page is found by what it is for" {
	local page word
	[ "${#pages[@]}" -ge 3 ]
	for page in "${pages[@]}"; do
		for word in parallel queue xargs; do
			grep -q "^\\.Nd.*$word" "$page" || fail "$page: $word"
		done
	done
	for word in retry command; do
		grep -q "^\\.Nd.*$word" "$TOP/man/pq.1" || fail "$word"
	done
}

@test "apropos shows all pages for parallel, queue and xargs" {
	command -v mandb >/dev/null && command -v apropos >/dev/null || skip 'man-db is not installed'
	local page word
	mkdir -p man/man1 man/man7
	for page in "${pages[@]}"; do
		cp "$page" "man/man${page##*.}"
	done
	mandb -q -c "$PWD/man"
	for word in parallel queue xargs; do
		run -0 apropos -l -M "$PWD/man" "$word"
		for page in "${pages[@]##*/}"; do
			assert_line --regexp "^${page%.*} \(${page##*.}\) +- .*$word"
		done
	done
}

@test "the manual has commands to begin with before it has options" {
	[ "$(sed '/^\.Sh OPTIONS/q' "$TOP/man/pq.1" | grep -c '^pq \|^find .* pq ')" -ge 5 ]
}

@test "each page is well-formed" {
	command -v mandoc >/dev/null || skip 'mandoc is not installed'
	local page
	for page in "${pages[@]}"; do
		# On stderr it complains about its own index of the machine's pages; and which pages
		# this machine has is not the manual's business.
		run --separate-stderr mandoc -T lint -W style "$page"
		assert_equal "$(grep -v 'referenced manual not found' <<<"$output")" ''
	done
}

@test "each page is named by the others and by the README" {
	local page name
	for page in "${pages[@]##*/}"; do
		name=${page%.*}
		grep -q "\`man $name\`" "$TOP/README.md" || fail "README: $page"
		[ "$name" = pq ] || sed -n '/^\.Sh SEE ALSO/,$p' "$TOP/man/pq.1" |
			grep -q "^\.Xr $name ${page##*.}" || fail "pq.1: $page"
		[ "$name" = pq ] || grep -q '^\.Xr pq 1' "$TOP/man/$page" || fail "$page: pq.1"
	done
}

@test "the pictures of the README are there, and small" {
	local picture
	grep -oE '\]\([a-z/.-]+\.png\)' "$TOP/README.md" | tr -d '])(' >pictures
	[ -s pictures ]
	while read -r picture; do
		[ "$(wc -c <"$TOP/$picture")" -lt 150000 ] || fail "$picture"
	done <pictures
}
