# pq: a parallel queue for the shell. `make help` lists the targets.
#
# Everything that is made goes below $(BUILD). What configure found is in
# config.mk; CFLAGS and the like given to make itself win over it.

BUILD = build

ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),all)),)
ifeq ($(wildcard config.mk),)
$(error run ./configure first (./configure --install-deps brings what is missing))
endif
include config.mk
endif

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
ALL_CFLAGS = $(BASE_CFLAGS) $(HARDEN_CFLAGS) $(WARNINGS) $(PCRE2_CFLAGS) $(LIBS_CFLAGS) \
	-I. -Isrc $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LDFLAGS) $(LDFLAGS) $(PCRE2_LIBS) $(LIBS)

# In the order in which data flows through them.
OBJECTS = $(addprefix $(BUILD)/src/, \
	main.o \
	init.o \
	options/options.o \
	options/table.o \
	options/set_queue.o \
	options/set_record.o \
	options/set_failure.o \
	options/files.o \
	options/help.o \
	options/complete.o \
	options/unknown.o \
	desk/header.o \
	pipeline.o \
	stop.o \
	supervisor.o \
	signals.o \
	source/source.o \
	source/records.o \
	source/blocks.o \
	source/cutter.o \
	source/intake.o \
	source/inputs.o \
	source/directory.o \
	source/dead.o \
	source/rows.o \
	source/failed.o \
	source/shuffle.o \
	desk/columns.o \
	reader.o \
	desk/tray.o \
	desk/past.o \
	desk/edit.o \
	desk/admission.o \
	desk/unique.o \
	desk/pack.o \
	item.o \
	queue/queue.o \
	queue/schedule.o \
	queue/tickets.o \
	policy/backlog.o \
	policy/backoff.o \
	policy/breaker.o \
	policy/pressure.o \
	policy/overflow.o \
	policy/rate.o \
	policy/scale.o \
	workers/jobs.o \
	workers/capacity.o \
	workers/staff.o \
	workers/crew.o \
	workers/worker.o \
	action/template/names.o \
	action/template/template.o \
	action/template/line.o \
	action/template/word.o \
	action/template/param.o \
	action/template/doc.o \
	action/template/hole.o \
	action/template/script.o \
	action/template/expand.o \
	action/template/size.o \
	action/template/show.o \
	action/template/stray.o \
	action/template/quote.o \
	action/template/unquote.o \
	action/transform/runner.o \
	action/transform/file.o \
	action/transform/replace.o \
	action/transform/regex_lines.o \
	action/transform/regex.o \
	action/transform/language.o \
	action/transform/transform.o \
	action/transform/match.o \
	action/transform/text.o \
	action/transform/steps.o \
	action/transform/cut.o \
	action/transform/code.o \
	action/run/program.o \
	action/run/place.o \
	action/run/command.o \
	action/run/input.o \
	action/run/spawn.o \
	action/run/running.o \
	action/run/process.o \
	action/run/output.o \
	collector.o \
	policy/retry.o \
	policy/halt.o \
	stats.o \
	status.o \
	sink/outfile.o \
	record/record.o \
	record/journal.o \
	record/ledger.o \
	record/resume.o \
	views.o \
	view/progress.o \
	view/joblog.o \
	view/object.o \
	view/values.o \
	view/results.o \
	view/tree.o \
	view/summary.o \
	view/deadletter.o \
	base/parse.o \
	base/buf.o \
	base/bytes.o \
	base/utf8.o \
	base/escape.o \
	base/json_text.o \
	base/json.o \
	base/chain.o \
	base/chain_text.o \
	base/heap.o \
	base/ranges.o \
	base/hash.o \
	base/set.o \
	base/histogram.o \
	base/random.o \
	base/machine.o \
	base/sqlite.o \
	base/clock.o \
	base/thread.o \
	base/io.o \
	base/lines.o \
	base/msg.o \
	base/mem.o \
	)

UNIT_TESTS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
COMPLETIONS = completions/pq.bash completions/_pq completions/pq.fish

all: $(BUILD)/pq

$(BUILD)/pq: $(OBJECTS)
	$(CC) $(ALL_CFLAGS) -o $@ $(OBJECTS) $(ALL_LDFLAGS)

$(BUILD)/%.o: %.c config.h config.mk Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# A test of a room is linked with all of pq but main.
$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(filter-out %/main.o,$(OBJECTS))
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(CMOCKA_LIBS)

$(BUILD)/tests/unit/%.o: ALL_CFLAGS += $(CMOCKA_CFLAGS)

$(BUILD)/tests/bench_%: tests/bench_%.c config.mk Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< $(ALL_LDFLAGS)

# A station by itself.
$(BUILD)/tests/bench_schedule: $(BUILD)/tests/bench_schedule.o $(filter-out %/main.o,$(OBJECTS))
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS)

-include $(OBJECTS:.o=.d) $(UNIT_TESTS:=.d)

# --- tests ----------------------------------------------------------------

check: all $(UNIT_TESTS)
	BUILD=$(BUILD) SANITIZER=$(SANITIZER) sh tests/run

# The same suite in a build of its own, where the first report of a sanitizer
# is a failure. Hardening is left out: fortified calls hide errors from them.
SANITIZED = $(MAKE) HARDEN_CFLAGS= HARDEN_LDFLAGS=

