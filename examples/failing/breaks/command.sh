# needs: make
# A tool that is not there, used by a script.
cat >doc.sh <<'EOF'
set -e
echo 'formatting the manual'
nosuchformatter --html manual.txt
echo done
EOF
printf 'doc:\n\tsh doc.sh\n' >Makefile
make
