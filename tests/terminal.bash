# tests/terminal.bash: a test at a real terminal (`load terminal`): tmux has it.

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v tmux >/dev/null || skip 'tmux is not installed'
	command -v expect >/dev/null || skip 'expect is not installed'
	socket=tmux # the path of a socket must be short
	gate door
}

teardown() {
	tmux -S "$socket" kill-server 2>/dev/null || true
	bats_clock_can_be_stopped
}

# terminal COLUMNS: a shell at a terminal of so many columns and 12 lines.
terminal() {
	tmux -S "$socket" -f /dev/null new-session -d -x "$1" -y 12 \
		"env PS1='$ ' PATH='$PATH' LC_ALL=C.UTF-8 sh -i" 3>&-
	wait_until shows '$'
}

# type_line LINE: one that begins with "clear;" has cleared the screen when this returns: what
# is waited for then is not what a line before it has left. What the terminal is called tells it.
type_line() {
	local line=$*
	case $line in
	'clear;'*)
		cleared=$((${cleared:-0} + 1))
		line="clear; printf '\\033]2;%s\\a' $cleared;${line#clear;}"
		;;
	esac
	tmux -S "$socket" send-keys -l -- "$line"
	tmux -S "$socket" send-keys Enter
	[ "$line" = "$*" ] || wait_until title_is "$cleared"
}

title_is() {
	[ "$(tmux -S "$socket" display-message -p '#{pane_title}')" = "$1" ]
}

key() {
	tmux -S "$socket" send-keys "$1"
}

screen() {
	tmux -S "$socket" capture-pane -p
}

shows() {
	screen | grep -qF -- "$1"
}

# Does the shell wait for a line? For wait_until.
is_asked() {
	[ "$(screen | grep . | tail -n 1)" = '$' ]
}

line_count_is() {
	[ "$(screen | grep -cF -- "$1")" -eq "$2" ]
}

# For wait_until: is this process stopped?
is_stopped() {
	[[ $(ps -o stat= -p "$1") == T* ]]
}

# mode_is WORD: is this one of the terminal's settings now? For wait_until.
mode_is() {
	local tty
	tty=$(tmux -S "$socket" display-message -p '#{pane_tty}')
	stty -a <"$tty" | grep -qE "(^| )$1( |\$)"
}
