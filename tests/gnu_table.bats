# The table of options in pq-parallel(7): what it says of each, and what pq does.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	ln -s "$PQ" parallel
	echo a >list
}

# Its rows: names, then what the value is called or a dash, then what becomes of it.
rows() {
	sed -n '/^\.Sh ALL OPTIONS/,/^\.El/s/^\.It Fl //p' "$TOP/man/pq-parallel.7" |
		sed -E 's/ Ta /\t/; s/ (Op )?Ar ([^\t]*)\t/\t\2\t/; s/^([^\t]*)\t([^\t]*)$/\1\t-\t\2/'
}

# value NAME WHAT: one that the option takes.
value() {
	case $1 in
	arg-file | a) echo list ;;
	colsep | C | delimiter | d) echo , ;;
	halt | halt-on-error) echo never ;;
	header | S | sshlogin) echo : ;;
	load) echo 900% ;;
	max-chars | s) echo 1000 ;;
	parens) echo ,,,, ;;
	rpl) echo '{x} s/a//' ;;
	template | tmpl) echo list=out ;;
	term-seq) echo TERM,KILL ;;
	trim) echo n ;;
	wd | workdir | work-dir | tmpdir | tempdir) echo . ;;
	*) echo 1 ;;
	esac
}

# becomes NAME VALUE TEXT: is that so?
becomes() {
	local option=-$1 # `run` would take longer than all the rest
	[ "${#1}" = 1 ] || [[ $1 == -* ]] || option=--$1
	local status=0 output stderr
	./parallel --dry-run "$option" ${2:+"$2"} echo ::: a </dev/null >out 2>err || status=$?
	output=$(<out) stderr=$(<err)
	case $3 in
	refused*)
		[ "$status" = 255 ] && [ -z "$output" ] && [[ $stderr == "pq: "*"$option"[:\ ]* ]]
		;;
	'as there'* | differs:* | taken,*)
		[[ $stderr != *'no option'* && $stderr != *'unknown option'* && $stderr != *value* ]]
		;;
	*)
		false
		;;
	esac || echo "$option ${2-}: the table says '$3', and pq: $status $output $stderr"
}

@test "each option of the table is what the table says" {
	local names argument text name
	rows | while IFS=$'\t' read -r names argument text; do
		for name in ${names//,/}; do
			name=${name#-}
			if [[ $argument == - ]]; then
				becomes "$name" '' "$text"
			elif [[ ${#name} == 1 || $argument != *']'* ]]; then
				becomes "$name" "$(value "$name")" "$text"
			fi
		done
	done >wrong
	assert_equal "$(cat wrong)" ''
	assert [ "$(rows | wc -l)" -gt 150 ]
}

@test "the table has an entry for each option of GNU parallel, in the order of the alphabet" {
	local list name found
	rows | cut -f1 | tr -d ',' | tr ' ' '\n' | sed 's/^-//' | sort -u >have
	sed -n '/gnu_names\[\]/,/^};/p' "$TOP/src/options/gnu_names.c" | sed 1d | tr -d '\t\n' |
		sed 's/" *"/ /g' | grep -o '"[^"]*"' | tr -d '"' >lists
	while read -r list; do
		tr ' ' '\n' <<<"$list" | grep -qxFf have || [[ $list == _* ]] || echo "$list"
	done <lists >missing
	assert_equal "$(cat missing)" $'bug\ncitation bibtex\nlinkinputsource xapplyinputsource'
	rows | sed 's/[, \t].*//; s/^-//' | tr A-Z a-z >first
	sort -c first
}
