# pq: a parallel queue for the shell. `make help` lists the targets.
#
# Everything that is made goes below $(BUILD). What configure found is in
# config.mk; CFLAGS and the like given to make itself win over it. V=1 shows the
# commands whole.

BUILD = build

# The directory of the source with a slash, where that is another one: the Makefile
# that configure writes in such a place sets it and includes this one.
ifneq ($(origin TREE),file)
TREE =
endif

ifneq ($(filter-out help clean distclean,$(or $(MAKECMDGOALS),all)),)
ifeq ($(wildcard config.mk),)
$(error run ./configure first (./configure --install-deps brings what is missing))
endif
include config.mk
endif

# Who wants to see pq at work, or tested, is not to wait for one file after the other.
ifneq ($(filter demo check check-asan check-tsan,$(MAKECMDGOALS)),)
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
endif
endif

# told WHAT: before a command, in place of its text.
ifeq ($(V),1)
told =
else
told = @printf '  %-5s %s\n' '$(1)' '$@';
endif

# quoted TEXT: as one word of the shell, whatever is in it.
quoted = '$(subst ','\'',$(1))'

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
ALL_CFLAGS = $(BASE_CFLAGS) $(HARDEN_CFLAGS) $(WARNINGS) $(PCRE2_CFLAGS) $(LIBS_CFLAGS) \
	-I. -I$(TREE)src $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LDFLAGS) $(LDFLAGS) $(PCRE2_LIBS) $(LIBS) $(MATHS_LIBS)

