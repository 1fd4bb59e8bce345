# needs: perl
# A test in Perl's manner.
cat >basic.t <<'EOF'
use Test::More tests => 3;
ok(1, "loads");
is(2 + 2, 5, "adds");
ok(1, "ends");
EOF
perl basic.t
