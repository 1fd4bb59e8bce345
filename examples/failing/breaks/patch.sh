# needs: patch
# A patch for another version of the file.
for i in 1 2 3 4 5 6 7 8 9; do echo "line $i of the new version"; done >hello.c
cat >fix.diff <<'EOF'
--- hello.c.orig
+++ hello.c
@@ -3,3 +3,3 @@
 line 3 of the old version
-line 4 of the old version
+line four
 line 5 of the old version
EOF
patch -p0 <fix.diff
