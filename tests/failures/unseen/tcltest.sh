# needs: gcc make tclsh
# The tests of a package for Tcl, of which one fails early and the others go on.
set -eu
export LC_ALL=C

mkdir -p generic tests
parts="adler base64 buffer channel chunk cmd crc deflate encode error gzip header inflate info list md5 obj option
path pool quote read result sha1 stream string table time trace unicode utf util var write zlib"
for part in $parts; do
    case $part in
    *e*r*) local='int lastError;' ;;
    *) local= ;;
    esac
    printf 'int Squash_%s(int error)\n{\n    %s\n    return error;\n}\n' "$part" "$local" > "generic/squash_$part.c"
done
cat > tests/all.tcl <<'END'
package require tcltest 2
namespace import -force ::tcltest::*
configure -verbose {pass body error skip} -singleproc 1 -testdir [file dirname [file normalize [info script]]]
exit [runAllTests]
END
for suite in base64 channel error inflate string utf; do
    {
        echo 'namespace import -force ::tcltest::*'
        n=0
        while [ $n -lt 25 ]; do
            n=$((n + 1))
            printf 'test %s-%d.%d {%s: error code %d is kept} -body {expr {%d + 1}} -result %d\n' \
                $suite $((n / 9 + 1)) $((n % 9 + 1)) $suite $n $n $((n + 1))
        done
        if [ $suite = channel ]; then
            cat <<'SUITE'
test channel-4.1 {channel: error of a closed channel} -body {
    error "can not find channel named \"squash0\""
} -returnCodes error -result {can not find channel named "squash0"}
test channel-4.2 {channel: -translation is lf after stacking} -body {
    set chan [open [info script]]
    set was [fconfigure $chan -translation]
    close $chan
    set was
} -result {lf}
test channel-4.3 {channel: windows only} -constraints win -body {error failed} -result {}
SUITE
        fi
        echo cleanupTests
    } > "tests/$suite.test"
done
{
    printf 'OBJS ='
    for part in $parts; do printf ' squash_%s.o' "$part"; done
    cat <<'END'

VPATH = generic

all: libsquash1.2.so

libsquash1.2.so: $(OBJS)
	$(CC) -shared -o $@ $(OBJS)

test: all
	TCLLIBPATH="." LD_LIBRARY_PATH=".:$$LD_LIBRARY_PATH" tclsh tests/all.tcl $(TESTFLAGS)

.c.o:
	$(CC) -DPACKAGE_NAME=\"squash\" -DUSE_TCL_STUBS=1 -O2 -Wall -fPIC -c $< -o $@
END
} > Makefile
make -j2 all
make test