# In the order in which data flows through them.
OBJECTS = $(addprefix $(BUILD)/src/, \
	main.o \
	init.o \
	sem/sem.o \
	sem/locks.o \
	sem/place.o \
	plan/plan.o \
	plan/action.o \
	plan/sources.o \
	plan/blocks.o \
	plan/steps.o \
	options/table.o \
	options/names.o \
	options/subjects.o \
	options/gnu.o \
	options/gnu_moot.o \
	options/gnu_names.o \
	options/gnu_print.o \
	options/gnu_run.o \
	options/gnu_pipe.o \
	options/gnu_words.o \
	options/gnu_semaphore.o \
	options/parse.o \
	options/value.o \
	options/set_input.o \
	options/set_queue.o \
	options/set_section.o \
	options/set_command.o \
	options/set_failure.o \
	options/set_output.o \
	options/set_shared.o \
	options/states.o \
	options/check.o \
	options/files.o \
	options/help.o \
	options/complete.o \
	options/unknown.o \
	desk/header.o \
	passages.o \
	pipeline.o \
	groups.o \
	events.o \
	life.o \
	stop.o \
	supervisor.o \
	broker/address.o \
	broker/broker.o \
	broker/consumer.o \
	broker/held.o \
	broker/outbox.o \
	broker/pace.o \
	broker/reach.o \
	broker/settles.o \
	broker/look.o \
	broker/figures.o \
	broker/arrivals.o \
	broker/manage.o \
	broker/postgresql.o \
	broker/postgresql_items.o \
	broker/postgresql_admin.o \
	broker/postgresql_schema.o \
	broker/postgresql_pushing.o \
	broker/postgresql_claiming.o \
	broker/postgresql_looking.o \
	broker/postgresql_trouble.o \
	broker/redis.o \
	broker/redis_place.o \
	broker/redis_server.o \
	broker/redis_call.o \
	broker/redis_scripts.o \
	broker/redis_looks.o \
	broker/redis_work.o \
	broker/redis_admin.o \
	broker/sqlite.o \
	broker/sqlite_schema.o \
	broker/sqlite_put.o \
	broker/sqlite_claim.o \
	broker/sqlite_holders.o \
	broker/sqlite_admin.o \
	source/source.o \
	source/queue.o \
	source/records.o \
	source/follow.o \
	source/blocks.o \
	source/field.o \
	source/parts.o \
	source/spread.o \
	source/ends.o \
	source/cutter.o \
	source/heading.o \
	source/continued.o \
	source/intake.o \
	source/inputs.o \
	source/count.o \
	source/directory.o \
	source/dead.o \
	source/rows.o \
	source/failed.o \
	source/shuffle.o \
	desk/bound.o \
	desk/pattern.o \
	desk/columns.o \
	desk/filter.o \
	reader.o \
	desk/route.o \
	desk/settle.o \
	desk/sources.o \
	desk/total.o \
	desk/tray.o \
	desk/past.o \
	desk/edit.o \
	desk/admission.o \
	desk/unique.o \
	desk/measure.o \
	desk/share.o \
	desk/order.o \
	desk/sift.o \
	desk/pack.o \
	item.o \
	queue/bells.o \
	queue/slots.o \
	queue/track.o \
	queue/queue.o \
	queue/schedule.o \
	queue/keys.o \
	queue/lanes.o \
	queue/tickets.o \
	policy/ahead.o \
	policy/backlog.o \
	policy/backoff.o \
	policy/breaker.o \
	policy/pressure.o \
	policy/overflow.o \
	policy/rate.o \
	policy/shard.o \
	policy/scale.o \
	policy/stride.o \
	policy/topic.o \
	workers/jobs.o \
	workers/makeflags.o \
	workers/tokens.o \
	workers/jobserver.o \
	workers/capacity.o \
	workers/staff.o \
	workers/crew.o \
	workers/pool.o \
	workers/worker.o \
	action/template/names.o \
	action/template/template.o \
	action/template/simple.o \
	action/template/call.o \
	action/template/inner.o \
	action/template/lex.o \
	action/template/line.o \
	action/template/bash.o \
	action/template/word.o \
	action/template/param.o \
	action/template/doc.o \
	action/template/hole.o \
	action/template/script.o \
	action/template/expand.o \
	action/template/size.o \
	action/template/show.o \
	action/template/stray.o \
	action/template/check.o \
	action/template/made.o \
	action/template/note.o \
	action/template/dialect.o \
	action/template/quote.o \
	action/template/unquote.o \
	action/pass.o \
	action/transform/runner.o \
	action/transform/value.o \
	action/formula/formula.o \
	action/formula/function.o \
	action/formula/list.o \
	action/formula/text.o \
	action/formula/term.o \
	action/formula/variable.o \
	action/formula/quote.o \
	action/formula/match.o \
	action/formula/split.o \
	action/formula/tr.o \
	action/formula/format.o \
	action/formula/operator.o \
	action/formula/parse.o \
	action/formula/work.o \
	action/formula/arithmetic.o \
	action/formula/scalar.o \
	action/formula/arena.o \
	action/transform/file.o \
	action/transform/replace.o \
	action/transform/claim.o \
	action/transform/attributes.o \
	action/transform/regex_lines.o \
	action/transform/regex.o \
	action/transform/flaw.o \
	action/transform/language.o \
	action/transform/transform.o \
	action/transform/match.o \
	action/transform/text.o \
	action/transform/steps.o \
	action/transform/cut.o \
	action/transform/code.o \
	action/run/program.o \
	action/run/place.o \
	action/run/copies.o \
	action/run/command.o \
	action/run/redirects.o \
	action/run/input.o \
	action/run/spawn.o \
	action/run/running.o \
	action/run/foreground.o \
	action/run/ask.o \
	action/run/environment.o \
	action/run/child.o \
	action/run/frames.o \
	action/run/answer.o \
	action/run/owed.o \
	action/run/hunger.o \
	action/run/feed.o \
	action/run/hear.o \
	action/run/keeper.o \
	action/run/persistent.o \
	action/run/process.o \
	action/run/output.o \
	collector.o \
	policy/retry.o \
	policy/halt.o \
	stats.o \
	sink/outfile.o \
	sink/queue.o \
	record/record.o \
	record/journal.o \
	record/moved.o \
	record/ledger.o \
	record/resume.o \
	record/command.o \
	record/times.o \
	views.o \
	view/failures.o \
	view/prompt.o \
	view/progress.o \
	view/progress_line.o \
	view/progress_eta.o \
	view/progress_rows.o \
	view/roster.o \
	view/joblog.o \
	view/gather.o \
	view/trace.o \
	view/eldest.o \
	view/metrics.o \
	view/named.o \
	view/object.o \
	view/attempts.o \
	view/kept.o \
	view/junit.o \
	view/junit_case.o \
	view/testnames.o \
	view/values.o \
	view/results.o \
	view/tree.o \
	view/summary.o \
	view/notable.o \
	view/deadletter.o \
	view/report.o \
	view/report_page.o \
	view/report_chart.o \
	view/report_spread.o \
	view/report_parts.o \
	view/report_text.o \
	view/report_style.o \
	view/shortlist.o \
	view/flow.o \
	view/timeline.o \
	base/parse.o \
	base/buf.o \
	base/bytes.o \
	base/utf8.o \
	base/width.o \
	base/keys.o \
	base/escape.o \
	base/shell_name.o \
	base/spelling.o \
	base/letters.o \
	base/json_text.o \
	base/xml_text.o \
	base/json.o \
	base/chain.o \
	base/chain_text.o \
	base/heap.o \
	base/ranges.o \
	base/hash.o \
	base/color.o \
	base/set.o \
	base/histogram.o \
	base/signal_name.o \
	base/random.o \
	base/machine.o \
	base/maths.o \
	base/cgroup.o \
	base/dial.o \
	base/redis.o \
	base/tls.o \
	base/sqlite.o \
	base/postgresql_query.o \
	base/postgresql.o \
	base/clock.o \
	base/csv.o \
	base/diff.o \
	base/status.o \
	base/thread.o \
	base/bell.o \
	base/permits.o \
	base/ticker.o \
	base/signals.o \
	base/io.o \
	base/lines.o \
	base/whole_file.o \
	base/msg.o \
	base/mem.o \
	)

