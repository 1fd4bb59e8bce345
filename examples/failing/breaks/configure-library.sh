# needs: cc
# A configure in the manner of autoconf, which looks for a library and does not find it.
cat >configure <<'EOF'
#!/bin/sh
try() {
    printf 'checking for %s... ' "$1"
    echo "$2" >conftest.c
    if cc -o conftest conftest.c $3 >>config.log 2>&1; then echo yes; else echo no; return 1; fi
}
echo 'checking build system type... generic'
try 'a working C compiler' 'int main(void) { return 0; }' ''
try strerror 'char *strerror(int); int main(void) { return !strerror(0); }' ''
try error.h '#include <nosuch/error.h>
int main(void) { return 0; }' '' || :
if ! try 'widget_new in -lnosuchwidget' 'int widget_new(void); int main(void) { return widget_new(); }' -lnosuchwidget; then
    echo 'configure: error: libwidget 1.2 or later is needed, and was not found
See `config.log'"'"' for more details' >&2
    exit 77
fi
EOF
sh ./configure
