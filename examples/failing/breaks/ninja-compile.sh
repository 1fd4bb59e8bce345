# needs: ninja cc
# Six files are compiled at a time, and one of them does not.
cat >build.ninja <<'EOF'
rule cc
  command = cc -Wall -c $in -o $out
  description = CC $out
EOF
for i in 1 2 3 4 5 6; do
    echo "int f$i(int unused) { return $i; }" >f$i.c
    echo "build f$i.o: cc f$i.c"
done >>build.ninja
echo 'int f4(void) { return missing + 1; }' >f4.c
ninja -j 3
