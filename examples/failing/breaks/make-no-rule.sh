# needs: make
# A dependency without a rule, as after a file was renamed.
printf 'all: program\nprogram: main.o renamed.o\n\tcc -o program main.o renamed.o\nmain.o:\n\t@echo compiling main.c\n' >Makefile
make -r
