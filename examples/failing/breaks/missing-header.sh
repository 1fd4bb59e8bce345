# needs: cc make
# A program that includes a header which nobody installed.
cat >hello.c <<'EOF'
#include <stdio.h>
#include <nosuch/widget.h>

int main(void) { return widget_run(); }
EOF
printf 'hello: hello.c\n\tcc -O2 -Wall -o hello hello.c\n' >Makefile
make
