# needs: make
# A script that is not executable.
echo 'exit 0' >bootstrap.sh
chmod 644 bootstrap.sh
printf 'all:\n\t@echo bootstrapping\n\t./bootstrap.sh --prefix=/usr\n' >Makefile
make
