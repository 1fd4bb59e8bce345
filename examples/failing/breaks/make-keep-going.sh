# needs: make cc
# make goes on after the error, and all else is built behind it.
echo 'int two(void) { return 2 }' >two.c
for f in one three four five six; do echo "int $f(void) { return 1; }" >$f.c; done
printf 'all: one.o two.o three.o four.o five.o six.o\n%%.o: %%.c\n\tcc -c $<\n' >Makefile
make -k
