# needs: cc make
# A generator that crashes.
printf '#include <stdio.h>\nint main(void) { puts("generating"); fflush(stdout); return *(volatile int *)0; }\n' >generate.c
printf 'table.h: generate.c\n\tcc -o generate generate.c\n\t./generate\n' >Makefile
make
