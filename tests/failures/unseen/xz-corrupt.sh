# needs: gcc make tar xz dd awk
# A library that comes as a tarball inside the package, damaged in its middle.
set -eu
export LC_ALL=C

mkdir -p third_party src "dist/libseven-3.1/src"
cat > noise.awk <<'END'
BEGIN { srand(seed); for (n = 0; n < 60; n++) printf "    error ^= %d;\n", rand() * 2147483647 }
END
i=0
while [ $i -lt 150 ]; do
    i=$((i + 1))
    {
        printf 'int seven_%d(int error)\n{\n' $i
        awk -v seed=$i -f noise.awk
        printf '    return error;\n}\n'
    } > "dist/libseven-3.1/src/seven_$i.c"
done
for file in README INSTALL ERRORS ChangeLog; do echo "libseven" > "dist/libseven-3.1/$file"; done
( cd dist && tar -cf - libseven-3.1/[A-Z]* $(ls -1 -d libseven-3.1/src/* | sort -V) ) |
    xz -9 > third_party/libseven-3.1.tar.xz
rm -rf dist
size=$(wc -c < third_party/libseven-3.1.tar.xz)
printf 'damage on the disk of the mirror' |
    dd of=third_party/libseven-3.1.tar.xz bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null

parts="args batch cache check chunk crc delta dump entry error find fix glob hash index item join key list load lock
log map merge meta name open pack path pool pread print queue range read scan seek size sort split stat store
sync tree"
for part in $parts; do
    case $part in
    *sh*) local='int err;' ;;
    *) local= ;;
    esac
    printf 'int arc_%s(int error)\n{\n    %s\n    return error;\n}\n' "$part" "$local" > "src/$part.c"
done
{
    printf 'OBJS ='
    for part in $parts; do printf ' src/%s.o' "$part"; done
    cat <<'END'

all: stamp-third-party libarc.a
	$(CC) -o arc libarc.a third_party/libseven-3.1/libseven.a

libarc.a: $(OBJS)
	$(AR) rc $@ $(OBJS)

stamp-third-party: libarc.a
	cd third_party && xz -dc libseven-3.1.tar.xz | tar -xvf -
	cd third_party && patch -p0 < libseven-config.diff
	touch $@

.c.o:
	$(CC) -O2 -Wall -c -o $@ $<
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
functions="arc4random clearerr_unlocked error error_at_line explicit_bzero fdatasync ferror_unlocked getline
getprogname"
for function in $functions; do
    printf 'checking for %s... ' "$function"
    if echo "char $function(void); int main(void) { return $function(); }" |
        gcc -fno-builtin -x c -o conftest - >/dev/null 2>&1; then echo yes; else echo no; fi
done
rm -f conftest
printf 'checking whether to treat warnings as errors... no\n'
printf 'config.status: creating %s\n' Makefile config.h
exec make -j2 all
