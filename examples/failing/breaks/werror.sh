# needs: cc make
# Warnings are errors, and a dozen of other warnings come before.
for i in 1 2 3 4 5 6 7 8; do
    echo "int unused_$i(void) { int error = $i; return 0; }"
done >noise.c
cat >main.c <<'EOF'
int main(void) {
    int x = "three";
    return x;
}
EOF
cat >Makefile <<'EOF'
program: noise.o main.o
	cc -o program noise.o main.o
noise.o: noise.c
	cc -Wall -Wextra -c noise.c
main.o: main.c
	cc -Werror -Wall -c main.c
EOF
make
