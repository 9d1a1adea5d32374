# dragoman.  `make help` lists the targets.
#
# New files are found by wildcard: src/main.c, src/ROOM/*.c, src/ROOM/*/*.c,
# tests/unit/ROOM_*.c and tests/fuzz/*.c need no edit here.
GNU_arm64	:= aarch64-linux-gnu
GNU_arm		:= arm-linux-gnueabihf
GNU_riscv64	:= riscv64-linux-gnu
# PLATFORM=arm64, arm or riscv64 builds for that one, in a folder of its own.
ifdef PLATFORM
GNU	:= $(or $(GNU_$(PLATFORM)),$(error no such PLATFORM: $(PLATFORM)))-
BUILD	?= build/$(PLATFORM)
endif
BUILD	?= build
WERROR	?= -Werror
FUZZ_S	?= 60
JOBS	?= $(shell nproc)
SHELL	:= /bin/bash
comma	:= ,
hash	:= \#
MAKEFLAGS += --no-builtin-rules --no-print-directory
# make V=1 shows the commands.
Q	:= $(if $(V),,@)
say	= @printf '%s\t%s\n' $1 $@
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

SRC	:= $(sort $(wildcard src/main.c src/*/*.c src/*/*/*.c))
UNIT	:= $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
FUZZ	:= $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
BENCH	:= $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))
VENDOR	:= vendor/.stamp

WARN	:= -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	   -Wmissing-prototypes -Wvla $(WERROR)
# Third-party headers are system headers: their warnings are not ours.
COMMON	:= -std=c11 -D_GNU_SOURCE $(WARN) -Isrc -I$(BUILD)/made -isystem vendor \
	   -MMD -MP

# --- flavours: each has a compiler, flags and a folder of its own -----------
# release: musl, static-pie, no shared library at all.  The specs that come
# with musl-gcc would link -static-pie against the dynamic loader, so ours
# name rcrt1.o.  No _FORTIFY_SOURCE: musl has no checked variants to call.
# Names are hidden, or riscv64's linker leaves addresses to a dynamic loader.
SPECS	:= $(BUILD)/static-pie.specs
SMALL	:= $(filter arm riscv64,$(PLATFORM))
CC_release := $(GNU)gcc -specs $(abspath $(SPECS))
FORM	:= -fPIE -fvisibility=hidden -fstack-protector-strong -ffunction-sections \
	   -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables \
	   $(if $(filter riscv64,$(PLATFORM)),-msave-restore)
CF_release  = $(OPT) $(CF_order) $(if $(PLATFORM),-Wno-psabi) $(FORM)
# Packed relocations save 39 KB; base/image.c applies them before libc begins.
# The linkers of other platforms do not know them yet.
# Functions that every process runs stand side by side: 400 KB less of the
# program in memory (tests/bench/order.sh).
LD_plain   := -Wl,--gc-sections -Wl,-z,relro,-z,now \
	      -Wl,--wrap=__libc_start_main
LD_release := $(LD_plain) -Wl,-T,src/order.ld -s \
	      $(if $(PLATFORM),,-Wl,-z$(comma)pack-relative-relocs)
# Parsing is the hot path of every request; elsewhere size wins: measured under
# load, -O2 for all saves less than 1 % of CPU and costs 50 KB.  -O3 for
# all parsers costs 8 KB and wins 3 % of a head; one loop needs its vectors.
# On small devices it wins everywhere: 12 KB of an image.
$(BUILD)/release/%: OPT := -Os
ifeq ($(SMALL),)
$(foreach room,base json wire,$(BUILD)/release/src/$(room)/%.o): OPT := -O2
$(BUILD)/release/src/proto/media.o: OPT := -O3
$(foreach f,ledger_line ledger_read ledger_sum,$(BUILD)/release/src/gateway/$f.o): OPT := -O2
endif
# CA_EMBEDDED=FILE puts a bundle of certificate authorities into the program,
# for where there is none to be found (src/net/trust.c).
ifdef CA_EMBEDDED
$(BUILD)/release/src/net/trust.o: $(CA_EMBEDDED)
$(BUILD)/release/src/net/trust.o: CF_release += \
	-DCA_EMBEDDED='"$(abspath $(CA_EMBEDDED))"'
endif

# asan: gcc and glibc, for the unit, golden and e2e tests.
SAN	:= -fsanitize=address,undefined -fno-sanitize-recover=all
CC_asan	:= gcc
CF_asan	:= -O1 -g -fno-omit-frame-pointer $(SAN)
LD_asan	:= $(SAN)

# fuzz: clang with libFuzzer.
CC_fuzz	:= clang
CF_fuzz	:= -O1 -g -fno-omit-frame-pointer $(SAN) -fsanitize=fuzzer-no-link
LD_fuzz	:= $(SAN) -fsanitize=fuzzer

OBJ	= $(SRC:%.c=$(BUILD)/$1/%.o)
# Objects of flavour $1 that belong to the rooms $2.
ROOMS	= $(filter $(patsubst %,$(BUILD)/$1/src/%/%,$2),$(call OBJ,$1))
REST	= $(filter-out %/src/main.o,$(call OBJ,$1))

.PHONY: all help run vendor order check test test-clients test-platforms test-dist asan clang fuzz bench link-check \
  image clean tables
.PHONY: unit-programs bare-programs fuzz-programs
all: $(BUILD)/dragoman			## the program: static, stripped

$(BUILD)/dragoman: $(call OBJ,release) $(BUILD)/release/libbearssl.a src/order.ld
	$(call say,LD)
	$Q$(CC_release) $(CF_release) -o $@ $(filter-out %.ld,$^) $(LD_release)

$(BUILD)/asan/dragoman: $(call OBJ,asan) $(BUILD)/bearssl/libbearssl.a
	$(call say,LD)
	$Q$(CC_asan) -o $@ $^ $(LD_asan)

STATIC_PIE := -static -pie --no-dynamic-linker -z text -nostdlib
MUSL_SPECS := $(if $(PLATFORM),vendor/sysroot-$(PLATFORM)/musl-gcc.specs, \
	  $(firstword $(wildcard /usr/lib/*-linux-musl*/musl-gcc.specs)))