UNIT_TESTS = $(patsubst $(TREE)%.c,$(BUILD)/%,$(wildcard $(TREE)tests/unit/test_*.c))
COMPLETIONS = completions/pq.bash completions/_pq completions/pq.fish

# Along with pq the one that is tested: it is never older.
all: $(BUILD)/pq $(BUILD)/tests/pq

$(BUILD)/pq: $(BUILD)/src/main.o $(BUILD)/libpq.a
	$(call told,LINK)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS)

# All of pq but main, for the tests of single rooms, too. Rooms may have files of one name:
# q adds where r would replace, so the archive of before has to go first.
$(BUILD)/libpq.a: $(filter-out %/main.o,$(OBJECTS))
	$(call told,AR)rm -f $@ && $(AR) $(ARFLAGS) $@ $^

$(BUILD)/%.o: $(TREE)%.c config.h config.mk $(TREE)Makefile
	@mkdir -p $(@D)
	$(call told,CC)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What is tested waits for a wake-up as long as it takes: one that was lost hangs, under
# the time limit of the test, where pq itself would only be slow.
UNCAPPED = $(BUILD)/tests/uncapped.o

$(UNCAPPED): $(TREE)src/base/thread.c config.h config.mk $(TREE)Makefile
	@mkdir -p $(@D)
	$(call told,CC)$(CC) $(ALL_CFLAGS) -DWAITS_UNCAPPED -MMD -MP -c -o $@ $<

$(BUILD)/tests/pq: $(BUILD)/src/main.o $(UNCAPPED) $(BUILD)/libpq.a
	$(call told,LINK)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS)

$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(UNCAPPED) $(BUILD)/libpq.a
	$(call told,LINK)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(CMOCKA_LIBS)

$(BUILD)/tests/unit/%.o: ALL_CFLAGS += $(CMOCKA_CFLAGS)

$(BUILD)/tests/bench_%: $(TREE)tests/bench_%.c config.mk $(TREE)Makefile
	@mkdir -p $(@D)
	$(call told,LINK)$(CC) $(ALL_CFLAGS) -o $@ $< $(ALL_LDFLAGS)

# Where its system calls are known; elsewhere the rows with it are left out.
$(BUILD)/tests/bench_null: $(TREE)tests/bench_null.c config.mk $(TREE)Makefile
	@mkdir -p $(@D)
	@rm -f $@
	-$(call told,LINK)$(CC) -O1 -ffreestanding -fno-pie -fno-stack-protector -static -nostdlib \
		-o $@ $< 2>/dev/null

