# needs: pkg-config make
# A makefile that asks pkg-config for what is not there.
cat >Makefile <<'EOF'
all: flags
flags:
	pkg-config --cflags --libs nosuch-widget > flags
EOF
make
