# needs: make cc
# An error that make is told to ignore, and then the real one.
echo 'int main(void) { return later; }' >main.c
echo 'int try(void) { return probe; }' >probe.c
cat >Makefile <<'EOF'
all:
	-cc -c probe.c
	-rm no-such-file
	@echo built what there is
	@i=0; while [ $$i -lt 60 ]; do echo "copying the documentation, page $$i of the sixty that there are"; i=$$((i + 1)); done
	cc -c main.c
EOF
make