$(SPECS): $(if $(PLATFORM),vendor/sysroot-$(PLATFORM)/.stamp)
	@mkdir -p $(@D)
	$Qsed 's|Scrt1.o|rcrt1.o|; s|^-dynamic-linker .*|$(STATIC_PIE)|' \
	    $(MUSL_SPECS) >$@
vendor/sysroot-%/.stamp: vendor/sysroot.sh | $(VENDOR)
	$Qvendor/sysroot.sh $*

# Changes when the flags above do, not with every edit of this page.
FLAGS	= sed -n '/^WARN/,/^OBJ/p' Makefile
$(BUILD)/flags: Makefile
	@mkdir -p $(@D)
	@$(FLAGS) | cmp -s - $@ || $(FLAGS) >$@

# The catalogue of models, from a table for people to one for the compiler.
MADE	:= $(BUILD)/made/gateway/catalog_models.h
$(firstword $(MADE)): src/gateway/catalog_models.txt src/gateway/catalog_models.awk
	@mkdir -p $(@D)
	$Qawk -f $(word 2,$^) $< >$@

# What `git describe` says; written, before anything is made, when it says
# something else.
VERSION_H := $(BUILD)/made/version_name.h
$(shell mkdir -p $(dir $(VERSION_H)); \
	name="$(hash)define VERSION \"$$(docker/version.sh)\""; \
	[ "$$name" = "$$(cat $(VERSION_H) 2>/dev/null)" ] || \
	echo "$$name" >$(VERSION_H))

define FLAVOUR
$(BUILD)/$1/%.o: %.c $(BUILD)/flags | $(VENDOR) $(MADE)
	@mkdir -p $$(@D)
	$$(call say,CC)
	$Q$$(CC_$1) $(COMMON) $$(CF_$1) -c -o $$@ $$<
