# needs: cc make
# The object with the function is left out when the program is linked.
cat >main.c <<'EOF'
int area(int, int);
int main(void) { return area(3, 4); }
EOF
echo 'int area(int a, int b) { return a * b; }' >area.c
cat >Makefile <<'EOF'
all: program
program: main.o area.o
	cc -o program main.o
EOF
make
