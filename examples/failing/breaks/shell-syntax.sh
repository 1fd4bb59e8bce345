# A script with a missing fi.
printf 'echo configuring\nif [ -f config.h ]; then\n    echo again\n' >configure.sh
sh configure.sh
