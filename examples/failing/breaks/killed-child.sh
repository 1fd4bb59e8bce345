# needs: make
# A child of make is killed.
printf 'all:\n\t@echo linking the browser\n\t@sh -c "kill -KILL \\$$\\$$"\n' >Makefile
make
