# needs: python3
# A limit on memory, as builders set one.
cat >link.py <<'EOF'
def load(size):
    return bytearray(size)

print("loading all of it")
load(1 << 30)
EOF
ulimit -v 400000
python3 link.py
