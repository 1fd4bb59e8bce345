# needs: bmake
# BSD make has other words for what it can't make.
printf 'all: nosuchtarget\n\t@echo done\n' >Makefile
bmake