check-asan:
	+$(SANITIZED) BUILD=build-asan SANITIZER=address check CFLAGS="-O1 -g \
		-fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"

# The thread sanitizer takes every call of clone() for a fork, and a dup2 in the
# new-born child for one of ours, and loses its way in a process that shares our
# memory but not our descriptors; it does not know their other names.
check-tsan:
	+$(SANITIZED) BUILD=build-tsan SANITIZER=thread check CFLAGS="-O1 -g \
		-fno-omit-frame-pointer -fsanitize=thread -Dclone=__clone -Ddup2=__dup2"

# libFuzzer comes with clang alone. What it finds new is kept in $(BUILD)-fuzz/corpus; of a
# finding it leaves the bytes in $(BUILD)-fuzz and its report on the terminal.
FUZZ_CC = clang
FUZZ_TIME = 60
FUZZERS = fuzz_parse fuzz_transform
FUZZ_FLAGS = -timeout=10 -rss_limit_mb=1000 -max_len=600 -dict=tests/fuzz/transform.dict

fuzz:
	@command -v $(FUZZ_CC) >/dev/null || \
		{ echo 'make fuzz needs clang; FUZZ_CC=... names another one' >&2; exit 1; }
	+$(SANITIZED) BUILD=$(BUILD)-fuzz CC=$(FUZZ_CC) $(FUZZERS:%=$(BUILD)-fuzz/%) CFLAGS="-O1 -g \
		-fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
		-fno-sanitize-recover=all"
	for fuzzer in $(FUZZERS); do \
		kept=$(BUILD)-fuzz/corpus/$${fuzzer#fuzz_}; \
		mkdir -p $$kept && $(BUILD)-fuzz/$$fuzzer $(FUZZ_FLAGS) -max_total_time=$(FUZZ_TIME) \
			-artifact_prefix=$(BUILD)-fuzz/ $$kept tests/fuzz/corpus/$${fuzzer#fuzz_} || exit 1; \
	done

$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(filter-out %/main.o,$(OBJECTS))
	$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(ALL_LDFLAGS)

crash: all
	PQ=$(abspath $(BUILD)/pq) tests/crash

bench: all $(addprefix $(BUILD)/tests/bench_,loop time schedule)
	-BUILD=$(BUILD) sh tests/compare
	BUILD=$(BUILD) sh tests/bench
	BUILD=$(BUILD) sh tests/bench_transform

demo: all
	BUILD=$(BUILD) sh tests/demo

# --- what is handed out ---------------------------------------------------

# The completions come from the option table, and are kept in the tree so that
# installing runs nothing.
completions: all
	$(BUILD)/pq --completion bash >completions/pq.bash
	$(BUILD)/pq --completion zsh >completions/_pq
	$(BUILD)/pq --completion fish >completions/pq.fish

INSTALL = install
BASH_DIR = $(DESTDIR)$(DATADIR)/bash-completion/completions
ZSH_DIR = $(DESTDIR)$(DATADIR)/zsh/site-functions
FISH_DIR = $(DESTDIR)$(DATADIR)/fish/vendor_completions.d

install: all
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(BASH_DIR) $(ZSH_DIR) $(FISH_DIR)
	$(INSTALL) -m 755 $(BUILD)/pq $(DESTDIR)$(BINDIR)/pq
	$(INSTALL) -m 644 man/pq.1 $(DESTDIR)$(MANDIR)/man1/pq.1
	$(INSTALL) -m 644 completions/pq.bash $(BASH_DIR)/pq
	$(INSTALL) -m 644 completions/_pq $(ZSH_DIR)/_pq
	$(INSTALL) -m 644 completions/pq.fish $(FISH_DIR)/pq.fish

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/pq $(DESTDIR)$(MANDIR)/man1/pq.1 \
		$(BASH_DIR)/pq $(ZSH_DIR)/_pq $(FISH_DIR)/pq.fish

TARBALL = pq-$(VERSION)

dist:
	rm -rf $(BUILD)/$(TARBALL)
	mkdir -p $(BUILD)/$(TARBALL)
	cp -R configure Makefile README.md COPYING .ci src man completions tests $(BUILD)/$(TARBALL)
	tar -C $(BUILD) -cf - $(TARBALL) | gzip -n9 >$(TARBALL).tar.gz
	rm -rf $(BUILD)/$(TARBALL)

clean:
	rm -rf build build-asan build-tsan build-fuzz

help:
	@echo 'all          build $(BUILD)/pq'
	@echo 'check        every test; ends with "N passed, N failed"'
	@echo 'check-asan   the same under the address and undefined-behaviour sanitizers'
	@echo 'check-tsan   the same under the thread sanitizer, and the stress matrix'
	@echo 'fuzz         libFuzzer on transforms, needs clang (FUZZ_TIME=60)'
	@echo 'crash        kill -9 a run with a journal 300 times, and at every system call'
	@echo 'bench        pq beside xargs, parallel, sed, rg and others (RUNS=3)'
	@echo 'demo         hash several hundred real files in parallel'
	@echo 'install      into PREFIX, below DESTDIR if that is set; uninstall undoes it'
	@echo 'completions  write completions/ anew from the option table'
	@echo 'dist         a tarball of the source'
	@echo 'clean        remove everything that was built'

.PHONY: all check check-asan check-tsan fuzz crash bench demo completions install uninstall dist \
	clean help
.DELETE_ON_ERROR:
.SECONDARY:
