# needs: make
# Blanks in place of a tab.
printf 'all:\n        echo hello\n' >Makefile
make
