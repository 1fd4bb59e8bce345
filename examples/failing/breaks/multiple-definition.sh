# needs: cc make
# A variable stands in a header, and two files include it.
echo 'int verbose = 1;' >options.h
printf '#include "options.h"\nint main(void) { return verbose; }\n' >main.c
printf '#include "options.h"\nint level(void) { return verbose; }\n' >level.c
printf 'program: main.o level.o\n\tcc -o program main.o level.o\n' >Makefile
make
