# needs: gcc make ar ld awk
# A static library compiled without -fPIC that a plugin of the same package takes in.
set -eu
export LC_ALL=C

mkdir -p libdct libmux plugins tools
names="adler alloc bits block buffer cabac chroma clip colour crop deblock dither entropy error field filter frame
golomb hash header huffman idct intra level loop macro matrix motion mvpred nal pack params parse pixel plane
predict quant rate refs residual sad scale scan slice sps stats table timing trellis unpack vlc weight window
zigzag"

for dir in libdct libmux; do
    for name in $names; do
        case $name in
        *ra*) unused='int unused_error;' ;;
        *) unused= ;;
        esac
        cat > "$dir/$name.c" <<END
#include <stdio.h>
#include <string.h>
static const char *const ${name}_messages[] = {"no error", "error in $name", "fatal error: out of bits"};
int ${dir}_${name}(int code, char *out, int size)
{
    $unused
    return snprintf(out, (unsigned) size, "%s", ${name}_messages[code % 3]);
}
END
    done
    {
        printf 'OBJS ='
        for name in $names; do printf ' %s.o' "$name"; done
        printf '\n\nall: %s.a\n\n%s.a: $(OBJS)\n\tar cru $@ $(OBJS)\n\tranlib $@\n' "$dir" "$dir"
        case $dir in
        libmux) pic=-fPIC ;;
        *) pic=-fno-pic ;;
        esac
        printf '\n.c.o:\n\t$(CC) $(CPPFLAGS) $(CFLAGS) %s -c -o $@ $<\n' $pic
    } > $dir/Makefile
done
cat > libdct/scan.c <<'END'
static const unsigned char order[64] = {0, 1, 8, 16, 9, 2, 3, 10};
const unsigned char *libdct_scan_table(int interlaced) { return interlaced ? order + 1 : order; }
int libdct_scan(int code, char *out, int size) { return order[code & 63] + (out != 0) + size; }
END
cat > plugins/wmv.c <<'END'
int libmux_frame(int, char *, int);
const unsigned char *libdct_scan_table(int);
int plugin_open(char *out) { return libmux_frame(1, out, 10) + libdct_scan_table(0)[3]; }
END
cat > plugins/Makefile <<'END'
all: wmv.so

wmv.so: wmv.o
	$(CC) -shared $(LDFLAGS) -Wl,-soname,wmv.so -o $@ wmv.o ../libmux/libmux.a ../libdct/libdct.a -lm

wmv.o: wmv.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -c -o $@ wmv.c
END
cat > tools/probe.c <<'END'
#include <stdio.h>
int libmux_error(int, char *, int);
int main(void) { char out[99]; libmux_error(1, out, 99); puts(out); return 0; }
END
cat > tools/Makefile <<'END'
all: probe

probe: probe.c
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ probe.c ../libmux/libmux.a
END
cat > Makefile <<'END'
CC = gcc
CFLAGS = -O1 -g0 -Wall
CPPFLAGS = -DNDEBUG -I../include
SUBDIRS = libdct libmux tools plugins
export CC CFLAGS CPPFLAGS

all:
	@for dir in $(SUBDIRS); do \
	    echo "Making $@ in $$dir"; \
	    $(MAKE) -C $$dir $@ || exit 1; \
	done
END
for check in 'for gcc... gcc' 'whether the C compiler works... yes' 'for C compiler default output file name... a.out' \
    'for suffix of executables... ' 'whether we are cross compiling... no' 'for suffix of object files... o' \
    'for stdint.h... yes' 'for strerror_r... no' 'for error.h... yes' 'for nasm... no' \
    'for a working altivec.h... no'; do
    echo "checking $check"
done
echo 'configure: WARNING: nasm not found, the C versions of the transforms will be used'
echo 'config.status: creating Makefile'
exec make -j2 all
