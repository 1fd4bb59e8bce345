# needs: make
# A file that the build does not make any more is installed.
printf 'install:\n\tmkdir -p root/man\n\tcp doc/example.1 root/man/example.1\n\t@echo installed\n' >Makefile
make install
