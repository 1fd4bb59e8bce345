# needs: bmake cc
# BSD make, and a file that does not compile.
printf 'int main(void) {\n    return 0\n}\n' >main.c
printf 'program: main.c\n\tcc -o program main.c\n' >Makefile
bmake
