# needs: make cc
# Four at a time: the error is followed by hundreds of lines of those that still run.
cat >slow.sh <<'EOF'
i=0
while [ $i -lt 250 ]; do echo "generating table $1, row $i"; i=$((i + 1)); done
EOF
echo 'int broken(void) { return undeclared; }' >broken.c
cat >Makefile <<'EOF'
all: broken.o slow1 slow2 slow3
broken.o: broken.c
	cc -c broken.c; status=$$?; touch broken.said; exit $$status
slow1 slow2 slow3:
	while ! test -f broken.said; do sleep 0.02; done; sh slow.sh $@
EOF
make -j 4
