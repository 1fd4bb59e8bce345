# needs: ninja
# A file of the build isn't there.
printf 'rule copy\n  command = cp $in $out\nbuild result: copy nosuch.in\n' >build.ninja
ninja