endef
$(foreach f,release asan fuzz,$(eval $(call FLAVOUR,$f)))
# A page is a part of the program.
$(BUILD)/release/src/admin/pricing.o $(BUILD)/asan/src/admin/pricing.o \
$(BUILD)/fuzz/src/admin/pricing.o: src/admin/web/pricing.html
$(call OBJ,release) $(BENCH:%=$(BUILD)/release/tests/bench/%.o): $(SPECS)

# --- BearSSL: once for musl, once for glibc (all sanitized programs) --------
# RDRAND is off: this version would seed from it alone; so is its own look for
# /dev/urandom, which a sealed worker cannot open: we inject getrandom().
BR_HOT	:= ec_p256_m31|ec_c25519_m31|i31_montmul|i31_muladd|sha2small|chacha20_sse2|poly1305_ctmulq|ghash_pclmul|aes_x86ni_ctr
BR_CF	:= -std=c99 -fPIE -DBR_RDRAND=0 -DBR_USE_URANDOM=0 \
	   -I$(CURDIR)/vendor/bearssl/inc -I$(CURDIR)/vendor/bearssl/src
define BEARSSL
	$(call say,CC)
	$Qrm -rf $(@D)/br && mkdir -p $(@D)/br
	$Qfind $(CURDIR)/vendor/bearssl/src -name '*.c' >$(@D)/br/all
	$Qcd $(@D)/br && grep -vE '/($(BR_HOT))\.c$$' all | \
	    xargs -P $(JOBS) -n 32 $1 -Os $(BR_CF) -c
	$Qcd $(@D)/br && grep -E '/($(BR_HOT))\.c$$' all | \
	    xargs $1 $(if $(SMALL),-O2,-O3) $(BR_CF) -c
	$QLC_ALL=C; $(GNU)ar rcsD $@ $(@D)/br/*.o
endef
$(BUILD)/release/libbearssl.a: $(VENDOR) $(SPECS)
	$(call BEARSSL,$(CC_release) $(FORM))
$(BUILD)/bearssl/libbearssl.a: $(VENDOR)
	$(call BEARSSL,gcc -g)

vendor: $(VENDOR)			## obtain BearSSL and jsmn
$(VENDOR): vendor/lock vendor/fetch.sh $(wildcard vendor/patches/*/*.patch)
	$Qvendor/fetch.sh

# --- tests ------------------------------------------------------------------
# A unit test links its room and the floors below it, no more.  The room is
# the first word of its file name.
UNDER_base	:= base
UNDER_json	:= base json
UNDER_wire	:= base wire
UNDER_net	:= base net
UNDER_proto	:= base json wire proto
room	= $(firstword $(subst _, ,$1))
define UNIT_RULE
$(BUILD)/unit/$1: $(BUILD)/asan/tests/unit/$1.o \
    $(if $(UNDER_$(call room,$1)),\
	$(call ROOMS,asan,$(UNDER_$(call room,$1))),$(call REST,asan)) \
    $(BUILD)/bearssl/libbearssl.a
	@mkdir -p $$(@D)
	$$(call say,LD)
	$Q$(CC_asan) -o $$@ $$^ $(LD_asan)
endef
$(foreach u,$(UNIT),$(eval $(call UNIT_RULE,$u)))
unit-programs: $(UNIT:%=$(BUILD)/unit/%)

# The same as the program is built, for platforms that have no sanitizers here.
define BARE_RULE
$(BUILD)/bare/$1: $(BUILD)/release/tests/unit/$1.o $(call REST,release) \
    $(BUILD)/release/libbearssl.a
	@mkdir -p $$(@D)
	$$(call say,LD)
	$Q$$(CC_release) $$(CF_release) -o $$@ $$^ $$(LD_release)