# A station, or an engine, by itself.
$(addprefix $(BUILD)/tests/bench_,schedule broker): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/libpq.a
	$(call told,LINK)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS)

-include $(OBJECTS:.o=.d) $(UNIT_TESTS:=.d) $(UNCAPPED:.o=.d)

# --- tests ----------------------------------------------------------------

# A script of tests/ is told where the build is: it goes to the directory of the source. What
# it runs has no part in this make's jobserver.
script = MAKEFLAGS= MFLAGS= BUILD="$$(cd $(BUILD) && pwd)" SANITIZER=$(SANITIZER) \
	sh $(TREE)tests/$(1)

# Rooms of one thread have nothing for the thread sanitizer, and tests/run says so of each; but
# some are asked by tests of the command line.
ifeq ($(SANITIZER),thread)
CHECKED = $(patsubst $(TREE)%.c,$(BUILD)/%,$(shell grep -l pthread_ $(TREE)tests/unit/test_*.c)) \
	$(patsubst %,$(BUILD)/tests/%,$(shell cat $(TREE)tests/*.bats | grep -o 'unit/test_[a-z_]*'))
else
CHECKED = $(UNIT_TESTS)
endif

check: all $(CHECKED)
	@$(call script,run)

# The same suite in a build of its own, where the first report of a sanitizer
# is a failure. Hardening is left out: fortified calls hide errors from them.
SANITIZED = $(MAKE) HARDEN_CFLAGS= HARDEN_LDFLAGS=

check-asan:
	+$(SANITIZED) BUILD=build-asan SANITIZER=address check CFLAGS="-O1 -g \
		-fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"

# The thread sanitizer takes every call of clone() for a fork and loses its way in a
# process that shares our memory; it does not know the call's other name.
check-tsan:
	+$(SANITIZED) BUILD=build-tsan SANITIZER=thread check CFLAGS="-O1 -g \
		-fno-omit-frame-pointer -fsanitize=thread -Dclone=__clone"

# libFuzzer comes with clang alone. What it finds new is kept in $(BUILD)-fuzz/corpus; of a
# finding it leaves the bytes in $(BUILD)-fuzz and its report on the terminal.
FUZZ_CC = clang
FUZZ_TIME = 60
FUZZERS = fuzz_parse fuzz_transform fuzz_answer fuzz_formula
FUZZ_FLAGS = -timeout=10 -rss_limit_mb=1000 -max_len=600 -dict=$(TREE)tests/fuzz/transform.dict

fuzz:
	@command -v $(FUZZ_CC) >/dev/null || \
		{ echo 'make fuzz needs clang; FUZZ_CC=... names another one' >&2; exit 1; }
	+$(SANITIZED) BUILD=$(BUILD)-fuzz CC=$(FUZZ_CC) $(FUZZERS:%=$(BUILD)-fuzz/%) CFLAGS="-O1 -g \
		-fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
		-fno-sanitize-recover=all"
	@for fuzzer in $(FUZZERS); do \
		kept=$(BUILD)-fuzz/corpus/$${fuzzer#fuzz_}; \
		mkdir -p $$kept && $(BUILD)-fuzz/$$fuzzer $(FUZZ_FLAGS) -max_total_time=$(FUZZ_TIME) \
			-artifact_prefix=$(BUILD)-fuzz/ $$kept \
			$(TREE)tests/fuzz/corpus/$${fuzzer#fuzz_} || exit 1; \
	done

$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/libpq.a
	$(call told,LINK)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(ALL_LDFLAGS)

crash: all $(BUILD)/tests/unit/test_broker_crash
	PQ="$$(cd $(BUILD) && pwd)/tests/pq" $(TREE)tests/crash
	KILLS=250 $(BUILD)/tests/unit/test_broker_crash
	PQ="$$(cd $(BUILD) && pwd)/tests/pq" $(TREE)tests/crash_queues

bench: all $(addprefix $(BUILD)/tests/bench_,loop time schedule null slow broker)
	-@$(call script,compare)
	@$(call script,bench)
	@$(call script,bench_transform)
	@MAKEFLAGS= MFLAGS= BUILD="$$(cd $(BUILD) && pwd)" bash $(TREE)tests/bench_queues

demo: all
	@$(call script,demo)

# --- what is handed out ---------------------------------------------------

# The completions come from the option table, and are kept in the tree so that
# installing runs nothing.
completions: all
	$(BUILD)/pq --completion bash >$(TREE)completions/pq.bash
	$(BUILD)/pq --completion zsh >$(TREE)completions/_pq
	$(BUILD)/pq --completion fish >$(TREE)completions/pq.fish

MAN7 = pq-ci.7 pq-cookbook.7 pq-parallel.7 pq-queues.7
INSTALL = install
installed = $(call quoted,$(DESTDIR)$(1))
FILES_INSTALLED = $(call installed,$(BINDIR)/pq) $(call installed,$(MANDIR)/man1/pq.1) \
	$(foreach page,$(MAN7),$(call installed,$(MANDIR)/man7/$(page))) \
	$(call installed,$(DOCDIR)/README.md) $(call installed,$(BASH_DIR)/pq) \
	$(call installed,$(ZSH_DIR)/_pq) $(call installed,$(FISH_DIR)/pq.fish)

install: all
	$(INSTALL) -d $(foreach dir,BINDIR DOCDIR BASH_DIR ZSH_DIR FISH_DIR,$\
		$(call installed,$($(dir)))) $(call installed,$(MANDIR)/man1) \
		$(call installed,$(MANDIR)/man7)
	$(INSTALL) -m 755 $(BUILD)/pq $(call installed,$(BINDIR)/pq)
	$(INSTALL) -m 644 $(TREE)man/pq.1 $(call installed,$(MANDIR)/man1/pq.1)
	$(INSTALL) -m 644 $(MAN7:%=$(TREE)man/%) $(call installed,$(MANDIR)/man7)
	$(INSTALL) -m 644 $(TREE)README.md $(call installed,$(DOCDIR)/README.md)
	$(INSTALL) -m 644 $(TREE)completions/pq.bash $(call installed,$(BASH_DIR)/pq)
	$(INSTALL) -m 644 $(TREE)completions/_pq $(call installed,$(ZSH_DIR)/_pq)
	$(INSTALL) -m 644 $(TREE)completions/pq.fish $(call installed,$(FISH_DIR)/pq.fish)

uninstall:
	rm -f $(FILES_INSTALLED)
	-@rmdir $(call installed,$(DOCDIR)) 2>/dev/null || :

dist:
	@sh $(TREE)tests/dist $(VERSION) $(call quoted,$(CURDIR)/pq-$(VERSION).tar.gz)

clean:
	rm -rf build build-asan build-tsan build-fuzz

# A place of its own has nothing but what configure has written.
distclean: clean
	rm -f config.h config.mk config.log $(if $(TREE),Makefile)

help:
	@echo 'all          build $(BUILD)/pq'
	@echo 'check        every test; ends with "N passed, N failed"'
	@echo 'check-asan   the same under the address and undefined-behaviour sanitizers'
	@echo 'check-tsan   the same under the thread sanitizer, and the stress matrix'
	@echo 'fuzz         libFuzzer on transforms and answers, needs clang (FUZZ_TIME=60)'
	@echo 'crash        kill -9 a run with a journal 300 times, and at every system call,'
	@echo '             and consumers of a queue 500 times'
	@echo 'bench        pq beside xargs, parallel, sed, rg and others (RUNS=3)'
	@echo 'demo         hash several hundred real files in parallel'
	@echo 'install      into PREFIX, below DESTDIR if that is set; uninstall undoes it'
	@echo 'completions  write completions/ anew from the option table'
	@echo 'dist         a tarball of the source'
	@echo 'clean        remove everything that was built'
	@echo 'distclean    and what configure has written'
	@echo
	@echo 'V=1 shows the commands whole.'

.PHONY: all check check-asan check-tsan fuzz crash bench demo completions install uninstall dist \
	clean distclean help
.DELETE_ON_ERROR:
.SECONDARY:
