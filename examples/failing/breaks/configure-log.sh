# needs: cc
# The same, by a wrapper that shows the whole config.log of a configure that failed, as some builders do.
cat >conftest.c <<'EOF'
#include <nosuch/widget.h>
EOF
echo 'checking for nosuch/widget.h... no'
echo 'configure: error: the headers of widget are missing' >&2
echo '===> The end of config.log:'
cc -c conftest.c || :
echo 'configure:3120: $? = 1'
exit 1