endef
$(foreach u,$(UNIT),$(eval $(call BARE_RULE,$u)))
$(UNIT:%=$(BUILD)/release/tests/unit/%.o): $(SPECS)
bare-programs: $(UNIT:%=$(BUILD)/bare/%)

define FUZZ_RULE
$(BUILD)/fuzz/bin/$1: $(BUILD)/fuzz/tests/fuzz/$1.o $(call REST,fuzz) \
    $(BUILD)/bearssl/libbearssl.a
	@mkdir -p $$(@D)
	$$(call say,LD)
	$Q$(CC_fuzz) -o $$@ $$^ $(LD_fuzz)
endef
$(foreach u,$(FUZZ),$(eval $(call FUZZ_RULE,$u)))
fuzz-programs: $(FUZZ:%=$(BUILD)/fuzz/bin/%)

$(BENCH:%=$(BUILD)/bench/%): $(BUILD)/bench/%: $(BUILD)/release/tests/bench/%.o \
    $(call REST,release) $(BUILD)/release/libbearssl.a
	@mkdir -p $(@D)
	$(call say,LD)
	$Q$(CC_release) $(CF_release) -o $@ $^ $(LD_release)
bench: $(BENCH:%=$(BUILD)/bench/%) all	## speed of the readers; cost of a request
	@for b in $(filter %_speed,$^); do echo "$$b"; $$b; done
	$QBUILD=$(BUILD) tests/bench/gateway.sh

# All warnings of the second compiler, over code as it is and for release; and
# those of the first where a word has 32 bits, as on arm.  Its headers of that
# width are the same but for one, which is empty here.
NARROW	:= gcc -m32 -Wno-psabi -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	   -isystem $(BUILD)/narrow -isystem /usr/include/$(shell gcc -print-multiarch)
clang: $(VENDOR) $(MADE)		## warnings of clang, and of 32 bits
	$Qmkdir -p $(BUILD)/narrow/gnu && touch $(BUILD)/narrow/gnu/stubs-32.h
	$Q! gcc -m32 -E -x c /dev/null >/dev/null 2>&1 || printf '%s\n' $(SRC) | \
	    xargs -P $(JOBS) -n 8 $(NARROW) $(filter-out -MMD -MP,$(COMMON)) \
	    -fsyntax-only
	$Qprintf '%s\n' $(SRC) | xargs -P $(JOBS) -n 8 clang $(filter-out \
	    -MMD -MP,$(COMMON)) -fsyntax-only

