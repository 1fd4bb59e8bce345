# needs: gcc make
# Code of the nineties under a compiler that takes no undeclared function; other objects go on beside it.
set -eu
export LC_ALL=C

mkdir -p src
names="alias ask attach bind chdir cmdtab collect comp copy cwd date delete dial dir disp domac edit echo error
errlog expand fgetc filter flags fold forms getopt glob group hash help hist index init input kill lex line
list lock log macro mail mbox menu mime move news page parse pipe print quit quote read regex reply save score
search send setup shell signal sort spool strutil subst table tag term time tty undo user util var vers view
wait walk window write"
for name in $names; do
    case $name in
    *[kx]*) assigned='n = ' ;;
    *) assigned='n == ' ;;
    esac
    cat > "src/$name.c" <<END
#include "mx.h"

static int ${name}_errors;

int ${name}_run(n)
    int n;
{
    if (${assigned}${name}_errors)
        return -1;
    return n + 1;
}
END
done
cat > src/mx.h <<'END'
#ifndef MX_H
#define MX_H
#include <stdio.h>
#include <stdlib.h>
#endif
END
cat > src/lock.c <<'END'
#include "mx.h"

int lock_run(path, tries)
    char *path;
    int tries;
{
    int fd, error;

    while (tries-- > 0) {
        if ((fd = creat(path, 0600)) >= 0)
            return fd;
        sleep(1);
    }
    return -1;
}
END
cat > src/main.c <<'END'
int main(void) { return 0; }
END
{
    printf 'CC = gcc\n'
    printf 'CFLAGS = -O2 -pipe -Wall -std=gnu89 -Werror=implicit-function-declaration -Werror=format-security\n'
    printf 'OBJS = main.o'
    for name in $names; do printf ' %s.o' "$name"; done
    printf '\n\nall: mx\n\nmx: $(OBJS)\n\t$(CC) $(LDFLAGS) -o $@ $(OBJS)\n\n'
    printf '.c.o:\n\t$(CC) -DHAVE_CONFIG_H -DSYSV -I. $(CFLAGS) -c $<\n'
} > src/Makefile
printf 'all:\n\t+cd src && $(MAKE) all\n\t+cd doc && $(MAKE) all\n' > Makefile
headers="aio.h alloca.h argz.h arpa/inet.h byteswap.h complex.h crypt.h dirent.h dlfcn.h endian.h err.h errno.h error.h
execinfo.h fcntl.h features.h fenv.h float.h fnmatch.h fts.h getopt.h glob.h grp.h iconv.h inttypes.h
langinfo.h libgen.h libintl.h limits.h link.h locale.h malloc.h malloc/malloc.h math.h memory.h mntent.h
ndir.h net/if.h netdb.h paths.h poll.h pthread.h pwd.h regex.h sched.h search.h semaphore.h sgtty.h shadow.h
signal.h spawn.h stdalign.h stdatomic.h"
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
exec make -j4
