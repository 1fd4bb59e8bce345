# needs: gcc make python3
# A binding for Python whose setup.py asks for what setuptools no longer has.
set -eu
export LC_ALL=C

mkdir -p lib python/pyquill
parts="arc bezier brush canvas clip colour cubic dash ellipse error fill font glyph gradient group hatch image ink
join kern layer line mark mesh mitre nib path pen point poly quad rect ribbon rotate scale shade shape skew
spline stroke style text tile trace view warp"
for part in $parts; do
    case $part in
    *sh*) local='static int last_error;' ;;
    *) local= ;;
    esac
    printf 'int quill_%s(int error)\n{\n    %s\n    return error;\n}\n' "$part" "$local" > "lib/$part.c"
done
cat > python/setup.py <<'END'
import sys

from setuptools import setup

extra = {}
if sys.version_info >= (3,):
    extra["use_2to3"] = True
    sys.stderr.write("warning: pyquill: the tests of the error classes don't run under Python 3\n")

setup(name="pyquill", version="0.8.3", description="Quill for Python", packages=["pyquill"], **extra)
END
echo 'class QuillError(Exception): pass' > python/pyquill/__init__.py
{
    printf 'OBJS ='
    for part in $parts; do printf ' lib/%s.o' "$part"; done
    cat <<'END'

PYTHON = python3

all: all-lib all-python

all-lib: libquill.a

libquill.a: $(OBJS)
	$(AR) cr $@ $(OBJS)
	ranlib $@

all-python: all-lib
	cd python && CC="$(CC)" CFLAGS="$(CFLAGS)" $(PYTHON) setup.py build --build-base=../build

.c.o:
	$(CC) -Wall -Wextra -O2 -c -o $@ $<
END
} > Makefile
for feature in cairo freetype fontconfig python guile; do
    case $feature in
    python) echo "checking for $feature bindings... yes" ;;
    *) echo "checking for $feature... no" ;;
    esac
done
headers="aio.h alloca.h argz.h arpa/inet.h byteswap.h complex.h crypt.h dirent.h dlfcn.h endian.h err.h errno.h error.h
execinfo.h fcntl.h features.h fenv.h float.h fnmatch.h fts.h getopt.h glob.h grp.h iconv.h inttypes.h
langinfo.h libgen.h libintl.h limits.h link.h locale.h malloc.h malloc/malloc.h math.h memory.h mntent.h
ndir.h net/if.h netdb.h paths.h poll.h pthread.h pwd.h regex.h sched.h search.h semaphore.h sgtty.h shadow.h
signal.h spawn.h stdalign.h stdatomic.h stdbool.h stddef.h stdint.h stdlib.h string.h strings.h stropts.h
sys/acl.h sys/attr.h sys/cdefs.h sys/dir.h sys/endian.h sys/epoll.h sys/event.h sys/file.h sys/inotify.h
sys/ioctl.h sys/mman.h sys/mount.h sys/ndir.h sys/param.h sys/poll.h sys/random.h sys/resource.h sys/select.h
sys/socket.h sys/stat.h sys/statvfs.h sys/sysctl.h sys/sysinfo.h sys/time.h sys/times.h sys/types.h sys/uio.h
sys/un.h sys/utsname.h sys/vfs.h sys/wait.h sys/xattr.h"
for header in $headers; do
    printf 'checking for %s... ' "$header"
    if echo "#include <$header>" | gcc -E - >/dev/null 2>&1; then echo yes; else echo no; fi
done
functions="arc4random clearerr_unlocked error error_at_line explicit_bzero fdatasync ferror_unlocked getline getprogname
perror posix_fadvise reallocarray secure_getenv setproctitle strerror_l strerror_r strlcpy strsignal verr
verrx warnx"
for function in $functions; do
    printf 'checking for %s... ' "$function"
    if echo "char $function(void); int main(void) { return $function(); }" |
        gcc -fno-builtin -x c -o conftest - >/dev/null 2>&1; then echo yes; else echo no; fi
done
rm -f conftest
printf 'checking whether to treat warnings as errors... no\n'
printf 'config.status: creating %s\n' Makefile config.h
exec make