# What the README shows of the program's tables (tests/tables/).
TABLES	:= $(patsubst %.c,$(BUILD)/asan/%.o,$(wildcard tests/tables/*.c))
$(BUILD)/tables: $(TABLES) $(call REST,asan) $(BUILD)/bearssl/libbearssl.a
	$(call say,LD)
	$Q$(CC_asan) -o $@ $^ $(LD_asan)
tables: $(BUILD)/tables			## write the README's tables anew
	$Qtests/tables.sh $<

# As the program is, but for what valgrind does not understand.
order:					## which functions come first, anew (valgrind)
	$Q$(MAKE) -j$(JOBS) BUILD=$(BUILD)/order CF_order=-g \
	    LD_release='$(LD_plain)' all
	$Qtests/bench/order.sh $(BUILD)/order/dragoman >$(BUILD)/order.ld
	$Qmv $(BUILD)/order.ld src/order.ld

# No dynamic loader is there to look names up: all relocations are relative.
link-check: $(BUILD)/dragoman		## static, no interpreter, small
	$QOBJDUMP=$(GNU)objdump tests/globals.sh $(BUILD)/release
	$Q! readelf -ldW $< | grep -E 'INTERP|TEXTREL|NEEDED'
	$Q! readelf -rW $< | grep 'R_[A-Z0-9]*_' | grep -v _RELATIVE
	$Qreadelf -hW $< | grep 'DYN (' && readelf -lW $< | grep RELRO
	$Qreadelf -lW $< | grep 'GNU_STACK.* RW '
	@stat -c '%s bytes' $<
	$Qtest $$(stat -c %s $<) -lt $(if $(PLATFORM),1300000,1150000)

asan: $(BUILD)/asan/dragoman		## the program with sanitizers
RUN	= BUILD=$(BUILD) JOBS=$(JOBS) FUZZ_S=$(FUZZ_S) \
	  MAKE="$(MAKE) --no-print-directory BUILD=$(BUILD) WERROR=$(WERROR)" tests/run.sh

check:					## quick tests: lint floors tables unit golden
	+@$(RUN) $(or $(LEVELS),lint floors tables unit golden)
test:					## all tests; LEVELS="unit e2e" selects
	+@$(RUN) $(LEVELS)
test-clients:				## the programs people use (installs GBs)
	+@$(RUN) clients
test-platforms:				## all tests under qemu: arm64 arm riscv64
	+@unset MAKEFLAGS; JOBS=$(JOBS) tests/platforms.sh \
	    $(filter-out amd64,$(PLATFORMS))
test-dist:				## what is released, made twice (minutes)
	+@unset MAKEFLAGS; JOBS=$(JOBS) tests/dist.sh full
fuzz: fuzz-programs			## each reader for FUZZ_S seconds
	$QBUILD=$(BUILD) JOBS=$(JOBS) tests/fuzz/run.sh -max_total_time=$(FUZZ_S)

# --- run and ship -----------------------------------------------------------
# Without a provider that the program knows there is nothing to serve: demo.
KNOWN	= sed -n 's/.*\.env = "\([A-Z0-9_]*\)".*/\1/p' src/gateway/catalog.c | \
	  paste -sd '|'
run:					## install, build, start on port 4000
	@tests/need.sh build
	@+$(MAKE) -j$(JOBS) all
	@if env | grep -qE "^(DRAGOMAN_CONFIG|($$($(KNOWN)))_(API_KEY|BASE_URL)(_FILE)?)=."; \
	then exec $(BUILD)/dragoman serve; \
	else exec $(BUILD)/dragoman serve --demo; fi

# Each platform's program, where PLATFORM= puts it; amd64 is the one of here.
PLATFORMS ?= amd64
program	= build/$(if $(filter amd64,$1),,$1/)dragoman
.PHONY: platforms dist
platforms:
	$Q$(foreach p,$(PLATFORMS),tests/need.sh build \
	    $(if $(filter-out amd64,$p),$p) && $(MAKE) -j$(JOBS) BUILD=$(patsubst \
	    %/dragoman,%,$(call program,$p)) \
	    $(if $(filter-out amd64,$p),PLATFORM=$p) all &&) true
image: platforms			## an image FROM scratch; PLATFORMS="amd64 arm64 arm riscv64"
	$Qtests/need.sh image
	$Qdocker/image.sh build/dragoman-image.tar \
	    $(foreach p,$(PLATFORMS),$p=$(call program,$p))
dist: platforms				## what is released, in build/dist
	$Qtests/need.sh image
	$Qdocker/dist.sh build/dist \
	    $(foreach p,$(PLATFORMS),$p=$(call program,$p))

compile_commands.json: Makefile $(SRC)	## for editors and analysers
	@sep='['; for f in $(SRC); do printf '%s\n{"directory": "%s", "file": "%s", "command": "gcc %s -c %s"}' \
	"$$sep" "$(CURDIR)" $$f "$(filter-out -MMD -MP,$(COMMON))" $$f; sep=,; done >$@; echo ']' >>$@

clean:					## forget all that was built
	rm -rf $(BUILD) compile_commands.json

help:					## this list
	@sed -n 's/^\([a-z_.-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 24

-include $(patsubst %.o,%.d,$(foreach f,release asan fuzz,$(call OBJ,$f)) \
	$(UNIT:%=$(BUILD)/asan/tests/unit/%.o) $(TABLES) \
	$(BENCH:%=$(BUILD)/release/tests/bench/%.o) $(FUZZ:%=$(BUILD)/fuzz/tests/fuzz/%.o))
