# needs: gcc make awk
# A generator of tables, written in awk, that refuses its input.
set -eu
export LC_ALL=C

mkdir -p tools include/gen src
mnemonics="adc add and asr bic bit bkpt blx cbz clrex clz cmn cmp dbg dmb dsb eor isb ldc ldm ldr ldrb ldrd ldrex ldrh
ldrsb ldrsh lsl lsr mcr mla mls mov movt mrc mrs msr mul mvn nop orn orr pkh pld pli pop push qadd qdadd qsub
rbit rev revsh ror rrx rsb sbc sbfx sdiv sel sev smlal smull ssat stc stm str strb strd strex strh sub svc
sxtb sxth tbb teq tst ubfx udf udiv umlal umull usat uxtb uxth wfe wfi yield"
i=0
{
    echo '# mnemonic  code  operands'
    for m in $mnemonics; do
        i=$((i + 1))
        [ "$m" = sxth ] && printf '%-8s 0x%02x  r,r\n' "$m" 11 || printf '%-8s 0x%02x  r,r\n' "$m" $i
    done
} > src/thumb.def
grep -v sxth src/thumb.def > src/arm.def
cp src/arm.def src/vfp.def
cat > tools/mkops.awk <<'END'
/^#/ || NF == 0 { next }
{
    if ($2 in seen) {
        printf "%s:%d: opcode %s of `%s' is already taken by `%s'\n", FILENAME, FNR, $2, $1, seen[$2] > "/dev/stderr"
        bad++
        next
    }
    seen[$2] = $1
    printf "OP(%s, %s)\n", $1, $2
    count++
}
END {
    printf "%s: %d opcodes\n", FILENAME, count > "/dev/stderr"
    exit bad > 0
}
END
for m in $mnemonics; do
    case $m in
    *ld*) compare='error < 0' ;;
    *) compare='error == 0' ;;
    esac
    printf 'int emit_%s(unsigned error)\n{\n    return %s ? -1 : 0;\n}\n' "$m" "$compare" > "src/emit_$m.c"
done
echo 'int main(void) { return 0; }' > src/main.c
{
    echo 'Q ='
    echo 'HOSTCC = cc'
    echo 'CFLAGS = -O1 -Wall -Wextra -Werror=vla -Wno-error=unused -fno-strict-aliasing'
    printf 'OBJS ='
    for m in $mnemonics; do printf ' src/emit_%s.o' "$m"; done
    printf ' src/main.o\n'
    cat <<'END'
all: emulator

emulator: $(OBJS)
	$(CC) -o $@ $(OBJS)

src/emit_dmb.o: include/gen/arm.h
src/emit_ldrex.o: include/gen/vfp.h
src/emit_svc.o: include/gen/thumb.h

include/gen/%.h: src/%.def tools/mkops.awk
	awk -f tools/mkops.awk $< > $@.tmp
	mv $@.tmp $@

.c.o:
	$(CC) $(CFLAGS) -Iinclude -c -o $@ $<
END
} > Makefile
headers="aio.h alloca.h argz.h arpa/inet.h byteswap.h complex.h crypt.h dirent.h dlfcn.h endian.h err.h errno.h error.h
stdbool.h stddef.h stdint.h stdlib.h string.h strings.h stropts.h sys/acl.h sys/attr.h sys/cdefs.h sys/dir.h
sys/endian.h sys/epoll.h sys/event.h sys/file.h sys/inotify.h sys/ioctl.h sys/mman.h sys/mount.h sys/ndir.h
sys/param.h sys/poll.h sys/random.h sys/resource.h sys/select.h sys/socket.h sys/stat.h sys/statvfs.h
sys/sysctl.h sys/sysinfo.h sys/time.h sys/times.h sys/types.h sys/uio.h sys/un.h sys/utsname.h sys/vfs.h
sys/wait.h sys/xattr.h"
for header in $headers; do
    printf 'checking for %s... ' "$header"
    if echo "#include <$header>" | gcc -E - >/dev/null 2>&1; then echo yes; else echo no; fi
done
functions="perror posix_fadvise reallocarray secure_getenv setproctitle strerror_l strerror_r strlcpy strsignal verr
verrx warnx"
for function in $functions; do
    printf 'checking for %s... ' "$function"
    if echo "char $function(void); int main(void) { return $function(); }" |
        gcc -fno-builtin -x c -o conftest - >/dev/null 2>&1; then echo yes; else echo no; fi
done
rm -f conftest
printf 'checking whether to treat warnings as errors... no\n'
printf 'config.status: creating %s\n' Makefile config.h
exec make -j3 all
