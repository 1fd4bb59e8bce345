# needs: cc make
# A test's assertion.
cat >check.c <<'EOF'
#include <assert.h>
static int sum(int a, int b) { return a - b; }
int main(void) { assert(sum(2, 2) == 4); return 0; }
EOF
printf 'check: check.c\n\tcc -o checks check.c\n\t./checks\n' >Makefile
make
