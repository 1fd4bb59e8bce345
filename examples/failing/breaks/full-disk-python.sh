# needs: python3
# The same in Python, at the end of a traceback.
test -c /dev/full || { echo 'OSError: [Errno 28] No space left on device'; exit 1; }
cat >pack.py <<'EOF'
def pack(path):
    archive = open(path, "wb", buffering=0)
    archive.write(b"contents")

pack("/dev/full")
EOF
python3 pack.py
