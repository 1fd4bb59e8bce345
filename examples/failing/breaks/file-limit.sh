# needs: python3
# A limit on the size of files.
cat >write.py <<'EOF'
import resource, signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
with open("table", "wb", buffering=0) as table:
    for _ in range(9):
        table.write(bytes(1024))
EOF
python3 write.py
