# needs: make
# What is written finds no space: /dev/full is a disk that is always full.
test -c /dev/full || { echo '/dev/full: No space left on device'; exit 1; }
cat >Makefile <<'EOF'
all:
	@echo packing the files
	cat Makefile > /dev/full
EOF
make
