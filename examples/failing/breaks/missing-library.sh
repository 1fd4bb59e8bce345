# needs: cc make
# The linker is given a library that this host doesn't have.
echo 'int main(void) { return 0; }' >main.c
printf 'program: main.o\n\tcc -o program main.o -lnosuchwidget -lm\n' >Makefile
make
