# Completion of pq in bash, made by pq --completion bash.

_pq()
{
	local cur=${COMP_WORDS[COMP_CWORD]} word values= names='-0 --null -d --delimiter -a --arg-file --content --content-null --whole-file --pipe --block --recstart --recend --regexp -L -l --max-lines --group-by --rrs --cat --tee --round-robin --link -n --max-args -N -X -s --max-chars -x --exit --show-limits -C --colsep --csv --csv-strict --csv-lax --header --regex --jsonl --validate --trim --max-item -E --skip-first-line --skip-lines --comment -r --no-run-if-empty --shuf --shard --order-by --unique --from --to --follow --unique-for --lease --keep --give-up --durable --prefetch --stats --watch --admin -Q --queue-size --queue-bytes --overflow --high-water -j -P --jobs --max-procs --priority --aging --key --key-jobs --affinity --rate --rate-key --delay --timeout --load --memfree --jobserver --term-seq --drain --until --ready --recycle -c --shell --no-shell --shell-path -I -i --replace -e --expression -f --file --nice -p --interactive --tty --process-slot-var --in-place --next --deliver --match --topic --topic-key --weight --name --persistent --retries --backoff --poison --breaker --ack-on --retry-on --reject-on --dead-letter --halt -k --keep-order -u --ungroup --line-buffer --lb --group --tag --tagstring --color -o --output --json --results --files -t --verbose --dry-run --progress --bar --eta --summary --quiet --resume --resume-failed --retry-failed --journal --joblog --trace --metrics --junit --report -h --help -V --version --completion' first i

	COMPREPLY=()
	for ((first = COMP_CWORD; first > 1; first--)); do
		[[ ${COMP_WORDS[first - 1]} == --next ]] && names='--prefetch --overflow -j -P --jobs --max-procs --key-jobs --rate --rate-key --timeout --term-seq --until --ready --recycle -c --shell --no-shell --shell-path -e --expression -f --file --next --match --topic --weight --name --persistent --retries --backoff --poison --breaker --ack-on --retry-on --reject-on --dead-letter -u --ungroup --line-buffer --lb --group --tag --tagstring -h --help -V --version --completion' && break
	done
	for ((i = first; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--)
			((i++))
			break
			;;
		-d|--delimiter|-a|--arg-file|--block|--recstart|--recend|-L|--group-by|-n|--max-args|-N|-s|--max-chars|-C|--colsep|--header|--regex|--validate|--trim|--max-item|-E|--skip-lines|--comment|--shard|--order-by|--from|--to|--unique-for|--lease|--keep|--give-up|--prefetch|--stats|--admin|-Q|--queue-size|--queue-bytes|--overflow|--high-water|-j|-P|--jobs|--max-procs|--priority|--aging|--key|--key-jobs|--rate|--rate-key|--delay|--timeout|--load|--memfree|--term-seq|--drain|--until|--ready|--recycle|--shell-path|-I|-e|--expression|-f|--file|--nice|--process-slot-var|--deliver|--match|--topic|--topic-key|--weight|--name|--retries|--backoff|--poison|--breaker|--ack-on|--retry-on|--reject-on|--dead-letter|--halt|--tagstring|-o|--output|--results|--journal|--joblog|--trace|--metrics|--junit|--report|--completion)
			[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
			((i++))
			;;
		-[!-]*)
			[[ $word =~ ^-[0lXxrcipkuthV]*[daLnNsCEQjPIefo]$ ]] && ((i++)) && word=-${word: -1}
			;;
		--*)
			[[ ${COMP_WORDS[i + 1]} == = ]] && ((i += 2))
			;;
		*)
			break
			;;
		esac
	done

	if ((i < COMP_CWORD)); then
		# An argument of the command: as the command has it, or a file.
		declare -F _command_offset >/dev/null && _command_offset "$i"
	elif ((i > COMP_CWORD)); then
		[[ $cur == = ]] && cur=
		case $word in
		-a|--arg-file) return ;;
		--header) values=':' ;;
		--trim) values='n l r lr rl' ;;
		--order-by) return ;;
		--from) return ;;
		--overflow) values='block drop-new drop-old reject fail' ;;
		--shell-path) return ;;
		-f|--file) return ;;
		--deliver) values='all first' ;;
		--persistent) values='lines frames json' ;;
		--dead-letter) return ;;
		--halt) values='now,fail=1 soon,fail=1 now,success=1 soon,success=1 now,done=1 soon,done=1 never' ;;
		--color) values='auto always never' ;;
		-o|--output) return ;;
		--json) values='attempts' ;;
		--results) return ;;
		--progress|--bar|--eta) values='rows json' ;;
		--journal) return ;;
		--joblog) return ;;
		--trace) return ;;
		--metrics) return ;;
		--junit) return ;;
		--report) return ;;
		-h|--help) values='all' ;;
		--completion) values='bash zsh fish' ;;
		esac
		compopt +o default
		mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$names" -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -c -- "$cur")
	fi
}

complete -o default -F _pq pq
